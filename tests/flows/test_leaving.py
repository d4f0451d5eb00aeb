"""A library leaves, or takes one record back: what it had is gone, and what others have is joined anew."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.flows.conftest import add_source
from tests.flows.test_audience_change import ids
from tests.flows.test_join import book, put
from tests.support import people
from unioncat.config import Settings
from unioncat.domain.audience import ANONYMOUS, Audience, Viewer
from unioncat.domain.people import Role
from unioncat.flow import audience, audit, entry, find, pipeline
from unioncat.flow.catalogue import catalogue
from unioncat.flow.services import Services, open_services
from unioncat.store import libraries
from unioncat.store.codec import digest, squeeze
from unioncat.store.errors import Conflict, Unknown


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1), url) as opened:
        yield opened


async def stocked(services: Services) -> dict[str, set[str]]:
    """Two libraries: a book of each alone, one that both have; give what the public finds."""
    ours, theirs = await add_source(services.db, "lib-a"), await add_source(services.db, "lib-b")
    shared = book("Đất rừng phương Nam", "Đoàn Giỏi", 1957)
    mine = {"own": book("Giáo trình nghiệp vụ", "Khoa Luật"), "shared": shared}
    await put(services.db, ours, mine, library="lib-a")
    others = {"shared": shared, "z": book("Sông Đông êm đềm", "Sô-lô-khốp", 1960)}
    await put(services.db, theirs, others, library="lib-b")
    await pipeline.process(services)
    return await ids(services, ANONYMOUS)


async def count(services: Services, query: str) -> int:
    async with services.db.as_service() as conn:
        return int((await conn.execute(text(query))).scalar_one())


async def test_a_library_that_leaves_takes_everything_with_it(services: Services) -> None:
    before = await stocked(services)
    own = next(name for name, owners in before.items() if owners == {"lib-a"})
    both = next(name for name, owners in before.items() if len(owners) == 2)
    await people.add(services, "an@example.vn", Role.CATALOGUER, "lib-a")
    session = await people.session(services, "an@example.vn")
    async with services.db.as_service() as conn:  # another library's record tells of a copy at lib-a
        await conn.execute(
            text("""
            INSERT INTO holding (record_id, position, library_id, audience_id, copies, items, status)
            SELECT b.id, 1, l.id, 0, 1, '{}', 'available' FROM bib_record b, library l
            WHERE b.local_id = 'z' AND l.code = 'lib-a'
            """)
        )
    with pytest.raises(Conflict, match="name of the person"):
        await audience.leave(services, "lib-a", by="")
    with pytest.raises(Unknown):
        await audience.leave(services, "nobody", by="Lan")
    asked = await audience.leave(services, "lib-a", by="Lan", why="closed")
    assert (asked.before.records, asked.before.union_records) == (2, 2)
    assert await find.records(services, ANONYMOUS, [own]) == (), "at once"
    (rest,) = await find.records(services, ANONYMOUS, [both])
    assert {member.source for member in rest.members} == {"lib-b"}
    await pipeline.process(services)
    everybody = Viewer(frozenset({asked.old, asked.new}))
    for viewer in (ANONYMOUS, everybody):
        assert sorted(map(sorted, (await ids(services, viewer)).values())) == [["lib-b"], ["lib-b"]]
    (proof,) = await audience.latest(services)
    assert proof.done is not None
    assert proof.after == audience.Seen(0, 0, 0, 0)
    of_theirs = "SELECT count(*) FROM {} x JOIN source s ON s.id = x.source_id WHERE s.code = 'lib-a'"
    assert await count(services, of_theirs.format("raw_record")) == 0
    assert (
        await count(services, of_theirs.format("bib_record") + " AND (NOT deleted OR body IS NOT NULL)") == 0
    )
    theirs = "SELECT count(*) FROM holding h JOIN library l ON l.id = h.library_id WHERE l.code = 'lib-a'"
    assert await count(services, theirs) == 0
    assert await count(services, "SELECT count(*) FROM account_role") == 0
    assert await entry.whose(services, session) is None
    assert "library.left" in {one.action for one in await audit.entries(services)}


async def test_a_record_that_was_taken_back_stays_away_until_it_is_given_back(services: Services) -> None:
    before = await stocked(services)
    own = next(name for name, owners in before.items() if owners == {"lib-a"})
    with pytest.raises(Unknown):
        await audience.withdraw(services, "lib-a", "z", by="Lan", why="")
    await audience.withdraw(services, "lib-a", "own", by="Lan", why="an error")
    assert await find.records(services, ANONYMOUS, [own]) == (), "at once"
    await pipeline.process(services)
    assert sorted(map(sorted, (await ids(services, ANONYMOUS)).values())) == [["lib-a", "lib-b"], ["lib-b"]]
    (said,) = (await audience.of_library(services, "lib-a")).withdrawals
    assert (said.local_id, said.by, said.why, said.gone is not None) == ("own", "Lan", "an error", True)
    assert (await audience.of_library(services, "lib-b")).withdrawals == []
    await audience.give_back(services, "lib-a", "own", by="Lan")
    with pytest.raises(Unknown):
        await audience.give_back(services, "lib-a", "own", by="Lan")


async def test_what_a_server_goes_on_sending_is_read_as_taken_away(services: Services) -> None:
    source = await add_source(services.db, "lib-a")
    marc = (
        "<record xmlns='http://www.loc.gov/MARC21/slim'><leader>00000nam a2200000 a 4500</leader>"
        "<datafield tag='245' ind1='0' ind2='0'><subfield code='a'>Sông núi</subfield></datafield></record>"
    )

    async def sent() -> None:
        async with services.db.as_service() as conn:
            run = await conn.execute(
                text("""
                INSERT INTO harvest_run (source_id, mode, state, started_at, finished_at, list_finished)
                VALUES (:source, 'full', 'published', now(), now(), true) RETURNING id
                """),
                {"source": source.id},
            )
            await conn.execute(
                text("""
                INSERT INTO raw_record (source_id, run_id, deleted, hash, format, local_id, payload)
                VALUES (:source, :run, false, :hash, 'marc21', 'one', :payload)
                """),
                {
                    "source": source.id,
                    "run": run.scalar_one(),
                    "hash": digest(marc.encode()),
                    "payload": squeeze(marc.encode()),
                },
            )
        await pipeline.process(services)

    await sent()
    assert len(await ids(services, ANONYMOUS)) == 1
    await audience.withdraw(services, "lib-a", "one", by="Lan", why="")
    await sent()
    assert await catalogue(services.db, workers=1) == 0
    assert await ids(services, ANONYMOUS) == {}
    await audience.give_back(services, "lib-a", "one", by="Lan")
    await pipeline.process(services)
    assert len(await ids(services, ANONYMOUS)) == 1


async def test_a_library_may_keep_what_it_has_for_itself(services: Services) -> None:
    before = await stocked(services)
    async with services.db.as_service() as conn:
        await libraries.save_audience(conn, Audience(0, "cand", "CAND", "CAND"))
    asked = await audience.change_audience(services, "library", "lib-a", audience.OWN, by="Lan")
    assert asked is not None
    await pipeline.process(services)
    assert sorted(map(sorted, (await ids(services, ANONYMOUS)).values())) == [["lib-b"], ["lib-b"]]
    inside = await ids(services, Viewer(frozenset({asked.new})))
    assert len(inside) == len(before) + 1
    reader = await people.add(services, "an@example.vn", Role.READER, "lib-a")
    assert reader
    assert (await people.signed_in(services, "an@example.vn")).viewer == Viewer(frozenset({asked.new}))
