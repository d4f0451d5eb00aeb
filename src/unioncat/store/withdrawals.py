"""Records that a member takes back one by one, and all that is left of a member that leaves.

What is taken back is gone from every answer of the store in the same transaction; join and index follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.store import tables as t
from unioncat.store.errors import Unknown

_EMPTY = """
  UPDATE bib_record SET deleted = true, keys = '{}', features = NULL, body = NULL, findings = NULL,
    updated_at = now()
"""
_FOLLOWS = """
  held AS (DELETE FROM holding h USING gone WHERE h.record_id = gone.id),
  waits AS (
    INSERT INTO pending_join SELECT id, true FROM gone ON CONFLICT (record_id) DO UPDATE SET content = true),
  shows AS (
    INSERT INTO pending_publish SELECT DISTINCT m.cluster_id FROM gone
    JOIN cluster_member m ON m.record_id = gone.id ON CONFLICT DO NOTHING)
"""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A record that its library took back. `gone` is when it had left join and index too."""

    source: str
    local_id: str
    by: str
    why: str
    at: datetime
    gone: datetime | None


async def withdraw(conn: AsyncConnection, source_code: str, local_id: str, *, by: str, why: str) -> None:
    """Take a record away until it is given back. Raises `Unknown`."""
    number = (
        await conn.execute(select(t.source.c.id).where(t.source.c.code == source_code))
    ).scalar_one_or_none()
    named = {"source": number, "local": local_id}
    query = "SELECT EXISTS (SELECT FROM bib_record WHERE source_id = :source AND local_id = :local)"
    if number is None or not (await conn.execute(text(query), named)).scalar_one():
        raise Unknown(
            f"there is no record {local_id!r} of source {source_code!r}",
            "Take the number that the library's own system gives it.",
        )
    values = {"by": by, "why": why}
    await conn.execute(
        insert(t.withdrawal)
        .values(source_id=number, local_id=local_id, **values)
        .on_conflict_do_update(index_elements=["source_id", "local_id"], set_=values)
    )
    await conn.execute(
        text(f"""
        WITH gone AS ({_EMPTY} WHERE source_id = :source AND local_id = :local RETURNING id), {_FOLLOWS}
        SELECT count(*) FROM gone
        """),
        named,
    )


async def give_back(conn: AsyncConnection, source_code: str, local_id: str) -> bool:
    """Let a record that was taken away come back: its run is read again. False where it was not."""
    number = select(t.source.c.id).where(t.source.c.code == source_code).scalar_subquery()
    one = (t.withdrawal.c.source_id == number) & (t.withdrawal.c.local_id == local_id)
    if (await conn.execute(delete(t.withdrawal).where(one))).rowcount == 0:
        return False
    await conn.execute(
        text("""
        DELETE FROM catalogue_progress WHERE run_id = (
          SELECT max(w.run_id) FROM raw_record w JOIN source s ON s.id = w.source_id
          JOIN harvest_run r ON r.id = w.run_id AND r.state = 'published'
          WHERE s.code = :source AND w.local_id = :local)
        """),
        {"source": source_code, "local": local_id},
    )
    return True


async def withdrawn(conn: AsyncConnection, source_id: int, local_ids: Sequence[str]) -> frozenset[str]:
    """Give those of these records that their library has taken back."""
    query = select(t.withdrawal.c.local_id).where(
        t.withdrawal.c.source_id == source_id, t.withdrawal.c.local_id.in_(local_ids)
    )
    return frozenset((await conn.execute(query)).scalars())


async def of_library(conn: AsyncConnection, library: str, limit: int) -> list[Withdrawal]:
    """Give what a library has taken back, the latest first."""
    query = (
        select(t.withdrawal, t.source.c.code)
        .join(t.source, t.source.c.id == t.withdrawal.c.source_id)
        .join(t.library, t.library.c.id == t.source.c.library_id)
        .where(t.library.c.code == library)
        .order_by(t.withdrawal.c.at.desc(), t.withdrawal.c.local_id)
        .limit(limit)
    )
    rows = await conn.execute(query)
    return [Withdrawal(row.code, row.local_id, row.by, row.why, row.at, row.gone_at) for row in rows]


async def finish(conn: AsyncConnection) -> None:
    """Note what has left join and index too; called when nothing waits."""
    await conn.execute(
        text("""
        UPDATE withdrawal w SET gone_at = clock_timestamp()
        FROM bib_record b WHERE w.gone_at IS NULL AND b.source_id = w.source_id AND b.local_id = w.local_id
          AND NOT EXISTS (SELECT FROM pending_join p WHERE p.record_id = b.id)
        """)
    )


async def end_membership(conn: AsyncConnection, library_id: int) -> None:
    """Close a library: its sources are read no more, their credentials and its people's roles end."""
    library = {"library": library_id}
    for statement in (
        "UPDATE library SET valid_to = current_date WHERE id = :library",
        "UPDATE source SET state = 'paused', every_minutes = 0 WHERE library_id = :library",
        "DELETE FROM source_secret USING source s WHERE s.id = source_id AND s.library_id = :library",
        "DELETE FROM account_session USING account_role r"
        " WHERE r.account_id = account_session.account_id AND r.library_id = :library",
        "DELETE FROM account_role WHERE library_id = :library",
    ):
        await conn.execute(text(statement), library)


async def empty(conn: AsyncConnection, sources: Sequence[int], library_id: int | None, step: int) -> int:
    """Take some of what a member that leaves had: records, what others told of it, what came raw."""
    named = {"sources": list(sources), "library": library_id or 0, "step": step}
    records = f"""
        WITH part AS (
          SELECT id FROM bib_record WHERE source_id = ANY(:sources) AND NOT deleted LIMIT :step),
        gone AS ({_EMPTY} FROM part WHERE bib_record.id = part.id RETURNING bib_record.id), {_FOLLOWS}
        SELECT count(*) FROM gone
        """
    told = """
        WITH part AS (SELECT record_id, position FROM holding WHERE library_id = :library LIMIT :step),
        gone AS (
          DELETE FROM holding h USING part WHERE h.record_id = part.record_id AND h.position = part.position
          RETURNING h.record_id),
        waits AS (INSERT INTO pending_join SELECT DISTINCT record_id, false FROM gone ON CONFLICT DO NOTHING),
        shows AS (
          INSERT INTO pending_publish SELECT DISTINCT m.cluster_id FROM gone
          JOIN cluster_member m ON m.record_id = gone.record_id ON CONFLICT DO NOTHING)
        SELECT count(*) FROM gone
        """
    raw = """
        WITH part AS (SELECT id FROM raw_record WHERE source_id = ANY(:sources) LIMIT :step),
        gone AS (DELETE FROM raw_record w USING part WHERE w.id = part.id RETURNING w.id)
        SELECT count(*) FROM gone
        """
    for statement in (records, told, raw):
        count = int((await conn.execute(text(statement), named)).scalar_one())
        if count:
            return count
    await conn.execute(text("DELETE FROM issue WHERE source_id = ANY(:sources)"), named)
    return 0
