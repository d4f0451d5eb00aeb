"""The states of a request at the library that asks, as a table of rows.

One state says where the thing is; flags say what holds besides. Messages of the supplier are always heard:
those that come after their time are kept and change nothing.
"""

from collections.abc import Iterator
from typing import TypeAlias

from unioncat.domain.lending import Flag, Kind, RequesterState, Side, Step
from unioncat.lending.tables import CLOCK, PEOPLE, RULE, Effect, Row, Table, gather, heard, own

R: TypeAlias = RequesterState
S: TypeAlias = Step
K: TypeAlias = Kind

TERMINAL = frozenset(
    {
        *(R.COMPLETED, R.COPY_DELIVERED, R.COMPLETED_WITHOUT_RETURN),
        *(R.UNFILLED, R.CANCELLED, R.CLOSED_MANUALLY, R.SUPERSEDED),
    }
)
HELD_BACK = (R.PATRON_INVALID, R.OVER_LIMIT, R.DUPLICATE_REVIEW, R.STAFF_REVIEW)
"""States in which a person must decide whether it goes out."""
ASKED = (R.SENT, R.EXPECTED, R.WILL_SUPPLY)
"""States in which a supplier was asked, and has not said no."""
BEFORE_ASKING = (R.DRAFT, R.SUBMITTED, *HELD_BACK, R.LOCATING, R.LOCAL_REVIEW)
OPEN_ATTEMPT = (*ASKED, R.CONDITIONAL, R.CANCEL_PENDING)
"""States in which a supplier may still send something."""
IN_HAND = (R.SHIPPED, R.RECEIVED, R.ON_LOAN, R.RETURNED_BY_READER, R.RETURN_SHIPPED)
"""States in which the thing has left the supplier."""
AT_READER = (R.RECEIVED, R.ON_LOAN)
STATES = tuple(R)

EITHER = PEOPLE | CLOCK


