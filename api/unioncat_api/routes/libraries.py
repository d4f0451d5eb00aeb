"""Member libraries, as JSON."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from unioncat.domain.library import Library, LibraryType
from unioncat_api.deps import CatalogueDep, CountsDep, DirectoryDep
from unioncat_api.directory import Counts
from unioncat_api.problems import ProblemError
from unioncat_api.schemas.common import answer
from unioncat_api.schemas.library import GroupOut, LibrariesOut, LibraryOut

router = APIRouter(prefix="/api/v1", tags=["libraries"])
CodePath = Annotated[str, Path(description="Code of the library.", max_length=200)]


def described(library: Library, counts: Counts) -> LibraryOut:
    """Describe a library with its number of records."""
    return LibraryOut.of(library).counted(counts.records("library", library.code))


@router.get("/libraries", response_model=LibrariesOut)
async def libraries(
    names: DirectoryDep,
    counts: CountsDep,
    type: Annotated[LibraryType | None, Query(description="Kind of library.")] = None,
    province: Annotated[str | None, Query(max_length=64, description="Key of a province.")] = None,
    group: Annotated[str | None, Query(max_length=64, description="Code of a group.")] = None,
) -> Response:
    """List the member libraries."""
    chosen = [
        library
        for library in names.members()
        if (type is None or library.type is type)
        and (province is None or library.province == province)
        and (group is None or group in library.groups)
    ]
    shown = LibrariesOut.listing(
        (described(library, counts) for library in chosen), names.provinces.values(), names.groups.values()
    )
    return answer(shown, headers={"Cache-Control": "public, max-age=15"})


@router.get("/libraries/{code}", response_model=LibraryOut)
async def library(code: CodePath, names: DirectoryDep, counts: CountsDep) -> Response:
    """Give one member library."""
    found = names.library(code)
    if found is None:
        raise ProblemError("not-found", "There is no library with this code.")
    return answer(described(found, counts), headers={"Cache-Control": "public, max-age=15"})


@router.get("/groups", response_model=list[GroupOut])
async def groups(catalogue: CatalogueDep) -> list[GroupOut]:
    """List the groups of libraries."""
    return [GroupOut.of(group) for group in await catalogue.groups()]
