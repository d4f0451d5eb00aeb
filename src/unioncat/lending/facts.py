"""What steps say beside the state: how a loan's facts follow from them, and their form in an event.

Facts are kept with the event that brought them, so that a loan, like a state, is a fold of events.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

import msgspec

from unioncat.domain.lending import Event, Facts, Loan, Step

_EMPTY: tuple[object, ...] = (None, "", (), [], False)


def plain(facts: Facts) -> dict[str, Any]:
    """Give facts as JSON holds them, without what is empty."""
    data: dict[str, Any] = msgspec.to_builtins(facts)
    return {name: value for name, value in data.items() if value not in _EMPTY}


_NAMES = frozenset(field.name for field in fields(Facts))


def read(data: Mapping[str, Any]) -> Facts:
    """Read what `plain` gave; what is not of a fact is passed over."""
    return msgspec.convert({name: value for name, value in data.items() if name in _NAMES}, Facts)


_TELLS_LOAN = frozenset({Step.LOANED, Step.COPY_SENT, Step.RENEWED, Step.OVERDUE, Step.RECALL})
_TERMS = frozenset({Step.CONDITIONS, Step.ANSWER_WILL_SUPPLY, *_TELLS_LOAN})


def loan_after(loan: Loan, step: Step, facts: Facts) -> Loan:
    """Give what is known of the loan after a step."""
    if step in (Step.PICK, Step.RECEIVED):
        loan = replace(loan, items=facts.items or loan.items)
    if step in _TELLS_LOAN:
        loan = replace(
            loan,
            due=facts.due or loan.due,
            items=facts.items or loan.items,
            sent_via=facts.sent_via or loan.sent_via,
            tracking=facts.tracking or loan.tracking,
            return_to=facts.return_to or loan.return_to,
            url=facts.url or loan.url,
        )
    if step in _TERMS:
        loan = replace(loan, conditions=facts.conditions or loan.conditions, cost=facts.cost or loan.cost)
    if step is Step.RENEWED:
        loan = replace(loan, renewals=loan.renewals + 1)
    if step in (Step.CHECKED_IN, Step.SETTLED, Step.LOST, Step.DAMAGED):
        loan = replace(loan, cost=facts.cost or loan.cost)
    if step in (Step.SEND, Step.ACCEPT_RETRY):
        loan = Loan()
    return loan


def fold_loan(events: Iterable[Event]) -> Loan:
    """Give what is known of a loan after all its events."""
    path = [Loan()]
    for event in events:
        if event.step is Step.UNDO:
            if len(path) > 1:
                path.pop()
        else:
            known = loan_after(path[-1], event.step, read(event.data))
            if event.step in (Step.LOANED, Step.COPY_SENT) and known.shipped is None:
                known = replace(known, shipped=event.at)
            path.append(known)
    return path[-1]
