"""What a person is asked for when doing a step, and which step comes next by itself, as data.

Pages, links in letters and the interface ask for the same things, because they all look here.
"""

from collections.abc import Mapping
from enum import StrEnum

from unioncat.domain.lending import RequesterState, Side, State, Step, SupplierState


class Field(StrEnum):
    """Something to be filled in; each has one kind of input everywhere."""

    WHY = "why"
    """Free words for the history."""
    REASON = "reason"
    """One of the codes of `unfilled`."""
    RETRY = "retry"
    """One of the codes of a retry."""
    CONDITION = "condition"
    """Any of the codes of conditions."""
    DUE = "due"
    COST = "cost"
    ITEM = "item"
    """Barcode of what is sent or fetched."""
    TRACKING = "tracking"
    TEXT = "text"
    """A message to the other library."""
    URL = "url"
    EDITION = "edition"
    AFTER = "after"
    """A day from which it could be asked again."""


F, R, S = Field, Side.REQUESTER, Side.SUPPLIER
FIELDS: Mapping[tuple[Side, Step], tuple[Field, ...]] = {
    (R, Step.REJECT): (F.WHY,),
    (R, Step.REFUSE_CONDITIONS): (F.WHY,),
    (R, Step.REFUSE_RETRY): (F.WHY,),
    (R, Step.RECEIVED): (F.ITEM,),
    (R, Step.SHIP_BACK): (F.TRACKING,),
    (R, Step.DAMAGED): (F.WHY,),
    (R, Step.LOST): (F.WHY,),
    (R, Step.CANCEL): (F.WHY,),
    (R, Step.NO_ANSWER): (F.WHY,),
    (R, Step.CLOSE): (F.WHY,),
    (R, Step.NOTIFY): (F.TEXT,),
    (S, Step.CONDITIONS): (F.CONDITION, F.COST, F.TEXT),
    (S, Step.RETRY_OFFERED): (F.RETRY, F.COST, F.EDITION, F.AFTER, F.TEXT),
    (S, Step.UNFILLED): (F.REASON, F.TEXT),
    (S, Step.PICK): (F.ITEM,),
    (S, Step.LOANED): (F.DUE, F.ITEM, F.COST, F.CONDITION, F.TRACKING),
    (S, Step.COPY_SENT): (F.URL, F.COST, F.TEXT),
    (S, Step.CANCEL_REFUSED): (F.TEXT,),
    (S, Step.RENEWED): (F.DUE,),
    (S, Step.NOT_RENEWED): (F.TEXT,),
    (S, Step.DAMAGED): (F.TEXT,),
    (S, Step.LOST): (F.TEXT,),
    (S, Step.SETTLED): (F.WHY,),
    (S, Step.CLOSE): (F.WHY,),
    (S, Step.NOTIFY): (F.TEXT,),
}
"""What a step asks for; one that is not here asks for nothing."""
NEEDED: Mapping[tuple[Side, Step], tuple[Field, ...]] = {
    (R, Step.REJECT): (F.WHY,),
    (R, Step.CLOSE): (F.WHY,),
    (R, Step.NOTIFY): (F.TEXT,),
    (S, Step.RETRY_OFFERED): (F.RETRY,),
    (S, Step.UNFILLED): (F.REASON,),
    (S, Step.CLOSE): (F.WHY,),
    (S, Step.NOTIFY): (F.TEXT,),
}
"""What must not be left empty."""

FITS: Mapping[tuple[Side, State], Step] = {
    (R, RequesterState.STAFF_REVIEW): Step.APPROVE,
    (R, RequesterState.LOCAL_REVIEW): Step.FILL_LOCALLY,
    (R, RequesterState.SHIPPED): Step.RECEIVED,
    (R, RequesterState.RECEIVED): Step.LEND_OUT,
    (R, RequesterState.ON_LOAN): Step.GIVE_BACK,
    (R, RequesterState.RETURNED_BY_READER): Step.SHIP_BACK,
    (S, SupplierState.RECEIVED): Step.ANSWER_WILL_SUPPLY,
    (S, SupplierState.TO_PULL): Step.PICK,
    (S, SupplierState.PULLED_LIST): Step.PICK,
    (S, SupplierState.PICKED): Step.LOANED,
    (S, SupplierState.SHIPPED): Step.CHECKED_IN,
    (S, SupplierState.WITH_REQUESTER): Step.CHECKED_IN,
    (S, SupplierState.RETURN_IN_TRANSIT): Step.CHECKED_IN,
    (S, SupplierState.LOST): Step.CHECKED_IN,
}
"""The step that is meant when a slip or an item is scanned."""

