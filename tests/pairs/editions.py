"""The editions that the pairs describe: read from `books.tsv`, and varied by the makers of pairs.

Persons and bodies are real; pages and years that the table lacks are made up, the same on every run.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from types import MappingProxyType

TABLE = Path(__file__).with_name("books.tsv")
PEN_NAMES = frozenset({"Tony Buổi Sáng", "Ngô gia văn phái"})
WESTERN = frozenset({"Rosie Nguyễn", "Marcus Aurelius", "Plato"})
"""Names that no list of the original languages tells to be in Western order."""

CITIES: Mapping[str, str] = MappingProxyType(
    {
        "Trẻ": "Tp. Hồ Chí Minh",
        "Tp. Hồ Chí Minh": "Tp. Hồ Chí Minh",
        "Tổng hợp Tp. Hồ Chí Minh": "Tp. Hồ Chí Minh",
        "Đại học Quốc gia Tp. Hồ Chí Minh": "Tp. Hồ Chí Minh",
        "Đại học Huế": "Huế",
        "Thuận Hóa": "Huế",
        "Đà Nẵng": "Đà Nẵng",
        "Đại học Cần Thơ": "Cần Thơ",
        "Đại học Vinh": "Nghệ An",
        "Nghệ An": "Nghệ An",
        "Đại học Thái Nguyên": "Thái Nguyên",
        "Trường Đại học Cần Thơ": "Cần Thơ",
        "Trường Đại học Vinh": "Nghệ An",
        "Đại học Đà Nẵng": "Đà Nẵng",
    }
)
"""City of a publisher; all others are in Hà Nội."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person by the name on the title page; `western`: the family name stands last."""

    name: str
    role: str | None = None
    western: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One level of numbering: T (tập), Q (quyển) or P (phần), its number and its own name."""

    level: str
    number: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition: same content, publisher, year or printing, and form."""

    work: str
    title: str
    rest: str | None = None
    parallel: str | None = None
    steps: tuple[Step, ...] = ()
    people: tuple[Person, ...] = ()
    body: str | None = None
    translators: tuple[str, ...] = ()
    publisher: str | None = None
    partner: str | None = None
    year: int = 0
    pages: int | None = None
    volumes: int | None = None
    """Number of volumes where the record is of the whole set."""
    edition: int | None = None
    revised: str | None = None
    """A word about the text of this edition: "có sửa chữa, bổ sung", "Rút gọn"."""
    isbns: tuple[str, ...] = ()
    language: str = "vie"
    original: str | None = None
    ddc: str | None = None
    script: str | None = None
    series: tuple[str, str | None] | None = None
    form: str = "print"
    """print, online, audio or braille."""
    thesis: str | None = None
    size: int = 21

    @property
    def city(self) -> str:
        """Place of publication."""
        return CITIES.get(self.publisher or "", "Hà Nội")


def slug(title: str) -> str:
    """Make the key of a work out of its title."""
    plain = unicodedata.normalize("NFD", title.lower().replace("đ", "d")).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


def person(text: str, western: bool = False) -> Person:
    """Read "Name~role"."""
    name, _, role = text.strip().partition("~")
    return Person(name, role or None, western or name in WESTERN)


def _step(text: str) -> Step:
    label, _, name = text.partition("=")
    return Step(label[0], int(label.partition(".")[2]), name or None)


@cache
def books() -> Mapping[str, Edition]:
    """Read the table: row id -> edition."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return MappingProxyType({row["row"]: _edition(row) for row in rows})


def _edition(row: dict[str, str]) -> Edition:
    throw = Random(f"edition {row['row']}")
    original = row["original"] or None
    western = original not in (None, "chi")
    translated = original == "chi" or western
    people = [person(text, western) for text in row["people"].split("; ") if text]
    dated = bool(row["year"])
    return Edition(
        work=slug(row["title"]),
        title=row["title"],
        rest=row["rest"] or None,
        steps=tuple(_step(text) for text in row["parts"].split("|") if text),
        people=tuple(each for each in people if each.role != "dịch"),
        translators=tuple(each.name for each in people if each.role == "dịch"),
        body=row["body"] or None,
        publisher=row["publishers"].split("; ")[0],
        partner=row["partner"] or None,
        year=int(row["year"]) if dated else throw.randint(2003, 2022),
        pages=int(row["pages"]) if row["pages"] else throw.randint(120, 560),
        isbns=(row["isbn"],) if row["isbn"] else (),
        original=original if translated else None,
        ddc=row["ddc"] or None,
        script=row["script"] or None,
        size=throw.choice((19, 20, 21, 21, 21, 24)),
    )


def volumes_of(row: str) -> int:
    """Return the number of volumes of a set in the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        for found in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if found["row"] == row and found["volumes"]:
                return int(found["volumes"].partition(":")[2])
    raise KeyError(row)


def volume(
    edition: Edition, number: int, throw: Random, level: str = "T", name: str | None = None
) -> Edition:
    """Return one volume of a work, with pages of its own and without the ISBN of another."""
    return replace(
        edition, steps=(Step(level, number, name),), pages=throw.randint(160, 520), volumes=None, isbns=()
    )
