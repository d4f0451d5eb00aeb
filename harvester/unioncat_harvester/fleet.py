"""Many harvests at once: so many in parallel, but never two at one server, whichever process asks it."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from unioncat.domain.source import Run, RunMode, Source
from unioncat.domain.target import endpoint
from unioncat.store.database import Database
from unioncat.store.hosts import Hosts
from unioncat.telemetry import logger
from unioncat_harvester.run import Outcome, State, Watch, harvest
from unioncat_harvester.slots import SILENCE, Slot, Slots
from unioncat_harvester.surroundings import Surroundings

LOST = "See that the database runs; the next harvest goes on where this one ended."
LOOK = 2.0
"""Seconds between two looks whether another process has done with a server."""
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
    silence: float = SILENCE,
) -> list[Outcome]:
    """Harvest sources in parallel; one's failure touches no other. What `stop` keeps back is left out.

    `jobs` of them work at the same time; one whose server is silent for `silence` seconds does not count.

    With `keep_hours` a source is asked only in its hours: a harvest that is not through by their end stops
    after its page, and the next one goes on there.
    """
    slots = Slots(jobs, silence=silence)
    here: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def one(source: Source, hosts: Hosts) -> Outcome | None:
        try:
            return await turn(source, hosts)
        except Exception as error:
            log.exception("the harvest broke off", source=source.code)
            outcome = Outcome(source.code, State.FAILED, error=str(error), remedy=LOST)
            watch.ended(outcome)
            return outcome

    async def turn(source: Source, hosts: Hosts) -> Outcome | None:
        host = server_of(source)
        async with here[host]:
            told = False
            while not stop.is_set():
                async with slots.place() as slot:
                    if await hosts.take(host):
                        try:
                            return await ask(source, slot)
                        finally:
                            await hosts.give(host)
                if keep_hours:
                    return None  # the next minute asks again, if it is still due
                if not told:
                    watch.noted(source.code, f"another process asks {host}; waiting until it has done")
                    told = True
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK)
            return None

    async def ask(source: Source, slot: Slot) -> Outcome | None:
        now = datetime.now(UTC)
        hours = source.hours if keep_hours else None
        if stop.is_set() or (hours and not hours.admit(now)):
            return None
        async with _until(stop, hours.close_at(now) if hours else None) as end:
            return await harvest(db, source, around, mode=mode, stop=end, watch=Stirring(watch, slot))

    async with Hosts(db) as hosts:
        outcomes = await asyncio.gather(*(one(source, hosts) for source in chosen))
    return [outcome for outcome in outcomes if outcome is not None]


def server_of(source: Source) -> str:
    """Name whom a harvest asks; a source without a server is alone with itself."""
    _, host, port = endpoint(source.address)
    return f"{host}:{port}" if host else f"source {source.code}"


class Stirring(Watch):
    """Passes on what a harvest tells, and keeps its place as long as pages come."""

    def __init__(self, watch: Watch, slot: Slot) -> None:
        self._watch = watch
        self._slot = slot

    def began(self, run: Run) -> None:
        """Pass it on."""
        self._slot.stir()
        self._watch.began(run)

    def saved(self, run: Run) -> None:
        """Pass it on."""
        self._slot.stir()
        self._watch.saved(run)

    def noted(self, source: str, note: str) -> None:
        """Pass it on."""
        self._watch.noted(source, note)

    def ended(self, outcome: Outcome) -> None:
        """Pass it on."""
        self._watch.ended(outcome)


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
