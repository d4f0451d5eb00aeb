"""Connections to guarded targets only, with one deadline for a whole request.

The very address that a socket connects to is judged, each time; what a name meant before does not count.
httpx2 knows time-outs for single reads only; a byte a minute would satisfy them for ever. Every wait on the
socket therefore gets the lesser of its own time-out and what is left until the deadline.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from unioncat.domain.target import TargetRules, remedy

C = TypeVar("C")

PORTS = {"http": 80, "https": 443}
"""The schemes that are fetched, with their ports."""
SLICE = 0.5
"""Seconds of silence after which a reader looks whether it should stop."""


class NotAllowed(Exception):
    """A target that the service must not connect to; `remedy` says how the operator allows it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Guard:
    """The door to the network for whatever a source names: HTTP, Z39.50, redirections.

    `proxy_guards`: the operator vouches that the proxy of the environment itself refuses private addresses.
    """

    rules: TargetRules = field(default_factory=TargetRules)
    proxy_guards: bool = False

    def check(self, host: str, port: int) -> None:
        """Judge a target by its looks, without asking DNS. Raises `NotAllowed`."""
        reason = self.rules.refusal_of_name(host, port)
        if reason is not None:
            raise NotAllowed(reason, remedy(host, port))

    def addresses(self, host: str, port: int) -> list[str]:
        """Resolve a name once and give those of its addresses, as numbers, that may be connected to.

        Raises `NotAllowed` where there is none, OSError where it does not resolve.
        """
        self.check(host, port)
        reason: str | None = None
        allowed: list[str] = []
        for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            number = str(place[0])
            refused = self.rules.refusal(host, port, ip_address(number.partition("%")[0]))
            if refused is None:
                allowed.append(number)
            reason = reason or refused
        if not allowed:
            raise NotAllowed(reason or f"{host} has no address", remedy(host, port))
        return allowed

    def connect(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect to the first allowed address of a host that answers, within `timeout` seconds in all.

        Raises `NotAllowed`, OSError.
        """
        return first_of(
            self.addresses(host, port),
            time.monotonic() + timeout,
            lambda number, left: socket.create_connection((number, port), left),
        )


def first_of(numbers: Sequence[str], end: float, connect: Callable[[str, float], C]) -> C:
    """Connect to one address after the other until one answers; `end` in monotonic seconds.

    They are numbers, so that nothing is resolved a second time. Raises what the last one raised.
    """
    for place, number in enumerate(numbers, 1):
        try:
            return connect(number, max(0.001, end - time.monotonic()))
        except (OSError, httpcore2.ConnectError, httpcore2.ConnectTimeout):
            if place == len(numbers) or time.monotonic() >= end:
                raise
    raise ValueError("no address")


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
    """Gives the connections of httpx2 through the guard; without one, to the operator's own proxy."""

    def __init__(self, deadline: Deadline, guard: Guard | None) -> None:
        self._backend = httpcore2.SyncBackend()
        self._deadline = deadline
        self._guard = guard

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        end = time.monotonic() + self._deadline.left(timeout)
        try:
            numbers = [host] if self._guard is None else self._guard.addresses(host, port)
        except OSError as error:
            raise httpcore2.ConnectError(f"{host}: {error.strerror or error}") from error
        stream = first_of(
            numbers,
            end,
            lambda number, left: self._backend.connect_tcp(number, port, left, local_address, socket_options),
        )
        return _Stream(stream, self._deadline)


def proxy_for(address: str) -> str | None:
    """Give the proxy that the environment names for an address (`HTTPS_PROXY`, `NO_PROXY` …)."""
    parts = urlsplit(address)
    if parts.hostname is None or proxy_bypass(parts.hostname):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


class BoundedTransport(httpx2.HTTPTransport):
    """The transport of httpx2 over connections that keep `deadline` and that `guard` lets through.

    Behind a proxy it is the proxy that resolves and connects; `check` then judges what can be judged here.
    """

    def __init__(self, deadline: Deadline, guard: Guard, *, proxy: str | None = None) -> None:
        super().__init__(proxy=proxy)
        self._guard = guard
        self._proxy = proxy
        # httpx2 has no public way to hand a network backend to its connection pool.
        self._pool._network_backend = _Backend(deadline, None if proxy else guard)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request, no redirection followed. Raises `NotAllowed` besides httpx2's errors."""
        host = request.url.host
        if request.url.scheme not in PORTS or not host:
            raise NotAllowed(
                f"the address cannot be used: {request.url.scheme or 'no scheme'} is not HTTP",
                "Register an address that begins with http:// or https://.",
            )
        self._guard.check(host, request.url.port or PORTS[request.url.scheme])
        if self._proxy is not None and not self._guard.proxy_guards:
            raise NotAllowed(
                "a proxy stands before the address, and it cannot be seen where its connections lead",
                "Name the host in NO_PROXY; or, where the proxy itself refuses private addresses, say so by"
                " UNIONCAT_PROXY_GUARDS=true.",
            )
        return super().handle_request(request)
