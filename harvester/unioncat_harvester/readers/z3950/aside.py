"""An event loop in a thread of its own, asked from a synchronous reader.

A reader is called from changing threads, also from one whose own loop is running: none of them runs it.
"""

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from unioncat_harvester.reader import Stopped

T = TypeVar("T")

GLANCE = 0.25
"""Seconds between two looks at whether we should stop."""


class Aside:
    """Runs coroutines one after the other; the thread begins with the first one and ends with `close`."""

    def __init__(self, name: str, stop: threading.Event) -> None:
        self._name = name
        self._stop = stop
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for a coroutine. Raises `Stopped` as soon as the harvester is told to stop."""
        future = asyncio.run_coroutine_threadsafe(work, self._begin())
        while True:
            done, _ = concurrent.futures.wait((future,), GLANCE)
            if done:
                return future.result()
            if self._stop.is_set():
                future.cancel()
                raise Stopped

    def cast(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine without waiting for it; it ends with the loop at the latest."""
        asyncio.run_coroutine_threadsafe(work, self._begin())

    def close(self, last: Coroutine[Any, Any, None] | None = None, seconds: float = 1.0) -> None:
        """End the thread, after `last` if it takes no longer than so many seconds."""
        if self._loop is None or self._thread is None:
            if last is not None:
                last.close()
            return
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if last is not None:
            future = asyncio.run_coroutine_threadsafe(last, loop)
            concurrent.futures.wait((future,), seconds)
            future.cancel()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(seconds)

    def _begin(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            loop = self._loop = asyncio.SelectorEventLoop()
            self._thread = threading.Thread(target=_serve, args=(loop,), name=self._name, daemon=True)
            self._thread.start()
        return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
    finally:
        loop.close()
