"""What other rules or weights would change in the clusters, tried beside them.

The same code joins the same records in a schema of its own, so that the outcome is what applying would give;
the real tables are read only.
"""

import asyncio
from dataclasses import dataclass

from unioncat.domain.audience import Viewer
from unioncat.domain.match import Judgement
from unioncat.domain.union import Member
from unioncat.flow import scale as scales
from unioncat.flow.crew import Crew, calm
from unioncat.flow.facts import SPAN, read
from unioncat.flow.join import join_waiting
from unioncat.flow.pipeline import Report
from unioncat.flow.services import Services
from unioncat.matching import Features, Scale, judge
from unioncat.store import distrust, members, reread
from unioncat.store import join as join_store
from unioncat.store import trial as store
from unioncat.store.codec import unpack
from unioncat.store.database import Connection, Database
from unioncat.store.errors import Conflict
from unioncat.store.reread import Span
from unioncat.store.trial import Counts, Example


@dataclass(frozen=True, slots=True)
class Shown:
    """A pair that shows a change: the score that joins or joined it, and the word of the new rules."""

    left: Member
    right: Member
    score: float
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the rules would change; `waiting` records have yet to be joined by today's and blur it."""

    rules: str
    records: int
    stale: int
    waiting: int
    counts: Counts
    merges: tuple[Shown, ...]
    splits: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A span of records to be read into the trial; `home` is the real schema."""

    home: str
    span: Span


async def compare(
    services: Services,
    viewer: Viewer,
    scale: Scale | None = None,
    *,
    examples: int = 10,
    report: Report = lambda stage, done, total: None,
) -> Comparison:
    """Try the rules of this version, with weights of their own or `scale`.

    Raises `Conflict` while another trial runs.
    """
    scale = scale or scales.installed()
    db, workers = services.db, services.settings.workers
    calm()
    async with db.begin() as guard:
        if not await store.alone(guard):
            raise Conflict("another comparison runs", "Wait for it to end.")
        async with db.begin() as conn:
            home = await store.build(conn)
            spans = await reread.spans(conn, SPAN)
            waiting = await join_store.waiting(conn)
            stale = await reread.count_stale(conn, scale.version)
        beside = await Database.connect(db.url, pool_size=3, search_path=f"{store.SCHEMA}, {home}")
        try:
            async with beside.begin() as conn:
                await scales.put_in_force(conn, scale)
            await _read(beside, home, spans, workers, report)
            await join_waiting(
                beside, workers=workers, progress=lambda done, total: report("join", done, total)
            )
            async with db.begin() as conn:
                return Comparison(
                    scale.version,
                    sum(span.size for span in spans),
                    stale,
                    waiting,
                    await store.counts(conn, home),
                    await _shown(conn, viewer, scale, await store.merges(conn, home, examples)),
                    await _shown(conn, viewer, scale, await store.splits(conn, home, examples)),
                )
        finally:
            await beside.close()
            async with db.begin() as conn:
                await store.drop(conn)


async def _read(beside: Database, home: str, spans: list[Span], workers: int, report: Report) -> None:
    done, total = 0, sum(span.size for span in spans)
    report("read", 0, total)
    async with Crew(beside, workers) as crew:
        async for task, _ in crew.map(read_span, [Task(home, span) for span in spans]):
            done += task.span.size
            report("read", done, total)


async def read_span(beside: Database, task: Task) -> int:
    """Read one span of the real records into the trial; give how many."""
    async with beside.begin() as conn:
        not_believed = await distrust.believed_not(conn)
        bodies = await store.bodies(conn, task.home, task.span)
        fresh = await asyncio.to_thread(read, bodies, not_believed)
        await store.write(conn, task.home, fresh, (await scales.in_force(conn)).version)
        return len(fresh)


async def _shown(conn: Connection, viewer: Viewer, scale: Scale, found: list[Example]) -> tuple[Shown, ...]:
    numbers = sorted({one for pair in found for one in (pair.left, pair.right)})
    packed = await store.features(conn, numbers)
    known = await members.by_record(conn, viewer, numbers)
    owners = await join_store.owners(conn, numbers)
    return tuple(
        Shown(
            known[pair.left][1],
            known[pair.right][1],
            pair.score,
            judge(
                unpack(packed[pair.left], Features),
                unpack(packed[pair.right], Features),
                one_library=pair.left in owners and owners[pair.left] == owners.get(pair.right),
                scale=scale,
            ),
        )
        for pair in found
        if pair.left in known and pair.right in known
    )
