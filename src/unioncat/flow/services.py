"""What every flow needs: the store, the index and the settings; opened at the edge and passed down."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from unioncat.config import Settings
from unioncat.index import SearchIndex, open_index
from unioncat.store.database import Database


def _target(settings: Settings) -> Path | str:
    return settings.search_url or settings.home / "search"


@dataclass(frozen=True, slots=True)
class Services:
    """The open store and index of one process; `index` is for reading."""

    db: Database
    index: SearchIndex
    settings: Settings

    @asynccontextmanager
    async def index_writer(self) -> AsyncIterator[SearchIndex]:
        """Open the index for writing, for as long as there is something to write. Raises `IndexBusy`."""
        index = open_index(_target(self.settings), write=True)
        try:
            yield index
        finally:
            await index.close()


@asynccontextmanager
async def open_services(
    settings: Settings, database_url: str, *, guarded: bool = False
) -> AsyncIterator[Services]:
    """Open store and index; both are closed at the end. `guarded` is for what answers strangers."""
    db = await Database.connect(database_url, pool_size=settings.database_pool, guarded=guarded)
    index = open_index(_target(settings))
    try:
        yield Services(db, index, settings)
    finally:
        await index.close()
        await db.close()
