"""A library that asks to join: what it tells, what a look at its catalogue found, and how it is answered."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from unioncat.domain.bib import BibRecord, Holding
from unioncat.domain.library import Contact, Level, LibraryType
from unioncat.domain.switches import Suggestion


class RegistrationState(StrEnum):
    """Life of a registration; `draft` is the applicant's, `waiting` the federation's, then it has ended."""

    DRAFT = "draft"
    WAITING = "waiting"
    RETURNED = "returned"
    """Somebody of the federation asked back; the applicant answers."""
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({RegistrationState.DRAFT, RegistrationState.WAITING, RegistrationState.RETURNED})
"""States in which something can still be said."""


class Wish(StrEnum):
    """Who should see the records, as the applicant wishes it."""

    PUBLIC = "public"
    GROUP = "group"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Branch:
    """A library whose copies lie in the applicant's catalogue; `value` is what the records call it."""

    value: str
    name: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the applicant tells of its library."""

    name_vi: str
    name_en: str = ""
    type: LibraryType = LibraryType.PUBLIC
    level: Level = Level.UNIT
    province: str | None = None
    parent: str = ""
    """The superior body, in the applicant's words."""
    contact: Contact = field(default_factory=Contact)
    wish: Wish = Wish.UNSURE
    branches: tuple[Branch, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A record of the applicant as it will look here; without `bib` it could not be read."""

    local_id: str
    bib: BibRecord | None
    holdings: tuple[Holding, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """An address that was tried, and why it did not do."""

    address: str
    error: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What a look at the applicant's catalogue found, read as the service would read it."""

    protocol: str
    address: str
    name: str
    format: str
    profile: str
    formats: tuple[str, ...] = ()
    sets: tuple[tuple[str, str], ...] = ()
    size: int | None = None
    """Number of records as the server tells it; none where it does not."""
    seen: int = 0
    """Records looked at."""
    readable: int = 0
    shut_out: int = 0
    """Records that the profile's rules keep from ever being written here."""
    deleted: int = 0
    quality: tuple[tuple[str, int], ...] = ()
    """(finding, number of the readable records), the commonest first."""
    branches: tuple[tuple[str, int], ...] = ()
    """Values that seem to name branches, with the number of copies."""
    samples: tuple[Sample, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    advice: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tried: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A word between applicant and federation; `by` is none for the applicant."""

    at: datetime
    text: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """One library's way in."""

    id: int
    state: RegistrationState
    software: str
    address: str
    created: datetime
    touched: datetime
    facts: Facts | None = None
    set: str | None = None
    errand: UUID | None = None
    appraisal: Appraisal | None = None
    letters: tuple[Letter, ...] = ()
    expected: str | None = None
    """Code of the library on the federation's list that was invited by this link."""
    submitted: datetime | None = None
    decided: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
    library: str | None = None
    source: str | None = None
