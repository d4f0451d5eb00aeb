"""Answers kept for a short while, so that no reader waits for what hardly changes.

A kept answer belongs to one viewer's audiences and is never given to another. One that is no longer fresh is
still given while a new one is fetched; one that is too old is waited for.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from unioncat.domain.audience import Viewer
from unioncat.telemetry import logger

T = TypeVar("T")
log = logger(__name__)


class Kept(Generic[T]):
    """One kind of answer, for each circle of audiences; times in seconds."""

    def __init__(
        self,
        fetch: Callable[[Viewer], Awaitable[T]],
        *,
        fresh: float,
        longest: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._fresh = fresh
        self._longest = longest
        self._clock = clock
        self._answers: dict[frozenset[int], tuple[float, T]] = {}
        self._fetching: dict[frozenset[int], asyncio.Task[T]] = {}

    async def of(self, viewer: Viewer) -> T:
        """Give the answer for a viewer. Raises what fetching raises where there is none to fall back on."""
        kept = self._answers.get(viewer.audiences)
        age = self._clock() - kept[0] if kept else self._longest
        if kept and age < self._fresh:
            return kept[1]
        task = self._fetching.get(viewer.audiences)
        if task is None or task.done():
            task = asyncio.create_task(self._renew(viewer))
            self._fetching[viewer.audiences] = task
            task.add_done_callback(lambda done: self._done(viewer.audiences, done))
        if kept and age < self._longest:
            return kept[1]
        return await asyncio.shield(task)

    async def _renew(self, viewer: Viewer) -> T:
        begun = self._clock()
        answer = await self._fetch(viewer)
        if self._fetching.get(viewer.audiences) is asyncio.current_task():
            self._answers[viewer.audiences] = (begun, answer)
        return answer

    def _done(self, audiences: frozenset[int], task: asyncio.Task[T]) -> None:
        if self._fetching.get(audiences) is task:
            del self._fetching[audiences]
        if not task.cancelled() and (error := task.exception()):
            log.warning("an answer could not be renewed", error=repr(error))

    def forget(self) -> None:
        """Drop all answers, those on their way included: something has changed."""
        self._answers.clear()
        self._fetching.clear()
