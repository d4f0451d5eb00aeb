"""Reading clusters for a viewer: the records and holdings that this viewer may see, nothing else."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audience import Viewer
from unioncat.domain.bib import BibRecord, Holding
from unioncat.domain.library import Level, LibraryType
from unioncat.domain.union import Member
from unioncat.store import tables as t
from unioncat.store.codec import expand, unpack
from unioncat.store.visibility import visible

_RANK = {LibraryType.NATIONAL: 0, LibraryType.UNIVERSITY: 1, LibraryType.SPECIAL: 1}


def _rank(type_: str, level: str) -> int:
    if level == Level.PROVINCE:
        return 1
    return _RANK.get(LibraryType(type_), 2)


async def members(
    conn: AsyncConnection, viewer: Viewer, cluster_ids: Sequence[int]
) -> dict[int, list[Member]]:
    """Give the visible members of each cluster; a cluster without any is left out."""
    bib, source, library = t.bib_record, t.source, t.library
    query = (
        select(
            t.cluster_member.c.cluster_id,
            bib.c.id,
            bib.c.local_id,
            bib.c.body,
            bib.c.audience_id,
            bib.c.updated_at,
            source.c.code.label("source"),
            library.c.code.label("library"),
            library.c.type,
            library.c.level,
        )
        .join(bib, bib.c.id == t.cluster_member.c.record_id)
        .join(source, source.c.id == bib.c.source_id)
        .join(library, library.c.id == source.c.library_id)
        .where(
            t.cluster_member.c.cluster_id == func.any(_array(cluster_ids)),
            ~bib.c.deleted,
            visible(bib.c.audience_id, viewer),
        )
    )
    rows = (await conn.execute(query)).all()
    held = await _holdings(conn, viewer, [row.id for row in rows])
    found: dict[int, list[Member]] = {}
    for row in rows:
        member = Member(
            record_id=row.id,
            source=row.source,
            library=row.library,
            local_id=row.local_id,
            bib=unpack(row.body, BibRecord),
            holdings=held.get(row.id, (Holding(library=row.library),)),
            audience=row.audience_id,
            updated=row.updated_at,
            rank=_rank(row.type, row.level),
        )
        found.setdefault(row.cluster_id, []).append(member)
    return found


def _array(numbers: Sequence[int]) -> Any:
    return bindparam("numbers", list(numbers), ARRAY(BigInteger), unique=True)


async def _holdings(
    conn: AsyncConnection, viewer: Viewer, record_ids: Sequence[int]
) -> dict[int, tuple[Holding, ...]]:
    """Give the visible holdings of records that have any: an empty tuple where none is visible."""
    holding, library = t.holding, t.library
    query = (
        select(holding, library.c.code, visible(holding.c.audience_id, viewer).label("shown"))
        .join(library, library.c.id == holding.c.library_id)
        .where(holding.c.record_id == func.any(_array(record_ids)))
        .order_by(holding.c.record_id, holding.c.position)
    )
    found: dict[int, tuple[Holding, ...]] = {}
    for row in await conn.execute(query):
        mine = found.get(row.record_id, ())
        if row.shown:
            mine += (
                Holding(
                    library=row.code,
                    location=row.location,
                    shelf_mark=row.shelf_mark,
                    items=tuple(row.items),
                    copies=row.copies,
                    volume=row.volume,
                    status=row.status,
                    note=row.note,
                    url=row.url,
                ),
            )
        found[row.record_id] = mine
    return found


async def clusters_by_public_id(
    conn: AsyncConnection, viewer: Viewer, public_ids: Sequence[str]
) -> dict[str, tuple[int, Any]]:
    """Give number and time of change of live clusters with these public ids."""
    query = select(t.cluster.c.public_id, t.cluster.c.id, t.cluster.c.updated_at).where(
        t.cluster.c.public_id.in_(public_ids), t.cluster.c.live, visible(t.cluster.c.audience_id, viewer)
    )
    return {row.public_id: (row.id, row.updated_at) for row in await conn.execute(query)}


async def raw_payload(conn: AsyncConnection, viewer: Viewer, record_id: int) -> tuple[str, bytes] | None:
    """Give the format and bytes as received of a record that this viewer may see."""
    bib, raw = t.bib_record, t.raw_record
    query = (
        select(raw.c.format, raw.c.payload)
        .join(bib, bib.c.raw_id == raw.c.id)
        .where(bib.c.id == record_id, ~bib.c.deleted, visible(bib.c.audience_id, viewer))
    )
    row = (await conn.execute(query)).one_or_none()
    return (row.format, expand(row.payload)) if row else None
