"""Reports on the records of sources: counted in the database when something has come, never when shown."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.bib import BibRecord
from unioncat.domain.quality import DUPLICATE, UNREADABLE, Mend, Report
from unioncat.store import tables as t
from unioncat.store.codec import unpack

_OUTDATED = text("""
SELECT s.code FROM source s LEFT JOIN quality_report q ON q.source_id = s.id
WHERE EXISTS (SELECT FROM harvest_run r JOIN catalogue_progress p ON p.run_id = r.id AND p.finished
              WHERE r.source_id = s.id AND r.state = 'published'
                AND r.finished_at > coalesce(q.at, '-infinity'))
   OR (q.measured < q.records AND q.at < now() - interval '1 day')
ORDER BY s.code
""")
_MEASURE = text("""
WITH mine AS (SELECT b.id, b.findings FROM bib_record b WHERE b.source_id = :source AND NOT b.deleted),
doubles AS (
  SELECT count(*) AS n FROM (
    SELECT count(*) OVER (PARTITION BY m.cluster_id) AS together
    FROM mine JOIN cluster_member m ON m.record_id = mine.id) w WHERE together > 1),
unread AS (
  SELECT count(DISTINCT i.local_id) AS n FROM issue i WHERE i.source_id = :source AND i.stage = 'normalise'
    AND NOT EXISTS (SELECT FROM bib_record b WHERE b.source_id = i.source_id AND b.local_id = i.local_id
                    AND NOT b.deleted)),
found AS (
  SELECT jsonb_object_agg(code, n) AS counts FROM (
    SELECT code, count(*) AS n FROM mine, unnest(mine.findings) AS code GROUP BY code) c)
INSERT INTO quality_report (source_id, at, records, measured, sound, counts, issues)
SELECT :source, now(), count(*), count(findings), count(*) FILTER (WHERE findings = '{}'),
       coalesce((SELECT counts FROM found), '{}')
         || CASE WHEN (SELECT n FROM doubles) > 0
                 THEN jsonb_build_object('duplicate', (SELECT n FROM doubles)) ELSE '{}' END
         || CASE WHEN (SELECT n FROM unread) > 0
                 THEN jsonb_build_object('unreadable', (SELECT n FROM unread)) ELSE '{}' END,
       (SELECT count(*) FROM issue WHERE source_id = :source)
FROM mine
ON CONFLICT (source_id) DO UPDATE SET at = excluded.at, records = excluded.records,
  measured = excluded.measured, sound = excluded.sound, counts = excluded.counts, issues = excluded.issues
""")


async def outdated(conn: AsyncConnection) -> list[str]:
    """Name the sources of which something was published since their report, or may have been read anew."""
    return list((await conn.execute(_OUTDATED)).scalars())


async def measure(conn: AsyncConnection, source_code: str) -> None:
    """Make the report of a source anew."""
    query = select(t.source.c.id).where(t.source.c.code == source_code)
    await conn.execute(_MEASURE, {"source": (await conn.execute(query)).scalar_one()})


async def reports(conn: AsyncConnection, codes: Sequence[str]) -> dict[str, Report]:
    """Give the reports of these sources, as far as there are any."""
    query = select(t.quality_report, t.source.c.code).join(t.source).where(t.source.c.code.in_(codes))
    return {row.code: _report(row) for row in await conn.execute(query)}


def _report(row: Row[Any]) -> Report:
    counts = sorted(row.counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return Report(
        source=row.code,
        at=row.at,
        records=row.records,
        measured=row.measured,
        sound=row.sound,
        counts=tuple(counts),
        issues=row.issues,
    )


async def to_mend(conn: AsyncConnection, source_code: str, finding: str, *, limit: int) -> list[Mend]:
    """Give records with one finding, for a list that people work through."""
    if finding == UNREADABLE:
        return await _unreadable(conn, source_code, limit)
    if finding == DUPLICATE:
        chosen = """b.id IN (SELECT record_id FROM (
          SELECT m.record_id, count(*) OVER (PARTITION BY m.cluster_id) AS together FROM cluster_member m
          JOIN bib_record o ON o.id = m.record_id WHERE o.source_id = s.id AND NOT o.deleted) w
          WHERE together > 1)"""
    else:
        chosen = ":finding = ANY(b.findings)"
    query = text(f"""
        SELECT b.local_id, b.body, c.public_id FROM bib_record b JOIN source s ON s.id = b.source_id
        LEFT JOIN cluster_member m ON m.record_id = b.id LEFT JOIN cluster c ON c.id = m.cluster_id
        WHERE s.code = :source AND NOT b.deleted AND {chosen}
        ORDER BY m.cluster_id, b.local_id LIMIT :limit
    """)
    rows = await conn.execute(query, {"source": source_code, "finding": finding, "limit": limit})
    return [Mend(finding, source_code, row.local_id, _title(row.body), row.public_id or "") for row in rows]


async def _unreadable(conn: AsyncConnection, source_code: str, limit: int) -> list[Mend]:
    query = text("""
        SELECT DISTINCT ON (i.local_id) i.local_id, i.detail FROM issue i JOIN source s ON s.id = i.source_id
        WHERE s.code = :source AND i.stage = 'normalise' AND NOT EXISTS (
          SELECT FROM bib_record b WHERE b.source_id = s.id AND b.local_id = i.local_id AND NOT b.deleted)
        ORDER BY i.local_id, i.id DESC LIMIT :limit
    """)
    rows = await conn.execute(query, {"source": source_code, "limit": limit})
    return [Mend(UNREADABLE, source_code, row.local_id or "", "", row.detail) for row in rows]


def _title(body: bytes | None) -> str:
    return unpack(body, BibRecord).title.main if body else ""
