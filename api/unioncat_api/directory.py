"""Names of libraries, places and groups, and how many records each has, kept for a short while.

A directory belongs to one viewer's audiences and is never shown to another. Nothing is kept for a minute:
by then what a member withdrew must be gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache

from unioncat.domain.audience import Viewer
from unioncat.domain.library import Group, Library, Province
from unioncat.domain.search import SearchQuery
from unioncat.flow.status import Overview
from unioncat.text import sort_key
from unioncat_api.catalogue import Catalogue
from unioncat_api.kept import Kept

MOST_VALUES = 10_000
"""Libraries, provinces and types that one counting question may answer with."""
COUNTED = ("library", "province", "type", "group", "format")


@lru_cache(maxsize=50_000)
def filed(name: str) -> bytes:
    """Give what a name is put in order by: Vietnamese readers expect An Giang, Cần Thơ, Đà Nẵng, Hà Nội."""
    return sort_key(name)


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything with a name, by its code or key; libraries and provinces in the order of their names."""

    libraries: Mapping[str, Library]
    provinces: Mapping[str, Province]
    groups: Mapping[str, Group]
    day: date = date.max
    """Today: a library whose time ended before is named in holdings and listed no more."""

    def library(self, code: str) -> Library | None:
        """Give a library that this viewer may see."""
        return self.libraries.get(code)

    def members(self) -> list[Library]:
        """Give the libraries that are members today."""
        return [one for one in self.libraries.values() if one.valid_to is None or one.valid_to >= self.day]

    def place_of(self, code: str) -> Province | None:
        """Give the province that a library lies in today: one that was merged gives way to its successor."""
        library = self.libraries.get(code)
        return self.today(library.province) if library and library.province else None

    def today(self, key: str) -> Province | None:
        """Give the province that a key stands for today; a circle in the data ends the walk."""
        seen: set[str] = set()
        province = self.provinces.get(key)
        while province and province.successor and province.key not in seen:
            seen.add(province.key)
            province = self.provinces.get(province.successor, province)
        return province

    def name(self, facet: str, value: str) -> tuple[str, str] | None:
        """Give the Vietnamese and the English name of a facet value that is a library, place or group."""
        named: Library | Province | Group | None = None
        if facet == "library":
            named = self.libraries.get(value)
        elif facet == "province":
            named = self.provinces.get(value)
        elif facet == "group":
            named = self.groups.get(value)
        return (named.name_vi, named.name_en) if named else None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of everything, as one viewer may know it."""

    overview: Overview
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Facet name -> value -> number of union records."""

    def records(self, facet: str, value: str) -> int:
        """Tell how many union records a facet value has."""
        return self.facets.get(facet, {}).get(value, 0)


class Directories:
    """The directories and counts of all viewers."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._names = Kept(self._load_names, fresh=5, longest=30)
        self._counts = Kept(self._load_counts, fresh=10, longest=30)

    async def _load_names(self, viewer: Viewer) -> Directory:
        libraries = await self._catalogue.libraries(viewer)
        provinces = await self._catalogue.provinces()
        groups = await self._catalogue.groups()
        return Directory(
            libraries={one.code: one for one in sorted(libraries, key=lambda one: filed(one.name_vi))},
            provinces={one.key: one for one in sorted(provinces, key=lambda one: filed(one.name_vi))},
            groups={group.code: group for group in groups},
            day=datetime.now(UTC).date(),
        )

    async def _load_counts(self, viewer: Viewer) -> Counts:
        query = SearchQuery(size=1, facets=COUNTED, facet_size=MOST_VALUES)
        found = await self._catalogue.find(viewer, query)
        return Counts(
            overview=await self._catalogue.overview(viewer),
            facets={name: {v.value: v.count for v in values} for name, values in found.result.facets},
        )

    async def of(self, viewer: Viewer) -> Directory:
        """Give the directory of a viewer, half a minute old at most."""
        return await self._names.of(viewer)

    async def with_own(self, names: Directory, codes: frozenset[str]) -> Directory:
        """Add libraries to a directory that has them not, because a circle has them that they are not in."""
        missing = codes - names.libraries.keys()
        if not missing:
            return names
        own = {one.code: one for one in await self._catalogue.own_libraries(missing)}
        every = {**names.libraries, **own}
        return replace(names, libraries=dict(sorted(every.items(), key=lambda one: filed(one[1].name_vi))))

    async def counts(self, viewer: Viewer) -> Counts:
        """Give the counts for a viewer, half a minute old at most, renewed when older than ten seconds."""
        return await self._counts.of(viewer)

    def forget(self) -> None:
        """Drop everything kept: something with a name has changed."""
        self._names.forget()
        self._counts.forget()
