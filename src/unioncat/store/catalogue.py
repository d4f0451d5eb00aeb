"""The normalise stage's tables: which raw records wait, and what became of them.

A chunk of raw records is read and its outcome written in one transaction; doing it twice changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.bib import Holding, Problem
from unioncat.store import tables as t
from unioncat.store.codec import expand
from unioncat.store.database import copy, driver


@dataclass(frozen=True, slots=True)
class Chunk:
    """Raw records of one published run: those with `first` < number <= `last`."""

    run_id: int
    source_id: int
    first: int
    last: int
    size: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A raw record to be normalised."""

    raw_id: int
    local_id: str
    deleted: bool
    format: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """The outcome for one record; without `body` (and not deleted) it could not be read."""

    record_id: int
    raw_id: int
    local_id: str
    deleted: bool
    keys: tuple[int, ...] = ()
    features: bytes | None = None
    body: bytes | None = None
    holdings: tuple[Holding, ...] = ()
    problems: tuple[Problem, ...] = ()
    findings: tuple[str, ...] = ()


async def waiting_chunks(conn: AsyncConnection, size: int) -> list[Chunk]:
    """Cut what published runs brought, and nobody normalised yet, into chunks of at most `size` records."""
    query = text("""
        SELECT run_id, source_id, min(id) - 1 AS first, max(id) AS last, count(*) AS size FROM (
          SELECT r.id AS run_id, r.source_id, w.id,
                 (row_number() OVER (PARTITION BY r.id ORDER BY w.id) - 1) / :size AS part
          FROM harvest_run r
          LEFT JOIN catalogue_progress p ON p.run_id = r.id
          JOIN raw_record w ON w.run_id = r.id AND w.id > coalesce(p.raw_id, 0)
          WHERE r.state = 'published' AND NOT coalesce(p.finished, false)) parts
        GROUP BY run_id, source_id, part ORDER BY run_id, part
    """)
    return [
        Chunk(row.run_id, row.source_id, row.first, row.last, row.size)
        for row in await conn.execute(query, {"size": size})
    ]


async def finish_runs(conn: AsyncConnection) -> None:
    """Note the published runs of which nothing waits any more; an empty run counts too."""
    await conn.execute(
        text("""
        INSERT INTO catalogue_progress (run_id, raw_id, finished)
        SELECT r.id, coalesce(max(w.id), 0), true FROM harvest_run r
        LEFT JOIN catalogue_progress p ON p.run_id = r.id
        LEFT JOIN raw_record w ON w.run_id = r.id
        WHERE r.state = 'published' AND NOT coalesce(p.finished, false)
        GROUP BY r.id, p.raw_id HAVING coalesce(max(w.id), 0) <= coalesce(p.raw_id, 0)
        ON CONFLICT (run_id) DO UPDATE SET raw_id = excluded.raw_id, finished = true
        """)
    )


async def advance(conn: AsyncConnection, chunk: Chunk) -> None:
    """Remember that a run is normalised up to the end of `chunk`."""
    await conn.execute(
        text("""
        INSERT INTO catalogue_progress (run_id, raw_id, finished) VALUES (:run, :last, false)
        ON CONFLICT (run_id) DO UPDATE SET raw_id = greatest(catalogue_progress.raw_id, excluded.raw_id)
        """),
        {"run": chunk.run_id, "last": chunk.last},
    )


async def forget_progress(conn: AsyncConnection, source_code: str | None = None) -> None:
    """Let every raw record be normalised again, or those of one source; newer versions still win."""
    query = delete(t.catalogue_progress)
    if source_code is not None:
        theirs = select(t.harvest_run.c.id).join(t.source).where(t.source.c.code == source_code)
        query = query.where(t.catalogue_progress.c.run_id.in_(theirs))
    await conn.execute(query)


async def read_chunk(conn: AsyncConnection, chunk: Chunk) -> list[Waiting]:
    """Give the raw records of a chunk, oldest first."""
    raw = await driver(conn)
    rows = await raw.fetch(
        "SELECT id, local_id, deleted, format, payload FROM raw_record"
        " WHERE run_id = $1 AND id > $2 AND id <= $3 ORDER BY id",
        chunk.run_id,
        chunk.first,
        chunk.last,
    )
    return [Waiting(row[0], row[1], row[2], row[3], b"" if row[2] else expand(row[4])) for row in rows]


