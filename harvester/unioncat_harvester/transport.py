"""Fetching over HTTP: retries, waits that the server asks for, limits on time and size, bodies on disk.

An answer counts only when its reader has accepted it: what the reader calls `Unusable` is asked for again.
Credentials go to the source's own scheme, host and port, never to where it redirects.
"""

import io
import random
import re
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, Any, TypeVar, cast

import httpx2
import zstandard

from unioncat.domain.credentials import Credentials
from unioncat.domain.source import Politeness
from unioncat_harvester.masking import masked
from unioncat_harvester.network import (
    PORTS,
    BoundedTransport,
    Deadline,
    Guard,
    NotAllowed,
    is_here,
    proxy_for,
)
from unioncat_harvester.reader import Stopped

T = TypeVar("T")

SPOOL_BYTES = 8 * 1024 * 1024
CHUNK = 256 * 1024
MAX_REDIRECTS = 5
MAX_COOKIES = 50
"""Cookies kept of one server; one that sets more has all of them forgotten."""
FREE_BYTES = 8 * 1024 * 1024
MAX_RATIO = 250
"""Beyond the first 8 MB an answer may unpack to this many times its size; records pack to a tenth or so."""
DEADLINE_FACTOR = 10
"""A whole answer may take this many time-outs."""
REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
_SECONDS = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(?:s|sec|seconds?)?$", re.ASCII | re.IGNORECASE)
_ZSTD = b"\x28\xb5\x2f\xfd"
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that may be gone at the next try."""


class Unusable(Exception):
    """An answer that may be better at the next try; `wait` is what the server asked for, in seconds."""

    def __init__(self, reason: str, *, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Refused(Exception):
    """An answer that no further try will mend."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


class TooLarge(Refused):
    """An answer beyond the source's limit; a smaller part of the list may fit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer with its body (decompressed) in memory or, beyond 8 MB, in a temporary file."""

    status: int
    headers: Mapping[str, str]
    body: IO[bytes]
    size: int
    moved: str | None = None
    """Address after a permanent redirection."""
    tries: int = 1


def spool() -> IO[bytes]:
    """Open a place for a body: memory first, a temporary file beyond 8 MB."""
    return tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)


