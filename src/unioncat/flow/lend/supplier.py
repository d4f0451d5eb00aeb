"""The supplying library's side, where it is kept here: a step moves the supply and tells the requester."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from unioncat.domain.lending import Attempt, Event, Facts, Kind, Note, Outgoing, Side, Step, SupplierState
from unioncat.domain.lending_member import Way
from unioncat.flow.lend.turn import Turn, letter
from unioncat.lending import exchange
from unioncat.lending import facts as loan_facts
from unioncat.lending.deadlines import deadline
from unioncat.lending.machine import Standing, apply
from unioncat.lending.states import ended
from unioncat.store import lending_events
from unioncat.store.lending_supplies import Served

U = SupplierState
ANSWERS = frozenset(
    {
        *(Step.ANSWER_EXPECTED, Step.ANSWER_WILL_SUPPLY, Step.CONDITIONS, Step.RETRY_OFFERED),
        *(Step.UNFILLED, Step.LOANED, Step.COPY_SENT),
    }
)
"""Steps that answer the request; the first one is counted in the reply record."""
TOLD: Mapping[Step, str] = {
    Step.ARRIVE: "asked",
    Step.ANSWER_WILL_SUPPLY: "send",
    Step.ACCEPT_CONDITIONS: "send",
    Step.CANCEL: "cancel",
    Step.CANCELLED: "cancelled",
    Step.RENEW: "renew",
    Step.RECEIVED: "received",
    Step.SHIP_BACK: "returned",
    Step.LOST: "lost",
    Step.OVERDUE: "overdue",
    Step.NOTIFY: "news",
}
"""Steps of which a library without a desk here is told by letter, with links for what it can do then."""
_OWN_TOLD = frozenset({Step.ANSWER_WILL_SUPPLY, Step.CANCELLED, Step.OVERDUE})
"""Of these it is told although it, or the clock in its stead, did them."""


async def move(
    turn: Turn,
    attempt: Attempt,
    step: Step,
    facts: Facts | None = None,
    *,
    message: str | None = None,
    why: str = "",
    more: Mapping[str, str] | None = None,
) -> Attempt:
    """Do a step of the supplier, or hear one of the requester. Raises `NotAllowed`."""
    facts = facts or Facts()
    before = attempt.supplier_state or U.RECEIVED
    standing = Standing(before, attempt.supplier_flags, attempt.supplier_saved)
    outcome = apply(Side.SUPPLIER, standing, step, heard=message is not None)
    state = SupplierState(outcome.state)
    moved = state is not before
    loan = loan_facts.loan_after(attempt.loan, step, facts) if outcome.applied else attempt.loan
    if step in (Step.LOANED, Step.COPY_SENT) and loan.shipped is None:
        loan = replace(loan, shipped=turn.now)
    after = replace(
        attempt,
        supplier_state=state,
        supplier_flags=outcome.flags,
        supplier_saved=SupplierState(outcome.standing.saved) if outcome.standing.saved else None,
        loan=loan,
        version=attempt.version + 1,
        changed=turn.now if outcome.applied and (moved or message is None) else attempt.changed,
        reason=facts.reason or (str(step) if moved else attempt.reason),
    )
    if moved or step is Step.ARRIVE:
        after = replace(after, answer_due=await _answer_due(turn, after))
    event = Event(
        seq=after.version,
        at=turn.now,
        actor=turn.actor.name,
        side=Side.SUPPLIER,
        step=step if outcome.applied else Step.LATE,
        before=before,
        after=state,
        flags=after.supplier_flags,
        why=why,
        message=message,
        data={**loan_facts.plain(facts), **(more or {}), **({} if outcome.applied else {"step": str(step)})},
        sent=outcome.sends,
    )
    outgoing = []
    for kind in outcome.sends:
        written = exchange.supplying(
            kind,
            await turn.heading(after),
            after,
            facts if message is None else Facts(),
            changed=after.changed or turn.now,
            before=before,
            offered=await _offered(turn, after, kind),
        )
        outgoing.append(turn.message(Side.SUPPLIER, after, event.seq, kind, written))
    if outcome.applied:
        outgoing += await _letters(turn, after, step, heard=message is not None)
    turn.ledger.note(after.id, event, outgoing, supply=after.id)
    answered = message is None and step in ANSWERS
    turn.ledger.supplies.append(Served(after, attempt.version, ended(state), answered))
    await turn.write()
    return after


async def _answer_due(turn: Turn, attempt: Attempt) -> datetime | None:
    supplier = await turn.party(attempt.supplier)
    library = supplier.library if supplier else None
    days = (await turn.member(library)).answer_days if library else 3
    return deadline(
        Side.SUPPLIER,
        attempt.supplier_state or U.RECEIVED,
        turn.now,
        await turn.works(library),
        level=attempt.level,
        answer_days=days,
    )


async def _offered(turn: Turn, attempt: Attempt, kind: Kind) -> Facts | None:
    """Give what was offered last, for whoever asks after it."""
    if kind is not Kind.STATUS or attempt.supplier_state not in (U.CONDITION_SENT, U.RETRY_SENT):
        return None
    steps = (Step.CONDITIONS, Step.RETRY_OFFERED)
    last = await lending_events.last_of(turn.conn, attempt.id, Side.SUPPLIER, steps)
    return loan_facts.read(last.data) if last else None


async def _letters(turn: Turn, attempt: Attempt, step: Step, *, heard: bool) -> list[Outgoing]:
    template = TOLD.get(step)
    if template is None or not (heard or step in _OWN_TOLD):
        return []
    supplier = await turn.party(attempt.supplier)
    if supplier is None or supplier.way is not Way.LETTER:
        return []
    return [letter("supplier", template, f"{attempt.id}:{attempt.version}", supply=attempt.id)]


async def hear_note(turn: Turn, attempt: Attempt, text: str, author: str) -> None:
    """Keep what the other library wrote, unread."""
    if text.strip():
        note = Note(0, Side.SUPPLIER, text, author, turn.now, private=False, incoming=True)
        await lending_events.add_note(turn.conn, note, supply=attempt.id)
