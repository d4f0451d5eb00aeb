"""The provider as a web route: GET and POST, compressed only for clients that ask.

Which repository answers is chosen for each request, because what may be seen depends on who asks.
"""

import gzip
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from unioncat_api.protocols.oaipmh.provider import Provider
from unioncat_api.protocols.oaipmh.repository import Repository

LARGEST_BODY = 64 * 1024
"""Bytes of a posted form; a request has no use for more."""
_FORM = "application/x-www-form-urlencoded"
_SMALL = 1024

Choose = Callable[[Request], Awaitable[Repository]]
"""Gives the repository as the client of a request may see it."""


def oai_routes(
    provider: Provider,
    choose: Choose,
    path: str = "/oai",
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[Route]:
    """Give the routes of one provider; `clock` gives aware moments and sets responseDate."""

    async def endpoint(request: Request) -> Response:
        query = [bytes(request.scope["query_string"])]
        if request.method == "POST":
            if request.headers.get("content-type", _FORM).partition(";")[0].strip().lower() != _FORM:
                return PlainTextResponse(f"OAI-PMH posts {_FORM}\n", 415)
            body = await _body(request)
            if body is None:
                return PlainTextResponse("The form is too large for OAI-PMH\n", 413)
            query.append(body)
        repository = await choose(request)
        answer = await provider.answer(repository, [part for part in query if part], clock())
        headers = {"Vary": "Accept-Encoding"}
        if len(answer) > _SMALL and _wants_gzip(request.headers.get("accept-encoding", "")):
            answer = await run_in_threadpool(gzip.compress, answer, 4, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return Response(answer, media_type="text/xml; charset=utf-8", headers=headers)

    return [Route(path, endpoint, methods=["GET", "POST"], include_in_schema=False)]


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _wants_gzip(accepted: str) -> bool:
    """Read Accept-Encoding: gzip named, and not with quality 0."""
    for part in accepted.lower().split(","):
        name, _, parameters = part.partition(";")
        if name.strip() in ("gzip", "x-gzip"):
            quality = parameters.partition("q=")[2].strip()
            return quality.rstrip("0").rstrip(".") not in ("", "0") if quality else True
    return False
