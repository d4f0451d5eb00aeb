"""How long the service waits for a client: for the head of a request, for its body, and for its own answer.

Whoever sends a byte now and then must not hold a connection or a worker for ever.
"""

import asyncio
import time
from contextlib import suppress
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import Receive
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 15.0
"""From the opening of a connection, or the first byte after an answer, to the end of the request's head."""
QUIET_SECONDS = 60.0
"""Without anything coming in or going out after which a request is given up."""
IDLE_SECONDS = 20
"""Without a request after which a connection is closed: longer than clients keep it (httpx 5, aiohttp 15).

With the same time on both sides a request now and then meets the closing door."""
BODY_SECONDS = 30.0
BODY_RATE = 1000.0
"""A body may take `BODY_SECONDS` and a second for each so many bytes."""


class SlowError(HTTPException):
    """A body that comes too slowly; of the framework's kind, which it passes on unchanged."""

    def __init__(self) -> None:
        super().__init__(408, "The request came too slowly.", {"Connection": "close"})


def put_off(deadline: asyncio.Timeout) -> None:
    """Give a request more time, because something has moved."""
    with suppress(RuntimeError):  # it is over already
        deadline.reschedule(asyncio.get_running_loop().time() + QUIET_SECONDS)


def hurried(receive: Receive, deadline: asyncio.Timeout) -> Receive:
    """Give the parts of a body as long as they come fast enough; each puts the request's deadline off."""
    begun = time.monotonic()
    seen = 0
    whole = False

    async def read() -> Any:
        nonlocal seen, whole
        if whole:  # now only the client's leaving is waited for
            return await receive()
        left = BODY_SECONDS + seen / BODY_RATE - (time.monotonic() - begun)
        try:
            async with asyncio.timeout(max(0.0, left)):
                message = await receive()
        except TimeoutError:
            raise SlowError from None
        seen += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        put_off(deadline)
        return message

    return read


class PatientProtocol(H11Protocol):
    """HTTP of uvicorn, which by itself waits for the head of a request without end."""

    head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Stop waiting when a request is there; begin again with the first bytes of the next."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self.head_timer is None:
            self._await_head()

    def on_response_complete(self) -> None:
        """Wait for the next request by uvicorn's own rule: its time for idle connections."""
        self._stop_waiting()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self.head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None

    def _give_up(self) -> None:
        self.head_timer = None
        if not self.transport.is_closing():
            self.transport.close()