class Transport:
    """One source's connection to its server. Not for several threads at once."""

    def __init__(
        self,
        address: str,
        limits: Politeness,
        agent: str,
        *,
        guard: Guard | None = None,
        credentials: Credentials | None = None,
        backoff: float = 1.0,
        stop: threading.Event | None = None,
    ) -> None:
        self._limits = limits
        self._backoff = backoff
        self._stop = stop or threading.Event()
        self._deadline = Deadline(self._stop)
        self._rested = float("-inf")
        self._own = origin(address)
        self._credentials = credentials or Credentials()
        self._client = httpx2.Client(
            transport=BoundedTransport(self._deadline, guard or Guard(), proxy=proxy_for(address)),
            headers={
                "User-Agent": agent,
                "Accept": "text/xml, application/xml;q=0.9, */*;q=0.1",
                "Accept-Encoding": "identity" if is_here(address) else "gzip",
            },
            timeout=limits.timeout,
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def fetch(
        self,
        url: str,
        read: Callable[[Answer], T],
        *,
        max_bytes: int | None = None,
        tries: int | None = None,
    ) -> T:
        """Ask until `read` accepts an answer; `read` then owns the body. `tries` may only be fewer.

        Raises `Unusable` with the last reason when all tries are spent, `Refused`, `Stopped`.
        """
        tries = max(1, min(tries or self._limits.tries, self._limits.tries))
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._attempt(url, read, max_bytes or self._limits.max_page_bytes, attempt, tries)
            except Unusable as fault:
                if attempt >= tries:
                    raise Unusable(f"{fault} ({tries} tries)") from fault
                self._wait(self._patience(attempt) if fault.wait is None else fault.wait)

    def _attempt(self, url: str, read: Callable[[Answer], T], max_bytes: int, attempt: int, tries: int) -> T:
        self._wait(self._rested + self._limits.pause - time.monotonic())
        try:
            answer = self._get(url, max_bytes, attempt)
        finally:
            self._rested = time.monotonic()
        try:
            told = retry_after(answer.headers) if answer.status in PASSING else None
            if told is not None and attempt < tries:
                raise Unusable(f"the server answered with HTTP status {answer.status}", wait=told)
            try:
                return read(answer)
            except Unusable:
                if answer.status < 400:
                    raise
                raise status_fault(answer, told) from None
        except BaseException:
            answer.body.close()
            raise

    def _get(self, url: str, max_bytes: int, attempt: int) -> Answer:
        self._deadline.start(self._limits.timeout * DEADLINE_FACTOR)
        body = spool()
        try:
            with self._following(url) as (response, permanent):
                size = 0
                for piece in masked(inflate(response.iter_raw(CHUNK)), self._credentials.carried):
                    size += len(piece)
                    if size > max_bytes:
                        raise TooLarge(
                            f"the answer is larger than {max_bytes:,} bytes",
                            "Ask the server's operator for smaller pages, or raise the source's"
                            " max_page_bytes.",
                        )
                    if self._stop.is_set():
                        raise Stopped
                    body.write(piece)
                body.seek(0)
                return Answer(
                    status=response.status_code,
                    headers=response.headers,
                    body=body,
                    size=size,
                    moved=str(response.url).partition("?")[0] if permanent else None,
                    tries=attempt,
                )
        except BaseException as error:
            body.close()
            raise explain(error) from error

    @contextmanager
    def _following(self, url: str) -> Iterator[tuple[httpx2.Response, bool]]:
        """Give the answer at the end of all redirections, and whether one of them is for good."""
        permanent = False
        for _ in range(MAX_REDIRECTS + 1):
            ours = self._credentials.http if origin(url) == self._own else {}
            if len(self._client.cookies.jar) > MAX_COOKIES:
                self._client.cookies.clear()
            with self._client.stream("GET", url, headers=ours) as response:
                place = response.headers.get("location")
                if place is None or response.status_code not in REDIRECTIONS:
                    if self._credentials.http and not ours and response.status_code in (401, 403):
                        raise withheld(url)
                    yield response, permanent
                    return
            permanent = permanent or response.status_code in (301, 308)
            url = moved(url, place)
        raise Refused(
            f"the server redirects more than {MAX_REDIRECTS} times",
            "Open the address in a browser and register the one at which it ends.",
        )

    def _patience(self, attempt: int) -> float:
        """Exponential back-off with jitter (half to whole of the step)."""
        return float(self._backoff * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0)  # noqa: S311

    def _wait(self, seconds: float) -> None:
        if self._stop.wait(min(max(seconds, 0.0), self._limits.max_wait)):
            raise Stopped


def explain(error: BaseException) -> BaseException:
    """Turn an error of the HTTP client into `Unusable` or `Refused`; give others back as they are."""
    if isinstance(error, NotAllowed):
        return Refused(str(error), error.remedy)
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        return Refused(
            f"the address cannot be used: {error}",
            "Register an address that begins with http:// or https://.",
        )
    if isinstance(error, httpx2.TimeoutException):
        return Unusable(f"no complete answer in time ({error or type(error).__name__})")
    if isinstance(error, httpx2.RequestError):
        return Unusable(f"the connection failed ({error or type(error).__name__})")
    if isinstance(error, zlib.error):
        return Unusable(f"the compressed answer is damaged ({error})")
    return error


def origin(url: str) -> tuple[str, str, int | None] | None:
    """Give scheme, host and port as the client that connects reads them; none where it cannot."""
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        return None
    return parsed.scheme, parsed.host, parsed.port or PORTS.get(parsed.scheme)


def moved(url: str, place: str) -> str:
    """Give the address to which a redirection leads, without a user name inside it. Raises `Refused`."""
    try:
        target = httpx2.URL(url).join(place)
        if target.scheme not in PORTS:
            raise Refused(
                f"the address cannot be used: the server redirects to {place[:200]!r}, which is not HTTP",
                "Open the address in a browser and register the one at which it ends.",
            )
        return str(target.copy_with(userinfo=b"", fragment=None))
    except (httpx2.InvalidURL, ValueError) as error:
        raise Refused(
            f"the server redirects to what is no address: {place[:200]!r}",
            "Open the address in a browser and register the one at which it ends.",
        ) from error


def withheld(url: str) -> Refused:
    """Say why an endpoint did not get the credentials that it asks for."""
    place = url.partition("?")[0]
    return Refused(
        f"the server redirects to {place}, which asks for credentials that belong to the address registered",
        f"If {place} is the library's own, register it as the source's address and set its credentials anew.",
    )


def status_fault(answer: Answer, wait: float | None) -> Exception:
    """Say what an error status means."""
    reason = f"the server answered with HTTP status {answer.status}"
    if answer.status in PASSING:
        return Unusable(reason, wait=wait)
    if answer.status in (401, 403, 407):
        return Refused(
            reason,
            "Ask the library to let this service's address in, or for the credentials of its endpoint.",
        )
    if answer.status in (404, 410):
        return Refused(
            reason, "The address has changed or is no endpoint: ask the library for the right one."
        )
    return Refused(reason, "Open the address in a browser and ask the library what the answer means.")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After, seconds or date (RFC 9110 §10.2.3); a date is taken by the server's own clock."""
    value = headers.get("retry-after", "").strip()
    if found := _SECONDS.match(value):
        return float(found[1])
    when = http_date(value)
    if when is None:
        return None
    now = http_date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (when - now).total_seconds())


