"""One harvest from its opening to its end: pages are fetched ahead by one and saved with their checkpoint.

A page is saved whole in one transaction together with the place where the list goes on, so that a kill at any
moment costs at most one page's work. Whatever goes wrong is written to the run with its remedy.
"""

import asyncio
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from unioncat.domain.source import Profile, Quarantined, RawRecord, Run, RunMode, RunState, Source
from unioncat.normalise.gate import Gate, gate_for
from unioncat.store import harvests, profiles, sources, sweep
from unioncat.store.database import Database
from unioncat.store.errors import RunLost, StoreError, TokenLoop
from unioncat.telemetry import PAGES, RECORDS, logger, scrub
from unioncat_harvester.reader import (
    Batch,
    Comparing,
    ListBroken,
    ListEndless,
    Page,
    Reader,
    SourceError,
    Stopped,
)
from unioncat_harvester.readers import compares, open_reader, rereads, whole_only
from unioncat_harvester.surroundings import Surroundings

T = TypeVar("T")

BEAT_SECONDS = 15.0
MAX_STALE_PAGES = 100
"""Pages in a row that bring nothing the run has not met before: then the list has no end."""
MAX_NOTES = 50
"""Notes of one run that are told; a fault of every page is told often enough by then."""
MAX_ASKED = 200
"""Vanished records that are asked for one by one; of more, a sample of `SAMPLE`."""
SAMPLE = 20
MAX_FETCHED = 1000
"""Records that a comparison of identifiers fetches singly because they are missing here."""
SINGLES = 50
"""Of these, how many make a page."""
STOPPED = "the harvester was stopped"
log = logger("unioncat.harvest")


class State(StrEnum):
    """How a harvest ended."""

    PUBLISHED = "published"
    HELD = "held"
    FAILED = "failed"
    STOPPED = "stopped"
    NOT_BEGUN = "not begun"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one harvest, for people and for the exit code."""

    source: str
    state: State
    run: Run | None = None
    error: str | None = None
    remedy: str | None = None


class Watch:
    """Gets to know how harvests go on; this one keeps silent."""

    def began(self, run: Run) -> None:
        """A run was opened or resumed."""

    def saved(self, run: Run) -> None:
        """A page was committed."""

    def noted(self, source: str, note: str) -> None:
        """Something that an operator should know."""

    def ended(self, outcome: Outcome) -> None:
        """The harvest of a source is over."""


async def harvest(
    db: Database,
    source: Source,
    around: Surroundings,
    *,
    mode: RunMode | None = None,
    stop: asyncio.Event | None = None,
    watch: Watch | None = None,
) -> Outcome:
    """Harvest one source; every failure is in the outcome and in the run. Raises only for a lost database.

    `stop` ends it after the page that is being saved; the next harvest goes on there. Without `mode`, changes
    are fetched, and identifiers compared where that is due (or everything fetched, where they cannot be
    listed); a source that knows no dates is fetched whole.
    """
    stop = stop or asyncio.Event()
    if mode is RunMode.RECONCILE and not compares(source):
        mode = RunMode.FULL  # finds what vanished as well
    first = mode or (RunMode.FULL if whole_only(source) else None)
    outcome = await _harvest(db, source, around, first, stop, watch or Watch())
    good = outcome.state is State.PUBLISHED and outcome.run and outcome.run.mode is RunMode.INCREMENTAL
    again = RunMode.RECONCILE if compares(source) else RunMode.FULL if rereads(source) else None
    if mode is None and good and again is not None and not stop.is_set():
        async with db.begin() as conn:
            due = await sweep.due(conn, source, datetime.now(UTC))
        if due:
            return await _harvest(db, source, around, again, stop, watch or Watch())
    return outcome


async def _harvest(
    db: Database,
    source: Source,
    around: Surroundings,
    mode: RunMode | None,
    stop: asyncio.Event,
    watch: Watch,
) -> Outcome:
    owner = uuid.uuid4()
    try:
        run = await harvests.open_run(db, source, mode=mode, owner=owner, now=datetime.now(UTC))
    except StoreError as error:
        outcome = Outcome(source.code, State.NOT_BEGUN, error=str(error), remedy=error.remedy)
    else:
        watch.began(run)
        harvesting = Harvesting(db, source, run, owner, stop, watch)
        outcome = await harvesting.go(around)
    watch.ended(outcome)
    return outcome


Passed = tuple[Batch, list[RawRecord]]
"""A batch that came through the gate, and what must not be written."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A page of which the first batch is cut already: that of the next page while this one is saved."""

    page: Page
    batches: Iterator[Batch]
    first: Passed | None


