"""The connection to PostgreSQL: a pool, one transaction for one unit of work, and the door to COPY.

What is read for a viewer is read as `READER`, a role that row-level security holds to the viewer's audiences;
a transaction of the web process that names no viewer sees no guarded row at all.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from unioncat.domain.audience import Viewer

READER = "unioncat_reader"
"""The role that reads for viewers: it cannot log in, owns nothing, and only its policies show it rows."""

Connection = AsyncConnection
"""A connection in a transaction, as flows hand it on."""


class Database:
    """A pool of connections; work gets one by `begin` or `as_service` only."""

    def __init__(
        self, engine: AsyncEngine, url: str, name: str, search_path: str | None, guarded: bool = False
    ) -> None:
        self._engine = engine
        self.guarded = guarded
        """Whether `begin` without a viewer reads as nobody instead of as the service itself."""
        self.url = url
        self.search_path = search_path
        """Schemas in which tables are looked for, where they are not the usual ones."""
        self.name = name
        """What this pool's sessions are called in the server: so others see whether its process lives."""

    @classmethod
    async def connect(
        cls, url: str, *, pool_size: int = 5, search_path: str | None = None, guarded: bool = False
    ) -> "Database":
        """Make a pool for a `postgresql+asyncpg://` address; nothing is opened yet.

        `guarded` is for processes that answer strangers.
        """
        name = f"unioncat {uuid4().hex[:12]}"
        options = {"application_name": name, "timezone": "UTC", "jit": "off"}
        if search_path:
            options["search_path"] = search_path
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            # A worker that slept over a restart of the database finds out before its job, not in it.
            pool_pre_ping=not guarded,
            connect_args={"server_settings": options},
        )
        return cls(engine, url, name, search_path, guarded)

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()

    async def session(self) -> AsyncConnection:
        """Give a connection without a transaction, whose session holds locks. The caller closes it."""
        connection = await self._engine.connect()
        return await connection.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def begin(self, viewer: Viewer | None = None) -> AsyncIterator[AsyncConnection]:
        """Open a transaction: committed when the block ends, rolled back when it raises.

        For a viewer it only reads, and what this viewer may see only. Without one it is the service's own,
        but in a guarded process: there it reads what is for all and has no audience.
        """
        async with self._engine.begin() as connection:
            if viewer is not None or self.guarded:
                circles = sorted(viewer.audiences) if viewer else ()
                await connection.execute(_READ_FOR, {"role": READER, "circles": ",".join(map(str, circles))})
            yield connection

    @asynccontextmanager
    async def as_service(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction of the service's own, which sees and may do everything.

        Whoever calls it has asked before who may do what is done here, and shows nothing of it unfiltered.
        """
        async with self._engine.begin() as connection:
            yield connection


_READ_FOR = text("SELECT set_config('role', :role, true), set_config('unioncat.audiences', :circles, true)")


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
