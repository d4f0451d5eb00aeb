"""A member changes its mind: what it withdraws is gone at once from the store and soon everywhere."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.flows.conftest import add_source
from tests.flows.test_join import book, put
from unioncat.config import Settings
from unioncat.domain.audience import ANONYMOUS, Audience, Viewer
from unioncat.domain.search import SearchQuery
from unioncat.domain.union import Resolved, UnionRecord
from unioncat.flow import audience, audit, find, pipeline, register, work
from unioncat.flow.services import Services, open_services
from unioncat.index import parse
from unioncat.store import libraries
from unioncat.store.errors import Conflict, Unknown


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1), url) as opened:
        yield opened


async def ids(services: Services, viewer: Viewer, words: str = "") -> dict[str, set[str]]:
    """Public id -> sources of its members, of all that a search finds."""
    await services.index.health()  # looks at what was written last
    found = await find.find(services, viewer, SearchQuery(clauses=parse(words), size=100))
    assert found.result.total == len(found.records)
    return {one.id: {member.source for member in one.members} for one in found.records}


async def test_narrowing_and_widening_through_the_real_worker(services: Services) -> None:
    db = services.db
    ours, theirs = await add_source(db, "lib-a"), await add_source(db, "lib-b")
    async with db.as_service() as conn:
        circle = await libraries.save_audience(conn, Audience(0, "cand", "CAND", "CAND"))
    inside = Viewer(frozenset({circle.id}))
    shared = book("Đất rừng phương Nam", "Đoàn Giỏi", 1957)
    mine = {"own": book("Giáo trình nghiệp vụ", "Khoa Luật"), "shared": shared}
    await put(db, ours, mine, library="lib-a")
    others = {"shared": shared, "z": book("Sông Đông êm đềm", "Sô-lô-khốp", 1960)}
    await put(db, theirs, others, library="lib-b")
    await pipeline.process(services)
    before = await ids(services, ANONYMOUS)
    assert sorted(map(sorted, before.values())) == [["lib-a"], ["lib-a", "lib-b"], ["lib-b"]]
    own = next(name for name, sources in before.items() if sources == {"lib-a"})
    both = next(name for name, sources in before.items() if len(sources) == 2)

    begun = time.monotonic()
    asked = await audience.change_audience(services, "library", "lib-a", "cand", by="Lan")
    assert asked is not None
    assert (asked.before.records, asked.before.union_records, asked.before.indexed) == (2, 2, 2)
    # At once, before anything has followed: no record page shows it.
    assert await find.records(services, ANONYMOUS, [own]) == ()
    (rest,) = await find.records(services, ANONYMOUS, [both])
    assert {member.source for member in rest.members} == {"lib-b"}

    await work.work(services, asyncio.Event(), drain=True)
    assert time.monotonic() - begun < 60
    public = await ids(services, ANONYMOUS)
    assert sorted(map(sorted, public.values())) == [["lib-b"], ["lib-b"]]
    assert await ids(services, ANONYMOUS, "nghiep vu") == {}
    assert await find.suggest(services, ANONYMOUS, "giáo tr") == ()
    assert await find.record(services, ANONYMOUS, own) is None, "as an id that never was"
    shown = await ids(services, inside)
    assert sorted(map(sorted, shown.values())) == [["lib-a"], ["lib-a"], ["lib-b"], ["lib-b"]]
    assert isinstance(await find.record(services, inside, own), UnionRecord | Resolved)
    (proof,) = await audience.latest(services)
    assert proof.done is not None
    assert proof.after == audience.Seen(0, 0, 0, 0)
    (entry,) = await audit.entries(services, audit.Wanted(action="audience.proven"), limit=9)
    assert (entry.actor, entry.subject, entry.detail["records"]) == ("unioncat", "lib-a", "2 – 0")
    assert (await audience.named(services))[circle.id] == "CAND (cand)"
    (told,) = await audience.in_codes(services)
    assert (told["old"], told["new"], told["sources"]) == ("public", "cand", ["lib-a"]), told
    (logged,) = await audit.entries(services, audit.Wanted(action="audience.changed"))
    assert logged.detail == {"from": "public", "to": "cand"}

    assert await audience.change_audience(services, "library", "lib-a", "cand", by="Lan") is None
    await audience.change_audience(services, "library", "lib-a", "public", by="Lan")
    await pipeline.process(services)
    again = await ids(services, ANONYMOUS)
    assert sorted(map(sorted, again.values())) == [["lib-a"], ["lib-a", "lib-b"], ["lib-b"]]
    (proof, _) = await audience.latest(services)
    assert (proof.before.records, proof.after and proof.after.records) == (0, 2)


async def test_registering_again_with_another_audience_moves_the_records_too(services: Services) -> None:
    ours = await add_source(services.db, "lib-a")
    async with services.db.as_service() as conn:
        await libraries.save_audience(conn, Audience(0, "cand", "CAND", "CAND"))
    await put(services.db, ours, {"own": book()}, library="lib-a")
    await pipeline.process(services)
    assert len(await ids(services, ANONYMOUS)) == 1
    wanted = register.LibraryIn(code="lib-a", name_vi="A", name_en="A", type="public", audience="cand")
    await register.register_library(services, wanted)
    assert await find.records(services, ANONYMOUS, list(await ids_of(services))) == ()
    await pipeline.process(services)
    assert await ids(services, ANONYMOUS) == {}
    assert {(one.subject, one.new, one.done is None) for one in await audience.latest(services)} == {
        ("library", 1, False),
        ("source", 1, False),
    }


async def ids_of(services: Services) -> list[str]:
    """Public ids of all that lives, whoever may see it."""
    async with services.db.as_service() as conn:
        return list((await conn.execute(text("SELECT public_id FROM cluster WHERE live"))).scalars())


async def test_one_source_of_a_library_and_what_cannot_be(services: Services) -> None:
    db = services.db
    ours = await add_source(db, "lib-a")
    async with db.as_service() as conn:
        circle = await libraries.save_audience(conn, Audience(0, "cand", "CAND", "CAND"))
    await put(db, ours, {"own": book()}, library="lib-a")
    await pipeline.process(services)
    for subject, code, to, error in (
        ("library", "x", "cand", Unknown),
        ("source", "x", "cand", Unknown),
        ("library", "lib-a", "x", Unknown),
    ):
        with pytest.raises(error):
            await audience.change_audience(services, subject, code, to, by="Lan")
    with pytest.raises(Conflict, match="name of the person"):
        await audience.change_audience(services, "library", "lib-a", "cand", by=" ")
    await audience.change_audience(services, "source", "lib-a", "cand", by="Lan")
    await pipeline.process(services)
    assert await ids(services, ANONYMOUS) == {}
    assert len(await ids(services, Viewer(frozenset({circle.id})))) == 1
    await audience.change_audience(services, "library", "lib-a", "cand", by="Lan")
    with pytest.raises(Conflict, match="not for everybody"):
        await audience.change_audience(services, "source", "lib-a", "public", by="Lan")
