"""A real PostgreSQL for flow tests: one server a test worker, one fresh copy of a template a test."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from unioncat.domain.library import Library, LibraryType
from unioncat.domain.source import Assertions, Protocol, Source
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.store import libraries, sources
from unioncat.store.database import Database
from unioncat.store.migrate import upgrade


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server's maintenance database; `UNIONCAT_TEST_DATABASE_URL` names another server."""
    given = os.environ.get("UNIONCAT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("pg"))
    url = postgres.start()
    yield url
    postgres.destroy()


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


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """Name of a migrated, empty database."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    asyncio.run(execute(server, f"CREATE DATABASE {name}"))
    asyncio.run(upgrade(named(server, name)))
    return name


@pytest.fixture
async def url(server: str, template: str) -> AsyncIterator[str]:
    """Address of a database of this test's own."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    await execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield named(server, name)
    await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    """A connected store."""
    database = await Database.connect(url, pool_size=3)
    yield database
    await database.close()


@pytest.fixture
async def source(db: Database) -> Source:
    """A registered source of a registered library."""
    return await add_source(db, "lib-a")


async def add_source(
    db: Database,
    code: str,
    *,
    address: str = "http://127.0.0.1:9/oai",
    protocol: Protocol = Protocol.OAI_PMH,
    format: str = "marc21",
    options: tuple[tuple[str, str], ...] = (),
    assertions: Assertions | None = None,
) -> Source:
    """Register a library and a source of the same code."""
    async with db.begin() as conn:
        await libraries.save_library(conn, Library(code, f"Thư viện {code}", code, LibraryType.PUBLIC))
        return await sources.save_source(
            conn,
            Source(
                code=code,
                library=code,
                protocol=protocol,
                address=address,
                format=format,
                options=options,
                assertions=assertions or Assertions(),
            ),
        )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A service's home folder."""
    return tmp_path / "home"
