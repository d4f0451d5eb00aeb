"""What lies on a library's two lending desks, list by list, as data: which states and flags, whose turn.

Every state of a request or supply that has not ended stands in at least one list; a test holds that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from unioncat.domain.lending import Flag, RequesterState, Side, State, SupplierState

SOON = timedelta(days=3)
"""So long before it is due, a loan is on the list of those that are due."""


ESCALATED = 3
"""From this reminder on it is more than a reminder: it comes first, and administrators hear of it."""


@dataclass(frozen=True, slots=True)
class Worklist:
    """One list. A line stands in it by its state, or by one of the flags, or because it is due."""

    name: str
    side: Side
    states: frozenset[State]
    flags: frozenset[Flag] = frozenset()
    due: timedelta | None = None
    """Only what is due within this time; below nothing: what was due that long ago."""
    acts: bool = True
    """Whether staff have something to do with it."""
    prints: str = ""
    """What is printed for all of it at once."""


R, S = RequesterState, SupplierState
_THERE = frozenset[State]({R.RECEIVED, R.ON_LOAN})
_OUT = frozenset[State]({S.SHIPPED, S.WITH_REQUESTER})


def _borrowing(name: str, *states: RequesterState, **more: object) -> Worklist:
    return Worklist(name, Side.REQUESTER, frozenset(states), **more)  # type: ignore[arg-type]


def _lending(name: str, *states: SupplierState, **more: object) -> Worklist:
    return Worklist(name, Side.SUPPLIER, frozenset(states), **more)  # type: ignore[arg-type]


_LISTS = (
    _borrowing("approve", R.STAFF_REVIEW, R.PATRON_INVALID, R.DUPLICATE_REVIEW, R.OVER_LIMIT, R.LOCAL_REVIEW),
    _borrowing("decide", R.CONDITIONAL, R.RETRY_OFFERED),
    _borrowing("arriving", R.SHIPPED),
    _borrowing("shelf", R.RECEIVED, prints="notices"),
    _borrowing("send-back", R.RETURNED_BY_READER, prints="returns"),
    Worklist("late-loans", Side.REQUESTER, _THERE, due=timedelta()),
    Worklist("due-loans", Side.REQUESTER, _THERE, due=SOON),
    _borrowing("lost", R.LOST),
    _borrowing(
        "asked",
        *(R.DRAFT, R.SUBMITTED, R.LOCATING, R.SENT, R.EXPECTED, R.WILL_SUPPLY, R.CANCEL_PENDING),
        acts=False,
    ),
    _borrowing("loans", R.ON_LOAN, acts=False),
    _borrowing("going-home", R.RETURN_SHIPPED, acts=False),
    _lending("answer", S.RECEIVED),
    _lending("pull", S.TO_PULL, S.PULLED_LIST, prints="pull"),
    _lending("send", S.PICKED, prints="labels"),
    _lending("cancel", S.CANCEL_REQUESTED),
    Worklist("renew", Side.SUPPLIER, _OUT, flags=frozenset({Flag.RENEW_PENDING})),
    Worklist("late-lent", Side.SUPPLIER, _OUT, due=timedelta()),
    _lending("check-in", S.RETURN_IN_TRANSIT),
    _lending("lost-lent", S.LOST),
    _lending("conditions", S.CONDITION_SENT, acts=False),
    _lending("lent", S.SHIPPED, S.WITH_REQUESTER, acts=False),
)
WORKLISTS: Mapping[str, Worklist] = {one.name: one for one in _LISTS}
"""All lists by name, in the order of the desk: borrowing first, then lending."""


def lists_of(side: Side) -> tuple[Worklist, ...]:
    """Give the lists of one desk."""
    return tuple(one for one in WORKLISTS.values() if one.side is side)
