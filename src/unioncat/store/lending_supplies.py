"""Supply attempts: one row for both sides, each of which writes its own columns and no other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, Update, bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.lending import (
    Attempt,
    Facts,
    Flag,
    Loan,
    Money,
    Service,
    ServiceLevel,
    SupplierState,
    Wanted,
)
from unioncat.store import tables as t
from unioncat.store.codec import plain
from unioncat.store.errors import Conflict, Unknown

S = t.lending_supply.c


async def add(
    conn: AsyncConnection, attempt: Attempt, requester_id: int | None, supplier_id: int | None
) -> None:
    """Save a new attempt, of ours or one that was asked of us."""
    await conn.execute(
        t.lending_supply.insert().values(
            id=attempt.id,
            protocol_id=attempt.protocol_id,
            request_id=attempt.request,
            number=attempt.number,
            requester_symbol=attempt.requester,
            supplier_symbol=attempt.supplier,
            requester_id=requester_id,
            supplier_id=supplier_id,
            wanted=plain(attempt.wanted),
            title=str(plain(attempt.wanted.component_title or attempt.wanted.title)),
            service=attempt.service,
            level=attempt.level,
            needed_by=attempt.needed_by,
            max_cost=plain(attempt.max_cost) if attempt.max_cost else None,
            requester_note=plain(attempt.requester_note),
            retry_of=attempt.retry_of,
            created_at=attempt.created,
            changed_at=attempt.created,
            supplier_ref=attempt.supplier_id,
            open=attempt.open,
            **_supplier(attempt),
        )
    )


def _supplier(attempt: Attempt) -> dict[str, Any]:
    cost = attempt.loan.cost
    return {
        "supplier_state": attempt.supplier_state,
        "supplier_flags": sorted(attempt.supplier_flags),
        "supplier_saved": attempt.supplier_saved,
        "loan": plain(attempt.loan),
        "due_at": attempt.loan.due,
        "cost": cost.amount if cost else None,
        "currency": cost.currency if cost else None,
        "shipped_at": attempt.loan.shipped,
        "answer_due": attempt.answer_due,
        "reason": attempt.reason,
        "version": attempt.version,
    }


_SUPPLIER = (
    *("supplier_state", "supplier_flags", "supplier_saved", "loan", "due_at", "cost", "currency"),
    *("shipped_at", "answer_due", "reason", "version"),
)
"""What `_supplier` gives."""


@dataclass(frozen=True, slots=True)
class Served:
    """A supplier's side after a step; `was` is the version that the step began from."""

    attempt: Attempt
    was: int
    closed: bool
    answered: bool = False


async def serve_all(conn: AsyncConnection, rows: Sequence[Served], now: datetime) -> None:
    """Save the supplier's side after steps.

    Raises `Conflict` for one that is another by now; of many, which their taker has locked, none is.
    """
    for some in _alike(rows):
        values = [
            {
                "old_id": one.attempt.id,
                "old_version": one.was,
                "moment": now,
                "changed_at": one.attempt.changed or now,
                "reminded_at": None,
                "reminders": 0,
                "supplier_ref": one.attempt.supplier_id,
                **_supplier(one.attempt),
            }
            for one in some
        ]
        query = _serving(some[0].closed, some[0].answered)
        done = await conn.execute(query, values if len(values) > 1 else values[0])
        if len(some) == 1 and done.rowcount != 1:
            raise Conflict("the supply has changed meanwhile", "Look at it again, then decide.")


@cache
def _serving(closed: bool, answered: bool) -> Update:
    """Write the statement that saves supplies which ended by a step or did not, answered or did not."""
    moment = bindparam("moment", type_=S.closed_at.type)
    names = ("changed_at", "reminded_at", "reminders", "supplier_ref", *_SUPPLIER)
    written: dict[str, Any] = {name: bindparam(name) for name in names}
    written["closed_at"] = func.coalesce(S.closed_at, moment) if closed else None
    if answered:
        written["answered_at"] = func.coalesce(S.answered_at, moment)
    same = (S.id == bindparam("old_id")) & (S.version == bindparam("old_version"))
    return update(t.lending_supply).where(same).values(written)


def _alike(rows: Sequence[Served]) -> list[list[Served]]:
    """Put those together that one statement can save."""
    found: dict[tuple[bool, bool], list[Served]] = {}
    for one in rows:
        found.setdefault((one.closed, one.answered), []).append(one)
    return list(found.values())


async def see_all(conn: AsyncConnection, rows: Sequence[tuple[Attempt, datetime | None]]) -> None:
    """Save what requesters saw and know of attempts; with a moment, another system's facts are kept too."""
    for attempt, now in rows:
        await save_requester(conn, attempt, now=now)


async def save_requester(conn: AsyncConnection, attempt: Attempt, *, now: datetime | None = None) -> None:
    """Save what the requester saw and knows of an attempt; with `now`, the other system's dates are kept too.

    Where another system keeps the supplier's side, the figures follow from what it said.
    """
    values: dict[str, Any] = {
        "old_id": attempt.id,
        "status_seen": attempt.status_seen,
        "status_at": attempt.status_at,
        "offer": plain(attempt.offer) if attempt.offer else None,
        "open": attempt.open,
        "stray": attempt.stray,
        "supplier_ref": attempt.supplier_id,
    }
    if now is None or attempt.supplier_state is not None:
        await conn.execute(_SEEN, values)
        return
    loan = attempt.loan
    values |= {
        "moment": now,
        "loan": plain(loan),
        "cost": loan.cost.amount if loan.cost else None,
        "currency": loan.cost.currency if loan.cost else None,
        "shipped_at": loan.shipped,
        "reason": attempt.reason,
    }
    await conn.execute(_HEARD, values)


