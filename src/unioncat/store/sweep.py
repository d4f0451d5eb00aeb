"""What vanished without a deletion: found by a list that ended regularly, and made a deletion of its own.

A tombstone is a row of the run that missed the record, so it is public only when that run is published.
Nothing is swept by a run that does not know what it saw: incremental, empty, or with pieces without a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.source import Run, RunMode, Source
from unioncat.store.codec import digest, squeeze
from unioncat.store.database import Database
from unioncat.store.fence import fence

WEEKLY, MONTHLY = 7, 30
"""Days between comparisons of identifiers, where the source does not say."""
VANISHED = "vanished"
"""Format of a tombstone that no server sent."""
_LATEST = """
SELECT DISTINCT ON (w.local_id) w.local_id, w.deleted
FROM raw_record w JOIN harvest_run r ON r.id = w.run_id
WHERE w.source_id = :source AND r.state = 'published'
ORDER BY w.local_id DESC, w.run_id DESC
"""
_UNSEEN = f"""
SELECT latest.local_id FROM ({_LATEST}) latest
WHERE NOT latest.deleted
  AND NOT EXISTS (SELECT FROM raw_record n
                  WHERE n.source_id = :source AND n.run_id = :run AND n.local_id = latest.local_id)
  AND NOT EXISTS (SELECT FROM harvest_seen s WHERE s.run_id = :run AND s.local_id = latest.local_id)
"""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a run did not see: how many live records, and some of them. `note` says why none was swept."""

    count: int = 0
    sample: tuple[str, ...] = ()
    note: str | None = None


async def sweep(db: Database, run: Run, owner: UUID, *, sample: int) -> Swept:
    """Write a deletion for every live record that a finished run did not see; doing it again adds nothing.

    One set-based statement whatever the size. Raises `RunLost`.
    """
    if run.mode is RunMode.INCREMENTAL or not run.counters.received:
        return Swept()
    ids = {"source": run.source_id, "run": run.id}
    async with db.begin() as conn:
        await fence(conn, run, owner)
        query = "SELECT EXISTS (SELECT FROM harvest_run WHERE source_id = :source AND state = 'published')"
        if not (await conn.execute(text(query), ids)).scalar_one():
            return Swept()
        unnamed = await unnamed_pieces(conn, run.id)
        if unnamed:
            reason = f"{unnamed} pieces name no record, so it is not known what vanished: nothing is swept"
            return Swept(note=reason)
        await conn.execute(
            text(f"""
                INSERT INTO raw_record (source_id, run_id, deleted, hash, format, local_id, payload)
                SELECT :source, :run, true, :hash, '{VANISHED}', local_id, :payload FROM ({_UNSEEN}) gone
            """),
            {**ids, "hash": digest(b""), "payload": squeeze(b"")},
        )
        return Swept(await _count(conn, run.id), await _sample(conn, run.id, sample))


async def spare(db: Database, run: Run, owner: UUID, local_ids: Sequence[str]) -> None:
    """Take deletions back that `sweep` wrote: the server still has these records. Raises `RunLost`."""
    async with db.begin() as conn:
        await fence(conn, run, owner)
        await conn.execute(
            text(
                f"DELETE FROM raw_record WHERE run_id = :run AND format = '{VANISHED}'"
                " AND local_id = ANY(:ids)"
            ),
            {"run": run.id, "ids": list(local_ids)},
        )
        await see(conn, run.id, local_ids)
        await _count(conn, run.id)


async def see(conn: AsyncConnection, run_id: int, local_ids: Sequence[str]) -> int:
    """Remember that a run saw these records; tell how many of them it had not so remembered before."""
    if not local_ids:
        return 0
    done = await conn.execute(
        text(
            "INSERT INTO harvest_seen (run_id, local_id) SELECT :run, unnest(CAST(:ids AS text[]))"
            " ON CONFLICT DO NOTHING"
        ),
        {"run": run_id, "ids": list(local_ids)},
    )
    return done.rowcount


async def unnamed_pieces(conn: AsyncConnection, run_id: int) -> int:
    """Count what a run put aside without knowing which record it is."""
    query = "SELECT count(*) FROM issue WHERE run_id = :run AND stage = 'harvest' AND local_id IS NULL"
    return int((await conn.execute(text(query), {"run": run_id})).scalar_one())


async def missing(db: Database, run: Run, *, limit: int) -> tuple[str, ...]:
    """Give records that a comparison of identifiers saw and that are not live here, at most `limit`."""
    query = f"""
        SELECT s.local_id FROM harvest_seen s
        LEFT JOIN ({_LATEST}) latest ON latest.local_id = s.local_id
        WHERE s.run_id = :run AND coalesce(latest.deleted, true)
          AND NOT EXISTS (SELECT FROM raw_record n
                          WHERE n.source_id = :source AND n.run_id = :run AND n.local_id = s.local_id)
        ORDER BY s.local_id LIMIT :limit
    """
    async with db.begin() as conn:
        rows = await conn.execute(text(query), {"source": run.source_id, "run": run.id, "limit": limit})
        return tuple(row.local_id for row in rows)


async def due(conn: AsyncConnection, source: Source, now: datetime) -> bool:
    """Tell whether it is time to compare identifiers: nothing has seen the whole list for long enough.

    A comparison that failed is tried again after a day.
    """
    row = (
        await conn.execute(
            text("""
                SELECT s.identity ->> 'deletedRecord' AS deleted,
                       max(r.started_at) FILTER (WHERE r.list_finished) AS whole,
                       max(r.started_at) FILTER (WHERE r.mode = 'reconcile') AS tried
                FROM source s
                LEFT JOIN harvest_run r ON r.source_id = s.id AND r.mode IN ('full', 'reconcile')
                  AND r.state IN ('published', 'rejected', 'superseded', 'broken')
                WHERE s.id = :source GROUP BY s.id
            """),
            {"source": source.id},
        )
    ).one()
    days = source.reconcile_days
    if days is None:
        days = MONTHLY if row.deleted == "persistent" else WEEKLY
    if days <= 0 or row.whole is None or now - row.whole < timedelta(days=days):
        return False
    return row.tried is None or now - row.tried >= timedelta(days=1)


async def _count(conn: AsyncConnection, run_id: int) -> int:
    """Let the run's figure be what its rows are, and give it."""
    done = await conn.execute(
        text(f"""
            UPDATE harvest_run SET swept = (SELECT count(*) FROM raw_record
                                            WHERE run_id = :run AND format = '{VANISHED}')
            WHERE id = :run RETURNING swept
        """),
        {"run": run_id},
    )
    return int(done.scalar_one())


async def _sample(conn: AsyncConnection, run_id: int, size: int) -> tuple[str, ...]:
    """Give some of a run's tombstones, the same each time, from all over the source."""
    rows = await conn.execute(
        text(
            f"SELECT local_id FROM raw_record WHERE run_id = :run AND format = '{VANISHED}'"
            " ORDER BY md5(local_id) LIMIT :size"
        ),
        {"run": run_id, "size": size},
    )
    return tuple(row.local_id for row in rows)
