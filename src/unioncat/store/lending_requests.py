"""Requests and who they are for. What tells who a reader is stands apart, and is read by `reader` alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.lending import (
    EditionWish,
    Flag,
    Loan,
    Money,
    ReaderRef,
    Request,
    RequesterState,
    Service,
    ServiceLevel,
    Wanted,
)
from unioncat.store import tables as t
from unioncat.store.codec import plain
from unioncat.store.errors import Conflict, Unknown

R = t.lending_request.c


async def next_number(conn: AsyncConnection, year: int) -> str:
    """Give the next number of a year, as "YC-2026-000123"; numbers of what was rolled back come again."""
    counted = (
        insert(t.lending_counter)
        .values(year=year, last=1)
        .on_conflict_do_update(index_elements=["year"], set_={"last": t.lending_counter.c.last + 1})
        .returning(t.lending_counter.c.last)
    )
    return f"YC-{year}-{(await conn.execute(counted)).scalar_one():06d}"


async def add(conn: AsyncConnection, request: Request, same_key: str) -> None:
    """Save a new request, and who it is for. Raises `Unknown` for a library that is not there."""
    home = await _library_id(conn, request.home)
    pick_up = await _library_id(conn, request.pick_up) if request.pick_up else None
    await conn.execute(
        t.lending_request.insert().values(
            id=request.id,
            number=request.number,
            home_id=home,
            pick_up_id=pick_up,
            wanted=plain(request.wanted),
            title=_title(request.wanted),
            same_key=same_key,
            service=request.service,
            level=request.level,
            edition_wish=request.edition_wish,
            needed_by=request.needed_by,
            max_cost=plain(request.max_cost) if request.max_cost else None,
            reader_note=plain(request.reader_note),
            origin=request.origin,
            made_by=request.made_by,
            previous_id=request.previous,
            created_at=request.created,
            **_changing(request),
        )
    )
    if request.reader is not None:
        await conn.execute(t.lending_reader.insert().values(request_id=request.id, **_reader(request.reader)))


def _reader(one: ReaderRef) -> dict[str, Any]:
    words = {name: plain(getattr(one, name)) for name in ("name", "card", "email", "phone", "category")}
    return {"account_id": one.account, **words}


def _title(wanted: Wanted) -> str:
    return str(plain(wanted.component_title or wanted.title))


async def _library_id(conn: AsyncConnection, code: str) -> int:
    found = await conn.execute(select(t.library.c.id).where(t.library.c.code == code))
    number = found.scalar_one_or_none()
    if number is None:
        raise Unknown(f"there is no library {code!r}", "Name libraries by their codes.")
    return int(number)


def _changing(request: Request) -> dict[str, Any]:
    """Give what a step may change."""
    return {
        "state": request.state,
        "flags": sorted(request.flags),
        "saved": request.saved,
        "attempt": request.attempt,
        "loan": plain(request.loan),
        "due_at": request.loan.due,
        "successor_id": request.successor,
        "changed_at": request.changed,
        "closed_at": request.closed,
        "answer_due": request.answer_due,
        "reason": request.reason,
        "version": request.version,
    }


async def save_all(conn: AsyncConnection, rows: Sequence[tuple[Request, int]]) -> None:
    """Save what steps changed, each with the version that it began from.

    Raises `Conflict` for one that is another by now; of many, which their taker has locked, none is.
    """
    if not rows:
        return
    values = [
        {"old_id": one.id, "old_version": was, "reminded_at": None, "reminders": 0, **_changing(one)}
        for one, was in rows
    ]
    done = await conn.execute(_SAVE, values if len(values) > 1 else values[0])
    if len(rows) == 1 and done.rowcount != 1:
        raise Conflict(f"{rows[0][0].number} has changed meanwhile", "Look at it again, then decide.")


_SAVE = (
    update(t.lending_request)
    .where((R.id == bindparam("old_id")) & (R.version == bindparam("old_version")))
    .values(
        {
            name: bindparam(name)
            for name in (
                *("state", "flags", "saved", "attempt", "loan", "due_at", "successor_id", "changed_at"),
                *("closed_at", "answer_due", "reason", "version", "reminded_at", "reminders"),
            )
        }
    )
)


def _query() -> Select[Any]:
    home, pick_up = t.library.alias("home"), t.library.alias("pick_up")
    return (
        select(t.lending_request, home.c.code.label("home"), pick_up.c.code.label("pick_up"))
        .join(home, home.c.id == R.home_id)
        .outerjoin(pick_up, pick_up.c.id == R.pick_up_id)
    )


_READ = _query().where(R.id == bindparam("request"))
_LOCKED = _READ.with_for_update(of=t.lending_request)


async def read(conn: AsyncConnection, number: UUID, *, lock: bool = False) -> Request:
    """Give a request without its reader; with `lock` nobody else changes it meanwhile. Raises `Unknown`."""
    row = (await conn.execute(_LOCKED if lock else _READ, {"request": number})).one_or_none()
    if row is None:
        raise Unknown("there is no such request", "Look it up by its number.")
    return _request(row)


async def of_supply(conn: AsyncConnection, requester: str, protocol_id: str) -> Request | None:
    """Give the request, locked, that a supply of ours is for, by what messages call the supply."""
    about = {"requester": requester, "protocol_id": protocol_id}
    row = (await conn.execute(_OF_SUPPLY, about)).one_or_none()
    return _request(row) if row is not None else None


_S = t.lending_supply.c
_OF_SUPPLY = (
    _query()
    .where(
        R.id
        == select(_S.request_id)
        .where(_S.requester_symbol == bindparam("requester"), _S.protocol_id == bindparam("protocol_id"))
        .scalar_subquery()
    )
    .with_for_update(of=t.lending_request)
)


def _request(row: Row[Any]) -> Request:
    return Request(
        id=row.id,
        number=row.number,
        home=row.home,
        wanted=msgspec.convert(row.wanted, Wanted),
        service=Service(row.service),
        level=ServiceLevel(row.level),
        edition_wish=EditionWish(row.edition_wish),
        pick_up=row.pick_up,
        needed_by=row.needed_by,
        max_cost=msgspec.convert(row.max_cost, Money) if row.max_cost else None,
        reader_note=row.reader_note,
        state=RequesterState(row.state),
        flags=frozenset(map(Flag, row.flags)),
        saved=RequesterState(row.saved) if row.saved else None,
        attempt=row.attempt,
        loan=msgspec.convert(row.loan, Loan),
        origin=row.origin,
        made_by=row.made_by,
        previous=row.previous_id,
        successor=row.successor_id,
        created=row.created_at,
        changed=row.changed_at,
        closed=row.closed_at,
        answer_due=row.answer_due,
        reason=row.reason,
        version=row.version,
    )


# readers


async def reader(conn: AsyncConnection, number: UUID) -> ReaderRef | None:
    """Give who a request is for; none when nobody was named, or the name has been removed."""
    row = (await conn.execute(_READER, {"request": number})).one_or_none()
    if row is None:
        return None
    return ReaderRef(row.account_id, row.name, row.card, row.email, row.phone, row.category)


_READER = select(t.lending_reader).where(t.lending_reader.c.request_id == bindparam("request"))


async def with_reader(conn: AsyncConnection, request: Request) -> Request:
    """Give a request with its reader."""
    return replace(request, reader=await reader(conn, request.id))


async def forget_readers(conn: AsyncConnection, now: datetime, default_days: int, limit: int = 5000) -> int:
    """Remove the readers of requests that ended long enough ago, as their home libraries wish; count them.

    What the reader wrote goes too, also as the reason of a step; the steps and the figures stay.
    """
    member = t.lending_member.c
    days = func.coalesce(member.keep_reader_days, default_days)
    chosen = (
        select(R.id)
        .select_from(t.lending_request.outerjoin(t.lending_member, member.library_id == R.home_id))
        .where(R.closed_at.is_not(None), R.reader_gone_at.is_(None))
        .where(R.closed_at < now - func.make_interval(0, 0, 0, days))
        .order_by(R.closed_at)
        .limit(limit)
        .with_for_update(of=t.lending_request, skip_locked=True)
    )
    ids = [row.id for row in await conn.execute(chosen)]
    if ids:
        await conn.execute(delete(t.lending_reader).where(t.lending_reader.c.request_id.in_(ids)))
        words = (t.lending_event.c.request_id.in_(ids)) & (t.lending_event.c.actor == "reader")
        await conn.execute(update(t.lending_event).where(words).values(why=""))
        await conn.execute(delete(t.lending_link).where(t.lending_link.c.request_id.in_(ids)))
        await conn.execute(
            update(t.lending_request).where(R.id.in_(ids)).values(reader_gone_at=now, reader_note="")
        )
        await conn.execute(
            delete(t.lending_outbox).where(
                t.lending_outbox.c.request_id.in_(ids), t.lending_outbox.c.kind == "letter"
            )
        )
    return len(ids)


async def open_of_reader(conn: AsyncConnection, home: str, one: ReaderRef, but: UUID) -> int:
    """Count a reader's open requests at a library, without one of them."""
    who = t.lending_reader.c
    same = (
        who.account_id == one.account
        if one.account is not None
        else (who.card == one.card) & (one.card != "")
    )
    query = (
        select(func.count())
        .select_from(t.lending_request.join(t.lending_reader, who.request_id == R.id))
        .join(t.library, t.library.c.id == R.home_id)
        .where(t.library.c.code == home, R.closed_at.is_(None), R.id != but, R.state != "draft", same)
    )
    return int((await conn.execute(query)).scalar_one())


