"""The connection to PostgreSQL: a pool, one transaction for one unit of work, and the door to COPY."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Connection = AsyncConnection
"""A connection in a transaction, as flows hand it on."""


class Database:
    """A pool of connections; work gets one by `begin` only."""

    def __init__(self, engine: AsyncEngine, url: str, name: str, search_path: str | None) -> None:
        self._engine = engine
        self.url = url
        self.search_path = search_path
        """Schemas in which tables are looked for, where they are not the usual ones."""
        self.name = name
        """What this pool's sessions are called in the server: so others see whether its process lives."""

    @classmethod
    async def connect(cls, url: str, *, pool_size: int = 5, search_path: str | None = None) -> "Database":
        """Make a pool for a `postgresql+asyncpg://` address; nothing is opened yet."""
        name = f"unioncat {uuid4().hex[:12]}"
        options = {"application_name": name, "timezone": "UTC", "jit": "off"}
        if search_path:
            options["search_path"] = search_path
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=False,
            connect_args={"server_settings": options},
        )
        return cls(engine, url, name, search_path)

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()

    async def session(self) -> AsyncConnection:
        """Give a connection without a transaction, whose session holds locks. The caller closes it."""
        connection = await self._engine.connect()
        return await connection.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction: committed when the block ends, rolled back when it raises."""
        async with self._engine.begin() as connection:
            yield connection


async def driver(connection: AsyncConnection) -> Any:
    """Give the asyncpg connection inside `connection`, in its transaction: for COPY and bulk statements.

    SQLAlchemy begins the transaction at its own first statement; before it, asyncpg commits each alone.
    """
    raw: Any = (await connection.get_raw_connection()).driver_connection
    if not raw.is_in_transaction():
        await connection.execute(text("SELECT 1"))
    return raw


async def copy(
    connection: AsyncConnection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Append rows to a table by binary COPY."""
    if rows:
        raw = await driver(connection)
        await raw.copy_records_to_table(table, records=rows, columns=list(columns))
