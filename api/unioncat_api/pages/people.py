"""The people of a library or of the federation: invited, given and taken roles, let go.

What a person may do to whom is judged in the flow; this page only shows what there is.
"""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from unioncat.domain.people import AT_FEDERATION, AT_LIBRARY, Right, Role
from unioncat.store.errors import StoreError
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Directory
from unioncat_api.pages import forms
from unioncat_api.pages.entry import HEADERS
from unioncat_api.pages.render import page
from unioncat_api.problems import ProblemError
from unioncat_api.rights import PeopleDep, PeopleForm, base_url
from unioncat_api.session import PageDirectoryDep, Person

router = APIRouter(include_in_schema=False)


def chosen(text: str, person: Person) -> str | None:
    """Choose the place: the one asked for, else the federation, else the first of the libraries."""
    if text:
        return text
    places = person.at_work.places(Right.PEOPLE)
    return None if places is None else min(places, default=None)


async def people_page(
    request: Request,
    catalogue: Catalogue,
    person: Person,
    names: Directory,
    library: str | None,
    *,
    status: int = 200,
    slip: str = "",
    link: str = "",
) -> Response:
    """Show the people of a place."""
    places = person.at_work.places(Right.PEOPLE)
    return page(
        request,
        "people.html",
        status=status,
        headers={**HEADERS, "Referrer-Policy": "no-referrer"},
        person=person,
        names=names,
        library=library,
        places=[one for one in names.libraries.values() if places is None or one.code in places],
        everywhere=places is None,
        people=await catalogue.people.listed(person.at_work, library),
        invitations=await catalogue.people.invitations(person.at_work, library),
        roles=AT_FEDERATION if library is None else AT_LIBRARY,
        slip=slip,
        link=link,
        by_letter=catalogue.people.by_letter,
        done=request.query_params.get("done"),
    )


@router.get("/people")
async def people(
    request: Request, catalogue: CatalogueDep, person: PeopleDep, names: PageDirectoryDep
) -> Response:
    """Show the people of a library, or of the federation."""
    library = chosen(request.query_params.get("library", ""), person)
    return await people_page(request, catalogue, person, names, library)


@router.post("/people")
async def change(
    request: Request, catalogue: CatalogueDep, person: PeopleForm, names: PageDirectoryDep
) -> Response:
    """Invite somebody, take a role or an invitation away, let somebody go or in again."""
    form = await request.form()
    word = forms.text_of(form, "word", 20)
    library = forms.text_of(form, "library", 64) or None
    number = forms.text_of(form, "number", 9)
    role = forms.text_of(form, "role", 40)
    at_work, asked = person.at_work, catalogue.people
    if word not in ("invite", "hand-over") and not (number.isascii() and number.isdigit()):
        raise ProblemError("bad-request", "The form names nobody.")
    if word in ("invite", "hand-over", "take") and role not in list(Role):
        raise ProblemError("bad-request", "The form names no role.")
    try:
        match word:
            case "invite" | "hand-over":
                link = await asked.invite(
                    at_work,
                    forms.text_of(form, "email", 254),
                    Role(role),
                    library,
                    base_url(request),
                    hands_over=word == "hand-over",
                )
                return await people_page(request, catalogue, person, names, library, link=link)
            case "end":
                await asked.end_invitation(at_work, int(number))
            case "take":
                place = forms.text_of(form, "of", 64) or None
                await asked.take_role(at_work, int(number), Role(role), place)
            case "let-go":
                await asked.let_go(at_work, int(number))
            case "bring-back":
                await asked.bring_back(at_work, int(number))
            case "factor":
                await asked.forget_second_factor(at_work, int(number))
            case _:
                raise ProblemError("bad-request", "The form says not what to do.")
    except StoreError as error:
        slip = f"{error}. {error.remedy}"
        return await people_page(request, catalogue, person, names, library, status=409, slip=slip)
    query = urlencode({"library": library or "", "done": word})
    return RedirectResponse(f"/people?{query}", 303, HEADERS)
