"""Everything that can go wrong in a request, as RFC 9457 problems with a remedy, or as a page with advice.

A message never carries what its reader may not see, nor the words of an unexpected error.
"""

import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from unioncat.index import BadCursor, BadQuery
from unioncat.store.errors import Conflict, SourceBusy, SourceNotActive, StoreError, TooMany, Unknown
from unioncat.telemetry import logger

MEDIA_TYPE = "application/problem+json"
API = ("/api/", "/iso18626", "/healthz", "/readyz", "/metrics")
log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its status, its title and what to do."""

    status: int
    title: str
    remedy: str


KINDS = {
    "invalid-parameter": Kind(
        422,
        "A parameter or field is not valid",
        "Correct the named field; /api/v1/openapi.json describes all.",
    ),
    "bad-cursor": Kind(
        400, "The cursor is not valid", "Begin again without a cursor; do not change the other parameters."
    ),
    "bad-request": Kind(400, "The request cannot be read", "Send what /api/v1/openapi.json describes."),
    "unauthorised": Kind(
        401, "A key is needed", "Send `Authorization: Bearer KEY`; people make keys at /account."
    ),
    "forbidden": Kind(403, "This is not for everybody", "Sign in at /sign-in as somebody who may do this."),
    "not-found": Kind(404, "There is nothing under this address", "Check the id or code, or search for it."),
    "method-not-allowed": Kind(405, "This method is not for this address", "See the Allow header."),
    "gone": Kind(
        410, "This record is gone", "No member library has it any more. Search for another edition."
    ),
    "conflict": Kind(409, "The change does not fit what is there", "Correct the value and try again."),
    "too-many": Kind(429, "Too much was asked in a short time", "Wait an hour, or write to the operator."),
    "too-slow": Kind(
        408, "The request came too slowly", "Send it again; a smaller one, if it cannot be faster."
    ),
    "too-large": Kind(413, "The request is too large", "Send less than the stated number of bytes."),
    "uri-too-long": Kind(414, "The address is too long", "Ask for less at once."),
    "internal": Kind(
        500,
        "Something went wrong here",
        "Try again; if it happens again, tell the operator the error number.",
    ),
    "unavailable": Kind(
        503,
        "A part of the service does not answer",
        "Try again in a minute; operators see /readyz for the part.",
    ),
}


class ProblemError(Exception):
    """A request that cannot be answered as asked."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        remedy: str | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.remedy = remedy or KINDS[kind].remedy
        self.headers = headers or {}
        self.more = more

    @property
    def status(self) -> int:
        """HTTP status."""
        return KINDS[self.kind].status

    def body(self) -> bytes:
        """Write the problem as RFC 9457 JSON."""
        return orjson.dumps(
            {
                "type": f"/api/v1/problems/{self.kind}",
                "title": KINDS[self.kind].title,
                "status": self.status,
                "detail": self.detail,
                "remedy": self.remedy,
                **self.more,
            }
        )

    def response(self) -> Response:
        """Answer with the problem."""
        return Response(self.body(), self.status, {"Cache-Control": "no-store", **self.headers}, MEDIA_TYPE)


def of_store(error: StoreError) -> ProblemError:
    """Say an error of the store in the words of the web."""
    if isinstance(error, Unknown):
        kind = "not-found"
    elif isinstance(error, (Conflict, SourceBusy, SourceNotActive)):
        kind = "conflict"
    elif isinstance(error, TooMany):
        kind = "too-many"
    else:
        log.error("store", error=str(error))
        kind = "internal"
    seconds = error.seconds if isinstance(error, TooMany) else None
    headers = {"Retry-After": str(seconds)} if seconds is not None else None
    return ProblemError(kind, str(error), remedy=error.remedy, headers=headers)


def of_query(error: BadQuery) -> ProblemError:
    """Say what is wrong with a search."""
    return ProblemError("bad-cursor" if isinstance(error, BadCursor) else "invalid-parameter", str(error))


_REASONS = {"extra_forbidden": "there is no such name here; see /api/v1/openapi.json"}
"""Words for what the validator says in words of its own."""


def of_validation(error: RequestValidationError) -> ProblemError:
    """Say which field is wrong and why, without giving back what was sent."""
    fields = [
        {
            "field": ".".join(str(step) for step in item["loc"][1:]) or str(item["loc"][0]),
            "reason": _REASONS.get(item["type"], item["msg"]),
        }
        for item in error.errors()[:20]
    ]
    first = fields[0]
    return ProblemError("invalid-parameter", f"{first['field']}: {first['reason']}", errors=fields)


def of_status(error: HTTPException) -> ProblemError:
    """Say an error of the framework in our words."""
    kinds = {
        404: "not-found",
        405: "method-not-allowed",
        408: "too-slow",
        413: "too-large",
        401: "unauthorised",
    }
    kind = kinds.get(error.status_code, "bad-request" if error.status_code < 500 else "internal")
    detail = error.detail if error.detail else HTTPStatus(error.status_code).phrase
    return ProblemError(kind, detail, headers=dict(error.headers or {}))


AWAY = ("08", "53", "57")
"""Classes of SQLSTATE: no connection, no resources, the server stops or starts."""


def is_away(error: Exception) -> bool:
    """Tell whether an error says that a part of the service is not there, rather than that it is wrong."""
    if isinstance(error, (OSError, TimeoutError)) or getattr(error, "connection_invalidated", False):
        return True
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return isinstance(state, str) and state.startswith(AWAY)


def of_crash(error: Exception) -> ProblemError:
    """Hide an unexpected error behind a number that the log knows too."""
    if is_away(error):
        log.error("unavailable", error=repr(error))
        return ProblemError(
            "unavailable", "The catalogue cannot be reached at the moment.", headers={"Retry-After": "10"}
        )
    number = uuid.uuid4().hex[:12]
    log.error("crash", number=number, exc_info=error)
    return ProblemError("internal", f"Error number {number}.", number=number)


def install(app: FastAPI, page: Any) -> None:
    """Answer every error: as a problem under /api, else by `page(request, problem)`."""

    def show(request: Request, problem: ProblemError) -> Response:
        if request.url.path.startswith(API):
            return problem.response()
        shown: Response = page(request, problem)
        return shown

    async def problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemError)  # noqa: S101 - registered for this class only
        return show(request, error)

    async def store(request: Request, error: Exception) -> Response:
        assert isinstance(error, StoreError)  # noqa: S101 - registered for this class only
        return show(request, of_store(error))

    async def query(request: Request, error: Exception) -> Response:
        assert isinstance(error, BadQuery)  # noqa: S101 - registered for this class only
        return show(request, of_query(error))

    async def validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
        return show(request, of_validation(error))

    async def status(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
        return show(request, of_status(error))

    app.add_exception_handler(ProblemError, problem)
    app.add_exception_handler(StoreError, store)
    app.add_exception_handler(BadQuery, query)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(HTTPException, status)
    app.state.show_problem = show
