"""What routes need of a request: the catalogue, the viewer, the directory of names, the operator's right.

The operator's token is compared in constant time and never logged.
"""

import hmac
from typing import Annotated

from fastapi import Depends, Request

from unioncat.domain.audience import ANONYMOUS, Viewer
from unioncat_api.catalogue import Catalogue
from unioncat_api.directory import Counts, Directories, Directory
from unioncat_api.problems import ProblemError


def catalogue(request: Request) -> Catalogue:
    """Give the catalogue that the application was started with."""
    given: Catalogue = request.app.state.catalogue
    return given


def directories(request: Request) -> Directories:
    """Give the names kept for all viewers."""
    kept: Directories = request.app.state.directories
    return kept


def is_operator(request: Request) -> bool:
    """Tell whether the request carries the operator's token. A wrong one is refused, not passed over."""
    header = request.headers.get("authorization")
    if header is None:
        return False
    scheme, _, given = header.partition(" ")
    expected: str = request.app.state.operator_token
    right = hmac.compare_digest(given.strip().encode("utf-8", "replace"), expected.encode())
    if scheme.lower() != "bearer" or not right or not expected:
        raise ProblemError(
            "unauthorised",
            "The token is not the operator's.",
            headers={"WWW-Authenticate": 'Bearer realm="unioncat", error="invalid_token"'},
        )
    return True


async def viewer(
    operator: Annotated[bool, Depends(is_operator)], asked: Annotated[Catalogue, Depends(catalogue)]
) -> Viewer:
    """Tell who asks: the public, or the operator."""
    return await asked.operator() if operator else ANONYMOUS


def require_operator(operator: Annotated[bool, Depends(is_operator)]) -> None:
    """Refuse anyone but the operator."""
    if not operator:
        raise ProblemError(
            "unauthorised",
            "This address is for operators.",
            headers={"WWW-Authenticate": 'Bearer realm="unioncat"'},
        )


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
OperatorDep = Annotated[bool, Depends(is_operator)]
