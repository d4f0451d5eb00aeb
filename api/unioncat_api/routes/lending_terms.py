"""Terms, figures and consignments of lending by JSON, for a library's own systems and for operators."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from unioncat.domain.audience import Viewer
from unioncat.domain.consignment import Difference
from unioncat.domain.people import Account, Grant, Role, SignedIn
from unioncat.flow.lending_figures import Wish, this_year
from unioncat.flow.reach import ReachIn
from unioncat.flow.register import CODE
from unioncat.flow.terms import AgreementIn, AvoidanceIn, ClosureIn, PolicyIn
from unioncat_api.deps import Caller, CallerDep, CatalogueDep, ViewerDep
from unioncat_api.rights import Key, Right
from unioncat_api.routes.operate import REFUSALS
from unioncat_api.schemas.bodies import LARGEST
from unioncat_api.schemas.common import answer
from unioncat_api.schemas.lending_terms import (
    AgreementOut,
    AgreementsOut,
    AvoidBody,
    ConsignmentBody,
    ConsignmentLineOut,
    ConsignmentOut,
    ConsignmentsOut,
    DaysBody,
    LendingFiguresOut,
    ReachOut,
    StepBody,
    TermsOut,
)

router = APIRouter(prefix="/api/v1/lending", tags=["lending"], responses=REFUSALS)
LOOK = [Depends(Key(Right.LEND, "library"))]
CHANGE = [Depends(Key(Right.LEND_CLOSE, "library"))]
WORK = [Depends(Key(Right.LEND, "library"))]
MEMBERS = [Depends(Key(Right.MEMBERS))]
REPORTS = [Depends(Key(Right.REPORTS))]
CodePath = Annotated[str, Path(pattern=CODE)]
NumberPath = Annotated[int, Path(ge=1, le=LARGEST)]
Parcel = Annotated[str, Path(pattern=r"^(LC|TS)-\d{4}-\d{6,10}$")]
Day = Annotated[date | None, Query()]


def worker(caller: Caller, viewer: Viewer) -> SignedIn:
    """Give who is at work: the person of a key, or the operator, who may everything."""
    if caller.person is not None:
        return caller.person
    grant = Grant(Role.FEDERATION_ADMIN)
    return SignedIn(Account(0, "operator", "operator", True, (grant,)), second=True, viewer=viewer)


@router.get("/libraries/{code}/terms", dependencies=LOOK, response_model=TermsOut)
async def lending_terms(code: CodePath, catalogue: CatalogueDep) -> Response:
    """Give a library's policy, agreements, closed days and do-not-route list."""
    return answer(TermsOut.build(await catalogue.terms.of(code)))


@router.put("/libraries/{code}/policy", dependencies=CHANGE, response_model=TermsOut)
async def set_lending_policy(
    code: CodePath, body: PolicyIn, catalogue: CatalogueDep, caller: CallerDep
) -> Response:
    """Write a library's policy. Its place among those asked last is for who keeps the members."""
    places_last = caller.may(Right.MEMBERS)
    await catalogue.terms.set_policy(code, body, caller.actor, places_last=places_last)
    return answer(TermsOut.build(await catalogue.terms.of(code)))


@router.get("/libraries/{code}/reach", dependencies=LOOK, response_model=ReachOut)
async def library_reach(code: CodePath, catalogue: CatalogueDep) -> Response:
    """Tell how a library is reached by those who ask it."""
    return answer(ReachOut.build(await catalogue.terms.reach(code)))


@router.put("/libraries/{code}/reach", dependencies=CHANGE, response_model=ReachOut)
async def set_library_reach(
    code: CodePath, body: ReachIn, catalogue: CatalogueDep, caller: CallerDep
) -> Response:
    """Say how a library is reached: at its desk here, or by letters. Its own system is a partner's agency."""
    return answer(ReachOut.build(await catalogue.terms.set_reach(code, body, caller.actor)))


@router.post("/libraries/{code}/closures", dependencies=CHANGE, response_model=TermsOut, status_code=201)
async def add_closure(code: CodePath, body: DaysBody, catalogue: CatalogueDep, caller: CallerDep) -> Response:
    """Close a library on some days, or say that it works on them."""
    closure = ClosureIn(library=code, **body.model_dump())
    await catalogue.terms.save(caller.actor, closure=closure)
    return answer(TermsOut.build(await catalogue.terms.of(code)), 201)


@router.delete("/libraries/{code}/closures/{number}", dependencies=CHANGE, status_code=204)
async def remove_closure(
    code: CodePath, number: NumberPath, catalogue: CatalogueDep, caller: CallerDep
) -> Response:
    """Take closed days back."""
    await catalogue.terms.reopen(code, number, caller.actor)
    return Response(status_code=204)


