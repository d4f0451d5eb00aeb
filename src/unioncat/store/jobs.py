"""The job queue: four calls to give work (enqueue, schedule, cancel, stats) and a loop that does it.

A job may be delivered twice, because a killed worker's jobs come back: handlers must be idempotent.
The queue is only transport; progress and results live in the project's own tables.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Context, Schedule
from pgqueuer.domain.models import Job as QueuedJob
from pgqueuer.domain.types import JobId, QueueExecutionMode
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.store.database import Database, driver
from unioncat.telemetry import JOB_SECONDS, JOBS, logger, timed

HEARTBEAT = timedelta(seconds=15)
"""A worker that has been silent this long is dead, and its jobs go to another."""
KEEP_LOG = timedelta(days=30)
RETRIES = 5
log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work: `kind` chooses the handler, `key` says on what, `attempt` counts from 1."""

    kind: str
    key: str
    payload: bytes = b""
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class JobCount:
    """Number of jobs of a kind in a state (queued, picked, failed), and the age of the oldest in seconds."""

    kind: str
    state: str
    count: int
    oldest: float


Handler = Callable[[Job], Awaitable[None]]
"""Does a job. It is cancelled when somebody cancels the job or the worker stops; then it comes back."""


class Retry(Exception):
    """Raised by a handler: try this job again after `delay`."""

    def __init__(self, reason: str, delay: timedelta = timedelta(minutes=1)) -> None:
        super().__init__(reason)
        self.delay = delay


async def enqueue(
    conn: AsyncConnection, kind: str, key: str, payload: bytes = b"", priority: int = 0
) -> bool:
    """Queue a job inside the caller's transaction; False when one of this kind and key waits or runs already.

    A rollback takes the job with it.
    """
    return await _put(conn, kind, key, payload, priority, None)


async def schedule(
    conn: AsyncConnection, kind: str, key: str, after: timedelta, payload: bytes = b"", priority: int = 0
) -> bool:
    """Queue a job that may begin `after` some time; False when one of this kind and key is there already."""
    return await _put(conn, kind, key, payload, priority, after)


async def cancel(conn: AsyncConnection, kind: str, key: str) -> int:
    """Take waiting jobs out of the queue and ask running ones to end; give their number."""
    found = await conn.execute(
        text("SELECT id FROM pgqueuer WHERE dedupe_key = :key FOR UPDATE"), {"key": _dedupe(kind, key)}
    )
    ids = [JobId(number) for number in found.scalars()]
    if ids:
        queries = await _queries(conn)
        await queries.mark_job_as_cancelled(ids)
    return len(ids)


async def stats(conn: AsyncConnection) -> list[JobCount]:
    """Count what is in the queue."""
    rows = await conn.execute(
        text(
            "SELECT entrypoint, status::text, count(*),"
            " coalesce(extract(epoch FROM now() - min(created)), 0)::float8"
            " FROM pgqueuer GROUP BY 1, 2 ORDER BY 1, 2"
        )
    )
    return [JobCount(kind, state, count, oldest) for kind, state, count, oldest in rows]


async def tidy(conn: AsyncConnection) -> int:
    """Forget what the queue logged of jobs done long ago; give the number of rows."""
    gone = await conn.execute(
        text("DELETE FROM pgqueuer_log WHERE created < now() - make_interval(days => :days)"),
        {"days": KEEP_LOG.days},
    )
    await conn.execute(
        text("DELETE FROM pgqueuer_statistics WHERE created < now() - make_interval(days => :days)"),
        {"days": KEEP_LOG.days},
    )
    return gone.rowcount


async def work(
    db: Database,
    handlers: Mapping[str, Handler],
    *,
    timetable: Mapping[str, str] | None = None,
    stop: asyncio.Event | None = None,
    slots: int = 4,
    drain: bool = False,
) -> None:
    """Do jobs until `stop` is set, with at most `slots` at a time; connect again when the server was away.

    `timetable` maps kinds to cron expressions: such a job is queued (key "timetable") at its times, once
    however many workers there are. With `drain`, end when the queue is empty.
    """
    stop = stop or asyncio.Event()
    pause = 0.5
    while not stop.is_set():
        try:
            async with _connection(db.url) as connection:
                pause = 0.5
                await _serve(connection, handlers, timetable or {}, stop, slots, drain)
            if drain:
                return
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
            log.warning("the database is away; trying again", error=str(error), seconds=pause)
        except (
            asyncpg.AdminShutdownError,
            asyncpg.CannotConnectNowError,
            asyncpg.CrashShutdownError,
        ) as error:
            log.warning("the database is going down or coming up", error=str(error), seconds=pause)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        pause = min(pause * 2, 10.0)


