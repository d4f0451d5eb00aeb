"""How the federation stands: figures for everybody, and what operators need to act on."""

from collections import Counter

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat.domain.library import LibraryType
from unioncat_api.deps import CatalogueDep, DirectoriesDep
from unioncat_api.pages.render import page
from unioncat_api.rights import Right, allows
from unioncat_api.session import PageDirectoryDep, PageViewerDep, PersonDep

router = APIRouter(include_in_schema=False)


@router.get("/status")
async def status(
    request: Request,
    catalogue: CatalogueDep,
    person: PersonDep,
    viewer: PageViewerDep,
    names: PageDirectoryDep,
    directories: DirectoriesDep,
) -> Response:
    """Show how the federation stands; operators who have signed in see more."""
    private = allows(person, Right.REPORTS)
    members = names.members()
    kinds = Counter(one.type for one in members)
    found = {place.key: place for one in members if (place := names.place_of(one.code))}
    counts = await directories.counts(viewer)
    return page(
        request,
        "status.html",
        headers={"Cache-Control": "private, no-store"} if private else None,
        person=person,
        private=private,
        federation=await catalogue.onboarding.federation(viewer, private=private),
        counts=counts.overview,
        kinds=[(kind, kinds[kind]) for kind in LibraryType if kinds[kind]],
        provinces=len(found),
        members=len(members),
    )