@router.post("/libraries/{code}/avoidances", dependencies=CHANGE, response_model=TermsOut, status_code=201)
async def add_avoidance(
    code: CodePath, body: AvoidBody, catalogue: CatalogueDep, caller: CallerDep, viewer: ViewerDep
) -> Response:
    """Add a library to the do-not-route list, with a reason."""
    avoid = AvoidanceIn(library=code, **body.model_dump())
    await catalogue.terms.save(caller.actor, avoid=avoid, viewer=viewer)
    return answer(TermsOut.build(await catalogue.terms.of(code)), 201)


@router.delete("/libraries/{code}/avoidances/{number}", dependencies=CHANGE, status_code=204)
async def end_avoidance(
    code: CodePath, number: NumberPath, catalogue: CatalogueDep, caller: CallerDep
) -> Response:
    """End a line of the do-not-route list."""
    await catalogue.terms.meet_again(code, number, caller.actor)
    return Response(status_code=204)


@router.get("/agreements", dependencies=MEMBERS, response_model=AgreementsOut)
async def agreements(catalogue: CatalogueDep, viewer: ViewerDep) -> Response:
    """List the agreements on lending."""
    found = await catalogue.terms.agreements(viewer)
    return answer(AgreementsOut(items=tuple(AgreementOut.build(one) for one in found)))


@router.put("/agreements", dependencies=MEMBERS, response_model=AgreementsOut)
async def save_agreement(
    body: AgreementIn, catalogue: CatalogueDep, viewer: ViewerDep, caller: CallerDep
) -> Response:
    """Add an agreement, or put its facts and parties right."""
    await catalogue.terms.save(caller.actor, agreement=body)
    found = await catalogue.terms.agreements(viewer)
    return answer(AgreementsOut(items=tuple(AgreementOut.build(one) for one in found)))


def period(first: date | None, last: date | None) -> tuple[date, date]:
    """Give the period asked for; this year without a word."""
    begin, end = this_year(datetime.now(UTC))
    return first or begin, last or end


@router.get("/figures", dependencies=REPORTS, response_model=LendingFiguresOut)
async def lending_figures(
    catalogue: CatalogueDep,
    viewer: ViewerDep,
    first: Day = None,
    last: Day = None,
    library: Annotated[str | None, Query(max_length=64)] = None,
    group: Annotated[str | None, Query(max_length=64)] = None,
    province: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """Give the figures of lending of all, or of a library, a group, a province."""
    wish = Wish(*period(first, last), library, group, province)
    return answer(LendingFiguresOut.build(await catalogue.terms.figures(viewer, wish)))


@router.get("/libraries/{code}/figures", dependencies=LOOK, response_model=LendingFiguresOut)
async def library_figures(
    code: CodePath, catalogue: CatalogueDep, viewer: ViewerDep, first: Day = None, last: Day = None
) -> Response:
    """Give a library's own figures of lending."""
    wish = Wish(*period(first, last), library=code)
    return answer(LendingFiguresOut.build(await catalogue.terms.figures(viewer, wish)))


@router.get("/libraries/{code}/consignments", dependencies=WORK, response_model=ConsignmentsOut)
async def consignments(code: CodePath, catalogue: CatalogueDep, viewer: ViewerDep) -> Response:
    """List what a library sends round, and what stops at it."""
    found = await catalogue.terms.consignments(viewer, [code])
    return answer(ConsignmentsOut(items=tuple(ConsignmentLineOut.of(one) for one in found)))


@router.post(
    "/libraries/{code}/consignments", dependencies=WORK, response_model=ConsignmentOut, status_code=201
)
async def pack_consignment(
    code: CodePath, body: ConsignmentBody, catalogue: CatalogueDep, viewer: ViewerDep, caller: CallerDep
) -> Response:
    """Pack a consignment: a rotation along its stops, or a gift."""
    plan = body.plan(await catalogue.terms.stop_names(viewer))
    number = await catalogue.terms.consign(code, plan, caller.actor, viewer)
    return answer(
        ConsignmentOut.build(await catalogue.terms.consignment(worker(caller, viewer), number)), 201
    )


@router.get("/libraries/{code}/consignments/{number}", dependencies=WORK, response_model=ConsignmentOut)
async def consignment(
    code: CodePath, number: Parcel, catalogue: CatalogueDep, viewer: ViewerDep, caller: CallerDep
) -> Response:
    """Give a consignment, with how its books stand and what may be done."""
    return answer(ConsignmentOut.build(await catalogue.terms.consignment(worker(caller, viewer), number)))


@router.post(
    "/libraries/{code}/consignments/{number}/steps", dependencies=WORK, response_model=ConsignmentOut
)
async def move_consignment(
    code: CodePath,
    number: Parcel,
    body: StepBody,
    catalogue: CatalogueDep,
    viewer: ViewerDep,
    caller: CallerDep,
) -> Response:
    """Send, receive with differences, send on, send back, take back, or give up."""
    differences = [Difference(**one.model_dump()) for one in body.differences]
    found = await catalogue.terms.move(worker(caller, viewer), number, body.step, differences, body.why)
    return answer(ConsignmentOut.build(found))
