"""The log of who did what: appended in the transaction of what was done, never changed, read page by page.

One writer at a time, until its transaction ends: so numbers have no gap and the chain no branch.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audit import CUT, Entry, Head, Summary
from unioncat.store.tables import audit_entry as t

_LOCK = 7_021_946
_AT_ONCE = 1000
LONGEST = 500
"""Characters of each text."""


async def append(
    conn: AsyncConnection,
    key: bytes,
    *,
    actor: str,
    action: str,
    subject: str = "",
    detail: Mapping[str, str] | None = None,
) -> Entry:
    """Write one entry; call it last in a transaction, for others wait from here to its end."""
    await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    before = await head(conn)
    bare = Entry(
        number=before.number + 1,
        at=datetime.now(UTC),
        actor=_plain(actor),
        action=_plain(action),
        subject=_plain(subject),
        detail={name: _plain(value) for name, value in (detail or {}).items()},
    )
    seal = bare.sealed(key, before.seal)
    await conn.execute(
        t.insert().values(
            number=bare.number,
            at=bare.at,
            actor=bare.actor,
            action=bare.action,
            subject=bare.subject,
            detail=dict(bare.detail),
            seal=seal,
        )
    )
    return bare


def _plain(value: str) -> str:
    """Cut a text to what the database keeps as it is: without NUL and halves of surrogates."""
    return value.replace("\0", "").encode("utf-8", "replace").decode()[:LONGEST]


async def head(conn: AsyncConnection) -> Head:
    """Give the last number and its seal."""
    row = (
        await conn.execute(select(t.c.number, t.c.seal).order_by(t.c.number.desc()).limit(1))
    ).one_or_none()
    return Head(row.number, bytes(row.seal)) if row else Head()


async def entries(
    conn: AsyncConnection,
    *,
    limit: int,
    before: int | None = None,
    action: str = "",
    actor: str = "",
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Entry]:
    """Give entries, newest first: actions that begin so, one actor, a part of the subject, a time."""
    query = select(t).order_by(t.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(t.c.number < before)
    if action:
        query = query.where(t.c.action.startswith(action, autoescape=True))
    if actor:
        query = query.where(t.c.actor == actor)
    if subject:
        query = query.where(t.c.subject.contains(subject, autoescape=True))
    if since is not None:
        query = query.where(t.c.at >= since)
    if until is not None:
        query = query.where(t.c.at < until)
    return [_entry(row) for row in await conn.execute(query)]


async def first_number(conn: AsyncConnection) -> int:
    """Give the number of the oldest entry that is left; 1 where there is none."""
    found = (await conn.execute(select(func.min(t.c.number)))).scalar_one()
    return 1 if found is None else int(found)


async def cuts(conn: AsyncConnection) -> list[Entry]:
    """Give the entries that stand for what was cut, newest first."""
    query = select(t).where(t.c.action == CUT).order_by(t.c.number.desc())
    return [_entry(row) for row in await conn.execute(query)]


async def summary(conn: AsyncConnection, before: datetime) -> Summary | None:
    """Sum up the entries from before a moment; none where there are none, or where one stands after them.

    Nobody else writes until the transaction ends.
    """
    await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    kept = select(func.min(t.c.number)).where(t.c.at >= before).scalar_subquery()
    old = t.c.number < func.coalesce(kept, 2**63 - 1)
    last = (await conn.execute(select(t).where(old).order_by(t.c.number.desc()).limit(1))).one_or_none()
    if last is None:
        return None
    since = (await conn.execute(select(func.min(t.c.at)).where(old))).scalar_one()
    grouped = select(t.c.action, func.count()).where(old).group_by(t.c.action)
    counts = {str(action): int(count) for action, count in await conn.execute(grouped)}
    for one in await conn.execute(select(t.c.detail).where(old, t.c.action == CUT)):
        earlier = Summary.of(one.detail)
        since = min(since, earlier.since)
        for action, count in earlier.counts.items():
            counts[action] = counts.get(action, 0) + count
    return Summary(last.number, bytes(last.seal), since, last.at, counts)


async def cut(conn: AsyncConnection, up_to: int) -> int:
    """Remove the entries up to one, for which a summary stands already; give how many."""
    return (await conn.execute(t.delete().where(t.c.number <= up_to))).rowcount


async def whole(conn: AsyncConnection) -> AsyncIterator[Entry]:
    """Give all entries, the first one first."""
    last: int | None = None
    while True:
        query = select(t).order_by(t.c.number).limit(_AT_ONCE)
        rows = (await conn.execute(query if last is None else query.where(t.c.number > last))).all()
        for row in rows:
            yield _entry(row)
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].number


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.number, row.at, row.actor, row.action, row.subject, row.detail, bytes(row.seal))
