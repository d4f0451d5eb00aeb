"""The log of who did what: appended in the transaction of what was done, never changed, read page by page.

One writer at a time, until its transaction ends: so numbers have no gap and the chain no branch. Entries hold
pseudonyms; `entries` puts names in their place, and `whole` gives what was sealed.
"""

import secrets
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audit import (
    CUT,
    FORGOTTEN,
    PSEUDONYM,
    Entry,
    Head,
    Said,
    Summary,
    folded,
    pseudonym,
    shown,
)
from unioncat.store.tables import audit_entry as t
from unioncat.store.tables import audit_name as n

ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
"""First in a transaction that reads entries and names: both are of one moment."""
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
    plain = {name: _plain(value) for name, value in (detail or {}).items()}
    open_ = Said(_plain(actor), _plain(action), _plain(subject), plain)
    return await _append(conn, key, open_.hidden(await pseudonyms(conn, set(open_.names()))))


async def _append(conn: AsyncConnection, key: bytes, said: Said) -> Entry:
    before = await head(conn)
    bare = Entry(
        number=before.number + 1,
        at=datetime.now(UTC),
        actor=said.actor,
        action=said.action,
        subject=said.subject,
        detail=said.detail,
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


async def pseudonyms(conn: AsyncConnection, names: Collection[str]) -> dict[str, str]:
    """Give what stands for each name, made where nothing does yet; only under the lock of `append`."""
    if not names:
        return {}
    query = select(n.c.name, n.c.pseudonym).where(n.c.name.in_(names))
    found = {str(name): str(called) for name, called in await conn.execute(query)}
    made = [
        {"name": name, "salt": salt, "pseudonym": pseudonym(name, salt)}
        for name in sorted(set(names) - set(found))
        for salt in (secrets.token_bytes(16),)
    ]
    if made:
        await conn.execute(n.insert(), made)
    return found | {str(one["name"]): str(one["pseudonym"]) for one in made}


async def forget(
    conn: AsyncConnection, key: bytes, names: Collection[str], detail: Mapping[str, str]
) -> dict[str, str]:
    """Let nobody read any more whom entries mean by these names; log it. Give name -> what stands for it.

    Call it last in a transaction, like `append`.
    """
    await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    found = await pseudonyms(conn, list(dict.fromkeys(map(folded, names))))
    called = [found[folded(name)] for name in names]
    await _append(conn, key, Said(called[0], FORGOTTEN, " ".join(called), detail))
    await conn.execute(delete(n).where(n.c.pseudonym.in_(called)))
    return found


async def names(conn: AsyncConnection) -> AsyncIterator[tuple[str, str, bytes]]:
    """Give every pseudonym with the name that it stands for and its salt."""
    async with conn.stream(select(n.c.pseudonym, n.c.name, n.c.salt)) as rows:
        async for row in rows:
            yield row.pseudonym, row.name, bytes(row.salt)


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
        query = query.where(t.c.actor.in_([actor, *await _called(conn, n.c.name == folded(actor))]))
    if subject:
        called = await _called(conn, n.c.name.contains(subject.casefold(), autoescape=True))
        parts = [t.c.subject.contains(one, autoescape=True) for one in (subject, *called)]
        query = query.where(or_(*parts))
    if since is not None:
        query = query.where(t.c.at >= since)
    if until is not None:
        query = query.where(t.c.at < until)
    return await _readable(conn, [_entry(row) for row in await conn.execute(query)])


_PEOPLE = 200
"""People at most in whose name a part of a subject is looked for."""


async def _called(conn: AsyncConnection, which: Any) -> list[str]:
    return list((await conn.execute(select(n.c.pseudonym).where(which).limit(_PEOPLE))).scalars())


async def _readable(conn: AsyncConnection, found: list[Entry]) -> list[Entry]:
    """Put names in place of pseudonyms."""
    mentioned = {called for one in found for called in mentioned_in(one)}
    if not mentioned:
        return found
    query = select(n.c.pseudonym, n.c.name).where(n.c.pseudonym.in_(mentioned))
    known = {str(called): str(name) for called, name in await conn.execute(query)}
    return [
        replace(
            one,
            actor=shown(one.actor, known),
            subject=shown(one.subject, known),
            detail={name: shown(value, known) for name, value in one.detail.items()},
        )
        for one in found
    ]


def mentioned_in(one: Entry) -> set[str]:
    """Give the pseudonyms in an entry."""
    return {
        called
        for said in (one.actor, one.subject, *one.detail.values())
        for called in PSEUDONYM.findall(said)
    }


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
    """Remove the entries up to one, for which a summary stands already, and names that are in none any more.

    Give how many entries.
    """
    removed = (await conn.execute(t.delete().where(t.c.number <= up_to))).rowcount
    await conn.execute(
        text(r"""
        DELETE FROM audit_name WHERE pseudonym NOT IN (
          SELECT (regexp_matches(concat_ws(' ', actor, subject, detail::text), 'person-[0-9a-f]{24}', 'g'))[1]
          FROM audit_entry)
        """)
    )
    return removed


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
