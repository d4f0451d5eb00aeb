"""A step of a person, the clock or a link on a request or a supply: one transaction, then whom to ask next.

Who may do it is asked here, whatever the page or the interface has asked before.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from unioncat.domain.lending import (
    Attempt,
    Facts,
    Note,
    Request,
    RequesterState,
    Side,
    Step,
    SupplierState,
)
from unioncat.domain.people import Right
from unioncat.flow.lend import asking, locating, mending, requester, supplier
from unioncat.flow.lend.turn import CLOCK, Actor, Forbidden, Turn
from unioncat.flow.services import Services
from unioncat.lending.calendar import due_after
from unioncat.lending.iso18626.quirks import Quirk
from unioncat.lending.machine import NotAllowed, Standing, allowed
from unioncat.lending.states import ended
from unioncat.lending.tables import By
from unioncat.store import lending_events, lending_requests, lending_supplies, partners
from unioncat.store.errors import Conflict, Unknown

READER_STEPS = frozenset({Step.CANCEL, Step.RENEW, Step.ACCEPT_CONDITIONS, Step.REFUSE_CONDITIONS})
"""What a reader does with a request of his or her own; staff see to the rest."""
ENDED_STATUSES = frozenset(
    {"LoanCompleted", "CompletedWithoutReturn", "CopyCompleted", "Cancelled", "Unfilled"}
)
"""Statuses after which a former supplier expects nothing back."""
LINK_STEPS = frozenset(
    {
        *(
            Step.ANSWER_WILL_SUPPLY,
            Step.UNFILLED,
            Step.CONDITIONS,
            Step.LOANED,
            Step.COPY_SENT,
            Step.CHECKED_IN,
        ),
        *(Step.CANCELLED, Step.CANCEL_REFUSED, Step.RENEWED, Step.NOT_RENEWED, Step.ANSWER_EXPECTED),
        *(Step.RETRY_OFFERED, Step.NOTIFY, Step.RECALL, Step.LOST, Step.SETTLED),
        *(Step.APPROVE, Step.REJECT, Step.RECEIVED, Step.SHIP_BACK, Step.GIVE_BACK, Step.LEND_OUT),
        *(Step.ACCEPT_CONDITIONS, Step.REFUSE_CONDITIONS, Step.ACCEPT_RETRY, Step.REFUSE_RETRY, Step.RENEW),
    }
)
"""What can be done by a one-time link."""


async def step(
    services: Services,
    actor: Actor,
    side: Side,
    subject: UUID,
    what: Step,
    now: datetime,
    facts: Facts | None = None,
    *,
    why: str = "",
    version: int | None = None,
) -> Request | Attempt:
    """Do a step on a request (requester) or a supply (supplier), and give it as it is then.

    `version` is the one that the person saw. Raises `Forbidden`, `Unknown`, `NotAllowed`, `Conflict`.
    """
    facts = facts or Facts()
    if side is Side.SUPPLIER:
        return await _supplier(services, actor, subject, what, now, facts, why, version)
    async with services.db.as_service() as conn:
        turn = Turn(services, conn, now, actor)
        request = await lending_requests.read(conn, subject, lock=True)
        await may_touch(turn, request, what)
        _fresh(request.version, version)
        if what is Step.UNDO:
            after: Request = await mending.undo_request(turn, request, why)
        else:
            after = await act(turn, request, what, facts, why)
        await turn.done(f"lending.{what}", request.number, library=request.home, **_detail(why, after.state))
    return await asking.located(services, turn, after)


def _detail(why: str, state: str) -> dict[str, str]:
    return {"state": state, "why": why} if why else {"state": state}


def _fresh(is_now: int, seen: int | None) -> None:
    if seen is not None and seen != is_now:
        raise Conflict("it has changed since you looked at it", "Look at it again, then decide.")


async def may_touch(turn: Turn, request: Request, what: Step) -> None:
    """Let only those go on who may do a step on a request. Raises `Forbidden`, `Unknown`."""
    actor = turn.actor
    if actor.reader is not None:
        who = await lending_requests.reader(turn.conn, request.id)
        if who is None or who.account != actor.reader:
            raise Unknown("there is no such request", "Look at the list of your requests.")
        if what not in READER_STEPS:
            raise Forbidden
        return
    actor.must(Right.LEND_CLOSE if what is Step.CLOSE else Right.LEND, request.home)
    if actor.library is not None and what not in LINK_STEPS:
        raise Forbidden


async def act(
    turn: Turn, request: Request, what: Step, facts: Facts, why: str, *, attempt: Attempt | None = None
) -> Request:
    """Do a step of the requester with all that belongs to it; the present attempt is read where not given."""
    by = By.CLOCK if turn.actor is CLOCK else By.PERSON
    offered = (*allowed(Side.REQUESTER, request.state, request.flags, by=by), Step.STRAY_BACK)
    if what not in offered:
        standing = Standing(request.state, request.flags, request.saved)
        raise NotAllowed(Side.REQUESTER, standing, what, offered[:-1])
    if what in (Step.CLOSE, Step.REJECT) and not why.strip():
        raise Conflict("a reason is missing", "Say why.")
    if what is Step.SUPERSEDE:
        raise Conflict("a request is superseded by placing it again", "Place it again.")
    if what is Step.STRAY_BACK:
        return await _stray_back(turn, request, facts)
    if what is Step.SEND:
        if not facts.supplier:
            raise Conflict("no library is named", "Choose the library to ask.")
        return await locating.ask(turn, request, facts.supplier, why=why)
    attempt = attempt or await lending_supplies.current(turn.conn, request.id, lock=True)
    if what is Step.ACCEPT_RETRY:
        if attempt is None:
            raise Conflict("there is no offer", "Look at the request again.")
        return await locating.retry(turn, request, attempt, facts)
    if what is Step.ACCEPT_CONDITIONS and attempt is not None and await _by_retry(turn, attempt):
        return await locating.retry(turn, request, attempt, facts)
    if what is Step.APPROVE and await _needs_another(turn, request):
        return await requester.move(turn, request, Step.ENDORSE, facts, why=why)
    if what in (Step.NOTIFY, Step.SHIP_BACK) and attempt is None:
        attempt = next(reversed(await lending_supplies.of_request(turn.conn, request.id)), None)
        if attempt is None:
            raise Conflict("nobody has been asked yet", "Write a private note instead.")
    if what is Step.NOTIFY:
        await _said(turn, Side.REQUESTER, facts, request=request)
    after = await requester.move(turn, request, what, facts, attempt=attempt, why=why)
    if what is Step.RECHECK:
        after = await asking.checked(turn, after)
    if ended(after.state):
        await _free_others(turn, after)
    return after


async def _by_retry(turn: Turn, attempt: Attempt) -> bool:
    """Tell whether conditions are accepted by asking again: as version 2021 of the standard has it."""
    supplier = await turn.known(attempt.supplier)
    if supplier.partner is None or not supplier.version.startswith("2021"):
        return False
    partner = await partners.by_symbol(turn.conn, attempt.supplier)
    return partner is not None and Quirk.NOTE_MARKS not in partner.quirks


async def _needs_another(turn: Turn, request: Request) -> bool:
    """Tell whether this approval is the first of two; the same person cannot give both. Raises `Conflict`."""
    if request.state is not RequesterState.STAFF_REVIEW or turn.actor.automatic:
        return False
    if not (await turn.member(request.home)).two_approvals:
        return False
    events = await lending_events.of(turn.conn, request.id, Side.REQUESTER)
    for event in reversed(events):
        if event.step is Step.ENDORSE:
            if event.actor == turn.actor.name:
                raise Conflict("you have approved it already", "A second person must approve it too.")
            return False
        if event.before != event.after:
            break
    return True


async def _free_others(turn: Turn, request: Request) -> None:
    """Look again at what the reader could not ask for because there was too much at once."""
    who = await lending_requests.reader(turn.conn, request.id)
    for number in (await lending_requests.unlimited(turn.conn, request.home, who))[:1]:
        waiting = await lending_requests.read(turn.conn, number, lock=True)
        if waiting.state is RequesterState.OVER_LIMIT:
            waiting = await requester.move(turn, waiting, Step.RECHECK)
            await asking.checked(turn, waiting)


async def _stray_back(turn: Turn, request: Request, facts: Facts) -> Request:
    """Send back what came of an attempt that is no longer the present one."""
    former = [one for one in await lending_supplies.of_request(turn.conn, request.id) if not one.open]
    marked = [one for one in former if one.stray]
    strays = marked or [one for one in reversed(former) if one.status_seen not in ENDED_STATUSES]
    if not strays:
        raise Conflict("nothing can have come of a former attempt", "Look at the request again.")
    after = await requester.move(
        turn, request, Step.STRAY_BACK, facts, attempt=replace(strays[0], open=False)
    )
    await lending_supplies.save_requester(turn.conn, replace(strays[0], stray=False, open=False))
    return after


async def _said(
    turn: Turn, side: Side, facts: Facts, *, request: Request | None = None, attempt: Attempt | None = None
) -> None:
    if not facts.note.strip():
        raise Conflict("the message is empty", "Write something.")
    note = Note(0, side, facts.note, turn.actor.name, turn.now, private=False)
    await lending_events.add_note(
        turn.conn, note, request=request.id if request else None, supply=attempt.id if attempt else None
    )


# the supplier's desk


async def _supplier(
    services: Services,
    actor: Actor,
    subject: UUID,
    what: Step,
    now: datetime,
    facts: Facts,
    why: str,
    version: int | None,
) -> Attempt:
    async with services.db.as_service() as conn:
        turn = Turn(services, conn, now, actor)
        attempt = await lending_supplies.read(conn, subject, lock=True)
        party = await turn.party(attempt.supplier)
        if attempt.supplier_state is None or party is None:
            raise Unknown("there is no such supply", "Look it up by its number.")
        actor.must(Right.LEND_CLOSE if what is Step.CLOSE else Right.LEND, party.library)
        if actor.library is not None and what not in LINK_STEPS:
            raise Forbidden
        _fresh(attempt.version, version)
        if what is Step.UNDO:
            after = await mending.undo_supply(turn, attempt, why)
        else:
            after = await supply(turn, attempt, what, facts, why)
        await turn.done(
            f"lending.{what}",
            attempt.protocol_id,
            library=party.library or party.symbol,
            **_detail(why, after.supplier_state or ""),
        )
    await locating.wake(services)
    return after


async def supply(turn: Turn, attempt: Attempt, what: Step, facts: Facts, why: str) -> Attempt:
    """Do a step of the supplier with all that belongs to it."""
    state = attempt.supplier_state or SupplierState.RECEIVED
    by = By.CLOCK if turn.actor is CLOCK else By.PERSON
    offered = allowed(Side.SUPPLIER, state, attempt.supplier_flags, by=by)
    if what not in offered:
        standing = Standing(state, attempt.supplier_flags, attempt.supplier_saved)
        raise NotAllowed(Side.SUPPLIER, standing, what, offered)
    if what is Step.CLOSE and not why.strip():
        raise Conflict("a reason is missing", "Say why.")
    if what is Step.NOTIFY:
        await _said(turn, Side.SUPPLIER, facts, attempt=attempt)
    facts = await completed(turn, attempt, what, facts)
    if what is Step.CHECKED_IN and facts.damaged and Step.DAMAGED in offered:
        attempt = await supplier.move(turn, attempt, Step.DAMAGED, facts, why=why)
    return await supplier.move(turn, attempt, what, facts, why=why)


async def completed(turn: Turn, attempt: Attempt, what: Step, facts: Facts) -> Facts:
    """Fill in what the policy says where the person did not. Raises `Conflict` for what is missing."""
    party = await turn.known(attempt.supplier)
    code = party.library or ""
    if what is Step.LOANED:
        policy = await turn.policy(code)
        conditions = facts.conditions or policy.conditions
        if policy.reading_room_only and "LibraryUseOnly" not in conditions:
            conditions = (*conditions, "LibraryUseOnly")
        due = facts.due or due_after(turn.now, policy.loan_days, await turn.works(code))
        if due <= turn.now:
            raise Conflict("the due date has passed", "Give a later one.")
        return replace(facts, due=due, conditions=conditions, cost=facts.cost or policy.cost_loan)
    if what is Step.COPY_SENT:
        return replace(facts, cost=facts.cost or (await turn.policy(code)).cost_copy)
    if what is Step.RENEWED:
        policy = await turn.policy(code)
        begin = max(attempt.loan.due or turn.now, turn.now)
        return replace(facts, due=facts.due or due_after(begin, policy.renewal_days, await turn.works(code)))
    if what is Step.RECALL and facts.due is None:
        soon = due_after(turn.now, 7, await turn.works(code))
        return replace(facts, due=min(soon, attempt.loan.due or soon))
    if what is Step.UNFILLED:
        return replace(facts, reason=facts.reason or "NotAvailableForILL")
    if what is Step.CONDITIONS and not (facts.conditions or facts.cost or facts.note):
        raise Conflict("no condition is named", "Name a condition or a cost.")
    if what is Step.RETRY_OFFERED and not facts.reason:
        raise Conflict("it is not said what would have to be otherwise", "Choose a reason.")
    return facts
