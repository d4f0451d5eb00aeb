"""People's decisions on pairs of records, and the pairs that wait for one.

Decisions are only added; an undo marks one and removes nothing. Whatever changes them puts both records
into the join, so that the clusters follow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audience import Viewer
from unioncat.domain.match import Evidence, Verdict
from unioncat.domain.review import Decision
from unioncat.store.codec import unpack
from unioncat.store.database import driver
from unioncat.store.errors import Conflict, Unknown

COUNTED = 1000
"""Open pairs are counted up to this number."""
_LIST = "The list of decisions shows their numbers."


@dataclass(frozen=True, slots=True)
class Known:
    """What a decision needs to know of a record; `ref` is "source:local id"."""

    record_id: int
    ref: str
    audience: int
    deleted: bool


@dataclass(frozen=True, slots=True)
class StoredEdge:
    """The machine's judgement of a pair as it was stored."""

    left: int
    right: int
    verdict: Verdict
    score: float
    rules: str
    at: datetime
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision to be added; a time is given when it comes from another installation."""

    left: int
    right: int
    left_ref: str
    right_ref: str
    verdict: Verdict
    reason: str
    by: str
    at: datetime | None = None
    undone_at: datetime | None = None
    undone_by: str | None = None


async def known(conn: AsyncConnection, viewer: Viewer, record_ids: Sequence[int]) -> dict[int, Known]:
    """Give those of these records that the viewer may know of."""
    query = text("""
        SELECT b.id, s.code || ':' || b.local_id, b.audience_id, b.deleted
        FROM bib_record b JOIN source s ON s.id = b.source_id
        WHERE b.id = ANY(:ids) AND b.audience_id = ANY(:audiences)
    """)
    rows = await conn.execute(query, {"ids": list(record_ids), "audiences": sorted(viewer.audiences)})
    return {row[0]: Known(*row) for row in rows}


async def draft(
    conn: AsyncConnection,
    viewer: Viewer,
    pairs: Iterable[tuple[int, int]],
    verdict: Verdict,
    reason: str,
    by: str,
) -> list[Draft]:
    """Make decisions on pairs of live records of one audience. Raises `Unknown`, `Conflict`."""
    wanted = [(min(pair), max(pair)) for pair in pairs]
    found = await known(conn, viewer, sorted({one for pair in wanted for one in pair}))
    drafts = []
    for left, right in wanted:
        for number in (left, right):
            if number not in found or found[number].deleted:
                raise Unknown(f"there is no record {number}", "Look the record up again; it may be deleted.")
        if left == right:
            raise Conflict("a record cannot be compared with itself", "Name two records.")
        ours, theirs = found[left], found[right]
        if ours.audience != theirs.audience:
            raise Conflict(
                "the two records are kept for different audiences",
                "Records of different audiences are never joined; nothing needs deciding.",
            )
        drafts.append(Draft(left, right, ours.ref, theirs.ref, verdict, reason, by))
    return drafts


async def add(conn: AsyncConnection, drafts: Sequence[Draft]) -> list[int]:
    """Write decisions, and put their records into the join; give their numbers.

    What is added in one transaction is one act with one time, and is undone together.
    """
    raw = await driver(conn)
    numbers = [
        await raw.fetchval(
            """
            INSERT INTO decision (left_id, right_id, left_ref, right_ref, verdict, reason, decided_by,
              decided_at, undone_at, undone_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8, now()), $9, $10) RETURNING id
            """,
            one.left,
            one.right,
            one.left_ref,
            one.right_ref,
            one.verdict.value,
            one.reason,
            one.by,
            one.at,
            one.undone_at,
            one.undone_by,
        )
        for one in drafts
    ]
    await rejoin(conn, [number for one in drafts for number in (one.left, one.right)])
    return numbers


async def rejoin(conn: AsyncConnection, record_ids: Iterable[int]) -> None:
    """Put records into the join; those that have not come yet are left out."""
    raw = await driver(conn)
    await raw.execute(
        "INSERT INTO pending_join SELECT id, false FROM bib_record WHERE id = ANY($1::bigint[])"
        " ON CONFLICT DO NOTHING",
        sorted(set(record_ids)),
    )


async def undo(conn: AsyncConnection, viewer: Viewer, number: int, by: str) -> list[Decision]:
    """Take back the act that a decision belongs to; give its decisions. Raises `Unknown`, `Conflict`."""
    first = await one(conn, viewer, number)
    if first.undone_at is not None:
        raise Conflict(f"decision {number} was undone by {first.undone_by}", "Nothing is left to undo.")
    rows = await conn.execute(
        text("""
        UPDATE decision SET undone_at = now(), undone_by = :by
        WHERE decided_at = :at AND decided_by = :author AND undone_at IS NULL RETURNING id
        """),
        {"by": by, "at": first.at, "author": first.by},
    )
    undone = [await one(conn, viewer, row[0]) for row in rows.all()]
    await rejoin(conn, [record for decision in undone for record in (decision.left, decision.right)])
    return undone


# A decision may name a record that has not come yet: then there is nothing to hide.
_VISIBLE = """NOT EXISTS (SELECT FROM bib_record b WHERE b.id IN (d.left_id, d.right_id)
    AND NOT b.audience_id = ANY(:audiences))"""
_COLUMNS = """d.id, d.left_id, d.right_id, d.left_ref, d.right_ref, d.verdict, d.reason, d.decided_by,
    d.decided_at, d.undone_at, d.undone_by,
    EXISTS (SELECT FROM decision o WHERE o.left_id = d.left_id AND o.right_id = d.right_id
      AND o.undone_at IS NULL AND o.verdict <> 'unsure'
      AND (o.decided_at, o.id) > (d.decided_at, d.id)) AS outranked,
    d.undone_at IS NULL AND d.verdict <> 'unsure' AND EXISTS (SELECT FROM decision o
      WHERE o.left_id = d.left_id AND o.right_id = d.right_id AND o.undone_at IS NULL
      AND o.verdict NOT IN ('unsure', d.verdict)) AS contested"""


def _decision(row: Any) -> Decision:
    values: list[Any] = list(row)
    values[5] = Verdict(values[5])
    return Decision(*values)


async def one(conn: AsyncConnection, viewer: Viewer, number: int) -> Decision:
    """Give one decision. Raises `Unknown`."""
    query = text(f"SELECT {_COLUMNS} FROM decision d WHERE d.id = :id AND {_VISIBLE}")
    row = (await conn.execute(query, {"id": number, "audiences": sorted(viewer.audiences)})).one_or_none()
    if row is None:
        raise Unknown(f"there is no decision {number}", _LIST)
    return _decision(row)


async def decisions(
    conn: AsyncConnection,
    viewer: Viewer,
    *,
    limit: int,
    before: int | None = None,
    among: Sequence[int] | None = None,
) -> list[Decision]:
    """Give decisions, newest first; `among` keeps those whose two records are both of these."""
    older = "AND (d.decided_at, d.id) < (SELECT decided_at, id FROM decision WHERE id = :before)"
    query = text(f"""
        SELECT {_COLUMNS} FROM decision d
        WHERE {_VISIBLE} {older if before else ""}
          {"AND d.left_id = ANY(:among) AND d.right_id = ANY(:among)" if among is not None else ""}
        ORDER BY d.decided_at DESC, d.id DESC LIMIT :limit
    """)
    asked: dict[str, object] = {"audiences": sorted(viewer.audiences), "limit": limit}
    if before:
        asked["before"] = before
    if among is not None:
        asked["among"] = list(among)
    return [_decision(row) for row in await conn.execute(query, asked)]


# One question for each two clusters: what is joined through others, or kept apart through others, is settled.
_OPEN = """
    FROM edge e
    JOIN bib_record a ON a.id = e.left_id AND NOT a.deleted AND a.audience_id = ANY(:audiences)
    JOIN bib_record b ON b.id = e.right_id AND NOT b.deleted AND b.audience_id = ANY(:audiences)
    JOIN cluster_member ca ON ca.record_id = e.left_id
    JOIN cluster_member cb ON cb.record_id = e.right_id AND cb.cluster_id <> ca.cluster_id
    WHERE (e.verdict = 'unsure' OR e.divided)
      AND NOT EXISTS (SELECT FROM decision d
        WHERE d.left_id = e.left_id AND d.right_id = e.right_id AND d.undone_at IS NULL)
      AND NOT EXISTS (SELECT FROM cluster_member x JOIN cluster_member y ON y.cluster_id = cb.cluster_id
        JOIN decision d ON d.left_id = least(x.record_id, y.record_id)
          AND d.right_id = greatest(x.record_id, y.record_id)
        WHERE x.cluster_id = ca.cluster_id AND d.undone_at IS NULL AND d.verdict <> 'unsure')
