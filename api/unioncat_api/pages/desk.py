"""The lending desks of a library: what needs somebody today, lists with bulk actions, scanning."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from unioncat.domain.lending import RequesterState, Service, Side, Step, SupplierState
from unioncat.domain.worklists import WORKLISTS, lists_of
from unioncat.flow.desk import CROSSING, HISTORY
from unioncat.lending import machine
from unioncat.lending.filled import CONDITIONS, RETRIES, UNFILLED, read_filled
from unioncat.lending.forms import AT_ONCE, FIELDS, FITS, NEEDED, Field
from unioncat.store.errors import StoreError, Unknown
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Directory
from unioncat_api.lending import Line, Search
from unioncat_api.pages import forms, printing
from unioncat_api.pages.asking import LEVELS, desk_of, today
from unioncat_api.pages.entry import HEADERS
from unioncat_api.pages.render import page, tongue
from unioncat_api.pages.review import see_other
from unioncat_api.places import place_of, written_place
from unioncat_api.problems import ProblemError
from unioncat_api.rights import LendDep, LendForm
from unioncat_api.session import PageDirectoryDep, Person

router = APIRouter(include_in_schema=False)
PRINTS = {
    "pull": ("pull", "slips"),
    "send": ("labels",),
    "shelf": ("notices",),
    "send-back": ("returns",),
    "answer": ("pull",),
}
"""What may be printed from a list."""
MOST_AT_ONCE = 200
OF_A_LIBRARY = ("terms", "consignments", "figures")
"""Pages whose addresses name the library."""


class Codes:
    """Codes that people choose among."""

    unfilled = UNFILLED
    retries = RETRIES
    conditions = CONDITIONS


def step_of(text: str) -> Step:
    """Read a step. Raises a problem."""
    try:
        return Step(text)
    except ValueError:
        raise ProblemError("bad-request", "The form says not what to do.") from None


def given_of(form: FormData) -> dict[str, list[str]]:
    """Give all that a form says of a step."""
    return {one: [text for text in forms.chosen(form, one) if text] for one in Field}


@router.get("/lending")
async def today_page(
    request: Request, catalogue: CatalogueDep, person: LendDep, names: PageDirectoryDep
) -> Response:
    """Show what needs somebody today; who chooses a library on one of its own pages goes to that page."""
    asked = request.query_params.get("page", "")
    if asked in OF_A_LIBRARY:
        library = desk_of(request.query_params.get("library", ""), person, names)
        return see_other(f"/lending/libraries/{quote(library)}/{asked}")
    home = desk_of(request.query_params.get("library", ""), person, names)
    counts = await catalogue.lending.counts(person.at_work, home)
    return page(
        request,
        "desk.html",
        headers=HEADERS,
        person=person,
        names=names,
        home=home,
        counts=counts,
        waiting=sum(counts[one.name] for one in WORKLISTS.values() if one.acts),
        borrowing=lists_of(Side.REQUESTER),
        lending=lists_of(Side.SUPPLIER),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a list is looked at."""

    name: str
    home: str
    search: Search
    after: str


def asked_of(request: Request, name: str, person: Person, names: Directory, library: str) -> Asked:
    """Read which part of a list is asked for. Raises `Unknown`."""
    if name not in {*WORKLISTS, *CROSSING, *HISTORY}:
        raise Unknown(f"there is no list {name!r}", "Choose one of the desk's lists.")
    query = request.query_params
    home = desk_of(library, person, names)
    level = query.get("level", "")
    service = query.get("service", "")
    search = Search(
        words=query.get("q", "").strip()[:100],
        other=query.get("other", "")[:64],
        level=level if level in LEVELS else "",
        service=service if service in list(Service) else "",
    )
    return Asked(name, home, search, query.get("after", ""))


