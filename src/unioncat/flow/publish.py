"""Clusters -> documents of the search index.

A cluster's document is built out of what its audience may see. The index is disposable: `rebuild` makes it
anew beside the old one and swaps.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

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

SLICE = 20_000
"""Clusters read at a time; the next are read while these are built."""

PART = 1_000
AHEAD = 12
"""Parts that each process builds ahead: the engine takes nothing for seconds while it writes a segment."""

YIELD = 10
"""How much building stands back behind the one thread that writes, which has to end the work alone."""

Progress = Callable[[int, int], None]
Read = Callable[[int, int], Awaitable[list[Waiting]]]
"""Gives so many clusters (the second number) in the order of their numbers, from behind the first."""


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
    async with Crew(db, services.settings.workers, nice=YIELD) as crew, services.index_writer() as index:
        while True:
            async with db.begin() as conn:
                before = done
                async for built in _built(crew, index, partial(store.take, conn), BATCH):
                    await index.write_packed(built.documents, built.gone)
                    done += built.size
                    progress(done, max(total, done))
                if done == before:
                    return done
                await index.commit()


async def rebuild(services: Services, *, progress: Progress = lambda done, total: None) -> int:
    """Build the index anew beside the old one, and swap; give the number of documents. Raises `IndexBusy`."""
    db = services.db
    async with db.begin() as conn:
        total = await store.count_live(conn)
    done = 0
    progress(0, total)

    async def read(after: int, limit: int) -> list[Waiting]:
        async with db.begin() as conn:
            return await store.live(conn, after, limit)

    async with (
        Crew(db, services.settings.workers, nice=YIELD) as crew,
        services.index_writer() as index,
        index.rebuild() as generation,
    ):
        async for built in _built(crew, index, read):
            await generation.write_packed(built.documents)
            done += len(built.documents)
            progress(done, max(total, done))
    return done


@dataclass(frozen=True, slots=True)
class Part:
    """Some clusters, and how the engine wants their documents."""

    clusters: tuple[Waiting, ...]
    pack: Callable[[Iterable[IndexDocument]], list[Packed]]


class Built(NamedTuple):
    """The documents of so many clusters, and the public ids of those that have none to show."""

    size: int
    documents: list[Packed]
    gone: list[str]


async def _built(crew: Crew, index: SearchIndex, read: Read, most: int | None = None) -> AsyncIterator[Built]:
    """Build what `read` gives, `most` of it at the most."""

    async def parts() -> AsyncIterator[Part]:
        after, left = 0, most
        while slice_ := await read(after, SLICE if left is None else min(SLICE, left)):
            for start in range(0, len(slice_), PART):
                yield Part(tuple(slice_[start : start + PART]), index.pack)
            after = slice_[-1].id
            left = None if left is None else left - len(slice_)
            if left == 0:
                return

    async for _, built in crew.map(build, parts(), ahead=AHEAD):
        yield built


async def build(db: Database, part: Part) -> Built:
    """Build the documents of live clusters, each for its own audience, in the engine's form.

    A cluster without a member of its own audience waits for a join and has none.
    """
    by_audience: dict[int, list[Waiting]] = {}
    for one in part.clusters:
        if one.live:
            by_audience.setdefault(one.audience, []).append(one)
    documents: list[IndexDocument] = []
    async with db.begin() as conn:
        facts = await _facts(conn)
        for audience, clusters in by_audience.items():
            found = await members.members(conn, Viewer(frozenset({audience})), [one.id for one in clusters])
            documents += await asyncio.to_thread(_build, clusters, found, facts)
    packed = await asyncio.to_thread(part.pack, documents)
    there = {document.id for document in documents}
    return Built(
        len(part.clusters), packed, [one.public_id for one in part.clusters if one.public_id not in there]
    )


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
        build_document(merge(found[one.id], told=False), facts, one.audience, one.public_id)
        for one in clusters
        if any(member.audience == one.audience for member in found.get(one.id, ()))
    ]
