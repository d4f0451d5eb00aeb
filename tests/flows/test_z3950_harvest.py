"""A Z39.50 target that shows a hundred records of a search, harvested into PostgreSQL, killed on the way."""

import random
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.flows.conftest import add_source
from tests.harvester.support import QUICK, surroundings
from tests.support import harvesters
from tests.support.z3950 import Book, SimpleServer, marc, needs_simpleserver, simpleserver
from unioncat.domain.source import Assertions, Protocol, RunMode, RunState, Source
from unioncat.store import runs, sources
from unioncat.store.database import Database
from unioncat_harvester.run import State, harvest

ROOT = Path(__file__).parents[2]
RECORDS, KILLS, CAP = 2000, 4, 100


def books(numbers: range) -> list[Book]:
    return [Book(number, f"Sách {number}", marc=marc(number, f"Sách {number}")) for number in numbers]


async def registered(db: Database, server: SimpleServer, **changes: Any) -> Source:
    source = await add_source(db, "capped", address=server.address)
    async with db.begin() as conn:
        return await sources.save_source(
            conn, replace(source, protocol=Protocol.Z3950, format="usmarc", politeness=QUICK, **changes)
        )


async def rows(db: Database, what: str) -> list[str]:
    async with db.begin() as conn:
        return sorted((await conn.execute(text(what))).scalars().all())


@needs_simpleserver
async def test_kills_lose_nothing_of_a_capped_target(db: Database, tmp_path: Path) -> None:
    environment = {
        "UNIONCAT_DATABASE_URL": db.url,
        "UNIONCAT_HOME": str(tmp_path / "home"),
        "UNIONCAT_LOG_LEVEL": "error",
        "UNIONCAT_ALLOW_TARGETS": "127.0.0.1",
    }
    chance = random.Random(39)

    async def received() -> int:
        async with db.begin() as conn:
            return sum(run.counters.received for run in await runs.runs(conn, "capped"))

    with simpleserver(tmp_path, books(range(1, RECORDS + 1)), cap=CAP) as server:
        options = (("present", "20"), ("slices", "numbers 12"))
        await registered(db, server, options=options, assertions=Assertions(min_records=RECORDS))
        kills = 0
        while kills < KILLS:
            before = await received()
            harvester = harvesters.start(["run", "capped"], environment)
            # A slow machine looks late: the kills still all fit in.
            goal = before + chance.randrange(1, (RECORDS - before) // (KILLS - kills) // 2)
            while await received() < goal and harvester.is_alive():
                time.sleep(0.005)
            assert harvester.is_alive(), "the harvest ended before it could be killed so often"
            harvester.kill()
            harvester.join(20)
            kills += 1
        last = harvesters.start(["run", "capped"], environment)
        last.join()
        assert last.exitcode == 0
    async with db.begin() as conn:
        (run,) = await runs.runs(conn, "capped")
    assert run.state is RunState.PUBLISHED
    assert run.checkpoint.list_size == RECORDS
    assert RECORDS <= run.counters.received <= RECORDS + CAP, "only the finding of the cap is read twice"
    assert await rows(db, "SELECT local_id FROM raw_record") == sorted(map(str, range(1, RECORDS + 1)))


@needs_simpleserver
async def test_what_vanished_is_found_by_the_next_full_harvest(db: Database, tmp_path: Path) -> None:
    with simpleserver(tmp_path, books(range(1, 151)), cap=CAP) as server:
        source = await registered(db, server)
        first = await harvest(db, source, surroundings())
        server.books = books(range(1, 146))
        server.put(Book(7, "Bản mới", marc=marc(7, "Bản mới")))
        second = await harvest(db, source, surroundings())
    assert first.state is second.state is State.PUBLISHED
    assert second.run is not None
    assert second.run.mode is RunMode.FULL, "without an index of dates each harvest reads everything"
    assert second.run.counters.changed == 1
    gone = "SELECT local_id FROM raw_record WHERE deleted AND run_id = (SELECT max(id) FROM harvest_run)"
    assert await rows(db, gone) == ["146", "147", "148", "149", "150"]
