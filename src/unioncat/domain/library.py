"""Member libraries, their groups and places. Names, parents and places change: each carries its dates."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from unioncat.domain.audience import PUBLIC


class LibraryType(StrEnum):
    """The closed list of the Library Law 46/2019/QH14, art. 9(1)."""

    NATIONAL = "national"
    PUBLIC = "public"
    SPECIAL = "special"
    ARMED_FORCES = "armed_forces"
    UNIVERSITY = "university"
    SCHOOL = "school"
    COMMUNITY = "community"
    FOREIGN = "foreign"


class Level(StrEnum):
    """Administrative level; the district level ended on 2025-07-01."""

    CENTRAL = "central"
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    UNIT = "unit"


class GroupMode(StrEnum):
    """The four modes of library interconnection (Library Law, art. 29)."""

    AREA = "area"
    FUNCTION = "function"
    FIELD = "field"
    ACROSS_TYPES = "across_types"


@dataclass(frozen=True, slots=True)
class Province:
    """A province in one period; `key` is ours ("2025-15"), because official codes were given anew."""

    key: str
    code: str
    name_vi: str
    name_en: str
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Parent:
    """A library's superior in one period."""

    code: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A consortium that no geography gives, such as the union of 13 northern-mountain libraries."""

    code: str
    name_vi: str
    name_en: str
    mode: GroupMode = GroupMode.FUNCTION


@dataclass(frozen=True, slots=True)
class Contact:
    """How people reach a library; functions, not persons."""

    email: str | None = None
    phone: str | None = None
    address: str | None = None
    website: str | None = None


@dataclass(frozen=True, slots=True)
class Library:
    """A member library."""

    code: str
    name_vi: str
    name_en: str
    type: LibraryType
    level: Level = Level.UNIT
    province: str | None = None
    parents: tuple[Parent, ...] = ()
    groups: tuple[str, ...] = ()
    lat: float | None = None
    lon: float | None = None
    contact: Contact = field(default_factory=Contact)
    isil: str | None = None
    audience: int = PUBLIC
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None
    id: int = 0
    """Number given by the store; 0 before it is saved."""
