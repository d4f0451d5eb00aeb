"""Worker processes for work that keeps a processor busy; each has one connection of its own.

A task is a module-level coroutine function over (Database, argument): it commits its own work and may be
run twice.
"""

import asyncio
import gc
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.context import BaseContext
from types import TracebackType
from typing import Self, TypeVar

from unioncat.store.database import Database

A = TypeVar("A")
R = TypeVar("R")

_TASKS_BETWEEN_COLLECTIONS = 200
_READ_BEFORE = ["__main__", "unioncat.flow.catalogue", "unioncat.flow.join", "unioncat.flow.publish"]
"""Modules whose tasks crews are given."""

_loop: asyncio.AbstractEventLoop | None = None
_db: Database | None = None
_tasks = 0


def calm() -> None:
    """Let the garbage collector look for cycles seldom: records are trees, and it walked through all of them.

    Measured: reading, merging and describing a record takes a third of the time.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _start(url: str, search_path: str | None, nice: int) -> None:
    global _loop, _db
    os.nice(nice)
    calm()
    gc.disable()  # see `_run`
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _loop = asyncio.new_event_loop()
    _db = _loop.run_until_complete(Database.connect(url, pool_size=1, search_path=search_path))


def _run(task: Callable[[Database, A], Awaitable[R]], argument: A) -> R:
    if _loop is None or _db is None:
        raise RuntimeError("a crew's process was not started by the crew")
    global _tasks
    _tasks += 1
    if _tasks % _TASKS_BETWEEN_COLLECTIONS == 0:
        gc.collect()
    return _loop.run_until_complete(_as_coroutine(task(_db, argument)))


async def _as_coroutine(value: Awaitable[R]) -> R:
    return await value


class Crew:
    """Runs tasks in `workers` processes, which are only started when there is more than one task."""

    def __init__(self, db: Database, workers: int, *, nice: int = 0) -> None:
        """`nice`: how much its processes stand back behind others, where these wait for a processor."""
        self._db = db
        self._workers = max(1, workers)
        self._nice = nice
        self._pool: ProcessPoolExecutor | None = None

    async def __aenter__(self) -> Self:
        """Nothing is started yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the processes go; on an error drop what waits."""
        if self._pool is not None:
            self._pool.shutdown(wait=kind is None, cancel_futures=True)

    async def rest(self) -> None:
        """Let the processes go until they are needed again: what they remember fills memory."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(pool.shutdown)

    def _processes(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers,
                mp_context=_context(),
                initializer=_start,
                initargs=(self._db.url, self._db.search_path, self._nice),
            )
        return self._pool

    async def map(
        self,
        task: Callable[[Database, A], Awaitable[R]],
        arguments: Iterable[A] | AsyncIterator[A],
        *,
        ahead: int = 2,
    ) -> AsyncIterator[tuple[A, R]]:
        """Run `task` for each argument and give the outcomes in the order of the arguments.

        `ahead`: tasks for each process that are begun before their outcomes are taken. Arguments that are
        still being found are asked for meanwhile.
        """
        stream = arguments if isinstance(arguments, AsyncIterator) else _stream(arguments)
        first = [one async for one in _at_most(2, stream)]
        if len(first) == 1 or self._workers == 1:
            for argument in first:
                yield argument, await task(self._db, argument)
            async for argument in stream:
                yield argument, await task(self._db, argument)
            return
        loop = asyncio.get_running_loop()
        waiting: deque[tuple[A, asyncio.Future[R]]] = deque()

        def begin(argument: A) -> None:
            waiting.append((argument, loop.run_in_executor(self._processes(), _run, task, argument)))

        for argument in first:
            begin(argument)
        more = bool(first)
        while waiting:
            while more and len(waiting) < ahead * self._workers:
                try:
                    begin(await anext(stream))
                except StopAsyncIteration:
                    more = False
            argument, outcome = waiting.popleft()
            yield argument, await outcome


async def _stream(arguments: Iterable[A]) -> AsyncIterator[A]:
    for argument in arguments:
        yield argument


async def _at_most(count: int, stream: AsyncIterator[A]) -> AsyncIterator[A]:
    """Take the first of a stream, which goes on for others."""
    for _ in range(count):
        try:
            yield await anext(stream)
        except StopAsyncIteration:
            return


def _context() -> BaseContext:
    """Give processes that begin with what they need already read: otherwise each takes a second for it.

    They are children of a process that holds nothing else, so no thread or connection of ours comes along.
    """
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(_READ_BEFORE)
    return context


@asynccontextmanager
async def at_work(db: Database, workers: int | Crew) -> AsyncIterator[Crew]:
    """Use the crew that is there, or one of so many processes for this block alone.

    Starting processes costs a second each: stages that follow each other share a crew.
    """
    if isinstance(workers, Crew):
        yield workers
    else:
        async with Crew(db, workers) as crew:
            yield crew


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
