"""Spreadsheets of requests between preview and placing; lines go when they are placed, or after a week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.store import tables as t
from unioncat.store.codec import plain
from unioncat.store.errors import Conflict, Unknown

KEEP = timedelta(days=7)
B = t.lending_batch.c


@dataclass(frozen=True, slots=True)
class Kept:
    """A sheet as it was read."""

    id: int
    library: str
    name: str
    lines: Sequence[Any]
    by: str
    brought: datetime
    placed: datetime | None
    numbers: Sequence[str]


async def keep(conn: AsyncConnection, library: int, name: str, lines: Sequence[Any], by: str) -> int:
    """Keep a sheet; those of last week go. Give its number."""
    await conn.execute(delete(t.lending_batch).where(B.brought_at < func.now() - KEEP))
    values = {"library_id": library, "name": plain(name), "lines": plain(list(lines)), "brought_by": by}
    return int((await conn.execute(t.lending_batch.insert().values(values).returning(B.id))).scalar_one())


async def read(conn: AsyncConnection, number: int) -> Kept:
    """Give a sheet. Raises `Unknown`."""
    query = select(t.lending_batch, t.library.c.code).join(t.library, t.library.c.id == B.library_id)
    row = (await conn.execute(query.where(B.id == number))).one_or_none()
    if row is None:
        raise Unknown(f"there is no sheet {number}", "Bring the file again; sheets are kept for a week.")
    return Kept(
        row.id, row.code, row.name, row.lines, row.brought_by, row.brought_at, row.placed_at, row.numbers
    )


async def take(conn: AsyncConnection, number: int) -> None:
    """Note that a sheet is being placed. Raises `Conflict` where it was already."""
    done = await conn.execute(
        update(t.lending_batch).where(B.id == number, B.placed_at.is_(None)).values(placed_at=func.now())
    )
    if done.rowcount == 0:
        raise Conflict(f"sheet {number} was placed already", "Bring the file again to ask for more.")


async def finish(conn: AsyncConnection, number: int, numbers: Sequence[str]) -> None:
    """Keep the numbers of the requests that came of a sheet; its lines go."""
    values = {"numbers": list(numbers), "lines": []}
    await conn.execute(update(t.lending_batch).where(B.id == number).values(values))
