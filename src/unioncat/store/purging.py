"""Versions of raw records that a source's rules shut out by now: found span by span, taken away or cut.

What the readers see follows from a run of its own, as after any harvest; nothing else is written downstream.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.source import RunMode, RunState
from unioncat.store.codec import digest, expand, squeeze
from unioncat.store.tables import harvest_run


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record; `newest` is the one that stands in the catalogue, `stands`: one of it does."""

    id: int
    local_id: str
    format: str
    payload: bytes
    newest: bool
    stands: bool


async def is_running(conn: AsyncConnection, source_id: int) -> bool:
    """Lock a source, and tell whether a harvest of it is under way."""
    await conn.execute(text("SELECT id FROM source WHERE id = :source FOR UPDATE"), {"source": source_id})
    query = text("SELECT EXISTS (SELECT FROM harvest_run WHERE source_id = :source AND state = 'running')")
    return bool((await conn.execute(query, {"source": source_id})).scalar_one())


async def versions(conn: AsyncConnection, source_id: int, after: int, limit: int) -> list[Version]:
    """Give versions of a source's records with content, by number, from any run."""
    query = text("""
        SELECT w.id, w.local_id, w.format, w.payload, r.state = 'published' AND NOT EXISTS (
            SELECT FROM raw_record n JOIN harvest_run s ON s.id = n.run_id
            WHERE n.source_id = w.source_id AND n.local_id = w.local_id AND n.run_id > w.run_id
              AND s.state = 'published') AS newest,
          coalesce((SELECT NOT n.deleted FROM raw_record n JOIN harvest_run s ON s.id = n.run_id
            WHERE n.source_id = w.source_id AND n.local_id = w.local_id AND s.state = 'published'
            ORDER BY n.run_id DESC LIMIT 1), true) AS stands
        FROM raw_record w JOIN harvest_run r ON r.id = w.run_id
        WHERE w.source_id = :source AND w.id > :after AND NOT w.deleted ORDER BY w.id LIMIT :limit
    """)
    rows = await conn.execute(query, {"source": source_id, "after": after, "limit": limit})
    return [
        Version(row.id, row.local_id, row.format, expand(row.payload), row.newest, row.stands) for row in rows
    ]


async def take_away(
    conn: AsyncConnection,
    source_id: int,
    shut: Sequence[Version],
    cut: Sequence[tuple[Version, bytes]],
    now: datetime,
) -> None:
    """Remove versions, and put others in the place of those with fields cut out, in one published run.

    A record whose newest version goes becomes a deletion; one whose newest version is cut is read anew.
    """
    fresh = [(one.local_id, one.format, b"", True) for one in shut if one.newest]
    fresh += [(one.local_id, one.format, payload, False) for one, payload in cut if one.newest]
    if fresh:
        deleted = sum(gone for *_, gone in fresh)
        made = harvest_run.insert().values(
            source_id=source_id,
            mode=RunMode.INCREMENTAL,
            state=RunState.PUBLISHED,
            started_at=now,
            finished_at=now,
            list_finished=True,
            received=len(fresh),
            deleted=deleted,
            changed=len(fresh) - deleted,
        )
        run = (await conn.execute(made.returning(harvest_run.c.id))).scalar_one()
        await conn.execute(
            text(
                "INSERT INTO raw_record (source_id, run_id, deleted, hash, format, local_id, payload)"
                " VALUES (:source, :run, :deleted, :hash, :format, :local_id, :payload)"
            ),
            [
                {
                    "source": source_id,
                    "run": run,
                    "deleted": gone,
                    "hash": digest(payload),
                    "format": format,
                    "local_id": local_id,
                    "payload": squeeze(payload),
                }
                for local_id, format, payload, gone in fresh
            ],
        )
    gone = [one.id for one in shut] + [one.id for one, _ in cut if one.newest]
    await conn.execute(text("DELETE FROM raw_record WHERE id = ANY(:ids)"), {"ids": gone})
    older = [
        {"id": one.id, "hash": digest(payload), "payload": squeeze(payload)}
        for one, payload in cut
        if not one.newest
    ]
    if older:
        await conn.execute(
            text("UPDATE raw_record SET hash = :hash, payload = :payload WHERE id = :id"), older
        )


async def forget_samples(conn: AsyncConnection, source_id: int) -> int:
    """Let go of the content that stands beside records: pieces put aside, files, their previews and lines."""
    given = {"source": source_id}
    done = await conn.execute(
        text("UPDATE issue SET payload = NULL WHERE source_id = :source AND payload IS NOT NULL"), given
    )
    mine = "upload_id IN (SELECT id FROM upload WHERE source_id = :source)"
    await conn.execute(text(f"DELETE FROM upload_chunk WHERE {mine}"), given)
    await conn.execute(text(f"DELETE FROM upload_line WHERE {mine}"), given)
    await conn.execute(
        text("""
        UPDATE upload SET kept = false,
          preview = preview || '{"samples": [], "cells": {}, "repaired": [], "lines": 0}'
        WHERE source_id = :source AND (kept OR preview IS NOT NULL)
        """),
        given,
    )
    return done.rowcount
