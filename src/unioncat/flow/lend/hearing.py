"""Messages of the other side, from another system or from this very federation: one way for both.

What is answered by an error has changed nothing: the caller sees to that, and that each is taken in once.
"""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.lending import (
    Attempt,
    Facts,
    Outgoing,
    OutgoingKind,
    Request,
    RequesterState,
    Side,
    Step,
    SupplierState,
)
from unioncat.domain.lending_member import Party
from unioncat.domain.partner import Partner
from unioncat.flow import locate as rotas
from unioncat.flow.lend import requester, supplier
from unioncat.flow.lend.turn import RULE, Actor, Turn
from unioncat.flow.services import Services
from unioncat.lending import facts as loan_facts
from unioncat.lending import hearing
from unioncat.lending.hearing import Heard, Unclear
from unioncat.lending.iso18626.answer import Situation, confirm, fault
from unioncat.lending.iso18626.codes import Kind as IsoKind
from unioncat.lending.iso18626.codes import RequestType
from unioncat.lending.iso18626.model import (
    Confirmation,
    Fault,
    Message,
    RequestingMessage,
    RequestMessage,
    SupplyingMessage,
)
from unioncat.lending.machine import NotAllowed
from unioncat.lending.policy import avoided, offers, refuses
from unioncat.store import agreements, lending_events, lending_requests, lending_supplies, libraries
from unioncat.store.database import Connection

R, U = RequesterState, SupplierState
_ANSWERS = frozenset({Step.CANCELLED, Step.CANCEL_REFUSED, Step.RENEWED, Step.NOT_RENEWED, Step.NOTIFY})
"""What answers a question of ours: it counts even where a later status came before it."""
_STRAYS = frozenset({Step.LOANED, Step.OVERDUE, Step.RECALL})
_CLOSES_STRAY = frozenset({Step.CHECKED_IN, Step.SETTLED})


class Faulty(Exception):
    """A message that breaks a rule; nothing of it is kept but the log."""

    def __init__(self, found: Fault) -> None:
        super().__init__(found.value)
        self.fault = found


async def receive(
    services: Services,
    conn: Connection,
    message: Message,
    *,
    sender: Partner | None,
    now: datetime,
    message_id: str,
) -> Confirmation:
    """Carry a message out in the caller's transaction, and confirm it; none as sender is a library here.

    That it comes from who it says, and for the first time, must have been made sure of. Where the
    confirmation is an error, the caller takes back what was written.
    """
    turn = Turn(services, conn, now, Actor(f"partner:{_speaker(message)}"), many=True)
    try:
        await _take(turn, message, message_id)
        await turn.ledger.write(conn, now)
        await turn.queue_locating()
    except (Faulty, Unclear, NotAllowed) as wrong:
        return confirm(message, now, _fault(wrong, message))
    return confirm(message, now)


def _speaker(message: Message) -> str:
    head = message.header
    if isinstance(message, SupplyingMessage) and head.supplying_agency is not None:
        return head.supplying_agency.symbol
    return head.requesting_agency.symbol


def _fault(wrong: Exception, message: Message) -> Fault:
    if isinstance(wrong, Faulty):
        return wrong.fault
    if isinstance(wrong, Unclear):
        return fault(wrong.situation, *wrong.words)
    assert isinstance(wrong, NotAllowed)  # noqa: S101 — nothing else comes here
    if isinstance(message, RequestingMessage):
        return fault(Situation.UNSUPPORTED_ACTION, message.action, wrong.state)
    if isinstance(message, SupplyingMessage):
        return fault(Situation.STATUS_NOT_ALLOWED, message.status, wrong.state)
    return fault(Situation.RETRY_IMPOSSIBLE)


async def _take(turn: Turn, message: Message, number: str) -> None:
    if isinstance(message, RequestMessage):
        await _asked(turn, message, number)
    elif isinstance(message, RequestingMessage):
        await _requester_says(turn, message, number)
    else:
        await _supplier_says(turn, message, number)


# a request


async def _asked(turn: Turn, message: RequestMessage, number: str) -> None:
    head = message.header
    asked = head.supplying_agency
    await turn.meet(head.requesting_agency.symbol, *([asked.symbol] if asked else []))
    asks = await turn.party(head.requesting_agency.symbol)
    if asks is None:
        raise Faulty(fault(Situation.UNKNOWN_REQUESTER, head.requesting_agency.value))
    gives = await turn.party(asked.symbol) if asked and await _may_know(turn, asks, asked.symbol) else None
    if gives is None or not gives.way.ours:
        raise Faulty(fault(Situation.UNKNOWN_SUPPLIER, asked.value if asked else ""))
    former = await _former(turn, message, asks, gives)
    attempt = await lending_supplies.by_protocol_id(
        turn.conn, asks.symbol, head.requesting_request_id, lock=True
    )
    if attempt is None:
        attempt = await _from_outside(turn, message, asks, gives, former)
    elif attempt.supplier_state is not None or attempt.supplier != gives.symbol:
        raise Faulty(fault(Situation.DUPLICATE_REQUEST, head.requesting_request_id))
    attempt = replace(
        attempt,
        supplier_state=U.RECEIVED,
        supplier_id=attempt.supplier_id or f"{head.requesting_request_id}"[:40],
    )
    attempt = await supplier.move(turn, attempt, Step.ARRIVE, message=number)
    await _by_rule(turn, attempt, asks, gives, message, former)


