"""On what terms libraries lend: agreements, policies, closed days, and whom a library does not ask or serve.

Terms are data with dates: what held on a day is told by the rows of that day, never by what holds now.
What they mean for a request is decided in `lending.policy`.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from unioncat.domain.audience import PUBLIC
from unioncat.domain.lending import Money, Service, ServiceLevel
from unioncat.domain.library import GroupMode, LibraryType


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


class Delivery(StrEnum):
    """How things travel between libraries."""

    MAIL = "mail"
    COURIER = "courier"
    VAN = "van"
    COLLECT = "collect"
    EMAIL = "email"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class Participant:
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
    participants: tuple[Participant, ...]
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
    """What a library does for others and asks of its own readers; one without a row has these defaults.

    How it is reached and how fast it answers is in `lending_member.LendingMember`.
    """

    library: str
    lends: bool = True
    copies: bool = True
    borrows: bool = True
    """Whether its readers may ask others through it."""
    open_to: OpenTo = OpenTo.AGREEMENT
    types: frozenset[LibraryType] = frozenset()
    """Kinds of libraries that it serves; none named: all."""
    restricted_to: str | None = None
    """Code of a group: only its libraries are served."""
    levels: frozenset[ServiceLevel] = frozenset()
    """Levels of service that it offers; none named: all."""
    loan_days: int = 14
    """Loan period from arrival; set by the owner (Decree 93/2020)."""
    renewals: int = 1
    renewal_days: int = 7
    max_open_lent: int | None = None
    """How many supplies may be open at once; none is no limit."""
    max_open_each: int | None = None
    """How many of them for one library; none is no limit."""
    cost_loan: Money | None = None
    cost_copy: Money | None = None
    cost_page: Money | None = None
    """Of each page of a copy, besides."""
    delivery: frozenset[Delivery] = frozenset({Delivery.MAIL, Delivery.COURIER, Delivery.EMAIL})
    reading_room_only: bool = False
    materials_kept: frozenset[str] = frozenset()
    """Kinds of material that it does not lend."""
    locations_kept: frozenset[str] = frozenset()
    """Locations, as its holdings name them, from which nothing is lent."""
    conditions: tuple[str, ...] = ()
    """Conditions that every loan is on."""
    mediated: bool = True
    """Whether its staff approve its readers' requests before they leave."""
    max_open_reader: int = 3
    """How many open requests one of its readers may have."""
    last_resort: int | None = None
    """Place among those asked last (regional centres, the National Library); none is not among them."""


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
