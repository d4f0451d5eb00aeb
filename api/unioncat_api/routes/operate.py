"""What operators do by JSON: register libraries, groups and sources, and steer harvests.

POST makes something new and refuses a code that is taken; PUT makes it or replaces all that is known of it.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from unioncat.domain.audience import Viewer
from unioncat.flow.register import CODE
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CatalogueDep, DirectoriesDep, ViewerDep
from unioncat_api.problems import ProblemError
from unioncat_api.rights import Key, Right
from unioncat_api.routes.sources import standing
from unioncat_api.schemas.bodies import GroupBody, LibraryBody, SourceBody
from unioncat_api.schemas.common import answer
from unioncat_api.schemas.library import GroupOut, LibraryOut
from unioncat_api.schemas.source import SourceOut

REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "The key is missing or wrong."},
    403: {"description": "The key does not allow this."},
    404: {"description": "Something that the request names is not there."},
    409: {"description": "The change does not fit what is there."},
    413: {"description": "The body is too large."},
}
router = APIRouter(prefix="/api/v1", tags=["operators"], responses=REFUSALS)
REGISTRY = [Depends(Key(Right.REGISTRY))]
HARVESTS = [Depends(Key(Right.HARVESTS, "source"))]
CodePath = Annotated[str, Path(pattern=CODE)]


def taken(what: str, code: str) -> ProblemError:
    """Refuse a code that is in use."""
    return ProblemError(
        "conflict", f"There is a {what} {code!r} already.", remedy="Choose another code, or change it by PUT."
    )


def same(code: str, body: LibraryBody | GroupBody | SourceBody) -> None:
    """Refuse a body that names another code than the address does."""
    if body.code != code:
        raise ProblemError(
            "conflict",
            f"The address names {code!r}, the body {body.code!r}.",
            remedy="Send the same code in both. A code cannot be changed: register anew under another.",
        )


async def library_known(catalogue: Catalogue, viewer: Viewer, code: str) -> bool:
    """Tell whether a library's code is in use."""
    return any(library.code == code for library in await catalogue.libraries(viewer))


async def group_known(catalogue: Catalogue, code: str) -> bool:
    """Tell whether a group's code is in use."""
    return any(group.code == code for group in await catalogue.groups())


async def source_known(catalogue: Catalogue, viewer: Viewer, code: str) -> bool:
    """Tell whether a source's code is in use."""
    return any(status.source.code == code for status in await catalogue.sources(viewer))


@router.post("/libraries", dependencies=REGISTRY, response_model=LibraryOut, status_code=201)
async def add_library(
    body: LibraryBody, catalogue: CatalogueDep, viewer: ViewerDep, names: DirectoriesDep
) -> Response:
    """Register a library."""
    if await library_known(catalogue, viewer, body.code):
        raise taken("library", body.code)
    saved = await catalogue.save_library(body)
    names.forget()
    return answer(LibraryOut.of(saved), 201, {"Location": f"/api/v1/libraries/{body.code}"})


@router.put(
    "/libraries/{code}",
    dependencies=REGISTRY,
    response_model=LibraryOut,
    responses={201: {"model": LibraryOut}},
)
async def put_library(
    code: CodePath, body: LibraryBody, catalogue: CatalogueDep, viewer: ViewerDep, names: DirectoriesDep
) -> Response:
    """Register a library, or replace what is known of it."""
    same(code, body)
    known = await library_known(catalogue, viewer, code)
    saved = await catalogue.save_library(body)
    names.forget()
    return answer(LibraryOut.of(saved), 200 if known else 201)


@router.post("/groups", dependencies=REGISTRY, response_model=GroupOut, status_code=201)
async def add_group(body: GroupBody, catalogue: CatalogueDep, names: DirectoriesDep) -> Response:
    """Register a group of libraries."""
    if await group_known(catalogue, body.code):
        raise taken("group", body.code)
    saved = await catalogue.save_group(body)
    names.forget()
    return answer(GroupOut.of(saved), 201)


@router.put(
    "/groups/{code}", dependencies=REGISTRY, response_model=GroupOut, responses={201: {"model": GroupOut}}
)
async def put_group(
    code: CodePath, body: GroupBody, catalogue: CatalogueDep, names: DirectoriesDep
) -> Response:
    """Register a group, or replace what is known of it."""
    same(code, body)
    known = await group_known(catalogue, code)
    saved = await catalogue.save_group(body)
    names.forget()
    return answer(GroupOut.of(saved), 200 if known else 201)


@router.post("/sources", dependencies=REGISTRY, response_model=SourceOut, status_code=201)
async def add_source(
    body: SourceBody, catalogue: CatalogueDep, viewer: ViewerDep, names: DirectoriesDep
) -> Response:
    """Register a source."""
    if await source_known(catalogue, viewer, body.code):
        raise taken("source", body.code)
    await catalogue.save_source(body)
    names.forget()
    saved = SourceOut.standing(await standing(catalogue, viewer, body.code), private=True)
    return answer(saved, 201, {"Location": f"/api/v1/sources/{body.code}"})


@router.put(
    "/sources/{code}", dependencies=REGISTRY, response_model=SourceOut, responses={201: {"model": SourceOut}}
)
async def put_source(
    code: CodePath, body: SourceBody, catalogue: CatalogueDep, viewer: ViewerDep, names: DirectoriesDep
) -> Response:
    """Register a source, or replace how it is read; its state stays as it is."""
    same(code, body)
    known = await source_known(catalogue, viewer, code)
    await catalogue.save_source(body)
    names.forget()
    saved = SourceOut.standing(await standing(catalogue, viewer, code), private=True)
    return answer(saved, 200 if known else 201)


Order = Callable[[Catalogue, Viewer, str], Awaitable[None]]


def steer(word: str, what: str, done: Order, status: int = 200) -> None:
    """Add the address of one order to a source."""

    async def order(code: CodePath, catalogue: CatalogueDep, viewer: ViewerDep) -> Response:
        await standing(catalogue, viewer, code)
        await done(catalogue, viewer, code)
        return answer(SourceOut.standing(await standing(catalogue, viewer, code), private=True), status)

    router.add_api_route(
        f"/sources/{{code}}/{word}",
        order,
        methods=["POST"],
        dependencies=HARVESTS,
        operation_id=f"{word}_source",
        summary=what,
        response_model=SourceOut,
        status_code=status,
    )


steer("pause", "Take a source out of the schedule", lambda c, _, code: c.pause(code))
steer("resume", "Put a source back into the schedule", lambda c, _, code: c.resume(code))
steer("harvest", "Ask for a harvest now; the worker does it", lambda c, _, code: c.harvest(code), 202)
steer("accept", "Publish the held run of a source", lambda c, v, code: c.decide(v, code, accept=True))
steer("reject", "Throw the held run of a source away", lambda c, v, code: c.decide(v, code, accept=False))
