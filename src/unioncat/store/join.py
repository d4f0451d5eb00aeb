"""The join stage's tables: keys, candidates and judged pairs.

Which pairs are looked at depends on the set of records alone: a key shared by too many records is no
candidate key, and when a key crosses that line every record that has it is judged anew. Blocks, edges and
so clusters never reach over the border of an audience.

Keys and candidates follow from `joined` and `joining`; they are unlogged, and a database that was cut off
starts without them (decision 0012).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.match import Edge, Verdict
from unioncat.store.database import driver

_LOCK = 7_114_203_002


async def alone(conn: AsyncConnection) -> bool:
    """Take the join's lock until the end of this transaction; false if another join is at work."""
    return bool((await conn.execute(text("SELECT pg_try_advisory_xact_lock(:n)"), {"n": _LOCK})).scalar_one())


@dataclass(frozen=True, slots=True)
class Begun:
    """A join under way: the records in it, and whether these are all that there are."""

    size: int
    whole: bool


async def begin(conn: AsyncConnection, cap: int) -> Begun:
    """Take the waiting records into the join, put their keys right, and drop edges that may be wrong now.

    One transaction, so that a kill leaves the old or the new state.
    """
    for statement in (
        "SET LOCAL synchronous_commit = off",
        "SET LOCAL work_mem = '256MB'",  # one join at a time; a first load sorts millions of keys
        "CREATE TEMP TABLE taken ON COMMIT DROP AS"
        " WITH gone AS (DELETE FROM pending_join RETURNING record_id, content) SELECT * FROM gone",
        "ANALYZE taken",
        "DELETE FROM candidate",  # of a join that was cut off: its records are still in `joining`
    ):
        await conn.execute(text(statement))
    others = (
        "SELECT EXISTS (SELECT FROM joined j LEFT JOIN taken t USING (record_id) WHERE t.record_id IS NULL)"
    )
    some = bool((await conn.execute(text(others))).scalar_one())
    if some:
        await _see_to_keys(conn)
    for statement in (*(_some(cap) if some else _ALL), *_EDGES):
        await conn.execute(text(statement))
    size = int((await conn.execute(text("SELECT count(*) FROM joining"))).scalar_one())
    return Begun(size, whole=not some)


_FILL_KEYS = (
    # an index is made of what is there in two thirds of the time that it takes to grow
    "ALTER TABLE match_key DROP CONSTRAINT pk_match_key",
    "INSERT INTO match_key (key, record_id, audience_id)"
    " SELECT k, record_id, audience_id FROM joined, unnest(keys) k",
    "ALTER TABLE match_key ADD CONSTRAINT pk_match_key PRIMARY KEY (key, record_id)",
)

_ALL = (
    # Every record is taken: the first load, or new rules. All is judged anew, so nothing need be compared.
    "TRUNCATE match_key, joined",
    "INSERT INTO joined (record_id, audience_id, keys)"
    " SELECT b.id, b.audience_id, b.keys FROM taken JOIN bib_record b ON b.id = taken.record_id"
    " WHERE NOT b.deleted",
    *_FILL_KEYS,
    """INSERT INTO joining (record_id, rejudge, content) SELECT record_id, true, content FROM taken
       ON CONFLICT (record_id) DO UPDATE SET rejudge = true, content = joining.content OR excluded.content""",
)


async def _see_to_keys(conn: AsyncConnection) -> None:
    """Fill the keys anew if they are gone: PostgreSQL empties unlogged tables after a crash."""
    lost = "SELECT EXISTS (SELECT FROM joined) AND NOT EXISTS (SELECT FROM match_key)"
    if (await conn.execute(text(lost))).scalar_one():
        for statement in _FILL_KEYS:
            await conn.execute(text(statement))


