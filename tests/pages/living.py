"""A whole service for tests of pages: a database, the web in a thread, the worker as a process of its own."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI

from tests.api.conftest import TOKEN
from tests.support.database import apart, copy, drop
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


@contextmanager
def serving(make: Callable[[str], FastAPI]) -> Iterator[str]:
    """Run an application, made for its address, in a thread; give the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    port = int(address.rpartition(":")[2])
    server = uvicorn.Server(uvicorn.Config(make(address), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the application did not start"
        time.sleep(0.02)
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(20)


@contextmanager
def living(
    server: str,
    template: str,
    home: Path,
    *,
    begin: Callable[[Services], Awaitable[object]] | None = None,
    **settings: Any,
) -> Iterator[Living]:
    """Start a service with a database of its own, and these settings besides; `begin` fills it before."""
    url = apart(copy(server, template))
    wanted = Settings(home=home, workers=1, **settings)

    async def fill(begin: Callable[[Services], Awaitable[object]]) -> None:
        async with open_services(wanted, url) as services:
            await begin(services)

    @asynccontextmanager
    async def opening() -> AsyncIterator[Catalogue]:
        async with open_services(wanted, url, guarded=True) as services:
            await known_session(services)
            yield Catalogue(services)

    try:
        if begin is not None:
            apart(fill(begin))
        with serving(lambda address: create_app(opening, operator_token=TOKEN, base_url=address)) as address:
            yield Living(address, url, home)
    finally:
        apart(drop(server, url))
