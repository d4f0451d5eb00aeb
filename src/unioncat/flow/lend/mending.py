"""Taking the last step back, where nothing has left the house.

That is an event of its own: what was done stays told, and the state is the fold without it.
"""

from dataclasses import replace

from unioncat.domain.lending import (
    Attempt,
    Event,
    Request,
    RequesterState,
    Side,
    Step,
    SupplierState,
)
from unioncat.flow.lend.turn import Turn
from unioncat.lending import facts as loan_facts
from unioncat.lending.deadlines import deadline
from unioncat.lending.machine import fold, undoable
from unioncat.lending.states import ended
from unioncat.store import lending_events
from unioncat.store.errors import Conflict
from unioncat.store.lending_supplies import Served


async def undo_request(turn: Turn, request: Request, why: str) -> Request:
    """Take the last step of the requester back. Raises `Conflict` where something has left the house."""
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


async def undo_supply(turn: Turn, attempt: Attempt, why: str) -> Attempt:
    """Take the last step of the supplier back. Raises `Conflict` where something has left the house."""
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
