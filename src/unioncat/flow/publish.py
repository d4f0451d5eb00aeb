"""Clusters -> documents of the search index.

A cluster's document is built out of what its audience may see. The index is disposable: `rebuild` makes it
anew beside the old one and swaps.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass

from unioncat.domain.audience import Viewer
from unioncat.domain.search import IndexDocument
from unioncat.domain.union import Member
from unioncat.flow.crew import Crew
from unioncat.flow.services import Services
from unioncat.index import LibraryFacts, Packed, SearchIndex, build_document
from unioncat.matching import merge
from unioncat.store import libraries, members
from unioncat.store import publish as store
from unioncat.store.database import Connection, Database
from unioncat.store.publish import Waiting

BATCH = 500_000
"""Clusters between two commits of the index: each commit makes segments that are merged later."""

PART = 1_000

Progress = Callable[[int, int], None]


async def publish(services: Services, *, progress: Progress = lambda done, total: None) -> int:
    """Bring the index up to date with every changed cluster; give how many.

    A batch leaves the waiting list only when the index has committed it. Raises `IndexBusy`.
    """
    db = services.db
    async with db.begin() as conn:
        total = await store.count(conn)
    progress(0, total)
    if total == 0:
        return 0
    done = 0
    async with Crew(db, services.settings.workers) as crew, services.index_writer() as index:
        while True:
            async with db.begin() as conn:
                batch = await store.take(conn, BATCH)
                if not batch:
                    return done
                alive = [one for one in batch if one.live]
                await index.write_packed((), [one.public_id for one in batch if not one.live])
                shown = await store.shown(conn, [one.id for one in alive])
                await index.write_packed((), [one.public_id for one in alive if one.id not in shown])
                async for documents in _documents(crew, index, alive):
                    await index.write_packed(documents)
                    done += len(documents)
                    progress(done, max(total, done))
                await index.commit()


async def rebuild(services: Services, *, progress: Progress = lambda done, total: None) -> int:
    """Build the index anew beside the old one, and swap; give the number of documents. Raises `IndexBusy`."""
    db = services.db
    async with db.begin() as conn:
        total = await store.count_live(conn)
    done, after = 0, 0
    progress(0, total)
    async with (
        Crew(db, services.settings.workers) as crew,
        services.index_writer() as index,
        index.rebuild() as generation,
    ):
        while True:
            async with db.begin() as conn:
                batch = await store.live(conn, after, BATCH)
            if not batch:
                return done
            async for documents in _documents(crew, index, batch):
                await generation.write_packed(documents)
                done += len(documents)
                progress(done, max(total, done))
            after = batch[-1].id


@dataclass(frozen=True, slots=True)
class Part:
    """Some clusters, and how the engine wants their documents."""

    clusters: tuple[Waiting, ...]
    pack: Callable[[Iterable[IndexDocument]], list[Packed]]


async def _documents(crew: Crew, index: SearchIndex, batch: Sequence[Waiting]) -> AsyncIterator[list[Packed]]:
    parts = [Part(tuple(batch[start : start + PART]), index.pack) for start in range(0, len(batch), PART)]
    async for _, documents in crew.map(build, parts):
        yield documents


async def build(db: Database, part: Part) -> list[Packed]:
    """Build the documents of live clusters, each for its own audience, in the engine's form."""
    batch = part.clusters
    by_audience: dict[int, list[Waiting]] = {}
    for one in batch:
        by_audience.setdefault(one.audience, []).append(one)
    documents: list[IndexDocument] = []
    async with db.begin() as conn:
        facts = await _facts(conn)
        for audience, clusters in by_audience.items():
            found = await members.members(conn, Viewer(frozenset({audience})), [one.id for one in clusters])
            documents += await asyncio.to_thread(_build, clusters, found, facts)
    return await asyncio.to_thread(part.pack, documents)


async def _facts(conn: Connection) -> dict[str, LibraryFacts]:
    """Give what the facets need of each library: its province is the one that stands there today."""
    next_ = {place.key: place.successor for place in await libraries.provinces(conn)}

    def today(key: str | None) -> str | None:
        for _ in next_:
            if key is None or next_.get(key) is None:
                return key
            key = next_[key]
        return key

    return {
        library.code: LibraryFacts(
            code=library.code, province=today(library.province), groups=library.groups, type=library.type
        )
        for library in await libraries.all_libraries(conn)
    }


def _build(
    clusters: Sequence[Waiting],
    found: dict[int, tuple[Member, ...]],
    facts: dict[str, LibraryFacts],
) -> list[IndexDocument]:
    return [
        build_document(merge(found[one.id]), facts, one.audience, one.public_id)
        for one in clusters
        if one.id in found
    ]