async def _may_know(turn: Turn, asks: Party, symbol: str) -> bool:
    """Tell whether a library may be known to who asks; one that may not is as if it were not there."""
    viewer = await rotas.viewer_of(turn.conn, asks.library) if asks.library else ANONYMOUS
    return (await turn.named(symbol)).audience in viewer.audiences


async def _former(turn: Turn, message: RequestMessage, asks: Party, gives: Party) -> Attempt | None:
    """Find the supply that a retry follows, and close it."""
    service = message.service
    if service is None or service.type is not RequestType.RETRY:
        return None
    previous = service.previous_request_id
    if not previous:
        raise Faulty(fault(Situation.MISSING_FOR, "requestingAgencyPreviousRequestId", RequestType.RETRY))
    former = await lending_supplies.by_protocol_id(turn.conn, asks.symbol, previous, lock=True)
    if former is None or former.supplier != gives.symbol or former.supplier_state is None:
        raise Faulty(fault(Situation.PREVIOUS_UNKNOWN, previous))
    try:
        await supplier.move(turn, former, Step.SUPERSEDE, message="retry")
    except NotAllowed:
        raise Faulty(fault(Situation.RETRY_IMPOSSIBLE)) from None
    return former


async def _from_outside(
    turn: Turn, message: RequestMessage, asks: Party, gives: Party, former: Attempt | None
) -> Attempt:
    wanted, service, level, cost = hearing.asked(message)
    info = message.service
    attempt = Attempt(
        id=uuid4(),
        protocol_id=message.header.requesting_request_id,
        requester=asks.symbol,
        supplier=gives.symbol,
        wanted=wanted,
        service=service,
        level=level,
        needed_by=info.need_before.date() if info and info.need_before else None,
        max_cost=cost,
        requester_note=(info.note or "") if info else "",
        retry_of=former.id if former else None,
        created=turn.now,
    )
    await lending_supplies.add(turn.conn, attempt, asks.library_id, gives.library_id)
    return attempt


async def _by_rule(
    turn: Turn, attempt: Attempt, asks: Party, gives: Party, message: RequestMessage, former: Attempt | None
) -> None:
    """Answer at once what the library's policy has decided."""
    turn = replace(turn, actor=RULE)
    code = gives.library or ""
    policy = await turn.policy(code)
    day = turn.now.date()
    refused = not offers(policy, attempt.service)
    if asks.library:
        lists = await agreements.avoidances(turn.conn, code, day)
        refused = refused or avoided(lists, asks.library, code, day) is not None
        viewer = await rotas.viewer_of(turn.conn, asks.library)
        library = await libraries.library(turn.conn, viewer, asks.library)
        refused = refused or (library is not None and refuses(policy, library))
    elif policy.restricted_to is not None:
        refused = True
    if refused:
        await supplier.move(turn, attempt, Step.UNFILLED, Facts(reason="PolicyProblem"))
        return
    if former is not None and message.service is not None and message.service.loan_conditions:
        await supplier.move(turn, attempt, Step.ANSWER_WILL_SUPPLY, await _agreed(turn, former))


async def _agreed(turn: Turn, former: Attempt) -> Facts:
    """Give the conditions that the requester has accepted by asking again."""
    last = await lending_events.last_of(turn.conn, former.id, Side.SUPPLIER, (Step.CONDITIONS,))
    return replace(loan_facts.read(last.data), note="") if last else Facts()


# what the requester says


async def _requester_says(turn: Turn, message: RequestingMessage, number: str) -> None:
    head = message.header
    attempt = await lending_supplies.by_protocol_id(
        turn.conn, head.requesting_agency.symbol, head.requesting_request_id, lock=True
    )
    named = head.supplying_agency.symbol if head.supplying_agency else ""
    if attempt is None or attempt.supplier_state is None or attempt.supplier != named:
        raise Faulty(fault(Situation.UNKNOWN_REQUEST, head.requesting_request_id))
    heard = hearing.heard_requesting(message)
    for step, facts in heard.steps:
        attempt = await supplier.move(turn, attempt, step, facts, message=number)
        if step is Step.CANCEL and attempt.supplier_state is U.CANCEL_REQUESTED:
            attempt = await _agree(turn, attempt)
    await supplier.hear_note(turn, attempt, heard.note, turn.actor.name)


async def _agree(turn: Turn, attempt: Attempt) -> Attempt:
    """Agree to a cancel at once where nothing has been done yet; else staff decide."""
    if attempt.supplier_saved not in (U.RECEIVED, U.CONDITION_SENT):
        return attempt
    return await supplier.move(replace(turn, actor=RULE), attempt, Step.CANCELLED)


# what the supplier says


