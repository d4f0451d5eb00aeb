"""Facts about the country and its libraries, read from the tables in `data/`.

Names, places and dates in those tables are facts or marked as samples in their README; no persons are named
except authors of published books.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files

from unioncat.domain.audience import Audience
from unioncat.domain.library import Contact, Group, GroupMode, Level, Library, LibraryType, Parent, Province

CAND = Audience(1, "cand", "Thư viện Công an nhân dân", "Libraries of the People's Public Security", "cand")
ARMY = Audience(2, "army", "Thư viện Quân đội nhân dân", "Libraries of the People's Army", "army")
AUDIENCES = (CAND, ARMY)
"""The restricted circles of the sample; the public is no row."""

GROUPS = (
    Group(
        "northern-mountains",
        "Liên hiệp Thư viện các tỉnh Miền núi phía Bắc",
        "Union of Libraries of the Northern Mountain Provinces",
        GroupMode.AREA,
    ),
    Group("cand", "Thư viện Công an nhân dân", "Libraries of the People's Public Security"),
    Group("army", "Thư viện Quân đội nhân dân", "Libraries of the People's Army"),
)


def table(name: str) -> Iterator[Mapping[str, str]]:
    """Read one of the tables in `data/`: tab-separated, one header line, no quoting."""
    text = files("unioncat.sample").joinpath("data", name).read_text("utf-8")
    return csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE, restval="")


@cache
def provinces() -> tuple[Province, ...]:
    """Give the 63 provinces up to July 2025 with their successors, and the 34 since then."""
    return tuple(
        Province(
            key=row["key"],
            code=row["code"],
            name_vi=row["name_vi"],
            name_en=row["name_en"],
            valid_from=_date(row["valid_from"]),
            valid_to=_date(row["valid_to"]),
            successor=row["successor"] or None,
            lat=_degrees(row["lat"]),
            lon=_degrees(row["lon"]),
        )
        for row in table("provinces.tsv")
    )


@cache
def libraries() -> tuple[Library, ...]:
    """Give all libraries of the sample; the first day without a library is its `valid_to`."""
    return tuple(
        Library(
            code=row["code"],
            name_vi=row["name_vi"],
            name_en=row["name_en"],
            type=LibraryType(row["type"]),
            level=Level(row["level"]),
            province=row["province"],
            parents=tuple(_parent(part) for part in row["parents"].split() if part),
            groups=tuple(row["groups"].split()),
            lat=_degrees(row["lat"]),
            lon=_degrees(row["lon"]),
            contact=Contact(address=row["address"] or None),
            valid_from=_date(row["valid_from"]),
            valid_to=_date(row["valid_to"]),
            successor=row["successor"] or None,
        )
        for row in table("libraries.tsv")
    )


def _parent(text: str) -> Parent:
    code, begin, end = text.split("/")
    return Parent(code, _date(begin), _date(end))


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _degrees(text: str) -> float | None:
    return float(text) if text else None
