"""Who has signed in on the pages: a name in a signed cookie, and the token that every form must bring back.

The cookie is for pages only; the interface under /api/ takes the operator's token in each request. Its key
comes from that token: renewing the token ends every session.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from unioncat.domain.audience import Viewer
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import catalogue, directories, viewer
from unioncat_api.directory import Directories, Directory
from unioncat_api.problems import ProblemError

COOKIE = "operator"
LASTS = timedelta(hours=12)
LONGEST_NAME = 80
CSRF_FIELD = "token"


@dataclass(frozen=True, slots=True)
class Person:
    """An operator at work on the pages."""

    name: str
    csrf: str


def _key(request: Request) -> bytes:
    token: str = request.app.state.operator_token
    return hmac.digest(token.encode(), b"unioncat session", "sha256")


def _sign(key: bytes, what: str, text: str) -> str:
    return hmac.new(key, f"{what}\n{text}".encode(), hashlib.sha256).hexdigest()


def is_right(request: Request, given: str) -> bool:
    """Tell whether a text is the operator's token; an empty one never is."""
    expected: str = request.app.state.operator_token
    same = hmac.compare_digest(given.strip().encode("utf-8", "replace"), expected.encode())
    return same and bool(expected)


def sign_in(request: Request, response: Response, name: str) -> None:
    """Give the browser a session for this person."""
    until = int((datetime.now(UTC) + LASTS).timestamp())
    packed = base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")
    text = f"{until}.{secrets.token_urlsafe(12)}.{packed}"
    response.set_cookie(
        COOKIE,
        f"{text}.{_sign(_key(request), 'session', text)}",
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def sign_out(response: Response) -> None:
    """Take the session away from the browser."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def person(request: Request) -> Person | None:
    """Tell who has signed in; a cookie that was changed, or is too old, is as none."""
    text, _, given = request.cookies.get(COOKIE, "").rpartition(".")
    parts = text.split(".")
    if len(parts) != 3 or not request.app.state.operator_token:
        return None
    key = _key(request)
    if not hmac.compare_digest(_sign(key, "session", text).encode(), given.encode("utf-8", "replace")):
        return None
    if int(parts[0]) < datetime.now(UTC).timestamp():
        return None
    try:
        name = base64.urlsafe_b64decode(parts[2] + "=" * (-len(parts[2]) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    return Person(name, _sign(key, "form", text))


PersonDep = Annotated[Person | None, Depends(person)]


async def require_form(request: Request, given: PersonDep) -> Person:
    """Refuse a form that did not come from a page of ours, shown to this person."""
    if given is None:
        raise ProblemError("forbidden", "This page is for operators.")
    sent = (await request.form()).get(CSRF_FIELD)
    if not isinstance(sent, str) or not hmac.compare_digest(
        sent.encode("utf-8", "replace"), given.csrf.encode()
    ):
        raise ProblemError(
            "forbidden", "The form did not come from this page.", remedy="Open the page again."
        )
    return given


FormFrom = Annotated[Person, Depends(require_form)]


async def page_viewer(
    given: PersonDep,
    plain: Annotated[Viewer, Depends(viewer)],
    asked: Annotated[Catalogue, Depends(catalogue)],
) -> Viewer:
    """Tell for whom a page is made: an operator who has signed in sees what operators see."""
    return await asked.operator() if given else plain


PageViewerDep = Annotated[Viewer, Depends(page_viewer)]


async def page_directory(
    asked: PageViewerDep, kept: Annotated[Directories, Depends(directories)]
) -> Directory:
    """Give the names that the page's viewer may see."""
    return await kept.of(asked)


PageDirectoryDep = Annotated[Directory, Depends(page_directory)]
