"""What is kept of one person: given to him or her whole, or taken away where nothing open needs it.

Where somebody's name stands under what belongs to all (judgements, files, steps of lending), a pseudonym
takes its place; the log of who did what has pseudonyms from the beginning.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.store import tables as t

LOGGED = 10_000
"""Entries of the log that a copy holds at most, the latest."""

_COPY = {
    "roles": """
        SELECT r.role, l.code AS library, r.given_at FROM account_role r
        LEFT JOIN library l ON l.id = r.library_id WHERE r.account_id = :account ORDER BY r.id
        """,
    "sessions": "SELECT device, stage, begun_at, seen_at FROM account_session WHERE account_id = :account",
    "keys": """
        SELECT name, scopes, made_at, expires_at, used_at FROM api_key WHERE account_id = :account ORDER BY id
        """,
    "identities": "SELECT issuer, subject FROM account_identity WHERE account_id = :account",
    "invitations": "SELECT kind, role, expires_at FROM account_link WHERE lower(email) = lower(:email)",
    "requests": """
        SELECT q.number, l.code AS library, q.wanted, q.service, q.state, q.reader_note, q.created_at,
          q.closed_at, r.name, r.card, r.email, r.phone, r.category
        FROM lending_reader r JOIN lending_request q ON q.id = r.request_id JOIN library l ON l.id = q.home_id
        WHERE r.account_id = :account ORDER BY q.created_at
        """,
    "log": f"""
        SELECT at, action, subject, detail FROM audit_entry
        WHERE actor IN (SELECT pseudonym FROM audit_name WHERE name IN (lower(:email), :name))
        ORDER BY number DESC LIMIT {LOGGED}
        """,
}


SIGNED = (
    t.decision.c.decided_by,
    t.decision.c.undone_by,
    t.distrusted_identifier.c.decided_by,
    t.audience_change.c.by,
    t.withdrawal.c.by,
    t.upload.c.by,
    t.upload.c.decided_by,
    t.registration.c.decided_by,
    t.lending_event.c.actor,
    t.lending_rota.c.made_by,
    t.lending_request.c.made_by,
    t.lending_batch.c.brought_by,
    t.lending_policy.c.changed_by,
    t.members_sheet.c.brought_by,
    t.consignment_event.c.actor,
)
"""Where it is written under something who did it: a name or an address."""


async def copy_of(conn: AsyncConnection, account: int) -> dict[str, Any]:
    """Give everything that is kept of somebody; of secrets, that there are some."""
    one = (await conn.execute(select(t.account).where(t.account.c.id == account))).one()
    named = {"account": account, "email": one.email, "name": one.name}
    found: dict[str, Any] = {
        "account": {
            "email": one.email,
            "name": one.name,
            "created_at": one.created_at,
            "signed_in_at": one.signed_in_at,
            "password": one.password is not None,
            "second_factor": one.totp_sealed is not None,
        }
    }
    for name, query in _COPY.items():
        rows = await conn.execute(text(query), {key: named[key] for key in named if f":{key}" in query})
        found[name] = [dict(row._mapping) for row in rows]
    return found


async def open_requests(conn: AsyncConnection, account: int) -> int:
    """Count somebody's requests that have not ended: they need to know whom they are for."""
    query = (
        select(func.count())
        .select_from(t.lending_reader.join(t.lending_request))
        .where(t.lending_reader.c.account_id == account, t.lending_request.c.closed_at.is_(None))
    )
    return int((await conn.execute(query)).scalar_one())


async def names_of(conn: AsyncConnection, account: int) -> list[str]:
    """Give the words that mean somebody: the address, and the name where nobody else has the same."""
    one = (await conn.execute(select(t.account).where(t.account.c.id == account))).one()
    others = select(func.count()).where(t.account.c.name == one.name, t.account.c.id != account)
    alone = one.name.strip() and (await conn.execute(others)).scalar_one() == 0
    return [one.email, one.name] if alone else [one.email]


async def sign_otherwise(conn: AsyncConnection, names: Mapping[str, str]) -> None:
    """Put what stands for names in their place, under all that they are written under."""
    for column in SIGNED:
        for name, called in names.items():
            query = update(column.table).where(func.lower(column) == name.lower())
            await conn.execute(query.values({column: called}))


async def forget(conn: AsyncConnection, account: int, now: datetime) -> None:
    """Take away a person: account, roles, sessions, keys, identities, and the reader of ended requests."""
    theirs = select(t.lending_reader.c.request_id).where(t.lending_reader.c.account_id == account)
    ids = list((await conn.execute(theirs)).scalars())
    email = (await conn.execute(select(t.account.c.email).where(t.account.c.id == account))).scalar_one()
    if ids:
        letters = t.lending_outbox.c.request_id.in_(ids) & (t.lending_outbox.c.kind == "letter")
        await conn.execute(delete(t.lending_outbox).where(letters))
        await conn.execute(delete(t.lending_link).where(t.lending_link.c.request_id.in_(ids)))
        await conn.execute(delete(t.lending_reader).where(t.lending_reader.c.request_id.in_(ids)))
        await conn.execute(
            update(t.lending_request)
            .where(t.lending_request.c.id.in_(ids))
            .values(reader_gone_at=now, reader_note="")
        )
    await conn.execute(delete(t.account_link).where(func.lower(t.account_link.c.email) == email.lower()))
    await conn.execute(delete(t.account).where(t.account.c.id == account))