"""


async def open_pairs(conn: AsyncConnection, viewer: Viewer, limit: int) -> list[StoredEdge]:
    """Give the pairs that wait for a person, the likeliest first."""
    query = text(f"""
        SELECT e.left_id, e.right_id, e.verdict, e.score, e.rules, e.judged_at, e.evidence {_OPEN}
        ORDER BY e.score DESC, e.left_id, e.right_id LIMIT :limit
    """)
    rows = await conn.execute(query, {"audiences": sorted(viewer.audiences), "limit": limit})
    return [_edge(row) for row in rows]


async def count_open(conn: AsyncConnection, viewer: Viewer) -> int:
    """Count the pairs that wait for a person, up to `COUNTED`."""
    query = text(f"SELECT count(*) FROM (SELECT {_OPEN} LIMIT {COUNTED}) waiting")
    return int((await conn.execute(query, {"audiences": sorted(viewer.audiences)})).scalar_one())


def _edge(row: Any) -> StoredEdge:
    evidence = unpack(row[6], tuple[Evidence, ...]) if row[6] else ()
    return StoredEdge(row[0], row[1], Verdict(row[2]), row[3], row[4], row[5], evidence)


async def edges_among(conn: AsyncConnection, record_ids: Sequence[int]) -> list[StoredEdge]:
    """Give the machine's judgements of all pairs of these records that are stored."""
    raw = await driver(conn)
    rows = await raw.fetch(
        "SELECT left_id, right_id, verdict, score, rules, judged_at, evidence FROM edge"
        " WHERE left_id = ANY($1::bigint[]) AND right_id = ANY($1::bigint[])",
        list(record_ids),
    )
    return [_edge(row) for row in rows]


