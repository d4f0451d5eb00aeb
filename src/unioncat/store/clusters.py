"""Clusters: public ids, their members, and where a former id leads. An id once given out never dies."""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audience import Viewer
from unioncat.domain.match import OldCluster
from unioncat.domain.union import Resolved
from unioncat.store import tables as t
from unioncat.store.database import copy, driver
from unioncat.store.visibility import visible

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Letters and digits that cannot be taken for one another, five bits each."""
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def public_id(secret: str, founder: int, attempt: int = 0) -> str:
    """Make the public id of a cluster: 60 bits that tell nothing of its records to who lacks the secret."""
    mac = hmac.digest(secret.encode(), f"{founder}/{attempt}".encode(), "sha256")
    bits = int.from_bytes(mac[:8], "big") >> 4
    return "".join([_PAIRS[bits >> place & 0x3FF] for place in range(50, -1, -10)])


async def secret(conn: AsyncConnection) -> str:
    """Give this installation's key for public ids."""
    query = select(t.meta.c.value).where(t.meta.c.key == "public_id_key")
    return str((await conn.execute(query)).scalar_one())


async def live_audiences(conn: AsyncConnection, record_ids: Sequence[int]) -> dict[int, int]:
    """Give the audience of each of these records that is not deleted."""
    raw = await driver(conn)
    return dict(
        await raw.fetch(
            "SELECT id, audience_id FROM bib_record WHERE id = ANY($1::bigint[]) AND NOT deleted", record_ids
        )
    )


async def loners(conn: AsyncConnection, first: int, last: int) -> list[tuple[int, int]]:
    """Give the records of the join with `first` < number <= `last`, tied to nothing and in no cluster.

    Each comes with its audience, in the order of their numbers. The limits are said to each table: a plan
    that merges tables would read each from its beginning, for every span anew.
    """
    raw = await driver(conn)
    rows = await raw.fetch(
        """
        SELECT j.record_id, b.audience_id FROM joining j
        JOIN bib_record b ON b.id = j.record_id AND NOT b.deleted AND b.id > $1 AND b.id <= $2
        WHERE j.record_id > $1 AND j.record_id <= $2
          AND NOT EXISTS (SELECT FROM cluster_member m
            WHERE m.record_id = j.record_id AND m.record_id > $1 AND m.record_id <= $2)
          AND NOT EXISTS (SELECT FROM edge e
            WHERE e.left_id = j.record_id AND e.verdict = 'same' AND e.left_id > $1 AND e.left_id <= $2)
          AND NOT EXISTS (SELECT FROM edge e
            WHERE e.right_id = j.record_id AND e.verdict = 'same' AND e.right_id > $1 AND e.right_id <= $2)
          AND NOT EXISTS (SELECT FROM decision d
            WHERE d.left_id = j.record_id AND d.left_id > $1 AND d.left_id <= $2)
          AND NOT EXISTS (SELECT FROM decision d
            WHERE d.right_id = j.record_id AND d.right_id > $1 AND d.right_id <= $2)
        ORDER BY j.record_id
        """,
        first,
        last,
    )
    return [(row[0], row[1]) for row in rows]


async def taken_ids(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, tuple[int, bool]]:
    """Give number and liveness of the clusters that have these public ids."""
    raw = await driver(conn)
    rows = await raw.fetch("SELECT public_id, id, live FROM cluster WHERE public_id = ANY($1::text[])", ids)
    return {row[0]: (row[1], row[2]) for row in rows}


async def reserve(conn: AsyncConnection, count: int) -> range:
    """Set numbers for new clusters aside. They follow each other, because one join is at work at a time."""
    if count == 0:
        return range(0)
    query = text(
        "SELECT setval(name, nextval(name) + :count - 1) FROM pg_get_serial_sequence('cluster', 'id') name"
    )
    last = int((await conn.execute(query, {"count": count})).scalar_one())
    return range(last - count + 1, last + 1)


async def new_clusters(
    conn: AsyncConnection, rows: Sequence[tuple[str, int, Sequence[int]]], numbers: Sequence[int]
) -> None:
    """Add clusters of (public id, audience, members) with the numbers set aside for them."""
    await copy(
        conn,
        "cluster",
        ("id", "public_id", "audience_id", "live"),
        [(number, row[0], row[1], True) for number, row in zip(numbers, rows, strict=True)],
    )
    await copy(
        conn,
        "cluster_member",
        ("record_id", "cluster_id"),
        [(member, number) for number, row in zip(numbers, rows, strict=True) for member in row[2]],
    )
    await mark(conn, numbers)


async def touched(conn: AsyncConnection, limit: int) -> list[int]:
    """Give up to `limit` records of the join."""
    raw = await driver(conn)
    return [row[0] for row in await raw.fetch("SELECT record_id FROM joining ORDER BY 1 LIMIT $1", limit)]


async def changed_content(conn: AsyncConnection, record_ids: Sequence[int]) -> set[int]:
    """Give those of these records whose own content may have changed in this join."""
    raw = await driver(conn)
    rows = await raw.fetch(
        "SELECT record_id FROM joining WHERE content AND record_id = ANY($1::bigint[])", record_ids
    )
    return {row[0] for row in rows}


async def clusters_of(conn: AsyncConnection, record_ids: Sequence[int]) -> list[OldCluster]:
    """Give the live clusters that hold any of these records, with all their members, oldest first."""
    raw = await driver(conn)
    rows = await raw.fetch(
        """
        SELECT cluster_id, array_agg(record_id) FROM cluster_member WHERE cluster_id IN
          (SELECT cluster_id FROM cluster_member WHERE record_id = ANY($1::bigint[]))
        GROUP BY cluster_id ORDER BY cluster_id
        """,
        record_ids,
    )
    return [OldCluster(row[0], row[0], frozenset(row[1])) for row in rows]