async def same_open(conn: AsyncConnection, home: str, same_key: str, one: ReaderRef | None, but: UUID) -> str:
    """Give the number of an open request for the same thing by the same reader; empty where there is none."""
    who = t.lending_reader.c
    query = (
        select(R.number)
        .select_from(t.lending_request.outerjoin(t.lending_reader, who.request_id == R.id))
        .join(t.library, t.library.c.id == R.home_id)
        .where(t.library.c.code == home, R.closed_at.is_(None), R.id != but, R.same_key == same_key)
        .where(R.state != "draft")
        .order_by(R.created_at)
        .limit(1)
    )
    if one is not None and one.account is not None:
        query = query.where(who.account_id == one.account)
    elif one is not None and one.card:
        query = query.where(who.card == one.card)
    return str((await conn.execute(query)).scalar_one_or_none() or "")


async def unlimited(conn: AsyncConnection, home: str, one: ReaderRef | None) -> list[UUID]:
    """Give requests of a reader that wait only because there were too many, the oldest first."""
    if one is None or (one.account is None and not one.card):
        return []
    who = t.lending_reader.c
    same = who.account_id == one.account if one.account is not None else who.card == one.card
    query = (
        select(R.id)
        .select_from(t.lending_request.join(t.lending_reader, who.request_id == R.id))
        .join(t.library, t.library.c.id == R.home_id)
        .where(t.library.c.code == home, R.state == RequesterState.OVER_LIMIT, same)
        .order_by(R.created_at)
    )
    return [row.id for row in await conn.execute(query)]


