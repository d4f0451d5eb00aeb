"""Rotas as they were made, and the figures of lending that a place in one follows from.

A rota is never changed: making or reordering it adds a version.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.store import tables as t
from unioncat.store.codec import plain

S = t.lending_supply.c
NEVER_SUPPLIED = ("unfilled", "cancelled", "retry_sent", "superseded")
"""States of a supply at the supplier in which nothing was lent."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One version of a request's rota, as plain data."""

    version: int
    made: datetime
    by: str
    why: str
    basis: str
    entries: list[dict[str, Any]]
    dropped: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a library lends and borrows: since a day, and what is open at it now."""

    lent: int = 0
    borrowed: int = 0
    open: int = 0
    open_for_requester: int = 0
    reply_hours: float | None = None


async def latest(conn: AsyncConnection, request: UUID) -> Kept | None:
    """Give the rota of a request as it stands, if one was made."""
    table = t.lending_rota
    query = select(table).where(table.c.request_id == request).order_by(table.c.version.desc()).limit(1)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    return Kept(row.version, row.made_at, row.made_by, row.why, row.basis, row.entries, row.dropped)


async def save(conn: AsyncConnection, request: UUID, one: Kept) -> None:
    """Add a version of a request's rota."""
    await conn.execute(
        t.lending_rota.insert().values(
            request_id=request,
            version=one.version,
            made_at=one.made,
            made_by=one.by,
            why=one.why,
            basis=one.basis,
            entries=plain(one.entries),
            dropped=plain(one.dropped),
        )
    )


async def tried(conn: AsyncConnection, request: UUID) -> frozenset[str]:
    """Name the libraries that were asked for a request already."""
    query = (
        select(t.library.c.code)
        .join(t.lending_supply, S.supplier_id == t.library.c.id)
        .where(S.request_id == request)
    )
    return frozenset(row.code for row in await conn.execute(query))


async def traffic(
    conn: AsyncConnection, requester: str, libraries: Collection[str], since: datetime
) -> Mapping[str, Traffic]:
    """Give the figures of libraries since a moment; those of one that never took part are left out."""
    lender, borrower = t.library.alias("lender"), t.library.alias("borrower")
    codes = sorted(libraries)
    lends = or_(S.supplier_state.is_(None), S.supplier_state.not_in(NEVER_SUPPLIED))
    open_now = S.closed_at.is_(None)
    given = (
        select(
            lender.c.code,
            func.count().filter(S.created_at >= since, lends, S.shipped_at.is_not(None)).label("lent"),
            func.count().filter(open_now).label("open"),
            func.count().filter(open_now, borrower.c.code == requester).label("each"),
            func.percentile_cont(0.5)
            .within_group(func.extract("epoch", S.answered_at - S.created_at))
            .filter(S.created_at >= since, S.answered_at.is_not(None))
            .label("seconds"),
        )
        .join(lender, lender.c.id == S.supplier_id)
        .outerjoin(borrower, borrower.c.id == S.requester_id)
        .where(lender.c.code.in_(codes), or_(S.created_at >= since, open_now))
        .group_by(lender.c.code)
    )
    taken = (
        select(borrower.c.code, func.count().label("borrowed"))
        .select_from(t.lending_supply)
        .join(borrower, borrower.c.id == S.requester_id)
        .where(borrower.c.code.in_(codes), S.created_at >= since, S.shipped_at.is_not(None))
        .group_by(borrower.c.code)
    )
    borrowed = {row.code: row.borrowed for row in await conn.execute(taken)}
    found = {
        row.code: Traffic(
            row.lent,
            borrowed.get(row.code, 0),
            row.open,
            row.each,
            float(row.seconds) / 3600 if row.seconds is not None else None,
        )
        for row in await conn.execute(given)
    }
    return {code: Traffic(borrowed=count) for code, count in borrowed.items()} | found


async def answer_days(conn: AsyncConnection, libraries: Collection[str]) -> Mapping[str, int]:
    """Give the working days in which libraries mean to answer, of those that have said so."""
    query = (
        select(t.library.c.code, t.lending_member.c.answer_days)
        .join(t.library, t.library.c.id == t.lending_member.c.library_id)
        .where(t.library.c.code.in_(sorted(libraries)))
    )
    return {row.code: row.answer_days for row in await conn.execute(query)}


async def keep_availability(
    conn: AsyncConnection, request: UUID, said: Mapping[str, bool | None], now: datetime
) -> None:
    """Keep what lenders' systems said of a request."""
    query = select(t.library.c.id, t.library.c.code).where(t.library.c.code.in_(sorted(said)))
    for row in (await conn.execute(query)).all():
        values = {"available": said[row.code], "asked_at": now}
        await conn.execute(
            insert(t.lending_availability)
            .values(request_id=request, library_id=row.id, **values)
            .on_conflict_do_update(index_elements=["request_id", "library_id"], set_=values)
        )


async def availability(conn: AsyncConnection, request: UUID, since: datetime) -> Mapping[str, bool | None]:
    """Give what lenders' systems said since a moment."""
    table = t.lending_availability
    query = (
        select(t.library.c.code, table.c.available)
        .join(t.library, t.library.c.id == table.c.library_id)
        .where(table.c.request_id == request, table.c.asked_at >= since)
    )
    return {row.code: row.available for row in await conn.execute(query)}
