"""A library joins in a real browser: from "what software do you use" to its first record found by search."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.contracts.oai_member import Shelf, shelf_server
from tests.pages.browsing import CONTRAST, SIZES, open_page
from tests.pages.living import Living, living
from tests.support.people import carry
from unioncat.domain.library import LibraryType
from unioncat.domain.onboarding import Expected
from unioncat.domain.registration import Branch, Facts
from unioncat.flow import approval, onboarding, register, registration
from unioncat.flow.register import GroupIn, MembersFile, ProvinceIn
from unioncat.flow.services import Services

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def service(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(server, template, tmp_path_factory.mktemp("living")) as running:
        running.ask(provinces)
        yield running


async def provinces(services: Services) -> None:
    await register.load(
        services,
        MembersFile(
            province=[ProvinceIn(key="2025-15", code="15", name_vi="Lào Cai", name_en="Lao Cai")],
            group=[GroupIn(code="mien-nui", name_vi="Liên hiệp miền núi", name_en="Mountain union")],
        ),
    )


def sign_in(page: Page) -> None:
    carry(page)
    page.goto("/federation/registrations")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đăng ký chờ duyệt")


@pytest.mark.slow
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_library_joins_and_its_first_record_is_found(
    browser: Browser, service: Living, scripts: bool
) -> None:
    name = f"Thư viện tỉnh Lào Cai {'một' if scripts else 'hai'}"
    title = f"Rừng {'Mường' if scripts else 'Xanh'} Khương"
    shelf = Shelf(40)
    for number in range(40):
        shelf.put(number, datetime(2024, 5, 1, tzinfo=UTC), title=title)
    with shelf_server(shelf) as endpoint, service.working():
        page = open_page(browser, service.address, "phone", java_script_enabled=scripts)
        page.goto("/")
        page.get_by_role("link", name="Tham gia mục lục liên hợp").first.click()
        expect(page.get_by_role("heading", name="Thư viện của bạn dùng phần mềm gì?")).to_be_visible()
        page.get_by_role("link", name=re.compile("^Phần mềm khác")).click()
        page.get_by_label("Địa chỉ trang mục lục của thư viện").fill(endpoint.removesuffix("/oai"))
        page.get_by_role("button", name="Xem thử mục lục").click()
        link = page.url.partition("?")[0]
        wait_for(page, "Tìm thấy mục lục của bạn")
        expect(page.get_by_text("Kệ sách")).to_be_visible()
        expect(page.get_by_role("heading", name=re.compile("^Rừng")).first).to_be_visible()
        expect(page.get_by_text("Thiếu tác giả")).to_be_visible()

        page.get_by_role("button", name="Gửi đăng ký").click()
        if scripts:  # the browser itself asks for what is required
            assert page.evaluate("document.activeElement.id") == "name_vi"
        page.get_by_label("Tên thư viện").fill(name)
        page.get_by_label("Loại thư viện").select_option("public")
        page.get_by_label("Cấp", exact=True).select_option("province")
        page.get_by_label("Tỉnh, thành phố").select_option("2025-15")
        page.get_by_label("Mọi người").check()
        page.get_by_role("button", name="Gửi đăng ký").click()
        expect(page.get_by_role("alert")).to_contain_text("Nhập thư điện tử hoặc điện thoại")
        expect(page.get_by_label("Tên thư viện")).to_have_value(name)
        page.get_by_label("Thư điện tử").fill("thuvien@laocai.example.vn")
        page.get_by_role("button", name="Gửi đăng ký").click()
        expect(page.get_by_role("heading", name="Đang chờ duyệt")).to_be_visible()

        desk = open_page(browser, service.address, "desktop", java_script_enabled=scripts)
        sign_in(desk)
        desk.get_by_role("link", name=name).click()
        expect(desk.get_by_role("heading", name=re.compile("^Rừng")).first).to_be_visible()
        desk.get_by_label("Câu hỏi (thư viện sẽ đọc)").fill("Có bao nhiêu chi nhánh?")
        desk.get_by_role("button", name="Hỏi lại").click()
        expect(desk.get_by_role("status")).to_contain_text("Đã gửi câu hỏi.")

        page.goto(link)
        expect(page.get_by_text("Có bao nhiêu chi nhánh?")).to_be_visible()
        page.get_by_label("Viết cho người phụ trách").fill("Không có.")
        page.get_by_role("button", name="Gửi", exact=True).click()
        expect(page.get_by_role("heading", name="Đang chờ duyệt")).to_be_visible()

        desk.get_by_role("link", name=name).click()
        expect(desk.get_by_text("Không có.", exact=True)).to_be_visible()
        expect(desk.get_by_label("Phạm vi được xem")).to_have_value("public")
        desk.get_by_role("button", name="Duyệt và thu thập").click()
        expect(desk.get_by_role("status")).to_contain_text("Đã duyệt.")

        page.goto(link)
        wait_for(page, "Thư viện đã là thành viên")
        find(page, title, name)
        desk.context.close()
        page.context.close()


def wait_for(page: Page, heading: str) -> None:
    """Wait for a heading; a page without scripts renews itself."""
    expect(page.get_by_role("heading", name=heading)).to_be_visible()


def find(page: Page, words: str, library: str) -> None:
    """Search until the first record is found, as a reader would, and see who has it."""
    for _ in range(60):
        page.goto(f"/search?q={words}")
        if page.locator(".hits h3 a").count():
            break
        page.wait_for_timeout(1000)
    page.locator(".hits h3 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rừng")
    expect(page.get_by_role("link", name=library).first).to_be_visible()


def test_pages_of_joining_fit_every_screen_and_can_be_read(browser: Browser, service: Living) -> None:
    token = service.ask(begun)
    for size in SIZES:
        for scheme in ("light", "dark"):
            page = open_page(browser, service.address, size, color_scheme=scheme)
            complaints: list[str] = []
            page.on("console", lambda message, into=complaints: into.append(message.text))
            page.on("pageerror", lambda error, into=complaints: into.append(str(error)))
            asked = [f"/join/new?software={one}" for one in ("koha", "excel")]
            for address in ("/join", *asked, f"/join/r/{token}", "/status"):
                look_at(page, address, size, scheme)
            assert complaints == []
            sign_in(page)
            complaints.clear()  # the browser notes the refusal itself
            for address in ("registrations", "registrations/1", "members", "onboarding"):
                look_at(page, f"/federation/{address}", size, scheme)
            assert complaints == []
            page.context.close()


def look_at(page: Page, address: str, size: str, scheme: str) -> None:
    page.goto(address)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, (size, address)
    assert page.evaluate(CONTRAST) == [], (scheme, address)


async def begun(services: Services) -> str:
    """A registration that waits, with a word from each side, and a list with a goal."""
    token = await registration.begin(services, "koha", "https://opac.example.vn", origin=None)
    facts = Facts("Thư viện thị xã", type=LibraryType.PUBLIC, branches=(Branch("SP", "Thư viện Sa Pa"),))
    number = (await registration.send(services, token, facts)).id
    await approval.ask_back(services, number, "Bao nhiêu chi nhánh?", by="Lan")
    await registration.reply(services, token, "Một.")
    await onboarding.expect(services, [Expected("ca-1", "Công an tỉnh", group="mien-nui")])
    await onboarding.set_goal(services, "mien-nui", date(2026, 12, 31), 13)
    return token


def test_the_whole_way_is_walked_by_keyboard_alone(browser: Browser, service: Living) -> None:
    page = open_page(browser, service.address)
    page.goto("/join")
    link = page.get_by_role("link", name=re.compile("^Excel"))
    link.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Tiếp tục").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Tên thư viện").focus()
    page.keyboard.type("Thư viện Trường THPT số 1")
    page.get_by_label("Loại thư viện").focus()
    page.keyboard.type("Thư viện trường học")
    page.get_by_label("Điện thoại").focus()
    page.keyboard.type("0214 000 000")
    page.get_by_role("button", name="Gửi đăng ký").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Đang chờ duyệt")).to_be_visible()
    steps = page.get_by_role("list", name="Các bước").get_by_role("listitem")
    expect(steps.nth(3)).to_have_attribute("aria-current", "step")
    page.context.close()
