"""The states of a supply at the library that is asked, as a table of rows.

Every message of the requester has an answer in every state: it moves, stays, comes late, or is refused.
"""

from collections.abc import Iterator
from typing import TypeAlias

from unioncat.domain.lending import Flag, Kind, Side, Step, SupplierState
from unioncat.lending.tables import CLOCK, PEOPLE, RULE, Effect, Row, Table, gather, heard, own

U: TypeAlias = SupplierState
S: TypeAlias = Step
K: TypeAlias = Kind

TERMINAL = frozenset(
    {
        *(U.RETRY_SENT, U.COPY_SENT, U.COMPLETED, U.COMPLETED_WITHOUT_RETURN),
        *(U.UNFILLED, U.CANCELLED, U.SUPERSEDED, U.CLOSED_MANUALLY),
    }
)
TO_FETCH = (U.TO_PULL, U.PULLED_LIST, U.PICKED)
BEFORE_SENDING = (U.RECEIVED, U.CONDITION_SENT, *TO_FETCH)
OUT = (U.SHIPPED, U.WITH_REQUESTER)
AWAY = (*OUT, U.RETURN_IN_TRANSIT)
NEVER_SENT = (U.RETRY_SENT, U.UNFILLED, U.CANCELLED, U.SUPERSEDED)
DONE = (U.COMPLETED, U.COPY_SENT, U.COMPLETED_WITHOUT_RETURN)
STATES = tuple(U)

ANSWERING = PEOPLE | RULE


def _own_rows() -> Iterator[Row]:
    yield from own([U.RECEIVED], S.ANSWER_EXPECTED, None, K.EXPECT, by=ANSWERING)
    yield from own(
        [U.RECEIVED, U.CONDITION_SENT], S.ANSWER_WILL_SUPPLY, U.TO_PULL, K.WILL_SUPPLY, by=ANSWERING
    )
    offering = (U.RECEIVED, U.TO_PULL, U.PULLED_LIST)
    yield from own(offering, S.CONDITIONS, U.CONDITION_SENT, K.CONDITIONS, by=ANSWERING)
    yield from own(offering, S.RETRY_OFFERED, U.RETRY_SENT, K.RETRY, by=ANSWERING)
    yield from own([*BEFORE_SENDING, U.CANCEL_REQUESTED], S.UNFILLED, U.UNFILLED, K.UNFILLED, by=ANSWERING)
    yield from own([U.RECEIVED, U.CONDITION_SENT], S.EXPIRE, U.UNFILLED, K.UNFILLED, by=CLOCK)
    yield from own([U.TO_PULL], S.PRINT_SLIP, U.PULLED_LIST)
    yield from own([U.PULLED_LIST], S.PRINT_SLIP)
    yield from own([U.TO_PULL, U.PULLED_LIST], S.PICK, U.PICKED)
    sending = (U.RECEIVED, *TO_FETCH, U.CANCEL_REQUESTED)
    yield from own(sending, S.LOANED, U.SHIPPED, K.LOANED)
    yield from own(sending, S.COPY_SENT, U.COPY_SENT, K.COPY)
    yield from own([U.CANCEL_REQUESTED], S.CANCELLED, U.CANCELLED, K.CANCEL_AGREED, by=ANSWERING)
    yield from own([U.CANCEL_REQUESTED], S.CANCEL_REFUSED, None, K.CANCEL_REFUSED, effect=Effect.BACK)
    # the thing is away
    pending = Flag.RENEW_PENDING
    clears = (pending, Flag.OVERDUE, Flag.RECALLED)
    yield from own(OUT, S.RENEWED, None, K.RENEWED, clears=clears, needs=pending, by=ANSWERING)
    yield from own(OUT, S.NOT_RENEWED, None, K.NOT_RENEWED, clears=[pending], needs=pending, by=ANSWERING)
    yield from own(OUT, S.OVERDUE, None, K.OVERDUE, sets=Flag.OVERDUE, by=PEOPLE | CLOCK)
    yield from own(OUT, S.RECALL, None, K.RECALL, sets=Flag.RECALLED)
    yield from own(OUT, S.HOLD_RETURN, None, K.HOLD_RETURN, sets=Flag.HOLD_RETURN)
    yield from own(
        OUT, S.RELEASE_HOLD, None, K.RELEASE_HOLD, clears=[Flag.HOLD_RETURN], needs=Flag.HOLD_RETURN
    )
    yield from own(AWAY, S.DAMAGED, None, K.NOTIFICATION, sets=Flag.DAMAGED)
    yield from own(AWAY, S.LOST, U.LOST, K.NOTIFICATION)
    ends = (*clears, Flag.HOLD_RETURN)
    back = (*AWAY, U.LOST, U.COMPLETED_WITHOUT_RETURN)
    yield from own(back, S.CHECKED_IN, U.COMPLETED, K.LOAN_COMPLETED, clears=ends)
    yield from own([U.LOST], S.SETTLED, U.COMPLETED_WITHOUT_RETURN, K.WITHOUT_RETURN, clears=ends)
    going = [state for state in STATES if state not in TERMINAL]
    yield from own(going, S.CLOSE, U.CLOSED_MANUALLY, K.NOTIFICATION)
    yield from own(STATES, S.NOTIFY, None, K.NOTIFICATION)


