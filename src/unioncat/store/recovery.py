"""Recovery codes of people, as hashes; a used one is kept until others are made, and good for nothing."""

from collections.abc import Iterable

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.totp import fingerprint
from unioncat.store.tables import recovery_code as t


async def renew(conn: AsyncConnection, account: int, codes: Iterable[str]) -> None:
    """Put codes in the place of all that somebody has; none take them away."""
    await conn.execute(delete(t).where(t.c.account_id == account))
    rows = [{"account_id": account, "code_hash": fingerprint(one)} for one in codes]
    if rows:
        await conn.execute(insert(t), rows)


async def use(conn: AsyncConnection, account: int, code: str) -> bool:
    """Use a code up; false where it is none of somebody's, or was used."""
    fits = (t.c.account_id == account) & (t.c.code_hash == fingerprint(code)) & t.c.used_at.is_(None)
    return (await conn.execute(update(t).where(fits).values(used_at=func.now()))).rowcount == 1


async def left(conn: AsyncConnection, account: int) -> int:
    """Count the codes that can still be used."""
    query = select(func.count()).where(t.c.account_id == account, t.c.used_at.is_(None))
    return int((await conn.execute(query)).scalar_one())
