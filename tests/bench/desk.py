"""`python -m tests.bench.desk`: the pages of a lending desk that has 10,000 requests open, all at one desk.

A real PostgreSQL, the web service as a process of its own, one person at the desk. The library that asks has
all requests, the one that lends all supplies: the worst that a federation can do to a desk. Beside the time
stands the processor time of service and database.
"""

import argparse
import asyncio
import http.client
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import text

from tests.bench.lending import FILL, MIX, fill, run_analyze
from tests.bench.machine import processor_seconds
from tests.bench.servers import web_service
from tests.flows.test_locate import federation, shelve
from tests.support import people
from tests.support.lending import NOW
from unioncat.config import Settings
from unioncat.domain.bib import Holding
from unioncat.domain.lending import Side
from unioncat.domain.lending_policy import OpenTo, Policy
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.people import Role
from unioncat.domain.source import Source
from unioncat.domain.worklists import WORKLISTS
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.flow import locate
from unioncat.flow.desk import CROSSING, HISTORY
from unioncat.flow.services import Services, open_services
from unioncat.store import agreements, lending_requests, libraries
from unioncat.store.migrate import upgrade

TARGET = 200
"""Milliseconds in which nineteen of twenty pages come."""
HOLDERS = 60
"""Libraries that hold what a request asks for."""
MORE = (
    # share, requester's state, supplier's state
    (0.04, "staff_review", None),
    (0.02, "duplicate_review", None),
    (0.02, "retry_offered", "retry_sent"),
    (0.04, "will_supply", "pulled_list"),
    (0.04, "will_supply", "picked"),
    (0.02, "cancel_pending", "cancel_requested"),
    (0.04, "received", "with_requester"),
)
"""What the night's mix lacks: states in which a desk has something to do."""
LIVELY = text(
    """
    WITH titled AS (
      UPDATE lending_request SET title = 'Đất rừng phương Nam, tập ' || right(number, 3) RETURNING id),
    given AS (UPDATE lending_supply SET title = 'Đất rừng phương Nam, tập ' || right(protocol_id, 3)),
    done AS (
      INSERT INTO lending_event (subject_id, side, seq, request_id, at, actor, step, before, after, flags)
      SELECT r.id, 'requester', n, r.id, r.created_at, 'clock', 'submit', 'draft', 'submitted', '{}'
      FROM lending_request r, generate_series(1, 3) n),
    lent AS (
      INSERT INTO lending_event (subject_id, side, seq, supply_id, at, actor, step, before, after, flags)
      SELECT s.id, 'supplier', n, s.id, s.created_at, 'clock', 'arrive', 'received', 'received', '{}'
      FROM lending_supply s, generate_series(1, 3) n)
    INSERT INTO lending_note (request_id, side, private, incoming, text, author, at)
    SELECT id, 'requester', false, true, 'Xin hỏi thêm', 'partner:unioncat:near', created_at
    FROM lending_request WHERE right(number, 1) = '7'
    """
)


@dataclass(frozen=True, slots=True)
class Place:
    """A desk to look at: the session of somebody there, and one request to open."""

    library: str
    session: str
    number: str


async def prepare(home: Path, url: str, count: int) -> tuple[Place, Place]:
    """Fill a database; give the desk that borrows, and the one that lends."""
    async with open_services(Settings.load(home=home), url) as services:
        source = await federation(services.db)
        union_id = await _holders(services, source)
        total = await fill(services, count - round(count * sum(share for share, *_ in MORE)))
        async with services.db.as_service() as conn:
            for number, (share, mine, theirs) in enumerate(MORE, len(MIX)):
                words = {"mark": f"B{number}-", "count": round(count * share), "mine": mine, "theirs": theirs}
                dates = {"due": None, "due_text": None, "then": NOW - timedelta(days=2), "answer": None}
                await conn.execute(FILL, {**words, **dates})
            await conn.execute(LIVELY)
            wish = text("UPDATE lending_request SET wanted = wanted || jsonb_build_object('union_id', :id)")
            await conn.execute(wish.bindparams(id=union_id))
            request = await conn.execute(text("SELECT id FROM lending_request WHERE number = 'B10-1'"))
            supply = await conn.execute(text("SELECT id FROM lending_supply WHERE protocol_id = 'B0-1'"))
            numbers = str(request.scalar_one()), str(supply.scalar_one())
        await run_analyze(services)
        print(f"{total + sum(round(count * share) for share, *_ in MORE):,} requests open at two desks")
        found = []
        for code, one in zip(("home", "near"), numbers, strict=True):
            await people.add(services, f"ban@{code}.vn", Role.LENDING, code)
            found.append(Place(code, await people.session(services, f"ban@{code}.vn"), one))
        return found[0], found[1]


