"""Search and record view: what a viewer asks, answered out of what this viewer may see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from unioncat.domain.audience import Viewer
from unioncat.domain.search import SearchQuery, SearchResult
from unioncat.domain.union import Resolved, UnionRecord
from unioncat.flow.services import Services
from unioncat.matching import merge
from unioncat.store import clusters, members


@dataclass(frozen=True, slots=True)
class Found:
    """A result list: the engine's answer, and the union records of its hits in their order."""

    result: SearchResult
    records: tuple[UnionRecord, ...]


async def find(services: Services, viewer: Viewer, query: SearchQuery) -> Found:
    """Answer a search."""
    result = await services.index.search(viewer, query)
    return Found(result, await records(services, viewer, [hit.id for hit in result.hits]))


async def records(services: Services, viewer: Viewer, ids: Sequence[str]) -> tuple[UnionRecord, ...]:
    """Give the union records with these public ids that live and that this viewer may see, in order."""
    if not ids:
        return ()
    async with services.db.begin(viewer) as conn:
        found = await members.by_public_id(conn, viewer, ids)
    return tuple(
        replace(merge(found[name].members), id=name, updated=found[name].updated)
        for name in ids
        if name in found
    )


async def suggest(services: Services, viewer: Viewer, text: str, limit: int = 8) -> tuple[str, ...]:
    """Complete what a reader is typing."""
    return await services.index.suggest(viewer, text, limit)


async def record(services: Services, viewer: Viewer, public_id: str) -> UnionRecord | Resolved | None:
    """Give a union record; where its id moved, was split or has gone, what it stands for today.

    None where this viewer has no such record: a hidden one and a missing one answer alike.
    """
    found = await records(services, viewer, [public_id])
    if found:
        return found[0]
    async with services.db.begin(viewer) as conn:
        answer = await clusters.resolve(conn, viewer, public_id)
    return answer[0] if answer else None


async def successors(services: Services, viewer: Viewer, public_id: str) -> tuple[str, ...]:
    """Name the records that parted from this one while it lives on."""
    async with services.db.begin(viewer) as conn:
        answer = await clusters.resolve(conn, viewer, public_id)
    return answer[0].successors if answer else ()