async def _serve(
    connection: asyncpg.Connection,
    handlers: Mapping[str, Handler],
    timetable: Mapping[str, str],
    stop: asyncio.Event,
    slots: int,
    drain: bool,
) -> None:
    """Do jobs over one connection, until stop or until it is lost."""
    queue = PgQueuer(AsyncpgDriver(connection))
    halt = asyncio.Event()
    for kind, handler in handlers.items():
        queue.entrypoint(kind, accepts_context=True)(_entry(kind, handler, halt))
    for kind, expression in timetable.items():
        queue.schedule(f"timetable:{kind}", expression, accepts_context=False)(_tick(queue, kind))
    running = asyncio.create_task(
        (queue if timetable and not drain else queue.qm).run(
            dequeue_timeout=timedelta(seconds=5),
            batch_size=max(1, slots // 2),
            max_concurrent_tasks=max(2, slots),
            heartbeat_timeout=HEARTBEAT,
            mode=QueueExecutionMode.drain if drain else QueueExecutionMode.continuous,
        )
    )
    waits = [asyncio.create_task(stop.wait()), asyncio.create_task(_closed(connection))]
    try:
        await asyncio.wait([running, *waits], return_when=asyncio.FIRST_COMPLETED)
        halt.set()
        queue.shutdown.set()
        await asyncio.wait([running], timeout=4)
        if connection.is_closed() and not stop.is_set():
            raise asyncpg.InterfaceError("the connection was lost")
        if running.done():
            running.result()
    finally:
        for task in (running, *waits):
            task.cancel()
        await asyncio.gather(running, *waits, return_exceptions=True)


async def _closed(connection: asyncpg.Connection) -> None:
    """Wait until a connection is lost. The driver's own listener does not hear of every loss."""
    while not connection.is_closed():  # noqa: ASYNC110 — nothing else tells us
        await asyncio.sleep(0.25)


def _entry(
    kind: str, handler: Handler, halt: asyncio.Event
) -> Callable[[QueuedJob, Context], Awaitable[None]]:
    """Wrap a handler for the queue: it ends when the job is cancelled or the worker halts."""

    async def run(queued: QueuedJob, context: Context) -> None:
        key = str((queued.headers or {}).get("key", ""))
        job = Job(kind, key, queued.payload or b"", queued.attempts + 1)
        task = asyncio.ensure_future(handler(job))
        halted = asyncio.create_task(halt.wait())
        outcome = "failed"
        try:
            with timed(JOB_SECONDS, kind):
                with context.cancellation:
                    await asyncio.wait([task, halted], return_when=asyncio.FIRST_COMPLETED)
                if not task.done():
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)
                    outcome = "cancelled"
                    if not context.cancellation.cancel_called:
                        raise RetryRequested(timedelta(0), "the worker stopped")
                    return
                task.result()
            outcome = "done"
        except Retry as request:
            if job.attempt > RETRIES:
                raise
            outcome = "retried"
            raise RetryRequested(request.delay, str(request)) from request
        except RetryRequested:
            raise
        except Exception:
            log.exception("a job failed", kind=kind, key=key)
            raise
        finally:
            JOBS.labels(kind, outcome).inc()
            task.cancel()
            halted.cancel()

    return run


def _tick(queue: PgQueuer, kind: str) -> Callable[[Schedule], Awaitable[None]]:
    async def put(_schedule: Schedule) -> None:
        await Queries(queue.connection).enqueue(
            kind, b"", dedupe_key=_dedupe(kind, "timetable"), headers={"key": "timetable"}, on_conflict="skip"
        )

    return put


@contextlib.asynccontextmanager
async def _connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(
        url.replace("postgresql+asyncpg://", "postgresql://", 1),
        timeout=10,
        server_settings={"application_name": "unioncat jobs", "timezone": "UTC"},
    )
    try:
        yield connection
    finally:
        with contextlib.suppress(Exception):
            await connection.close(timeout=2)


async def _put(
    conn: AsyncConnection, kind: str, key: str, payload: bytes, priority: int, after: timedelta | None
) -> bool:
    queries = await _queries(conn)
    ids = await queries.enqueue(
        kind, payload, priority, after, _dedupe(kind, key), {"key": key}, on_conflict="skip"
    )
    return ids[0] is not None


async def _queries(conn: AsyncConnection) -> Queries:
    """Reach the driver inside the transaction: SQLAlchemy begins it only at its first own statement."""
    await conn.execute(text("SELECT 1"))
    return Queries(AsyncpgDriver(await driver(conn)))


def _dedupe(kind: str, key: str) -> str:
    return f"{kind}:{key}"
