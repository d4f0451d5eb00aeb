"""The parts of a service: what each process is, when it is ready, and how it is started again."""

import http.client
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from unioncat.engine import ports, process
from unioncat.engine.errors import EngineError
from unioncat.telemetry import logger

START_LIMIT = 300.0
"""Seconds; an old computer that is busy with other things takes minutes."""
HEALTHY = 60.0
"""A child that ran this long starts anew without delay when it dies."""
LONGEST_PAUSE = 30.0
HINT = "what it said is above; if nothing is, the machine was too slow: start it again"
log = logger("unioncat.service")


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the service.

    `needs` names the parts that must be ready before it starts. `address`: where it answers HTTP once it is
    ready; `ready`: another way to tell; `once`: it ends by itself; `quiet`: only its complaints are shown.
    """

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    address: tuple[str, int, str] | None = None
    ready: Callable[[], bool] | None = None
    once: bool = False
    quiet: bool = False

    def is_ready(self) -> bool:
        """Ask whether it does its work now."""
        if self.address is not None:
            return answers(*self.address)
        return self.ready is None or self.ready()


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

    def has_started(self) -> bool:
        """Tell whether the part is ready, or has ended as it should. Raise EngineError when it failed."""
        if self.child is None:
            return False
        code = self.child.poll()
        if code is not None and (code or not self.part.once):
            raise EngineError(f"{self.part.name} ended at its start ({meaning(code)})", HINT)
        if self.part.once:
            return code == 0
        if time.monotonic() > self.started + START_LIMIT:
            raise EngineError(f"{self.part.name} does not answer after {START_LIMIT:.0f} seconds", HINT)
        return self.part.is_ready()

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
