"""Pages for what went wrong, with advice for a reader."""

from fastapi import Request
from fastapi.responses import Response

from unioncat_api.pages.render import page, tongue
from unioncat_api.problems import ProblemError

ALIKE = {422: 400, 409: 400}
"""Statuses that are one and the same to a reader."""

ONE_TIME = "/l/"
"""Where one-time links lead: one that was used, ended or never was is answered in words of its own."""


def error_page(request: Request, problem: ProblemError) -> Response:
    """Show a problem."""
    status = ALIKE.get(problem.status, problem.status)
    if not tongue(request).words.has(f"error.title_{status}"):
        status = 500
    used = status == 404 and request.url.path.startswith(ONE_TIME)
    return page(
        request,
        "error.html",
        status=problem.status,
        headers={**problem.headers, "Cache-Control": "no-store"},
        shown="link" if used else status,
        number=problem.more.get("number"),
    )