def _heard_rows() -> Iterator[Row]:
    late, refuse = Effect.LATE, Effect.REFUSE
    closed = (U.CLOSED_MANUALLY,)
    unsent = (*BEFORE_SENDING, U.CANCEL_REQUESTED, *NEVER_SENT)
    yield from heard([U.SHIPPED], S.RECEIVED, U.WITH_REQUESTER)
    yield from heard([U.WITH_REQUESTER, U.RETURN_IN_TRANSIT, U.LOST, *DONE, *closed], S.RECEIVED, effect=late)
    yield from heard(OUT, S.SHIP_BACK, U.RETURN_IN_TRANSIT)
    yield from heard([U.LOST], S.SHIP_BACK, U.RETURN_IN_TRANSIT)
    yield from heard([U.RETURN_IN_TRANSIT, *DONE, *closed], S.SHIP_BACK, effect=late)
    yield from heard(AWAY, S.LOST, U.LOST)
    yield from heard([U.LOST, *DONE, *closed], S.LOST, effect=late)
    yield from heard(AWAY, S.DAMAGED, sets=Flag.DAMAGED)
    yield from heard([U.LOST, *DONE, *closed], S.DAMAGED, effect=late)
    yield from heard(OUT, S.RENEW, sets=Flag.RENEW_PENDING)
    yield from heard([U.RETURN_IN_TRANSIT, U.LOST, *DONE, *closed], S.RENEW, None, K.NOT_RENEWED)
    yield from heard(OUT, S.HOLD_RETURN, sets=Flag.HOLD_RETURN)
    yield from heard([U.RETURN_IN_TRANSIT, U.LOST, *DONE, *closed], S.HOLD_RETURN, effect=late)
    for step in (S.RECEIVED, S.SHIP_BACK, S.LOST, S.DAMAGED, S.RENEW, S.HOLD_RETURN):
        yield from heard(unsent, step, effect=refuse)
    yield from heard(BEFORE_SENDING, S.CANCEL, U.CANCEL_REQUESTED, saves=True)
    yield from heard([U.CANCEL_REQUESTED], S.CANCEL, effect=late)
    yield from heard([*NEVER_SENT, *closed], S.CANCEL, None, K.CANCEL_AGREED)
    yield from heard([*AWAY, U.LOST, *DONE], S.CANCEL, None, K.CANCEL_REFUSED)
    yield from heard([U.CONDITION_SENT], S.ACCEPT_CONDITIONS, U.TO_PULL, K.WILL_SUPPLY)
    others = [state for state in STATES if state is not U.CONDITION_SENT]
    yield from heard(others, S.ACCEPT_CONDITIONS, effect=late)
    yield from heard([U.CONDITION_SENT], S.SUPERSEDE, U.SUPERSEDED)
    yield from heard(NEVER_SENT, S.SUPERSEDE, effect=late)
    yield from heard([s for s in others if s not in NEVER_SENT], S.SUPERSEDE, effect=refuse)
    yield from heard([U.RECEIVED], S.ARRIVE)
    yield from heard([state for state in STATES if state is not U.RECEIVED], S.ARRIVE, effect=refuse)
    yield from heard(STATES, S.STATUS_REQUEST, None, K.STATUS)
    yield from heard(STATES, S.NOTIFY)


SUPPLIER = Table(
    Side.SUPPLIER,
    (U.RECEIVED,),
    frozenset(TERMINAL),
    STATES,
    gather(_own_rows()),
    gather(_heard_rows()),
)
