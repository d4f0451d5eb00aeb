"""The two state tables together, checked when they are loaded.

A program that has imported this has sound tables: `BrokenTable` is raised before anything else happens.
"""

from collections.abc import Mapping

from unioncat.domain.lending import Kind, RequesterState, Side, State, Step, SupplierState
from unioncat.lending.requester import REQUESTER
from unioncat.lending.supplier import SUPPLIER
from unioncat.lending.tables import BrokenTable, Table, faults, unheard

TABLES: Mapping[Side, Table] = {Side.REQUESTER: REQUESTER, Side.SUPPLIER: SUPPLIER}

HEARD_BY_SUPPLIER: Mapping[Kind, Step] = {
    Kind.REQUEST: Step.ARRIVE,
    Kind.RETRY_REQUEST: Step.ARRIVE,
    Kind.STATUS_REQUEST: Step.STATUS_REQUEST,
    Kind.RECEIVED: Step.RECEIVED,
    Kind.CANCEL: Step.CANCEL,
    Kind.RENEW: Step.RENEW,
    Kind.SHIPPED_RETURN: Step.SHIP_BACK,
    Kind.LOST: Step.LOST,
    Kind.DAMAGED: Step.DAMAGED,
    Kind.ACCEPT: Step.ACCEPT_CONDITIONS,
    Kind.HOLD_RETURN: Step.HOLD_RETURN,
    Kind.NOTIFICATION: Step.NOTIFY,
}
HEARD_BY_REQUESTER: Mapping[Kind, Step] = {
    Kind.EXPECT: Step.ANSWER_EXPECTED,
    Kind.WILL_SUPPLY: Step.ANSWER_WILL_SUPPLY,
    Kind.CONDITIONS: Step.CONDITIONS,
    Kind.RETRY: Step.RETRY_OFFERED,
    Kind.UNFILLED: Step.UNFILLED,
    Kind.LOANED: Step.LOANED,
    Kind.COPY: Step.COPY_SENT,
    Kind.RENEWED: Step.RENEWED,
    Kind.NOT_RENEWED: Step.NOT_RENEWED,
    Kind.OVERDUE: Step.OVERDUE,
    Kind.RECALL: Step.RECALL,
    Kind.HOLD_RETURN: Step.HOLD_RETURN,
    Kind.RELEASE_HOLD: Step.RELEASE_HOLD,
    Kind.CANCEL_AGREED: Step.CANCELLED,
    Kind.CANCEL_REFUSED: Step.CANCEL_REFUSED,
    Kind.LOAN_COMPLETED: Step.CHECKED_IN,
    Kind.WITHOUT_RETURN: Step.SETTLED,
    Kind.NOTIFICATION: Step.NOTIFY,
}
TELLS = frozenset({Kind.STATUS})
"""Messages that say a state; they are heard as the step that leads to it."""


def check() -> None:
    """Look through both tables, and whether each side hears the other. Raises `BrokenTable`."""
    wrong = [f"{table.side}: {fault}" for table in TABLES.values() for fault in faults(table)]
    to_requester = {**HEARD_BY_REQUESTER, **dict.fromkeys(TELLS, Step.NOTIFY)}
    wrong += unheard(REQUESTER, SUPPLIER, HEARD_BY_SUPPLIER)
    wrong += unheard(SUPPLIER, REQUESTER, to_requester)
    if wrong:
        raise BrokenTable("; ".join(wrong))


def ended(state: State) -> bool:
    """Tell whether nothing more is to come."""
    table = REQUESTER if isinstance(state, RequesterState) else SUPPLIER
    return state in table.terminal


def state_of(side: Side, name: str) -> State:
    """Give a side's state of this name. Raises ValueError."""
    return RequesterState(name) if side is Side.REQUESTER else SupplierState(name)


check()
