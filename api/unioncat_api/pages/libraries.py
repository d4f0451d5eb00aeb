"""The member list, by kind or by place, and a page for each member."""

from collections import defaultdict
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat.domain.audience import Viewer
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.people import Right
from unioncat.domain.source import Protocol
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Counts, Directory, filed
from unioncat_api.pages import show
from unioncat_api.pages.messages import Words
from unioncat_api.pages.render import page, tongue
from unioncat_api.problems import ProblemError
from unioncat_api.session import PageCountsDep, PageDirectoryDep, PageViewerDep, Person, PersonDep

router = APIRouter(include_in_schema=False)
Task = tuple[str, str, str]
"""Address, key of its words, and what they are about where that is not the library itself."""
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


async def work_at(catalogue: Catalogue, viewer: Viewer, person: Person, code: str) -> list[Task]:
    """Give what somebody who has signed in may do for a library."""
    base = quote(code, safe="")
    known = (
        (Right.AUDIENCES, f"/libraries/{base}/sharing", "sharing.title"),
        (Right.REPORTS, f"/libraries/{base}/quality", "quality.title"),
        (Right.LEND, f"/lending/libraries/{base}/terms", "terms.title"),
        (Right.PEOPLE, "/people", "account.tab_people"),
    )
    tasks = [(href, key, "") for right, href, key in known if person.may(right, code)]
    if person.may(Right.FILES, code) or person.may(Right.HARVESTS, code):
        for status in await catalogue.sources(viewer):
            source = status.source
            if source.library == code and source.protocol is Protocol.FILES:
                tasks.insert(
                    0, (f"/sources/{quote(source.code, safe='')}/upload", "libraries.work_upload", "")
                )
            elif source.library == code:
                tasks.append(
                    (f"/sources/{quote(source.code, safe='')}", "libraries.work_source", source.code)
                )
    return tasks


@router.get("/libraries/{code}")
async def library(
    request: Request,
    code: str,
    catalogue: CatalogueDep,
    names: PageDirectoryDep,
    counts: PageCountsDep,
    viewer: PageViewerDep,
    person: PersonDep,
) -> Response:
    """Show one member; to its staff, what they do here."""
    found = names.library(code)
    if found is None:
        raise ProblemError("not-found", "There is no library with this code.")
    tasks = await work_at(catalogue, viewer, person, code) if person else []
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
        tasks=tasks,
        more=person is not None and person.may(Right.HARVESTS, code),
    )
