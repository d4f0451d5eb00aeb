"""`unioncat up`: the whole service in one process tree, for a laptop or a small library.

Starts in order, restarts what dies, stops in reverse; nothing it started outlives it. Main thread only.
"""

import contextlib
import fcntl
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from unioncat.config import PREFIX, Settings
from unioncat.engine import ports, process
from unioncat.engine.errors import EngineError
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.telemetry import logger

PATIENCE = 3.0
"""Seconds that a child gets to end by itself; with the database's share a stop takes under five."""
START_LIMIT = 90.0
HEALTHY = 60.0
"""A child that ran this long starts anew without delay when it dies."""
LONGEST_PAUSE = 30.0
log = logger("unioncat.service")


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the service.

    `address`: where it answers HTTP once it is ready; `ready`: another way to tell; `once`: it ends by
    itself; `quiet`: only its complaints are shown.
    """

    name: str
    command: tuple[str, ...]
    address: tuple[str, int, str] | None = None
    ready: Callable[[], bool] | None = None
    once: bool = False
    quiet: bool = False

    def is_ready(self) -> bool:
        """Ask whether it does its work now."""
        if self.address is not None:
            return answers(*self.address)
        return self.ready is None or self.ready()


class Stop(BaseException):
    """Somebody asked the service to end."""


class Running:
    """A part and the process that runs it now."""

    def __init__(self, part: Part, environment: dict[str, str]) -> None:
        self.part = part
        self.environment = environment
        self.child: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.failures = 0
        self.next_start = 0.0

    def start(self) -> None:
        """Start the process."""
        self.started = time.monotonic()
        self.child = process.spawn(self.part.command, environment=self.environment, silent=self.part.quiet)

    def await_ready(self) -> None:
        """Wait until the part answers, or has ended when it is to end. Raise EngineError when it fails."""
        deadline = time.monotonic() + START_LIMIT
        while self.child is not None:
            code = self.child.poll()
            if code is not None and (code or not self.part.once):
                raise EngineError(
                    f"{self.part.name} ended at its start ({meaning(code)})", "its messages are above"
                )
            if code == 0 or (not self.part.once and self.part.is_ready()):
                return
            if time.monotonic() > deadline and not self.part.once:
                raise EngineError(
                    f"{self.part.name} does not answer after {START_LIMIT:.0f} seconds",
                    "its messages are above",
                )
            time.sleep(0.05)

    def mend(self, now: float) -> None:
        """Start the process again when it has died, after a pause that grows with each failure."""
        if self.child is not None:
            code = self.child.poll()
            if code is None:
                return
            process.sweep(self.child)
            self.child = None
            self.failures = 0 if now - self.started > HEALTHY else self.failures + 1
            pause = min(LONGEST_PAUSE, 0.5 * 2 ** (self.failures - 1)) if self.failures else 0.0
            self.next_start = now + pause
            log.error("a part died; starting it again", part=self.part.name, why=meaning(code), seconds=pause)
        if now >= self.next_start:
            self.start()


class Service:
    """All parts of a home folder's service, the database first."""

    def __init__(self, settings: Settings, parts: Sequence[Part]) -> None:
        self.settings = settings
        self.parts = parts
        self.database: EmbeddedPostgres | None = None
        self.running: list[Running] = []

    def run(self, *, ready: str = "unioncat is ready") -> None:
        """Run until SIGINT, SIGTERM or SIGHUP. Raise EngineError when something cannot start."""
        with only_one(self.settings), stop_signals():
            try:
                for part in self.parts:
                    if part.address:
                        ports.check(*part.address[:2], part.name)
                url = self._start_database()
                surroundings = environment(self.settings, url)
                for part in self.parts:
                    running = Running(part, surroundings)
                    self.running.append(running)
                    running.start()
                    running.await_ready()
                    if part.once:
                        self.running.remove(running)
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
            Part("sample registration", (python, "-m", "unioncat", "load", "--sample", "--quiet"), once=True),
        ]
    every += [
        Part(
            "web service", (python, "-m", "unioncat_api"), address=(settings.host, settings.port, "/healthz")
        ),
        Part("worker", (python, "-m", "unioncat", "work")),
    ]
    return every


def sample_state(settings: Settings) -> Path:
    """Name the file in which the sample libraries remember their ports."""
    return settings.home / "sample" / "sample.json"


def samples_answer(settings: Settings) -> bool:
    """Tell whether all sample libraries answer."""
    try:
        used: dict[str, int] = json.loads(sample_state(settings).read_text(encoding="utf-8"))["ports"]
    except (OSError, ValueError, KeyError):
        return False
    return all(answers("127.0.0.1", port, "/oai?verb=Identify") for port in used.values())


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
            holder = path.read_text(encoding="utf-8").strip()
            raise EngineError(
                f"a service of {settings.home} is running already ({holder})",
                "stop it first, or set UNIONCAT_HOME to another folder for a second one",
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()}, {settings.base_url}\n".encode())
        yield
    finally:
        os.close(handle)


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


def answers(host: str, port: int, path: str) -> bool:
    """Tell whether an HTTP server answers there without an error of its own."""
    connection = http.client.HTTPConnection(ports.reached_at(host), port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def meaning(code: int) -> str:
    """Say what an exit code means."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
