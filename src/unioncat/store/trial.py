"""A schema beside the real one, in which new rules are tried: the same tables, thrown away afterwards.

Nothing here writes to the real tables; decisions and the list of distrusted identifiers are read from there.
The key of public ids is copied with `meta`, so that other weights can be in force beside.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.match import Verdict
from unioncat.store.database import driver
from unioncat.store.reread import Body, Facts, Span, lay_out

SCHEMA = "unioncat_trial"
_LOCK = 7_114_203_005
_TABLES = (
    "bib_record", "match_key", "joined", "edge", "cluster", "cluster_member", "cluster_successor",
    "pending_join", "joining", "candidate", "pending_publish", "meta",
)  # fmt: skip
_AS_THEY_ARE = ("cluster", "cluster_member", "cluster_successor", "meta")


async def alone(conn: AsyncConnection) -> bool:
    """Take the trial's lock until the end of this transaction; false if another trial is at work."""
    return bool((await conn.execute(text("SELECT pg_try_advisory_xact_lock(:n)"), {"n": _LOCK})).scalar_one())


async def build(conn: AsyncConnection) -> str:
    """Make the schema, with the clusters as they are and no records yet; give the real schema's name."""
    home = str((await conn.execute(text("SELECT quote_ident(current_schema())"))).scalar_one())
    await drop(conn)
    await conn.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    for table in _TABLES:
        await conn.execute(
            text(
                f"CREATE UNLOGGED TABLE {SCHEMA}.{table} (LIKE {home}.{table}"
                " INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES)"
            )
        )
    # a join of all records makes this index anew, by its name
    await conn.execute(
        text(f"ALTER TABLE {SCHEMA}.match_key RENAME CONSTRAINT match_key_pkey TO pk_match_key")
    )
    for table in _AS_THEY_ARE:
        await conn.execute(text(f"INSERT INTO {SCHEMA}.{table} SELECT * FROM {home}.{table}"))
    await conn.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{SCHEMA}.cluster', 'id'),"
            f" (SELECT coalesce(max(id), 0) + 1 FROM {SCHEMA}.cluster), false)"
        )
    )
    return home


async def drop(conn: AsyncConnection) -> None:
    """Throw the schema away."""
    await conn.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))


async def bodies(conn: AsyncConnection, home: str, span: Span) -> list[Body]:
    """Give the real records of a span."""
    raw = await driver(conn)
    rows = await raw.fetch(
        f"SELECT id, raw_id, body FROM {home}.bib_record WHERE id > $1 AND id <= $2 AND NOT deleted",
        span.first,
        span.last,
    )
    return [Body(*row) for row in rows]


async def write(conn: AsyncConnection, home: str, fresh: Sequence[Facts], rules: str) -> None:
    """Write records with new keys and features into the trial, and into its join."""
    raw = await driver(conn)
    await lay_out(conn, fresh)
    await raw.execute(
        f"""
        INSERT INTO {SCHEMA}.bib_record (id, source_id, audience_id, raw_id, deleted, normaliser, rules,
          local_id, keys, features)
        SELECT b.id, b.source_id, b.audience_id, b.raw_id, false, b.normaliser, $1, b.local_id, f.keys,
          f.features
        FROM fresh f JOIN {home}.bib_record b ON b.id = f.id AND NOT b.deleted
        """,
        rules,
    )
    await raw.execute(
        f"INSERT INTO {SCHEMA}.pending_join SELECT unnest($1::bigint[]), false",
        [one.record_id for one in fresh],
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """Clusters before and after, and what the new rules would change."""

    clusters_before: int
    clusters_after: int
    merged: int
    """Clusters that would hold members of more than one of today's."""
    split: int
    """Clusters of today whose members would be in more than one."""
    pairs_joined: int
    pairs_parted: int
    ids_ended: int
    """Public ids that would lead elsewhere."""


async def counts(conn: AsyncConnection, home: str) -> Counts:
    """Compare the clusters."""
    query = text(f"""
        WITH placed AS (
          SELECT o.cluster_id AS old, n.cluster_id AS new, count(*) AS k
          FROM {home}.cluster_member o JOIN {SCHEMA}.cluster_member n USING (record_id) GROUP BY 1, 2),
        olds AS (SELECT old, count(*) AS parts, sum(k) AS n, sum(k * (k - 1) / 2) AS stay
          FROM placed GROUP BY 1),
        news AS (SELECT new, count(*) AS parts, sum(k) AS n, sum(k * (k - 1) / 2) AS stay
          FROM placed GROUP BY 1)
        SELECT (SELECT count(*) FROM {home}.cluster WHERE live),
          (SELECT count(*) FROM {SCHEMA}.cluster WHERE live),
          (SELECT count(*) FROM news WHERE parts > 1),
          (SELECT count(*) FROM olds WHERE parts > 1),
          (SELECT coalesce(sum(n * (n - 1) / 2 - stay), 0) FROM news),
          (SELECT coalesce(sum(n * (n - 1) / 2 - stay), 0) FROM olds),
          (SELECT count(*) FROM {home}.cluster o JOIN {SCHEMA}.cluster n USING (id)
             WHERE o.live AND NOT n.live)
    """)
    return Counts(*(int(value) for value in (await conn.execute(query)).one()))


@dataclass(frozen=True, slots=True)
class Example:
    """A judged pair that shows a change; `score` is of the judgement that joins or joined it."""

    left: int
    right: int
    verdict: Verdict
    score: float


async def merges(conn: AsyncConnection, home: str, limit: int) -> list[Example]:
    """Give a pair of each cluster that would be merged, the most doubtful first."""
    return await _examples(conn, SCHEMA, home, SCHEMA, "ASC", limit)


async def splits(conn: AsyncConnection, home: str, limit: int) -> list[Example]:
    """Give a pair of each cluster that would be split, the surest of today first."""
    return await _examples(conn, home, SCHEMA, home, "DESC", limit)


async def _examples(
    conn: AsyncConnection, together: str, apart: str, judged: str, order: str, limit: int
) -> list[Example]:
    query = text(f"""
        SELECT left_id, right_id, verdict, score FROM (
          SELECT DISTINCT ON (l.cluster_id) e.left_id, e.right_id, e.verdict, e.score
          FROM {judged}.edge e
          JOIN {together}.cluster_member l ON l.record_id = e.left_id
          JOIN {together}.cluster_member r ON r.record_id = e.right_id AND r.cluster_id = l.cluster_id
          JOIN {apart}.cluster_member x ON x.record_id = e.left_id
          JOIN {apart}.cluster_member y ON y.record_id = e.right_id AND y.cluster_id <> x.cluster_id
          WHERE e.verdict = 'same'
          ORDER BY l.cluster_id, e.score {order}, e.left_id, e.right_id) one_each
        ORDER BY score {order}, left_id, right_id LIMIT :limit
    """)
    rows = await conn.execute(query, {"limit": limit})
    return [Example(row[0], row[1], Verdict(row[2]), row[3]) for row in rows]


async def features(conn: AsyncConnection, record_ids: Sequence[int]) -> dict[int, bytes]:
    """Give the packed features that the new rules made of these records."""
    raw = await driver(conn)
    query = f"SELECT id, features FROM {SCHEMA}.bib_record WHERE id = ANY($1::bigint[])"
    return dict(await raw.fetch(query, list(record_ids)))
