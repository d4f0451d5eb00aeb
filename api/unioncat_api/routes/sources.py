"""Sources, harvest runs and the state of the whole, as JSON: to read only."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from unioncat.domain.audience import Viewer
from unioncat.domain.people import Right
from unioncat.flow.status import SourceStatus
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CallerDep, CatalogueDep, CountsDep, ViewerDep
from unioncat_api.problems import ProblemError
from unioncat_api.schemas.common import answer
from unioncat_api.schemas.source import RunOut, RunsOut, SourceDetailOut, SourceOut, SourcesOut, StatusOut

router = APIRouter(prefix="/api/v1", tags=["sources"])
FRESH = {"Cache-Control": "no-cache"}
CodePath = Annotated[str, Path(description="Code of the source.", max_length=200)]
RUNS_OF_STATUS = 10
RUNS_OF_SOURCE = 20
ISSUES_OF_SOURCE = 50


async def standing(catalogue: Catalogue, viewer: Viewer, code: str) -> SourceStatus:
    """Find a source. Raises a problem where there is none for this viewer."""
    for status in await catalogue.sources(viewer):
        if status.source.code == code:
            return status
    raise ProblemError("not-found", "There is no source with this code.")


@router.get("/sources", response_model=SourcesOut)
async def sources(catalogue: CatalogueDep, viewer: ViewerDep, caller: CallerDep) -> Response:
    """List the sources with how they stand."""
    found = await catalogue.sources(viewer)
    shown = SourcesOut(
        items=tuple(
            SourceOut.standing(status, private=caller.may(Right.HARVESTS, status.library.code))
            for status in found
        )
    )
    return answer(shown, headers=FRESH)


@router.get("/sources/{code}", response_model=SourceDetailOut)
async def source(code: CodePath, catalogue: CatalogueDep, viewer: ViewerDep, caller: CallerDep) -> Response:
    """Give one source with its latest runs and the problems in its records."""
    status = await standing(catalogue, viewer, code)
    runs = await catalogue.runs(viewer, code, RUNS_OF_SOURCE)
    issues = await catalogue.problems(viewer, code, ISSUES_OF_SOURCE)
    private = caller.may(Right.HARVESTS, status.library.code)
    base = SourceOut.standing(status, private=private)
    return answer(SourceDetailOut.detail(base, tuple(runs), tuple(issues), private=private), headers=FRESH)


@router.get("/runs", response_model=RunsOut)
async def runs(
    catalogue: CatalogueDep,
    viewer: ViewerDep,
    caller: CallerDep,
    source: Annotated[str | None, Query(max_length=64, description="Code of one source.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List harvest runs, newest first."""
    found = await catalogue.runs(viewer, source, limit)
    return answer(
        RunsOut(items=tuple(RunOut.of(run, private=caller.operator) for run in found)), headers=FRESH
    )


@router.get("/runs/{id}", response_model=RunOut)
async def run(
    id: Annotated[int, Path(ge=1, le=2**31 - 1)],
    catalogue: CatalogueDep,
    viewer: ViewerDep,
    caller: CallerDep,
) -> Response:
    """Give one harvest run; for operators, because numbers are theirs alone."""
    found = await catalogue.run(viewer, id) if caller.operator else None
    if found is None:
        raise ProblemError("not-found", "There is no harvest run with this number.")
    return answer(RunOut.of(found, private=True), headers=FRESH)


@router.get("/status", response_model=StatusOut)
async def status(
    catalogue: CatalogueDep, viewer: ViewerDep, caller: CallerDep, counts: CountsDep
) -> Response:
    """Count everything (as it stood some seconds ago), with the latest harvest runs as they stand now."""
    runs = tuple(await catalogue.runs(viewer, None, RUNS_OF_STATUS))
    return answer(StatusOut.of(replace(counts.overview, runs=runs), private=caller.operator), headers=FRESH)
