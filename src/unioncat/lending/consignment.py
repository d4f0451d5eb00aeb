"""The way of a consignment as a table of data, and the count of its books at every place.

Differences that would make a book appear or vanish are refused, so that the books add up everywhere.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from unioncat.domain.consignment import OWNER, Consignment, Difference, Item, Kind, State, Step

ENDS = frozenset({State.RETURNED, State.HANDED_OVER, State.CANCELLED})


class NotAllowed(ValueError):
    """A step that does not fit where a consignment stands."""

    def __init__(self, step: Step, state: State, allowed: Collection[Step]) -> None:
        known = ", ".join(allowed) or "none"
        super().__init__(f"{step} is not possible in {state}; possible: {known}")


@dataclass(frozen=True, slots=True)
class Row:
    """In `state`, `step` leads to `to` and to the place that is `moves` further (none: the owner)."""

    kind: Kind
    state: State
    step: Step
    to: State
    moves: int | None = 0
    counts: bool = False
    """Whether it is a receipt, which tells differences."""


TABLE = (
    Row(Kind.ROTATION, State.PACKING, Step.SEND, State.ON_THE_WAY, 1),
    Row(Kind.ROTATION, State.PACKING, Step.CANCEL, State.CANCELLED),
    Row(Kind.ROTATION, State.ON_THE_WAY, Step.RECEIVE, State.AT_STOP, counts=True),
    Row(Kind.ROTATION, State.ON_THE_WAY, Step.SEND_BACK, State.COMING_BACK, None),
    Row(Kind.ROTATION, State.AT_STOP, Step.SEND_ON, State.ON_THE_WAY, 1),
    Row(Kind.ROTATION, State.AT_STOP, Step.SEND_BACK, State.COMING_BACK, None),
    Row(Kind.ROTATION, State.COMING_BACK, Step.CHECK_IN, State.RETURNED, counts=True),
    Row(Kind.GIFT, State.PACKING, Step.SEND, State.ON_THE_WAY, 1),
    Row(Kind.GIFT, State.PACKING, Step.CANCEL, State.CANCELLED),
    Row(Kind.GIFT, State.ON_THE_WAY, Step.RECEIVE, State.HANDED_OVER, counts=True),
    Row(Kind.GIFT, State.ON_THE_WAY, Step.SEND_BACK, State.COMING_BACK, None),
    Row(Kind.GIFT, State.COMING_BACK, Step.CHECK_IN, State.RETURNED, counts=True),
)
"""Every step that there is. A box that nobody took in comes back from the way."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The copies of one title now."""

    good: int
    damaged: int = 0
    missing: int = 0

    @property
    def copies(self) -> int:
        """All of them, wherever they are."""
        return self.good + self.damaged + self.missing


def _row(one: Consignment, step: Step) -> Row | None:
    for row in TABLE:
        if (row.kind, row.state, row.step) == (one.kind, one.state, step):
            last = row.moves == 1 and one.place >= len(one.stops)
            return None if last else row
    return None


def allowed(one: Consignment) -> tuple[Step, ...]:
    """Give the steps that are possible now."""
    return tuple(step for step in Step if _row(one, step) is not None)


def moved(one: Consignment, step: Step) -> tuple[State, int, bool]:
    """Give state and place after a step, and whether it is a receipt. Raises `NotAllowed`."""
    row = _row(one, step)
    if row is None:
        raise NotAllowed(step, one.state, allowed(one))
    return row.to, OWNER if row.moves is None else one.place + row.moves, row.counts


def actor_of(one: Consignment, step: Step) -> str | None:
    """Name the library whose staff do a step; the owner's may do it too where a stop is no library."""
    if step in (Step.SEND, Step.CHECK_IN, Step.CANCEL) or one.place == OWNER:
        return one.owner
    return one.stops[one.place - 1].library


def complaint(items: Sequence[Item], stops: int, kind: Kind) -> str:
    """Say what is wrong with a new consignment, as a key of a message; empty where nothing is."""
    if not items:
        return "items"
    if any(one.copies < 1 or not one.title.strip() for one in items):
        return "copies"
    if stops < 1:
        return "stops"
    return "gift_stops" if kind is Kind.GIFT and stops != 1 else ""


def counted(tally: Tally, difference: Difference) -> Tally:
    """Count a receipt into what a title had. Raises ValueError where the copies do not add up.

    What was missing and is found is good again; what goes missing is taken from the good ones first.
    """
    missing, damaged, found = difference.missing, difference.damaged, difference.found
    if min(missing, damaged, found) < 0:
        raise ValueError("a number is below zero")
    if found > tally.missing:
        raise ValueError(f"{found} are found of {tally.missing} that were missing")
    good = tally.good + found
    if damaged > good or missing > good - damaged + tally.damaged:
        raise ValueError(f"{missing} missing and {damaged} damaged of {good + tally.damaged}")
    good -= damaged
    from_good = min(missing, good)
    return Tally(
        good - from_good,
        tally.damaged + damaged - (missing - from_good),
        tally.missing - found + missing,
    )


def tallies(
    items: Sequence[Item], differences: Mapping[int, Sequence[Difference]], *, until: int | None = None
) -> tuple[Tally, ...]:
    """Count all receipts in the order of the way, the owner's last; up to a place where one is given."""
    found = [Tally(one.copies) for one in items]
    way = sorted(place for place in differences if place != OWNER)
    way += [OWNER] if OWNER in differences else []
    for place in way:
        if until is not None and until != OWNER and (place > until or place == OWNER):
            continue
        for one in differences[place]:
            found[one.item] = counted(found[one.item], one)
    return tuple(found)
