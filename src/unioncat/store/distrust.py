"""Identifiers that are not to be believed, and the records that must be read again when the list changes.

Chunks of records that are being catalogued hold the list's lock shared; who changes the list holds it alone.
So every record that was read by the old list is there when the change is applied.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.review import Distrusted
from unioncat.store.database import driver
from unioncat.store.errors import Unknown

_LOCK = 7_114_203_004

Number = tuple[str, str]
"""Scheme and value of an identifier."""


async def believed_not(conn: AsyncConnection) -> frozenset[Number]:
    """Give the identifiers that are not to be believed; the list cannot change in this transaction."""
    await conn.execute(text("SELECT pg_advisory_xact_lock_shared(:n)"), {"n": _LOCK})
    rows = await conn.execute(text("SELECT scheme, value FROM distrusted_identifier WHERE NOT withdrawn"))
    return frozenset((row[0], row[1]) for row in rows)


async def distrust(conn: AsyncConnection, number: Number, reason: str, by: str) -> None:
    """Put an identifier on the list, or change the reason."""
    await conn.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    await conn.execute(
        text("""
        INSERT INTO distrusted_identifier AS d
          (scheme, value, reason, decided_by, decided_at, withdrawn, applied)
        VALUES (:scheme, :value, :reason, :by, clock_timestamp(), false, false)
        ON CONFLICT (scheme, value) DO UPDATE SET reason = excluded.reason, decided_by = excluded.decided_by,
          decided_at = excluded.decided_at, withdrawn = false, applied = d.applied AND NOT d.withdrawn
        """),
        {"scheme": number[0], "value": number[1], "reason": reason, "by": by},
    )


async def trust(conn: AsyncConnection, number: Number) -> None:
    """Take an identifier off the list. Raises `Unknown`."""
    await conn.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    done = await conn.execute(
        text("""
        UPDATE distrusted_identifier SET withdrawn = true, applied = false, decided_at = clock_timestamp()
        WHERE scheme = :scheme AND value = :value AND NOT withdrawn
        """),
        {"scheme": number[0], "value": number[1]},
    )
    if done.rowcount == 0:
        raise Unknown(f"{number[0]} {number[1]} is not on the list", "The list shows what is on it.")


async def distrusted(conn: AsyncConnection) -> list[Distrusted]:
    """Give the list, newest first."""
    rows = await conn.execute(
        text("""
        SELECT scheme, value, reason, decided_by, decided_at, applied FROM distrusted_identifier
        WHERE NOT withdrawn ORDER BY decided_at DESC, scheme, value
        """)
    )
    return [Distrusted(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of the list that records have not heard of."""

    number: Number
    at: datetime


async def changes(conn: AsyncConnection) -> list[Changed]:
    """Give the changes of the list that records have not heard of."""
    rows = await conn.execute(
        text("SELECT scheme, value, decided_at FROM distrusted_identifier WHERE NOT applied")
    )
    return [Changed((row[0], row[1]), row[2]) for row in rows]


async def applied(conn: AsyncConnection, done: Sequence[Changed]) -> None:
    """Note that records have heard of these changes; what changed again meanwhile stays to be done."""
    raw = await driver(conn)
    await raw.executemany(
        "UPDATE distrusted_identifier SET applied = true"
        " WHERE scheme = $1 AND value = $2 AND decided_at = $3",
        [(*one.number, one.at) for one in done],
    )
    await conn.execute(text("DELETE FROM distrusted_identifier WHERE withdrawn AND applied"))
