"""Weights other than the program's own: those that all judgements are made by, and those to be applied.

Each is one text under a name in `meta`; what it says is the business of `flow.scale`.
"""

from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Kept(StrEnum):
    """Under which name weights are kept."""

    IN_FORCE = "weights_in_force"
    """Every judgement is made by these."""
    WANTED = "weights_wanted"
    """All records are to be joined by these."""


async def read(conn: AsyncConnection, kept: Kept) -> str | None:
    """Give weights as they were written; none where there are none."""
    query = text("SELECT value FROM meta WHERE key = :key")
    return (await conn.execute(query, {"key": kept.value})).scalar_one_or_none()


async def write(conn: AsyncConnection, kept: Kept, weights: str) -> None:
    """Keep weights in place of those before."""
    query = text(
        "INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = :value"
    )
    await conn.execute(query, {"key": kept.value, "value": weights})


async def forget(conn: AsyncConnection, kept: Kept) -> None:
    """Keep none any more."""
    await conn.execute(text("DELETE FROM meta WHERE key = :key"), {"key": kept.value})
