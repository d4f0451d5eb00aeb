"""Members that change their minds on who may see what is theirs: what was asked, what follows, the proof.

A source's row changes at once and hides all that came from it; the records follow in steps, each whole.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audience import Viewer
from unioncat.store import tables as t
from unioncat.store import withdrawals

LEAVING = "leaving"
"""The subject of the change by which a library leaves: everything of it goes."""
STEP = 5_000
"""Records that one transaction moves to their new audience."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one who belongs to an audience finds of a library or a source."""

    records: int
    union_records: int
    holdings: int
    indexed: int = 0
    """Union records that a search finds under the libraries of these sources."""


@dataclass(frozen=True, slots=True)
class AudienceChange:
    """A change from the day it was asked for to its proof; audiences by their numbers."""

    id: int
    subject: str
    code: str
    old: int
    new: int
    by: str
    sources: tuple[int, ...]
    library_id: int | None
    asked: datetime
    done: datetime | None
    before: Seen
    after: Seen | None

    @property
    def seconds(self) -> int | None:
        """Return how long it took until nothing was left to do."""
        return None if self.done is None else round((self.done - self.asked).total_seconds())

    @property
    def watched(self) -> int:
        """Return the audience whose view is counted: that which loses, or the public that wins."""
        return self.old if self.new else self.new


async def look(conn: AsyncConnection, sources: tuple[int, ...], library_id: int | None) -> Seen:
    """Count what the viewer of this transaction finds of some sources, and of a library's holdings."""
    row = (
        await conn.execute(
            text("""
            SELECT (SELECT count(*) FROM bib_record b JOIN source s ON s.id = b.source_id
                     WHERE b.source_id = ANY(:sources) AND NOT b.deleted),
                   (SELECT count(DISTINCT m.cluster_id) FROM bib_record b
                     JOIN source s ON s.id = b.source_id
                     JOIN cluster_member m ON m.record_id = b.id
                     WHERE b.source_id = ANY(:sources) AND NOT b.deleted),
                   (SELECT count(*) FROM holding h WHERE h.library_id = :library)
            """),
            {"sources": list(sources), "library": library_id or 0},
        )
    ).one()
    return Seen(int(row[0]), int(row[1]), int(row[2]))


async def circle_of(conn: AsyncConnection, library_id: int) -> int:
    """Give the audience that is a library alone; it is made where there is none yet, and does not name it."""
    query = select(t.audience.c.id).where(t.audience.c.library_id == library_id)
    found = (await conn.execute(query)).scalar_one_or_none()
    if found is not None:
        return int(found)
    made = await conn.execute(
        text("""
        INSERT INTO audience (id, code, name_vi, name_en, library_id)
        SELECT max(id) + 1, 'only-' || CAST(:library AS integer), 'Riêng một thư viện', 'One library alone',
          CAST(:library AS integer)
        FROM audience RETURNING id
        """),
        {"library": library_id},
    )
    return int(made.scalar_one())


async def all_sources_of(conn: AsyncConnection, library_id: int) -> tuple[int, ...]:
    """Give all sources of a library."""
    query = select(t.source.c.id).where(t.source.c.library_id == library_id).order_by(t.source.c.id)
    return tuple((await conn.execute(query)).scalars())


async def sources_of(conn: AsyncConnection, library_id: int, audience: int) -> tuple[int, ...]:
    """Give the sources of a library that are kept for just this audience: they follow the library."""
    query = select(t.source.c.id).where(
        t.source.c.library_id == library_id, t.source.c.audience_id == audience
    )
    return tuple((await conn.execute(query.order_by(t.source.c.id))).scalars())


async def begin(conn: AsyncConnection, change: dict[str, Any], before: Seen) -> int:
    """Change the rows of library and sources, which hides them at once, and note what must follow."""
    if change["library_id"] is not None:
        await conn.execute(
            t.library.update()
            .where(t.library.c.id == change["library_id"])
            .values(audience_id=change["new_audience"])
        )
    await conn.execute(
        t.source.update()
        .where(t.source.c.id.in_(change["sources"]))
        .values(audience_id=change["new_audience"])
    )
    counted = {
        "records": before.records,
        "union_records": before.union_records,
        "holdings": before.holdings,
        "indexed": before.indexed,
    }
    made = await conn.execute(
        t.audience_change.insert().values(before=counted, **change).returning(t.audience_change.c.id)
    )
    return int(made.scalar_one())


async def note_registered(conn: AsyncConnection, before: dict[str, dict[str, int]], by: str) -> int:
    """Let records follow audiences that a registration changed; give the number of changes.

    `before` is what `audiences_now` gave. A source for everybody follows its library.
    """
    noted = 0
    await conn.execute(
        text("""
        UPDATE source s SET audience_id = l.audience_id FROM library l
        WHERE l.id = s.library_id AND s.audience_id = 0 AND l.audience_id <> 0
        """)
    )
    now = await audiences_now(conn)
    for subject, table in (("library", t.library), ("source", t.source)):
        for code, audience in now[subject].items():
            old = before[subject].get(code, audience)
            if old == audience:
                continue
            number = (await conn.execute(select(table.c.id).where(table.c.code == code))).scalar_one()
            theirs = (number,) if subject == "source" else ()
            library_id = number if subject == "library" else None
            seen = await look(conn, theirs, library_id)
            await begin(
                conn,
                {
                    "subject": subject,
                    "code": code,
                    "old_audience": old,
                    "new_audience": audience,
                    "by": by,
                    "sources": list(theirs),
                    "library_id": library_id,
                },
                seen,
            )
            noted += 1
    return noted


