"""A source is left alone outside its hours; a harvest that is not through by their end goes on next time."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.contracts.oai_member import Shelf, shelf_server
from tests.flows.conftest import add_source
from tests.harvester.support import surroundings
from unioncat.domain.hours import VIET_NAM, Hours
from unioncat.domain.source import Politeness, RunState, Source
from unioncat.store import runs, sources
from unioncat.store.database import Database
from unioncat_harvester.fleet import harvest_all
from unioncat_harvester.run import Outcome, State, Watch


def hours(begin: timedelta, end: timedelta) -> Hours:
    """Hours around now."""
    now = datetime.now(VIET_NAM)
    first, last = ((now + one).time().replace(second=0, microsecond=0) for one in (begin, end))
    return Hours(first, last)


async def harvest(db: Database, source: Source, *, keep_hours: bool) -> list[Outcome]:
    return await harvest_all(
        db,
        [source],
        surroundings(),
        jobs=1,
        mode=None,
        stop=asyncio.Event(),
        watch=Watch(),
        keep_hours=keep_hours,
    )


async def registered(db: Database, address: str, window: Hours) -> Source:
    source = await add_source(db, "dem", address=address)
    async with db.begin() as conn:
        gentle = replace(source, hours=window, politeness=Politeness(pause=0.15))
        saved = await sources.save_source(conn, gentle)
    assert saved.hours == window
    return saved


async def test_a_source_is_asked_in_its_hours_only_unless_a_person_asks(db: Database) -> None:
    closed = hours(timedelta(hours=2), timedelta(hours=3))
    with shelf_server(Shelf(20)) as address:
        source = await registered(db, address, closed)
        assert await harvest(db, source, keep_hours=True) == []
        async with db.begin() as conn:
            assert await runs.runs(conn, "dem") == []
        (outcome,) = await harvest(db, source, keep_hours=False)
    assert outcome.state is State.PUBLISHED


async def test_a_harvest_stops_when_its_hours_end_and_goes_on_next_time(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_now = hours(timedelta(hours=-1), timedelta(hours=1))
    with shelf_server(Shelf(200), batch=10) as address:
        source = await registered(db, address, open_now)
        ends = datetime.now(UTC) + timedelta(seconds=1)
        monkeypatch.setattr(Hours, "close_at", lambda self, now: ends)
        (stopped,) = await harvest(db, source, keep_hours=True)
        assert stopped.state is State.STOPPED
        assert stopped.run
        assert 0 < stopped.run.counters.received < 200
        monkeypatch.undo()
        (done,) = await harvest(db, source, keep_hours=True)
    assert done.state is State.PUBLISHED
    assert done.run
    assert done.run.id == stopped.run.id
    assert done.run.counters.received == 200
    async with db.begin() as conn:
        assert [run.state for run in await runs.runs(conn, "dem")] == [RunState.PUBLISHED]
