"""What a step does: the tables applied to where a side stands, and a standing as the fold of its events.

`apply` is the only place where a state comes from; whoever writes an event writes what it gave.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from unioncat.domain.lending import Event, Flag, Kind, RequesterState, Side, State, Step, SupplierState
from unioncat.lending.states import TABLES
from unioncat.lending.tables import By, Effect, Row

UNASKED = frozenset({Step.STRAY_BACK})
"""Steps that depend on more than the state, and are offered apart."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one side stands: state, flags, and the state that a refused cancel goes back to."""

    state: State
    flags: frozenset[Flag] = frozenset()
    saved: State | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step leads to. `applied` is false for what came too late: it is kept, and changes nothing."""

    standing: Standing
    sends: tuple[Kind, ...] = ()
    applied: bool = True
    moved: bool = True

    @property
    def state(self) -> State:
        """The state after the step."""
        return self.standing.state

    @property
    def flags(self) -> frozenset[Flag]:
        """The flags after the step."""
        return self.standing.flags


class NotAllowed(Exception):
    """A step that the state does not have; names both and what there is instead."""

    def __init__(self, side: Side, standing: Standing, step: Step, offered: tuple[Step, ...]) -> None:
        can = ", ".join(offered) or "nothing"
        super().__init__(f"{step} is not possible for the {side} in state {standing.state}; possible: {can}")
        self.side, self.state, self.step, self.offered = side, standing.state, step, offered


def allowed(
    side: Side, state: State, flags: frozenset[Flag] = frozenset(), *, by: By = By.PERSON
) -> tuple[Step, ...]:
    """Name what somebody (or the clock, or a rule) may do now, in the table's order."""
    return tuple(
        row.step
        for row in TABLES[side].own.values()
        if row.state == state and by in row.by and row.step not in UNASKED and _fits(row, flags)
    )


def _fits(row: Row, flags: frozenset[Flag]) -> bool:
    return row.needs <= flags and not row.bars & flags


def apply(side: Side, standing: Standing, step: Step, *, heard: bool = False) -> Outcome:
    """Do a step, or hear one from the other side. Raises `NotAllowed`."""
    table = TABLES[side].heard if heard else TABLES[side].own
    row = table.get((standing.state, step))
    if row is None or row.effect is Effect.REFUSE or not (heard or _fits(row, standing.flags)):
        raise NotAllowed(side, standing, step, allowed(side, standing.state, standing.flags))
    if row.effect is Effect.LATE:
        return Outcome(standing, row.sends, applied=False, moved=False)
    if row.effect is Effect.UNDER:
        return _under(side, standing, step)
    flags = (standing.flags | row.sets) - row.clears
    if row.effect is Effect.STAY:
        return Outcome(replace(standing, flags=flags), row.sends, moved=False)
    if row.effect is Effect.BACK:
        if standing.saved is None:
            raise NotAllowed(side, standing, step, allowed(side, standing.state, standing.flags))
        return Outcome(Standing(standing.saved, flags), row.sends)
    assert row.to is not None  # noqa: S101 — a table without it does not load
    return Outcome(Standing(row.to, flags, standing.state if row.saves else None), row.sends)


def _under(side: Side, standing: Standing, step: Step) -> Outcome:
    """Move the state that was saved, as if nothing had been asked meanwhile."""
    if standing.saved is None:
        return Outcome(standing, applied=False, moved=False)
    below = apply(side, Standing(standing.saved, standing.flags), step, heard=True)
    if not below.applied:
        return Outcome(standing, applied=False, moved=False)
    return Outcome(Standing(standing.state, below.flags, below.state), moved=False)


def first(side: Side) -> Standing:
    """Where a side stands before its first event."""
    return Standing(RequesterState.DRAFT if side is Side.REQUESTER else SupplierState.RECEIVED)


def fold(side: Side, events: Sequence[Event], start: Standing | None = None) -> Standing:
    """Give where a side stands after its events, in their order; an undo takes back the step before it.

    Raises `NotAllowed` for events that no table could have given.
    """
    path = [start or first(side)]
    for event in events:
        if event.step is Step.UNDO:
            if len(path) > 1:
                path.pop()
        elif event.step is not Step.LATE:
            path.append(apply(side, path[-1], event.step, heard=event.message is not None).standing)
    return path[-1]


NOT_UNDONE = frozenset({Step.UNDO, Step.LATE, Step.NOTIFY, Step.SUBMIT, Step.SUPERSEDE, Step.CLOSE})


def undoable(events: Sequence[Event]) -> Event | None:
    """Give the step that an undo would take back: a person's last one, if it sent nothing; else none."""
    depth = 0
    for event in reversed(events):
        if event.step is Step.UNDO:
            depth += 1
        elif depth:
            depth -= 1
        elif event.message is not None or event.sent or event.step in NOT_UNDONE or event.actor == "clock":
            return None
        else:
            return event if event.before != event.after or event.step is not Step.LOCATE else None
    return None
