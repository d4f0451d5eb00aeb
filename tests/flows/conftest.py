"""Sources and home folders for flow tests."""

from pathlib import Path

import pytest

from unioncat.domain.library import Library, LibraryType
from unioncat.domain.source import Assertions, Protocol, Source
from unioncat.store import libraries, sources
from unioncat.store.database import Database


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
