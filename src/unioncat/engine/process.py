"""Child processes that never outlive their parent.

Start them from the main thread: on Linux a child dies with the *thread* that started it (prctl(2)).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Account:
    """The user that a child runs as."""

    uid: int
    gid: int
    name: str


def spawn(
    command: Sequence[str | Path],
    *,
    output: int | IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
    cwd: str | Path | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    silent: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a direct child in its own process group; it gets `death_signal` should this process be killed.

    `output` takes what it prints and its errors; `silent` drops what it prints and leaves its errors.
    Its own group keeps a Ctrl-C on the terminal from reaching it before its parent has decided the order.
    """
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if silent else output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=None if environment is None else dict(environment),
        cwd=cwd,
        process_group=0,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=_die_with(os.getpid(), death_signal),
    )


def _die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None] | None:
    """Make the function that asks Linux for `death_signal` at the parent's death; elsewhere there is none."""
    if _libc is None:
        return None
    prctl = _libc.prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return ask


def end(
    child: subprocess.Popen[bytes],
    patience: float,
    *,
    gentle: signal.Signals = signal.SIGTERM,
    rough: signal.Signals = signal.SIGKILL,
) -> None:
    """Ask a child to end, insist after `patience` seconds, and take what is left of its group with it."""
    if child.poll() is None:
        child.send_signal(gentle)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            child.send_signal(rough)
            try:
                child.wait(patience)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
    sweep(child)


def sweep(child: subprocess.Popen[bytes]) -> None:
    """Kill what a dead child left behind in its process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
