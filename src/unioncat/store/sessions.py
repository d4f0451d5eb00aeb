"""Sessions, keys and failed sign-ins; of the secrets that people carry only hashes are here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.people import Right
from unioncat.domain.totp import fingerprint
from unioncat.store import tables as t

WAITING, PASSWORD, SECOND = "code", "password", "second"
"""Stages of a session: the code is still to come; a password alone; both factors."""
IDLE = timedelta(hours=3)
_TOUCH = timedelta(minutes=1)
"""How exactly the last use is noted."""
FIRST_PAUSE = 5.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds."""

    account: int
    stage: str
    device: str
    begun: datetime
    seen: datetime


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a program; nothing of its secret but how it begins."""

    id: int
    account: int
    name: str
    beginning: str
    scopes: frozenset[Right]
    made: datetime
    expires: datetime
    used: datetime | None


async def begin(
    conn: AsyncConnection, token: str, account: int, stage: str, device: str, lasts: timedelta
) -> None:
    """Keep a new session; those that have ended are forgotten."""
    await conn.execute(delete(t.account_session).where(t.account_session.c.expires_at < func.now()))
    await conn.execute(
        insert(t.account_session).values(
            token_hash=fingerprint(token),
            account_id=account,
            stage=stage,
            device=device,
            expires_at=func.now() + lasts,
        )
    )


async def read(conn: AsyncConnection, token: str) -> Session | None:
    """Give a session that holds, and note its use."""
    s = t.account_session.c
    holds = (s.expires_at > func.now()) & (s.seen_at > func.now() - IDLE)
    query = select(t.account_session).where(s.token_hash == fingerprint(token), holds)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    await conn.execute(
        update(t.account_session)
        .where(s.token_hash == fingerprint(token), s.seen_at < func.now() - _TOUCH)
        .values(seen_at=func.now())
    )
    return Session(row.account_id, row.stage, row.device, row.begun_at, row.seen_at)


async def listed(conn: AsyncConnection, account: int) -> list[Session]:
    """Give the sessions of somebody that hold."""
    s = t.account_session.c
    query = select(t.account_session).where(
        s.account_id == account, s.expires_at > func.now(), s.seen_at > func.now() - IDLE, s.stage != WAITING
    )
    rows = await conn.execute(query.order_by(s.seen_at.desc()))
    return [Session(row.account_id, row.stage, row.device, row.begun_at, row.seen_at) for row in rows]


async def end(conn: AsyncConnection, token: str) -> None:
    """End a session."""
    await conn.execute(delete(t.account_session).where(t.account_session.c.token_hash == fingerprint(token)))


async def end_all(conn: AsyncConnection, account: int, *, but: str = "") -> None:
    """End the sessions of somebody; all, or all but one."""
    s = t.account_session.c
    await conn.execute(
        delete(t.account_session).where(s.account_id == account, s.token_hash != fingerprint(but))
    )


async def add_key(
    conn: AsyncConnection, token: str, account: int, name: str, scopes: Iterable[Right], lasts: timedelta
) -> None:
    """Keep a new key."""
    await conn.execute(
        insert(t.api_key).values(
            account_id=account,
            name=name,
            beginning=token[:10],
            token_hash=fingerprint(token),
            scopes=sorted(scopes),
            expires_at=func.now() + lasts,
        )
    )


async def key(conn: AsyncConnection, token: str) -> Key | None:
    """Give a key that holds, and note its use."""
    k = t.api_key.c
    query = select(t.api_key).where(k.token_hash == fingerprint(token), k.expires_at > func.now())
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    await conn.execute(
        update(t.api_key)
        .where(k.id == row.id, (k.used_at.is_(None)) | (k.used_at < func.now() - _TOUCH))
        .values(used_at=func.now())
    )
    return _key(row)


async def keys(conn: AsyncConnection, account: int) -> list[Key]:
    """Give the keys of somebody, ended ones included."""
    rows = await conn.execute(
        select(t.api_key).where(t.api_key.c.account_id == account).order_by(t.api_key.c.id.desc())
    )
    return [_key(row) for row in rows]


def _key(row: Row[Any]) -> Key:
    return Key(
        id=row.id,
        account=row.account_id,
        name=row.name,
        beginning=row.beginning,
        scopes=frozenset(Right(one) for one in row.scopes if one in set(Right)),
        made=row.made_at,
        expires=row.expires_at,
        used=row.used_at,
    )


async def remove_key(conn: AsyncConnection, account: int, number: int) -> bool:
    """Remove a key of somebody; false where it is not theirs."""
    gone = await conn.execute(
        delete(t.api_key).where(t.api_key.c.account_id == account, t.api_key.c.id == number)
    )
    return gone.rowcount > 0


async def remove_keys(conn: AsyncConnection, account: int) -> None:
    """Remove all keys of somebody."""
    await conn.execute(delete(t.api_key).where(t.api_key.c.account_id == account))


async def wait_for(conn: AsyncConnection, who: bytes, free: int, longest: timedelta) -> float:
    """Give the seconds until somebody may guess again: none for `free` failures, then ever twice as long.

    Nobody else counts for the same one until the transaction ends: guesses at once are judged one by one.
    """
    await conn.execute(select(func.pg_advisory_xact_lock(int.from_bytes(who[:8], "big", signed=True))))
    row = (
        await conn.execute(
            select(
                t.sign_in_failure.c.failures,
                func.extract("epoch", func.clock_timestamp() - t.sign_in_failure.c.last_at),
            ).where(t.sign_in_failure.c.who == who)
        )
    ).one_or_none()
    if row is None or row[0] < free:
        return 0.0
    pause = min(longest.total_seconds(), FIRST_PAUSE * 2.0 ** min(int(row[0]) - free, 30))
    return max(0.0, pause - float(row[1]))


async def failed(conn: AsyncConnection, who: bytes, forget: timedelta) -> None:
    """Count a failure; earlier ones are forgotten when the last of them is long ago."""
    f = t.sign_in_failure.c
    await conn.execute(delete(t.sign_in_failure).where(f.last_at < func.now() - forget))
    made = insert(t.sign_in_failure).values(who=who, failures=1, last_at=func.clock_timestamp())
    counted = case((f.failures < 1000, f.failures + 1), else_=f.failures)
    await conn.execute(
        made.on_conflict_do_update(
            index_elements=["who"], set_={"failures": counted, "last_at": func.clock_timestamp()}
        )
    )


async def succeeded(conn: AsyncConnection, who: bytes) -> None:
    """Forget the failures."""
    await conn.execute(delete(t.sign_in_failure).where(t.sign_in_failure.c.who == who))
