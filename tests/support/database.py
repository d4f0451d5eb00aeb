"""A real PostgreSQL for tests: one server a test worker, one fresh copy of a template a test.

All tests know the fixtures by tests/conftest.py; a module that imports them starts a server of its own.
"""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.support.room import open_folder
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.store.database import Database
from unioncat.store.migrate import upgrade

T = TypeVar("T")


def apart(task: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own, because a browser keeps an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, task).result()


def named(url: str, database: str) -> str:
    """The same server, another database."""
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{database}" + (f"?{query}" if query else "")


async def execute(url: str, statement: str) -> None:
    """Run one statement outside a transaction."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


async def copy(server: str, template: str) -> str:
    """Make a copy of the template; give its address."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    # The files are copied as they are: to write them into the server's log first takes several times as long.
    await execute(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return named(server, name)


async def drop(server: str, url: str) -> None:
    """Delete a copy, whoever is connected."""
    name = url.partition("?")[0].rsplit("/", 1)[1]
    await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a server's maintenance database; `UNIONCAT_TEST_DATABASE_URL` names another server."""
    given = os.environ.get("UNIONCAT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with open_folder() as home:
        postgres = EmbeddedPostgres(home)
        url = postgres.start()
        for name in ("fsync", "full_page_writes"):  # nothing here must outlive a power cut
            apart(execute(url, f"ALTER SYSTEM SET {name} = off"))
        apart(execute(url, "SELECT pg_reload_conf()"))
        yield url
        postgres.destroy()


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """Name of a migrated, empty database."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    apart(execute(server, f"CREATE DATABASE {name}"))
    apart(upgrade(named(server, name)))
    return name


@pytest.fixture
async def url(server: str, template: str) -> AsyncIterator[str]:
    """Address of a database of this test's own."""
    address = await copy(server, template)
    yield address
    await drop(server, address)


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    """A connected store."""
    database = await Database.connect(url, pool_size=3)
    yield database
    await database.close()
