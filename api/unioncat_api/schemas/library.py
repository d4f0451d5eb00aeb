"""Libraries, provinces and groups on the wire."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from unioncat.domain.library import Group, GroupMode, Level, LibraryType, Province
from unioncat_api.schemas.common import Out, example


class ProvinceOut(Out):
    """A province in one period."""

    key: str
    code: str
    name_vi: str
    name_en: str
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None
    lat: float | None = None
    lon: float | None = None


class GroupOut(Out):
    """A group of libraries that no geography gives."""

    code: str
    name_vi: str
    name_en: str
    mode: GroupMode


class ParentOut(Out):
    """A library's superior in one period."""

    code: str
    valid_from: date | None = None
    valid_to: date | None = None


class ContactOut(Out):
    """How people reach a library."""

    email: str | None = None
    phone: str | None = None
    address: str | None = None
    website: str | None = None


class LibraryOut(Out):
    """A member library; `records` counts the union records it holds, where that was asked."""

    model_config = example(
        {
            "code": "tv-ha-noi",
            "name_vi": "Thư viện Hà Nội",
            "name_en": "Hanoi Library",
            "type": "public",
            "level": "province",
            "province": "2025-01",
            "parents": [],
            "groups": [],
            "contact": {},
            "records": 1204,
        }
    )

    code: str
    name_vi: str
    name_en: str
    type: LibraryType
    level: Level
    province: str | None = None
    parents: tuple[ParentOut, ...] = ()
    groups: tuple[str, ...] = ()
    lat: float | None = None
    lon: float | None = None
    contact: ContactOut = ContactOut()
    isil: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None
    records: int | None = None

    def counted(self, records: int) -> Self:
        """Give the same with its number of records."""
        return self.model_copy(update={"records": records})


class LibrariesOut(Out):
    """The member libraries, with the provinces and groups that they name."""

    items: tuple[LibraryOut, ...]
    provinces: tuple[ProvinceOut, ...]
    groups: tuple[GroupOut, ...]

    @classmethod
    def listing(
        cls, libraries: Iterable[LibraryOut], provinces: Iterable[Province], groups: Iterable[Group]
    ) -> Self:
        """Put a list of libraries together with the places and groups they name."""
        items = tuple(libraries)
        keys = {item.province for item in items}
        codes = {code for item in items for code in item.groups}
        return cls(
            items=items,
            provinces=tuple(ProvinceOut.of(p) for p in provinces if p.key in keys),
            groups=tuple(GroupOut.of(g) for g in groups if g.code in codes),
        )
