"""The report on a member's records, as a page and as a spreadsheet to work through."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat.domain.quality import GROUPS, group_of
from unioncat_api.deps import CatalogueDep
from unioncat_api.pages.members import download
from unioncat_api.pages.messages import Words
from unioncat_api.pages.render import page, tongue
from unioncat_api.pages.review import PRIVATE
from unioncat_api.pages.workbooks import quality_workbook
from unioncat_api.rights import ReporterDep
from unioncat_api.session import PageViewerDep

router = APIRouter(include_in_schema=False)


def finding(words: Words, code: str) -> str:
    """Name a finding; one that has no name stands for itself."""
    return words.value("finding", code)


def in_group(counts: Sequence[tuple[str, int]], group: str) -> list[tuple[str, int]]:
    """Give the findings of one group with their numbers."""
    return [(code, n) for code, n in counts if group_of(code) == group]


@router.get("/libraries/{code}/quality")
async def report(
    request: Request, code: str, catalogue: CatalogueDep, person: ReporterDep, viewer: PageViewerDep
) -> Response:
    """Show the report on a member's records."""
    found = await catalogue.onboarding.report(viewer, code)
    return page(
        request,
        "quality.html",
        headers=PRIVATE,
        person=person,
        member=found,
        library=found.library,
        groups=GROUPS,
        in_group=in_group,
        finding=finding,
    )


@router.get("/libraries/{code}/quality.xlsx")
async def spreadsheet(
    request: Request, code: str, catalogue: CatalogueDep, person: ReporterDep, viewer: PageViewerDep
) -> Response:
    """Give the report with the records to be mended."""
    words = tongue(request).words
    found = await catalogue.onboarding.report(viewer, code)
    mends = await catalogue.onboarding.to_mend(found)
    book = await asyncio.to_thread(quality_workbook, found, mends, words.t, lambda one: finding(words, one))
    return download(book, f"quality-{found.library.code}.xlsx")
