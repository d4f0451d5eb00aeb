"""Clusters follow from records and judgements alone; ids never die; splits come as readily as merges."""

import asyncio
import itertools
import os
import random
import signal
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.flows.conftest import add_source
from tests.support.room import open_folder
from unioncat.domain.audience import ANONYMOUS, Audience, Viewer
from unioncat.domain.bib import Agent, BibRecord, Extent, Holding, Identifier, Imprint, Title
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.source import Source
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.flow.join import join
from unioncat.flow.scale import in_force
from unioncat.matching import block_keys, extract
from unioncat.store import catalogue, clusters, libraries
from unioncat.store.catalogue import Chunk, Entry
from unioncat.store.codec import pack, record_number
from unioncat.store.database import Database
from unioncat.store.migrate import upgrade


def book(
    title: str = "Dế Mèn phiêu lưu ký",
    author: str | None = "Tô Hoài",
    year: int | None = 2020,
    pages: int | None = 120,
    isbn: str | None = None,
    publisher: str = "Kim Đồng",
) -> BibRecord:
    return BibRecord(
        title=Title(title),
        agents=(Agent(author, main=True),) if author else (),
        imprints=(Imprint(("Hà Nội",), (publisher,), str(year)),),
        year=year,
        extent=Extent(f"{pages} tr.", pages) if pages else None,
        identifiers=(Identifier("isbn", isbn),) if isbn else (),
        languages=("vie",),
    )


_raw = itertools.count(1)
MANY = 100
"""Records from which the first letter of a name stands for its library."""


async def put(
    db: Database,
    source: Source,
    records: Mapping[str, BibRecord | None],
    *,
    audience: int = 0,
    library: str | None = None,
) -> None:
    """Write records (none: deleted) as the catalogue stage does; each is held by a library of its own name,
    or all by `library`."""
    held = {name: f"of-{(name if len(records) < MANY else name[0]).encode().hex()}" for name in records}
    held = dict.fromkeys(records, library) if library else held
    async with db.begin() as conn:
        owners = await libraries.owners(conn)
        for code in sorted(set(held.values()) - owners.keys()):
            await libraries.save_library(conn, Library(code, code, code, LibraryType.PUBLIC))
        owners = await libraries.owners(conn)
    entries = []
    for name, bib in records.items():
        number = record_number(source.code, name)
        if bib is None:
            entries.append(Entry(number, next(_raw), name, True))
        else:
            features = extract(bib)
            entries.append(
                Entry(
                    number,
                    next(_raw),
                    name,
                    False,
                    block_keys(features),
                    pack(features),
                    pack(bib),
                    (Holding(library=held[name]),),
                )
            )
    async with db.begin() as conn:
        await catalogue.write_chunk(
            conn,
            Chunk(0, source.id, 0, 0, len(entries)),
            entries,
            audience=audience,
            library_id=source.library_id,
            libraries=owners,
            normaliser=1,
            rules=(await in_force(conn)).version,
        )


async def state(db: Database) -> dict[str, frozenset[str]]:
    """Public id -> local ids of the live clusters."""
    async with db.begin() as conn:
        rows = await conn.execute(
            text("""
            SELECT c.public_id, array_agg(b.local_id) FROM cluster c
            JOIN cluster_member m ON m.cluster_id = c.id JOIN bib_record b ON b.id = m.record_id
            WHERE c.live GROUP BY 1""")
        )
        return {row[0]: frozenset(row[1]) for row in rows}


async def parts(db: Database) -> set[frozenset[str]]:
    return set((await state(db)).values())


def sets(*groups: str) -> set[frozenset[str]]:
    return {frozenset(group) for group in groups}


async def wipe(db: Database) -> None:
    async with db.begin() as conn:
        await conn.execute(
            text(
                "TRUNCATE bib_record, holding, match_key, joined, edge, decision, cluster, cluster_member,"
                " cluster_successor, pending_join, joining, pending_publish CASCADE"
            )
        )


async def test_records_of_one_edition_are_joined_and_others_are_not(db: Database, source: Source) -> None:
    await put(db, source, {"a": book(), "b": book("DẾ MÈN PHIÊU LƯU KÍ"), "c": book("Đất rừng phương Nam")})
    assert await join(db, workers=1) == 3
    assert await parts(db) == sets("ab", "c")


