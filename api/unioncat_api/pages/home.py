"""The home page: one box to search, how much there is, what is new, ways in by kind and place."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat.domain.library import LibraryType, Province
from unioncat.domain.search import SearchQuery, Sort
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Counts, Directory, filed
from unioncat_api.pages.render import page
from unioncat_api.session import PageCountsDep, PageDirectoryDep, PageViewerDep

router = APIRouter(include_in_schema=False)
NEWEST = 6


def province_counts(names: Directory, counts: Counts) -> list[tuple[Province, int]]:
    """Give the provinces that have records, the fullest first."""
    counted = [
        (names.provinces[key], count)
        for key, count in counts.facets.get("province", {}).items()
        if key in names.provinces
    ]
    return sorted(counted, key=lambda pair: (-pair[1], filed(pair[0].name_vi)))


def facet_counts(counts: Counts, facet: str) -> list[tuple[str, int]]:
    """Give the values of a facet, the fullest first."""
    return sorted(counts.facets.get(facet, {}).items(), key=lambda pair: (-pair[1], pair[0]))


@router.get("/")
async def home(
    request: Request,
    catalogue: CatalogueDep,
    viewer: PageViewerDep,
    names: PageDirectoryDep,
    counts: PageCountsDep,
) -> Response:
    """Show the home page."""
    newest = await catalogue.find(viewer, SearchQuery(sort=Sort.NEWEST, size=NEWEST))
    order = list(LibraryType)
    types = sorted(counts.facets.get("type", {}).items(), key=lambda pair: order.index(LibraryType(pair[0])))
    return page(
        request,
        "home.html",
        counts=counts.overview,
        newest=newest.records,
        names=names,
        types=types,
        provinces=province_counts(names, counts),
        formats=facet_counts(counts, "format"),
    )
