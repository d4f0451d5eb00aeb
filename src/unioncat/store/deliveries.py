"""The outbox as its sender sees it: what is due is claimed, and marked as sent, to be tried again, or dead.

Of what has the same lane the oldest leaves first; a claim that its holder did not end lapses.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.lending import Outgoing, OutgoingKind
from unioncat.domain.partner import Undelivered
from unioncat.store import tables as t
from unioncat.store.errors import Conflict, Unknown

CLAIM = timedelta(minutes=3)
"""Longer than one delivery may take."""
_o = t.lending_outbox


async def claim(conn: AsyncConnection, kind: OutgoingKind, now: datetime, limit: int = 20) -> list[Outgoing]:
    """Take what is due, so that nobody else does until `CLAIM` is over."""
    earlier = _o.alias()
    blocked = exists().where(
        earlier.c.lane == _o.c.lane, earlier.c.state == "waiting", earlier.c.id < _o.c.id, _o.c.lane != ""
    )
    due = (
        select(_o.c.id)
        .where(
            _o.c.kind == kind,
            _o.c.state == "waiting",
            _o.c.due_at <= now,
            or_(_o.c.claimed_until.is_(None), _o.c.claimed_until < now),
            ~blocked,
        )
        .order_by(_o.c.due_at, _o.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await conn.execute(
        update(_o).where(_o.c.id.in_(due)).values(claimed_until=now + CLAIM).returning(_o)
    )
    return sorted((_outgoing(row) for row in rows), key=lambda one: one.id)


async def sent(conn: AsyncConnection, number: int, now: datetime, error: str | None = None) -> None:
    """Mark as sent; with an error where the partner answered with one, which no further try would mend."""
    await conn.execute(
        update(_o)
        .where(_o.c.id == number)
        .values(state="sent", sent_at=now, tries=_o.c.tries + 1, claimed_until=None, last_error=_short(error))
    )


async def again(conn: AsyncConnection, number: int, due: datetime, error: str) -> None:
    """Have it tried again at a time."""
    await conn.execute(
        update(_o)
        .where(_o.c.id == number)
        .values(due_at=due, tries=_o.c.tries + 1, claimed_until=None, last_error=_short(error))
    )


async def dead(conn: AsyncConnection, number: int, error: str) -> None:
    """Give up; a person may send it again."""
    await conn.execute(
        update(_o)
        .where(_o.c.id == number)
        .values(state="dead", tries=_o.c.tries + 1, claimed_until=None, last_error=_short(error))
    )


async def came_back(conn: AsyncConnection, number: int, error: str) -> bool:
    """Note that a letter did not arrive, so that a person may send it again; tell whether it had left."""
    letter = (_o.c.id == number) & (_o.c.kind == OutgoingKind.LETTER) & (_o.c.state == "sent")
    values = {"state": "dead", "sent_at": None, "last_error": _short(error)}
    return bool((await conn.execute(update(_o).where(letter).values(**values))).rowcount)


async def resend(conn: AsyncConnection, number: int, now: datetime) -> None:
    """Have what is dead, or was answered with an error, sent once more. Raises `Unknown`, `Conflict`."""
    row = (
        await conn.execute(select(_o.c.state, _o.c.last_error).where(_o.c.id == number).with_for_update())
    ).one_or_none()
    if row is None:
        raise Unknown("there is no such message", "See /lending/undelivered for those there are.")
    if row.state != "dead" and not (row.state == "sent" and row.last_error):
        raise Conflict(
            "the message is under way, or was delivered", "Only what could not be delivered goes again."
        )
    # With a new time in its header: the very same bytes would get the very same answer.
    stamped = func.jsonb_set(_o.c.body, ["header", "timestamp"], func.to_jsonb(now.isoformat()))
    await conn.execute(
        update(_o)
        .where(_o.c.id == number)
        .values(state="waiting", due_at=now, tries=0, claimed_until=None, sent_at=None, body=stamped)
    )


async def undelivered(
    conn: AsyncConnection, libraries: Collection[str] | None = None, limit: int = 200
) -> list[Undelivered]:
    """Give messages and letters that are dead or late, newest first; of these libraries, or of all."""
    query = _listing().where(
        or_(
            _o.c.state == "dead",
            and_(_o.c.state == "waiting", _o.c.tries > 0),
            and_(_o.c.state == "sent", _o.c.last_error.is_not(None)),
        )
    )
    rows = (await conn.execute(query.order_by(_o.c.id.desc()).limit(limit))).all()
    found = [_undelivered(row) for row in rows]
    if libraries is None:
        return found
    return [one for one in found if one.libraries & frozenset(libraries)]


async def read(conn: AsyncConnection, number: int) -> Undelivered:
    """Give one message or letter of the outbox. Raises `Unknown`."""
    row = (await conn.execute(_listing().where(_o.c.id == number))).one_or_none()
    if row is None:
        raise Unknown("there is no such message", "See /lending/undelivered for those there are.")
    return _undelivered(row)


def _listing() -> Select[Any]:
    s, home = t.lending_supply, t.library.alias("home")
    supplier, requester = t.library.alias("supplier"), t.library.alias("requester")
    return (
        select(
            _o,
            s.c.protocol_id,
            t.lending_request.c.number,
            t.lending_request.c.id.label("about_request"),
            home.c.code.label("home"),
            supplier.c.code.label("supplier"),
            requester.c.code.label("requester"),
        )
        .outerjoin(s, s.c.id == _o.c.supply_id)
        .outerjoin(
            t.lending_request, t.lending_request.c.id == func.coalesce(_o.c.request_id, s.c.request_id)
        )
        .outerjoin(home, home.c.id == t.lending_request.c.home_id)
        .outerjoin(supplier, supplier.c.id == s.c.supplier_id)
        .outerjoin(requester, requester.c.id == s.c.requester_id)
    )


def _undelivered(row: Row[Any]) -> Undelivered:
    body: Mapping[str, Any] = row.body
    letter = row.kind == OutgoingKind.LETTER
    desks = ((row.home, row.about_request), (row.supplier, row.supply_id))
    word = body.get("action") or " ".join(filter(None, (body.get("reason"), body.get("status"))))
    return Undelivered(
        id=row.id,
        key=row.key,
        to=row.recipient,
        state=row.state,
        tries=row.tries,
        made=row.created_at,
        due=row.due_at,
        error=row.last_error,
        request=row.number
        if letter
        else row.protocol_id or (body.get("header") or {}).get("requesting_request_id"),
        kind=str(body.get("template", "")) if letter else word or str(body.get("kind", "")),
        libraries=frozenset(filter(None, (row.home, row.supplier, row.requester))),
        letter=letter,
        about=tuple((code, number) for code, number in desks if code and number),
    )


def _outgoing(row: Row[Any]) -> Outgoing:
    return Outgoing(
        key=row.key,
        kind=OutgoingKind(row.kind),
        to=row.recipient,
        body=row.body,
        lane=row.lane,
        request=row.request_id,
        supply=row.supply_id,
        due=row.due_at,
        id=row.id,
        tries=row.tries,
    )


def _short(error: str | None) -> str | None:
    return error[:500] if error else None