_VIEW = ("status_seen", "status_at", "offer", "open", "stray")
_TOLD = ("loan", "cost", "currency", "shipped_at", "reason")
_MOMENT = bindparam("moment", type_=S.closed_at.type)
_MINE = update(t.lending_supply).where(S.id == bindparam("old_id"))
# The supplier's own id is kept from the first message that names it; who writes a supply knows it already.
_REF = {"supplier_ref": func.coalesce(S.supplier_ref, bindparam("supplier_ref", type_=S.supplier_ref.type))}
_SEEN = _MINE.values({name: bindparam(name) for name in _VIEW} | _REF)
_HEARD = _MINE.values(
    {name: bindparam(name) for name in (*_VIEW, *_TOLD)}
    | _REF
    | {
        "answered_at": func.coalesce(S.answered_at, _MOMENT),
        "closed_at": case(
            (bindparam("open", type_=S.open.type), None), else_=func.coalesce(S.closed_at, _MOMENT)
        ),
    }
)


async def read(conn: AsyncConnection, number: UUID, *, lock: bool = False) -> Attempt:
    """Give an attempt. Raises `Unknown`."""
    return _one((await conn.execute(_BY_ID[lock], {"number": number})).one_or_none())


async def by_protocol_id(
    conn: AsyncConnection, requester: str, protocol_id: str, *, lock: bool = False
) -> Attempt | None:
    """Give the attempt that a message is about, if there is one."""
    about = {"requester": requester, "protocol_id": protocol_id}
    row = (await conn.execute(_BY_PROTOCOL_ID[lock], about)).one_or_none()
    return _one(row) if row is not None else None


async def current(conn: AsyncConnection, request: UUID, *, lock: bool = False) -> Attempt | None:
    """Give the present attempt of a request, if one is open."""
    row = (await conn.execute(_CURRENT[lock], {"request": request})).one_or_none()
    return _one(row) if row is not None else None


async def of_request(conn: AsyncConnection, request: UUID) -> list[Attempt]:
    """Give all attempts of a request, the first one first."""
    query = select(t.lending_supply).where(S.request_id == request).order_by(S.number)
    return [_one(row) for row in await conn.execute(query)]


def _both(query: Select[Any]) -> Mapping[bool, Select[Any]]:
    """Write a query without a lock and with one."""
    return {False: query, True: query.with_for_update()}


_BY_ID = _both(select(t.lending_supply).where(S.id == bindparam("number")))
_BY_PROTOCOL_ID = _both(
    select(t.lending_supply).where(
        S.requester_symbol == bindparam("requester"), S.protocol_id == bindparam("protocol_id")
    )
)
_CURRENT = _both(
    select(t.lending_supply)
    .where(S.request_id == bindparam("request"), S.open)
    .order_by(S.number.desc())
    .limit(1)
)


def _one(row: Row[Any] | None) -> Attempt:
    if row is None:
        raise Unknown("there is no such supply", "Look it up by its number.")
    return Attempt(
        id=row.id,
        protocol_id=row.protocol_id,
        requester=row.requester_symbol,
        supplier=row.supplier_symbol,
        wanted=msgspec.convert(row.wanted, Wanted),
        service=Service(row.service),
        level=ServiceLevel(row.level),
        request=row.request_id,
        number=row.number,
        supplier_id=row.supplier_ref,
        needed_by=row.needed_by,
        max_cost=msgspec.convert(row.max_cost, Money) if row.max_cost else None,
        requester_note=row.requester_note,
        status_seen=row.status_seen,
        status_at=row.status_at,
        offer=msgspec.convert(row.offer, Facts) if row.offer else None,
        open=row.open,
        stray=row.stray,
        supplier_state=SupplierState(row.supplier_state) if row.supplier_state else None,
        supplier_flags=frozenset(map(Flag, row.supplier_flags)),
        supplier_saved=SupplierState(row.supplier_saved) if row.supplier_saved else None,
        loan=msgspec.convert(row.loan, Loan),
        retry_of=row.retry_of,
        created=row.created_at,
        changed=row.changed_at,
        answer_due=row.answer_due,
        reason=row.reason,
        version=row.version,
    )


async def take(
    conn: AsyncConnection, which: ColumnElement[bool], order: ColumnElement[Any], limit: int
) -> list[Attempt]:
    """Take supplies, passing over those that another worker holds."""
    query = select(t.lending_supply).where(which).order_by(order, S.id).limit(limit)
    return [_one(row) for row in await conn.execute(query.with_for_update(skip_locked=True))]


async def current_of(conn: AsyncConnection, requests: Collection[UUID]) -> dict[UUID, Attempt]:
    """Give the present attempts of requests."""
    query = select(t.lending_supply).where(S.request_id.in_(list(requests)), S.open).order_by(S.number)
    found = [_one(row) for row in await conn.execute(query.with_for_update())]
    return {one.request: one for one in found if one.request is not None}
