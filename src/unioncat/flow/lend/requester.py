"""The requesting library's side: a step moves the request, is kept as an event, and puts out what must go."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from unioncat.domain.audience import Viewer
from unioncat.domain.lending import (
    Attempt,
    Event,
    Facts,
    Flag,
    Kind,
    Money,
    Note,
    Outgoing,
    Request,
    RequesterState,
    Side,
    Step,
)
from unioncat.domain.lending_member import Party, Way
from unioncat.flow.lend.turn import Turn, letter
from unioncat.lending import exchange
from unioncat.lending import facts as loan_facts
from unioncat.lending.deadlines import deadline
from unioncat.lending.iso18626.model import (
    Address,
    ElectronicAddress,
    Message,
    PatronInfo,
    PhysicalAddress,
    RequestingAgencyInfo,
)
from unioncat.lending.machine import Standing, apply
from unioncat.lending.states import ended
from unioncat.store import lending_events, lending_requests, lending_supplies, libraries

R = RequesterState
_KEEPS_ATTEMPT = frozenset(
    {
        *(R.SENT, R.EXPECTED, R.WILL_SUPPLY, R.CONDITIONAL, R.RETRY_OFFERED, R.CANCEL_PENDING),
        *(R.SHIPPED, R.RECEIVED, R.ON_LOAN, R.RETURNED_BY_READER, R.RETURN_SHIPPED, R.LOST),
    }
)
"""States in which the request has a present attempt."""
TO_READER: Mapping[Step, str] = {
    Step.SUBMIT: "placed",
    Step.LOANED: "shipped",
    Step.RECEIVED: "arrived",
    Step.COPY_SENT: "copy",
    Step.CONDITIONS: "conditions",
    Step.RENEWED: "renewed",
    Step.NOT_RENEWED: "not_renewed",
    Step.OVERDUE: "overdue",
    Step.RECALL: "recalled",
    Step.REJECT: "rejected",
}
"""Steps of which the reader is told."""
AT_END: Mapping[R, str] = {
    R.UNFILLED: "unfilled",
    R.CANCELLED: "cancelled",
    R.COMPLETED_WITHOUT_RETURN: "ended",
    R.CLOSED_MANUALLY: "ended",
}
TO_HOME: Mapping[Step, str] = {
    Step.REVIEW: "review",
    Step.INVALID: "review",
    Step.OVER_LIMIT: "review",
    Step.DUPLICATE: "review",
    Step.CONDITIONS: "decide",
    Step.RETRY_OFFERED: "decide",
    Step.LOANED: "shipped",
    Step.COPY_SENT: "copy",
    Step.RENEWED: "renewed",
    Step.NOT_RENEWED: "not_renewed",
    Step.OVERDUE: "overdue",
    Step.RECALL: "recalled",
    Step.EXHAUST: "unfilled",
}
"""Steps of which a library that has no desk here is told by letter."""


async def move(
    turn: Turn,
    request: Request,
    step: Step,
    facts: Facts | None = None,
    *,
    attempt: Attempt | None = None,
    message: str | None = None,
    why: str = "",
    status: str = "",
    former: Attempt | None = None,
    more: Mapping[str, str] | None = None,
) -> Request:
    """Do a step of the requester. Raises `NotAllowed`.

    `attempt` is the one that the step is about; where a new one begins, `former` is the one that it follows.
    With `message` the supplier said it.
    """
    facts = facts or Facts()
    standing = Standing(request.state, request.flags, request.saved)
    outcome = apply(Side.REQUESTER, standing, step, heard=message is not None)
    if not outcome.applied:
        return await late(turn, request, step, facts, attempt=attempt, message=message or "", status=status)
    state = RequesterState(outcome.state)
    loan = loan_facts.loan_after(request.loan, step, facts)
    if step is Step.LOANED and loan.shipped is None:
        loan = replace(loan, shipped=turn.now)
    moved = state is not request.state
    after = replace(
        request,
        state=state,
        flags=outcome.flags,
        saved=RequesterState(outcome.standing.saved) if outcome.standing.saved else None,
        loan=loan,
        changed=turn.now,
        closed=(request.closed or turn.now) if ended(state) else None,
        version=request.version + 1,
        reason=facts.reason or (str(step) if moved else request.reason),
        attempt=request.attempt + (step in (Step.SEND, Step.ACCEPT_RETRY)),
    )
    if moved or step in (Step.CANCEL, Step.STATUS_REQUEST):
        after = replace(after, answer_due=await _answer_due(turn, after, attempt, facts))
    event = Event(
        seq=after.version,
        at=turn.now,
        actor=turn.actor.name,
        side=Side.REQUESTER,
        step=step,
        before=request.state,
        after=after.state,
        flags=after.flags,
        why=why,
        message=message,
        data={**loan_facts.plain(facts), **(more or {})},
        sent=outcome.sends,
    )
    outgoing = [
        turn.message(
            Side.REQUESTER,
            attempt,
            event.seq,
            kind,
            await _written(turn, after, attempt, kind, facts, former),
        )
        for kind in outcome.sends
        if attempt is not None
    ]
    if step is not Step.OVERDUE or Flag.OVERDUE not in request.flags:
        outgoing += await _letters(turn, after, step, event)
    turn.ledger.note(after.id, event, outgoing, request=after.id, supply=attempt.id if attempt else None)
    if attempt is not None and attempt.open and state not in _KEEPS_ATTEMPT:
        turn.ledger.views.append((replace(attempt, open=False), turn.now))
    turn.ledger.requests.append((after, request.version))
    await turn.write()
    if state is R.LOCATING and (moved or step is Step.LOCATE):
        turn.locate.append(after.id)
    return after


async def late(
    turn: Turn,
    request: Request,
    step: Step,
    facts: Facts,
    *,
    attempt: Attempt | None,
    message: str,
    status: str = "",
) -> Request:
    """Keep what came after its time; nothing else changes."""
    after = replace(request, version=request.version + 1)
    event = Event(
        seq=after.version,
        at=turn.now,
        actor=turn.actor.name,
        side=Side.REQUESTER,
        step=Step.LATE,
        before=request.state,
        after=request.state,
        flags=request.flags,
        message=message,
        data={**loan_facts.plain(facts), "step": str(step), "status": status},
    )
    turn.ledger.note(after.id, event, [], request=after.id, supply=attempt.id if attempt else None)
    turn.ledger.requests.append((after, request.version))
    await turn.write()
    return after


async def _answer_due(turn: Turn, request: Request, attempt: Attempt | None, facts: Facts) -> datetime | None:
    supplier = await turn.party(attempt.supplier) if attempt else None
    theirs = request.state in (R.SENT, R.EXPECTED, R.WILL_SUPPLY, R.CANCEL_PENDING)
    library = supplier.library if theirs and supplier else request.home
    days = (await turn.member(library)).answer_days if library else 3
    return deadline(
        Side.REQUESTER,
        request.state,
        turn.now,
        await turn.works(library),
        level=request.level,
        answer_days=days,
        facts=facts,
    )


async def _written(
    turn: Turn, request: Request, attempt: Attempt, kind: Kind, facts: Facts, former: Attempt | None
) -> Message:
    head = await turn.heading(attempt)
    if kind not in (Kind.REQUEST, Kind.RETRY_REQUEST):
        return exchange.requesting(kind, head, facts.note)
    home = await turn.library(request.home)
    pick_up = await turn.library(request.pick_up) if request.pick_up else home
    return exchange.request(
        attempt,
        head,
        wish=request.edition_wish,
        retry_of=former.protocol_id if former and kind is Kind.RETRY_REQUEST else None,
        offer=former.offer if former and kind is Kind.RETRY_REQUEST else None,
        requester=RequestingAgencyInfo(
            name=home.name,
            addresses=(Address(electronic=ElectronicAddress(home.email)),) if home.email else (),
        ),
        delivery=await _address(turn, pick_up),
        patron=await _patron(turn, request, attempt),
    )


async def _address(turn: Turn, place: Party) -> Address | None:
    """Give where things are sent to: the postal address of the place where the reader fetches them."""
    if place.library is None:
        return None
    viewer = Viewer(frozenset({(await libraries.owners(turn.conn))[place.library][1]}))
    library = await libraries.library(turn.conn, viewer, place.library)
    where = library.contact.address if library else None
    return Address(physical=PhysicalAddress(line1=place.name, line2=where)) if where else None


async def _patron(turn: Turn, request: Request, attempt: Attempt) -> PatronInfo | None:
    """Name the reader only to a library that has said that it must know."""
    supplier = await turn.party(attempt.supplier)
    if supplier is None or supplier.library is None:
        return None
    if not (await turn.member(supplier.library)).tells_reader:
        return None
    who = await lending_requests.reader(turn.conn, request.id)
    return PatronInfo(id=who.card or None, surname=who.name or None) if who else None


async def _letters(turn: Turn, request: Request, step: Step, event: Event) -> list[Outgoing]:
    """Write to the reader, and to a home library that has no desk here."""
    key = f"{request.id}:{event.seq}"
    moved = event.before != event.after
    found = []
    template = TO_READER.get(step)
    if template is None and moved:
        template = AT_END.get(request.state)
    again = step is Step.LOANED and not moved
    if template and not again:
        found.append(letter("reader", template, key, request=request.id))
    home = TO_HOME.get(step)
    if home and not again and (await turn.library(request.home)).way is Way.LETTER:
        found.append(letter("home", home, key, request=request.id))
    return found


async def begin_attempt(
    turn: Turn,
    request: Request,
    supplier: Party,
    *,
    retry_of: Attempt | None = None,
    wanted_edition: str = "",
) -> Attempt:
    """Begin to ask a library: an attempt with an id of its own, which nobody can guess."""
    home = await turn.library(request.home)
    # A note that a reader wrote may tell who the reader is: it stays here.
    note = "" if await lending_requests.reader(turn.conn, request.id) else request.reader_note
    number = request.attempt + 1
    wanted = replace(request.wanted, edition=wanted_edition) if wanted_edition else request.wanted
    attempt = Attempt(
        id=uuid4(),
        protocol_id=f"{request.number}-{number}-{uuid4().hex[:12]}",
        requester=home.symbol,
        supplier=supplier.symbol,
        wanted=wanted,
        service=request.service,
        level=request.level,
        request=request.id,
        number=number,
        needed_by=request.needed_by,
        max_cost=_highest(request, retry_of),
        requester_note=note,
        retry_of=retry_of.id if retry_of else None,
        created=turn.now,
    )
    await lending_supplies.add(turn.conn, attempt, home.library_id, supplier.library_id)
    return attempt


def _highest(request: Request, retry_of: Attempt | None) -> Money | None:
    """Who accepts a cost that is offered agrees to it."""
    if retry_of is not None and retry_of.offer is not None and retry_of.offer.cost is not None:
        return retry_of.offer.cost
    return request.max_cost


async def hear_note(turn: Turn, request: UUID, text: str, author: str) -> None:
    """Keep what the other library wrote, unread."""
    if text.strip():
        note = Note(0, Side.REQUESTER, text, author, turn.now, private=False, incoming=True)
        await lending_events.add_note(turn.conn, note, request=request)


async def locked(turn: Turn, number: UUID) -> Request:
    """Give a request that nobody else changes until the end. Raises `Unknown`."""
    return await lending_requests.read(turn.conn, number, lock=True)


def keeps_attempt(state: RequesterState) -> bool:
    """Tell whether a request in this state has a present attempt."""
    return state in _KEEPS_ATTEMPT
