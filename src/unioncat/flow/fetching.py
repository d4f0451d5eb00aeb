"""Exchanges over HTTP with whom the operator names: bounded in target, size and time, nothing followed.

The number that a name resolves to is judged and connected to; a redirection is an error.
"""

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from unioncat.domain.target import TargetRules

PATIENCE = 10.0
"""Seconds for a whole exchange."""
MOST = 256 * 1024
"""Bytes of an answer."""
PORTS = {"https": 443, "http": 80}


class FetchError(Exception):
    """Nothing usable came; the words are for the log."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered, whatever its status."""

    status: int
    type: str
    """Content-Type."""
    content: bytes


def exchange(
    address: str,
    rules: TargetRules,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    patience: float = PATIENCE,
) -> Reply:
    """Get, or with a body post, and read the answer. Raises `FetchError`."""
    parts = urlsplit(address)
    if parts.scheme not in PORTS or not parts.hostname:
        raise FetchError("the address is not HTTP")
    host, port = parts.hostname, parts.port or PORTS[parts.scheme]
    end = time.monotonic() + patience
    try:
        line = connect(host, port, rules, patience)
    except OSError as error:
        raise FetchError(f"{host}: {error.strerror or type(error).__name__}") from None
    connection = http.client.HTTPConnection(host, port)
    # A server that sends a byte now and then outlives every time-out of single reads.
    guard = threading.Timer(max(0.0, end - time.monotonic()), _break, (line,))
    guard.daemon = True
    guard.start()
    try:
        if parts.scheme == "https":
            line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
            guard.args = (line,)
        connection.sock = line
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        said = {"Accept-Encoding": "identity", "User-Agent": "unioncat"}
        connection.request("GET" if body is None else "POST", target, body, {**said, **(headers or {})})
        answer = connection.getresponse()
        content = answer.read(MOST + 1)
        packed = answer.headers.get("Content-Encoding", "identity")
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = time.monotonic() >= end
        raise FetchError(f"{host}: {'too slow' if late else type(error).__name__}") from None
    finally:
        guard.cancel()
        connection.close()
        line.close()
    if len(content) > MOST or packed != "identity":
        raise FetchError(f"{host} answered too much, or packed")
    return Reply(answer.status, answer.headers.get("Content-Type", ""), content)


def fetch_json(
    address: str,
    rules: TargetRules,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    patience: float = PATIENCE,
) -> dict[str, Any]:
    """Get, or with a body post, and read a JSON object. Raises `FetchError`."""
    said = {"Accept": "application/json", **(headers or {})}
    reply = exchange(address, rules, body=body, headers=said, patience=patience)
    host = urlsplit(address).hostname
    if reply.status != 200:
        raise FetchError(f"{host} answered {reply.status}")
    try:
        tree = json.loads(reply.content)
    except (ValueError, RecursionError):
        raise FetchError(f"{host} answered no JSON") from None
    if not isinstance(tree, dict):
        raise FetchError(f"{host} answered no JSON object")
    return tree


def connect(host: str, port: int, rules: TargetRules, patience: float) -> socket.socket:
    """Connect to the first allowed address of a host. Raises `FetchError`, OSError."""
    refused = rules.refusal_of_name(host, port)
    if refused is not None:
        raise FetchError(refused)
    failure: Exception = FetchError(f"{host} has no address")
    for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        number = str(place[0])
        refused = rules.refusal(host, port, ip_address(number.partition("%")[0]))
        if refused is not None:
            failure = FetchError(refused)
            continue
        try:
            return socket.create_connection((number, port), patience)
        except OSError as error:
            failure = error
    raise failure


def _break(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
