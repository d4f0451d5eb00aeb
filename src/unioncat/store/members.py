"""Reading clusters for a viewer: the records and holdings that this viewer may see, nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audience import Viewer
from unioncat.domain.bib import BibRecord, Holding
from unioncat.domain.library import Level, LibraryType
from unioncat.domain.licence import Licence, LicenceCode
from unioncat.domain.union import Member
from unioncat.store import tables as t
from unioncat.store.codec import unpack
from unioncat.store.visibility import visible

_RANK = {LibraryType.NATIONAL: 0, LibraryType.UNIVERSITY: 1, LibraryType.SPECIAL: 1}


@lru_cache(maxsize=256)
def _rank(type_: str, level: str) -> int:
    if level == Level.PROVINCE:
        return 1
    return _RANK.get(LibraryType(type_), 2)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A live cluster as one viewer may see it; it has at least one member."""

    id: int
    public_id: str
    updated: datetime
    members: tuple[Member, ...]


async def members(
    conn: AsyncConnection, viewer: Viewer, cluster_ids: Sequence[int]
) -> dict[int, tuple[Member, ...]]:
    """Give the visible members of each cluster; a cluster without any is left out."""
    chosen = t.cluster.c.id == func.any(_array(cluster_ids))
    return {one.id: one.members for one in await _gather(conn, viewer, chosen)}


async def by_public_id(
    conn: AsyncConnection, viewer: Viewer, public_ids: Sequence[str]
) -> dict[str, Gathered]:
    """Give the live clusters with these public ids that this viewer may see."""
    chosen = t.cluster.c.public_id.in_(public_ids) & visible(t.cluster.c.audience_id, viewer)
    return {one.public_id: one for one in await _gather(conn, viewer, chosen)}


async def by_record(
    conn: AsyncConnection, viewer: Viewer, record_ids: Sequence[int]
) -> dict[int, tuple[str, Member]]:
    """Give these records, each with its cluster's public id; those that wait for their first join are not in.

    What this viewer may not see is left out like what is not there.
    """
    chosen = t.cluster_member.c.record_id == func.any(_array(record_ids))
    found = await _gather(conn, viewer, chosen)
    return {member.record_id: (one.public_id, member) for one in found for member in one.members}


async def _gather(conn: AsyncConnection, viewer: Viewer, chosen: ColumnElement[bool]) -> list[Gathered]:
    bib, source, library, cluster = t.bib_record, t.source, t.library, t.cluster
    query = (
        select(
            cluster.c.id.label("cluster_id"),
            cluster.c.public_id,
            cluster.c.updated_at.label("changed_at"),
            bib.c.id,
            bib.c.local_id,
            bib.c.body,
            bib.c.audience_id,
            bib.c.updated_at,
            source.c.code.label("source"),
            source.c.licence,
            source.c.licence_words,
            library.c.code.label("library"),
            library.c.type,
            library.c.level,
        )
        .select_from(cluster)
        .join(t.cluster_member, t.cluster_member.c.cluster_id == cluster.c.id)
        .join(bib, bib.c.id == t.cluster_member.c.record_id)
        .join(source, source.c.id == bib.c.source_id)
        .join(library, library.c.id == source.c.library_id)
        .where(
            chosen,
            cluster.c.live,
            ~bib.c.deleted,
            visible(bib.c.audience_id, viewer),
            # A change of mind holds from the moment it is written, before the records have followed.
            visible(source.c.audience_id, viewer),
            visible(library.c.audience_id, viewer),
        )
    )
    rows = (await conn.execute(query)).all()
    held = await _holdings(conn, viewer, [row.id for row in rows])
    heads: dict[int, tuple[str, datetime]] = {}
    found: dict[int, list[Member]] = {}
    for cluster_id, public_id, changed_at, *row in rows:
        if cluster_id not in heads:
            heads[cluster_id] = public_id, changed_at
            found[cluster_id] = []
        found[cluster_id].append(_member(held, *row))
    return [Gathered(number, *head, tuple(found[number])) for number, head in heads.items()]


def _member(
    held: Mapping[int, tuple[Holding, ...]],
    number: int,
    local_id: str,
    body: bytes,
    audience: int,
    updated: datetime,
    source: str,
    licence: str,
    licence_words: str,
    library: str,
    type_: str,
    level: str,
) -> Member:
    return Member(
        record_id=number,
        source=source,
        library=library,
        local_id=local_id,
        bib=unpack(body, BibRecord),
        holdings=held[number] if number in held else _held_by(library),
        audience=audience,
        updated=updated,
        rank=_rank(type_, level),
        licence=_licence(licence, licence_words),
    )


@lru_cache(maxsize=1024)
def _held_by(library: str) -> tuple[Holding, ...]:
    """Give the holding of a record that says nothing of any: its source's library has it."""
    return (Holding(library=library),)


@lru_cache(maxsize=1024)
def _licence(code: str, words: str) -> Licence:
    return Licence(LicenceCode(code), words)


def _array(numbers: Sequence[int]) -> Any:
    return bindparam("numbers", list(numbers), ARRAY(BigInteger), unique=True)


async def _holdings(
    conn: AsyncConnection, viewer: Viewer, record_ids: Sequence[int]
) -> dict[int, tuple[Holding, ...]]:
    """Give the visible holdings of records that have any.

    A record whose holdings are all kept from this viewer is as one without: its source's library has it.
    """
    holding, library = t.holding, t.library
    query = (
        select(holding, library.c.code)
        .join(library, library.c.id == holding.c.library_id)
        .where(holding.c.record_id == func.any(_array(record_ids)), visible(holding.c.audience_id, viewer))
        .order_by(holding.c.record_id, holding.c.position)
    )
    found: dict[int, tuple[Holding, ...]] = {}
    for row in await conn.execute(query):
        found[row.record_id] = (
            *found.get(row.record_id, ()),
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
    return found
