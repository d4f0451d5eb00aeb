"""`unioncat up`: the whole service in one process tree, for a laptop or a small library.

Starts in order, restarts what dies, stops in reverse; nothing it started outlives it. Main thread only.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from unioncat.config import PREFIX, Settings
from unioncat.engine import ports, process
from unioncat.engine.errors import EngineError
from unioncat.engine.parts import Part, Running, answers
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.engine.samples import sample_ports, sample_state
from unioncat.telemetry import logger

PATIENCE = 3.0
"""Seconds that a child gets to end by itself; with the database's share a stop takes under five."""
log = logger("unioncat.service")


class Stop(BaseException):
    """Somebody asked the service to end."""


class Service:
    """All parts of a home folder's service, the database first."""

    def __init__(self, settings: Settings, parts: Sequence[Part]) -> None:
        self.settings = settings
        self.parts = parts
        self.database: EmbeddedPostgres | None = None
        self.running: list[Running] = []

    def look_first(self) -> None:
        """See that nothing stands in the way, before anything is written. Raise EngineError where it does."""
        if is_up(self.settings.home):
            raise running_already(self.settings)
        for part in self.parts:
            if part.address:
                ports.check(*part.address[:2], part.name)

    def run(self, *, ready: str = "unioncat is ready") -> None:
        """Run until SIGINT, SIGTERM or SIGHUP. Raise EngineError when something cannot start."""
        with only_one(self.settings), stop_signals():
            try:
                for part in self.parts:
                    if part.address:
                        ports.check(*part.address[:2], part.name)
                url = self._start_database()
                self._start_parts(environment(self.settings, url))
                log.info(ready)
                while True:
                    time.sleep(0.25)
                    self._mend()
            except Stop:
                log.info("stopping")
            finally:
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
                self._stop()

    def _start_database(self) -> str:
        if self.settings.database_url:
            return self.settings.database_url
        self.database = EmbeddedPostgres(self.settings.home, memory_mb=self.settings.database_memory_mb)
        return self.database.start()

    def _start_parts(self, surroundings: dict[str, str]) -> None:
        """Start every part as soon as those that it needs are ready."""
        waiting, ready = list(self.parts), set[str]()
        while waiting or len(ready) < len(self.parts):
            for part in [one for one in waiting if ready.issuperset(one.needs)]:
                running = Running(part, surroundings)
                self.running.append(running)
                running.start()
                waiting.remove(part)
            for running in [one for one in self.running if one.part.name not in ready]:
                if running.has_started():
                    ready.add(running.part.name)
                    if running.part.once:
                        self.running.remove(running)
            time.sleep(0.02)

    def _mend(self) -> None:
        if self.database is not None and not self.database.alive():
            log.error("the database server died; starting it again")
            self.database.start()
        now = time.monotonic()
        for running in self.running:
            running.mend(now)

    def _stop(self) -> None:
        """Ask all parts to end, the last started first, then the database."""
        children = [running.child for running in reversed(self.running) if running.child is not None]
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for child in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
            process.sweep(child)
            child.wait()
        if self.database is not None:
            self.database.stop(patience=1.5)


def parts(settings: Settings, *, sample: bool = False) -> list[Part]:
    """List the processes of the service; `sample` adds libraries to try it with."""
    python = sys.executable
    every = [Part("migrations", (python, "-m", "unioncat", "migrate", "--quiet"), once=True)]
    if sample:
        folder = sample_state(settings).parent
        command = (python, "-m", "unioncat_api.sample", "--home", str(folder))
        every += [
            Part(
                "sample libraries",
                (*command, "--port-base", str(settings.sample_port)),
                ready=lambda: samples_answer(settings),
                quiet=True,
            ),
            Part(
                "sample harvest",
                (python, "-m", "unioncat", "sample"),
                needs=("migrations", "sample libraries"),
                once=True,
            ),
        ]
    every += [
        Part(
            "web service",
            (python, "-m", "unioncat_api"),
            needs=("migrations",),
            address=(settings.host, settings.port, "/healthz"),
        ),
        Part(
            "worker",
            (python, "-m", "unioncat", "work"),
            needs=("sample harvest" if sample else "migrations",),
        ),
    ]
    return every


def samples_answer(settings: Settings) -> bool:
    """Tell whether all sample libraries answer."""
    ports_ = sample_ports(settings)
    return bool(ports_) and all(answers("127.0.0.1", port, "/oai?verb=Identify") for port in ports_)


def environment(settings: Settings, url: str) -> dict[str, str]:
    """Give the environment of the parts: ours, with every setting as it was decided here."""
    chosen = dict(os.environ)
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is not None:
            chosen[PREFIX + name.upper()] = str(value)
    chosen[PREFIX + "DATABASE_URL"] = url
    chosen["PYTHONUNBUFFERED"] = "1"
    return chosen


@contextlib.contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the home folder's lock: one service a home."""
    settings.home.mkdir(parents=True, exist_ok=True)
    path = lock_file(settings.home)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise running_already(settings) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()}, {settings.base_url}\n".encode())
        yield
    finally:
        os.close(handle)


def running_already(settings: Settings) -> EngineError:
    """Say that the home folder has a service, and which."""
    holder = lock_file(settings.home).read_text(encoding="utf-8").strip()
    return EngineError(
        f"a service of {settings.home} is running already ({holder})",
        "stop it first, or set UNIONCAT_HOME to another folder for a second one",
    )


def lock_file(home: Path) -> Path:
    """Name the lock of a home folder's service."""
    return home / "service.lock"


def is_up(home: Path) -> bool:
    """Tell whether a service of this home folder is running."""
    try:
        handle = os.open(lock_file(home), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(handle)


@contextlib.contextmanager
def stop_signals() -> Iterator[None]:
    """Turn the signals that end a service into Stop."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stop

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
