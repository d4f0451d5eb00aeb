"""Servers that a bench starts as processes of their own."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def child(*command: str, url: str, environment: dict[str, str]) -> Iterator[int]:
    """Run a server until the block ends; wait until it answers and give its process id."""
    process = subprocess.Popen([sys.executable, "-m", *command], env=environment, cwd=ROOT)
    try:
        for _ in range(600):
            with contextlib.suppress(httpx2.HTTPError):
                httpx2.get(url, timeout=2)
                break
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} ended with {process.returncode}")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def web_service(home: Path, url: str) -> Iterator[tuple[int, int]]:
    """Run the web service over a database until the block ends; give its port and its process id."""
    port = free_port()
    words = {"HOME": str(home), "DATABASE_URL": url, "PORT": str(port), "LOG_LEVEL": "error"}
    environment = os.environ | {f"UNIONCAT_{name}": value for name, value in words.items()}
    address = f"http://127.0.0.1:{port}/healthz"
    with child("unioncat_api", url=address, environment=environment) as number:
        yield port, number
