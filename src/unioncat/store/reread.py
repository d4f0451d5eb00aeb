"""Stored records read again: spans of them, their bodies, and their new keys and features.

A record that was replaced meanwhile keeps what its own harvest brought.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.store.database import driver


@dataclass(frozen=True, slots=True)
class Span:
    """The live records with `first` < number <= `last`; `stale` keeps those that other rules read."""

    first: int
    last: int
    size: int
    stale: str | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A stored record, packed, and the version of it by its raw record."""

    record_id: int
    raw_id: int
    packed: bytes


@dataclass(frozen=True, slots=True)
class Facts:
    """New keys and features of one version of a record."""

    record_id: int
    raw_id: int
    keys: tuple[int, ...]
    features: bytes


async def spans(conn: AsyncConnection, size: int, stale: str | None = None) -> list[Span]:
    """Cut the live records into spans of at most `size`; `stale` leaves out what these rules have read."""
    query = text(f"""
        SELECT min(id) - 1 AS first, max(id) AS last, count(*) AS size FROM (
          SELECT id, (row_number() OVER (ORDER BY id) - 1) / :size AS part
          FROM bib_record WHERE NOT deleted {"AND rules <> :rules" if stale is not None else ""}
        ) parts GROUP BY part ORDER BY part
    """)
    rows = await conn.execute(query, {"size": size} | ({"rules": stale} if stale is not None else {}))
    return [Span(row.first, row.last, row.size, stale) for row in rows]


async def count_stale(conn: AsyncConnection, rules: str) -> int:
    """Count the live records that other rules than these have read."""
    query = text("SELECT count(*) FROM bib_record WHERE NOT deleted AND rules <> :rules")
    return int((await conn.execute(query, {"rules": rules})).scalar_one())


async def bodies(conn: AsyncConnection, span: Span) -> list[Body]:
    """Give the records of a span."""
    raw = await driver(conn)
    rows = await raw.fetch(
        "SELECT id, raw_id, body FROM bib_record WHERE id > $1 AND id <= $2 AND NOT deleted"
        " AND ($3::text IS NULL OR rules <> $3) ORDER BY id",
        span.first,
        span.last,
        span.stale,
    )
    return [Body(*row) for row in rows]


async def write(conn: AsyncConnection, fresh: Sequence[Facts], rules: str, *, join: bool) -> int:
    """Put new keys and features in place, and (with `join`) the records into the join; give how many."""
    raw = await driver(conn)
    numbers = [one.record_id for one in fresh]
    if not numbers:
        return 0
    await lay_out(conn, fresh)
    await raw.execute(
        "UPDATE bib_record b SET keys = f.keys, features = f.features, rules = $1 FROM fresh f"
        " WHERE b.id = f.id AND b.raw_id = f.raw_id",
        rules,
    )
    if join:
        await raw.execute(
            "INSERT INTO pending_join SELECT unnest($1::bigint[]), false ON CONFLICT DO NOTHING", numbers
        )
    return len(numbers)


async def lay_out(conn: AsyncConnection, fresh: Sequence[Facts]) -> None:
    """Put keys and features into the table `fresh` of this transaction."""
    raw = await driver(conn)
    await raw.execute(
        "CREATE TEMP TABLE fresh (id bigint, raw_id bigint, keys bigint[], features bytea) ON COMMIT DROP"
    )
    await raw.copy_records_to_table(
        "fresh",
        records=[(one.record_id, one.raw_id, one.keys, one.features) for one in fresh],
        columns=["id", "raw_id", "keys", "features"],
    )


_APPLYING = "rules_being_applied"


async def begin_applying(conn: AsyncConnection, rules: str) -> None:
    """Note that all records are being read by new rules, and must be joined anew when that is done."""
    await conn.execute(
        text(
            "INSERT INTO meta (key, value) VALUES (:key, :rules)"
            " ON CONFLICT (key) DO UPDATE SET value = :rules"
        ),
        {"key": _APPLYING, "rules": rules},
    )


async def applying(conn: AsyncConnection) -> str | None:
    """Give the rules by which all records are being read; none where nothing was begun."""
    query = text("SELECT value FROM meta WHERE key = :key")
    return (await conn.execute(query, {"key": _APPLYING})).scalar_one_or_none()


async def end_applying(conn: AsyncConnection) -> int:
    """Put every live record into the join, once all have been read; give how many."""
    found = await conn.execute(
        text(
            "INSERT INTO pending_join SELECT id, false FROM bib_record WHERE NOT deleted"
            " ON CONFLICT DO NOTHING"
        )
    )
    await conn.execute(text("DELETE FROM meta WHERE key = :key"), {"key": _APPLYING})
    return found.rowcount
