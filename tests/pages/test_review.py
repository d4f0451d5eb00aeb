"""The operators' pages: nobody else gets in, forms are ours, fifty pairs are judged by keyboard alone."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from lxml import html
from playwright.sync_api import Browser, Page, expect
from starlette.testclient import TestClient

from tests.api import shelf
from tests.api.double import Double
from tests.api.people_double import SESSION, somebody
from tests.flows.conftest import add_source
from tests.flows.test_join import book, put, state
from tests.pages.browsing import CONTRAST, SIZES, open_page
from tests.pages.living import Living, living
from tests.pages.test_html import sound
from tests.support.people import carry
from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Verdict
from unioncat.domain.people import Role
from unioncat.flow import pipeline, review
from unioncat.flow.services import Services
from unioncat_api.catalogue import Catalogue

PAIRS = 50
UNION = [one.id for one in shelf.RECORDS]


def enter(client: TestClient) -> None:
    client.cookies.set("session", SESSION)


def csrf(client: TestClient) -> str:
    tree = html.document_fromstring(client.get("/review/identifiers").text)
    return str(tree.xpath("//input[@name='token']/@value")[0])


def pages(catalogue: Double) -> list[str]:
    left, right = catalogue.review.pair
    return [
        "/review",
        "/review/decisions",
        "/review/pair",
        f"/review/pair?left={left}&right={right}",
        f"/review/pair?left={left}&right=x",
        "/review/identifiers",
        f"/review/records/{UNION[0]}",
        f"/review/records/{UNION[0]}?q=viet",
        f"/review/records/{UNION[0]}?q=zzzz",
    ]


def test_without_a_session_every_page_is_refused_with_advice(client: TestClient, catalogue: Double) -> None:
    for address in pages(catalogue):
        answer = client.get(address)
        assert answer.status_code == 403, address
        assert "/forgotten" in answer.text
        assert "no-store" in answer.headers["cache-control"]
        sound(answer.text, html.document_fromstring(answer.text), "vi")
        assert shelf.RECORDS[0].bib.title.main not in answer.text
    for address in ("decide", "undo", "identifiers", f"records/{UNION[0]}"):
        answer = client.post(f"/review/{address}", data={"word": "join"})
        assert answer.status_code == 403, address
    assert catalogue.review.written == []


def test_a_session_opens_and_signing_out_ends_it(client: TestClient) -> None:
    client.cookies.set("session", "another")
    assert client.get("/review").status_code == 403
    client.cookies.clear()
    enter(client)
    assert client.get("/review").status_code == 200
    assert client.post("/sign-out", data={"token": "wrong"}).status_code == 403
    assert client.post("/sign-out", data={"token": csrf(client)}).status_code == 303
    client.cookies.clear()
    enter(client)
    assert client.get("/review").status_code == 403


def test_a_form_without_its_own_token_changes_nothing(client: TestClient, catalogue: Double) -> None:
    enter(client)
    left, right = catalogue.review.pair
    form = {"left": str(left), "right": str(right), "word": "join"}
    other = TestClient(client.app)
    other.cookies.set("session", "of-minh")
    catalogue.people.sessions_known["of-minh"] = somebody(Role.FEDERATION_ADMIN, name="Minh")  # type: ignore[attr-defined]
    for token in ("", "x", csrf(other), "é"):
        assert client.post("/review/decide", data={**form, "token": token}).status_code == 403
    assert catalogue.review.written == []
    assert client.post("/review/decide", data={**form, "token": csrf(client)}).status_code == 303
    assert [(one.by, one.verdict) for one in catalogue.review.written] == [("Lan", Verdict.SAME)]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_pages_are_sound(client: TestClient, catalogue: Double, lang: str) -> None:
    enter(client)
    client.cookies.set("lang", lang)

    def look() -> None:
        for address in pages(catalogue):
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert answer.headers["cache-control"] == "private, no-store"
            tree = html.document_fromstring(answer.text)
            sound(answer.text, tree, lang)
            assert tree.xpath("//@style|//style|//script[not(@src)]") == []
            assert [n for e in tree.iter() for n in e.attrib if n.lower().startswith("on")] == []
            for form in tree.xpath("//form[@method='post']"):
                assert form.xpath(".//input[@name='token']/@value"), address

    look()
    token = csrf(client)
    left, right = catalogue.review.pair
    hostile = "<script>alert(1)</script>\x00{{7*7}}"
    form = {"left": str(left), "right": str(right), "word": "skip", "token": token, "reason": hostile}
    assert client.post("/review/decide", data=form).status_code == 303
    listed = {"scheme": "isbn", "value": "9786041157910", "reason": hostile, "token": token}
    assert client.post("/review/identifiers", data=listed).status_code == 303
    look()
    text = client.get("/review/decisions").text
    assert "&lt;script&gt;alert(1)" in text
    assert "\x00" not in text


def test_decisions_are_listed_and_undone(client: TestClient, catalogue: Double) -> None:
    enter(client)
    token = csrf(client)
    left, right = catalogue.review.pair
    form = {"left": str(left), "right": str(right), "token": token, "reason": "đã xem sách", "word": "apart"}
    answer = client.post("/review/decide", data={**form, "back": f"/review/pair?left={left}&right={right}"})
    assert answer.headers["location"].endswith("&done=apart")
    shown = client.get(answer.headers["location"]).text
    assert "trong vòng một phút" in shown
    assert "đã xem sách" in shown
    assert "Không còn cặp nào" in client.get("/review").text
    assert client.post("/review/undo", data={"decision": "1", "token": token}).status_code == 303
    assert catalogue.review.written[0].undone_by == "Lan"
    assert "Lan hoàn tác" in client.get("/review/decisions").text
    assert client.post("/review/undo", data={"decision": "1", "token": token}).status_code == 409
    assert client.post("/review/undo", data={"decision": "x", "token": token}).status_code == 400
    assert client.post("/review/decide", data={**form, "word": "maybe"}).status_code == 400


def test_a_page_that_was_left_open_decides_nothing(client: TestClient, catalogue: Double) -> None:
    enter(client)
    left, right = catalogue.review.pair
    tree = html.document_fromstring(client.get("/review").text)
    (latest,) = tree.xpath("//form[@action='/review/decide']//input[@name='latest']/@value")
    form = {
        "left": str(left),
        "right": str(right),
        "token": csrf(client),
        "latest": latest,
        "back": "/review",
    }
    assert (
        client.post("/review/decide", data={**form, "word": "apart"})
        .headers["location"]
        .endswith("done=apart")
    )
    again = client.post("/review/decide", data={**form, "word": "join"})
    assert again.headers["location"].endswith("done=meanwhile")
    assert "chưa ghi gì thêm" in client.get(again.headers["location"]).text
    assert [one.verdict for one in catalogue.review.written] == [Verdict.DIFFERENT]


def test_the_key_for_undo_takes_back_ones_own_decision_only(client: TestClient, catalogue: Double) -> None:
    enter(client)
    left, right = catalogue.review.pair
    form = {"left": str(left), "right": str(right), "token": csrf(client), "back": "/review", "word": "join"}
    client.post("/review/decide", data=form)
    assert 'data-key="u"' in client.get("/review").text
    undone = client.post("/review/undo", data={"decision": "1", "token": form["token"], "back": "/review"})
    assert undone.headers["location"] == f"/review?done=undo&left={left}&right={right}"
    assert f'name="left" value="{left}"' in client.get(undone.headers["location"]).text, "the pair is back"
    client.post("/review/decide", data=form)
    catalogue.review.written[-1] = replace(catalogue.review.written[-1], by="Minh")
    shown = client.get("/review").text
    assert "Minh" in shown
    assert 'data-key="u"' not in shown


def test_the_record_page_leads_operators_to_its_members(client: TestClient, catalogue: Double) -> None:
    several = next(one for one in shelf.RECORDS if len(one.members) > 1)
    assert "/review/" not in client.get(f"/records/{several.id}").text
    enter(client)
    answer = client.get(f"/records/{several.id}")
    assert f"/review/records/{several.id}" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    token = csrf(client)
    page = f"/review/records/{several.id}"
    out = str(several.members[-1].record_id)
    refused = client.post(page, data={"token": token, "reason": "đã xem sách"})
    assert refused.status_code == 409
    assert "Phải có biểu ghi đi và có biểu ghi ở lại." in refused.text
    assert "đã xem sách</textarea>" in refused.text
    everyone = [str(one.record_id) for one in several.members]
    refused = client.post(page, data={"token": token, "record": everyone})
    assert refused.text.count(" checked") == len(everyone)
    assert client.post(page, data={"token": token, "record": out}).status_code == 303
    assert {one.verdict for one in catalogue.review.written} == {Verdict.DIFFERENT}
    assert len(catalogue.review.written) == len(several.members) - 1
    other = next(one for one in shelf.RECORDS if one.id != several.id)
    assert f'value="{other.id}"' in client.get(page, params={"q": other.id}).text
    assert client.post(page, data={"token": token, "other": other.id}).status_code == 303
    assert catalogue.review.written[-1].verdict is Verdict.SAME
    assert client.get("/review/records/none").status_code == 404


def test_identifiers_are_put_on_the_list_and_taken_off(client: TestClient, catalogue: Double) -> None:
    enter(client)
    token = csrf(client)
    form = {"scheme": "isbn", "value": "978-604-1-15791-0", "reason": "in nhầm", "token": token}
    assert client.post("/review/identifiers", data=form).status_code == 303
    assert "9786041157910" in client.get("/review/identifiers").text
    assert client.post("/review/identifiers", data={**form, "word": "trust"}).status_code == 303
    assert catalogue.review.listed == []
    answer = client.post("/review/identifiers", data={**form, "value": "x"})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text


# The real thing: a database, a server, a browser.


def doubtful() -> dict[str, BibRecord]:
    """Fifty pairs of books whose titles differ in a tone."""
    found = {}
    for n in range(PAIRS):
        for side, word in (("a", "Ba"), ("b", "Bà")):
            title = f"Chuyện cô {word} làng {['Hạ', 'Thượng', 'Trung', 'Đông', 'Đoài'][n % 5]} thứ {n}"
            found[f"{side}{n}"] = book(title, f"Người Viết {n}", 1960 + n, 100 + 3 * n)
    return found


@pytest.fixture(scope="module")
def real(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """A running service over fifty pairs in doubt."""

    async def fill(services: Services) -> None:
        source = await add_source(services.db, "lib-a")
        await put(services.db, source, doubtful())
        await pipeline.process(services)

    with living(server, template, tmp_path_factory.mktemp("review"), begin=fill) as service:
        yield service


def sign_in(page: Page) -> None:
    """Sign in by keyboard; machines that are busy with other tests get time."""
    carry(page)
    page.goto("/review")
    expect(page.get_by_role("heading", level=1)).to_have_text("Xét duyệt ghép biểu ghi")


def waiting(page: Page) -> int:
    text = page.locator("#left").inner_text()
    return int(re.findall(r"\d+", text)[0])


@pytest.mark.browser
def test_the_review_pages_fit_every_screen_and_can_be_read(browser: Browser, real: Living) -> None:
    for size in SIZES:
        for scheme in ("light", "dark"):
            page = open_page(browser, real.address, size, color_scheme=scheme)
            complaints: list[str] = []
            page.on("console", lambda message, into=complaints: into.append(message.text))
            page.on("pageerror", lambda error, into=complaints: into.append(str(error)))
            page.goto("/review")
            assert page.evaluate(CONTRAST) == []
            complaints.clear()  # the browser notes the refusal itself
            sign_in(page)
            complaints.clear()
            pair = page.locator(".acts a").first
            addresses = ["/review", "/review/decisions", "/review/identifiers"]
            addresses += [str(pair.get_attribute("href"))] if pair.count() else []
            for address in addresses:
                page.goto(address)
                wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                assert page.evaluate(wide) <= 0, (size, address)
                assert page.evaluate(CONTRAST) == [], (scheme, address)
            assert complaints == []
            page.context.close()


@pytest.mark.browser
def test_fifty_pairs_are_judged_by_keyboard_alone(browser: Browser, real: Living) -> None:
    page = open_page(browser, real.address)
    sign_in(page)
    left = waiting(page)
    assert left == PAIRS
    for n in range(PAIRS):
        assert waiting(page) == PAIRS - n
        if n == 3:
            page.keyboard.press("r")
            expect(page.locator("#reason")).to_be_focused()
            page.keyboard.type("jks: đã xem sách")
            page.keyboard.press("Escape")
            assert waiting(page) == PAIRS - n, "writing a reason decides nothing"
        if n == 5:
            page.keyboard.press("u")
            expect(page.locator("#left")).to_have_text(f"{PAIRS - n + 1} cặp chờ xét")
            page.keyboard.press("j")
            expect(page.locator("#left")).to_have_text(f"{PAIRS - n} cặp chờ xét")
        page.keyboard.press("jks"[n % 3])
        rest = PAIRS - n - 1
        expect(page.locator("#left")).to_have_text(f"{rest} cặp chờ xét")
    expect(page.get_by_text("Không còn cặp nào chờ xét.")).to_be_visible()
    page.context.close()

    async def look(services: Services) -> tuple[list[review.Decision], set[frozenset[str]]]:
        viewer = await Catalogue(services).operator()
        found = await review.decisions(services, viewer, limit=100)
        await pipeline.process(services)
        return found, set((await state(services.db)).values())

    found, clusters = real.ask(look)
    standing = [one for one in found if one.undone_at is None]
    assert len(standing) == PAIRS
    assert len(found) == PAIRS + 1
    assert {one.by for one in found} == {"Lan"}
    assert [one.reason for one in found if one.reason] == ["jks: đã xem sách"]
    joined = {
        frozenset(ref.partition(":")[2] for ref in (one.left_ref, one.right_ref))
        for one in standing
        if one.verdict is Verdict.SAME
    }
    assert {part for part in clusters if len(part) == 2} == joined
    assert len(joined) in (17, 18)


@pytest.mark.browser
def test_without_scripts_buttons_do_the_same(browser: Browser, real: Living) -> None:
    page = open_page(browser, real.address, "phone", java_script_enabled=False)
    sign_in(page)
    page.goto("/review/decisions")
    page.get_by_role("button", name="Hoàn tác").first.click()
    expect(page.get_by_role("status")).to_contain_text("Đã hoàn tác.")
    page.goto("/review")
    assert waiting(page) == 1
    page.get_by_label("Lý do").fill("dòng một")
    page.get_by_role("button", name="Bỏ qua").click()
    expect(page.locator("#left")).to_have_text("0 cặp chờ xét")
    page.context.close()


@pytest.mark.browser
def test_keys_can_be_turned_off(browser: Browser, real: Living) -> None:
    """WCAG 2.1.4: who speaks to the machine must not decide by saying a letter."""
    page = open_page(browser, real.address)
    sign_in(page)
    page.get_by_role("button", name="Phím tắt: đang bật").click()
    before = page.url
    page.keyboard.press("u")
    page.wait_for_timeout(300)
    assert page.url == before
    page.reload()
    expect(page.get_by_role("button", name="Phím tắt: đang tắt")).to_be_visible()
    page.get_by_role("button", name="Phím tắt: đang tắt").click()
    page.keyboard.press("u")
    expect(page.get_by_role("status")).to_contain_text("Đã hoàn tác.")
    page.context.close()
