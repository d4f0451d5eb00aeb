"""Who may see what a library has: its administrators change it, take records back, leave; with the proof.

The proof counts what those found before who may no longer look, and what they find now.
"""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from unioncat.domain.audience import Audience
from unioncat.domain.library import Library
from unioncat.flow.audience import OWN, Standing
from unioncat.store.errors import Conflict, StoreError
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Directory
from unioncat_api.pages import forms
from unioncat_api.pages.entry import HEADERS
from unioncat_api.pages.render import page
from unioncat_api.problems import ProblemError
from unioncat_api.rights import AudiencesDep, AudiencesForm
from unioncat_api.session import PageDirectoryDep, Person

router = APIRouter(include_in_schema=False)
PUBLIC = "public"


def offered(library: Library, standing: Standing) -> list[Audience]:
    """Give the circles that a library may choose: those of its own groups."""
    return [one for one in standing.circles.values() if one.group is not None and one.group in library.groups]


async def sharing_page(
    request: Request,
    code: str,
    catalogue: Catalogue,
    person: Person,
    names: Directory,
    *,
    status: int = 200,
    slip: str = "",
) -> Response:
    """Show for whom a library's material is kept, and what followed from each change."""
    library = names.library(code)
    if library is None:
        raise ProblemError("not-found", "There is no library with this code.")
    standing = await catalogue.sharing.of_library(code)
    return page(
        request,
        "sharing.html",
        status=status,
        headers=HEADERS,
        person=person,
        names=names,
        library=library,
        standing=standing,
        offered=offered(library, standing),
        own=OWN,
        slip=slip,
        done=request.query_params.get("done"),
    )


@router.get("/libraries/{code}/sharing")
async def sharing(
    request: Request, code: str, catalogue: CatalogueDep, person: AudiencesDep, names: PageDirectoryDep
) -> Response:
    """Show for whom a library's material is kept."""
    return await sharing_page(request, code, catalogue, person, names)


@router.post("/libraries/{code}/sharing")
async def change(
    request: Request, code: str, catalogue: CatalogueDep, person: AudiencesForm, names: PageDirectoryDep
) -> Response:
    """Change for whom a library or a source is kept, take a record back or away, or leave."""
    form = await request.form()
    word = forms.text_of(form, "word", 20)
    source = forms.text_of(form, "source", 64)
    local_id = forms.text_of(form, "record", 500)
    why = forms.text_of(form, "why", 500)
    library = names.library(code)
    if library is None:
        raise ProblemError("not-found", "There is no library with this code.")
    standing = await catalogue.sharing.of_library(code)
    if source and source not in standing.sources:
        raise ProblemError("forbidden", "The source is another library's.")
    try:
        match word:
            case "audience":
                circle = forms.text_of(form, "audience", 64)
                if circle not in (PUBLIC, OWN, *(one.code for one in offered(library, standing))):
                    raise ProblemError("forbidden", "The library is not of this circle.")
                subject, what = ("source", source) if source else ("library", code)
                await catalogue.sharing.change(subject, what, circle, person.name)
            case "withdraw":
                await catalogue.sharing.withdraw(source, local_id, person.name, why)
            case "give-back":
                await catalogue.sharing.give_back(source, local_id, person.name)
            case "leave":
                if forms.text_of(form, "sure", 64) != code:
                    raise Conflict("the library's code is missing", "Write it to confirm that it leaves.")
                await catalogue.sharing.leave(code, person.name, why)
                return RedirectResponse("/", 303, HEADERS)
            case _:
                raise ProblemError("bad-request", "The form says not what to do.")
    except StoreError as error:
        slip = f"{error}. {error.remedy}"
        return await sharing_page(request, code, catalogue, person, names, status=409, slip=slip)
    return RedirectResponse(f"/libraries/{code}/sharing?{urlencode({'done': word})}", 303, HEADERS)
