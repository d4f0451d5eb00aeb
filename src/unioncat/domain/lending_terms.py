"""The terms of lending: who takes part and how, agreements with their dates, policies, closed days.

Terms are facts with dates; what they mean for a request is decided in `lending.policy`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from unioncat.domain.audience import PUBLIC
from unioncat.domain.lending import Money, Service, ServiceLevel
from unioncat.domain.library import GroupMode, LibraryType


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


class OpenTo(StrEnum):
    """To whom a library lends at all."""

    AGREEMENT = "agreement"
    """To those with whom it shares an agreement (Decree 93/2020, art. 24: by agreement)."""
    FEDERATION = "federation"
    """To every member, without one."""


class Avoids(StrEnum):
    """Which way a library keeps away from another."""

    ASK = "ask"
    """It does not ask the other."""
    LEND = "lend"
    """It does not lend to the other."""


@dataclass(frozen=True, slots=True)
class Party:
    """A library or all libraries of a group, as part of an agreement; one of the two is given."""

    library: str | None = None
    group: str | None = None
    lends: bool = True
    borrows: bool = True


@dataclass(frozen=True, slots=True)
class Agreement:
    """Libraries that lend to each other in a period (thỏa thuận liên thông), in a form of the law."""

    code: str
    name_vi: str
    name_en: str
    form: GroupMode
    parties: tuple[Party, ...]
    valid_from: date
    valid_to: date | None = None
    """The last day on which it holds."""
    services: frozenset[Service] = frozenset({Service.LOAN, Service.COPY})
    cost: Money | None = None
    """What a loan or a copy costs under it; none: what the lender's policy says."""
    document: str = ""
    """Number of the signed document."""
    note: str = ""
    audience: int = PUBLIC

    def holds(self, on: date) -> bool:
        """Tell whether the agreement is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


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
    cost_page: Money | None = None
    """Of each page of a copy, besides."""
    open_to: OpenTo = OpenTo.AGREEMENT
    types: frozenset[LibraryType] = frozenset()
    """Kinds of libraries that it serves; none named: all."""
    levels: frozenset[ServiceLevel] = frozenset()
    """Levels of service that it offers; none named: all."""
    max_open_each: int | None = None
    """How many supplies may be open at once for one library; none is no limit."""
    materials_kept: frozenset[str] = frozenset()
    """Kinds of material that it does not lend."""
    locations_kept: frozenset[str] = frozenset()
    """Locations, as its holdings name them, from which nothing is lent."""
    reading_room_only: bool = False
    conditions: tuple[str, ...] = ()
    """Conditions that every loan is on."""
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
    """Days on which a library (none: every library) neither answers nor sends; both ends included.

    An `open` one says the contrary: it works then, although the day is a holiday or a weekend.
    """

    start: date
    end: date
    library: str | None = None
    why: str = ""
    open: bool = False
    id: int = 0

    def covers(self, day: date) -> bool:
        """Tell whether a day is one of these."""
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class Avoidance:
    """A line of a do-not-route list."""

    library: str
    other: str
    side: Avoids
    reason: str
    valid_from: date
    valid_to: date | None = None
    id: int = 0

    def holds(self, on: date) -> bool:
        """Tell whether it stands on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class LinkUse:
    """A one-time link for a library or a reader without an account: what it opens, until when."""

    supply: str | None
    request: str | None
    library: str | None
    purpose: str
    expires: datetime
    used: datetime | None = None
