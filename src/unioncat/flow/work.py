"""The worker: harvests what is due and brings what came to the readers, job by job."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

from unioncat.flow import audit, deliver, lend, lending_timers, live, post, quality
from unioncat.flow import uploads as file_uploads
from unioncat.flow.appraise import appraise
from unioncat.flow.lend.turn import LOCATE
from unioncat.flow.letters.carry import came_back, carry
from unioncat.flow.pipeline import process
from unioncat.flow.preview import preview
from unioncat.flow.purge import Busy, purge
from unioncat.flow.rules import apply
from unioncat.flow.services import Services
from unioncat.flow.uploads import PROCESS
from unioncat.flow.watching import accept_if_sound, watch
from unioncat.index import IndexBusy
from unioncat.store import errands, jobs, registrations, sheets, uploads
from unioncat.store.errors import Unknown
from unioncat.store.jobs import Handler, Job, Retry
from unioncat.store.sources import PURGE
from unioncat.telemetry import logger

HARVEST, TIDY, APPLY, PREVIEW, WATCH = "harvest", "tidy", "apply-rules", "preview", "watch"
POST = "post"
ERRAND_SECONDS = 3600.0
"""An errand that takes longer is killed; its own limits are tighter."""
DUE = "due"
TIMETABLE: Mapping[str, str] = {
    HARVEST: "* * * * *",
    PROCESS: "* * * * *",
    WATCH: "* * * * *",
    POST: "* * * * *",
    deliver.JOB: "* * * * *",
    lending_timers.JOB: "7 * * * *",
    TIDY: "17 3 * * *",
}
LENDING = deliver.Desk(lend.receive, lend.undeliverable, carry)
"""Who gets what the outbox holds."""

log = logger(__name__)


async def ask_harvest(services: Services, source_code: str) -> bool:
    """Queue a harvest of one source; false when one waits or runs already."""
    async with services.db.as_service() as conn:
        return await jobs.enqueue(conn, HARVEST, source_code, priority=1)


async def ask_process(services: Services) -> bool:
    """Queue the stages after a harvest; false when they wait or run already."""
    async with services.db.as_service() as conn:
        return await jobs.enqueue(conn, PROCESS, "all")


async def ask_apply(services: Services) -> bool:
    """Queue the new matching rules for all records; false when that waits or runs already."""
    async with services.db.as_service() as conn:
        return await jobs.enqueue(conn, APPLY, "all")


async def work(services: Services, stop: asyncio.Event, *, drain: bool = False) -> None:
    """Do jobs until `stop` is set (or, with `drain`, until none is left)."""
    handlers: dict[str, Handler] = {
        HARVEST: lambda job: _harvest(services, job),
        PROCESS: lambda job: _process(services),
        APPLY: lambda job: _apply(services),
        TIDY: lambda job: _tidy(services),
        WATCH: lambda job: _watch(services),
        POST: lambda job: _post(services),
        PURGE: lambda job: _purge(services, job),
        LOCATE: lambda job: _locate(services, job),
        deliver.JOB: lambda job: _deliver(services),
        lending_timers.JOB: lambda job: _lending_timers(services),
    }
    # Errands have slots of their own: a person who waits before a page never waits for a harvest.
    errand_handlers = _errands(services)
    if drain:
        await do_errands(services, stop)
        await jobs.work(services.db, handlers, stop=stop, slots=4, drain=True)
        return
    async with asyncio.TaskGroup() as group:
        group.create_task(jobs.work(services.db, errand_handlers, stop=stop, slots=4))
        group.create_task(jobs.work(services.db, handlers, timetable=TIMETABLE, stop=stop, slots=4))


def _errands(services: Services) -> dict[str, Handler]:
    return {
        errands.JOB: lambda job: _errand(services, job),
        PREVIEW: lambda job: _preview(services, job),
    }


async def do_errands(services: Services, stop: asyncio.Event) -> None:
    """Do the errands that wait, and what they lead to, until none is left."""
    await jobs.work(services.db, _errands(services), stop=stop, slots=2, drain=True)


async def _harvest(services: Services, job: Job) -> None:
    """Run the harvester as a process of its own: what it fetches cannot hurt the worker."""
    code = await run_harvester("--due" if job.key in (DUE, "timetable") else job.key)
    await ask_process(services)
    if code != 0:
        which = "those due" if job.key in (DUE, "timetable") else job.key
        log.warning("a harvest did not succeed; see the sources' page", sources=which, code=code)


async def run_harvester(*words: str) -> int:
    """Run the harvester over sources, `--due` or `--all`; give its exit code."""
    return await _harvester("run", *words)


async def _errand(services: Services, job: Job) -> None:
    """Do an errand in a process of its own, and fail it in words when that process dies of what it read."""
    number = UUID(job.key)
    error = "the work on it took too much memory or broke off"
    try:
        async with asyncio.timeout(ERRAND_SECONDS):
            await _harvester("errand", job.key)
    except TimeoutError:
        error = f"it took longer than {ERRAND_SECONDS:.0f} seconds"
    async with services.db.as_service() as conn:
        broken = await errands.fail(conn, number, error, "Give less at a time, or tell the operator.")
        done = await errands.read(conn, number)
    if broken:
        log.warning("an errand broke off", errand=job.key, error=error)
        if done.kind == file_uploads.ERRAND:
            await file_uploads.show(services, UUID(str(done.subject["upload"])))
    elif done.kind == "probe":
        await appraise(services, done)


async def _preview(services: Services, job: Job) -> None:
    """Look through what was read of a file; one from a drop folder may go on without a person."""
    number = UUID(job.key)
    if await preview(services, number):
        await accept_if_sound(services, number)


async def _watch(services: Services) -> None:
    """Take the files that lie in drop folders."""
    await watch(services)


async def _harvester(*words: str) -> int:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "unioncat_harvester", *words, env=dict(os.environ)
    )
    try:
        return await child.wait()
    except asyncio.CancelledError:
        child.terminate()
        try:
            await asyncio.wait_for(child.wait(), 10)
        except TimeoutError:
            child.kill()
        raise


async def _process(services: Services) -> None:
    try:
        count = await process(services)
    except IndexBusy as error:
        raise Retry(str(error), timedelta(seconds=30)) from error
    if count:
        log.info("published", documents=count)
    await quality.renew(services)


async def _apply(services: Services) -> None:
    try:
        done = await apply(services)
    except IndexBusy as error:
        raise Retry(str(error), timedelta(seconds=30)) from error
    log.info("rules applied", rules=done.rules, records=done.records, documents=done.documents)


async def _purge(services: Services, job: Job) -> None:
    """Ask a source's rules of what is kept of it, once no harvest of it runs."""
    try:
        await purge(services, job.key, by="profile")
    except Busy as error:
        raise Retry(str(error)) from error
    except Unknown:
        return


