"""What every request passes through: limits on size, security headers, measurements, and a net for crashes.

Plain ASGI: a wrapper for each request costs microseconds here, and milliseconds as framework middleware.
"""

import time
from collections.abc import Awaitable, Callable

from prometheus_client import Counter, Histogram
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from unioncat_api.problems import ProblemError, of_crash

MAX_BODY = 256 * 1024
"""Bytes of a request body."""
MAX_TARGET = 8 * 1024
"""Bytes of an address with its query."""

REQUESTS = Counter("unioncat_http_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "unioncat_http_request_seconds",
    "Time to answer a request.",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.015, 0.025, 0.04, 0.06, 0.1, 0.25, 0.5, 1, 2.5, 10),
)

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
)
CORS = ((b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"etag, link, location"))
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

Show = Callable[[Request, ProblemError], Response]


class TooLargeError(HTTPException):
    """A body went over the limit while it was read; of the framework's kind, which it passes on unchanged."""

    def __init__(self) -> None:
        super().__init__(413, too_large().detail, {"Connection": "close"})


def limited(receive: Receive) -> Receive:
    """Count the bytes of a body and stop at the limit, whatever its length header promised."""
    seen = 0

    async def read() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > MAX_BODY:
                raise TooLargeError
        return message

    return read


class Door:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, show: Show) -> None:
        self._app = app
        self._show = show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 500
        sent = False
        # Answers for anyone may be read from other sites; those for an operator may not.
        own = any(name == b"authorization" for name, _ in scope["headers"])
        shared = scope["path"].startswith("/api/") and scope["method"] in ("GET", "HEAD") and not own

        async def guarded(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status, sent = message["status"], True
                headers = [*message.get("headers", ()), *SECURITY, *(CORS if shared else ())]
                if own:
                    headers = [(n, v) for n, v in headers if n != b"cache-control"]
                    headers.append((b"cache-control", b"private, no-store"))
                message = {**message, "headers": headers}
            await send(message)

        try:
            refusal = refuse(scope)
            if refusal:
                await self._show(Request(scope), refusal)(scope, receive, guarded)
            else:
                await self._app(scope, limited(receive), guarded)
        except Exception as error:
            await self._answer(scope, receive, guarded, sent, of_crash(error))
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in METHODS else "other"
            REQUESTS.labels(method, route, str(status)).inc()
            SECONDS.labels(route).observe(time.perf_counter() - begun)

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        send: Callable[[Message], Awaitable[None]],
        sent: bool,
        problem: ProblemError,
    ) -> None:
        if sent:
            raise problem
        await self._show(Request(scope), problem)(scope, receive, send)


def refuse(scope: Scope) -> ProblemError | None:
    """Refuse a request that is too large by what it says of itself."""
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_TARGET:
        return ProblemError("uri-too-long", f"The address may have {MAX_TARGET} bytes.")
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > MAX_BODY):
            return too_large()
    return None


def too_large() -> ProblemError:
    """Say how large a body may be."""
    return ProblemError("too-large", f"A request may have {MAX_BODY} bytes.", headers={"Connection": "close"})
