"""Names of libraries, places and groups, kept for a few seconds so that no answer has to ask for each.

A directory belongs to one viewer's audiences and is never shown to another.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from unioncat.domain.audience import Viewer
from unioncat.domain.library import Group, Library, Province
from unioncat.domain.search import SearchQuery
from unioncat_api.catalogue import Catalogue

KEEP_SECONDS = 5.0
MOST_VALUES = 10_000
"""Libraries, provinces and types that one counting question may answer with."""
COUNTED = ("library", "province", "type", "group", "format")


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything with a name, by its code or key."""

    libraries: Mapping[str, Library]
    provinces: Mapping[str, Province]
    groups: Mapping[str, Group]
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Facet name -> value -> number of union records."""
    total: int = 0
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

    def records(self, facet: str, value: str) -> int:
        """Tell how many union records a facet value has."""
        return self.counts.get(facet, {}).get(value, 0)

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


async def load(catalogue: Catalogue, viewer: Viewer) -> Directory:
    """Ask for everything with a name, and how many records each has."""
    libraries = await catalogue.libraries(viewer)
    provinces = await catalogue.provinces()
    groups = await catalogue.groups()
    found = await catalogue.find(viewer, SearchQuery(size=1, facets=COUNTED, facet_size=MOST_VALUES))
    return Directory(
        libraries={library.code: library for library in libraries},
        provinces={province.key: province for province in provinces},
        groups={group.code: group for group in groups},
        counts={name: {v.value: v.count for v in values} for name, values in found.result.facets},
        total=found.result.total,
        day=datetime.now(UTC).date(),
    )


class Directories:
    """The directories of all viewers, each made anew when it is older than `KEEP_SECONDS`."""

    def __init__(self, catalogue: Catalogue, clock: Callable[[], float] = time.monotonic) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._kept: dict[frozenset[int], tuple[float, Directory]] = {}

    async def of(self, viewer: Viewer) -> Directory:
        """Give the directory of a viewer."""
        kept = self._kept.get(viewer.audiences)
        if kept and self._clock() - kept[0] < KEEP_SECONDS:
            return kept[1]
        directory = await load(self._catalogue, viewer)
        self._kept[viewer.audiences] = (self._clock(), directory)
        return directory

    def forget(self) -> None:
        """Drop all directories: something with a name has changed."""
        self._kept.clear()