def _own_rows() -> Iterator[Row]:
    yield from own([R.DRAFT], S.SUBMIT, R.SUBMITTED)
    yield from own([R.SUBMITTED], S.PASS, R.LOCATING, by=RULE)
    yield from own([R.SUBMITTED], S.REVIEW, R.STAFF_REVIEW, by=RULE)
    yield from own([R.SUBMITTED], S.INVALID, R.PATRON_INVALID, by=RULE)
    yield from own([R.SUBMITTED], S.OVER_LIMIT, R.OVER_LIMIT, by=RULE)
    yield from own([R.SUBMITTED], S.DUPLICATE, R.DUPLICATE_REVIEW, by=RULE)
    yield from own(HELD_BACK, S.APPROVE, R.LOCATING)
    yield from own(HELD_BACK, S.ENDORSE)
    yield from own(HELD_BACK, S.REJECT, R.CANCELLED)
    yield from own(HELD_BACK, S.RECHECK, R.SUBMITTED, by=PEOPLE | RULE | CLOCK)
    asked_next = (*HELD_BACK, R.LOCATING, R.LOCAL_REVIEW, *ASKED, R.CONDITIONAL, R.RETRY_OFFERED)
    yield from own(asked_next, S.LOCATE)
    yield from own([R.LOCATING], S.OWN_COPY, R.LOCAL_REVIEW, by=RULE)
    yield from own([R.LOCATING, R.STAFF_REVIEW], S.SEND, R.SENT, K.REQUEST, by=RULE | PEOPLE)
    yield from own([R.LOCATING, R.STAFF_REVIEW], S.EXHAUST, R.UNFILLED, by=RULE | PEOPLE)
    yield from own([R.LOCATING], S.REVIEW, R.STAFF_REVIEW, by=RULE)
    yield from own([R.LOCAL_REVIEW], S.FILL_LOCALLY, R.COMPLETED)
    yield from own([R.LOCAL_REVIEW], S.NOT_LOCAL, R.LOCATING)
    # one supplier is asked
    yield from own([R.SENT, R.EXPECTED], S.NO_ANSWER, R.LOCATING, K.CANCEL, by=EITHER)
    yield from own([R.SENT], S.SEND_FAILED, R.LOCATING, by=RULE)
    yield from own([R.CONDITIONAL], S.ACCEPT_CONDITIONS, R.WILL_SUPPLY, K.ACCEPT)
    yield from own([R.CONDITIONAL], S.ACCEPT_RETRY, R.SENT, K.RETRY_REQUEST, by=RULE)
    yield from own([R.CONDITIONAL], S.REFUSE_CONDITIONS, R.LOCATING, K.CANCEL, by=EITHER)
    yield from own([R.RETRY_OFFERED], S.ACCEPT_RETRY, R.SENT, K.RETRY_REQUEST)
    yield from own([R.RETRY_OFFERED], S.REFUSE_RETRY, R.LOCATING, by=EITHER)
    # the thing is under way, here, or on its way back
    yield from own([R.SHIPPED], S.RECEIVED, R.RECEIVED, K.RECEIVED)
    yield from own([R.RECEIVED, R.RETURNED_BY_READER], S.LEND_OUT, R.ON_LOAN)
    yield from own(AT_READER, S.GIVE_BACK, R.RETURNED_BY_READER)
    yield from own(AT_READER, S.RENEW, None, K.RENEW, sets=Flag.RENEW_PENDING)
    yield from own([*AT_READER, R.RETURNED_BY_READER], S.DAMAGED, None, K.DAMAGED, sets=Flag.DAMAGED)
    yield from own([R.SHIPPED, *AT_READER], S.OVERDUE, sets=Flag.OVERDUE, by=CLOCK)
    yield from own([R.RETURNED_BY_READER], S.SHIP_BACK, R.RETURN_SHIPPED, K.SHIPPED_RETURN)
    yield from own([R.COMPLETED_WITHOUT_RETURN], S.SHIP_BACK, None, K.SHIPPED_RETURN)
    yield from own(IN_HAND, S.LOST, R.LOST, K.LOST)
    yield from own([R.LOST], S.FOUND, R.RETURNED_BY_READER, K.NOTIFICATION)
    # ways out
    yield from own([*BEFORE_ASKING, R.RETRY_OFFERED], S.CANCEL, R.CANCELLED)
    yield from own([*ASKED, R.CONDITIONAL], S.CANCEL, R.CANCEL_PENDING, K.CANCEL, saves=True)
    yield from own([R.CANCEL_PENDING], S.CANCEL, None, K.CANCEL, by=EITHER)
    waiting = (*HELD_BACK, R.LOCATING, R.LOCAL_REVIEW, R.RETRY_OFFERED)
    yield from own(waiting, S.EXPIRE, R.UNFILLED, by=CLOCK)
    yield from own([*ASKED, R.CONDITIONAL], S.EXPIRE, R.CANCEL_PENDING, K.CANCEL, by=CLOCK, saves=True)
    yield from own([*BEFORE_ASKING, R.RETRY_OFFERED, R.UNFILLED], S.SUPERSEDE, R.SUPERSEDED)
    yield from own(OPEN_ATTEMPT, S.SUPERSEDE, R.SUPERSEDED, K.CANCEL)
    quiet = (*BEFORE_ASKING, R.RETRY_OFFERED)
    yield from own(quiet, S.CLOSE, R.CLOSED_MANUALLY)
    yield from own(
        [s for s in STATES if s not in (*quiet, *TERMINAL)], S.CLOSE, R.CLOSED_MANUALLY, K.NOTIFICATION
    )
    spoken = [s for s in STATES if s not in (*BEFORE_ASKING, R.SUPERSEDED)]
    yield from own(spoken, S.NOTIFY, None, K.NOTIFICATION)
    asking = (*OPEN_ATTEMPT, *IN_HAND, R.LOST)
    yield from own(asking, S.STATUS_REQUEST, None, K.STATUS_REQUEST, by=EITHER)
    yield from own([s for s in STATES if s is not R.DRAFT], S.STRAY_BACK, None, K.SHIPPED_RETURN)


