"""The log of messages between libraries: written once, found by what they are about, or what they are."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.partner import Outcome, Said, Way
from unioncat.store import tables as t

MOST = 200
_m = t.lending_message


async def add(conn: AsyncConnection, said: Said) -> int:
    """Log a message; give its number."""
    values = {
        "said_at": said.at,
        "way": said.way,
        "partner_id": said.partner,
        "outbox_id": said.outbox,
        "kind": said.kind,
        "version": said.version,
        "word": said.word,
        "requesting_agency": said.requesting_agency,
        "supplying_agency": said.supplying_agency,
        "request_id": said.request,
        "hash": said.hash,
        "body": said.body,
        "outcome": said.outcome,
        "status": said.status,
        "answer": said.answer,
        "error_type": said.error_type,
        "error_value": said.error_value,
        "unknown": list(said.unknown),
    }
    number: int = (await conn.execute(_ADD, values)).scalar_one()
    return number


_ADD = (
    insert(_m)
    .values(at=func.coalesce(bindparam("said_at", type_=_m.c.at.type), func.now()))
    .returning(_m.c.id)
)


async def hold(conn: AsyncConnection, hash: bytes, patience: int) -> None:
    """Let only one transaction at a time handle messages of these bytes.

    From then on nothing in this transaction waits longer than `patience` seconds for others; and plans are
    kept as they are, for what is asked about a message is found by its keys.
    """
    number = int.from_bytes(hash[:8], "big", signed=True)
    await conn.execute(_HOLD, {"limit": f"{patience}s", "number": number})


_HOLD = select(
    func.set_config("lock_timeout", bindparam("limit", type_=Text), literal(True)),
    func.set_config("plan_cache_mode", "force_generic_plan", literal(True)),
    func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger)),
)


async def answered(conn: AsyncConnection, partner: int | None, hash: bytes) -> Said | None:
    """Find the confirmation that the same bytes of the same sender got before, and nothing else of it."""
    way = Way.INSIDE if partner is None else Way.IN
    query = _ANSWERED_INSIDE if partner is None else _ANSWERED
    row = (await conn.execute(query, {"hash": hash, "partner": partner})).one_or_none()
    if row is None:
        return None
    said = Said(way, hash, Outcome(row.outcome), answer=row.answer)
    return replace(said, error_type=row.error_type, error_value=row.error_value)


def _answered(which: ColumnElement[bool]) -> Select[Any]:
    """Ask for the last confirmation of some bytes."""
    known = (_m.c.outcome == Outcome.OK) | (_m.c.outcome == Outcome.ERROR)
    same = _m.c.hash == bindparam("hash")
    query = select(_m.c.outcome, _m.c.answer, _m.c.error_type, _m.c.error_value)
    return query.where(same, which, known, _m.c.answer.is_not(None)).order_by(_m.c.id.desc()).limit(1)


_ANSWERED = _answered((_m.c.way == Way.IN) & (_m.c.partner_id == bindparam("partner")))
_ANSWERED_INSIDE = _answered((_m.c.way == Way.INSIDE) & _m.c.partner_id.is_(None))


async def listed(
    conn: AsyncConnection,
    *,
    libraries: Collection[str] | None = None,
    request: str = "",
    partner: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[Said]:
    """Give messages that concern these libraries (none: all), newest first."""
    condition = _of(libraries)
    if request:
        condition &= _m.c.request_id == request
    if partner:
        condition &= t.lending_partner.c.code == partner
    if before is not None:
        condition &= _m.c.id < before
    return await _read(conn, condition, min(limit, MOST))


async def read(conn: AsyncConnection, number: int, libraries: Collection[str] | None = None) -> Said | None:
    """Give one message that concerns these libraries (none: any)."""
    return next(iter(await _read(conn, _of(libraries) & (_m.c.id == number), 1)), None)


def _of(libraries: Collection[str] | None) -> ColumnElement[bool]:
    """Messages about supplies that one of these libraries asked for or was asked for."""
    if libraries is None:
        return _m.c.id > 0
    s, ours = t.lending_supply, t.library
    return exists().where(
        s.c.protocol_id == _m.c.request_id,
        s.c.requester_symbol == _m.c.requesting_agency,
        or_(ours.c.id == s.c.requester_id, ours.c.id == s.c.supplier_id),
        ours.c.code.in_(sorted(libraries)),
    )


async def tidy(conn: AsyncConnection, before: datetime) -> int:
    """Empty the bodies of messages older than this, which name readers; give their number."""
    done = await conn.execute(
        update(_m).where(_m.c.at < before, _m.c.body.is_not(None)).values(body=None, answer=None)
    )
    return done.rowcount


async def _read(conn: AsyncConnection, condition: ColumnElement[bool], limit: int) -> list[Said]:
    rows = await conn.execute(
        select(_m, t.lending_partner.c.code.label("partner_code"))
        .outerjoin(t.lending_partner, t.lending_partner.c.id == _m.c.partner_id)
        .where(condition)
        .order_by(_m.c.id.desc())
        .limit(limit)
    )
    return [
        Said(
            way=Way(row.way),
            hash=row.hash,
            outcome=Outcome(row.outcome),
            body=row.body,
            partner=row.partner_id,
            outbox=row.outbox_id,
            kind=row.kind,
            version=row.version,
            word=row.word,
            requesting_agency=row.requesting_agency,
            supplying_agency=row.supplying_agency,
            request=row.request_id,
            status=row.status,
            answer=row.answer,
            error_type=row.error_type,
            error_value=row.error_value,
            unknown=tuple(row.unknown),
            at=row.at,
            partner_code=row.partner_code,
            id=row.id,
        )
        for row in rows
    ]
