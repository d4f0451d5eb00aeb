"""Many harvests at once: so many in parallel, but never two at one host."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from unioncat.domain.source import RunMode, Source
from unioncat.store.database import Database
from unioncat.telemetry import logger
from unioncat_harvester.run import Outcome, State, Watch, harvest
from unioncat_harvester.surroundings import Surroundings

LOST = "See that the database runs; the next harvest goes on where this one ended."
log = logger("unioncat.harvest")
EXIT = {State.PUBLISHED: 0, State.STOPPED: 4, State.HELD: 3, State.NOT_BEGUN: 1, State.FAILED: 1}
"""Exit codes; 2 is for wrong use of the command line."""


async def harvest_all(
    db: Database,
    chosen: Sequence[Source],
    around: Surroundings,
    *,
    jobs: int,
    mode: RunMode | None,
    stop: asyncio.Event,
    watch: Watch,
    keep_hours: bool = False,
) -> list[Outcome]:
    """Harvest sources in parallel; one's failure touches no other. What `stop` keeps back is left out.

    With `keep_hours` a source is asked only in its hours: a harvest that is not through by their end stops
    after its page, and the next one goes on there.
    """
    slots = asyncio.Semaphore(jobs)
    hosts: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def one(source: Source) -> Outcome | None:
        async with hosts[urlsplit(source.address).netloc.lower()], slots:
            now = datetime.now(UTC)
            hours = source.hours if keep_hours else None
            if stop.is_set() or (hours and not hours.admit(now)):
                return None
            try:
                async with _until(stop, hours.close_at(now) if hours else None) as end:
                    return await harvest(db, source, around, mode=mode, stop=end, watch=watch)
            except Exception as error:
                log.exception("the harvest broke off", source=source.code)
                outcome = Outcome(source.code, State.FAILED, error=str(error), remedy=LOST)
                watch.ended(outcome)
                return outcome

    outcomes = await asyncio.gather(*(one(source) for source in chosen))
    return [outcome for outcome in outcomes if outcome is not None]


@asynccontextmanager
async def _until(stop: asyncio.Event, close: datetime | None) -> AsyncIterator[asyncio.Event]:
    """Give an event that is set with `stop`, and at the moment `close` too."""
    if close is None:
        yield stop
        return
    end = asyncio.Event()

    async def wait() -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), max(0.0, (close - datetime.now(UTC)).total_seconds()))
        end.set()

    task = asyncio.create_task(wait())
    try:
        yield end
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Give 0 when all is well, else 1 for a failure, 3 for a held run, 4 where harvests were stopped."""
    codes = {EXIT[outcome.state] for outcome in outcomes} - {0}
    return min(codes, default=0)
