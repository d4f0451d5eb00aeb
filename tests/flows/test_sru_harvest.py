"""A library on a real SRU server: registered, harvested, found by search, changed, cleaned up."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.flows.conftest import add_source
from tests.harvester.sru.rig import Item, marc, serving, shelf
from tests.harvester.sru.test_zebra import marc as iso2709
from tests.harvester.support import QUICK, surroundings
from tests.support.zebra import needs_zebra, zebra
from unioncat.config import Settings
from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.search import SearchQuery
from unioncat.domain.source import Protocol, Run, RunMode, RunState, Source
from unioncat.flow import find, pipeline, register
from unioncat.flow.register import LibraryIn, SourceIn
from unioncat.flow.services import Services, open_services
from unioncat.index import parse
from unioncat.store import sources
from unioncat.store.database import Database
from unioncat.store.errors import Conflict
from unioncat_harvester.run import State, Watch, harvest

COUNT = 120
SLICES = {"slices": "days rec.creationDate from=2023-01-01; numbers rec.identifier"}


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1, allow_targets="127.0.0.1"), url) as opened:
        await register.register_library(
            opened,
            LibraryIn.model_validate(
                {"code": "tv", "name_vi": "Thư viện tỉnh", "name_en": "Provincial library", "type": "public"}
            ),
        )
        yield opened


def wanted(address: str, **options: str) -> SourceIn:
    return SourceIn(
        code="tv-sru", library="tv", protocol=Protocol.SRU, address=address, format="auto", options=options
    )


async def found(services: Services, words: str) -> list[str]:
    answer = await find.find(services, ANONYMOUS, SearchQuery(clauses=parse(words)))
    return [record.bib.title.main for record in answer.records]


async def harvested(services: Services, source: Source, mode: RunMode | None = None) -> Run:
    outcome = await harvest(services.db, source, surroundings(), mode=mode)
    assert outcome.state is State.PUBLISHED, outcome.error
    assert outcome.run is not None
    await pipeline.process(services)
    return outcome.run


@needs_zebra
async def test_from_registration_to_search_and_through_changes(services: Services, tmp_path: Path) -> None:
    folder = tmp_path / "zebra"
    folder.mkdir()
    with zebra(folder, [iso2709(number) for number in range(COUNT)]) as server:
        source = await register.register_source(services, wanted(server.sru, **SLICES, cap="50"))
        run = await harvested(services, source)
        assert (run.mode, run.counters.created, run.checkpoint.list_size) == (RunMode.FULL, COUNT, COUNT)
        assert "Đất rừng phương Nam 41" in await found(services, "dat rung phuong nam 41")
        assert "Nỗi buồn chiến tranh 44" in await found(services, "Nỗi buồn chiến tranh 44")

        server.delete([iso2709(41)])
        again = await harvested(services, source)
        assert (again.mode, again.counters.swept, again.counters.created) == (RunMode.FULL, 1, 0)
        assert "Đất rừng phương Nam 41" not in await found(services, "dat rung phuong nam 41")


async def test_increments_come_by_date_and_the_whole_now_and_then(services: Services) -> None:
    with serving(shelf(60)) as server:
        source = await register.register_source(
            services, wanted(server.base, changed="rec.lastModificationDate")
        )
        first = await harvested(services, source)
        today = datetime.now(UTC).strftime("%Y%m%d")
        server.items = [
            Item("7", marc(7, "Bản mới"), today),
            *(one for one in server.items if one.id not in "789"),
        ]
        second = await harvested(services, source)
        assert (second.mode, second.counters.received, second.counters.changed) == (RunMode.INCREMENTAL, 1, 1)
        await _age(services.db, first, timedelta(days=8))
        third = await harvested(services, source)
        assert (third.mode, third.counters.swept) == (RunMode.FULL, 2), "what vanished is found weekly"


async def _age(db: Database, run: Run, by: timedelta) -> None:
    async with db.begin() as conn:
        await conn.execute(
            text("UPDATE harvest_run SET started_at = started_at - CAST(:by AS interval) WHERE id = :id"),
            {"by": by, "id": run.id},
        )


async def test_a_stopped_harvest_goes_on_in_its_slice(db: Database) -> None:
    with serving(shelf(100), cap=15) as server:
        options = (("cap", "15"), ("records", "5"), ("slices", "numbers rec.identifier"))
        source = await add_source(
            db, "tv-sru", address=server.base, protocol=Protocol.SRU, format="marcxml", options=options
        )
        source = replace(source, politeness=QUICK)
        for _ in range(4):
            stop = asyncio.Event()

            class Stopping(Watch):
                saved_pages = 0

                def saved(self, run: Run) -> None:
                    self.saved_pages += 1
                    if self.saved_pages == 3:
                        stop.set()  # noqa: B023

            outcome = await harvest(db, source, surroundings(), stop=stop, watch=Stopping())
            assert outcome.state is State.STOPPED
        asked = len(server.searches)
        outcome = await harvest(db, source, surroundings())
        assert outcome.state is State.PUBLISHED
        assert outcome.run is not None
        assert outcome.run.counters.received == 100, "no page is fetched and saved twice"
        assert len(server.searches) > asked


async def test_a_list_that_came_short_waits_for_a_person(db: Database) -> None:
    twice = [Item(str(n), marc(min(n, 40))) for n in range(1, 61)]
    with serving(twice) as server:
        source = await add_source(db, "tv-sru", address=server.base, protocol=Protocol.SRU, format="marcxml")
        outcome = await harvest(db, replace(source, politeness=QUICK), surroundings())
    assert outcome.state is State.HELD
    assert "40 distinct records came of 60" in (outcome.error or "")


async def test_options_that_no_reader_knows_are_refused(services: Services) -> None:
    with pytest.raises(Conflict, match="sru has no option 'slice'; is 'slices' meant") as caught:
        await register.register_source(services, wanted("http://127.0.0.1:9/sru", slice="numbers x"))
    assert "changed-form" in caught.value.remedy
    async with services.db.begin() as conn:
        assert await sources.all_sources(conn) == []


async def test_a_failure_names_the_source_and_what_to_do(db: Database) -> None:
    with serving(shelf(60), cap=30) as server:
        source = await add_source(db, "tv-sru", address=server.base, protocol=Protocol.SRU, format="marcxml")
        outcome = await harvest(db, replace(source, politeness=QUICK), surroundings())
    assert outcome.state is State.FAILED
    assert outcome.run is not None
    assert outcome.run.state is RunState.FAILED
    assert "tv-sru" in (outcome.run.error or "")
    assert "slices" in (outcome.run.remedy or "")
