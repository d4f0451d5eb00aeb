"""A federation's own profiles: kept as texts, used by the next records, checked before they are saved."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from unioncat.config import Settings
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.source import Assertions, Checkpoint, Protocol, RawRecord
from unioncat.flow import profiles, register
from unioncat.flow.catalogue import catalogue
from unioncat.flow.register import SourceIn
from unioncat.flow.services import Services, open_services
from unioncat.store import harvests, libraries, sources
from unioncat.store import profiles as store
from unioncat.store.errors import Conflict, Unknown

OWN = """
name = "our-koha"
about = "Koha with items in 949."
base = "koha"

[[holdings]]
tag = "949"
item = "b"

[assertions]
min_records = 7
"""
RECORD = (
    "<record><leader>00000nam a2200000 a 4500</leader><controlfield tag='001'>1</controlfield>"
    "<datafield tag='245' ind1='0' ind2='0'><subfield code='a'>Truyện Kiều</subfield></datafield>"
    "<datafield tag='949' ind1=' ' ind2=' '><subfield code='b'>VV1</subfield></datafield></record>"
)


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1), url) as opened:
        async with opened.db.begin() as conn:
            library = Library("lib-a", "Thư viện A", "Library A", LibraryType.PUBLIC)
            await libraries.save_library(conn, library)
        yield opened


def wanted(profile: str, **more: object) -> SourceIn:
    return SourceIn(code="src", library="lib-a", address="https://lib.example/oai", profile=profile, **more)  # type: ignore[arg-type]


async def test_profiles_are_kept_listed_replaced_and_removed(services: Services) -> None:
    await profiles.add_profile(services, OWN)
    await profiles.add_profile(services, OWN.replace("items in 949", "numbers in 949"))
    listed = {one.name: one for one in await profiles.list_profiles(services)}
    assert (listed["our-koha"].about, listed["our-koha"].shipped) == ("Koha with numbers in 949.", False)
    assert listed["koha"].shipped
    assert "numbers in 949" in await profiles.profile_text(services, "our-koha")
    assert (await profiles.profile_text(services, "koha")).startswith('name = "koha"')
    await register.register_source(services, wanted("our-koha"))
    with pytest.raises(Conflict, match="is used by: src"):
        await profiles.remove_profile(services, "our-koha")
    await register.register_source(services, wanted("marc21"))
    await profiles.remove_profile(services, "our-koha")
    for name in ("our-koha", "koha"):
        with pytest.raises(Unknown):
            await profiles.remove_profile(services, name)
    with pytest.raises(Unknown, match="there is no profile 'our-koha'"):
        await profiles.profile_text(services, "our-koha")


async def test_what_is_wrong_is_not_saved(services: Services) -> None:
    with pytest.raises(Conflict, match="holding: there is no such key"):
        await profiles.add_profile(services, OWN + "[holding]\n")
    with pytest.raises(Conflict, match="there is a shipped profile"):
        await profiles.add_profile(services, 'name = "koha"')
    async with services.db.begin() as conn:
        assert await store.profiles(conn) == {}
    with pytest.raises(Conflict, match=r"there is no profile 'our-koha'"):
        await register.register_source(services, wanted("our-koha"))


async def test_a_source_takes_over_what_its_profile_expects(services: Services) -> None:
    await profiles.add_profile(services, OWN)
    saved = await register.register_source(services, wanted("our-koha"))
    assert saved.assertions == Assertions(min_records=7)
    said = await register.register_source(
        services, wanted("our-koha", assertions={"min_records": 0, "max_fall": 0.5})
    )
    assert said.assertions == Assertions(min_records=0, max_fall=0.5)


async def test_the_catalogue_reads_by_the_stored_text(services: Services) -> None:
    await profiles.add_profile(services, OWN)
    source = await register.register_source(services, wanted("our-koha", assertions={"min_records": 0}))
    assert source.protocol is Protocol.OAI_PMH
    await bring(services, source.code)
    await catalogue(services.db, workers=1)
    async with services.db.begin() as conn:
        items = (await conn.execute(text("SELECT items FROM holding"))).scalars().all()
        assert await store.profile_text(conn, "our-koha") == OWN
    assert [list(one) for one in items] == [["VV1"]]


async def bring(services: Services, code: str) -> None:
    """Harvest one record."""
    owner, now = uuid.uuid4(), datetime.now(UTC)
    async with services.db.begin() as conn:
        source = next(one for one in await sources.all_sources(conn) if one.code == code)
    run = await harvests.open_run(services.db, source, mode=None, owner=owner, now=now)
    async with harvests.page(services.db, run, owner) as page:
        await page.save([RawRecord("1", None, False, RECORD.encode(), "marc21")])
        await page.checkpoint(Checkpoint(finished=True))
    await harvests.finish_run(services.db, page.run, owner, now)
