"""Asking for something from another library: the form of readers and of staff, filled from the catalogue."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat.domain.audience import Viewer
from unioncat.domain.bib import BibRecord
from unioncat.domain.hours import VIET_NAM
from unioncat.domain.lending import EditionWish, Service, ServiceLevel
from unioncat.domain.library import Library
from unioncat.domain.people import Right, SignedIn
from unioncat.domain.union import UnionRecord
from unioncat.lending.asking import LIMITS, read_asking
from unioncat.store.errors import StoreError, Unknown
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Directory
from unioncat_api.pages import forms, show
from unioncat_api.pages.entry import HEADERS
from unioncat_api.pages.render import page
from unioncat_api.pages.review import see_other
from unioncat_api.rights import BorrowDep, BorrowForm, LendDep, LendForm
from unioncat_api.routes.records import is_public_id
from unioncat_api.session import PageDirectoryDep, PageViewerDep, Person

router = APIRouter(include_in_schema=False)
LEVELS = (ServiceLevel.STANDARD, ServiceLevel.EXPRESS, ServiceLevel.RUSH, ServiceLevel.URGENT)
"""Levels that people choose among; programs may name all."""


def today() -> datetime:
    """Give the moment as clocks in Viet Nam show it."""
    return datetime.now(VIET_NAM)


def homes(person: SignedIn, names: Directory) -> list[str]:
    """Name the libraries through which somebody may ask: those where he or she has a role."""
    held = [one.library for one in person.grants() if one.library and person.may(Right.BORROW, one.library)]
    return [code for code in dict.fromkeys(held) if code in names.libraries]


def branches(home: str, person: SignedIn, names: Directory) -> list[str]:
    """Name where something can be collected: the library and its branches."""
    covered = {code for one in person.grants() if one.reaches(home) for code in one.covers}
    below = [one.code for one in names.members() if any(up.code == home for up in one.parents)]
    return [home, *(code for code in below if code != home and (code in covered or code in names.libraries))]


def desks(person: Person, names: Directory) -> list[Library]:
    """Give the libraries at whose desks somebody works, in the order of names."""
    places = person.at_work.places(Right.LEND)
    return [one for one in names.members() if places is None or one.code in places]


def desk_of(text: str, person: Person, names: Directory) -> str:
    """Choose the desk: the one asked for, else the first role's. Raises `Unknown` where there is none."""
    codes = [one.code for one in desks(person, names)]
    held = (one.library for one in person.at_work.grants() if person.at_work.may(Right.LEND, one.library))
    home = text or next((code for code in (*held, *codes) if code in codes), "")
    if home not in codes:
        raise Unknown("there is no such lending desk", "Choose a library at which you lend.")
    return home


def wanted_of(bib: BibRecord, union_id: str) -> dict[str, str]:
    """Fill the form from a union record."""
    imprint = bib.imprints[0] if bib.imprints else None
    parts = show.part_texts(bib.title)
    first = {one.scheme: one.value for one in reversed(bib.identifiers) if one.valid}
    facts = {
        "union_id": union_id,
        "title": bib.title.main + (f" : {bib.title.remainder}" if bib.title.remainder else ""),
        "author": show.agents_text(bib.agents),
        "edition": bib.edition or "",
        "volume": parts[0] if parts else "",
        "publisher": "; ".join(imprint.publishers) if imprint else "",
        "place": "; ".join(imprint.places) if imprint else "",
        "year": str(bib.year or (imprint.date if imprint else "") or ""),
        "isbn": first.get("isbn", ""),
        "issn": first.get("issn", ""),
    }
    return {name: text[: LIMITS[name]] for name, text in facts.items()}


def own_copy(record: UnionRecord, places: Sequence[str]) -> str | None:
    """Name the first of some libraries that has a thing on its shelf for lending."""
    for member in record.members:
        for held in member.holdings:
            if held.status == "available" and (held.library or member.library) in places:
                return held.library or member.library
    return None


async def _record(catalogue: Catalogue, viewer: Viewer, number: str) -> UnionRecord | None:
    found = await catalogue.record(viewer, number) if number and is_public_id(number) else None
    return found if isinstance(found, UnionRecord) else None