def _heard_rows() -> Iterator[Row]:
    gone = (R.CANCELLED, R.CLOSED_MANUALLY, R.SUPERSEDED, R.UNFILLED)
    ended = (R.COMPLETED, R.COPY_DELIVERED, R.COMPLETED_WITHOUT_RETURN)
    past = (*BEFORE_ASKING, *gone, *ended)
    held = (*IN_HAND, R.LOST)
    late = Effect.LATE
    yield from heard([R.SENT], S.ANSWER_EXPECTED, R.EXPECTED)
    yield from heard([R.CANCEL_PENDING], S.ANSWER_EXPECTED, effect=Effect.UNDER)
    rest = (R.EXPECTED, R.WILL_SUPPLY, R.CONDITIONAL, R.RETRY_OFFERED, *held, *past)
    yield from heard(rest, S.ANSWER_EXPECTED, effect=late)
    yield from heard([R.SENT, R.EXPECTED, R.CONDITIONAL], S.ANSWER_WILL_SUPPLY, R.WILL_SUPPLY)
    yield from heard([R.CANCEL_PENDING], S.ANSWER_WILL_SUPPLY, effect=Effect.UNDER)
    yield from heard([R.WILL_SUPPLY, R.RETRY_OFFERED, *held, *past], S.ANSWER_WILL_SUPPLY, effect=late)
    yield from heard(ASKED, S.CONDITIONS, R.CONDITIONAL)
    yield from heard([R.CONDITIONAL], S.CONDITIONS)
    yield from heard([R.CANCEL_PENDING], S.CONDITIONS, effect=Effect.UNDER)
    yield from heard([R.RETRY_OFFERED, *held, *past], S.CONDITIONS, effect=late)
    yield from heard([*ASKED, R.CONDITIONAL], S.RETRY_OFFERED, R.RETRY_OFFERED)
    yield from heard([R.CANCEL_PENDING], S.RETRY_OFFERED, R.CANCELLED)
    yield from heard([R.RETRY_OFFERED, *held, *past], S.RETRY_OFFERED, effect=late)
    for step in (S.UNFILLED, S.CANCELLED):
        yield from heard([*ASKED, R.CONDITIONAL, R.RETRY_OFFERED], step, R.LOCATING)
        yield from heard([R.CANCEL_PENDING], step, R.CANCELLED)
        yield from heard([*held, *past], step, effect=late)
    yield from heard([R.CANCEL_PENDING], S.CANCEL_REFUSED, effect=Effect.BACK)
    others = (*ASKED, R.CONDITIONAL, R.RETRY_OFFERED, *held, *past)
    yield from heard(others, S.CANCEL_REFUSED, effect=late)
    asked = (*OPEN_ATTEMPT, R.RETRY_OFFERED)
    yield from heard(asked, S.LOANED, R.SHIPPED)
    yield from heard(IN_HAND, S.LOANED, clears=[Flag.OVERDUE, Flag.RECALLED])
    yield from heard([R.LOST, *past], S.LOANED, effect=late)
    yield from heard(asked, S.COPY_SENT, R.COPY_DELIVERED)
    yield from heard([*held, *past], S.COPY_SENT, effect=late)
    for step, flag in (
        (S.OVERDUE, Flag.OVERDUE),
        (S.RECALL, Flag.RECALLED),
        (S.HOLD_RETURN, Flag.HOLD_RETURN),
    ):
        yield from heard(asked, step, R.SHIPPED, sets=flag)
        yield from heard(IN_HAND, step, sets=flag)
        yield from heard([R.LOST, *past], step, effect=late)
    yield from heard(held, S.RELEASE_HOLD, clears=[Flag.HOLD_RETURN])
    yield from heard([*asked, *past], S.RELEASE_HOLD, effect=late)
    yield from heard(held, S.RENEWED, clears=[Flag.RENEW_PENDING, Flag.OVERDUE, Flag.RECALLED])
    yield from heard(held, S.NOT_RENEWED, clears=[Flag.RENEW_PENDING])
    for step in (S.RENEWED, S.NOT_RENEWED):
        yield from heard([*asked, *past], step, effect=late)
    clears = [Flag.OVERDUE, Flag.RECALLED, Flag.RENEW_PENDING, Flag.HOLD_RETURN]
    yield from heard([*asked, *held], S.CHECKED_IN, R.COMPLETED, clears=clears)
    yield from heard([*asked, *held], S.SETTLED, R.COMPLETED_WITHOUT_RETURN, clears=clears)
    yield from heard([R.COMPLETED_WITHOUT_RETURN], S.CHECKED_IN, R.COMPLETED)
    once_more = [state for state in past if state is not R.COMPLETED_WITHOUT_RETURN]
    yield from heard(once_more, S.CHECKED_IN, effect=late)
    yield from heard(past, S.SETTLED, effect=late)
    yield from heard(STATES, S.NOTIFY)


REQUESTER = Table(
    Side.REQUESTER,
    (R.DRAFT, R.SUBMITTED),
    frozenset(TERMINAL),
    STATES,
    gather(_own_rows()),
    gather(_heard_rows()),
)
