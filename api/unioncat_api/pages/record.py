"""The record page: one edition, who has it, and what each library said of it."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat.domain.union import Resolved, UnionRecord
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Directory
from unioncat_api.pages import asking, show
from unioncat_api.pages.render import page
from unioncat_api.problems import ProblemError
from unioncat_api.rights import Right, allows, note_view
from unioncat_api.routes.records import elsewhere, is_public_id
from unioncat_api.schemas.record import RecordOut
from unioncat_api.session import PageDirectoryDep, PageViewerDep, Person, PersonDep

router = APIRouter(include_in_schema=False)
MOST_MEMBERS = 50
"""Members' own records on the page; all of them are in the JSON."""
OPEN_PLACES = 6
"""Provinces shown unfolded; with more of them a reader chooses."""


@dataclass(frozen=True, slots=True)
class Borrowing:
    """What the page offers of interlibrary lending."""

    signed: bool = True
    readers: bool = False
    """Whether the viewer is a reader of a library."""
    staff: bool = False
    own_copy: str | None = None
    """Code of a library near the viewer that has it on its shelf."""
    held: bool = True


@router.get("/records/{id}")
async def record(
    request: Request,
    id: str,
    catalogue: CatalogueDep,
    viewer: PageViewerDep,
    names: PageDirectoryDep,
    person: PersonDep,
) -> Response:
    """Show a record, or what became of it."""
    found = await catalogue.record(viewer, id) if is_public_id(id) else None
    if found is None:
        raise ProblemError("not-found", "There is no record with this id.")
    if isinstance(found, Resolved):
        if len(found.successors) < 2:
            return elsewhere(found, "/records/")
        answers = [await catalogue.record(viewer, successor) for successor in found.successors]
        return page(
            request,
            "split.html",
            status=300,
            records=[one for one in answers if isinstance(one, UnionRecord)],
            names=names,
        )
    if person is not None:
        await note_view(catalogue, person.at_work.account.email, viewer, found)
    shown = RecordOut.build(found, names)
    parted = [await catalogue.record(viewer, other) for other in await catalogue.successors(viewer, id)]
    places = show.by_place(shown, names)
    return page(
        request,
        "record.html",
        headers={"Cache-Control": "private, no-store"} if person else None,
        person=person if allows(person, Right.JUDGE) else None,
        record=found,
        bib=found.bib,
        libraries=shown.libraries,
        places=places,
        unfolded=len(places) <= OPEN_PLACES,
        parted=[one for one in parted if isinstance(one, UnionRecord)],
        shown_members=found.members[:MOST_MEMBERS],
        members=show.member_names(found),
        names=names,
        links=show.sorted_links(found.bib.links),
        borrow=borrowing(found, person, names),
    )


def borrowing(found: UnionRecord, person: Person | None, names: Directory) -> Borrowing:
    """Tell whether somebody can have a thing from another library, or has it at home."""
    if person is None:
        return Borrowing(signed=False)
    own = asking.homes(person.at_work, names)
    near = [code for home in own for code in asking.branches(home, person.at_work, names)]
    return Borrowing(
        readers=bool(own),
        staff=person.may_somewhere(Right.LEND),
        own_copy=asking.own_copy(found, near),
        held=bool(found.members),
    )
