"""Joining by JSON, for operators: registrations, many members at once, libraries to be won, reports."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from unioncat.domain.onboarding import Expected
from unioncat.domain.registration import RegistrationState
from unioncat.flow.approval import Proposal
from unioncat.flow.register import CODE
from unioncat_api.deps import CallerDep, CatalogueDep, DirectoriesDep, ViewerDep
from unioncat_api.problems import ProblemError
from unioncat_api.rights import Key, Right, base_url
from unioncat_api.routes.operate import REFUSALS
from unioncat_api.routes.sources import standing
from unioncat_api.schemas.bodies import LARGEST
from unioncat_api.schemas.common import answer
from unioncat_api.schemas.onboarding import (
    ApproveBody,
    CheckedOut,
    ExpectedBody,
    FederationOut,
    GoalBody,
    InvitationOut,
    LetterBody,
    LinesBody,
    MemberReportOut,
    ProposalOut,
    RegistrationOut,
    RegistrationsOut,
    ScheduleBody,
    TrackerOut,
)
from unioncat_api.schemas.source import SourceOut

router = APIRouter(prefix="/api/v1", tags=["operators"], responses=REFUSALS)
REGISTRATIONS = [Depends(Key(Right.REGISTRATIONS))]
MEMBERS = [Depends(Key(Right.MEMBERS))]
Number = Annotated[int, Path(ge=1, le=LARGEST)]
CodePath = Annotated[str, Path(pattern=CODE)]


@router.get("/registrations", dependencies=REGISTRATIONS, response_model=RegistrationsOut)
async def registrations(
    catalogue: CatalogueDep,
    state: Annotated[RegistrationState, Query()] = RegistrationState.WAITING,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """List the libraries that ask to join."""
    found = await catalogue.onboarding.listed((state,), limit)
    return answer(RegistrationsOut(items=tuple(RegistrationOut.build(one) for one in found)))


@router.get("/registrations/{number}", dependencies=REGISTRATIONS, response_model=RegistrationOut)
async def registration(number: Number, catalogue: CatalogueDep) -> Response:
    """Give one registration with what a look at its catalogue found."""
    return answer(RegistrationOut.build((await catalogue.onboarding.read(number)).registration))


@router.get("/registrations/{number}/proposal", dependencies=REGISTRATIONS, response_model=ProposalOut)
async def registration_proposal(number: Number, catalogue: CatalogueDep) -> Response:
    """Say what approval would make: library, source and branches."""
    return answer(ProposalOut.build(await catalogue.onboarding.propose(number)))


@router.post("/registrations/{number}/approve", dependencies=REGISTRATIONS, response_model=RegistrationOut)
async def approve_registration(
    number: Number, body: ApproveBody, catalogue: CatalogueDep, names: DirectoriesDep, caller: CallerDep
) -> Response:
    """Make library, branches and source, and ask for the first harvest."""
    wanted = Proposal(body.library, body.source, tuple(body.branches.items()))
    done = await catalogue.onboarding.approve(number, wanted, by=caller.signs(body.by))
    names.forget()
    return answer(RegistrationOut.build(done))


@router.post("/registrations/{number}/ask", dependencies=REGISTRATIONS, response_model=RegistrationOut)
async def ask_registration(
    number: Number, body: LetterBody, catalogue: CatalogueDep, caller: CallerDep
) -> Response:
    """Ask the applicant something."""
    return answer(
        RegistrationOut.build(
            await catalogue.onboarding.ask_back(number, body.text, by=caller.signs(body.by))
        )
    )


@router.post("/registrations/{number}/refuse", dependencies=REGISTRATIONS, response_model=RegistrationOut)
async def refuse_registration(
    number: Number, body: LetterBody, catalogue: CatalogueDep, caller: CallerDep
) -> Response:
    """Refuse a registration with a reason that the applicant reads."""
    return answer(
        RegistrationOut.build(await catalogue.onboarding.refuse(number, body.text, by=caller.signs(body.by)))
    )


@router.post("/members/import", dependencies=MEMBERS, response_model=CheckedOut)
async def import_members(body: LinesBody, catalogue: CatalogueDep, names: DirectoriesDep) -> Response:
    """Check many libraries and register them, all or nothing; with faults nothing is registered."""
    checked = await catalogue.onboarding.check_lines(body.numbered())
    registered = not checked.faulty and not body.dry_run
    if registered:
        checked = await catalogue.onboarding.apply_lines(body.numbered())
        names.forget()
    return answer(CheckedOut.build(checked, registered=registered))


@router.get("/onboarding", dependencies=MEMBERS, response_model=TrackerOut)
async def onboarding(catalogue: CatalogueDep) -> Response:
    """Tell how far every library has come, and how the groups stand to their goals."""
    return answer(TrackerOut.build(await catalogue.onboarding.tracker()))


@router.put("/onboarding/expected/{code}", dependencies=MEMBERS, status_code=204)
async def expect_library(code: CodePath, body: ExpectedBody, catalogue: CatalogueDep) -> Response:
    """Put a library on the list of those to be won, or its facts right."""
    if body.code != code:
        raise ProblemError("conflict", f"The address names {code!r}, the body {body.code!r}.")
    await catalogue.onboarding.expect_one(Expected(**body.model_dump()))
    return Response(status_code=204)


@router.delete("/onboarding/expected/{code}", dependencies=MEMBERS, status_code=204)
async def strike_library(code: CodePath, catalogue: CatalogueDep) -> Response:
    """Take a library off the list."""
    await catalogue.onboarding.strike(code)
    return Response(status_code=204)


@router.post(
    "/onboarding/expected/{code}/invite", dependencies=MEMBERS, response_model=InvitationOut, status_code=201
)
async def invite_library(
    code: CodePath, catalogue: CatalogueDep, base: Annotated[str, Depends(base_url)]
) -> Response:
    """Invite a library of the list; an older invitation opens nothing any more."""
    secret = await catalogue.onboarding.invite(code)
    return answer(InvitationOut(code=code, link=f"{base}/join?invite={secret}"), 201)


@router.post("/onboarding/goals", dependencies=MEMBERS, status_code=204)
async def set_goal(body: GoalBody, catalogue: CatalogueDep) -> Response:
    """Set how many libraries shall be live by a day."""
    if body.due < date(2000, 1, 1):
        raise ProblemError("invalid-parameter", "The day lies before the year 2000.")
    await catalogue.onboarding.set_goal(body.group, body.due, body.count)
    return Response(status_code=204)


@router.get(
    "/libraries/{code}/quality",
    dependencies=[Depends(Key(Right.REPORTS, "library"))],
    response_model=MemberReportOut,
)
async def library_quality(code: CodePath, catalogue: CatalogueDep, viewer: ViewerDep) -> Response:
    """Give the report on a member's records, as it was made after its latest harvest."""
    return answer(MemberReportOut.build(await catalogue.onboarding.report(viewer, code)))


@router.put(
    "/sources/{code}/schedule",
    dependencies=[Depends(Key(Right.HARVESTS, "source"))],
    response_model=SourceOut,
)
async def schedule_source(
    code: CodePath, body: ScheduleBody, catalogue: CatalogueDep, viewer: ViewerDep
) -> Response:
    """Say how often and in which hours a source is harvested."""
    await standing(catalogue, viewer, code)
    await catalogue.set_schedule(code, body.every_minutes, body.read_hours())
    return answer(SourceOut.standing(await standing(catalogue, viewer, code), private=True))


@router.get("/federation", dependencies=[Depends(Key(Right.REPORTS))], response_model=FederationOut)
async def federation(catalogue: CatalogueDep, viewer: ViewerDep) -> Response:
    """Tell how the harvests stand, and what needs a person."""
    return answer(FederationOut.build(await catalogue.onboarding.federation(viewer, private=True)))
