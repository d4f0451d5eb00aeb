"""Who may do what, in one place: today whoever holds the operator's token may do everything.

Every page and address that is not for all asks here and nowhere else, by the name of what it does.
"""

import hmac
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request

from unioncat_api.problems import ProblemError
from unioncat_api.session import CSRF_FIELD, Person, PersonDep


class Right(StrEnum):
    """Something that not everybody may do."""

    REGISTRATIONS = "registrations"
    """See who asks to join, and decide."""
    MEMBERS = "members"
    """Bring sheets of members, keep the list of libraries to be won, invite, set goals."""
    HARVESTS = "harvests"
    """Start, pause and time harvests, decide on held runs."""
    FILES = "files"
    """Bring files of a library, look at their previews, accept, reject and undo them."""
    REPORTS = "reports"
    """See the reports on members' records and the state of the service."""


class SignInNeeded(Exception):
    """A page was asked for by somebody who has not signed in; `back` is where it was."""

    def __init__(self, back: str) -> None:
        super().__init__(back)
        self.back = back


def allows(person: Person | None, right: Right) -> bool:
    """Tell whether a person may do something."""
    return person is not None and right in Right


def door(right: Right) -> Callable[..., Awaitable[Person]]:
    """Let only those pass who may; others are asked to sign in."""

    async def pass_(request: Request, given: PersonDep) -> Person:
        if given is None or not allows(given, right):
            query = request.url.query
            raise SignInNeeded(request.url.path + (f"?{query}" if query else ""))
        return given

    return pass_


def form(right: Right) -> Callable[..., Awaitable[Person]]:
    """Let only forms pass that came from a page of ours, shown to somebody who may."""

    async def pass_(request: Request, given: PersonDep) -> Person:
        if given is None or not allows(given, right):
            raise ProblemError("forbidden", "This page is for operators.")
        sent = (await request.form()).get(CSRF_FIELD)
        same = isinstance(sent, str) and hmac.compare_digest(
            sent.encode("utf-8", "replace"), given.csrf.encode()
        )
        if not same:
            raise ProblemError(
                "forbidden", "The form did not come from this page.", remedy="Open the page again."
            )
        return given

    return pass_


def base_url(request: Request) -> str:
    """Give the address under which the service is reached, for links that people are given."""
    given: str = request.app.state.base_url
    return given


RegistrarDep = Annotated[Person, Depends(door(Right.REGISTRATIONS))]
RegistrarForm = Annotated[Person, Depends(form(Right.REGISTRATIONS))]
MembersDep = Annotated[Person, Depends(door(Right.MEMBERS))]
MembersForm = Annotated[Person, Depends(form(Right.MEMBERS))]
FilesDep = Annotated[Person, Depends(door(Right.FILES))]
FilesForm = Annotated[Person, Depends(form(Right.FILES))]
HarvestForm = Annotated[Person, Depends(form(Right.HARVESTS))]
ReporterDep = Annotated[Person, Depends(door(Right.REPORTS))]
