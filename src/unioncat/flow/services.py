"""What every flow needs: the store, the index and the settings; opened at the edge and passed down."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from unioncat.config import Settings
from unioncat.index import SearchIndex, open_index
from unioncat.store.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The open store and index of one process."""

    db: Database
    index: SearchIndex
    settings: Settings


@asynccontextmanager
async def open_services(settings: Settings, database_url: str) -> AsyncIterator[Services]:
    """Open store and index; both are closed at the end."""
    db = await Database.connect(database_url, pool_size=settings.database_pool)
    index = await open_index(settings.search_url or settings.home / "search")
    try:
        yield Services(db, index, settings)
    finally:
        await index.close()
        await db.close()
