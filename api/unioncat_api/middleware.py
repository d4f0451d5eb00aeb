"""What every request passes through: limits on size, time and number, security headers, a net for crashes.

Plain ASGI: a wrapper for each request costs microseconds here, and milliseconds as framework middleware.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable

from prometheus_client import Counter, Histogram
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from unioncat_api.patience import QUIET_SECONDS, hurried, put_off
from unioncat_api.problems import ProblemError, of_crash
from unioncat_api.rates import (
    ATTEMPT,
    FREE,
    READ,
    WRITE,
    Rates,
    Tally,
    Verdict,
    address_of,
    stricter,
    too_many,
)

MAX_BODY = 256 * 1024
"""Bytes of a request body."""
LARGE = re.compile(r"/sources/[^/]+/upload|/api/v1/sources/[^/]+/uploads")
"""Addresses that take a file; how large it may be is a setting."""
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
    (b"x-permitted-cross-domain-policies", b"none"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
)
HSTS = (b"strict-transport-security", b"max-age=31536000")
SAME_SITE = (b"cross-origin-resource-policy", b"same-origin")
_EXPOSED = b"etag, link, location, ratelimit, ratelimit-policy, retry-after"
CORS = ((b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", _EXPOSED))
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

Show = Callable[[Request, ProblemError], Response]


class TooLargeError(HTTPException):
    """A body went over the limit while it was read; of the framework's kind, which it passes on unchanged."""

    def __init__(self, most: int) -> None:
        super().__init__(413, too_large(most).detail, {"Connection": "close"})


def limited(receive: Receive, most: int) -> Receive:
    """Count the bytes of a body and stop at the limit, whatever its length header promised."""
    seen = 0

    async def read() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise TooLargeError(most)
        return message

    return read


class Door:
    """The outermost layer of the application."""

    def __init__(
        self,
        app: ASGIApp,
        show: Show,
        file_bytes: int = MAX_BODY,
        rates: Rates | None = None,
        secure: bool = False,
    ) -> None:
        self._app = app
        self._show = show
        self._file_bytes = max(file_bytes, MAX_BODY)
        self._rates = rates or Rates({})
        self._security = (*SECURITY, HSTS) if secure else SECURITY

    def _most(self, scope: Scope) -> int:
        """Tell how many bytes a body may have here."""
        takes_file = scope["method"] == "POST" and LARGE.fullmatch(scope["path"])
        return self._file_bytes if takes_file else MAX_BODY

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
        tries = own or scope["method"] == "POST"
        who = address_of(scope.get("client"))
        kind = READ if scope["method"] in ("GET", "HEAD", "OPTIONS") else WRITE
        free = scope["path"].startswith(FREE)
        verdict = None if free else self._ask(scope, kind, who, tries=tries)
        tally = Tally(self._rates, kind, verdict, counted=who is not None and not free)
        scope[Tally.SCOPE] = tally
        deadline = asyncio.timeout(QUIET_SECONDS)

        async def guarded(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status, sent = message["status"], True
                # A page may be stricter than the rest; of two, browsers would take the later one.
                given = {name.lower() for name, _ in message.get("headers", ())}
                headers = [*message.get("headers", ())]
                headers += [one for one in self._security if one[0].lower() not in given]
                headers += CORS if shared else (SAME_SITE,)
                headers += tally.verdict.headers if tally.verdict else ()
                if tries and status in (401, 403):
                    self._rates.ask(ATTEMPT, who)
                if own:
                    headers = [(n, v) for n, v in headers if n != b"cache-control"]
                    headers.append((b"cache-control", b"private, no-store"))
                message = {**message, "headers": headers}
            put_off(deadline)
            await send(message)

        try:
            most = self._most(scope)
            refusal = too_many(verdict) or refuse(scope, most) or from_elsewhere(scope)
            async with deadline:
                if refusal:
                    await self._show(Request(scope), refusal)(scope, receive, guarded)
                else:
                    await self._app(scope, hurried(limited(receive, most), deadline), guarded)
        except Exception as error:
            await self._answer(scope, receive, guarded, sent, of_crash(error))
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in METHODS else "other"
            REQUESTS.labels(method, route, str(status)).inc()
            SECONDS.labels(route).observe(time.perf_counter() - begun)

    def _ask(self, scope: Scope, kind: str, who: str | None, *, tries: bool) -> Verdict | None:
        """Count a request; after too many wrong guesses at a secret no further one is looked at."""
        if tries:
            guesses = self._rates.ask(ATTEMPT, who, cost=0)
            if guesses is not None and not guesses.allowed:
                return guesses
        own = carrier(scope) if who else None
        return stricter(self._rates.ask(kind, who), self._rates.ask(kind, own))

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


def refuse(scope: Scope, most: int = MAX_BODY) -> ProblemError | None:
    """Refuse a request that is too large by what it says of itself."""
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_TARGET:
        return ProblemError("uri-too-long", f"The address may have {MAX_TARGET} bytes.")
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > most):
            return too_large(most)
    return None


def carrier(scope: Scope) -> str | None:
    """Name the key or session that a request carries: it counts for itself wherever it is used from."""
    for name, value in scope["headers"]:
        if name == b"authorization" or (name == b"cookie" and b"session=" in value):
            return hashlib.sha256(value).hexdigest()
    return None


def from_elsewhere(scope: Scope) -> ProblemError | None:
    """Refuse a form that a page of another site sends: browsers say where a request comes from."""
    if scope["method"] != "POST" or scope["path"].startswith("/api/"):
        return None
    wanted = (b"sec-fetch-site", b"origin", b"host")
    said = {name: value for name, value in scope["headers"] if name in wanted}
    site, origin = said.get(b"sec-fetch-site"), said.get(b"origin", b"null")
    if site is not None:
        foreign = site not in (b"same-origin", b"none")
    else:
        foreign = origin != b"null" and origin.partition(b"://")[2] != said.get(b"host", b"")
    return ProblemError("forbidden", "The form comes from another site.") if foreign else None


def too_large(most: int) -> ProblemError:
    """Say how large a body may be."""
    return ProblemError("too-large", f"A request may have {most} bytes.", headers={"Connection": "close"})