AT_ONCE: Mapping[str, tuple[Step, ...]] = {
    "approve": (Step.APPROVE,),
    "arriving": (Step.RECEIVED,),
    "shelf": (Step.LEND_OUT,),
    "late-loans": (Step.GIVE_BACK,),
    "due-loans": (Step.GIVE_BACK, Step.RENEW),
    "loans": (Step.GIVE_BACK,),
    "send-back": (Step.SHIP_BACK,),
    "answer": (Step.ANSWER_WILL_SUPPLY, Step.ANSWER_EXPECTED),
    "pull": (Step.PICK,),
    "send": (Step.LOANED,),
    "cancel": (Step.CANCELLED,),
    "renew": (Step.RENEWED, Step.NOT_RENEWED),
    "late-lent": (Step.OVERDUE, Step.RECALL, Step.CHECKED_IN),
    "check-in": (Step.CHECKED_IN,),
    "lent": (Step.CHECKED_IN,),
}
"""Steps that may be done for many lines of a list together, without asking anything."""

_AWAY = (Step.RENEWED, Step.NOT_RENEWED, Step.CHECKED_IN, Step.RECALL, Step.NOTIFY)
_FETCHING = (Step.LOANED, Step.UNFILLED, Step.NOTIFY)
BY_LINK: Mapping[tuple[Side, State], tuple[Step, ...]] = {
    (R, RequesterState.STAFF_REVIEW): (Step.APPROVE, Step.REJECT),
    (R, RequesterState.CONDITIONAL): (Step.ACCEPT_CONDITIONS, Step.REFUSE_CONDITIONS),
    (R, RequesterState.RETRY_OFFERED): (Step.ACCEPT_RETRY, Step.REFUSE_RETRY),
    (R, RequesterState.SHIPPED): (Step.RECEIVED, Step.NOTIFY),
    (R, RequesterState.RECEIVED): (Step.LEND_OUT, Step.GIVE_BACK, Step.NOTIFY),
    (R, RequesterState.ON_LOAN): (Step.GIVE_BACK, Step.RENEW, Step.NOTIFY),
    (R, RequesterState.RETURNED_BY_READER): (Step.SHIP_BACK, Step.NOTIFY),
    (S, SupplierState.RECEIVED): (Step.ANSWER_WILL_SUPPLY, Step.CONDITIONS, Step.UNFILLED, Step.NOTIFY),
    (S, SupplierState.CONDITION_SENT): (Step.UNFILLED, Step.NOTIFY),
    (S, SupplierState.TO_PULL): _FETCHING,
    (S, SupplierState.PULLED_LIST): _FETCHING,
    (S, SupplierState.PICKED): _FETCHING,
    (S, SupplierState.CANCEL_REQUESTED): (Step.CANCELLED, Step.CANCEL_REFUSED, Step.LOANED),
    (S, SupplierState.SHIPPED): _AWAY,
    (S, SupplierState.WITH_REQUESTER): _AWAY,
    (S, SupplierState.RETURN_IN_TRANSIT): (Step.CHECKED_IN, Step.LOST, Step.NOTIFY),
    (S, SupplierState.LOST): (Step.SETTLED, Step.CHECKED_IN, Step.NOTIFY),
}
"""The few steps that a library without a system is offered by a link; the first is the likely one."""


def offered(steps: tuple[Step, ...], service: str) -> tuple[Step, ...]:
    """Leave out sending what was not asked for; a copy takes the place of a loan."""
    if service == "copy":
        return tuple(Step.COPY_SENT if one is Step.LOANED else one for one in steps)
    return steps
