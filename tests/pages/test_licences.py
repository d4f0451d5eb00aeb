"""Licences of records, and rights in what links lead to: said where a reader looks; nothing is fetched."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from tests.pages.browsing import open_page
from tests.pages.living import Living, living
from tests.support.people import carry
from tests.unioncat.normalise.records import marc
from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.search import SearchQuery
from unioncat.domain.source import Checkpoint, RawRecord
from unioncat.flow import audit, find, pipeline, register
from unioncat.flow.services import Services
from unioncat.normalise import to_marcxml
from unioncat.store import harvests, sources

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("template")]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
MEMBERS = """
[[library]]
code = "tinh"
name_vi = "Thư viện tỉnh"
name_en = "Provincial Library"
type = "public"

[[library]]
code = "truong"
name_vi = "Thư viện trường đại học"
name_en = "University Library"
type = "university"

[[source]]
code = "tinh"
library = "tinh"
address = "https://tinh.example/oai"
licence = { code = "CC0-1.0" }

[[source]]
code = "truong"
library = "truong"
address = "https://truong.example/oai"
"""
BOOK = (
    "020 ## $a 9786042000017",
    "100 1# $a Nguyễn Văn An",
    "245 10 $a Sông nước miền Tây $c Nguyễn Văn An",
    "260 ## $a Hà Nội $b Văn học $c 2019",
    "300 ## $a 215 tr.",
)


class Store(BaseHTTPRequestHandler):
    """Where the things lie that links lead to; it notes whoever comes."""

    visits: list[str]

    def do_GET(self) -> None:
        self.visits.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the thing itself")

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def storing() -> Iterator[tuple[str, list[str]]]:
    """Keep things at an address of this machine; give it with the list of visits."""
    visits: list[str] = []
    keeper = ThreadingHTTPServer(("127.0.0.1", 0), type("Kept", (Store,), {"visits": visits}))
    threading.Thread(target=keeper.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{keeper.server_port}", visits
    finally:
        keeper.shutdown()
        keeper.server_close()


async def bring(services: Services, code: str, *more: str) -> None:
    """Save a record of a source as the harvester does."""
    async with services.db.as_service() as conn:
        (source,) = [one for one in await sources.all_sources(conn) if one.code == code]
    owner = uuid.uuid4()
    run = await harvests.open_run(services.db, source, mode=None, owner=owner, now=NOW)
    async with harvests.page(services.db, run, owner) as page:
        payload = to_marcxml(marc(*BOOK, *more))
        await page.save([RawRecord(f"oai:{code}:1", "2026-10-01", False, payload, "marc21")])
        await page.checkpoint(Checkpoint(response_date=NOW, finished=True))
    await harvests.finish_run(services.db, run, owner, NOW)


async def filled(services: Services, home: Path, store: str) -> str:
    """Register two libraries, bring a record of each, join them; give the id of what they make."""
    file = home / "members.toml"
    file.write_text(MEMBERS, encoding="utf-8")
    await register.load_toml(services, file)
    await bring(
        services,
        "tinh",
        f"856 40 $u {store}/mo.pdf $y Bản số $r https://creativecommons.org/licenses/by/4.0/",
        f"856 40 $u {store}/khac.pdf $y Bản khác",
    )
    await bring(services, "truong", f"856 40 $u {store}/noi-bo.pdf $y Bản trong trường $7 1")
    await pipeline.process(services)
    (found,) = (await find.find(services, ANONYMOUS, SearchQuery())).records
    return found.id


@pytest.fixture(scope="module")
def place(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(server, template, tmp_path_factory.mktemp("licences")) as service:
        yield service


def test_licences_and_rights_are_said_and_nothing_is_fetched(place: Living, browser: Browser) -> None:
    with storing() as (store, visits):
        record = place.ask(lambda services: filled(services, place.home, store))
        with httpx2.Client(base_url=place.address) as client:
            wire = client.get(f"/api/v1/records/{record}").json()
        assert {one["library"]: one["licence"] for one in wire["members"]} == {
            "tinh": {"code": "CC0-1.0", "url": "https://creativecommons.org/publicdomain/zero/1.0/"},
            "truong": {"code": "unknown"},
        }
        assert {one["text"]: (one["open"], one["full_text"]) for one in wire["bib"]["links"]} == {
            "Bản số": (True, True),
            "Bản khác": (False, True),
            "Bản trong trường": (False, False),
        }
        for size in ("desktop", "phone"):
            page = open_page(browser, place.address, size)
            page.goto(f"/records/{record}")
            facts = page.locator(".facts")
            expect(facts).to_contain_text("CC0 1.0 (dùng tự do) Thư viện tỉnh")
            expect(facts).to_contain_text("Thư viện chưa nêu Thư viện trường đại học")
            kept = [facts.locator("li", has_text=name) for name in ("Bản số", "Bản khác", "Bản trong trường")]
            expect(kept[0]).to_contain_text("Giấy phép mở · Quyền sử dụng: https://creativecommons.org/")
            expect(kept[1]).to_contain_text("xem điều kiện tại nơi lưu trữ")
            expect(kept[2]).to_contain_text("Truy cập hạn chế")
            page.locator(".origin summary").last.click()
            expect(page.locator(".members")).to_contain_text("Giấy phép dữ liệu thư mục: CC0 1.0")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert visits == []
    assert b"the thing itself" not in b"".join(
        one.read_bytes() for one in place.home.rglob("*") if one.is_file()
    )


def test_a_steward_sets_the_licence_on_the_page_of_the_source(place: Living, browser: Browser) -> None:
    page = open_page(browser, place.address)
    carry(page)
    page.goto("/sources/truong")
    page.get_by_label("Giấy phép dữ liệu thư mục").select_option("stated")
    page.get_by_role("button", name="Lưu giấy phép").click()
    expect(page.get_by_role("alert")).to_contain_text("cần có lời của thư viện")
    page.get_by_label("Giấy phép dữ liệu thư mục").select_option("stated")
    page.get_by_label("Lời của thư viện").fill("Ghi rõ nguồn <b>biểu ghi</b>")
    page.get_by_role("button", name="Lưu giấy phép").click()
    expect(page.get_by_role("status").first).to_contain_text("Đã lưu giấy phép")
    expect(page.locator(".facts")).to_contain_text("Theo lời thư viện: Ghi rõ nguồn <b>biểu ghi</b>")
    with httpx2.Client(base_url=place.address) as client:
        wire = client.get("/api/v1/sources/truong").json()
    assert wire["licence"] == {"code": "stated", "words": "Ghi rõ nguồn <b>biểu ghi</b>"}
    written = place.ask(lambda services: audit.entries(services, audit.Wanted(action="source.licence")))
    assert [(one.subject, one.detail) for one in written] == [("truong", {"licence": "stated"})]
