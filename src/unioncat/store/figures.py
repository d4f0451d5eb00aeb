"""Counts for status pages and health checks, per viewer where a viewer sees them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audience import Viewer


@dataclass(frozen=True, slots=True)
class Figures:
    """What a viewer may know of the size of the catalogue."""

    libraries: int
    sources: int
    records: int
    union_records: int
    holdings: int
    pending: int


async def figures(conn: AsyncConnection, viewer: Viewer) -> Figures:
    """Count what this viewer may see, and (unfiltered only in being one number) what still waits."""
    query = text("""
        SELECT
          (SELECT count(*) FROM library WHERE audience_id = ANY(:a)
             AND coalesce(valid_to, 'infinity') >= current_date),
          (SELECT count(*) FROM source WHERE audience_id = ANY(:a)),
          (SELECT count(*) FROM bib_record WHERE audience_id = ANY(:a) AND NOT deleted),
          (SELECT count(*) FROM cluster WHERE audience_id = ANY(:a) AND live),
          (SELECT coalesce(sum(h.copies), 0) FROM holding h JOIN bib_record b ON b.id = h.record_id
             WHERE h.audience_id = ANY(:a) AND b.audience_id = ANY(:a)),
          (SELECT count(*) FROM pending_publish p JOIN cluster c ON c.id = p.cluster_id
             WHERE c.audience_id = ANY(:a))
    """)
    row = (await conn.execute(query, {"a": sorted(viewer.audiences)})).one()
    return Figures(*(int(value) for value in row))


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """What stands of one source."""

    live: int
    deleted: int
    problems: int


async def source_figures(conn: AsyncConnection) -> dict[int, SourceFigures]:
    """Count records and issues of each source, by its number."""
    query = text("""
        SELECT s.id, coalesce(b.live, 0), coalesce(b.deleted, 0), coalesce(i.problems, 0) FROM source s
        LEFT JOIN (SELECT source_id, count(*) FILTER (WHERE NOT deleted) AS live,
                     count(*) FILTER (WHERE deleted) AS deleted FROM bib_record GROUP BY source_id) b
          ON b.source_id = s.id
        LEFT JOIN (SELECT source_id, count(*) AS problems FROM issue GROUP BY source_id) i
          ON i.source_id = s.id
    """)
    return {row[0]: SourceFigures(*row[1:]) for row in await conn.execute(query)}


async def placements(conn: AsyncConnection) -> list[tuple[str, str, int, int]]:
    """Give (source, local id, cluster, audience) of every live record: for judging how well joining did."""
    query = text("""
        SELECT s.code, b.local_id, m.cluster_id, b.audience_id FROM cluster_member m
        JOIN bib_record b ON b.id = m.record_id JOIN source s ON s.id = b.source_id
    """)
    return [(row[0], row[1], row[2], row[3]) for row in await conn.execute(query)]


@dataclass(frozen=True, slots=True)
class Harvests:
    """How the sources of a viewer stand: numbers of sources, and of records that came in the last week."""

    active: int
    paused: int
    held: int
    failing: int
    day: int
    """Sources with a good harvest in the last 24 hours."""
    week: int
    fresh_records: int
    last: datetime | None
    """End of the newest good harvest."""


async def harvests(conn: AsyncConnection, viewer: Viewer) -> Harvests:
    """Count how the sources that this viewer may know of stand."""
    query = text("""
        WITH mine AS (SELECT id, state, protocol FROM source WHERE audience_id = ANY(:a)),
        newest AS (
          SELECT DISTINCT ON (r.source_id) r.source_id, r.state, mine.protocol FROM harvest_run r
          JOIN mine ON mine.id = r.source_id ORDER BY r.source_id, r.id DESC),
        good AS (
          SELECT r.source_id, r.finished_at, r.created + r.changed AS fresh FROM harvest_run r
          JOIN mine ON mine.id = r.source_id WHERE r.state = 'published' AND r.finished_at IS NOT NULL)
        SELECT
          (SELECT count(*) FROM mine WHERE state = 'active'),
          (SELECT count(*) FROM mine WHERE state = 'paused'),
          (SELECT count(*) FROM mine WHERE state = 'held'),
          (SELECT count(*) FROM newest
            WHERE state = 'failed' OR (state = 'broken' AND protocol <> 'files')),
          (SELECT count(DISTINCT source_id) FROM good WHERE finished_at > now() - interval '1 day'),
          (SELECT count(DISTINCT source_id) FROM good WHERE finished_at > now() - interval '7 days'),
          (SELECT coalesce(sum(fresh), 0) FROM good WHERE finished_at > now() - interval '7 days'),
          (SELECT max(finished_at) FROM good)
    """)
    row = (await conn.execute(query, {"a": sorted(viewer.audiences)})).one()
    counts = [int(value) for value in row[:7]]
    return Harvests(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6], row[7])
