"""New matching rules or weights for all stored records: read them again, then join anew.

May be cut off and run again: what these rules have read is not read twice, and nothing is joined by new
rules or weights until everything has been read, so that public ids follow as if it had run through.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from unioncat.flow import scale as scales
from unioncat.flow.crew import Crew, calm
from unioncat.flow.facts import SPAN, read
from unioncat.flow.pipeline import Report, process
from unioncat.flow.services import Services
from unioncat.matching import Scale
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
    """Count the live records that other rules than those in force, or asked for, have read."""
    async with services.db.begin() as conn:
        return await reread.count_stale(conn, (await scales.wanted(conn)).version)


async def want(services: Services, scale: Scale) -> None:
    """Ask for rules: `apply` joins all records by them, now or when it comes to it."""
    async with services.db.begin() as conn:
        await scales.want(conn, scale)


async def apply(services: Services, report: Report = lambda stage, done, total: None) -> Applied:
    """Apply to all records the rules asked for; does nothing where they have been applied."""
    calm()
    count = await reread_stale(
        services.db,
        workers=services.settings.workers,
        progress=lambda done, total: report("reread", done, total),
    )
    async with services.db.begin() as conn:
        scale = await scales.in_force(conn)
    return Applied(scale.version, count, await process(services, report))


async def reread_stale(db: Database, *, workers: int, progress: Progress) -> int:
    """Read all records that other rules have read, then put all into the join; give how many were read."""
    done = 0
    while True:
        async with db.begin() as conn:
            scale = await scales.wanted(conn)
            spans = await reread.spans(conn, SPAN, scale.version)
            if spans:
                await reread.begin_applying(conn, scale.version)
            else:
                if await reread.applying(conn) is not None:
                    await reread.end_applying(conn)
                await scales.put_in_force(conn, scale)
        if not spans:
            return done
        total = done + sum(span.size for span in spans)
        progress(done, total)
        async with Crew(db, workers) as crew:
            async for span, _ in crew.map(reread_span, spans):
                done += span.size
                progress(done, total)


async def reread_span(db: Database, span: Span) -> int:
    """Read the stale records of one span anew; give how many."""
    async with db.begin() as conn:
        not_believed = await distrust.believed_not(conn)
        bodies = await reread.bodies(conn, span)
        fresh = await asyncio.to_thread(read, bodies, not_believed)
        rules = span.stale or (await scales.wanted(conn)).version
        return await reread.write(conn, fresh, rules, join=False)
