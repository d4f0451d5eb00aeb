"""Counts for status pages and health checks, per viewer where a viewer sees them."""

from dataclasses import dataclass

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