async def write_chunk(
    conn: AsyncConnection,
    chunk: Chunk,
    entries: Sequence[Entry],
    *,
    audience: int,
    library_id: int,
    libraries: dict[str, tuple[int, int]],
    normaliser: int,
    rules: str,
) -> int:
    """Write the outcome of a chunk and mark the records for joining; tell how many changed.

    `libraries` gives number and audience of each library code, `rules` made the keys and features. A record
    that cannot be read leaves an issue, and the older good version of it as it is.
    """
    await conn.execute(text("SET LOCAL synchronous_commit = off"))
    raw = await driver(conn)
    known: dict[int, int] = dict(
        await raw.fetch(
            "SELECT id, raw_id FROM bib_record WHERE id = ANY($1::bigint[])", [e.record_id for e in entries]
        )
    )
    current = [e for e in entries if known.get(e.record_id, 0) <= e.raw_id]
    usable = [e for e in current if (e.body is not None or e.deleted)]
    replaced = [e.record_id for e in usable if e.record_id in known]
    if replaced:
        await raw.execute("DELETE FROM bib_record WHERE id = ANY($1::bigint[])", replaced)
        await raw.execute("DELETE FROM holding WHERE record_id = ANY($1::bigint[])", replaced)
    await copy(
        conn,
        "bib_record",
        _BIB,
        [
            (
                e.record_id,
                chunk.source_id,
                audience,
                e.raw_id,
                e.deleted,
                normaliser,
                rules,
                e.local_id,
                e.keys,
                e.features,
                e.body,
                None if e.deleted else e.findings,
            )
            for e in usable
        ],
    )
    await copy(conn, "holding", _HOLDING, _holding_rows(usable, audience, library_id, libraries))
    await _replace_issues(conn, chunk, current)
    await raw.execute(
        "INSERT INTO pending_join SELECT unnest($1::bigint[])"
        " ON CONFLICT (record_id) DO UPDATE SET content = true",
        [e.record_id for e in usable],
    )
    return len(usable)


_BIB = (
    "id",
    "source_id",
    "audience_id",
    "raw_id",
    "deleted",
    "normaliser",
    "rules",
    "local_id",
    "keys",
    "features",
    "body",
    "findings",
)
_HOLDING = (
    "record_id",
    "position",
    "library_id",
    "audience_id",
    "copies",
    "location",
    "shelf_mark",
    "items",
    "volume",
    "status",
    "note",
    "url",
)
_MOST_HOLDINGS = 32_000


def _holding_rows(
    entries: Sequence[Entry], audience: int, library_id: int, libraries: dict[str, tuple[int, int]]
) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for entry in entries:
        for position, holding in enumerate(entry.holdings[:_MOST_HOLDINGS]):
            owner, circle = libraries.get(holding.library or "", (library_id, audience))
            rows.append(
                (
                    entry.record_id,
                    position,
                    owner,
                    circle or audience,
                    holding.copies,
                    holding.location,
                    holding.shelf_mark,
                    list(holding.items),
                    holding.volume,
                    holding.status,
                    holding.note,
                    holding.url,
                )
            )
    return rows


async def _replace_issues(conn: AsyncConnection, chunk: Chunk, entries: Sequence[Entry]) -> None:
    raw = await driver(conn)
    await raw.execute(
        "DELETE FROM issue WHERE source_id = $1 AND stage = 'normalise' AND local_id = ANY($2::text[])",
        chunk.source_id,
        [e.local_id for e in entries],
    )
    await copy(
        conn,
        "issue",
        ("source_id", "run_id", "stage", "code", "detail", "local_id"),
        [
            (chunk.source_id, chunk.run_id, "normalise", problem.code, problem.detail, entry.local_id)
            for entry in entries
            for problem in entry.problems
        ],
    )


async def issues(conn: AsyncConnection, source_id: int, *, limit: int = 100) -> list[dict[str, Any]]:
    """Give the latest issues of a source, newest first (never the payload)."""
    query = text("""
        SELECT id, at, stage, code, detail, local_id, run_id FROM issue
        WHERE source_id = :source ORDER BY id DESC LIMIT :limit
    """)
    return [dict(row._mapping) for row in await conn.execute(query, {"source": source_id, "limit": limit})]
