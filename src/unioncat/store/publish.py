"""What waits to be shown: clusters whose documents the index does not have in their present form."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.store.database import driver


@dataclass(frozen=True, slots=True)
class Waiting:
    """A cluster to be shown, or to be taken out where it lives no more."""

    id: int
    public_id: str
    audience: int
    live: bool


async def take(conn: AsyncConnection, after: int, limit: int) -> list[Waiting]:
    """Take up to `limit` waiting clusters in the order of their numbers, from behind `after`.

    A rollback gives them back, a new change waits for the commit.
    """
    raw = await driver(conn)
    rows = await raw.fetch(
        """
        WITH next AS (DELETE FROM pending_publish WHERE cluster_id IN (SELECT cluster_id FROM pending_publish
            WHERE cluster_id > $1 ORDER BY cluster_id LIMIT $2) RETURNING cluster_id)
        SELECT c.id, c.public_id, c.audience_id, c.live FROM next JOIN cluster c ON c.id = next.cluster_id
        ORDER BY c.id
        """,
        after,
        limit,
    )
    return [Waiting(*row) for row in rows]


async def live(conn: AsyncConnection, after: int, limit: int) -> list[Waiting]:
    """Give live clusters in the order of their numbers, from behind `after`: for building an index anew."""
    raw = await driver(conn)
    rows = await raw.fetch(
        "SELECT id, public_id, audience_id, live FROM cluster WHERE live AND id > $1 ORDER BY id LIMIT $2",
        after,
        limit,
    )
    return [Waiting(*row) for row in rows]


async def count(conn: AsyncConnection) -> int:
    """Count the clusters that wait."""
    return int((await conn.execute(text("SELECT count(*) FROM pending_publish"))).scalar_one())


async def count_live(conn: AsyncConnection) -> int:
    """Count the clusters that live: what the index should hold when nothing waits."""
    return int((await conn.execute(text("SELECT count(*) FROM cluster WHERE live"))).scalar_one())


async def clear(conn: AsyncConnection) -> None:
    """Forget what waits: a new index has it all."""
    await conn.execute(text("DELETE FROM pending_publish"))


async def mark_libraries(conn: AsyncConnection, codes: Sequence[str]) -> None:
    """Let all clusters of these libraries be published anew, for example after a change of province."""
    raw = await driver(conn)
    await raw.execute(
        """
        INSERT INTO pending_publish
        SELECT DISTINCT m.cluster_id FROM library l
        JOIN source s ON s.library_id = l.id JOIN bib_record b ON b.source_id = s.id
        JOIN cluster_member m ON m.record_id = b.id WHERE l.code = ANY($1::text[])
        UNION
        SELECT m.cluster_id FROM library l JOIN holding h ON h.library_id = l.id
        JOIN cluster_member m ON m.record_id = h.record_id WHERE l.code = ANY($1::text[])
        ON CONFLICT DO NOTHING
        """,
        list(codes),
    )