async def shared_keys(conn: AsyncConnection, left: int, right: int, cap: int) -> tuple[int, int]:
    """Count the keys that two records share, and those of them that are asked (not shared by too many)."""
    query = text(f"""
        SELECT count(*), count(*) FILTER (WHERE size <= {cap}) FROM (
          SELECT (SELECT count(*) FROM (SELECT FROM match_key m
              WHERE m.key = k AND m.audience_id = a.audience_id LIMIT {cap + 1}) n) AS size
          FROM joined a JOIN joined b USING (audience_id),
            (SELECT DISTINCT unnest(keys) AS k FROM joined WHERE record_id = :left) own
          WHERE a.record_id = :left AND b.record_id = :right AND k = ANY(b.keys)) shared
    """)
    row = (await conn.execute(query, {"left": left, "right": right})).one()
    return int(row[0]), int(row[1])


async def waits(conn: AsyncConnection, record_ids: Sequence[int]) -> bool:
    """Tell whether any of these records waits for the join."""
    query = text("""
        SELECT EXISTS (SELECT FROM pending_join WHERE record_id = ANY(:ids))
            OR EXISTS (SELECT FROM joining WHERE record_id = ANY(:ids))
    """)
    return bool((await conn.execute(query, {"ids": list(record_ids)})).scalar_one())


async def all_decisions(conn: AsyncConnection) -> list[Decision]:
    """Give every decision, oldest first: for export."""
    rows = await conn.execute(text(f"SELECT {_COLUMNS} FROM decision d ORDER BY d.decided_at, d.id"))
    return [_decision(row) for row in rows]


async def mark_undone(conn: AsyncConnection, drafts: Sequence[Draft]) -> None:
    """Undo decisions that stand here and were undone elsewhere."""
    raw = await driver(conn)
    for each in drafts:
        done = await raw.fetchval(
            "UPDATE decision SET undone_at = $1, undone_by = $2 WHERE left_id = $3 AND right_id = $4"
            " AND verdict = $5 AND decided_by = $6 AND decided_at = $7 AND undone_at IS NULL RETURNING id",
            each.undone_at,
            each.undone_by,
            each.left,
            each.right,
            each.verdict.value,
            each.by,
            each.at,
        )
        if done is not None:
            await rejoin(conn, (each.left, each.right))


async def present(conn: AsyncConnection, record_ids: Sequence[int]) -> set[int]:
    """Give those of these records that have come, deleted ones included."""
    raw = await driver(conn)
    rows = await raw.fetch("SELECT id FROM bib_record WHERE id = ANY($1::bigint[])", list(record_ids))
    return {row[0] for row in rows}