async def _supplier_says(turn: Turn, message: SupplyingMessage, number: str) -> None:
    head = message.header
    about = (turn.conn, head.requesting_agency.symbol, head.requesting_request_id)
    request = await lending_requests.of_supply(*about)
    attempt = await lending_supplies.by_protocol_id(*about, lock=True) if request is not None else None
    named = head.supplying_agency.symbol if head.supplying_agency else ""
    if attempt is not None:
        await turn.meet(attempt.requester, attempt.supplier, named)
    if (
        request is None
        or attempt is None
        or (attempt.supplier != named and not await _behind(turn, attempt, named))
    ):
        raise Faulty(fault(Situation.UNKNOWN_REQUEST, head.requesting_request_id))
    if head.supplying_request_id and not attempt.supplier_id:
        attempt = replace(attempt, supplier_id=head.supplying_request_id)
        turn.ledger.views.append((attempt, None))
    heard = hearing.heard_supplying(message)
    await requester.hear_note(turn, request.id, heard.note, turn.actor.name)
    paid = request.state is R.COMPLETED_WITHOUT_RETURN and attempt.number == request.attempt
    if attempt.open or paid:
        await _present(turn, request, attempt, heard, number)
    else:
        await _past(turn, request, attempt, heard, number)


async def _behind(turn: Turn, attempt: Attempt, named: str) -> bool:
    """Tell whether an agency is of the same partner system as the one that was asked."""
    asked, speaks = await turn.party(attempt.supplier), await turn.party(named)
    return (
        asked is not None
        and speaks is not None
        and asked.partner is not None
        and asked.partner == speaks.partner
    )


async def _present(turn: Turn, request: Request, attempt: Attempt, heard: Heard, number: str) -> None:
    """Apply what the present supplier says; what is older than what it said last is only kept."""
    stale = _older(heard.changed, attempt.status_at)
    for step, facts in heard.steps:
        behind = stale and step not in _ANSWERS
        if behind or (stale and step is Step.RENEWED):
            facts = replace(facts, due=None)
        if behind:
            request = await requester.late(
                turn, request, step, facts, attempt=attempt, message=number, status=heard.status
            )
            continue
        offer = facts if step in (Step.CONDITIONS, Step.RETRY_OFFERED) else attempt.offer
        theirs = loan_facts.loan_after(attempt.loan, step, facts)
        if step in (Step.LOANED, Step.COPY_SENT) and theirs.shipped is None:
            theirs = replace(theirs, shipped=turn.now)
        if attempt.supplier_state is None:
            attempt = replace(attempt, loan=theirs, reason=facts.reason or attempt.reason)
        if step is not Step.NOTIFY:
            attempt = replace(
                attempt,
                offer=offer,
                status_seen=attempt.status_seen if stale else heard.status or attempt.status_seen,
                status_at=attempt.status_at if stale else heard.changed,
            )
            turn.ledger.views.append((attempt, turn.now))
        request = await requester.move(
            turn, request, step, facts, attempt=attempt, message=number, status=heard.status
        )
        if not requester.keeps_attempt(request.state):
            break


def _older(said: datetime | None, known: datetime | None) -> bool:
    return said is not None and known is not None and said < known


async def _past(turn: Turn, request: Request, attempt: Attempt, heard: Heard, number: str) -> None:
    """Keep what a former supplier says: it moves nothing, but a thing that comes must go back."""
    for step, facts in heard.steps:
        if step is Step.NOTIFY:
            continue
        request = await requester.late(
            turn, request, step, facts, attempt=attempt, message=number, status=heard.status
        )
        stray = attempt.stray
        newer = not _older(heard.changed, attempt.status_at)
        if (
            step in _STRAYS
            and newer
            and attempt.status_seen not in ("LoanCompleted", "CompletedWithoutReturn")
        ):
            stray = request.state is not R.CLOSED_MANUALLY
        if step in _CLOSES_STRAY:
            stray = False
        attempt = replace(attempt, stray=stray)
        if newer:
            attempt = replace(attempt, status_seen=heard.status, status_at=heard.changed)
        turn.ledger.views.append((attempt, None))


async def undeliverable(services: Services, conn: Connection, out: Outgoing, why: str, now: datetime) -> None:
    """Hear that a message could not be brought, or was answered by an error: the next library is asked.

    Only a request that nobody took moves anything; of all else the desk is told by an unread note.
    """
    if out.supply is None or out.kind is not OutgoingKind.MESSAGE:
        return
    turn = Turn(services, conn, now, RULE)
    found = await lending_supplies.read(conn, out.supply)
    if out.request is None or found.request is None:
        await supplier.hear_note(turn, found, why, RULE.name)
        return
    request = await requester.locked(turn, found.request)
    attempt = await lending_supplies.read(conn, out.supply, lock=True)
    await requester.hear_note(turn, request.id, why, RULE.name)
    if out.body.get("kind") == IsoKind.REQUEST and attempt.open and request.state is R.SENT:
        await requester.move(turn, request, Step.SEND_FAILED, Facts(note=why), attempt=attempt)
        await turn.queue_locating()