class Harvesting:
    """One opened run and those who work on it: a thread for the server, one for batches, this task."""

    def __init__(
        self, db: Database, source: Source, run: Run, owner: uuid.UUID, stop: asyncio.Event, watch: Watch
    ) -> None:
        self._db = db
        self._source = source
        self._run = run
        self._owner = owner
        self._stop = stop
        self._watch = watch
        self._threads = ThreadPoolExecutor(2, thread_name_prefix=f"harvest-{source.code}")
        self._hurry = threading.Event()
        self._begun = time.monotonic()
        self._gate = Gate(Profile())
        self._stale = 0
        self._stale_allowed = MAX_STALE_PAGES
        self._told = 0

    async def go(self, around: Surroundings) -> Outcome:
        """Read the list to its end and close the run."""
        try:
            self._gate = await self._door()
            around = replace(around, stop=self._hurry)
            async with self._db.begin() as conn:
                around = await around.trusted_with(conn, self._source)
            if self._gate.active:
                # an answer kept as it came would hold what must not be written here
                around = replace(around, drawer=None)
            async with self._beating(), self._stopping():
                with open_reader(self._source, around) as reader:
                    return await self._read(reader)
        except (SourceError, StoreError) as error:
            return await self._fail(error)
        except Exception as error:
            log.exception("the harvester failed", source=self._source.code, run=self._run.id)
            return await self._fail(
                SourceError(
                    f"the harvester failed ({type(error).__name__}: {error})",
                    "The fault is ours or this machine's, not the library's: see the log of the harvester.",
                    source=self._source.code,
                )
            )
        finally:
            self._hurry.set()
            self._threads.shutdown(wait=False)

    async def _door(self) -> Gate:
        async with self._db.begin() as conn:
            texts = await profiles.profiles(conn)
        try:
            return gate_for(self._source, texts)
        except ValueError as error:
            raise SourceError(
                str(error), "Give the source a profile that there is.", source=self._source.code
            ) from error

    async def _read(self, reader: Reader) -> Outcome:
        doubt: str | None = None
        try:
            await self._identify(reader)
            while not await self._list(reader):
                self._run = await harvests.restart_list(self._db, self._run, self._owner)
                self._begin_again()
            if self._run.checkpoint.finished:
                doubt = await self._settle(reader)
        except Stopped:
            doubt = STOPPED
        if not self._run.checkpoint.finished or doubt is STOPPED:
            remedy = "Nothing to do: the next harvest goes on where this one ended."
            await self._close(STOPPED, remedy, final=False)
            return Outcome(self._source.code, State.STOPPED, self._run)
        now = datetime.now(UTC)
        self._run = await harvests.finish_run(self._db, self._run, self._owner, now, doubt=doubt)
        state = State.PUBLISHED if self._run.state is RunState.PUBLISHED else State.HELD
        return Outcome(self._source.code, state, self._run, self._run.error, self._run.remedy)

    async def _identify(self, reader: Reader) -> None:
        identity = await self._in_thread(reader.identify)
        async with self._db.begin() as conn:
            alarms = await sources.set_identity(conn, self._source, dict(reversed(identity.facts)))
        for alarm in alarms:
            self._watch.noted(self._source.code, f"the server has changed: {alarm}")

    async def _settle(self, reader: Reader) -> str | None:
        """Fetch what is missing and find what vanished; give what makes the result doubtful, if anything."""
        comparing = reader if isinstance(reader, Comparing) else None
        if comparing and self._run.mode is RunMode.RECONCILE and not self._gate.active:
            missing = await sweep.missing(self._db, self._run, limit=MAX_FETCHED)
            for first in range(0, len(missing), SINGLES):
                await self._fetch(comparing, missing[first : first + SINGLES])
        swept = await sweep.sweep(self._db, self._run, self._owner, sample=MAX_ASKED)
        if swept.note:
            self._note(swept.note)
        if not swept.count or comparing is None:
            return None
        asked = swept.sample if swept.count <= MAX_ASKED else swept.sample[:SAMPLE]
        there = await self._in_thread(lambda: comparing.still_there(asked))
        if not there:
            return None
        if swept.count > len(asked):
            return (
                f"{swept.count} records are not in the server's list, but {len(there)} of {len(asked)} that"
                f" were asked for are still there (such as {there[0]}): the list is not whole"
            )
        await sweep.spare(self._db, self._run, self._owner, there)
        self._note(f"{len(there)} records are not in the server's list, but are still there; they are kept")
        return None

    async def _fetch(self, reader: Comparing, local_ids: Sequence[str]) -> None:
        begun = await self._in_thread(lambda: self._begin(reader.fetch(local_ids, self._run)))
        try:
            await self._save(begun)
        finally:
            begun.page.close()

    async def _list(self, reader: Reader) -> bool:
        """Save the pages of the list; false when it broke and must begin again."""
        pages = reader.pages(self._run)
        coming: asyncio.Future[Begun | None] | None = self._ahead(pages)
        try:
            while coming is not None:
                awaited, coming = coming, None
                begun = await awaited
                if begun is None:
                    break
                try:
                    if not begun.page.checkpoint.finished and not self._stop.is_set():
                        coming = self._ahead(pages)
                    await self._save(begun)
                finally:
                    begun.page.close()
                if not begun.page.checkpoint.finished:
                    self._check_limits()
        except ListBroken as error:
            self._note(f"{error}; the list begins again")
            return False
        finally:
            await self._drop(coming)
        return True

    def _ahead(self, pages: Iterator[Page]) -> "asyncio.Future[Begun | None]":
        def fetch() -> Begun | None:
            page = next(pages, None)
            return self._begin(page) if page is not None else None

        return asyncio.ensure_future(self._in_thread(fetch))

    def _begin(self, page: Page) -> Begun:
        try:
            batches = page.batches()
            return Begun(page, batches, self._admit(next(batches, None)))
        except BaseException:
            page.close()
            raise

    async def _drop(self, coming: "asyncio.Future[Begun | None] | None") -> None:
        """Let go of a page that was fetched ahead in vain."""
        if coming is None:
            return
        self._hurry.set()
        try:
            begun = await coming
        except (SourceError, Stopped):
            return
        if begun is not None:
            begun.page.close()

    async def _save(self, begun: Begun) -> None:
        page = begun.page
        async with harvests.page(self._db, self._run, self._owner) as saving:
            async for batch, refused in self._batches(begun):
                await saving.save(batch.records)
                await saving.quarantine(batch.quarantined)
                await saving.shut_out(refused)
                if batch.listed or batch.listed_deleted:
                    await saving.listed(batch.listed, batch.listed_deleted)
            saving.note(pages=1, bytes=page.size, repaired=int(page.repaired))
            await saving.checkpoint(page.checkpoint)
        before, self._run = self._run, saving.run
        PAGES.labels(self._source.code).inc()
        for name in ("created", "changed", "unchanged", "deleted", "quarantined", "shut_out"):
            more = getattr(self._run.counters, name) - getattr(before.counters, name)
            RECORDS.labels(self._source.code, name).inc(more)
        for note in page.notes:
            self._note(f"page {page.number}: {note}")
        self._watch.saved(self._run)
        self._check_progress(page, saving.fresh)

    async def _batches(self, begun: Begun) -> AsyncIterator[Passed]:
        """Give the batches of a page with what must not be written; one is cut while another is saved."""
        passed = begun.first
        while passed is not None:
            coming = asyncio.ensure_future(self._in_thread(lambda: self._admit(next(begun.batches, None))))
            try:
                yield passed
            finally:
                # the page's file is closed after this
                await asyncio.wait([coming])
            passed = await coming

    def _admit(self, batch: Batch | None) -> Passed | None:
        """Let a batch through the gate; give what passed, and what must not be written."""
        if batch is None or not self._gate.active:
            return (batch, []) if batch else None
        records: list[RawRecord] = []
        aside = [self._gate.quarantined(piece) for piece in batch.quarantined]
        refused: list[RawRecord] = []
        for record in batch.records:
            admitted = self._gate.admit(record)
            if admitted is None:
                refused.append(record)
            elif isinstance(admitted, Quarantined):
                aside.append(admitted)
            else:
                records.append(admitted)
        return replace(batch, records=tuple(records), quarantined=tuple(aside)), refused

    def _note(self, note: str) -> None:
        """Tell the operator, as long as there is something new to say."""
        self._told += 1
        if self._told <= MAX_NOTES:
            self._watch.noted(self._source.code, note)
        elif self._told == MAX_NOTES + 1:
            self._watch.noted(self._source.code, "there is more of this kind; it is not told any further")

    def _begin_again(self) -> None:
        """Allow for pages that must come a second time."""
        self._stale_allowed = self._run.counters.pages + MAX_STALE_PAGES
        self._stale = 0

    def _check_progress(self, page: Page, fresh: int) -> None:
        """Count pages that bring nothing new: a list may go round under ever new tokens."""
        if page.again:
            self._begin_again()
        self._stale = 0 if fresh else self._stale + 1
        if self._stale > self._stale_allowed and not page.checkpoint.finished:
            raise ListEndless(
                f"{self._stale} pages in a row brought no record that had not come before",
                "Its list has no end: ask the server's operator to mend paging, or harvest by sets.",
                source=self._source.code,
                page=page.number,
            )

    def _check_limits(self) -> None:
        limits, counters = self._source.politeness, self._run.counters
        if counters.pages >= limits.max_pages:
            raise ListEndless(
                f"the list has more than {limits.max_pages} pages",
                "If the source is really that large, raise its max_pages.",
                source=self._source.code,
            )
        if time.monotonic() - self._begun > limits.max_seconds:
            raise SourceError(
                f"the harvest took longer than {limits.max_seconds:.0f} seconds",
                "The next harvest goes on where this one ended; raise max_seconds if the source is large.",
                source=self._source.code,
            )

    async def _fail(self, error: SourceError | StoreError) -> Outcome:
        """Write the failure to the run. A list that never ends is not resumed: its place is of no use."""
        code = self._source.code
        if not isinstance(error, RunLost):
            final = not isinstance(error, SourceError) or isinstance(error, ListEndless)
            # a comparison that fails must not stand in the way of the next harvest
            final = final or self._run.mode is RunMode.RECONCILE
            try:
                await self._close(str(error), error.remedy, final=final or isinstance(error, TokenLoop))
            except RunLost as lost:
                return Outcome(code, State.FAILED, self._run, str(lost), lost.remedy)
        return Outcome(code, State.FAILED, self._run, scrub(str(error)), error.remedy)

    async def _close(self, error: str, remedy: str, *, final: bool) -> None:
        # a server may have said our credentials back to us
        error = scrub(error)
        self._run = await harvests.fail_run(self._db, self._run, self._owner, error, remedy, final=final)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @asynccontextmanager
    async def _beating(self) -> AsyncIterator[None]:
        """Show in the store that the run is alive, however long a server lets us wait."""

        async def beat() -> None:
            while True:
                await asyncio.sleep(BEAT_SECONDS)
                try:
                    await harvests.beat(self._db, self._run, self._owner)
                except RunLost:
                    self._hurry.set()
                    return

        task = asyncio.create_task(beat())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @asynccontextmanager
    async def _stopping(self) -> AsyncIterator[None]:
        """Break off waiting for the server as soon as `stop` is set."""

        async def listen() -> None:
            await self._stop.wait()
            self._hurry.set()

        task = asyncio.create_task(listen())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
