"""Many requests at once by a spreadsheet: bring it, look at what was understood, place the sound lines."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat.flow.askinglist import HEADINGS
from unioncat.store.errors import StoreError
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Directory
from unioncat_api.pages import forms
from unioncat_api.pages.asking import desk_of
from unioncat_api.pages.entry import HEADERS
from unioncat_api.pages.members import download, known, sent_file
from unioncat_api.pages.render import page, tongue
from unioncat_api.pages.review import see_other
from unioncat_api.pages.workbooks import table_workbook
from unioncat_api.rights import LendDep, LendForm
from unioncat_api.session import PageDirectoryDep, Person

router = APIRouter(include_in_schema=False)
SHOWN = 300


def bring_page(
    request: Request, person: Person, names: Directory, library: str, *, slip: str = "", status: int = 200
) -> Response:
    """Ask for a sheet of requests."""
    home = desk_of(library, person, names)
    return page(
        request,
        "batch.html",
        status=status,
        headers=HEADERS,
        person=person,
        names=names,
        home=home,
        columns=list(HEADINGS),
        slip=slip,
    )


@router.get("/lending/batch")
async def bring(request: Request, person: LendDep, names: PageDirectoryDep) -> Response:
    """Ask for a sheet of requests."""
    return bring_page(request, person, names, request.query_params.get("library", ""))


@router.get("/lending/batch/template.xlsx")
async def batch_template(request: Request, person: LendDep) -> Response:
    """Give an empty sheet with its headings."""
    words = tongue(request).words
    names = [words.t(f"lend.f_{name}") for name in HEADINGS if words.has(f"lend.f_{name}")]
    return download(table_workbook("1", names, ()), "requests.xlsx")


@router.post("/lending/batch")
async def take(
    request: Request, catalogue: CatalogueDep, person: LendForm, names: PageDirectoryDep
) -> Response:
    """Read a sheet and show what would be asked for."""
    form = await request.form()
    library = forms.text_of(form, "library", 64)
    name, data = await sent_file(request)
    if not data:
        slip = tongue(request).words.t("bulk.no_file")
        return bring_page(request, person, names, library, slip=slip, status=422)
    home = desk_of(library, person, names)
    try:
        number = await catalogue.lending.bring(person.at_work, home, name, data)
    except StoreError as error:
        slip = f"{error}. {error.remedy}"
        return bring_page(request, person, names, home, slip=slip, status=422)
    return see_other(f"/lending/batch/{number}")


async def sheet_page(
    request: Request,
    catalogue: CatalogueDep,
    person: Person,
    names: Directory,
    number: int,
    *,
    slip: str = "",
    status: int = 200,
) -> Response:
    """Show a sheet: faulty lines first."""
    batch = await catalogue.lending.batch(person.at_work, known(number))
    home = desk_of(batch.library, person, names)
    lines = sorted(batch.lines, key=lambda one: (not one.faults, one.number))
    return page(
        request,
        "batch_sheet.html",
        status=status,
        headers=HEADERS,
        person=person,
        names=names,
        home=home,
        batch=batch,
        lines=lines[:SHOWN],
        slip=slip,
    )


@router.get("/lending/batch/{number}")
async def show_sheet(
    request: Request, number: int, catalogue: CatalogueDep, person: LendDep, names: PageDirectoryDep
) -> Response:
    """Show what a sheet would ask for, and what is wrong with its lines."""
    return await sheet_page(request, catalogue, person, names, number)


@router.post("/lending/batch/{number}")
async def place(
    request: Request, number: int, catalogue: CatalogueDep, person: LendForm, names: PageDirectoryDep
) -> Response:
    """Place the sound lines."""
    try:
        await catalogue.lending.place_batch(person.at_work, known(number))
    except StoreError as error:
        slip = f"{error}. {error.remedy}"
        return await sheet_page(request, catalogue, person, names, number, slip=slip, status=409)
    return see_other(f"/lending/batch/{number}", done="placed")