async def _holders(services: Services, source: Source) -> str:
    """Put the book on the shelves of many libraries that lend to all; give its public id."""
    codes = [f"giu-{number:02}" for number in range(HOLDERS)]
    async with services.db.as_service() as conn:
        for code in codes:
            await libraries.save_library(conn, Library(code, code, code, LibraryType.PUBLIC))
            await agreements.save_policy(conn, Policy(code, open_to=OpenTo.FEDERATION), "bench")
    held = {code: Holding(copies=1, status="available") for code in ("near", *codes)}
    return await shelve(services.db, source, held)


def pages(borrower: Place, lender: Place) -> Mapping[str, tuple[Place, str]]:
    """Give the addresses that are asked for, by name."""
    found: dict[str, tuple[Place, str]] = {}
    for place in (borrower, lender):
        found[f"desk of {place.library}"] = (place, f"/lending?library={place.library}")
        found[f"request of {place.library}"] = (place, f"/lending/r/{place.number}")
    sides = {Side.REQUESTER: borrower, Side.SUPPLIER: lender}
    lists = {name: sides[one.side] for name, one in WORKLISTS.items()}
    lists |= {name: sides[side] for name, side in HISTORY.items()}
    lists |= dict.fromkeys(CROSSING, borrower)
    for name, place in lists.items():
        found[name] = (place, f"/lending/list/{name}?library={place.library}")
    words = quote("phương Nam, tập -77")
    for name in ("loans", "history-requester", "history-supplier"):
        place = lists[name]
        found[f"{name}, searched"] = (place, f"/lending/list/{name}?library={place.library}&q={words}")
    found["scanned"] = (borrower, f"/lending/scan?library={borrower.library}&code=B0-77")
    found["messages"] = (borrower, "/lending/messages")
    found["undelivered"] = (borrower, "/lending/undelivered")
    found["figures"] = (borrower, f"/lending/libraries/{borrower.library}/figures")
    return found


async def ranked(home: Path, url: str, number: str, times: int) -> tuple[list[float], float]:
    """Rank the holders for one request; give milliseconds of each time, and of this process for one."""
    async with open_services(Settings.load(home=home), url) as services:
        seconds, worked = [], 0.0
        for turn in range(times + 2):
            async with services.db.as_service() as conn:
                request = await lending_requests.read(conn, UUID(number))
                begun, cpu = time.perf_counter(), time.process_time()
                found = await locate.foreseen(conn, request, datetime.now(UTC))
                if turn > 1:
                    seconds.append((time.perf_counter() - begun) * 1000)
                    worked += time.process_time() - cpu
            assert found is not None
            assert len(found.rota.entries) + len(found.rota.dropped) > HOLDERS
        return seconds, worked * 1000 / times


def ask(port: int, place: Place, address: str, times: int) -> list[float]:
    """Open a page some times over one connection; give the milliseconds of each."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    found = []
    for turn in range(times + 2):
        begun = time.perf_counter()
        line.request("GET", address, headers={"Cookie": f"session={place.session}"})
        answer = line.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{address} answered {answer.status}: {answer.headers.get('location')}")
        if turn > 1:
            found.append((time.perf_counter() - begun) * 1000)
    line.close()
    return found


def show(name: str, milliseconds: list[float], worked: str) -> bool:
    """Print one line; tell whether it keeps within the target."""
    p95 = statistics.quantiles(milliseconds, n=20, method="inclusive")[-1]
    word = "" if p95 <= TARGET else "  over the target"
    middle = statistics.median(milliseconds)
    print(f"{name:32} {middle:7.0f} {p95:7.0f} {max(milliseconds):7.0f}   {worked}{word}")
    return p95 <= TARGET


def measure(count: int, times: int) -> int:
    """Run it; 1 where a page misses the target."""
    with tempfile.TemporaryDirectory(prefix="unioncat-bench-") as folder:
        home = Path(folder)
        postgres = EmbeddedPostgres(home / "pg")
        url = postgres.start()
        try:
            assert postgres.child is not None
            asyncio.run(upgrade(url))
            borrower, lender = asyncio.run(prepare(home, url, count))
            with web_service(home, url) as (port, service):
                print(f"{'page':32} {'p50':>7} {'p95':>7} {'max':>7}   processor, of it the database (ms)")
                fine = True
                for name, (place, address) in pages(borrower, lender).items():
                    before = [processor_seconds(one) for one in (service, postgres.child.pid)]
                    took = ask(port, place, address, times)
                    after = [processor_seconds(one) for one in (service, postgres.child.pid)]
                    web, base = [(b - a) * 1000 / (times + 2) for a, b in zip(before, after, strict=True)]
                    fine = show(name, took, f"{web + base:7.0f} {base:7.0f}") and fine
                took, own = asyncio.run(ranked(home, url, borrower.number, times))
                fine = show(f"rank of {HOLDERS} holders", took, f"{own:7.0f}       –") and fine
        finally:
            postgres.destroy()
    print(f"target: p95 {TARGET} ms; load of the machine {os.getloadavg()[0]:.1f}")
    return 0 if fine else 1


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--open", type=int, default=10_000)
    words.add_argument("--times", type=int, default=20)
    given = words.parse_args()
    sys.exit(measure(given.open, given.times))
