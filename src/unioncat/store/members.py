"""Reading clusters for a viewer: the records and holdings that this viewer may see, nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audience import Viewer
from unioncat.domain.bib import BibRecord, Holding
from unioncat.domain.library import Level, LibraryType
from unioncat.domain.licence import Licence, LicenceCode
from unioncat.domain.union import Member
from unioncat.store.codec import unpack
from unioncat.store.database import driver
from unioncat.store.visibility import seen

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
    return {one.id: one.members for one in await _gather(conn, viewer, _OF_CLUSTERS, cluster_ids)}


async def by_public_id(
    conn: AsyncConnection, viewer: Viewer, public_ids: Sequence[str]
) -> dict[str, Gathered]:
    """Give the live clusters with these public ids that this viewer may see."""
    return {one.public_id: one for one in await _gather(conn, viewer, _OF_PUBLIC_IDS, public_ids)}


async def by_record(
    conn: AsyncConnection, viewer: Viewer, record_ids: Sequence[int]
) -> dict[int, tuple[str, Member]]:
    """Give these records, each with its cluster's public id; those that wait for their first join are not in.

    What this viewer may not see is left out like what is not there.
    """
    found = await _gather(conn, viewer, _OF_RECORDS, record_ids)
    return {member.record_id: (one.public_id, member) for one in found for member in one.members}


# Written out, not built for each question: every search and every record asks these two, and building them
# took a tenth of the web service's time.
_GATHER = f"""
    SELECT c.id, c.public_id, c.updated_at,
           b.id, b.local_id, b.body, b.audience_id, b.updated_at,
           s.code, s.licence, s.licence_words, l.code, l.type, l.level
    FROM cluster c
    JOIN cluster_member m ON m.cluster_id = c.id
    JOIN bib_record b ON b.id = m.record_id
    JOIN source s ON s.id = b.source_id
    JOIN library l ON l.id = s.library_id
    WHERE c.live AND NOT b.deleted AND {seen("b.audience_id", "$2")}
      -- A change of mind holds from the moment it is written, before the records have followed.
      AND {seen("s.audience_id", "$2")} AND {seen("l.audience_id", "$2")}
"""
_OF_CLUSTERS = f"{_GATHER} AND c.id = ANY($1::bigint[])"
_OF_PUBLIC_IDS = f"{_GATHER} AND c.public_id = ANY($1::text[]) AND {seen('c.audience_id', '$2')}"
_OF_RECORDS = f"{_GATHER} AND m.record_id = ANY($1::bigint[])"
_HOLDINGS = f"""
    SELECT h.record_id, l.code, h.location, h.shelf_mark, h.items, h.copies, h.volume, h.status, h.note, h.url
    FROM holding h JOIN library l ON l.id = h.library_id
    WHERE h.record_id = ANY($1::bigint[]) AND {seen("h.audience_id", "$2")}
    ORDER BY h.record_id, h.position
"""


async def _gather(
    conn: AsyncConnection, viewer: Viewer, chosen: str, which: Sequence[int] | Sequence[str]
) -> list[Gathered]:
    raw = await driver(conn)
    rows = await raw.fetch(chosen, which, sorted(viewer.audiences))
    held = await _holdings(raw, viewer, [row[3] for row in rows])
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


async def _holdings(raw: Any, viewer: Viewer, record_ids: Sequence[int]) -> dict[int, tuple[Holding, ...]]:
    """Give the visible holdings of records that have any.

    A record whose holdings are all kept from this viewer is as one without: its source's library has it.
    """
    found: dict[int, tuple[Holding, ...]] = {}
    for number, library, location, shelf_mark, items, copies, volume, status, note, url in await raw.fetch(
        _HOLDINGS, record_ids, sorted(viewer.audiences)
    ):
        found[number] = (
            *found.get(number, ()),
            Holding(
                library=library,
                location=location,
                shelf_mark=shelf_mark,
                items=tuple(items),
                copies=copies,
                volume=volume,
                status=status,
                note=note,
                url=url,
            ),
        )
    return found
