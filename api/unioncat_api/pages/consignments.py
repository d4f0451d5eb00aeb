"""Rotation of books and gifts: a library's consignments, packing one, its way, receipts, packing list.

What may be done with one is asked of the flow, which knows at whose place it is.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from unioncat.domain.consignment import OWNER, Difference, Kind, State, Step
from unioncat.domain.hours import VIET_NAM
from unioncat.flow.consign import Plan, Shown, items_of, place_name, stops_of
from unioncat.flow.paper import pressed
from unioncat.flow.paper.packing import packing_list
from unioncat.store.errors import StoreError, Unknown
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Directory
from unioncat_api.pages import forms, show
from unioncat_api.pages.render import page, tongue
from unioncat_api.pages.review import PRIVATE, see_other
from unioncat_api.problems import ProblemError
from unioncat_api.rights import LenderDep, LenderForm
from unioncat_api.session import PageDirectoryDep, PageViewerDep, Person

router = APIRouter(include_in_schema=False)
LONGEST_LIST = 400_000
"""Signs of a list of items."""
ON_PAPER = (
    *("gift_list", "packing_list", "owner", "donor", "term", "sum", "note", "way", "until", "items", "title"),
    *("barcode", "copies", "price", "check", "missing", "damaged", "handed_over", "taken", "sign"),
)


async def list_page(
    request: Request,
    code: str,
    catalogue: CatalogueDep,
    person: Person,
    names: Directory,
    viewer: PageViewerDep,
    *,
    slip: str = "",
    values: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Show a library's consignments, and a form to pack one."""
    return page(
        request,
        "consignments.html",
        status=status,
        headers=PRIVATE,
        person=person,
        names=names,
        code=code,
        listed=await catalogue.terms.consignments(viewer, [code]),
        kinds=list(Kind),
        values=values or {},
        slip=slip,
        done=request.query_params.get("done"),
    )


@router.get("/lending/libraries/{code}/consignments")
async def consignments(
    request: Request,
    code: str,
    catalogue: CatalogueDep,
    person: LenderDep,
    names: PageDirectoryDep,
    viewer: PageViewerDep,
) -> Response:
    """Show what a library sends round, and what stops at it."""
    return await list_page(request, code, catalogue, person, names, viewer)


@router.post("/lending/libraries/{code}/consignments")
async def pack(
    request: Request,
    code: str,
    catalogue: CatalogueDep,
    person: LenderForm,
    names: PageDirectoryDep,
    viewer: PageViewerDep,
) -> Response:
    """Pack a consignment."""
    form = await request.form()
    values = {
        name: forms.text_of(form, name, 2000) for name in ("title", "donor", "first", "last", "note", "kind")
    }
    values |= {name: forms.text_of(form, name, LONGEST_LIST) for name in ("stops", "items")}
    try:
        plan = plan_of(values, await catalogue.terms.stop_names(viewer))
        number = await catalogue.terms.consign(code, plan, person.at_work.account.email, viewer)
    except (StoreError, ValueError) as error:
        slip = f"{error}. {error.remedy}" if isinstance(error, StoreError) else f"{error}."
        return await list_page(
            request, code, catalogue, person, names, viewer, slip=slip, values=values, status=422
        )
    return see_other(f"/lending/libraries/{code}/consignments/{number}", done="packed")


def plan_of(values: Mapping[str, str], known: Mapping[str, str]) -> Plan:
    """Read a new consignment. Raises ValueError."""
    try:
        first, last = (
            date.fromisoformat(values[name]) if values[name] else None for name in ("first", "last")
        )
    except ValueError:
        raise ValueError("a day is written as 2026-02-28") from None
    return Plan(
        kind=Kind(values["kind"]) if values["kind"] in list(Kind) else Kind.ROTATION,
        title=values["title"],
        items=items_of(values["items"]),
        stops=stops_of(values["stops"], known),
        donor=values["donor"],
        first=first,
        last=last,
        note=values["note"],
    )


