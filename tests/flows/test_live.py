"""Lenders' systems are asked over real HTTP, all at once, within a bound; silence is not a no."""

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.flows.test_locate import NOW, ONE, federation, shelve, wish
from tests.harvester.sru.rig import Item, serving
from unioncat.config import Settings
from unioncat.domain.lending import Request
from unioncat.domain.source import Protocol, Source
from unioncat.domain.target import TargetRules
from unioncat.flow import live, locate
from unioncat.flow.services import Services
from unioncat.lending.rota import Available
from unioncat.store import errands, sources
from unioncat.store.database import Database
from unioncat_harvester import availability
from unioncat_harvester.bench import Bench
from unioncat_harvester.network import Guard
from unioncat_harvester.surroundings import Surroundings

STATES = {"yes": "available", "no": "Checked out"}
HEAD = '<?xml version="1.0"?><dlf:collection xmlns:dlf="http://diglib.org/ilsdi/1.1"><dlf:record>'
TAIL = "</dlf:record></dlf:collection>"


class IlsDi(BaseHTTPRequestHandler):
    """A Koha that answers GetAvailability by the first word of its path."""

    def do_GET(self) -> None:
        way = self.path.split("/")[1].partition("?")[0]
        if way == "slow":
            time.sleep(3)
        state = STATES.get(way, "")
        items = f"<dlf:item><dlf:availabilitystatus>{state}</dlf:availabilitystatus></dlf:item>"
        body = (HEAD + (items if state else "") + TAIL).encode() if way != "broken" else b"<a"
        self.send_response(200 if way != "error" else 500)
        self.send_header("Content-Type", "text/xml")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        pass


@pytest.fixture
def koha() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), IlsDi)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def services(db: Database, tmp_path: Path) -> Services:
    return Services(db, None, Settings(home=tmp_path))  # type: ignore[arg-type]


async def prepared(db: Database, address: str) -> Request:
    """A request for a book that `near` holds, whose source offers ILS-DI at an address."""
    source = await federation(db)
    offering: Source = replace(source, options=(("availability", f"ils-di {address}"),))
    async with db.begin() as conn:
        source = await sources.save_source(conn, offering)
    union_id = await shelve(db, source, {"near": ONE})
    async with db.begin() as conn:
        return await wish(conn, "home", union_id)


async def assert_ranked(db: Database, request: Request, expected: Available) -> None:
    """What the lender's system said is what the choice of lenders knows."""
    async with db.begin() as conn:
        found = await locate.rank(conn, request, NOW)
    if expected is Available.NO:
        assert [one.reason for one in found.dropped] == ["unavailable"]
    else:
        assert found.entries[0].keys.availability == int(expected)


async def do_errand(db: Database, rules: TargetRules) -> None:
    """Do the errand that waits, as the harvester's process does."""
    around = Surroundings(guard=Guard(rules))
    for _ in range(100):
        async with db.begin() as conn:
            number = (await conn.execute(text("SELECT id FROM errand WHERE state = 'asked'"))).scalar()
            errand = await errands.take(conn, number) if number else None
        if errand is not None:
            found = await availability.do(errand, Bench(db, errand.id, around))
            async with db.begin() as conn:
                await errands.answer(conn, errand.id, found)
            return
        await asyncio.sleep(0.05)


LOOPBACK = TargetRules.of("127.0.0.1")


@pytest.mark.parametrize(
    ("way", "rules", "expected"),
    [
        ("yes", LOOPBACK, Available.YES),
        ("no", LOOPBACK, Available.NO),
        ("nothing", LOOPBACK, Available.UNKNOWN),
        ("broken", LOOPBACK, Available.UNKNOWN),
        ("error", LOOPBACK, Available.UNKNOWN),
        ("yes", TargetRules(), Available.UNKNOWN),
    ],
    ids=["yes", "no", "says-nothing", "broken", "error", "not-allowed"],
)
async def test_what_a_system_says(
    db: Database, services: Services, koha: str, way: str, rules: TargetRules, expected: Available
) -> None:
    request = await prepared(db, f"{koha}/{way}")
    asked, _ = await asyncio.gather(live.look(services, request.id, NOW), do_errand(db, rules))
    assert asked == 1
    await assert_ranked(db, request, expected)
    assert await live.look(services, request.id, NOW) == 0, "nothing is asked twice within two hours"


RECORD = (
    '<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader>'
    '<controlfield tag="001">1</controlfield>'
    '<datafield tag="245" ind1=" " ind2=" "><subfield code="a">Đất rừng phương Nam</subfield></datafield>'
    '<datafield tag="952" ind1=" " ind2=" "><subfield code="o">895</subfield><subfield code="p">12</subfield>'
    "{due}</datafield></record>"
)


@pytest.mark.parametrize(
    ("numbers", "due", "expected"),
    [
        (("1",), "", Available.YES),
        (("1",), '<subfield code="q">2026-12-01</subfield>', Available.NO),
        (("2",), "", Available.UNKNOWN),
    ],
    ids=["on-the-shelf", "lent", "no-such-record"],
)
async def test_what_the_record_itself_says_over_sru(
    db: Database, services: Services, numbers: tuple[str, ...], due: str, expected: Available
) -> None:
    source = await federation(db)
    items = [Item(number, RECORD.replace("{due}", due)) for number in numbers]
    with serving(items) as server:
        offering: Source = replace(
            source,
            protocol=Protocol.SRU,
            address=server.base,
            format="marcxml",
            profile="koha",
            options=(("availability", "search rec.identifier"),),
        )
        async with db.begin() as conn:
            source = await sources.save_source(conn, offering)
        union_id = await shelve(db, source, {"near": ONE})
        async with db.begin() as conn:
            request = await wish(conn, "home", union_id)
        asked, _ = await asyncio.gather(
            live.look(services, request.id, NOW, patience=60), do_errand(db, LOOPBACK)
        )
        assert any('rec.identifier="1"' in one.query for one in server.asked)
    assert asked == 1
    await assert_ranked(db, request, expected)


async def test_a_system_that_does_not_answer_holds_nobody_up(
    db: Database, services: Services, koha: str
) -> None:
    request = await prepared(db, f"{koha}/slow")
    begun = time.monotonic()
    work = asyncio.create_task(do_errand(db, LOOPBACK))
    assert await live.look(services, request.id, NOW, patience=1.0) == 1
    assert time.monotonic() - begun < 3
    async with db.begin() as conn:
        found = await locate.rank(conn, request, NOW)
    assert found.entries[0].keys.availability == int(Available.UNKNOWN)
    await work


async def test_where_nobody_offers_it_nothing_is_asked(db: Database, services: Services) -> None:
    source = await federation(db)
    union_id = await shelve(db, source, {"near": ONE})
    async with db.begin() as conn:
        request = await wish(conn, "home", union_id)
    assert await live.look(services, request.id, datetime.now(UTC)) == 0


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("available",), True),
        (("Checked out", "Available"), True),
        (("Checked out", "Lost"), False),
        (("Checked out", "on the moon"), None),
        ((), None),
    ],
)
def test_answers_are_read_without_guessing(states: tuple[str, ...], expected: bool | None) -> None:
    items = "".join(f"<availabilitystatus>{one}</availabilitystatus>" for one in states)
    assert availability.said(f"<r>{items}</r>".encode()) is expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b"\x00",
        b'<!DOCTYPE r [<!ENTITY x "available">]><r><availabilitystatus>&x;</availabilitystatus></r>',
        b"<r>" + b"<a>" * 400,
    ],
)
def test_what_is_no_answer_says_nothing(body: bytes) -> None:
    assert availability.said(body) is None