async def test_a_changed_record_leaves_its_cluster_and_the_old_id_answers(
    db: Database, source: Source
) -> None:
    await put(db, source, {"a": book(), "b": book()})
    await join(db, workers=1)
    (old,) = await state(db)
    await put(db, source, {"b": book("Đất rừng phương Nam", "Đoàn Giỏi")})
    await join(db, workers=1)
    after = await state(db)
    assert set(after.values()) == sets("a", "b")
    async with db.begin() as conn:
        answer = await clusters.resolve(conn, ANONYMOUS, old)
    assert answer is not None
    assert answer[0].state == "live"
    assert set(answer[0].successors) == set(after) - {old}


async def test_a_bridge_joins_and_its_correction_parts(db: Database, source: Source) -> None:
    left = book("Dế Mèn phiêu lưu ký", year=2020, pages=None, isbn=None)
    right = book("Dế Mèn phiêu lưu ký", year=1991, pages=150)
    bridge = book("Dế Mèn phiêu lưu ký", year=None, pages=None)
    await put(db, source, {"a": left, "c": right})
    await join(db, workers=1)
    before = await state(db)
    assert set(before.values()) == sets("a", "c")
    await put(db, source, {"a": book(), "c": book()})
    await join(db, workers=1)
    joined = await state(db)
    assert set(joined.values()) == sets("ac")
    assert min(before, key=list(before).index) in before
    await put(db, source, {"a": left, "c": right, "b": bridge})
    await join(db, workers=1)
    after = await state(db)
    assert {"a", "c"} <= set().union(*after.values())
    assert all(not {"a", "c"} <= part for part in after.values())
    assert set(before) <= set(after), "both ids live again"


async def test_a_merge_keeps_the_older_id_and_the_other_leads_to_it(db: Database, source: Source) -> None:
    await put(db, source, {"a": book("Một nhan đề khác hẳn", "Nam Cao")})
    await join(db, workers=1)
    (older,) = await state(db)
    await put(db, source, {"b": book()})
    await join(db, workers=1)
    (younger,) = set(await state(db)) - {older}
    await put(db, source, {"a": book()})
    await join(db, workers=1)
    assert set(await state(db)) == {older}
    async with db.begin() as conn:
        answer = await clusters.resolve(conn, ANONYMOUS, younger)
    assert answer is not None
    assert (answer[0].state, answer[0].successors) == ("moved", (older,))


async def test_a_deleted_record_leaves_a_gone_id_that_comes_back_with_it(
    db: Database, source: Source
) -> None:
    await put(db, source, {"a": book()})
    await join(db, workers=1)
    (name,) = await state(db)
    await put(db, source, {"a": None})
    await join(db, workers=1)
    assert await state(db) == {}
    async with db.begin() as conn:
        answer = await clusters.resolve(conn, ANONYMOUS, name)
    assert answer is not None
    assert answer[0].state == "gone"
    await put(db, source, {"a": book()})
    await join(db, workers=1)
    assert set(await state(db)) == {name}


async def test_a_person_outranks_the_machine_and_survives_a_change(db: Database, source: Source) -> None:
    await put(db, source, {"a": book(), "b": book()})
    async with db.begin() as conn:
        left, right = sorted(record_number(source.code, name) for name in "ab")
        await conn.execute(
            text(
                "INSERT INTO decision (left_id, right_id, left_ref, right_ref, verdict, reason, decided_by)"
                " VALUES (:l, :r, '', '', 'different', 'hai lần in', 'operator')"
            ),
            {"l": left, "r": right},
        )
    await join(db, workers=1)
    assert await parts(db) == sets("a", "b")
    await put(db, source, {"a": book(pages=121)})
    await join(db, workers=1)
    assert await parts(db) == sets("a", "b")


async def test_a_restricted_record_never_joins_or_bridges_public_ones(db: Database) -> None:
    public, closed = await add_source(db, "open"), await add_source(db, "closed")
    async with db.begin() as conn:
        circle = await libraries.save_audience(conn, Audience(0, "cand", "CAND", "CAND"))
    await put(db, public, {"a": book()})
    await put(db, closed, {"x": book(), "y": book()}, audience=circle.id)
    await join(db, workers=1)
    assert await parts(db) == sets("a", "xy")
    names = {members: name for name, members in (await state(db)).items()}
    async with db.begin() as conn:
        assert await clusters.resolve(conn, ANONYMOUS, names[frozenset("xy")]) is None
        assert await clusters.resolve(conn, Viewer(frozenset({circle.id})), names[frozenset("xy")])


