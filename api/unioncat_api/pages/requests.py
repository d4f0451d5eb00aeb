"""A reader's own requests: the list, and for each where it is, what happens next, and what can be done."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat.domain.lending import Request as Asked
from unioncat.domain.lending import RequesterState, Step
from unioncat.store.errors import Conflict
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Directory
from unioncat_api.pages import forms
from unioncat_api.pages.asking import today
from unioncat_api.pages.entry import HEADERS
from unioncat_api.pages.render import page
from unioncat_api.pages.review import see_other
from unioncat_api.places import place_of, written_place
from unioncat_api.problems import ProblemError
from unioncat_api.rights import BorrowDep, BorrowForm
from unioncat_api.session import PageDirectoryDep, Person

router = APIRouter(include_in_schema=False)
R = RequesterState
WAY: dict[RequesterState, int] = {
    **dict.fromkeys((R.SENT, R.EXPECTED, R.CONDITIONAL, R.RETRY_OFFERED, R.CANCEL_PENDING), 0),
    R.WILL_SUPPLY: 1,
    R.SHIPPED: 2,
    **dict.fromkeys((R.RECEIVED, R.ON_LOAN, R.COPY_DELIVERED), 3),
    **dict.fromkeys((R.RETURNED_BY_READER, R.RETURN_SHIPPED, R.LOST), 4),
    **dict.fromkeys((R.COMPLETED, R.COMPLETED_WITHOUT_RETURN), 5),
}
"""How far along its way a request is: asked, found, coming, here, back; 5 is past all of them."""
BY = {R.RECEIVED: "by_fetch", R.ON_LOAN: "by_return", R.SHIPPED: "by_arrival"}
"""What is due next, where it is more than somebody's answer."""
SEEN = frozenset(Step) - {Step.LATE, Step.STATUS_REQUEST, Step.PASS, Step.LOCATE, Step.NOTIFY}
"""Steps that a reader is shown; the others are the libraries' own affair."""


@router.get("/requests")
async def mine(
    request: Request, catalogue: CatalogueDep, person: BorrowDep, names: PageDirectoryDep
) -> Response:
    """List what somebody has asked for."""
    after = place_of(request.query_params.get("after", ""))
    listed = await catalogue.lending.mine(person.at_work, after=after)
    return page(
        request,
        "requests.html",
        headers=HEADERS,
        person=person,
        names=names,
        lines=listed.lines,
        after=written_place(listed.after),
    )


def next_by(asked: Asked, now: datetime) -> tuple[str, datetime] | None:
    """Tell by when the next thing should be: a key of its words and the moment; none where nothing is due."""
    on = asked.loan.due if asked.state is R.ON_LOAN else asked.answer_due
    if asked.closed or on is None or on < now:
        return None
    return BY.get(asked.state, "by_when"), on


async def own_page(
    request: Request,
    catalogue: Catalogue,
    person: Person,
    names: Directory,
    number: UUID,
    *,
    slip: str = "",
    status: int = 200,
) -> Response:
    """Show one's own request."""
    own = await catalogue.lending.own(person.at_work, number)
    return page(
        request,
        "request_own.html",
        status=status,
        headers=HEADERS,
        person=person,
        names=names,
        own=own,
        asked=own.request,
        events=[one for one in own.events if one.step in SEEN],
        reached=WAY.get(own.request.state, -1),
        next_by=next_by(own.request, today()),
        slip=slip,
        done=request.query_params.get("done"),
    )


@router.get("/requests/{number}")
async def show_own(
    request: Request, number: UUID, catalogue: CatalogueDep, person: BorrowDep, names: PageDirectoryDep
) -> Response:
    """Show one's own request."""
    return await own_page(request, catalogue, person, names, number)


@router.post("/requests/{number}")
async def act(
    request: Request, number: UUID, catalogue: CatalogueDep, person: BorrowForm, names: PageDirectoryDep
) -> Response:
    """Cancel one's own request, or ask for a renewal."""
    form = await request.form()
    word = forms.text_of(form, "word", 20)
    steps = {"cancel": Step.CANCEL, "renew": Step.RENEW}
    if word not in steps:
        raise ProblemError("bad-request", "The form says not what to do.")
    try:
        await catalogue.lending.own_step(person.at_work, number, steps[word], forms.text_of(form, "why", 200))
    except Conflict as error:
        slip = f"{error}. {error.remedy}"
        return await own_page(request, catalogue, person, names, number, slip=slip, status=409)
    return see_other(f"/requests/{number}", done=word)