def asking_page(
    request: Request,
    person: Person,
    names: Directory,
    home: str,
    *,
    staff: bool,
    values: Mapping[str, str],
    faults: Mapping[str, str] | None = None,
    slip: str = "",
    here: str | None = None,
    status: int = 200,
) -> Response:
    """Show the form."""
    own = homes(person.at_work, names)
    return page(
        request,
        "request_new.html",
        status=status,
        headers=HEADERS,
        person=person,
        names=names,
        staff=staff,
        home=home,
        homes=[home] if staff else own,
        pick_ups=branches(home, person.at_work, names) if home else [],
        values=values,
        faults=faults or {},
        slip=slip,
        own_copy=here,
        today=today().date().isoformat(),
        services=list(Service),
        levels=LEVELS,
        wishes=list(EditionWish),
    )


@router.get("/requests/new")
async def blank(
    request: Request,
    catalogue: CatalogueDep,
    person: BorrowDep,
    names: PageDirectoryDep,
    viewer: PageViewerDep,
) -> Response:
    """Show a reader the form: empty, filled from a union record, or from an earlier request."""
    query = request.query_params
    values: dict[str, str] = {}
    here = None
    own = homes(person.at_work, names)
    record = await _record(catalogue, viewer, query.get("record", ""))
    if record is not None:
        values = wanted_of(record.bib, record.id)
        here = own_copy(record, [code for home in own for code in branches(home, person.at_work, names)])
    elif query.get("again"):
        former = (await catalogue.lending.own(person.at_work, _uuid(query["again"]))).request
        wanted = former.wanted
        values = {name: getattr(wanted, name) or "" for name in LIMITS if hasattr(wanted, name)}
        values |= {"service": former.service, "level": former.level, "note": former.reader_note}
    home = query.get("library", "")
    return asking_page(
        request, person, names, home if home in own else (own[0] if own else ""), staff=False, values=values,
        here=here,
    )  # fmt: skip


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Unknown("there is no such request", "See the list of your requests.") from None


@router.post("/requests/new")
async def ask(
    request: Request, catalogue: CatalogueDep, person: BorrowForm, names: PageDirectoryDep
) -> Response:
    """Place a reader's request."""
    form = await request.form()
    given = {name: forms.text_of(form, name, limit) for name, limit in LIMITS.items()}
    home = forms.text_of(form, "home", 64)
    own = homes(person.at_work, names)
    if home not in own:
        raise Unknown("you are not a reader of this library", "Choose the library of your card.")
    asked, typed, faults = read_asking(given, today().date())
    if asked is None:
        return asking_page(request, person, names, home, staff=False, values=typed, faults=faults, status=422)
    try:
        made = await catalogue.lending.ask(person.at_work, home, asked, staff=False, origin="page")
    except StoreError as error:
        slip = f"{error}. {error.remedy}"
        return asking_page(request, person, names, home, staff=False, values=typed, slip=slip, status=409)
    return see_other(f"/requests/{made.id}", done="asked")


@router.get("/lending/new")
async def blank_at_desk(
    request: Request, catalogue: CatalogueDep, person: LendDep, names: PageDirectoryDep, viewer: PageViewerDep
) -> Response:
    """Show staff the form for a reader without an account."""
    query = request.query_params
    home = desk_of(query.get("library", ""), person, names)
    record = await _record(catalogue, viewer, query.get("record", ""))
    values = wanted_of(record.bib, record.id) if record else {}
    here = own_copy(record, branches(home, person.at_work, names)) if record else None
    return asking_page(request, person, names, home, staff=True, values=values, here=here)


@router.post("/lending/new")
async def ask_at_desk(
    request: Request, catalogue: CatalogueDep, person: LendForm, names: PageDirectoryDep
) -> Response:
    """Place a request for a reader."""
    form = await request.form()
    given = {name: forms.text_of(form, name, limit) for name, limit in LIMITS.items()}
    home = desk_of(forms.text_of(form, "library", 64), person, names)
    asked, typed, faults = read_asking(given, today().date(), for_reader=True)
    slip = ""
    if asked is not None:
        try:
            made = await catalogue.lending.ask(person.at_work, home, asked, staff=True, origin="desk")
        except StoreError as error:
            slip = f"{error}. {error.remedy}"
        else:
            return see_other(f"/lending/r/{made.id}", done="asked")
    return asking_page(
        request, person, names, home, staff=True, values=typed, faults=faults, slip=slip,
        status=409 if slip else 422,
    )  # fmt: skip
