"""The terms of lending: who takes part and how, agreements with their dates, policies, closed days.

Terms are facts with dates; what they mean for a request is decided in `lending.policy`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from unioncat.domain.lending import Money, Service
from unioncat.domain.library import GroupMode


class PartnerKind(StrEnum):
    """How a library is reached."""

    DESK = "desk"
    """Its staff use our pages."""
    LETTER = "letter"
    """It has no system and no account: e-mails with one-time links."""
    ISO18626 = "iso18626"
    """Its own system, by messages."""


@dataclass(frozen=True, slots=True)
class Partner:
    """An agency that lends or borrows: a member library, or one outside of the federation."""

    id: int
    symbol: str
    name: str
    kind: PartnerKind = PartnerKind.DESK
    symbol_type: str = "ISIL"
    library: str | None = None
    """Code of the member library; none for an agency that is none."""
    address: str | None = None
    """Where its ISO 18626 messages go."""
    version: str = "2021"
    """`1.2` or `2021`."""
    email: str | None = None
    quirks: tuple[str, ...] = ()
    active: bool = True

    @property
    def ours(self) -> bool:
        """Whether its side is kept here."""
        return self.kind is not PartnerKind.ISO18626


@dataclass(frozen=True, slots=True)
class Agreement:
    """Libraries that lend to each other in a period, in one of the four forms of the law.

    `members` are library codes with the priority that each gives to this agreement's libraries
    (smaller is asked earlier). A `group` takes all of its libraries in.
    """

    id: int
    code: str
    name_vi: str
    name_en: str
    form: GroupMode
    members: tuple[str, ...] = ()
    group: str | None = None
    services: frozenset[Service] = frozenset({Service.LOAN, Service.COPY})
    valid_from: date | None = None
    valid_to: date | None = None
    priority: int = 100
    cost: Money | None = None
    """What one loan costs the requester; none is free."""
    reciprocal: bool = True

    def holds(self, on: date) -> bool:
        """Tell whether the agreement is in force on a day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """What a library does for others and asks of its own readers."""

    library: str
    lends: bool = True
    copies: bool = True
    borrows: bool = True
    mediated: bool = True
    """Whether staff approve readers' requests before they leave."""
    two_approvals: bool = False
    """Whether two different people must approve (libraries of the armed forces)."""
    loan_days: int = 14
    renewals: int = 1
    renewal_days: int = 7
    max_open_lent: int | None = None
    """How many supplies may be open at once; none is no limit."""
    max_open_reader: int = 3
    """How many open requests a reader may have."""
    max_items: int = 3
    cost_loan: Money | None = None
    cost_copy: Money | None = None
    reading_room_only: bool = False
    conditions: tuple[str, ...] = ()
    """Conditions that every loan is on."""
    do_not_route: frozenset[str] = frozenset()
    """Codes of libraries that are neither asked nor served."""
    last_resort: int | None = None
    """Place among those asked last (National Library, regional centres); none is not among them."""
    delivery: frozenset[str] = frozenset({"Mail", "Courier"})
    restricted_to: str | None = None
    """Code of a group: only its libraries are served."""
    answer_days: int = 3
    """Working days that it may take to answer."""
    availability: str | None = None
    """Where and how availability is asked live; none is not at all."""
    keep_reader_days: int = 90
    """Days after the end until a reader's data are removed."""


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which a library (none: every library) neither answers nor sends; both ends included."""

    start: date
    end: date
    library: str | None = None
    why: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class LinkUse:
    """A one-time link for a library or a reader without an account: what it opens, until when."""

    supply: str | None
    request: str | None
    library: str | None
    purpose: str
    expires: datetime
    used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """One place along a consignment's way."""

    number: int
    library: str
    arrives: date | None = None
    leaves: date | None = None
    received: datetime | None = None
    sent: datetime | None = None
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class ConsignmentItem:
    """One thing in a consignment."""

    id: int
    barcode: str
    title: str
    author: str = ""
    shelf_mark: str = ""
    value: Money | None = None
    state: str = "packed"
    """packed, missing, damaged, returned, given."""


@dataclass(frozen=True, slots=True)
class Consignment:
    """Many things on one term along a chain of stops (*luân chuyển*), or given for good (*tặng sách*)."""

    id: int
    number: str
    kind: str
    """rotation or gift."""
    owner: str
    """Code of the library that sends it out, or of the one that receives a giver's gift."""
    giver: str = ""
    title: str = ""
    state: str = "packing"
    """packing, on_the_way, at_stop, returned, given, closed."""
    stops: tuple[Stop, ...] = ()
    items: tuple[ConsignmentItem, ...] = ()
    created: datetime | None = None
