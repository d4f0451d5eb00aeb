"""Who has signed in on the pages: a random token in a cookie, and the word that every form must bring back.

The cookie is for pages only; the interface under /api/ takes a key in each request. The token changes
whenever more may be done with it: one that somebody else planted is never worth anything.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from unioncat.domain.audience import Viewer
from unioncat.domain.people import Right, SignedIn
from unioncat.flow.entry import LASTS
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import catalogue, count, directories, viewer
from unioncat_api.directory import Counts, Directories, Directory
from unioncat_api.problems import ProblemError

CSRF_FIELD = "token"
LONGEST_TOKEN = 100
_TOLD = "told"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at work on the pages."""

    at_work: SignedIn
    csrf: str
    token: str

    @property
    def name(self) -> str:
        """The person's name."""
        return self.at_work.name

    def may(self, right: Right | str, library: str | None = None) -> bool:
        """Tell whether the person may do something at a library (none: for the federation)."""
        return self.at_work.may(Right(right), library)

    def may_somewhere(self, right: Right | str) -> bool:
        """Tell whether there is a place where the person may do something."""
        return self.at_work.may_somewhere(Right(right))


def is_secure(request: Request) -> bool:
    """Tell whether the service is reached over TLS."""
    address: str = request.app.state.base_url
    return address.startswith("https://")


def cookie_name(request: Request) -> str:
    """Name the cookie; over TLS in the way that no other host can set it."""
    return "__Host-session" if is_secure(request) else "session"


def keep(request: Request, response: Response, token: str) -> None:
    """Give the browser a session."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )


def drop(request: Request, response: Response) -> None:
    """Take the session away from the browser."""
    response.delete_cookie(cookie_name(request), httponly=True, samesite="lax", secure=is_secure(request))


def tell(request: Request, response: Response, done: str, email: str) -> None:
    """Let the next page for signing in say what was done, and fill in the address; for some minutes only."""
    said = urlsafe_b64encode(f"{done} {email}".encode("utf-8", "replace")).decode()
    response.set_cookie(
        _TOLD, said, max_age=300, path="/sign-in", httponly=True, samesite="lax", secure=is_secure(request)
    )


def told(request: Request) -> tuple[str, str]:
    """Give what was done and the address that `tell` left behind; both empty where there is nothing."""
    try:
        said = urlsafe_b64decode(request.cookies.get(_TOLD, "")[:1000]).decode()
    except ValueError:
        return "", ""
    done, _, email = said.partition(" ")
    return done, email[:254]


def tell_no_more(request: Request, response: Response) -> None:
    """Take away what `tell` left behind, where there is something."""
    if _TOLD in request.cookies:
        response.delete_cookie(
            _TOLD, path="/sign-in", httponly=True, samesite="lax", secure=is_secure(request)
        )


async def begun(request: Request, asked: Annotated[Catalogue, Depends(catalogue)]) -> Person | None:
    """Give the session of the request, also one that waits for the code of the second factor."""
    token = request.cookies.get(cookie_name(request), "")
    if not token or len(token) > LONGEST_TOKEN:
        return None
    found = await asked.people.whose(token)
    if found is None:
        return None
    count(request, found)
    return Person(found, csrf_of(token), token)


def csrf_of(token: str) -> str:
    """Give the proof that forms carry in a session with this token."""
    return hmac.new(token.encode("utf-8", "replace"), b"form", "sha256").hexdigest()


async def person(request: Request, given: Annotated[Person | None, Depends(begun)]) -> Person | None:
    """Tell who has signed in, wholly; every page shows it at its head."""
    found = None if given is None or given.at_work.waiting else given
    request.state.person = found
    return found


BegunDep = Annotated[Person | None, Depends(begun)]
PersonDep = Annotated[Person | None, Depends(person)]


async def check_form(request: Request, given: Person) -> None:
    """Refuse a form that did not come from a page of ours, shown to this person."""
    sent = (await request.form()).get(CSRF_FIELD)
    same = isinstance(sent, str) and hmac.compare_digest(sent.encode("utf-8", "replace"), given.csrf.encode())
    if not same:
        raise ProblemError(
            "forbidden", "The form did not come from this page.", remedy="Open the page again."
        )


async def page_viewer(given: PersonDep, plain: Annotated[Viewer, Depends(viewer)]) -> Viewer:
    """Tell for whom a page is made: who has signed in sees what his or her libraries may see."""
    return given.at_work.viewer if given else plain


PageViewerDep = Annotated[Viewer, Depends(page_viewer)]


async def page_directory(
    asked: PageViewerDep, given: PersonDep, kept: Annotated[Directories, Depends(directories)]
) -> Directory:
    """Give the names that the page's viewer may see, and those of libraries where he or she has a role."""
    names = await kept.of(asked)
    held = frozenset(code for one in given.at_work.grants() for code in one.covers) if given else frozenset()
    return await kept.with_own(names, held)


PageDirectoryDep = Annotated[Directory, Depends(page_directory)]


async def page_counts(asked: PageViewerDep, kept: Annotated[Directories, Depends(directories)]) -> Counts:
    """Give the counts that the page's viewer may know."""
    return await kept.counts(asked)


PageCountsDep = Annotated[Counts, Depends(page_counts)]
