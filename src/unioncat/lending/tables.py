"""What a state table is made of, and how it is checked: no state out of reach, no dead end, no deaf state.

A table is data. A row that a check refuses stops the program at its start, not a request in its middle.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from unioncat.domain.lending import Flag, Kind, Side, State, Step


class By(StrEnum):
    """Who may do a step."""

    PERSON = "person"
    RULE = "rule"
    """The service itself, straight after something else."""
    CLOCK = "clock"
    MESSAGE = "message"
    """The other side, by a message."""


PEOPLE, CLOCK, RULE = frozenset({By.PERSON}), frozenset({By.CLOCK}), frozenset({By.RULE})


class Effect(StrEnum):
    """What a row does with the state."""

    MOVE = "move"
    STAY = "stay"
    BACK = "back"
    """Go back to the state that was saved."""
    UNDER = "under"
    """Move the state that was saved, as its own row says."""
    LATE = "late"
    """Nothing: it is acknowledged and kept, because it comes after its time."""
    REFUSE = "refuse"
    """An error: nobody who follows the protocol says this now."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: in `state`, `step` leads to `to`, sends messages, sets and clears flags."""

    state: State
    step: Step
    effect: Effect
    to: State | None = None
    sends: tuple[Kind, ...] = ()
    sets: frozenset[Flag] = frozenset()
    clears: frozenset[Flag] = frozenset()
    saves: bool = False
    """Whether `state` is kept, to go back to."""
    by: frozenset[By] = PEOPLE
    needs: frozenset[Flag] = frozenset()
    """Flags that must be set."""
    bars: frozenset[Flag] = frozenset()
    """Flags that must not be set."""


@dataclass(frozen=True, slots=True)
class Table:
    """The states of one side: what it does itself (`own`), and what messages do (`heard`)."""

    side: Side
    first: tuple[State, ...]
    terminal: frozenset[State]
    states: tuple[State, ...]
    own: Mapping[tuple[State, Step], Row]
    heard: Mapping[tuple[State, Step], Row]

    def rows(self) -> tuple[Row, ...]:
        """Give all rows, those of people first."""
        return (*self.own.values(), *self.heard.values())


def own(
    states: Iterable[State],
    step: Step,
    to: State | None = None,
    *sends: Kind,
    sets: Flag | None = None,
    clears: Iterable[Flag] = (),
    needs: Flag | None = None,
    saves: bool = False,
    by: frozenset[By] = PEOPLE,
    effect: Effect | None = None,
) -> Iterator[Row]:
    """Rows of what a side does itself. A flag that is set bars the step; without `to` the state stays."""
    flags = frozenset({sets} if sets else ())
    for state in states:
        yield Row(
            state,
            step,
            effect or (Effect.STAY if to is None else Effect.MOVE),
            to,
            sends,
            sets=flags,
            clears=frozenset(clears),
            saves=saves,
            by=by,
            needs=frozenset({needs} if needs else ()),
            bars=flags,
        )


def heard(
    states: Iterable[State],
    step: Step,
    to: State | None = None,
    *sends: Kind,
    sets: Flag | None = None,
    clears: Iterable[Flag] = (),
    saves: bool = False,
    effect: Effect | None = None,
) -> Iterator[Row]:
    """Rows of what messages of the other side do. They may come twice, so a flag that is set bars nothing."""
    by = frozenset({By.MESSAGE})
    for row in own(states, step, to, *sends, sets=sets, clears=clears, saves=saves, by=by, effect=effect):
        yield replace(row, bars=frozenset())


class BrokenTable(Exception):
    """A state table that cannot be worked with; every fault is named."""


def gather(rows: Iterable[Row]) -> dict[tuple[State, Step], Row]:
    """Put rows under their state and step. Raises `BrokenTable` for two of the same."""
    found: dict[tuple[State, Step], Row] = {}
    for row in rows:
        if (row.state, row.step) in found:
            raise BrokenTable(f"{row.state} has two rows for {row.step}")
        found[row.state, row.step] = row
    return found


MANUAL = frozenset({Step.CLOSE, Step.SUPERSEDE})
"""Ways out that do not count when dead ends are looked for."""


def faults(table: Table) -> tuple[str, ...]:
    """Name what is wrong with a table: states out of reach, dead ends, ends that go on, deaf states."""
    found: list[str] = []
    onward: dict[State, set[State]] = {state: set() for state in table.states}
    for row in table.rows():
        if row.effect is Effect.MOVE:
            if row.to is None:
                found.append(f"{row.state}: {row.step} moves nowhere")
            elif row.step not in MANUAL:
                onward[row.state].add(row.to)
        if row.effect is Effect.BACK:
            onward[row.state] |= {other.state for other in table.rows() if other.saves}
        if row.state in table.terminal and row.effect is Effect.MOVE and row.to not in table.terminal:
            found.append(f"{row.state} is an end, but {row.step} goes on")
    reached = set(table.first)
    edge = list(table.first)
    closing = {row.to for row in table.rows() if row.step in MANUAL and row.to is not None}
    while edge:
        for state in onward[edge.pop()] - reached:
            reached.add(state)
            edge.append(state)
    found += [f"{state} is never reached" for state in table.states if state not in reached | closing]
    for state in table.states:
        if state in table.terminal:
            continue
        seen, edge = {state}, [state]
        while edge:
            for other in onward[edge.pop()] - seen:
                seen.add(other)
                edge.append(other)
        if not seen & table.terminal:
            found.append(f"{state} leads to no end")
        if not any(row.state is state and row.step not in MANUAL for row in table.rows()):
            found.append(f"{state} has no way out")
    steps = {step for _, step in table.heard}
    found += [
        f"{state} has no answer to {step}"
        for state in table.states
        for step in sorted(steps)
        if (state, step) not in table.heard
    ]
    return tuple(found)


def unheard(speaker: Table, hearer: Table, heard_as: Mapping[Kind, Step]) -> tuple[str, ...]:
    """Name messages of one side that the other's table has no row for."""
    steps = {step for _, step in hearer.heard}
    return tuple(
        f"{kind} of the {speaker.side} is not heard by the {hearer.side}"
        for kind in sorted({kind for row in speaker.rows() for kind in row.sends})
        if kind not in heard_as or heard_as[kind] not in steps
    )
