"""The worker: harvests what is due and brings what came to the readers, job by job."""

import asyncio
import os
import sys
from collections.abc import Mapping
from datetime import timedelta

from unioncat.flow.pipeline import process
from unioncat.flow.rules import apply
from unioncat.flow.services import Services
from unioncat.index import IndexBusy
from unioncat.store import jobs
from unioncat.store.jobs import Handler, Job, Retry
from unioncat.telemetry import logger

HARVEST, PROCESS, TIDY, APPLY = "harvest", "process", "tidy", "apply-rules"
DUE = "due"
TIMETABLE: Mapping[str, str] = {HARVEST: "* * * * *", PROCESS: "* * * * *", TIDY: "17 3 * * *"}

log = logger(__name__)


async def ask_harvest(services: Services, source_code: str) -> bool:
    """Queue a harvest of one source; false when one waits or runs already."""
    async with services.db.begin() as conn:
        return await jobs.enqueue(conn, HARVEST, source_code, priority=1)


async def ask_process(services: Services) -> bool:
    """Queue the stages after a harvest; false when they wait or run already."""
    async with services.db.begin() as conn:
        return await jobs.enqueue(conn, PROCESS, "all")


async def ask_apply(services: Services) -> bool:
    """Queue the new matching rules for all records; false when that waits or runs already."""
    async with services.db.begin() as conn:
        return await jobs.enqueue(conn, APPLY, "all")


async def work(services: Services, stop: asyncio.Event, *, drain: bool = False) -> None:
    """Do jobs until `stop` is set (or, with `drain`, until none is left)."""
    handlers: dict[str, Handler] = {
        HARVEST: lambda job: _harvest(services, job),
        PROCESS: lambda job: _process(services),
        APPLY: lambda job: _apply(services),
        TIDY: lambda job: _tidy(services),
    }
    await jobs.work(
        services.db, handlers, timetable=None if drain else TIMETABLE, stop=stop, slots=4, drain=drain
    )


async def _harvest(services: Services, job: Job) -> None:
    """Run the harvester as a process of its own: what it fetches cannot hurt the worker."""
    code = await run_harvester("--due" if job.key in (DUE, "timetable") else job.key)
    await ask_process(services)
    if code != 0:
        which = "those due" if job.key in (DUE, "timetable") else job.key
        log.warning("a harvest did not succeed; see the sources' page", sources=which, code=code)


async def run_harvester(*words: str) -> int:
    """Run the harvester over sources, `--due` or `--all`; give its exit code."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "unioncat_harvester", "run", *words, env=dict(os.environ)
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


async def _apply(services: Services) -> None:
    try:
        done = await apply(services)
    except IndexBusy as error:
        raise Retry(str(error), timedelta(seconds=30)) from error
    log.info("rules applied", rules=done.rules, records=done.records, documents=done.documents)


async def _tidy(services: Services) -> None:
    async with services.db.begin() as conn:
        await jobs.tidy(conn)