async def list_page(
    request: Request,
    catalogue: Catalogue,
    person: Person,
    names: Directory,
    asked: Asked,
    *,
    slip: str = "",
    status: int = 200,
) -> Response:
    """Show a page of a list."""
    lending, at_work = catalogue.lending, person.at_work
    one = WORKLISTS.get(asked.name)
    listed = await lending.listed(
        at_work, asked.home, asked.name, search=asked.search, after=place_of(asked.after)
    )
    lines, after = listed.lines, written_place(listed.after)
    supplying = one is not None and one.side is Side.SUPPLIER and one.acts
    query = {
        "library": asked.home,
        "q": asked.search.words,
        "other": asked.search.other,
        "service": asked.search.service,
        "level": asked.search.level,
        "after": after,
    }
    done = request.query_params.get("done", "")
    refused = request.query_params.get("refused", "")
    return page(
        request,
        "desk_list.html",
        status=status,
        headers=HEADERS,
        person=person,
        names=names,
        name=asked.name,
        home=asked.home,
        search=asked.search,
        filters=asked.name not in CROSSING,
        others=[lib for lib in names.members() if lib.code != asked.home],
        services=list(Service),
        levels=LEVELS,
        lines=lines,
        after=after,
        more=f"/lending/list/{asked.name}?{urlencode({k: v for k, v in query.items() if v})}",
        side=one.side if one else "",
        steps=AT_ONCE.get(asked.name, ()),
        prints=PRINTS.get(asked.name, ()),
        shelves=await lending.shelves(at_work, asked.home, lines) if supplying else {},
        done=int(done) if done.isascii() and done.isdigit() and len(done) < 5 else None,
        refused=int(refused) if refused.isascii() and refused.isdigit() and len(refused) < 5 else 0,
        slip=slip,
    )


@router.get("/lending/list/{name}")
async def show_list(
    request: Request, name: str, catalogue: CatalogueDep, person: LendDep, names: PageDirectoryDep
) -> Response:
    """Show a page of a list."""
    asked = asked_of(request, name, person, names, request.query_params.get("library", ""))
    return await list_page(request, catalogue, person, names, asked)


def chosen_of(form: FormData) -> dict[UUID, int]:
    """Read which lines were chosen, and in which version they were seen. Raises a problem."""
    found: dict[UUID, int] = {}
    for text in forms.chosen(form, "chosen")[:MOST_AT_ONCE]:
        number, _, version = text.partition(":")
        try:
            found[UUID(number)] = int(version)
        except ValueError:
            raise ProblemError("bad-request", "The form names no request.") from None
    return found


@router.post("/lending/list/{name}")
async def act_on_list(
    request: Request, name: str, catalogue: CatalogueDep, person: LendForm, names: PageDirectoryDep
) -> Response:
    """Do a step for all chosen lines, or print for them; each line is done for itself."""
    form = await request.form()
    asked = asked_of(request, name, person, names, forms.text_of(form, "library", 64))
    chosen = chosen_of(form)
    words = tongue(request).words
    if not chosen:
        slip = words.t("desk.none_chosen")
        return await list_page(request, catalogue, person, names, asked, slip=slip, status=422)
    one = WORKLISTS.get(name)
    sheet = forms.text_of(form, "print", 20)
    if one is not None and sheet:
        if sheet not in PRINTS.get(name, ()):
            raise ProblemError("bad-request", "This cannot be printed from here.")
        return await printing.printed(request, catalogue, person, names, asked.home, one.side, chosen, sheet)
    step = step_of(forms.text_of(form, "step", 40))
    if one is None or step not in AT_ONCE.get(name, ()):
        raise ProblemError("bad-request", "This cannot be done for many at once.")
    done, refused = 0, 0
    for line in await catalogue.lending.chosen(person.at_work, asked.home, one.side, chosen):
        what = Step.COPY_SENT if step is Step.LOANED and line.service is Service.COPY else step
        try:
            await catalogue.lending.step(person.at_work, line.id, what, version=chosen[line.id])
            done += 1
        except StoreError:
            refused += 1
    return see_other(f"/lending/list/{name}", library=asked.home, done=done, refused=refused)


