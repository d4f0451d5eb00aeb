"""Who somebody is at a provider of identities: at each provider one person there is one account here."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.store import tables as t

_I = t.account_identity.c


@dataclass(frozen=True, slots=True)
class Linked:
    """An account's identity at a provider."""

    issuer: str
    linked: datetime
    used: datetime


async def account_of(conn: AsyncConnection, issuer: str, subject: str) -> int | None:
    """Give the account of a person there, and note its use."""
    done = await conn.execute(
        update(t.account_identity)
        .where(_I.issuer == issuer, _I.subject == subject)
        .values(used_at=func.now())
        .returning(_I.account_id)
    )
    found: int | None = done.scalar_one_or_none()
    return found


async def link(conn: AsyncConnection, issuer: str, subject: str, account: int) -> bool:
    """Link a person there to an account; false where either is somebody else's already."""
    made = insert(t.account_identity).values(issuer=issuer, subject=subject, account_id=account)
    return (await conn.execute(made.on_conflict_do_nothing())).rowcount == 1


async def linked(conn: AsyncConnection, account: int) -> list[Linked]:
    """Give an account's identities."""
    rows = await conn.execute(select(t.account_identity).where(_I.account_id == account).order_by(_I.issuer))
    return [Linked(row.issuer, row.linked_at, row.used_at) for row in rows]


async def unlink(conn: AsyncConnection, account: int, issuer: str | None = None) -> bool:
    """Part an account from its identity at a provider, or from all; false where there was none."""
    held = _I.account_id == account
    if issuer is not None:
        held &= _I.issuer == issuer
    return (await conn.execute(delete(t.account_identity).where(held))).rowcount > 0