def _some(cap: int) -> tuple[str, ...]:
    """Take some of many records: only keys that come or go are touched and counted."""
    size = f"""(SELECT count(*) FROM (SELECT FROM match_key m
        WHERE m.key = k.key AND m.audience_id = k.audience_id LIMIT {cap + 1}) n)"""
    return (
        """CREATE TEMP TABLE change ON COMMIT DROP AS
           SELECT t.record_id, b.audience_id, b.keys, j.audience_id AS old_audience, j.keys AS old_keys
           FROM taken t LEFT JOIN bib_record b ON b.id = t.record_id AND NOT b.deleted
           LEFT JOIN joined j ON j.record_id = t.record_id
           WHERE (b.audience_id, b.keys) IS DISTINCT FROM (j.audience_id, j.keys)""",
        # What each key that comes or goes (none twice in a record) counts before …
        """CREATE TEMP TABLE new_key ON COMMIT DROP AS
           SELECT k AS key, record_id, audience_id FROM change, unnest(keys) k
           WHERE audience_id IS DISTINCT FROM old_audience OR k <> ALL(old_keys)""",
        """CREATE TEMP TABLE old_key ON COMMIT DROP AS
           SELECT k AS key, record_id, old_audience AS audience_id FROM change, unnest(old_keys) k
           WHERE audience_id IS DISTINCT FROM old_audience OR k <> ALL(keys)""",
        "ANALYZE new_key",
        "ANALYZE old_key",
        f"""CREATE TEMP TABLE before ON COMMIT DROP AS SELECT k.key, k.audience_id, {size} AS size
           FROM (SELECT key, audience_id FROM new_key UNION SELECT key, audience_id FROM old_key) k""",
        "DELETE FROM match_key m USING old_key o WHERE m.key = o.key AND m.record_id = o.record_id",
        "INSERT INTO match_key (key, record_id, audience_id)"
        " SELECT key, record_id, audience_id FROM new_key ORDER BY key, record_id",
        "DELETE FROM joined USING change WHERE joined.record_id = change.record_id",
        "INSERT INTO joined (record_id, audience_id, keys)"
        " SELECT record_id, audience_id, keys FROM change WHERE keys IS NOT NULL",
        # … and after: a key that crossed the cap concerns all who have it.
        f"""CREATE TEMP TABLE crossed ON COMMIT DROP AS SELECT k.key, k.audience_id FROM before k
           WHERE (k.size > {cap}) <> ({size} > {cap})""",
        """INSERT INTO joining (record_id, rejudge, content)
           SELECT record_id, true, bool_or(content) FROM (
             SELECT record_id, content FROM taken
             UNION SELECT m.record_id, false FROM crossed c
               JOIN match_key m ON m.key = c.key AND m.audience_id = c.audience_id) anew
           GROUP BY record_id
           ON CONFLICT (record_id) DO UPDATE SET rejudge = true,
             content = joining.content OR excluded.content""",
    )


_EDGES = (
    """CREATE TEMP TABLE cut ON COMMIT DROP AS
       SELECT e.left_id, e.right_id FROM edge e JOIN joining j ON j.record_id = e.left_id WHERE j.rejudge
       UNION SELECT e.left_id, e.right_id FROM edge e JOIN joining j ON j.record_id = e.right_id
         WHERE j.rejudge""",
    "DELETE FROM edge e USING cut WHERE e.left_id = cut.left_id AND e.right_id = cut.right_id",
    """INSERT INTO joining (record_id, rejudge)
       SELECT left_id, false FROM cut UNION SELECT right_id, false FROM cut ON CONFLICT DO NOTHING""",
)


WRITTEN = ("match_key", "joined", "joining", "bib_record")
"""Tables that a large step fills."""


async def analyse(conn: AsyncConnection, table: str) -> None:
    """Let the planner know of what a large step wrote."""
    if table not in WRITTEN:
        raise ValueError(table)
    await conn.execute(text(f"ANALYZE {table}"))


