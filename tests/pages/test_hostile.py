"""Two hundred hostile texts in every field, in files and in questions, shown in a real browser: none runs."""

import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import httpx2
import pytest
from playwright.sync_api import Browser, Page

from tests.api import shelf
from tests.api.conftest import application
from tests.api.double import Double
from tests.pages.browsing import open_page
from tests.pages.hostile import LOOK, TEXTS, WATCH, poisoned
from tests.pages.living import Living, living, serving
from tests.support.people import SESSION, carry
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.source import Protocol, Source
from unioncat.flow.services import Services
from unioncat.store import libraries, sources

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("template")]
TOGETHER = 5
"""Texts in one field at a time."""
BUNCHES = [TEXTS[place : place + TOGETHER] for place in range(0, len(TEXTS), TOGETHER)]
(EVIL,) = (one for one in shelf.RECORDS if one.id == "evil")


def trapped(browser: Browser, address: str, **options: object) -> Page:
    """Open a page that notices whatever runs."""
    page = open_page(browser, address, **options)  # type: ignore[arg-type]
    page.add_init_script(WATCH)
    page.on("dialog", lambda dialog: dialog.dismiss())
    return page


def shown(page: Page, address: str, *, allowed: int = 200) -> None:
    """Look at a page and find nothing on it that our own words would not have made."""
    complaints: list[str] = []
    listen = lambda message: complaints.append(message.text)  # noqa: E731
    page.on("console", listen)
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == allowed, (address[:200], answer.status)
    assert page.evaluate(LOOK) == [], address[:200]
    page.remove_listener("console", listen)
    assert [one for one in complaints if "status of" not in one] == [], address[:200]


@pytest.fixture(scope="module")
def shelves() -> Iterator[str]:
    """A service whose every record is hostile in every field."""
    catalogue = Double()
    record = poisoned(EVIL, BUNCHES[0])
    catalogue.all_records = [
        replace(poisoned(EVIL, bunch), id=f"evil-{number}") for number, bunch in enumerate(BUNCHES)
    ]
    assert record.bib.title.main == " ".join(BUNCHES[0])
    catalogue.by_code = {
        code: replace(one, name_vi=TEXTS[number], name_en=TEXTS[-number - 1])
        for number, (code, one) in enumerate(catalogue.by_code.items())
    }
    with serving(lambda _: application(catalogue)) as address:
        yield address


def test_the_traps_see_what_they_should(browser: Browser) -> None:
    page = trapped(browser, "http://127.0.0.1")
    seen = 0
    for text in TEXTS:
        page.set_content(f'<p title="{text}">{text}<a href="{text}">x</a></p>')
        seen += bool(page.evaluate(LOOK))
    assert seen > 180


def test_no_field_of_a_record_runs(browser: Browser, shelves: str) -> None:
    page = trapped(browser, shelves)
    for number in range(len(BUNCHES)):
        shown(page, f"/records/evil-{number}")
    for place in range(0, len(BUNCHES), 20):
        shown(page, f"/search?cursor=at-{place}&size=20" if place else "/search?size=20")
    for path in ("/", "/libraries", "/sources", "/sources/tvqg", "/libraries/tvqg", "/status"):
        shown(page, path)


def test_the_desks_of_staff_run_nothing_of_it(browser: Browser, shelves: str) -> None:
    page = trapped(browser, shelves)
    page.goto("/sign-in")
    page.context.add_cookies([{"name": "session", "value": SESSION, "url": shelves}])
    for path in ("/review", "/account", "/records/evil-3", "/federation/members"):
        page.goto(path)
        assert page.evaluate(LOOK) == [], path


def test_no_question_runs(browser: Browser, shelves: str) -> None:
    page = trapped(browser, shelves)
    for bunch in BUNCHES:
        text = quote(" ".join(bunch)[:400])
        shown(page, f"/search?q={text}&type={text}&language={text}&sort={text}&lang={text}")
    for text in TEXTS[::20]:
        mark = quote(text, safe="")
        shown(page, f"/records/{mark}", allowed=404)
        shown(page, f"/sign-in?back={mark}")
    page.goto("/")
    box = page.get_by_role("combobox")
    box.fill(TEXTS[0])
    page.wait_for_timeout(500)
    assert page.evaluate(LOOK) == []


@pytest.fixture(scope="module")
def service(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(server, template, tmp_path_factory.mktemp("hostile")) as running:
        running.ask(register)
        with running.working():
            yield running


async def register(services: Services) -> None:
    async with services.db.begin() as conn:
        await libraries.save_library(conn, Library("th", TEXTS[0], TEXTS[7], LibraryType.SCHOOL))
        await sources.save_source(conn, Source("th", "th", Protocol.FILES, "files:", every_minutes=0))


def cell(text: str) -> str:
    return '"' + text.replace('"', '""').replace("\n", " ") + '"'


def test_no_file_runs(service: Living, browser: Browser) -> None:
    """The texts as a library's list of books: preview, complaints, search, record."""
    lines = ["Mã sách,Tên sách,Tác giả,NXB,Năm XB,ISBN"]
    lines += [
        ",".join(cell(one) for one in (f"H{n} {text}", f"Sách {text}", text, text, text, text))
        for n, text in enumerate(TEXTS)
    ]
    page = trapped(browser, service.address)
    carry(page)
    page.goto("/sources/th/upload")
    page.locator("input[type=file]").set_input_files(
        {
            "name": "<img src=x onerror=window.__ran=1>.csv",
            "mimeType": "text/csv",
            "buffer": "\n".join(lines).encode(),
        }
    )
    page.locator("form:has(input[type=file]) button[type=submit]").first.click()
    page.wait_for_url("**/uploads/**")
    accept = page.locator("button[value=accept]")
    deadline = time.monotonic() + 90
    while not accept.count() and time.monotonic() < deadline:
        assert page.evaluate(LOOK) == []
        time.sleep(0.5)
        page.reload()
    assert page.evaluate(LOOK) == []
    accept.first.click()
    while time.monotonic() < deadline:
        found = httpx2.get(f"{service.address}/api/v1/search", params={"q": "sách", "size": "20"}).json()
        if found["total"] >= len(TEXTS) * 0.9:
            break
        time.sleep(0.5)
    assert found["total"] >= len(TEXTS) * 0.9, found["total"]
    page = trapped(browser, service.address)
    shown(page, "/search?q=sách&size=50")
    for one in found["items"][:10]:
        shown(page, f"/records/{one['id']}")
    shown(page, "/sources/th")
    shown(page, "/libraries/th")
