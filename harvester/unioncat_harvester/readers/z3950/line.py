"""One connection to a target: whole messages in and out, with limits on size and time.

What ends a connection says whether another try makes sense: `Lost` may be gone next time, `Refused` will not.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable

from unioncat_harvester.readers.z3950 import responses
from unioncat_harvester.readers.z3950.ber import Framer, Malformed, TooLarge
from unioncat_harvester.transport import DEADLINE_FACTOR

CHUNK = 64 * 1024
Connect = Callable[[str, int, float], socket.socket]
"""(host, port, seconds): a connected socket to an address that may be connected to."""
_OTHERS = (
    (b"HTTP/", "a web server"),
    (b"<", "a web server"),
    (b"SSH-", "a secure shell"),
    (b"220", "a mail or file server"),
    (b"\x15\x03", "a server that wants TLS"),
)


SILENT = (
    "Ask the library whether its Z39.50 service is running and lets this service's address in; raise the"
    " source's timeout if it is slow."
)
BROKEN = (
    "The target breaks the protocol here: ask its operator for its log. Another format, or another element"
    " set (option elements), may be answered better."
)


class Lost(Exception):
    """The connection or session is gone, or its answer makes no sense: another try may go well."""

    def __init__(self, reason: str, remedy: str = SILENT) -> None:
        super().__init__(reason)
        self.remedy = remedy


class Unanswered(Lost):
    """The target did not answer Init as it should: it may do so when it is asked more plainly."""


class Refused(Exception):
    """What no further try will mend."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


class Line:
    """A connection. Ask one thing after the other; after any error it is of no use."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        timeout: float,
        max_bytes: int,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._timeout = timeout
        self._framer = Framer(max_bytes)
        self._greeted = False

    @classmethod
    async def open(
        cls, host: str, port: int, connect: Connect, *, tls: bool, seconds: float, max_bytes: int
    ) -> "Line":
        """Connect. Raises `Lost`, and whatever `connect` raises that is no OSError."""
        try:
            plain = await asyncio.to_thread(connect, host, port, seconds)
            context = ssl.create_default_context() if tls else None
            async with asyncio.timeout(seconds):
                reader, writer = await asyncio.open_connection(
                    sock=plain, ssl=context, server_hostname=host if tls else None
                )
        except ssl.SSLCertVerificationError as error:
            raise Refused(
                f"the target's certificate is not valid: {error.verify_message}",
                "Ask the library for a valid certificate, or whether the target speaks without TLS (z3950://).",
            ) from error
        except TimeoutError as error:
            raise Lost(f"no connection to {host}:{port} within {seconds:.0f} s") from error
        except OSError as error:
            raise Lost(f"no connection to {host}:{port} ({error.strerror or error})") from error
        return cls(reader, writer, timeout=seconds, max_bytes=max_bytes)

    async def ask(self, message: bytes) -> tuple[responses.Response, int]:
        """Send a request and wait for the next message: what it is, and its size in bytes.

        Raises `Lost`, `Refused`.
        """
        try:
            async with asyncio.timeout(self._timeout):
                self._writer.write(message)
                await self._writer.drain()
        except TimeoutError as error:
            raise Lost(f"the target took nothing from us for {self._timeout:.0f} s") from error
        except OSError as error:
            raise Lost(f"the connection broke ({error.strerror or error})") from error
        return await self.receive()

    async def receive(self) -> tuple[responses.Response, int]:
        """Wait for a whole message; a target that drips bytes does not hold us."""
        end = time.monotonic() + self._timeout * DEADLINE_FACTOR
        try:
            while (message := self._framer.take()) is None:
                self._framer.feed(await self._piece(end))
            return responses.read(message), len(message)
        except TooLarge as error:
            raise Refused(
                f"the target announces {error}",
                "Set the option present to a smaller number of records for each request; if one record is"
                " that large, ask the target's operator.",
            ) from error
        except Malformed as error:
            raise Lost(f"the target's answer is no proper Z39.50 message: {error}", BROKEN) from error

    async def _piece(self, end: float) -> bytes:
        left = end - time.monotonic()
        try:
            async with asyncio.timeout(max(0.001, min(left, self._timeout))):
                data = await self._reader.read(CHUNK)
        except TimeoutError as error:
            if left < self._timeout:
                whole = self._timeout * DEADLINE_FACTOR
                raise Lost(f"no whole answer within {whole:.0f} s") from error
            raise Lost(f"no answer within {self._timeout:.0f} s") from error
        except OSError as error:
            raise Lost(f"the connection broke ({error.strerror or error})") from error
        if not data:
            begun = self._framer.begun
            raise Lost(
                f"the target hung up in the middle of an answer, after {begun:,} bytes"
                if begun
                else "the target hung up"
            )
        if not self._greeted:
            self._greeted = True
            _check_greeting(data)
        return data

    async def close(self, farewell: bytes = b"") -> None:
        """Hang up, after a last message that no answer is awaited for."""
        try:
            if farewell:
                self._writer.write(farewell)
            self._writer.close()
            async with asyncio.timeout(1):
                await self._writer.wait_closed()
        except (OSError, TimeoutError, ssl.SSLError):
            self._writer.transport.abort()


def _check_greeting(data: bytes) -> None:
    """See whether the first bytes are those of quite another protocol."""
    for beginning, what in _OTHERS:
        if data.startswith(beginning):
            raise Refused(
                f"this is no Z39.50 target: {what} answers",
                "Ask the library for host and port of its Z39.50 service (often port 210 or 9999);"
                " z3950s:// is for targets with TLS.",
            )
