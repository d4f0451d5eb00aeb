"""Requests and supplies as JSON: ask, list, look, do a step. A key acts as its person, never as more.

A reader's key sees the reader's own requests; with the right `lend` a key works at its library's desks.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from unioncat.domain.lending import Facts, Side, Step
from unioncat.domain.people import Account, Grant, Right, Role, SignedIn
from unioncat.lending.asking import read_asking
from unioncat.lending.filled import read_filled
from unioncat.store.errors import Unknown
from unioncat_api.deps import Caller, CallerDep, CatalogueDep
from unioncat_api.pages.asking import today
from unioncat_api.places import place_of
from unioncat_api.problems import ProblemError
from unioncat_api.rights import Key
from unioncat_api.routes.operate import REFUSALS
from unioncat_api.schemas.common import answer
from unioncat_api.schemas.lending import (
    AskingBody,
    CountsOut,
    EventOut,
    LendingOut,
    LendingPageOut,
    LoanOut,
    StandingOut,
    StepBody,
)

router = APIRouter(prefix="/api/v1", tags=["lending"], responses=REFUSALS)
BORROW = [Depends(Key(Right.BORROW, "anywhere"))]
LEND = [Depends(Key(Right.LEND, "library"))]
FRESH = {"Cache-Control": "private, no-store"}
NumberPath = Annotated[UUID, Path(description="Id of the request or supply.")]
CodePath = Annotated[str, Path(max_length=64, description="Code of the library.")]
CursorQuery = Annotated[str, Query(max_length=120, description="`next` of the page before.")]
LimitQuery = Annotated[int, Query(ge=1, le=200)]
OPERATOR = SignedIn(
    Account(0, "operator", "operator", True, (Grant(Role.FEDERATION_ADMIN),), second_factor=True), second=True
)
"""For whom the token of this machine stands."""


def somebody(caller: Caller) -> SignedIn:
    """Give the person of a key; the operator's token stands for the federation's administrator."""
    return caller.person if caller.person is not None else OPERATOR


@router.post("/requests", dependencies=BORROW, response_model=LendingOut, status_code=201)
async def place_request(body: AskingBody, catalogue: CatalogueDep, caller: CallerDep) -> Response:
    """Ask for something: for oneself, or with a reader's name or card as staff of the library."""
    person = somebody(caller)
    asked, _, faults = read_asking(body.fields(), today().date(), for_reader=body.for_reader)
    if asked is None:
        errors = [{"field": name, "reason": fault} for name, fault in faults.items()]
        raise ProblemError("invalid-parameter", f"{errors[0]['field']}: {errors[0]['reason']}", errors=errors)
    made = await catalogue.lending.ask(person, body.home, asked, staff=body.for_reader, origin="api")
    return answer(LendingOut.request(made), 201, {"Location": f"/api/v1/requests/{made.id}", **FRESH})


@router.get("/requests", dependencies=BORROW, response_model=LendingPageOut)
async def own_requests(
    catalogue: CatalogueDep, caller: CallerDep, cursor: CursorQuery = "", limit: LimitQuery = 50
) -> Response:
    """List one's own requests, the newest first."""
    found = await catalogue.lending.mine(somebody(caller), after=place_of(cursor), limit=limit)
    return answer(LendingPageOut.listed(found), headers=FRESH)


@router.get("/requests/{id}", dependencies=BORROW, response_model=LendingOut)
async def show_request(id: NumberPath, catalogue: CatalogueDep, caller: CallerDep) -> Response:
    """Give one's own request, or one of a desk at which one works."""
    person = somebody(caller)
    try:
        return answer(LendingOut.own(await catalogue.lending.own(person, id)), headers=FRESH)
    except Unknown:
        found = await catalogue.lending.dossier(person, id)
    loan = found.request.loan if found.request else found.supply.loan if found.supply else None
    shown = LendingOut.line(
        found.line,
        found.steps,
        loan=LoanOut.of(loan) if loan else None,
        events=tuple(map(EventOut.of, found.events)),
    )
    return answer(shown, headers=FRESH)


@router.post("/requests/{id}/steps", dependencies=BORROW, response_model=StandingOut)
async def do_step(id: NumberPath, body: StepBody, catalogue: CatalogueDep, caller: CallerDep) -> Response:
    """Do a step: on one's own request (cancel, renew), or at a desk at which one works."""
    person = somebody(caller)
    try:
        step = Step(body.step)
    except ValueError:
        raise ProblemError("invalid-parameter", "step: there is no such step.") from None
    try:
        mine = await catalogue.lending.own(person, id)
    except Unknown:
        mine = None
    if mine is not None and step in (Step.CANCEL, Step.RENEW):
        await catalogue.lending.own_step(person, id, step, body.why[:200])
        after = (await catalogue.lending.own(person, id)).request
        return answer(StandingOut.of(after), headers=FRESH)
    side, facts = (await catalogue.lending.dossier(person, id)).side, Facts()
    if step is not Step.UNDO:
        filled = read_filled(Side(side), step, body.given(), today().date())
        if filled.faults:
            errors = [{"field": name, "reason": fault} for name, fault in filled.faults.items()]
            first = errors[0]
            raise ProblemError("invalid-parameter", f"{first['field']}: {first['reason']}", errors=errors)
        facts = filled.facts
    done = await catalogue.lending.step(person, id, step, facts, why=body.why, version=body.version)
    return answer(StandingOut.of(done), headers=FRESH)


@router.get("/lending/libraries/{code}/desk", dependencies=LEND, response_model=CountsOut)
async def desk_counts(code: CodePath, catalogue: CatalogueDep, caller: CallerDep) -> Response:
    """Tell how much lies in each list of a library's desks."""
    counts = await catalogue.lending.counts(somebody(caller), code)
    return answer(CountsOut(lists=dict(counts)), headers=FRESH)


@router.get("/lending/libraries/{code}/desk/{list}", dependencies=LEND, response_model=LendingPageOut)
async def desk_list(
    code: CodePath,
    list: Annotated[str, Path(max_length=40, description="Name of the list.")],
    catalogue: CatalogueDep,
    caller: CallerDep,
    cursor: CursorQuery = "",
    limit: LimitQuery = 50,
) -> Response:
    """Give a page of a list of a library's desks."""
    found = await catalogue.lending.listed(somebody(caller), code, list, after=place_of(cursor), limit=limit)
    return answer(LendingPageOut.listed(found), headers=FRESH)
