"""Spreadsheets of members between preview and registration."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.store.errors import Conflict, Unknown
from unioncat.store.tables import members_sheet as t

KEEP = timedelta(days=30)


async def keep(conn: AsyncConnection, name: str, lines: Sequence[Any], by: str) -> int:
    """Keep a sheet as it was read; give its number."""
    values = {"name": name, "lines": list(lines), "brought_by": by}
    return int((await conn.execute(t.insert().values(values).returning(t.c.id))).scalar_one())


async def read(conn: AsyncConnection, number: int) -> tuple[str, list[Any], datetime | None]:
    """Give name and lines of a sheet, and when it was registered. Raises `Unknown`."""
    row = (await conn.execute(select(t).where(t.c.id == number))).one_or_none()
    if row is None:
        raise Unknown(f"there is no sheet {number}", "Bring the file again; sheets are kept for 30 days.")
    return row.name, row.lines, row.applied_at


async def applied(conn: AsyncConnection, number: int) -> None:
    """Note that a sheet was registered. Raises `Conflict` where it was already."""
    done = await conn.execute(
        update(t).where(t.c.id == number, t.c.applied_at.is_(None)).values(applied_at=func.now())
    )
    if done.rowcount == 0:
        raise Conflict(f"sheet {number} was registered already", "Bring the file again to change something.")


async def tidy(conn: AsyncConnection) -> int:
    """Forget old sheets; give their number."""
    gone = await conn.execute(t.delete().where(t.c.brought_at < func.now() - KEEP))
    return gone.rowcount