@dataclass(frozen=True, slots=True)
class Change:
    """What a join makes of some clusters. All numbers are of clusters."""

    members: dict[int, frozenset[int]]
    """New members of clusters that stay, or live again."""
    moved: dict[int, int]
    """Ended clusters and the one that answers for them now."""
    split: dict[int, tuple[int, ...]]
    """Clusters that gave members to others."""
    dissolved: tuple[int, ...]
    """Clusters without any live member."""


async def write_change(conn: AsyncConnection, change: Change, audiences: dict[int, int]) -> None:
    """Write what became of clusters; `audiences` gives the audience of each record."""
    raw = await driver(conn)
    ended = sorted({*change.moved, *change.dissolved})
    concerned = sorted({*change.members, *ended})
    await raw.execute("DELETE FROM cluster_member WHERE cluster_id = ANY($1::bigint[])", concerned)
    await copy(
        conn,
        "cluster_member",
        ("record_id", "cluster_id"),
        [(one, number) for number, members in sorted(change.members.items()) for one in sorted(members)],
    )
    await raw.execute(
        "UPDATE cluster SET live = false, updated_at = now() WHERE id = ANY($1::bigint[])", ended
    )
    living = sorted(change.members)
    await raw.execute(
        "UPDATE cluster SET live = true, audience_id = new.a, updated_at = now()"
        " FROM unnest($1::bigint[], $2::smallint[]) AS new(id, a) WHERE cluster.id = new.id",
        living,
        [audiences[min(change.members[number])] for number in living],
    )
    # What a living cluster answers for itself, and what an ended one led to before, is no longer true.
    await raw.execute(
        "DELETE FROM cluster_successor WHERE cluster_id = ANY($1::bigint[])",
        sorted({*ended, *change.members}),
    )
    leads = {(old, new) for old, new in change.moved.items()}
    leads |= {(old, new) for old, others in change.split.items() for new in others if new != old}
    await raw.executemany(
        "INSERT INTO cluster_successor (cluster_id, successor_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        sorted(leads),
    )
    await mark(conn, concerned)
    if leads:
        await _hide_ways(conn, living)


async def _hide_ways(conn: AsyncConnection, numbers: Sequence[int]) -> None:
    """Keep ended clusters that lead to these for whom what they lead to is kept for.

    So the id of a record that was withdrawn from the public answers the public like one that never was.
    """
    raw = await driver(conn)
    await raw.execute(
        """
        WITH RECURSIVE up (id) AS (
          SELECT s.cluster_id FROM cluster_successor s WHERE s.successor_id = ANY($1::bigint[])
          UNION SELECT s.cluster_id FROM up JOIN cluster_successor s ON s.successor_id = up.id),
        ended AS (SELECT c.id FROM up JOIN cluster c ON c.id = up.id AND NOT c.live),
        way (start, id) AS (
          SELECT s.cluster_id, s.successor_id FROM ended e JOIN cluster_successor s ON s.cluster_id = e.id
          UNION SELECT way.start, s.successor_id FROM way JOIN cluster_successor s ON s.cluster_id = way.id)
        UPDATE cluster SET audience_id = led.audience_id FROM (
          SELECT way.start, min(c.audience_id) AS audience_id FROM way
          JOIN cluster c ON c.id = way.id AND c.live GROUP BY way.start) led
        WHERE cluster.id = led.start AND cluster.audience_id <> led.audience_id
        """,
        list(numbers),
    )


async def mark(conn: AsyncConnection, numbers: Iterable[int]) -> None:
    """Let these clusters be published anew."""
    raw = await driver(conn)
    await raw.execute(
        "INSERT INTO pending_publish SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING", sorted(set(numbers))
    )


async def resolve(conn: AsyncConnection, viewer: Viewer, public_id_: str) -> tuple[Resolved, int] | None:
    """Tell what a public id stands for today, and its cluster's number; none if this viewer has no such."""
    row = (
        await conn.execute(
            select(t.cluster.c.id, t.cluster.c.live).where(
                t.cluster.c.public_id == public_id_, visible(t.cluster.c.audience_id, viewer)
            )
        )
    ).one_or_none()
    if row is None:
        return None
    names = tuple(await _successors(conn, viewer, row.id))
    state = "live" if row.live else {0: "gone", 1: "moved"}.get(len(names), "split")
    return Resolved(public_id_, state, names), row.id


async def union_id(conn: AsyncConnection, source: str, local_id: str) -> str | None:
    """Name the union record that a source's record is in; none where it is in none."""
    query = text("""
        SELECT c.public_id FROM bib_record b JOIN source s ON s.id = b.source_id
        JOIN cluster_member m ON m.record_id = b.id JOIN cluster c ON c.id = m.cluster_id
        WHERE s.code = :source AND b.local_id = :local_id
    """)
    found = await conn.execute(query, {"source": source, "local_id": local_id})
    return found.scalar_one_or_none()


async def _successors(conn: AsyncConnection, viewer: Viewer, number: int) -> list[str]:
    """Follow the ways from a cluster to those that live today."""
    query = text("""
        WITH RECURSIVE way (id) AS (
          SELECT successor_id FROM cluster_successor WHERE cluster_id = :id
          UNION SELECT s.successor_id FROM way JOIN cluster c ON c.id = way.id AND NOT c.live
            JOIN cluster_successor s ON s.cluster_id = way.id)
        SELECT c.public_id FROM way JOIN cluster c USING (id)
        WHERE c.live AND c.id <> :id AND c.audience_id = ANY(:audiences) ORDER BY c.id
    """)
    rows = await conn.execute(query, {"id": number, "audiences": sorted(viewer.audiences)})
    return [row[0] for row in rows]
