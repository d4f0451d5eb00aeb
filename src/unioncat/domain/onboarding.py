"""The federation's list of libraries to be won, how far each has come, and the goals of its groups."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from unioncat.domain.library import Level, LibraryType


class Stage(StrEnum):
    """How far a library has come, in this order; derived from what is there, never written down."""

    EXPECTED = "expected"
    INVITED = "invited"
    REGISTERED = "registered"
    HARVESTED = "harvested"
    LIVE = "live"


ORDER = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Expected:
    """A library on the list; `code` is the one that it will have as a member."""

    code: str
    name_vi: str
    name_en: str = ""
    type: LibraryType = LibraryType.PUBLIC
    level: Level = Level.UNIT
    province: str | None = None
    group: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """One library of the list or of the members, and its stage."""

    code: str
    name_vi: str
    name_en: str
    group: str | None
    province: str | None
    stage: Stage
    invited: datetime | None = None
    registration: int | None = None
    records: int = 0
    """Records of its own sources, as its latest report counted them; a branch has none of its own."""
    member: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """So many libraries of a group (none = the whole federation) live by a day."""

    due: date
    count: int
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a group, or the federation, stands: libraries that came at least so far."""

    group: str | None
    total: int
    reached: tuple[tuple[Stage, int], ...]
    goals: tuple[Goal, ...] = ()

    def count(self, stage: Stage) -> int:
        """Give the number of libraries that came to this stage or further."""
        return dict(self.reached).get(stage, 0)
