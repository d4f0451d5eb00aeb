"""Who may do what on pages and in the interface: the one place where both ask, by the name of what is done.

Every route either asks here or stands in `OPEN`; a test holds that. What a role may do is in `domain.people`.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from unioncat.domain.audience import ANONYMOUS, Viewer
from unioncat.domain.people import Right
from unioncat.domain.union import UnionRecord
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import Caller, CallerDep, CatalogueDep
from unioncat_api.problems import ProblemError
from unioncat_api.session import Person, PersonDep, check_form

__all__ = ["Right"]
Of = Literal["federation", "source", "library", "upload", "anywhere"]
"""Where the right is needed: at the library that the address names in this way, or for the federation."""
LOGGED_BY_FLOW = frozenset(
    {Right.JUDGE, Right.PEOPLE, Right.AUDIENCES, Right.REGISTRATIONS, Right.BORROW, Right.LEND}
)
"""Rights whose use is logged with what was done, in the same transaction; others are logged as asked for."""
EXPORTS = (".csv", ".xlsx")
"""How addresses end under which somebody takes a file away; each time is logged."""
_OPEN = """
/ /search /records/{id} /libraries /libraries/{code} /sources /sources/{code} /status /federation
/favicon.ico /robots.txt /manifest.webmanifest /opensearch.xml
/join /join/new /join/r/{token} /join/r/{token}/look /join/r/{token}/send /join/r/{token}/reply
/join/r/{token}/withdraw /join/r/{token}/account
/l/{token} /iso18626
/sign-in /sign-in/code /sign-in/sample /sign-in/openid /sign-in/openid/back /sign-out /forgotten /link/{token}
/healthz /readyz /metrics
/api/v1/search /api/v1/suggest /api/v1/records/{id} /api/v1/records/explain /api/v1/libraries
/api/v1/libraries/{code} /api/v1/groups /api/v1/sources /api/v1/sources/{code} /api/v1/runs /api/v1/runs/{id}
/api/v1/status /api/v1/problems/{kind}
"""
OPEN = frozenset(_OPEN.split())
"""Addresses for everybody: what they show is judged by the viewer, what they take by a token of their own."""


class SignInNeeded(Exception):
    """A page was asked for by somebody who has not signed in; `back` is where it was."""

    def __init__(self, back: str) -> None:
        super().__init__(back)
        self.back = back


class SecondFactorNeeded(Exception):
    """A page was asked for by somebody whose role counts only with a second factor."""


async def library_of(request: Request, catalogue: Catalogue, of: Of) -> str | None:
    """Name the library that an address is about; an unknown one is nobody's, and so for the federation."""
    named = request.path_params
    if of == "library":
        return str(named["code"])
    if of == "source":
        return await catalogue.people.owner_of_source(str(named["code"]))
    if of == "upload":
        try:
            return await catalogue.people.owner_of_upload(UUID(str(named["id"])))
        except ValueError:
            return None
    return None


class Asks:
    """What a route asks of whoever calls it."""

    def __init__(self, right: Right | None, of: Of = "federation") -> None:
        self.right = right
        """None: nothing but having signed in."""
        self.of: Of = of

    def __repr__(self) -> str:
        return f"{self.right} of {self.of}"

    async def _note(self, request: Request, catalogue: Catalogue, actor: str) -> None:
        if request.method == "GET" and request.url.path.endswith(EXPORTS):
            asked = request.url.query
            await catalogue.people.note(actor, "exported", request.url.path + (f"?{asked}" if asked else ""))
        if request.method not in ("GET", "HEAD") and self.right not in LOGGED_BY_FLOW:
            route = request.scope.get("route")
            name = getattr(route, "operation_id", None) or getattr(route, "name", "?")
            await catalogue.people.note(actor, f"asked.{name}", request.url.path)


class Door(Asks):
    """Lets only those pass to a page who may; others are asked to sign in."""

    async def __call__(self, request: Request, given: PersonDep, catalogue: CatalogueDep) -> Person:
        """Give the person. Raises `SignInNeeded`, `SecondFactorNeeded`, a problem."""
        if given is None:
            query = request.url.query
            raise SignInNeeded(request.url.path + (f"?{query}" if query else ""))
        await self._judge(request, given, catalogue)
        await self._note(request, catalogue, given.at_work.account.email)
        return given

    async def _judge(self, request: Request, given: Person, catalogue: Catalogue) -> None:
        if self.right is None:
            return
        if self.of == "anywhere" and given.may_somewhere(self.right):
            return
        library = await library_of(request, catalogue, self.of)
        if given.may(self.right, library):
            return
        missing = given.at_work.needs_second(self.right, library)
        if missing or (self.of == "anywhere" and given.at_work.needs_second_somewhere(self.right)):
            raise SecondFactorNeeded
        raise ProblemError("forbidden", "Your role does not allow this.")


class Form(Door):
    """Lets only forms pass that came from a page of ours, shown to somebody who may."""

    async def __call__(self, request: Request, given: PersonDep, catalogue: CatalogueDep) -> Person:
        """Give the person. Raises a problem."""
        if given is None:
            raise ProblemError("forbidden", "This page is for people who have signed in.")
        await self._judge(request, given, catalogue)
        await check_form(request, given)
        await self._note(request, catalogue, given.at_work.account.email)
        return given


