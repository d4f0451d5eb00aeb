"""Consignments: many books on one term along a chain of stops (luân chuyển), or given for good (tặng sách).

No book appears or vanishes: what was packed is at every place good, damaged or missing, and adds up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from unioncat.domain.audience import PUBLIC


class Kind(StrEnum):
    """What a consignment is for."""

    ROTATION = "rotation"
    GIFT = "gift"


class State(StrEnum):
    """Where a consignment stands."""

    PACKING = "packing"
    ON_THE_WAY = "on_the_way"
    AT_STOP = "at_stop"
    COMING_BACK = "coming_back"
    RETURNED = "returned"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What somebody does with it."""

    SEND = "send"
    RECEIVE = "receive"
    SEND_ON = "send_on"
    SEND_BACK = "send_back"
    CHECK_IN = "check_in"
    CANCEL = "cancel"


OWNER = 0
"""Place of the owner; stops are numbered from 1."""


@dataclass(frozen=True, slots=True)
class Item:
    """A title of a consignment; `value` of one copy in đồng, `record` the id of a union record."""

    title: str
    copies: int = 1
    author: str = ""
    barcode: str = ""
    value: int = 0
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """One place of its way; one that is no library (a book station, a class, a van) has a name only."""

    name: str
    library: str | None = None
    arrive_by: date | None = None
    leave_by: date | None = None
    received: datetime | None = None
    left: datetime | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What a receipt says of an item (its position) that is not as it was sent: copies, newly so."""

    item: int
    missing: int = 0
    damaged: int = 0
    found: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was done."""

    seq: int
    at: datetime
    actor: str
    step: Step
    before: State
    after: State
    place: int
    why: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Consignment:
    """A consignment as it stands; `place` is where it is, or whither it is on its way."""

    number: str
    kind: Kind
    owner: str
    title: str
    items: tuple[Item, ...]
    stops: tuple[Stop, ...]
    state: State = State.PACKING
    place: int = OWNER
    donor: str = ""
    """Who gave the books of a gift, where it is not the owner."""
    first: date | None = None
    last: date | None = None
    """The day on which all should be back at the owner."""
    note: str = ""
    differences: Mapping[int, tuple[Difference, ...]] = field(default_factory=dict)
    """By place."""
    history: tuple[Done, ...] = ()
    made: datetime | None = None
    audience: int = PUBLIC
    id: int = 0

    @property
    def copies(self) -> int:
        """How many books were packed."""
        return sum(one.copies for one in self.items)
