"""One request or supply at a desk: its facts, steps as buttons, messages, private notes, undo, closing."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from unioncat.domain.lending import Service, Side, State, Step
from unioncat.domain.people import Right
from unioncat.lending.filled import read_filled
from unioncat.lending.forms import FIELDS, FITS, NEEDED
from unioncat.store.errors import Conflict, StoreError
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Directory
from unioncat_api.lending import Dossier
from unioncat_api.pages import forms
from unioncat_api.pages.asking import today
from unioncat_api.pages.desk import Codes, given_of, step_of
from unioncat_api.pages.entry import HEADERS
from unioncat_api.pages.render import page, tongue
from unioncat_api.pages.review import see_other
from unioncat_api.problems import ProblemError
from unioncat_api.rights import LendDep, LendForm
from unioncat_api.session import PageDirectoryDep, Person

router = APIRouter(include_in_schema=False)
APART = frozenset(
    {
        Step.ENDORSE,
        Step.NOTIFY,
        Step.CLOSE,
        Step.SUPERSEDE,
        Step.PRINT_SLIP,
        Step.SEND,
        Step.LOCATE,
        Step.SUBMIT,
    }
)
"""Steps with a place of their own on the page, or done elsewhere; `approve` endorses where two must."""
GRAVE = frozenset({Step.LOST, Step.DAMAGED, Step.CANCEL, Step.REJECT, Step.UNFILLED, Step.EXHAUST})
"""Steps that come last, because they end something."""
RARE = frozenset({Step.EXHAUST, Step.RECHECK})
"""Steps that are seldom wanted; they are behind a door."""


def steps_of(found: Dossier) -> list[Step]:
    """Order the steps that fit: what is likely first, what ends something last."""
    likely = FITS.get((found.side, _state(found)))
    copy = found.line.service is Service.COPY
    steps = [
        one
        for one in found.steps
        if one not in APART
        and not (one is Step.LOANED and copy)
        and not (one is Step.COPY_SENT and _loan(found))
    ]
    if copy and likely is Step.LOANED:
        likely = Step.COPY_SENT
    return sorted(steps, key=lambda one: (one in RARE, one is not likely, one in GRAVE))


def _loan(found: Dossier) -> bool:
    return found.line.service is Service.LOAN


def _state(found: Dossier) -> State:
    if found.request is not None:
        return found.request.state
    assert found.supply is not None and found.supply.supplier_state is not None  # noqa: S101, PT018 - by its side
    return found.supply.supplier_state


async def file_page(
    request: Request,
    catalogue: Catalogue,
    person: Person,
    names: Directory,
    number: UUID,
    *,
    slip: str = "",
    reader: bool = False,
    status: int = 200,
) -> Response:
    """Show one request or supply."""
    found = await catalogue.lending.dossier(person.at_work, number)
    readers = (
        await catalogue.lending.readers(person.at_work, found.library, [number], "request") if reader else {}
    )
    return page(
        request,
        "desk_file.html",
        status=status,
        headers=HEADERS,
        person=person,
        names=names,
        file=found,
        asked=found.request,
        supply=found.supply,
        line=found.line,
        wanted=found.request.wanted if found.request else found.supply.wanted if found.supply else None,
        loan=found.request.loan if found.request else found.supply.loan if found.supply else None,
        steps=steps_of(found),
        rare_from=sum(one not in RARE for one in steps_of(found)),
        likely=FITS.get((found.side, _state(found))),
        fields={one: FIELDS.get((found.side, one), ()) for one in found.steps},
        needed={one: NEEDED.get((found.side, one), ()) for one in found.steps},
        may_close=Step.CLOSE in found.steps and person.may(Right.LEND_CLOSE, found.library),
        reader=readers.get(number),
        reader_asked=reader,
        codes=Codes,
        Step=Step,
        today=today().date().isoformat(),
        slip=slip,
        done=request.query_params.get("done", ""),
    )


@router.get("/lending/r/{number}")
async def show_file(
    request: Request, number: UUID, catalogue: CatalogueDep, person: LendDep, names: PageDirectoryDep
) -> Response:
    """Show one request or supply at its desk."""
    return await file_page(request, catalogue, person, names, number)


@router.post("/lending/r/{number}")
async def act_on_file(
    request: Request, number: UUID, catalogue: CatalogueDep, person: LendForm, names: PageDirectoryDep
) -> Response:
    """Do a step, take one back, write, keep a note, ask again, or show who the reader is."""
    form = await request.form()
    word = forms.text_of(form, "word", 20)
    lending, at_work = catalogue.lending, person.at_work
    if word == "reader":
        return await file_page(request, catalogue, person, names, number, reader=True)
    try:
        if word == "note":
            await lending.note(at_work, number, forms.text_of(form, "note", 4000))
        elif word == "again":
            made = await lending.again(at_work, number, staff=True)
            return see_other(f"/lending/r/{made.id}", done="asked")
        elif word == "undo":
            await lending.step(
                at_work, number, Step.UNDO, version=_version(forms.text_of(form, "version", 9))
            )
        else:
            word = await _step(request, catalogue, person, number, form)
    except (Conflict, _FaultyError) as error:
        slip = str(error) if isinstance(error, _FaultyError) else f"{error}. {error.remedy}"
        return await file_page(
            request,
            catalogue,
            person,
            names,
            number,
            slip=slip,
            status=422 if not isinstance(error, StoreError) else 409,
        )
    return see_other(f"/lending/r/{number}", done=word)


class _FaultyError(Exception):
    """What was filled in cannot be used; says which field, in the words of the page."""


def _version(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ProblemError("bad-request", "The form names no version.")
    return int(text)


async def _step(request: Request, catalogue: Catalogue, person: Person, number: UUID, form: FormData) -> str:
    step = step_of(forms.text_of(form, "step", 40))
    side = Side(forms.text_of(form, "side", 12)) if forms.text_of(form, "side", 12) in list(Side) else None
    if side is None:
        raise ProblemError("bad-request", "The form names no side.")
    filled = read_filled(side, step, given_of(form), today().date())
    if filled.faults:
        words = tongue(request).words
        raise _FaultyError(
            "; ".join(
                f"{words.t(f'step_field.{name}')}: {words.t(f'step_field.fault_{fault}')}"
                for name, fault in filled.faults.items()
            )
        )
    await catalogue.lending.step(
        person.at_work,
        number,
        step,
        filled.facts,
        why=filled.why,
        version=_version(forms.text_of(form, "version", 9)),
    )
    return str(step)
