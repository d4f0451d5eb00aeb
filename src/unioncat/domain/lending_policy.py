"""On what terms libraries lend: agreements, policies, closed days, and whom a library does not ask or serve.

Terms are data with dates: what held on a day is told by the rows of that day, never by what holds now.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from unioncat.domain.audience import PUBLIC
from unioncat.domain.library import GroupMode, LibraryType

NO_LAST_DAY = date.max


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

    POST = "post"
    COURIER = "courier"
    OWN_VAN = "own_van"
    COLLECT = "collect"
    EMAIL = "email"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class Party:
    """A library or all libraries of a group, as part of an agreement; one of the two is given."""

    library: str | None = None
    group: str | None = None
    lends: bool = True
    borrows: bool = True


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement on lending (thỏa thuận liên thông), in one of the four forms of the law."""

    code: str
    name: str
    form: GroupMode
    parties: tuple[Party, ...]
    first: date
    last: date | None = None
    """The last day on which it holds."""
    services: tuple[str, ...] = ("loan", "copy")
    cost: int | None = None
    """What a loan or a copy costs under it, in đồng; none: what the lender's policy says."""
    document: str = ""
    """Number of the signed document."""
    note: str = ""
    audience: int = PUBLIC

    def holds(self, day: date) -> bool:
        """Tell whether it is in force on a day."""
        return self.first <= day <= (self.last or NO_LAST_DAY)


@dataclass(frozen=True, slots=True)
class Policy:
    """What one library offers, and asks of its own readers, in one service (`loan` or `copy`)."""

    library: str
    service: str
    lends: bool = True
    asks: bool = True
    """Whether its readers may ask others through it."""
    open_to: OpenTo = OpenTo.AGREEMENT
    types: tuple[LibraryType, ...] = ()
    """Kinds of libraries that it serves; none named: all."""
    levels: tuple[str, ...] = ()
    """Levels of service that it offers; none named: all."""
    days: int = 30
    """Loan period in days from arrival; set by the owner (Decree 93/2020)."""
    renewals: int = 1
    renewal_days: int = 14
    most_open: int | None = None
    """Requests that may be open at it at once."""
    most_open_each: int | None = None
    """Of one requesting library."""
    cost: int = 0
    """Of one loan, or of one copy whatever its length, in đồng."""
    page_cost: int = 0
    """Of each page of a copy, in đồng."""
    deliveries: tuple[Delivery, ...] = (Delivery.POST, Delivery.EMAIL)
    materials_kept: tuple[str, ...] = ()
    """Kinds of material that it does not lend."""
    locations_kept: tuple[str, ...] = ()
    """Locations, as its holdings name them, from which nothing is lent."""
    mediated: bool = True
    """Whether staff look at its own readers' requests before they go out."""
    reader_open: int = 5
    """Requests that one of its own readers may have open."""
    conditions: str = ""
    """What borrowers must know, in its own words."""


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which a library (none: every one) is closed, or on which it works although others do not."""

    first: date
    last: date
    library: str | None = None
    open: bool = False
    note: str = ""
    id: int = 0

    def covers(self, day: date) -> bool:
        """Tell whether a day is one of these."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Avoidance:
    """A line of a do-not-route list."""

    library: str
    other: str
    side: Avoids
    reason: str
    first: date
    last: date | None = None
    id: int = 0

    def holds(self, day: date) -> bool:
        """Tell whether it stands on a day."""
        return self.first <= day <= (self.last or NO_LAST_DAY)