@dataclass(frozen=True, slots=True)
class Scanned:
    """A line that a code stands on, and the step that is meant by scanning it."""

    line: Line
    step: Step | None
    fields: tuple[Field, ...]
    needed: tuple[Field, ...]
    first: dict[str, str]


def meant(line: Line, code: str) -> Scanned:
    """Tell what is meant by scanning a line's code."""
    state = RequesterState(line.state) if line.side is Side.REQUESTER else SupplierState(line.state)
    step = FITS.get((line.side, state))
    if step is Step.LOANED and line.service is Service.COPY:
        step = Step.COPY_SENT
    if step is not None and step not in machine.allowed(line.side, state, line.flags):
        step = None
    held = ", ".join(line.items)
    first = {"item": held or code} if held or (code and code != line.number) else {}
    key = (line.side, step) if step else None
    return Scanned(
        line,
        step,
        FIELDS.get(key, ()) if key else (),
        NEEDED.get(key, ()) if key else (),
        first,
    )


async def scan_page(
    request: Request,
    catalogue: Catalogue,
    person: Person,
    names: Directory,
    library: str,
    code: str,
    *,
    slip: str = "",
    status: int = 200,
) -> Response:
    """Show what a code stands on."""
    home = desk_of(library, person, names)
    found = await catalogue.lending.scanned(person.at_work, home, code) if code else ()
    query = request.query_params
    side, word = query.get("side", ""), query.get("step", "")
    words = tongue(request).words
    return page(
        request,
        "desk_scan.html",
        status=status,
        headers=HEADERS,
        person=person,
        names=names,
        home=home,
        code=code,
        found=[meant(one, code) for one in found],
        codes=Codes,
        today=today().date().isoformat(),
        done=query.get("done", "")[:60],
        done_step=words.value("step_seen", word) if side in list(Side) and word in list(Step) else "",
        slip=slip,
    )


@router.get("/lending/scan")
async def scan(
    request: Request, catalogue: CatalogueDep, person: LendDep, names: PageDirectoryDep
) -> Response:
    """Find what a scanned code stands on."""
    query = request.query_params
    code = " ".join(query.get("code", "").split())[:100]
    return await scan_page(request, catalogue, person, names, query.get("library", ""), code)


@router.post("/lending/scan")
async def act_on_scan(
    request: Request, catalogue: CatalogueDep, person: LendForm, names: PageDirectoryDep
) -> Response:
    """Do the step that was offered; the page is then ready for the next code."""
    form = await request.form()
    library, number = forms.text_of(form, "library", 64), forms.text_of(form, "number", 100)
    step = step_of(forms.text_of(form, "step", 40))
    try:
        subject, version = UUID(forms.text_of(form, "id", 40)), int(forms.text_of(form, "version", 9))
    except ValueError:
        raise ProblemError("bad-request", "The form names no request.") from None
    lines = await catalogue.lending.scanned(person.at_work, desk_of(library, person, names), number)
    side = next((one.side for one in lines if one.id == subject), None)
    if side is None:
        return await scan_page(request, catalogue, person, names, library, number, status=409)
    filled = read_filled(side, step, given_of(form), today().date())
    words = tongue(request).words
    if filled.faults:
        slip = "; ".join(
            f"{words.value('step_field', name)}: {words.t(f'step_field.fault_{fault}')}"
            for name, fault in filled.faults.items()
        )
        return await scan_page(request, catalogue, person, names, library, number, slip=slip, status=422)
    try:
        await catalogue.lending.step(
            person.at_work, subject, step, filled.facts, why=filled.why, version=version
        )
    except StoreError as error:
        slip = f"{error}. {error.remedy}"
        return await scan_page(request, catalogue, person, names, library, number, slip=slip, status=409)
    return see_other("/lending/scan", library=library, done=number, side=side, step=step)
