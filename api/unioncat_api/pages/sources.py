"""Operators' pages: every source with how it stands, harvest runs as they go, and problems in records."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat_api.deps import CatalogueDep, CountsDep, ViewerDep
from unioncat_api.pages.messages import Words
from unioncat_api.pages.render import page, tongue
from unioncat_api.routes.sources import ISSUES_OF_SOURCE, RUNS_OF_SOURCE, standing
from unioncat_api.schemas.source import RunOut, SourceOut

router = APIRouter(include_in_schema=False)
RUNS_SHOWN = 20


def every(words: Words, minutes: int) -> str:
    """Say how often a source is harvested, in the largest unit that is whole."""
    if minutes == 0:
        return words.t("sources.by_hand")
    for unit, length in (("days", 1440), ("hours", 60)):
        if minutes % length == 0:
            return words.t(f"sources.every_{unit}", n=minutes // length)
    return words.t("sources.every_minutes", n=minutes)


@router.get("/sources")
async def sources(
    request: Request, catalogue: CatalogueDep, viewer: ViewerDep, counts: CountsDep
) -> Response:
    """Show all sources and the latest runs."""
    found = [SourceOut.standing(status) for status in await catalogue.sources(viewer)]
    runs = [RunOut.of(run) for run in await catalogue.runs(viewer, None, RUNS_SHOWN)]
    return page(request, "sources.html", sources=found, runs=runs, counts=counts.overview, refresh=10)


@router.get("/sources/{code}")
async def source(request: Request, code: str, catalogue: CatalogueDep, viewer: ViewerDep) -> Response:
    """Show one source."""
    status = await standing(catalogue, viewer, code)
    runs = [RunOut.of(run) for run in await catalogue.runs(viewer, code, RUNS_OF_SOURCE)]
    return page(
        request,
        "source.html",
        source=SourceOut.standing(status),
        library=status.library,
        runs=runs,
        issues=await catalogue.problems(viewer, code, ISSUES_OF_SOURCE),
        schedule=every(tongue(request).words, status.source.every_minutes),
        refresh=10,
    )
