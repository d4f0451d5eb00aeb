"""The pages in a real browser: by hand, by keyboard, without scripts, on a telephone."""

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.browsing import CONTRAST, SIZES, open_page

pytestmark = pytest.mark.browser
PAGES = (
    "/",
    "/search?q=viet&type=public",
    "/search?sort=title",
    "/records/demen",
    "/records/evil",
    "/libraries",
    "/libraries/ha-giang",
    "/sources",
    "/sources/hcm",
    "/nothing",
)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_search_facet_record_language(browser: Browser, site: str, scripts: bool) -> None:
    page = open_page(browser, site, java_script_enabled=scripts)
    page.goto("/")
    page.get_by_label("Tìm trong mục lục").fill("viet")
    page.keyboard.press("Enter")
    expect(page.locator("#total")).to_contain_text("kết quả")
    before = page.locator(".hits > li").count()
    page.get_by_role("navigation", name="Thu hẹp kết quả").get_by_role(
        "link", name="Luận văn, luận án"
    ).click()
    expect(page.locator(".chips")).to_contain_text("Kiểu tài liệu: Luận văn, luận án")
    assert 0 < page.locator(".hits > li").count() < before
    page.locator(".hits h3 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Xử lý ngôn ngữ tự nhiên tiếng Việt")
    expect(page.get_by_role("heading", name="Thư viện nào có?")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Which library has it?")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1 span").first.get_attribute("lang") in ("vi", None)
    page.goto("/libraries")
    expect(page.get_by_role("heading", level=1)).to_have_text("Member libraries")
    page.context.close()


def test_suggestions_by_keyboard(browser: Browser, site: str) -> None:
    page = open_page(browser, site)
    page.goto("/")
    box = page.get_by_role("combobox")
    box.click()
    box.press_sequentially("ta", delay=20)
    expect(page.get_by_role("option")).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator("[aria-live]")).to_have_text("2 gợi ý")
    # Nothing may lie over the list or cut it off.
    assert page.evaluate(
        """() => { const box = document.querySelector('[role=listbox]').getBoundingClientRect();
          return !!document.elementFromPoint(box.left + 20, box.bottom - 10).closest('[role=listbox]'); }"""
    )
    box.press("ArrowDown")
    expect(box).to_have_value("Tắt đèn")
    first = page.get_by_role("option").first
    expect(first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == first.get_attribute("id")
    box.press("ArrowUp")
    expect(box).to_have_value("ta")
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    box.fill("tạp c")
    page.get_by_role("option").first.click()
    expect(page).to_have_url(
        f"{site}/search?q=T%E1%BA%A1p+ch%C3%AD+Nghi%C3%AAn+c%E1%BB%A9u+l%E1%BB%8Bch+s%E1%BB%AD"
    )
    page.context.close()


def test_the_skip_link_is_the_first_stop(browser: Browser, site: str) -> None:
    page = open_page(browser, site)
    page.goto("/records/demen")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    expect(skip).to_have_text("Đi tới nội dung chính")
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_nothing_scrolls_sideways_and_nothing_is_refused(browser: Browser, site: str, size: str) -> None:
    page = open_page(browser, site, size)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    for address in PAGES:
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, address
    assert [text for text in complaints if "404" not in text] == []
    page.context.close()


def test_filters_are_a_drawer_on_a_telephone_and_a_column_on_a_desk(browser: Browser, site: str) -> None:
    page = open_page(browser, site, "phone", java_script_enabled=False)
    page.goto("/search?q=viet")
    facets = page.get_by_role("navigation", name="Thu hẹp kết quả")
    expect(facets).to_be_hidden()
    page.get_by_text("Bộ lọc", exact=True).click()
    expect(facets).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/search?q=viet")
    expect(facets).to_be_visible()
    page.context.close()


def test_touch_targets_are_large_enough(browser: Browser, site: str) -> None:
    """WCAG 2.2 asks for 24 pixels; links inside running text are excepted."""
    page = open_page(browser, site, "phone")
    for address in ("/", "/search?q=viet", "/libraries"):
        page.goto(address)
        small = page.evaluate(
            """() => [...document.querySelectorAll(
                'nav a, button, summary, select, input:not([type=hidden])')]
              .map(e => [e.textContent.trim().slice(0, 30), e.getBoundingClientRect()])
              .filter(([, box]) => box.width && Math.min(box.width, box.height) < 24).map(([name]) => name)"""
        )
        assert small == [], address
    page.context.close()


@pytest.mark.parametrize("width", [320, 360, 390])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_brand_entry_and_language_share_a_line_on_a_telephone(
    browser: Browser, site: str, width: int, lang: str
) -> None:
    page = open_page(browser, site, "phone")
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"/libraries?lang={lang}")
    boxes = [page.locator(f".bar > {one}").bounding_box() for one in (".brand", ".enter", ".tongue")]
    brand, enter, tongue = [one for one in boxes if one is not None]
    assert brand["x"] + brand["width"] <= enter["x"]
    assert enter["x"] + enter["width"] <= tongue["x"] + 4
    assert tongue["x"] + tongue["width"] <= width
    middles = [one["y"] + one["height"] / 2 for one in (brand, enter, tongue)]
    assert max(middles) - min(middles) < 3
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast_aa(browser: Browser, site: str, scheme: str) -> None:
    page = open_page(browser, site, color_scheme=scheme)
    for address in PAGES:
        page.goto(address)
        assert page.evaluate(CONTRAST) == [], address
    page.context.close()


def test_progress_is_renewed_in_place(browser: Browser, site: str) -> None:
    page = open_page(browser, site)
    answers = iter(["1", "1", "2"])
    page.route(
        "**/api/v1/status",
        lambda route: route.fulfill(body='{"runs":' + next(answers, "2") + "}", status=200),
    )
    page.goto("/sources")
    page.evaluate("document.querySelector('h1').textContent = 'old'")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thu thập dữ liệu", timeout=15_000)
    page.context.close()