async def shown_to(catalogue: CatalogueDep, person: Person, number: str) -> Shown:
    """Give a consignment. Raises a problem."""
    try:
        return await catalogue.terms.consignment(person.at_work, number)
    except Unknown as error:
        raise ProblemError("not-found", f"{error}.") from error


def one_page(
    request: Request,
    code: str,
    person: Person,
    names: Directory,
    found: Shown,
    *,
    slip: str = "",
    status: int = 200,
) -> Response:
    """Show a consignment."""
    one = found.one
    words = tongue(request).words
    known = names.libraries.get(one.owner)
    owner = show.called(known, words.language) if known else one.owner
    return page(
        request,
        "consignment.html",
        status=status,
        headers=PRIVATE,
        person=person,
        names=names,
        code=code,
        one=one,
        found=found,
        receipt=Step.RECEIVE in found.steps or Step.CHECK_IN in found.steps,
        lines=list(zip(one.items, found.tallies, strict=True)),
        place=lambda number: place_name(one, number, owner),
        owner=owner,
        OWNER=OWNER,
        State=State,
        Step=Step,
        slip=slip,
        done=request.query_params.get("done"),
    )


@router.get("/lending/libraries/{code}/consignments/{number}")
async def consignment(
    request: Request,
    code: str,
    number: str,
    catalogue: CatalogueDep,
    person: LenderDep,
    names: PageDirectoryDep,
) -> Response:
    """Show a consignment: where it is, what is in it, what was missing where."""
    return one_page(request, code, person, names, await shown_to(catalogue, person, number))


@router.post("/lending/libraries/{code}/consignments/{number}")
async def move(
    request: Request,
    code: str,
    number: str,
    catalogue: CatalogueDep,
    person: LenderForm,
    names: PageDirectoryDep,
) -> Response:
    """Do a step: send, receive with differences, send on, send back, take back, give up."""
    form = await request.form()
    word = forms.text_of(form, "word", 20)
    if word not in list(Step):
        raise ProblemError("bad-request", "The form says not what to do.")
    found = await shown_to(catalogue, person, number)
    try:
        differences = differences_of(form, len(found.one.items))
        await catalogue.terms.move(
            person.at_work, number, Step(word), differences, forms.text_of(form, "why", 1000)
        )
    except (StoreError, ValueError) as error:
        slip = f"{error}. {error.remedy}" if isinstance(error, StoreError) else f"{error}."
        return one_page(request, code, person, names, found, slip=slip, status=422)
    return see_other(f"/lending/libraries/{code}/consignments/{number}", done=word)


def differences_of(form: FormData, items: int) -> list[Difference]:
    """Read what a receipt says. Raises ValueError."""
    found = []
    for place in range(items):
        counts = [
            forms.text_of(form, f"{name}-{place}", 6) or "0" for name in ("missing", "damaged", "found")
        ]
        if not all(one.isascii() and one.isdigit() for one in counts):
            raise ValueError(f"line {place + 1}: copies are counted in digits")
        missing, damaged, again = (int(one) for one in counts)
        if missing or damaged or again:
            note = forms.text_of(form, f"note-{place}", 300)
            found.append(Difference(place, missing, damaged, again, note))
    return found


@router.get("/lending/libraries/{code}/consignments/{number}/list.pdf")
async def packing(
    request: Request,
    code: str,
    number: str,
    catalogue: CatalogueDep,
    person: LenderDep,
    names: PageDirectoryDep,
) -> Response:
    """Print the packing list."""
    found = await shown_to(catalogue, person, number)
    words = tongue(request).words
    known = names.libraries.get(found.one.owner)
    owner = show.called(known, words.language) if known else found.one.owner
    printed = datetime.now(UTC).astimezone(VIET_NAM).strftime("%d/%m/%Y %H:%M")
    said = {name: words.t(f"paper_list.{name}") for name in ON_PAPER}
    data = packing_list(found.one, found.tallies, said, owner, printed)
    pdf = await pressed("packing", data)
    headers = {**PRIVATE, "Content-Disposition": f'inline; filename="{number}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)
