"""A stage reads the tables of the stage before it and writes its own; nothing writes upstream."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.flows.test_pipeline import bring
from unioncat.cli.samples import form
from unioncat.config import Settings
from unioncat.flow import register
from unioncat.flow.catalogue import catalogue
from unioncat.flow.join import join
from unioncat.flow.publish import publish
from unioncat.flow.services import Services, open_services
from unioncat.sample.federation import federation
from unioncat.sample.generate import records
from unioncat.sample.members import MEMBERS

MEMBERSHIP = ("library", "source", "province", "audience")
PULLED = ("harvest_run", "raw_record")
CATALOGUED = ("bib_record", "holding", "issue", "catalogue_progress")
JOINED = ("match_key", "joined", "edge", "decision", "cluster", "cluster_member", "cluster_successor")


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1, allow_targets="127.0.0.1:9"), url) as opened:
        wanted = federation({member.code: f"http://127.0.0.1:9/{member.code}" for member in MEMBERS})
        await register.load(opened, form(wanted))
        await bring(opened, [one for one in records() if one.member in ("laocai", "yenbai")])
        yield opened


async def state(services: Services, tables: tuple[str, ...]) -> dict[str, str]:
    """Digest all rows of tables, whatever their order."""
    async with services.db.begin() as conn:
        return {
            table: str(
                (
                    await conn.execute(
                        text(f"SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {table} t")
                    )
                ).scalar_one()
            )
            for table in tables
        }


async def test_nothing_writes_upstream(services: Services) -> None:
    before = await state(services, MEMBERSHIP + PULLED)
    assert await catalogue(services.db, workers=1) > 100
    assert await state(services, MEMBERSHIP + PULLED) == before

    before = await state(services, MEMBERSHIP + PULLED + CATALOGUED)
    assert await join(services.db, workers=1) > 100
    assert await state(services, MEMBERSHIP + PULLED + CATALOGUED) == before

    before = await state(services, MEMBERSHIP + PULLED + CATALOGUED + JOINED)
    assert await publish(services) > 100
    assert await state(services, MEMBERSHIP + PULLED + CATALOGUED + JOINED) == before
