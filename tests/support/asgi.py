"""Asks an application in this process, without a client between: answers as they leave it, by the thousand.

Nothing is added, followed or unpacked; what a browser or a program would do is for tests with a real client.
"""

import asyncio
import json
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status_code: int
    headers: tuple[tuple[str, str], ...]
    content: bytes

    @property
    def text(self) -> str:
        """Give the body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """Give what the body says as JSON."""
        return json.loads(self.content)

    def header(self, wanted: str) -> str:
        """Give a header; empty where there is none."""
        return next((value for name, value in self.headers if name == wanted), "")


def form(fields: Iterable[tuple[str, str]]) -> tuple[dict[str, str], bytes]:
    """Give head and body of a form that was filled in."""
    return {"content-type": "application/x-www-form-urlencoded"}, urlencode(list(fields)).encode()


async def ask(
    app: ASGIApp,
    method: str,
    address: str,
    headers: MutableMapping[str, str] | None = None,
    body: bytes = b"",
    *,
    host: str = "web",
) -> Answer:
    """Ask for an address that is written as it goes over the wire; an application that crashes says 500."""
    path, _, query = address.partition("?")
    given = {
        "host": host,
        "accept": "*/*",
        "user-agent": "tests",
        **({"content-length": str(len(body))} if body or method != "GET" else {}),
        **{name.lower(): value for name, value in (headers or {}).items()},
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "server": (host, 80),
        "client": ("127.0.0.1", 123),
        "root_path": "",
    }
    started: dict[str, Any] = {}
    parts: list[bytes] = []
    asked, ended = False, asyncio.Event()

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:
            await ended.wait()
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        elif message["type"] == "http.response.body":
            if method != "HEAD":
                parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                ended.set()

    try:
        await app(scope, receive, send)
    except Exception:
        if not started:  # an application tells the server of a crash after it has answered, if it could
            started.update(status=500, headers=[])
    finally:
        ended.set()
    head = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in started["headers"])
    return Answer(started["status"], head, b"".join(parts))