TITLES = ["Dế Mèn phiêu lưu ký", "DẾ MÈN PHIÊU LƯU KÝ", "Dế mèn", "Đất rừng phương Nam", "Đất rừng"]
BOOKS = st.builds(
    book,
    title=st.sampled_from(TITLES),
    author=st.sampled_from(["Tô Hoài", "Đoàn Giỏi", None]),
    year=st.sampled_from([2019, 2020, None]),
    pages=st.sampled_from([120, 121, 300, None]),
    isbn=st.sampled_from([None, "9786042189606", "9786041157910"]),
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    books=st.lists(BOOKS, min_size=2, max_size=14),
    later=st.lists(st.tuples(st.integers(0, 13), st.none() | BOOKS), max_size=5),
    seed=st.integers(0, 2**16),
)
async def test_clusters_are_the_same_for_any_order_and_batch(
    db: Database, source: Source, books: list[BibRecord], later: list[tuple[int, BibRecord | None]], seed: int
) -> None:
    """Arrive one by one, in random order, with detours; or all at once: the same clusters."""
    final: dict[str, BibRecord | None] = {f"r{n}": bib for n, bib in enumerate(books)}
    chance = random.Random(seed)
    names = list(final)
    chance.shuffle(names)
    await wipe(db)
    for name in names:
        await put(db, source, {name: final[name]})
        if chance.random() < 0.6:
            await join(db, workers=1)
    for position, bib in later:
        name = f"r{position % len(books)}"
        final[name] = bib
        await put(db, source, {name: bib})
        await join(db, workers=1)
    await join(db, workers=1)
    step_by_step = await state(db)
    await wipe(db)
    await put(db, source, final)
    await join(db, workers=1)
    assert set(step_by_step.values()) == await parts(db)
    assert await join(db, workers=1) == 0


async def test_a_key_shared_by_too_many_is_no_candidate_and_comes_back(
    db: Database, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edges that only an overfull key had given go, and return when it has room again."""
    monkeypatch.setattr("unioncat.flow.join.KEY_CAP", 3)
    same = {f"r{n}": book() for n in range(3)}
    await put(db, source, same)
    await join(db, workers=1)
    assert len(await parts(db)) == 1
    await put(db, source, {"r3": book(), "r4": book()})
    await join(db, workers=1)
    assert len(await parts(db)) == 5
    await put(db, source, {"r3": None, "r4": None})
    await join(db, workers=1)
    assert await parts(db) == {frozenset(same)}


async def test_a_crash_of_the_database_takes_no_candidate_away() -> None:
    """PostgreSQL empties what it does not log; the keys are filled anew before anything is looked up."""
    with open_folder() as home:
        server = EmbeddedPostgres(home, memory_mb=32)
        url = await asyncio.to_thread(server.start)
        await upgrade(url)
        db = await Database.connect(url, pool_size=3)
        source = await add_source(db, "lib-a")
        await put(db, source, {"a": book(), "z": book("Đất rừng phương Nam")})
        await join(db, workers=1)
        await db.close()
        assert server.child
        os.kill(server.child.pid, signal.SIGKILL)
        url = await asyncio.to_thread(server.start)
        db = await Database.connect(url, pool_size=3)
        async with db.begin() as conn:
            assert (await conn.execute(text("SELECT count(*) FROM match_key"))).scalar_one() == 0
        await put(db, source, {"b": book()})
        await join(db, workers=1)
        assert await parts(db) == sets("ab", "z")
        async with db.begin() as conn:
            beyond = text("SELECT count(*) - (SELECT sum(cardinality(keys)) FROM joined) FROM match_key")
            assert (await conn.execute(beyond)).scalar_one() == 0
        await db.close()
        server.destroy()


async def test_one_library_describes_an_edition_once(db: Database, source: Source) -> None:
    """Within one library records are joined by a number in common, between two by their description."""
    numbered = book(isbn="9786042094733", year=2020)
    theirs = {"a": book(year=2019), "b": book(year=2019), "c": numbered, "d": numbered}
    await put(db, source, theirs, library=source.library)
    await join(db, workers=1)
    assert await parts(db) == sets("a", "b", "cd")
    other = await add_source(db, "lib-other")
    await put(db, other, {"e": book(year=2019)}, library=other.library)
    await join(db, workers=1)
    assert await parts(db) == sets("abe", "cd"), "both are what the other library has"