async def _post(services: Services) -> None:
    """Send the letters that stayed behind."""
    sent = await post.send_waiting(services.settings, datetime.now(UTC))
    if back := await came_back(services):
        log.warning("letters of lending could not be delivered", letters=back)
    if sent:
        log.info("letters that had stayed behind were sent", letters=sent)


async def _locate(services: Services, job: Job) -> None:
    """Find a library for a request."""
    now = datetime.now(UTC)
    await live.look(services, UUID(job.key), now)
    await lend.locate(services, UUID(job.key), now)
    await _deliver(services)


async def _deliver(services: Services) -> None:
    """Send what waits to other libraries and to readers."""
    await deliver.deliver(services, LENDING, datetime.now(UTC))


async def _lending_timers(services: Services) -> None:
    """Do what the clock does in lending."""
    done = await lending_timers.run(services, datetime.now(UTC))
    if done:
        log.info("lending: what was due was done", **asdict(done))


async def _tidy(services: Services) -> None:
    async with services.db.as_service() as conn:
        await jobs.tidy(conn)
        await errands.tidy(conn)
        await uploads.tidy(conn)
        await registrations.tidy(conn)
        await sheets.tidy(conn)
    await deliver.tidy(services, datetime.now(UTC))
    if gone := await audit.cut(services, datetime.now(UTC)):
        log.info("the log of who did what was cut", entries=gone)