async def in_standing(conn: AsyncConnection, account: int, home: str) -> bool:
    """Tell whether an active account has a role at a library or at one that it is a branch of."""
    up = select(t.library.c.id).where(t.library.c.code == home).cte("up", recursive=True)
    above = t.library_parent.c
    up = up.union(
        select(above.parent_id)
        .join(up, up.c.id == above.library_id)
        .where(above.valid_to.is_(None) | (above.valid_to > func.current_date()))
    )
    query = (
        select(func.count())
        .select_from(t.account_role.join(t.account, t.account.c.id == t.account_role.c.account_id))
        .where(t.account.c.id == account, t.account.c.active)
        .where(t.account_role.c.library_id.in_(select(up.c.id)))
    )
    return bool((await conn.execute(query)).scalar_one())


async def link(conn: AsyncConnection, old: UUID, new: UUID) -> None:
    """Name the request that took another's place."""
    await conn.execute(update(t.lending_request).where(R.id == old).values(successor_id=new))


async def any_yet(conn: AsyncConnection) -> bool:
    """Tell whether anything was ever asked for."""
    return (await conn.execute(select(R.id).limit(1))).first() is not None


async def looking(conn: AsyncConnection, limit: int = 500) -> list[UUID]:
    """Give the requests that look for a library, those that have waited longest first."""
    query = select(R.id).where(R.state == RequesterState.LOCATING, R.closed_at.is_(None))
    return [row.id for row in await conn.execute(query.order_by(R.changed_at, R.id).limit(limit))]


async def take(
    conn: AsyncConnection, which: ColumnElement[bool], order: ColumnElement[Any], limit: int
) -> list[Request]:
    """Take requests, passing over those that another worker holds."""
    query = _query().where(which).order_by(order, R.id).limit(limit)
    rows = await conn.execute(query.with_for_update(of=t.lending_request, skip_locked=True))
    return [_request(row) for row in rows]
