"""Registrations: found by their private link's hash or, for the federation, by number.

What a stranger's look at a catalogue brought is forgotten as soon as somebody has decided.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.registration import Appraisal, Facts, Letter, Registration, RegistrationState
from unioncat.store.codec import plain
from unioncat.store.errors import Unknown
from unioncat.store.tables import registration as t

KEEP_DRAFTS = timedelta(days=14)
KEEP_ENDED = timedelta(days=365)
_SAID = {"letters", "facts", "appraisal"}


def secret_hash(token: str) -> bytes:
    """Hash the secret of a private link."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


async def add(
    conn: AsyncConnection,
    token: str,
    *,
    software: str,
    address: str,
    origin: bytes | None,
    expected: str | None,
) -> Registration:
    """Begin a registration; `origin` is the hash of the network that it came from."""
    row = (
        await conn.execute(
            t.insert()
            .values(
                token_hash=secret_hash(token),
                state=RegistrationState.DRAFT,
                origin=origin,
                software=software,
                address=address,
                expected_code=expected,
            )
            .returning(t)
        )
    ).one()
    return _registration(row)


async def by_token(conn: AsyncConnection, token: str, *, lock: bool = False) -> Registration | None:
    """Give the registration of a private link; none where there is none."""
    return await _one(conn, t.c.token_hash == secret_hash(token), lock)


async def by_errand(conn: AsyncConnection, errand: UUID) -> Registration | None:
    """Give the registration whose newest look at a catalogue this errand is."""
    return await _one(conn, t.c.errand_id == errand, True)


async def read(conn: AsyncConnection, number: int, *, lock: bool = False) -> Registration:
    """Give a registration. Raises `Unknown`."""
    found = await _one(conn, t.c.id == number, lock)
    if found is None:
        raise Unknown(f"there is no registration {number}", "List the registrations to see their numbers.")
    return found


async def _one(conn: AsyncConnection, condition: ColumnElement[bool], lock: bool) -> Registration | None:
    query = select(t).where(condition)
    row = (await conn.execute(query.with_for_update() if lock else query)).one_or_none()
    return _registration(row) if row else None


async def listed(
    conn: AsyncConnection, states: Sequence[RegistrationState], *, limit: int, before: int | None = None
) -> list[Registration]:
    """Give registrations in these states without their samples: those that wait oldest first, else newest."""
    columns = [c for c in t.c if c.name != "appraisal"]
    order = t.c.submitted_at.asc() if states == (RegistrationState.WAITING,) else t.c.id.desc()
    query = select(*columns).where(t.c.state.in_(states)).order_by(order, t.c.id).limit(limit)
    if before is not None:
        query = query.where(t.c.id < before)
    return [_registration(row) for row in await conn.execute(query)]


async def counts(conn: AsyncConnection) -> dict[RegistrationState, int]:
    """Count the registrations in each state."""
    query = select(t.c.state, func.count()).group_by(t.c.state)
    return {RegistrationState(row[0]): int(row[1]) for row in await conn.execute(query)}


async def begun_since(conn: AsyncConnection, since: datetime, origin: bytes | None) -> int:
    """Count the registrations begun since a moment; from one network, or from all."""
    query = select(func.count()).where(t.c.created_at > since)
    if origin is not None:
        query = query.where(t.c.origin == origin)
    return int((await conn.execute(query)).scalar_one())


async def update_one(conn: AsyncConnection, number: int, **values: Any) -> Registration:
    """Write columns of a registration and note that it was touched."""
    written = {name: plain(value) if name in _SAID else value for name, value in values.items()}
    row = (
        await conn.execute(
            update(t).where(t.c.id == number).values(touched_at=func.now(), **written).returning(t)
        )
    ).one()
    return _registration(row)


async def tidy(conn: AsyncConnection) -> int:
    """Forget drafts that nobody went on with, and what ended without a library long ago."""
    stale = (t.c.state == RegistrationState.DRAFT) & (t.c.touched_at < func.now() - KEEP_DRAFTS)
    ended = t.c.state.in_((RegistrationState.REFUSED, RegistrationState.WITHDRAWN)) & (
        t.c.touched_at < func.now() - KEEP_ENDED
    )
    gone = await conn.execute(t.delete().where(or_(stale, ended)))
    return gone.rowcount


def _registration(row: Row[Any]) -> Registration:
    appraisal = getattr(row, "appraisal", None)
    return Registration(
        id=row.id,
        state=RegistrationState(row.state),
        software=row.software,
        address=row.address,
        created=row.created_at,
        touched=row.touched_at,
        facts=msgspec.convert(row.facts, Facts) if row.facts else None,
        set=row.set_spec,
        errand=row.errand_id,
        appraisal=msgspec.convert(appraisal, Appraisal) if appraisal else None,
        letters=tuple(msgspec.convert(row.letters, list[Letter])),
        expected=row.expected_code,
        submitted=row.submitted_at,
        decided=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
        library=row.library_code,
        source=row.source_code,
    )
