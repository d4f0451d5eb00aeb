"""What routes need of a request: the catalogue, the caller, the viewer, the directory of names.

Tokens and keys are compared in constant time, or by their hash, and never logged. What is asked here is
asynchronous even where it waits for nothing: the framework gives anything else to a thread.
"""

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from unioncat.domain.audience import ANONYMOUS, Viewer
from unioncat.domain.people import Right, SignedIn
from unioncat.flow.entry import KEY_BEGINNING
from unioncat_api.catalogue import Catalogue
from unioncat_api.directory import Counts, Directories, Directory
from unioncat_api.problems import ProblemError
from unioncat_api.rates import Tally

LONGEST_KEY = 100


async def catalogue(request: Request) -> Catalogue:
    """Give the catalogue that the application was started with."""
    given: Catalogue = request.app.state.catalogue
    return given


async def directories(request: Request) -> Directories:
    """Give the names kept for all viewers."""
    kept: Directories = request.app.state.directories
    return kept


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls the interface: anybody, the operator by the token of this machine, or somebody by a key."""

    operator: bool = False
    person: SignedIn | None = None

    def may(self, right: Right, library: str | None = None) -> bool:
        """Tell whether the caller may do something at a library (none: for the federation)."""
        return self.operator or (self.person is not None and self.person.may(right, library))

    def must_be_known(self) -> None:
        """Refuse whoever has said nothing of himself. Raises a problem."""
        if not self.operator and self.person is None:
            raise ProblemError(
                "unauthorised",
                "This address needs a key.",
                headers={"WWW-Authenticate": 'Bearer realm="unioncat"'},
            )

    @property
    def actor(self) -> str:
        """How the log of who did what names the caller."""
        return self.person.account.email if self.person is not None else "operator" if self.operator else ""

    def signs(self, said: str) -> str:
        """Give the name under which something is written down: a person cannot choose another one."""
        return self.person.name if self.person is not None else said


def count(request: Request, person: SignedIn) -> None:
    """Count the request for whoever asks, from wherever and by whatever session or key. Raises a problem."""
    tally: Tally = request.scope[Tally.SCOPE]
    tally.count(person.account.id)


async def caller(request: Request, asked: Annotated[Catalogue, Depends(catalogue)]) -> Caller:
    """Tell who calls. A wrong token or key is refused, not passed over."""
    header = request.headers.get("authorization")
    if header is None:
        return Caller()
    scheme, _, given = header.partition(" ")
    given = given.strip()
    if scheme.lower() == "bearer" and given.startswith(KEY_BEGINNING) and len(given) < LONGEST_KEY:
        person = await asked.people.whose_key(given)
        if person is not None:
            count(request, person)
            return Caller(person=person)
    expected: str = request.app.state.operator_token
    right = hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
    if scheme.lower() != "bearer" or not right or not expected:
        raise ProblemError(
            "unauthorised",
            "There is no such key.",
            headers={"WWW-Authenticate": 'Bearer realm="unioncat", error="invalid_token"'},
        )
    return Caller(operator=True)


async def viewer(
    given: Annotated[Caller, Depends(caller)], asked: Annotated[Catalogue, Depends(catalogue)]
) -> Viewer:
    """Tell who looks: the public, the operator, or somebody whose libraries belong to audiences."""
    if given.operator:
        return await asked.operator()
    return given.person.viewer if given.person is not None else ANONYMOUS


async def directory(
    asked: Annotated[Viewer, Depends(viewer)], kept: Annotated[Directories, Depends(directories)]
) -> Directory:
    """Give the names that the viewer may see."""
    return await kept.of(asked)


async def counts(
    asked: Annotated[Viewer, Depends(viewer)], kept: Annotated[Directories, Depends(directories)]
) -> Counts:
    """Give the counts that the viewer may know."""
    return await kept.counts(asked)


CatalogueDep = Annotated[Catalogue, Depends(catalogue)]
ViewerDep = Annotated[Viewer, Depends(viewer)]
DirectoryDep = Annotated[Directory, Depends(directory)]
CountsDep = Annotated[Counts, Depends(counts)]
DirectoriesDep = Annotated[Directories, Depends(directories)]
CallerDep = Annotated[Caller, Depends(caller)]
