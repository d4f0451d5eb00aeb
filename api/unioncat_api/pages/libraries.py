"""The member list, by kind or by place, and a page for each member."""

from collections import defaultdict

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat.domain.library import Library, LibraryType
from unioncat_api.directory import Counts, Directory, filed
from unioncat_api.pages import show
from unioncat_api.pages.messages import Words
from unioncat_api.pages.render import page, tongue
from unioncat_api.problems import ProblemError
from unioncat_api.session import PageCountsDep, PageDirectoryDep

router = APIRouter(include_in_schema=False)
Section = tuple[str, str, list[tuple[Library, int]]]
"""Anchor, heading, libraries with their number of records."""


def counted(counts: Counts, libraries: list[Library]) -> list[tuple[Library, int]]:
    """Give libraries with their counts, the fullest first."""
    pairs = [(library, counts.records("library", library.code)) for library in libraries]
    return sorted(pairs, key=lambda pair: (-pair[1], filed(pair[0].name_vi)))


def by_type(names: Directory, counts: Counts, words: Words) -> list[Section]:
    """Arrange the members in the order of the Library Law, art. 9."""
    found: dict[LibraryType, list[Library]] = defaultdict(list)
    for library in names.members():
        found[library.type].append(library)
    return [
        (kind.value, words.value("type", kind.value), counted(counts, found[kind]))
        for kind in LibraryType
        if kind in found
    ]


def by_province(names: Directory, counts: Counts, words: Words) -> list[Section]:
    """Arrange the members by the province they lie in today; those without one come last."""
    found: dict[str, list[Library]] = defaultdict(list)
    heading: dict[str, str] = {"": words.t("libraries.no_province")}
    for library in names.members():
        place = names.place_of(library.code)
        key = place.key if place else ""
        if place:
            heading[key] = show.called(place, words.language)
        found[key].append(library)
    order = sorted(found, key=lambda key: (key == "", filed(heading[key])))
    return [(f"p-{key or 'none'}", heading[key], counted(counts, found[key])) for key in order]


@router.get("/libraries")
async def libraries(request: Request, names: PageDirectoryDep, counts: PageCountsDep) -> Response:
    """Show the member list."""
    words = tongue(request).words
    province = request.query_params.get("by") == "province"
    sections = (by_province if province else by_type)(names, counts, words)
    return page(
        request,
        "libraries.html",
        sections=sections,
        province=province,
        total=len(names.members()),
        names=names,
    )


@router.get("/libraries/{code}")
async def library(request: Request, code: str, names: PageDirectoryDep, counts: PageCountsDep) -> Response:
    """Show one member."""
    found = names.library(code)
    if found is None:
        raise ProblemError("not-found", "There is no library with this code.")
    branches = [other for other in names.members() if any(parent.code == code for parent in other.parents)]
    return page(
        request,
        "library.html",
        library=found,
        place=names.place_of(code),
        records=counts.records("library", code),
        branches=counted(counts, branches),
        parents=[names.libraries[p.code] for p in found.parents if p.code in names.libraries],
        groups=[names.groups[group] for group in found.groups if group in names.groups],
        names=names,
    )