@dataclass(frozen=True, slots=True)
class Span:
    """The records of the join with `first` < number <= `last`."""

    first: int
    last: int
    size: int


async def spans(conn: AsyncConnection, size: int) -> list[Span]:
    """Cut the records to be judged anew into spans of at most `size`."""
    query = text("""
        SELECT min(record_id) - 1 AS first, max(record_id) AS last, count(*) AS size FROM (
          SELECT record_id, (row_number() OVER (ORDER BY record_id) - 1) / :size AS part
          FROM joining WHERE rejudge) parts GROUP BY part ORDER BY part
    """)
    return [Span(row.first, row.last, row.size) for row in await conn.execute(query, {"size": size})]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys with `first` <= key <= `last`; both are 64-bit signed."""

    first: int
    last: int


async def find_candidates(conn: AsyncConnection, where: Keys | Span, cap: int) -> None:
    """Note the pairs that share a key, each under the record of the join that is the first to be judged.

    Of a join of all records those that share one of these keys; of another those with a record of a span.
    """
    raw = await driver(conn)
    # What two tasks find is written in one order, or each could wait for the other.
    await raw.execute(
        "INSERT INTO candidate (record_id, other_id) "
        + (_by_keys(cap) if isinstance(where, Keys) else _by_records(cap))
        + " ORDER BY 1, 2 ON CONFLICT DO NOTHING",
        where.first,
        where.last,
    )


def _by_keys(cap: int) -> str:
    return f"""
        SELECT DISTINCT own, other
        FROM (SELECT array_agg(record_id) AS members FROM match_key WHERE key >= $1 AND key <= $2
          GROUP BY key, audience_id HAVING count(*) BETWEEN 2 AND {cap}) block,
          unnest(members) own, unnest(members) other
        WHERE own < other"""


def _by_records(cap: int) -> str:
    return f"""
        SELECT DISTINCT own.record_id, other
        FROM (SELECT DISTINCT k AS key, s.audience_id
          FROM joining j JOIN joined s USING (record_id) CROSS JOIN unnest(s.keys) k
          WHERE j.record_id > $1 AND j.record_id <= $2 AND j.rejudge) asked
        CROSS JOIN LATERAL (
          SELECT array_agg(m.record_id) AS members FROM (SELECT record_id FROM match_key
            WHERE key = asked.key AND audience_id = asked.audience_id LIMIT {cap + 1}) m) block
        JOIN joining own ON own.record_id = ANY(block.members) AND own.rejudge
          AND own.record_id > $1 AND own.record_id <= $2
        CROSS JOIN unnest(block.members) other
        WHERE cardinality(block.members) BETWEEN 2 AND {cap} AND other <> own.record_id
          AND (other > own.record_id
            OR NOT EXISTS (SELECT FROM joining j WHERE j.record_id = other AND j.rejudge))"""


async def take_candidates(conn: AsyncConnection, span: Span) -> list[tuple[int, int]]:
    """Take the pairs noted under the records of a span, the smaller number first, in order."""
    raw = await driver(conn)
    query = "DELETE FROM candidate WHERE record_id > $1 AND record_id <= $2 RETURNING record_id, other_id"
    pairs = await raw.fetch(query, span.first, span.last)
    return sorted((own, other) if own < other else (other, own) for own, other in pairs)


async def features(conn: AsyncConnection, record_ids: Sequence[int]) -> dict[int, bytes]:
    """Give the packed features of live records."""
    raw = await driver(conn)
    return dict(
        await raw.fetch(
            "SELECT id, features FROM bib_record WHERE id = ANY($1::bigint[]) AND features IS NOT NULL",
            record_ids,
        )
    )


async def owners(conn: AsyncConnection, record_ids: Sequence[int]) -> dict[int, int]:
    """Give the library of each record that is held by one library alone: its source's where none is named.

    Only holdings count that everybody sees who sees the record: others may not decide what is joined.
    """
    raw = await driver(conn)
    return dict(
        await raw.fetch(
            """
            SELECT b.id, coalesce(min(h.library_id), min(s.library_id)) FROM bib_record b
            JOIN source s ON s.id = b.source_id LEFT JOIN holding h
              ON h.record_id = b.id AND h.audience_id IN (0, b.audience_id)
            WHERE b.id = ANY($1::bigint[]) GROUP BY b.id HAVING count(DISTINCT h.library_id) <= 1
            """,
            record_ids,
        )
    )


async def write_edges(conn: AsyncConnection, edges: Iterable[tuple[Edge, bytes | None]], rules: str) -> None:
    """Keep judged pairs with their packed evidence; a pair judged before is replaced."""
    rows = sorted(edges, key=lambda row: (row[0].left, row[0].right))
    if not rows:
        return
    raw = await driver(conn)
    await raw.execute(
        """
        INSERT INTO edge (left_id, right_id, verdict, score, rules, evidence)
        SELECT l, r, v, s, $5, e FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::real[], $6::bytea[])
          AS new(l, r, v, s, e)
        ON CONFLICT (left_id, right_id) DO UPDATE SET verdict = excluded.verdict, score = excluded.score,
          rules = excluded.rules, evidence = excluded.evidence, judged_at = now()
        """,
        [edge.left for edge, _ in rows],
        [edge.right for edge, _ in rows],
        [edge.verdict.value for edge, _ in rows],
        [edge.score for edge, _ in rows],
        rules,
        [evidence for _, evidence in rows],
    )


async def tying_edges(conn: AsyncConnection, record_ids: Sequence[int]) -> list[Edge]:
    """Give the edges by which these records hang together with any other: machine's and people's.

    Of people's decisions on one pair the latest counts; one that only takes a pair off the list says nothing.
    """
    raw = await driver(conn)
    rows = await raw.fetch(
        """
        SELECT left_id, right_id, verdict, score, false FROM edge
          WHERE verdict = 'same' AND left_id = ANY($1::bigint[])
        UNION SELECT left_id, right_id, verdict, score, false FROM edge
          WHERE verdict = 'same' AND right_id = ANY($1::bigint[])
        UNION SELECT left_id, right_id, verdict, 0, true FROM (
          SELECT DISTINCT ON (left_id, right_id) left_id, right_id, verdict FROM decision
          WHERE undone_at IS NULL AND verdict <> 'unsure'
            AND (left_id = ANY($1::bigint[]) OR right_id = ANY($1::bigint[]))
          ORDER BY left_id, right_id, decided_at DESC, id DESC) latest
        """,
        record_ids,
    )
    return [Edge(row[0], row[1], Verdict(row[2]), row[3], row[4]) for row in rows]


async def mark_divided(conn: AsyncConnection, tied: Sequence[tuple[Edge, bool]]) -> None:
    """Note of pairs that the machine judged the same whether they are kept apart all the same."""
    if not tied:
        return
    raw = await driver(conn)
    await raw.execute(
        """
        UPDATE edge e SET divided = new.divided
        FROM unnest($1::bigint[], $2::bigint[], $3::boolean[]) AS new(l, r, divided)
        WHERE e.left_id = new.l AND e.right_id = new.r AND e.divided <> new.divided
        """,
        [edge.left for edge, _ in tied],
        [edge.right for edge, _ in tied],
        [divided for _, divided in tied],
    )


async def finish(conn: AsyncConnection, record_ids: Sequence[int]) -> None:
    """Let these records out of the join."""
    raw = await driver(conn)
    await raw.execute("DELETE FROM joining WHERE record_id = ANY($1::bigint[])", record_ids)


async def waiting(conn: AsyncConnection) -> int:
    """Count the records that wait for joining or are in a join."""
    query = "SELECT (SELECT count(*) FROM pending_join) + (SELECT count(*) FROM joining)"
    return int((await conn.execute(text(query))).scalar_one())
