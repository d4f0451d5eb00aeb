"""A whole service for tests of pages: a database, the web in a thread, the worker as a process of its own."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

from tests.api.conftest import TOKEN
from tests.flows.conftest import execute, named
from tests.support.people import known_session
from unioncat.config import Settings
from unioncat.flow.services import Services, open_services
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue

T = TypeVar("T")


@dataclass(frozen=True)
class Living:
    """A running service."""

    address: str
    url: str
    home: Path

    def ask(self, task: Callable[[Services], Awaitable[T]]) -> T:
        """Do something with its services; in a thread, because a browser keeps an event loop in this one."""

        async def inside() -> T:
            async with open_services(Settings(home=self.home, workers=1), self.url) as services:
                return await task(services)

        return apart(inside())

    @contextmanager
    def working(self) -> Iterator[None]:
        """Run the worker as long as the block lasts."""
        surroundings = {
            **os.environ,
            "UNIONCAT_HOME": str(self.home),
            "UNIONCAT_DATABASE_URL": self.url.replace("+asyncpg", "", 1),
            "UNIONCAT_WORKERS": "1",
        }
        worker = subprocess.Popen([sys.executable, "-m", "unioncat", "work"], env=surroundings)
        try:
            yield
        finally:
            worker.terminate()
            try:
                worker.wait(20)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()


def apart(task: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, task).result()


@contextmanager
def living(server: str, template: str, home: Path, **settings: Any) -> Iterator[Living]:
    """Start a service with a database of its own, and these settings besides."""
    name = f"living_{uuid.uuid4().hex[:12]}"
    apart(execute(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    url = named(server, name)

    @asynccontextmanager
    async def opening() -> AsyncIterator[Catalogue]:
        async with open_services(Settings(home=home, workers=1, **settings), url, guarded=True) as services:
            await known_session(services)
            yield Catalogue(services)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(opening, operator_token=TOKEN, base_url=f"http://127.0.0.1:{port}")
    running = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not running.started and time.monotonic() < deadline:
        time.sleep(0.02)
    assert running.started
    try:
        yield Living(f"http://127.0.0.1:{port}", url, home)
    finally:
        running.should_exit = True
        thread.join(10)
        apart(execute(server, f"DROP DATABASE {name} WITH (FORCE)"))