class Mine(Door):
    """Lets everybody pass who has signed in, to what is his or her own."""

    def __init__(self, *, form: bool = False) -> None:
        super().__init__(None, "anywhere")
        self._form = form

    async def __call__(self, request: Request, given: PersonDep, catalogue: CatalogueDep) -> Person:
        """Give the person. Raises `SignInNeeded`, a problem."""
        if given is None:
            raise SignInNeeded(request.url.path)
        if self._form:
            await check_form(request, given)
        return given


class Key(Asks):
    """Lets only programs pass to the interface whose key may; the operator's token may everything."""

    async def __call__(self, request: Request, caller: CallerDep, catalogue: CatalogueDep) -> Caller:
        """Give the caller. Raises a problem."""
        caller.must_be_known()
        if not await self._allows(request, caller, catalogue):
            raise ProblemError("forbidden", f"The key does not allow this: it needs {self.right} here.")
        await self._note(request, catalogue, caller.actor)
        return caller

    async def _allows(self, request: Request, caller: Caller, catalogue: Catalogue) -> bool:
        if self.right is None:
            return False
        if self.of == "anywhere":
            return caller.operator or (caller.person is not None and caller.person.may_somewhere(self.right))
        return caller.may(self.right, await library_of(request, catalogue, self.of))


async def note_view(catalogue: Catalogue, actor: str, viewer: Viewer, found: UnionRecord) -> None:
    """Log that somebody has looked at a record of which the public gets nothing, or less."""
    if viewer == ANONYMOUS:
        return
    if await catalogue.record(ANONYMOUS, found.id) != found:
        await catalogue.people.note(actor, "record.viewed", found.id)


def asked_by(dependant: Any) -> Iterator[Asks]:
    """Find what a route asks of its callers, among all that it depends on."""
    for one in dependant.dependencies:
        if isinstance(one.call, Asks):
            yield one.call
        yield from asked_by(one)


def rights_of(app: FastAPI) -> dict[str, Asks]:
    """Give what each address of the interface asks for, by the name of the operation."""
    found: dict[str, Asks] = {}
    for _, route in routes_of(app):
        for asks in asked_by(route.dependant):
            found[route.operation_id or route.name] = asks
    return found


def routes_of(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """List the addresses and routes that the application has."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            yield str(context.path), context.original_route


def allows(person: Person | None, right: Right, library: str | None = None) -> bool:
    """Tell whether a person may do something."""
    return person is not None and person.may(right, library)


def base_url(request: Request) -> str:
    """Give the address under which the service is reached, for links that people are given."""
    given: str = request.app.state.base_url
    return given


async def _base_url(request: Request) -> str:
    return base_url(request)


BaseUrlDep = Annotated[str, Depends(_base_url)]
RegistrarDep = Annotated[Person, Depends(Door(Right.REGISTRATIONS))]
RegistrarForm = Annotated[Person, Depends(Form(Right.REGISTRATIONS))]
MembersDep = Annotated[Person, Depends(Door(Right.MEMBERS))]
MembersForm = Annotated[Person, Depends(Form(Right.MEMBERS))]
FilesDep = Annotated[Person, Depends(Door(Right.FILES, "source"))]
FilesForm = Annotated[Person, Depends(Form(Right.FILES, "source"))]
HarvestForm = Annotated[Person, Depends(Form(Right.HARVESTS, "source"))]
ReporterDep = Annotated[Person, Depends(Door(Right.REPORTS, "library"))]
JudgeDep = Annotated[Person, Depends(Door(Right.JUDGE))]
JudgeForm = Annotated[Person, Depends(Form(Right.JUDGE))]
IdentifiersDep = Annotated[Person, Depends(Door(Right.IDENTIFIERS))]
IdentifiersForm = Annotated[Person, Depends(Form(Right.IDENTIFIERS))]
AudiencesDep = Annotated[Person, Depends(Door(Right.AUDIENCES, "library"))]
AudiencesForm = Annotated[Person, Depends(Form(Right.AUDIENCES, "library"))]
MineDep = Annotated[Person, Depends(Mine())]
MineForm = Annotated[Person, Depends(Mine(form=True))]
PeopleDep = Annotated[Person, Depends(Door(Right.PEOPLE, "anywhere"))]
PeopleForm = Annotated[Person, Depends(Form(Right.PEOPLE, "anywhere"))]
AuditDep = Annotated[Person, Depends(Door(Right.AUDIT))]
BorrowDep = Annotated[Person, Depends(Door(Right.BORROW, "anywhere"))]
BorrowForm = Annotated[Person, Depends(Form(Right.BORROW, "anywhere"))]
LendDep = Annotated[Person, Depends(Door(Right.LEND, "anywhere"))]
LendForm = Annotated[Person, Depends(Form(Right.LEND, "anywhere"))]
LenderDep = Annotated[Person, Depends(Door(Right.LEND, "library"))]
LenderForm = Annotated[Person, Depends(Form(Right.LEND, "library"))]
LendTermsForm = Annotated[Person, Depends(Form(Right.LEND_CLOSE, "library"))]
FiguresDep = Annotated[Person, Depends(Door(Right.REPORTS))]
