"""New matching rules for all stored records: read them again, then join anew.

May be cut off and run again: what these rules have read is not read twice, and nothing is joined by new
rules until everything has been read, so that public ids follow as if it had run through.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from unioncat.flow.crew import Crew, calm
from unioncat.flow.facts import SPAN, read
from unioncat.flow.pipeline import Report, process
from unioncat.flow.services import Services
from unioncat.matching import RULES
from unioncat.store import distrust, reread
from unioncat.store.database import Database
from unioncat.store.reread import Span

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying the rules did; `records` were read again, `documents` written to the search index."""

    rules: str
    records: int
    documents: int


async def stale(services: Services) -> int:
    """Count the live records that other rules than those of this version have read."""
    async with services.db.begin() as conn:
        return await reread.count_stale(conn, RULES)


async def apply(services: Services, report: Report = lambda stage, done, total: None) -> Applied:
    """Apply the rules of this version to all records; does nothing where they have been applied."""
    calm()
    count = await reread_stale(
        services.db,
        workers=services.settings.workers,
        progress=lambda done, total: report("reread", done, total),
    )
    return Applied(RULES, count, await process(services, report))


async def reread_stale(db: Database, *, workers: int, progress: Progress) -> int:
    """Read all records that other rules have read, then put all into the join; give how many were read."""
    done = 0
    while True:
        async with db.begin() as conn:
            spans = await reread.spans(conn, SPAN, RULES)
            if spans:
                await reread.begin_applying(conn, RULES)
            elif await reread.applying(conn) is not None:
                await reread.end_applying(conn)
        if not spans:
            return done
        total = done + sum(span.size for span in spans)
        progress(done, total)
        async with Crew(db, workers) as crew:
            async for span, _ in crew.map(reread_span, spans):
                done += span.size
                progress(done, total)


async def reread_span(db: Database, span: Span) -> int:
    """Read the stale records of one span by the rules of this version; give how many."""
    async with db.begin() as conn:
        not_believed = await distrust.believed_not(conn)
        bodies = await reread.bodies(conn, span)
        fresh = await asyncio.to_thread(read, bodies, not_believed)
        return await reread.write(conn, fresh, RULES, join=False)
