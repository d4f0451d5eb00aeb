"""Connections with one deadline for a whole request, so that a server which drips bytes cannot hold us.

httpx2 knows time-outs for single reads only; a byte a minute would satisfy them for ever. Every wait on the
socket therefore gets the lesser of its own time-out and what is left until the deadline.
"""

import ssl
import threading
import time
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

SLICE = 0.5
"""Seconds of silence after which a reader looks whether it should stop."""


class Deadline:
    """The moment (monotonic seconds) at which the present request must be over."""

    def __init__(self, stop: threading.Event) -> None:
        self.moment = float("inf")
        self.stop = stop

    def start(self, seconds: float) -> None:
        """Give the next request so many seconds."""
        self.moment = time.monotonic() + seconds

    def left(self, timeout: float | None) -> float:
        """Give the seconds that one wait may take. Raises `httpcore2.ReadTimeout` at the deadline."""
        rest = self.moment - time.monotonic()
        if rest <= 0:
            raise httpcore2.ReadTimeout("the answer took too long in all")
        return rest if timeout is None else min(rest, timeout)


def is_here(address: str) -> bool:
    """Tell whether an address is on this machine, where packing costs more than sending."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read in slices, so that a stop is heeded while a server is silent."""
        silent_at = time.monotonic() + (float("inf") if timeout is None else timeout)
        while True:
            left = min(self._deadline.left(None), silent_at - time.monotonic())
            try:
                return self._stream.read(max_bytes, max(0.001, min(left, SLICE)))
            except httpcore2.ReadTimeout:
                if left <= SLICE or self._deadline.stop.is_set():
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self._deadline.left(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._backend = httpcore2.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        left = self._deadline.left(timeout)
        return _Stream(
            self._backend.connect_tcp(host, port, left, local_address, socket_options), self._deadline
        )


def proxy_for(address: str) -> str | None:
    """Give the proxy that the environment names for an address (`HTTPS_PROXY`, `NO_PROXY` …)."""
    parts = urlsplit(address)
    if parts.hostname is None or proxy_bypass(parts.hostname):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


class BoundedTransport(httpx2.HTTPTransport):
    """The transport of httpx2 over connections that keep `deadline`."""

    def __init__(self, deadline: Deadline, *, proxy: str | None = None) -> None:
        super().__init__(proxy=proxy)
        # httpx2 has no public way to hand a network backend to its connection pool.
        self._pool._network_backend = _Backend(deadline)
