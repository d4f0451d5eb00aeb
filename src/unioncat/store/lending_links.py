"""One-time links of lending: what each opens, until when; only hashes of what people carry are here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.totp import fingerprint
from unioncat.store import tables as t

KEEP = timedelta(days=30)
"""After its end a link is remembered so long, to tell in the log what it was used for."""
L = t.lending_link.c


@dataclass(frozen=True, slots=True)
class LendingLink:
    """A link that holds."""

    purpose: str
    request: UUID | None
    supply: UUID | None
    library: str | None
    expires: datetime


async def add(
    conn: AsyncConnection,
    token: str,
    purpose: str,
    expires: datetime,
    *,
    request: UUID | None = None,
    supply: UUID | None = None,
    library: int | None = None,
) -> None:
    """Keep a link; earlier ones to the same thing hold beside it until one of them is used."""
    await conn.execute(
        t.lending_link.insert().values(
            token_hash=fingerprint(token),
            purpose=purpose,
            request_id=request,
            supply_id=supply,
            library_id=library,
            expires_at=expires,
        )
    )


async def read(conn: AsyncConnection, token: str, now: datetime) -> LendingLink | None:
    """Give a link that holds; a used, an ended and a false one are alike: none."""
    query = (
        select(t.lending_link, t.library.c.code)
        .outerjoin(t.library, t.library.c.id == L.library_id)
        .where(L.token_hash == fingerprint(token), L.used_at.is_(None), L.expires_at > now)
    )
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    return LendingLink(row.purpose, row.request_id, row.supply_id, row.code, row.expires_at)


async def use(conn: AsyncConnection, token: str, done: str, now: datetime) -> bool:
    """Use a link up; false where somebody was faster, or it does not hold."""
    holds = (L.token_hash == fingerprint(token)) & L.used_at.is_(None) & (L.expires_at > now)
    used = await conn.execute(update(t.lending_link).where(holds).values(used_at=now, used_for=done))
    return used.rowcount == 1


async def end(conn: AsyncConnection, subject: UUID) -> None:
    """End all links to a request or supply that were not used."""
    about = (L.supply_id == subject) | (L.request_id == subject)
    await conn.execute(delete(t.lending_link).where(about, L.used_at.is_(None)))


async def tidy(conn: AsyncConnection, now: datetime) -> int:
    """Forget links that ended long ago; give their number."""
    gone = await conn.execute(delete(t.lending_link).where(L.expires_at < now - KEEP))
    return gone.rowcount


async def give_back(conn: AsyncConnection, token: str) -> None:
    """Let a link hold again, because what it was used for was not done."""
    await conn.execute(
        update(t.lending_link).where(L.token_hash == fingerprint(token)).values(used_at=None, used_for=None)
    )
