"""A step of a person, the clock or a link on a request or a supply: one transaction, then whom to ask next.

Who may do it is asked here, whatever the page or the interface has asked before.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from unioncat.domain.lending import (
    Attempt,
    Event,
    Facts,
    Note,
    ReaderRef,
    Request,
    RequesterState,
    Side,
    Step,
    SupplierState,
)
from unioncat.domain.people import Right
from unioncat.flow.lend import asking, locating, requester, supplier
from unioncat.flow.lend.turn import CLOCK, Actor, Forbidden, Turn
from unioncat.flow.services import Services
from unioncat.lending import facts as loan_facts
from unioncat.lending.asking import Asking
from unioncat.lending.calendar import due_after
from unioncat.lending.deadlines import deadline
from unioncat.lending.machine import NotAllowed, Standing, allowed, fold, undoable
from unioncat.lending.states import ended
from unioncat.lending.tables import By
from unioncat.store import lending_events, lending_requests, lending_supplies
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.lending_supplies import Served

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
        await _may(turn, request, what)
        _fresh(request.version, version)
        if what is Step.UNDO:
            after: Request = await _undo_request(turn, request, why)
        else:
            after = await act(turn, request, what, facts, why)
        await turn.done(f"lending.{what}", request.number, library=request.home, **_detail(why, after.state))
    return await asking.located(services, turn, after)


def _detail(why: str, state: str) -> dict[str, str]:
    return {"state": state, "why": why} if why else {"state": state}


def _fresh(is_now: int, seen: int | None) -> None:
    if seen is not None and seen != is_now:
        raise Conflict("it has changed since you looked at it", "Look at it again, then decide.")


async def _may(turn: Turn, request: Request, what: Step) -> None:
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
            after = await _undo_supply(turn, attempt, why)
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


# taking back, and asking again


async def _undo_request(turn: Turn, request: Request, why: str) -> Request:
    events = await lending_events.of(turn.conn, request.id, Side.REQUESTER)
    last = await _taken_back(turn, events)
    path = [*events, _undoing(turn, Side.REQUESTER, last, request.version + 1, why)]
    standing = fold(Side.REQUESTER, path)
    state = RequesterState(standing.state)
    days = (await turn.member(request.home)).answer_days
    after = replace(
        request,
        state=state,
        flags=standing.flags,
        saved=RequesterState(standing.saved) if standing.saved else None,
        loan=loan_facts.fold_loan(path),
        version=request.version + 1,
        changed=turn.now,
        closed=request.closed if ended(state) else None,
        reason="",
        answer_due=deadline(
            Side.REQUESTER,
            state,
            turn.now,
            await turn.works(request.home),
            level=request.level,
            answer_days=days,
        ),
    )
    event = replace(path[-1], after=after.state, flags=after.flags)
    turn.ledger.note(request.id, event, [], request=request.id)
    turn.ledger.requests.append((after, request.version))
    await turn.write()
    return after


async def _undo_supply(turn: Turn, attempt: Attempt, why: str) -> Attempt:
    events = await lending_events.of(turn.conn, attempt.id, Side.SUPPLIER)
    last = await _taken_back(turn, events)
    path = [*events, _undoing(turn, Side.SUPPLIER, last, attempt.version + 1, why)]
    standing = fold(Side.SUPPLIER, path)
    state = SupplierState(standing.state)
    party = await turn.known(attempt.supplier)
    after = replace(
        attempt,
        supplier_state=state,
        supplier_flags=standing.flags,
        supplier_saved=SupplierState(standing.saved) if standing.saved else None,
        loan=loan_facts.fold_loan(path),
        version=attempt.version + 1,
        reason="",
        answer_due=deadline(
            Side.SUPPLIER, state, turn.now, await turn.works(party.library), level=attempt.level
        ),
    )
    event = replace(path[-1], after=state, flags=standing.flags)
    turn.ledger.note(attempt.id, event, [], supply=attempt.id)
    turn.ledger.supplies.append(Served(after, attempt.version, ended(state)))
    await turn.write()
    return after


async def _taken_back(turn: Turn, events: list[Event]) -> Event:
    """Find the step that can be taken back, and call back what it put out. Raises `Conflict`."""
    last = undoable(events)
    if last is None or not await lending_events.withdraw(turn.conn, last.id):
        raise Conflict(
            "the last step cannot be taken back: something has left the house", "Do the step that mends it."
        )
    return last


def _undoing(turn: Turn, side: Side, last: Event, seq: int, why: str) -> Event:
    return Event(
        seq=seq,
        at=turn.now,
        actor=turn.actor.name,
        side=side,
        step=Step.UNDO,
        before=last.after,
        after=last.before,
        why=why,
        data={"undone": last.seq},
    )


async def again(
    services: Services, actor: Actor, subject: UUID, now: datetime, asked: Asking | None = None
) -> Request:
    """Place a request again, changed or as it was; the old one is superseded, and each names the other.

    Raises `Forbidden`, `Unknown`, `NotAllowed`.
    """
    async with services.db.as_service() as conn:
        turn = Turn(services, conn, now, actor)
        old = await lending_requests.read(conn, subject, lock=True)
        await _may(turn, old, Step.CANCEL if actor.reader is not None else Step.SUPERSEDE)
        who = await lending_requests.reader(conn, old.id)
        asked = asked or Asking(
            old.wanted,
            old.service,
            old.level,
            old.edition_wish,
            old.pick_up,
            old.needed_by if old.needed_by and old.needed_by >= now.date() else None,
            old.max_cost,
            old.reader_note,
        )
        if asked.reader == ReaderRef() and who is not None:
            asked = replace(asked, reader=who)
        attempt = await lending_supplies.current(conn, old.id, lock=True)
        gone = await requester.move(turn, old, Step.SUPERSEDE, attempt=attempt)
        request = await asking.new(turn, old.home, asked, origin=old.origin, previous=old.id, again=True)
        await lending_requests.link(conn, gone.id, request.id)
        await turn.done("lending.asked-again", request.number, library=old.home, former=old.number)
    return await asking.located(services, turn, request)


async def note(services: Services, actor: Actor, side: Side, subject: UUID, text: str, now: datetime) -> None:
    """Keep a private note of one side. Raises `Forbidden`, `Unknown`, `Conflict`."""
    if not text.strip():
        raise Conflict("the note is empty", "Write something.")
    async with services.db.as_service() as conn:
        turn = Turn(services, conn, now, actor)
        kept = Note(0, side, text.strip()[:4000], actor.name, now, private=True)
        if side is Side.REQUESTER:
            request = await lending_requests.read(conn, subject)
            actor.must(Right.LEND, request.home)
            await lending_events.add_note(conn, kept, request=subject)
        else:
            attempt = await lending_supplies.read(conn, subject)
            party = await turn.known(attempt.supplier)
            actor.must(Right.LEND, party.library)
            await lending_events.add_note(conn, kept, supply=subject)


async def reader_of(services: Services, actor: Actor, subject: UUID, now: datetime) -> ReaderRef | None:
    """Show who a request is for, to staff of its home library; every look is logged. Raises `Forbidden`."""
    async with services.db.as_service() as conn:
        turn = Turn(services, conn, now, actor)
        request = await lending_requests.read(conn, subject)
        if actor.reader is None:
            actor.must(Right.LEND, request.home)
        who = await lending_requests.reader(conn, subject)
        if actor.reader is not None and (who is None or who.account != actor.reader):
            raise Unknown("there is no such request", "Look at the list of your requests.")
        if who is not None and actor.reader is None:
            await turn.done("lending.reader-seen", request.number, library=request.home)
        return who