async def audiences_now(conn: AsyncConnection) -> dict[str, dict[str, int]]:
    """Give the audience of each library and each source by its code."""
    found: dict[str, dict[str, int]] = {}
    for name, table in (("library", t.library), ("source", t.source)):
        rows = await conn.execute(select(table.c.code, table.c.audience_id))
        found[name] = {row.code: row.audience_id for row in rows}
    return found


async def open_changes(conn: AsyncConnection) -> list[AudienceChange]:
    """Give the changes of which something is left to do, oldest first."""
    query = t.audience_change.select().where(t.audience_change.c.done_at.is_(None))
    return [_change(row) for row in await conn.execute(query.order_by(t.audience_change.c.id))]


async def changes(conn: AsyncConnection, limit: int, library_id: int | None = None) -> list[AudienceChange]:
    """Give the latest changes, newest first: all, or those of a library and its sources."""
    query = t.audience_change.select().order_by(t.audience_change.c.id.desc()).limit(limit)
    if library_id is not None:
        mine = select(t.source.c.code).where(t.source.c.library_id == library_id)
        of_source = (t.audience_change.c.subject == "source") & t.audience_change.c.code.in_(mine)
        query = query.where((t.audience_change.c.library_id == library_id) | of_source)
    return [_change(row) for row in await conn.execute(query)]


async def move(conn: AsyncConnection, change: AudienceChange) -> int:
    """Move some records and holdings to the audience of their source and library; give how many.

    Each goes into the next join, and its union record is published anew. Those of a member that leaves go.
    """
    if change.subject == LEAVING:
        return await withdrawals.empty(conn, change.sources, change.library_id, STEP)
    rows = await conn.execute(
        text("""
        WITH astray AS (
          SELECT b.id, s.audience_id FROM bib_record b JOIN source s ON s.id = b.source_id
          WHERE b.source_id = ANY(:sources) AND b.audience_id <> s.audience_id LIMIT :step),
        moved AS (
          UPDATE bib_record b SET audience_id = astray.audience_id FROM astray WHERE b.id = astray.id
          RETURNING b.id),
        held AS (
          UPDATE holding h SET audience_id =
            CASE WHEN h.library_id = s.library_id OR l.audience_id = 0 THEN s.audience_id
                 ELSE l.audience_id END
          FROM moved JOIN bib_record b ON b.id = moved.id JOIN source s ON s.id = b.source_id,
            library l WHERE h.record_id = moved.id AND l.id = h.library_id),
        waits AS (
          INSERT INTO pending_join SELECT id, true FROM moved
          ON CONFLICT (record_id) DO UPDATE SET content = true),
        shows AS (
          INSERT INTO pending_publish SELECT DISTINCT m.cluster_id FROM moved
          JOIN cluster_member m ON m.record_id = moved.id ON CONFLICT DO NOTHING)
        SELECT count(*) FROM moved
        """),
        {"sources": list(change.sources), "step": STEP},
    )
    moved = int(rows.scalar_one())
    if change.library_id is None:
        return moved
    rows = await conn.execute(
        text("""
        WITH moved AS (
          UPDATE holding h SET audience_id = wanted.a FROM (
            SELECT h.record_id, h.position,
              CASE WHEN l.audience_id = 0 THEN b.audience_id ELSE l.audience_id END AS a
            FROM holding h JOIN library l ON l.id = h.library_id JOIN bib_record b ON b.id = h.record_id
            JOIN source s ON s.id = b.source_id
            WHERE h.library_id = :library AND s.library_id <> :library
              AND h.audience_id <> CASE WHEN l.audience_id = 0 THEN b.audience_id ELSE l.audience_id END
            LIMIT :step) wanted
          WHERE h.record_id = wanted.record_id AND h.position = wanted.position RETURNING h.record_id),
        waits AS (
          INSERT INTO pending_join SELECT DISTINCT record_id, false FROM moved ON CONFLICT DO NOTHING),
        shows AS (
          INSERT INTO pending_publish SELECT DISTINCT m.cluster_id FROM moved
          JOIN cluster_member m ON m.record_id = moved.record_id ON CONFLICT DO NOTHING)
        SELECT count(*) FROM moved
        """),
        {"library": change.library_id, "step": STEP},
    )
    return moved + int(rows.scalar_one())


async def finish(conn: AsyncConnection, number: int, after: Seen) -> None:
    """Note that all has followed, with what the watched viewer finds now."""
    counted = {
        "records": after.records,
        "union_records": after.union_records,
        "holdings": after.holdings,
        "indexed": after.indexed,
    }
    await conn.execute(
        t.audience_change.update()
        .where(t.audience_change.c.id == number)
        .values(after=counted, done_at=text("clock_timestamp()"))
    )


def viewer_of(audience: int) -> Viewer:
    """Give the viewer who belongs to an audience alone."""
    return Viewer(frozenset({audience}))


def _change(row: Row[Any]) -> AudienceChange:
    return AudienceChange(
        row.id,
        row.subject,
        row.code,
        row.old_audience,
        row.new_audience,
        row.by,
        tuple(row.sources),
        row.library_id,
        row.asked_at,
        row.done_at,
        Seen(**row.before),
        Seen(**row.after) if row.after else None,
    )
