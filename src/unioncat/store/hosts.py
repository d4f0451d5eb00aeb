"""Servers that are being asked by any process of this service: each by one harvest at a time.

Held by the database session of the process, so that a killed process lets go at once. Not a table: nothing
is written, and nothing has to be tidied up.
"""

import asyncio
from types import TracebackType
from typing import Self

from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.store.database import Database

_KIND = 7_114_204
_TAKE = text("SELECT pg_try_advisory_lock(:kind, hashtext(:host))")
_GIVE = text("SELECT pg_advisory_unlock(:kind, hashtext(:host))")


class Hosts:
    """The servers that this process asks. Open it for as long as they are asked: it keeps one connection."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._connection: AsyncConnection | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Open the connection that holds the servers."""
        self._connection = await self._db.session()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of all of them."""
        if self._connection is not None:
            await self._connection.invalidate()  # closes the session, and with it everything that it holds
            await self._connection.close()

    async def take(self, host: str) -> bool:
        """Take a server, unless another process has it."""
        return await self._ask(_TAKE, host)

    async def give(self, host: str) -> None:
        """Let others ask a server again."""
        await self._ask(_GIVE, host)

    async def _ask(self, question: TextClause, host: str) -> bool:
        if self._connection is None:
            raise RuntimeError("Hosts is not open")
        values = {"kind": _KIND, "host": host}
        async with self._turn:
            try:
                return bool((await self._connection.execute(question, values)).scalar_one())
            except DBAPIError:  # the session is gone, and with it all that it held; the server may be back
                await self._connection.close()
                self._connection = await self._db.session()
                return bool((await self._connection.execute(question, values)).scalar_one())