def http_date(value: str) -> datetime | None:
    """Read an HTTP date; none for anything else."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def inflate(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Undo gzip and zlib, told by the first bytes (headers are not to be trusted), in pieces of bounded size.

    Raises `Unusable` where the compressed data break off, `Refused` where they swell beyond all measure.
    """
    packed = unpacked = 0

    def counted() -> Iterator[bytes]:
        nonlocal packed
        for chunk in chunks:
            packed += len(chunk)
            yield chunk

    for piece in _unpack(counted()):
        unpacked += len(piece)
        if unpacked > FREE_BYTES and unpacked > packed * MAX_RATIO:
            raise Refused(
                f"the answer unpacks to more than {MAX_RATIO} times its size",
                "No catalogue packs so well: ask the server's operator what it sends.",
            )
        yield piece


def _unpack(chunks: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= len(_ZSTD):
            break
    if head[:2] == b"\x1f\x8b" or (head[:1] == b"\x78" and int.from_bytes(head[:2], "big") % 31 == 0):
        yield from _inflate(head, chunks)
    elif head[:4] == _ZSTD:
        yield from _unpack_zstd(head, chunks)
    else:
        yield head
        yield from chunks


def _inflate(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    gzip = head[0] == 0x1F
    machine = zlib.decompressobj(zlib.MAX_WBITS + (16 if gzip else 0))
    data = head
    while True:
        while data:
            yield machine.decompress(data, CHUNK)
            data = machine.unconsumed_tail
            if machine.eof:
                data = machine.unused_data
                while len(data) < 2 and (more := next(chunks, b"")):
                    data += more
                if not (gzip and data[:2] == b"\x1f\x8b"):
                    return
                machine = zlib.decompressobj(zlib.MAX_WBITS + 16)
        following = next(chunks, None)
        if following is None:
            break
        data = following
    while piece := machine.decompress(b"", CHUNK):
        yield piece
    if not machine.eof:
        raise Unusable("the compressed answer is cut off")


class _Pieces(io.RawIOBase):
    """Chunks as a file that can be read once."""

    def __init__(self, head: bytes, chunks: Iterator[bytes]) -> None:
        self._rest = head
        self._chunks = chunks

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = next(self._chunks, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def _unpack_zstd(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    machine = zstandard.ZstdDecompressor(max_window_size=64 * 1024 * 1024)
    try:
        with machine.stream_reader(cast(IO[bytes], _Pieces(head, chunks)), read_across_frames=True) as reader:
            while piece := reader.read(CHUNK):
                yield piece
    except zstandard.ZstdError as error:
        raise Unusable(f"the compressed answer is damaged ({error})") from error
