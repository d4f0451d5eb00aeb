"""How long a request or a supply may stay in a state, and what the clock does then, as a table.

Waiting states are never forgotten: each that waits for somebody has a deadline; a test holds that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from unioncat.domain.lending import Facts, RequesterState, ServiceLevel, Side, State, Step, SupplierState
from unioncat.lending.calendar import Works, answer_by, days_later


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long a state may last, in working days or in days; `step` is what the clock does when it is over.

    Without a step, those at the desk are reminded, every `again` days.
    """

    days: int
    working: bool = True
    step: Step | None = None
    answer: bool = False
    """Whether it is the time to answer, which the level of service and the supplier's own promise shorten."""
    again: int = 3


R, U = RequesterState, SupplierState
DEADLINES: Mapping[Side, Mapping[State, Deadline]] = {
    Side.REQUESTER: {
        R.PATRON_INVALID: Deadline(2),
        R.OVER_LIMIT: Deadline(5),
        R.DUPLICATE_REVIEW: Deadline(2),
        R.STAFF_REVIEW: Deadline(1),
        R.LOCAL_REVIEW: Deadline(1),
        R.SENT: Deadline(3, step=Step.NO_ANSWER, answer=True),
        R.EXPECTED: Deadline(6, step=Step.NO_ANSWER),
        R.WILL_SUPPLY: Deadline(5),
        R.CONDITIONAL: Deadline(4, working=False, step=Step.REFUSE_CONDITIONS),
        R.RETRY_OFFERED: Deadline(4, working=False, step=Step.REFUSE_RETRY),
        R.CANCEL_PENDING: Deadline(3, step=Step.CANCEL),
        R.SHIPPED: Deadline(10),
        R.RECEIVED: Deadline(7, working=False),
        R.RETURNED_BY_READER: Deadline(2),
        R.RETURN_SHIPPED: Deadline(14, working=False, step=Step.STATUS_REQUEST),
        R.LOST: Deadline(14, working=False),
    },
    Side.SUPPLIER: {
        U.RECEIVED: Deadline(3, answer=True),
        U.CONDITION_SENT: Deadline(6, working=False, step=Step.EXPIRE),
        U.TO_PULL: Deadline(2),
        U.PULLED_LIST: Deadline(2),
        U.PICKED: Deadline(2),
        U.CANCEL_REQUESTED: Deadline(1),
        U.RETURN_IN_TRANSIT: Deadline(14, working=False),
        U.LOST: Deadline(14, working=False),
    },
}
"""By side, because states of both sides may have one name."""
UNTIMED: Mapping[Side, frozenset[State]] = {
    Side.REQUESTER: frozenset({R.DRAFT, R.SUBMITTED, R.LOCATING, R.ON_LOAN}),
    Side.SUPPLIER: frozenset({U.SHIPPED, U.WITH_REQUESTER}),
}
"""States that wait for no answer: they pass at once, or have a due date instead."""


def deadline(
    side: Side,
    state: State,
    now: datetime,
    works: Works,
    *,
    level: ServiceLevel = ServiceLevel.STANDARD,
    answer_days: int = 3,
    facts: Facts | None = None,
) -> datetime | None:
    """Tell when a state that begins now has lasted too long; none where nothing is waited for.

    An offer that ends earlier ends earlier.
    """
    found = DEADLINES[side].get(state)
    if found is None:
        return None
    if found.answer:
        return answer_by(level, now, answer_days, works)
    end = days_later(now, found.days, works) if found.working else now + timedelta(days=found.days)
    if state is R.RETRY_OFFERED and facts is not None and facts.retry_before is not None:
        return facts.retry_before
    return end
