"""What a person filled in for a step, read and checked: the facts and the reason that go with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from unioncat.domain.hours import VIET_NAM
from unioncat.domain.lending import Facts, Side, Step
from unioncat.lending.asking import read_cost, read_day, tidy
from unioncat.lending.forms import FIELDS, NEEDED, Field

UNFILLED = (
    *("NotHeld", "NotOnShelf", "NonCirculating"),
    *("NotAvailableForILL", "PolicyProblem", "PoorCondition"),
)
"""Reasons why something cannot be supplied (open code list reasonUnfilled of ISO 18626)."""
RETRIES = (
    *("OnLoan", "NotCurrentAvailableForILL", "CostExceedsMaxCost", "ReqEditionNotPossible", "LoanPossible"),
    *("MultiVolAvail", "NotFoundAsCited", "OnOrder", "AtBindery"),
)
"""Reasons to ask again otherwise (reasonRetry)."""
CONDITIONS = (
    *("LibraryUseOnly", "NoReproduction", "SignatureRequired"),
    *("SpecCollSupervReq", "WatchLibraryUseOnly"),
)
"""Conditions of a loan (loanCondition)."""
MOST_ITEMS = 50
_URL = re.compile(r"https?://[^\s<>\"']{3,1000}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A step's facts, and what is wrong with what was typed: the keys of faults by field."""

    facts: Facts = field(default_factory=Facts)
    why: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)


def read_filled(side: Side, step: Step, given: Mapping[str, Sequence[str]], today: date) -> Filled:
    """Read the fields that a step asks for; others are passed over."""
    asked = FIELDS.get((side, step), ())
    needed = NEEDED.get((side, step), ())
    faults: dict[str, str] = {}
    facts: dict[str, object] = {}
    why = ""
    for one in asked:
        values = [tidy(text, 1000) for text in given.get(one, ())[:MOST_ITEMS]]
        values = [text for text in values if text]
        if not values:
            if one in needed:
                faults[one] = "needed"
            continue
        if one is Field.WHY:
            why = values[0]
            continue
        name, value = _fact(one, values, today)
        if value is None:
            faults[one] = "wrong"
        else:
            facts[name] = value
    return Filled(Facts(**facts), why, faults)  # type: ignore[arg-type]


def _fact(one: Field, values: Sequence[str], today: date) -> tuple[str, object]:
    text = values[0]
    match one:
        case Field.REASON:
            return "reason", text if text in UNFILLED else None
        case Field.RETRY:
            return "reason", text if text in RETRIES else None
        case Field.CONDITION:
            return "conditions", tuple(values) if all(code in CONDITIONS for code in values) else None
        case Field.DUE | Field.AFTER:
            day = read_day(text)
            moment = datetime.combine(day, time(23, 59, 59), VIET_NAM) if day and day >= today else None
            return ("due" if one is Field.DUE else "retry_after"), moment
        case Field.COST:
            return "cost", read_cost(text)
        case Field.ITEM:
            return "items", tuple(
                dict.fromkeys(part for part in re.split(r"[\s,;]+", text)[:MOST_ITEMS] if part)
            )
        case Field.TRACKING:
            return "tracking", text[:100]
        case Field.URL:
            return "url", text if _URL.fullmatch(text) else None
        case Field.EDITION:
            return "editions", (text[:200],)
        case _:
            return "note", text
