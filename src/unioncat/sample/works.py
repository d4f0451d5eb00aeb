"""Editions of the books in `data/books.tsv`: those listed, and further printings and volumes of them.

Further printings have no ISBN: a number that nobody issued would be a lie with a valid check digit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from unioncat.domain.bib import Part
from unioncat.sample.dice import dice
from unioncat.sample.editions import Edition, Kind, Person
from unioncat.sample.facts import table
from unioncat.sample.topics import subjects

LAST_YEAR = 2024
ONE_PRINTING = {"A25": "A24", "A49": "A48"}
"""Rows that are a second ISBN of another row's printing."""
_LONELY = {"A122", "A123", "A127"}
"""Rows with faults that stay alone."""
_FAMILY_LAST = {"A22", "A23"}
_WHOLE = {"Plato", "Marcus Aurelius", "Hồ Chí Minh", "Tony Buổi Sáng"}


def books() -> Iterator[Edition]:
    """Give the editions of both groups of the table."""
    rows = {row["row"]: row for row in table("books.tsv")}
    second = {first: rows[other] for other, first in ONE_PRINTING.items()}
    taken = {(row["title"], row["publisher"], row["year"]) for row in rows.values()}
    for name, row in rows.items():
        throw = dice(f"works {name}")
        if name in ONE_PRINTING:
            continue
        if name.startswith("A"):
            yield from _listed(row, second.get(name), throw, taken)
        elif row["kind"] == Kind.SERIAL:
            yield _edition(row, name, year=row["since"], issn="1859-1450" if name == "B121" else None)
        else:
            yield from _known(row, throw)
    yield _edition(
        rows["A22"], "A22.2026", year="2026", publisher="Hội Nhà văn", isbns=(rows["A22"]["isbn"],)
    )


def _listed(
    row: Mapping[str, str],
    twin: Mapping[str, str] | None,
    throw: Random,
    taken: set[tuple[str, str, str]],
) -> Iterator[Edition]:
    """Give the edition of a row with ISBN, its volumes, and earlier printings."""
    name = row["row"]
    isbns = (row["isbn"], *((twin["isbn"],) if twin else ()))
    label, count = _volumes(row)
    earlier = [] if row["parts"] or count or name in _LONELY else _earlier(row, throw, taken)
    printings = ("", *(f"Tái bản lần thứ {number}" for number in range(1, len(earlier) + 1)))
    yield _edition(row, name, isbns=isbns, statement=printings[-1] or None, volumes=count or None)
    for number in range(1, count + 1):
        yield _edition(
            row, f"{name}/{number}", parts=(Part(f"{label}{number}"),), pages=throw.randint(310, 690)
        )
    for before, statement in zip(earlier, printings, strict=False):
        yield _edition(row, f"{name}.{before}", year=str(before), statement=statement or None)


def _earlier(row: Mapping[str, str], throw: Random, taken: set[tuple[str, str, str]]) -> list[int]:
    """Choose the years of printings before the listed one that no other row claims."""
    years, year = [], int(row["year"])
    for _ in range(throw.choice((0, 1, 1, 2))):
        year -= throw.randint(2, 4)
        key = (row["title"], row["publisher"], str(year))
        if year >= 2006 and key not in taken:
            taken.add(key)
            years.append(year)
    return years[::-1]


def _known(row: Mapping[str, str], throw: Random) -> Iterator[Edition]:
    """Give modern printings of a well-known work, its volumes, and its early edition where one is known."""
    name = row["row"]
    label, count = _volumes(row)
    if row["first"]:
        first, _, date = row["first"].partition("=")
        yield _edition(row, f"{name}.{date}", publisher=first, year=date, pages=throw.randint(90, 260))
    pages = throw.randint(120, 480)
    publishers = row["publisher"].split("; ")
    for place, publisher in enumerate(publishers[: 1 if count else 3]):
        year = throw.randint(int(row["since"]), max(int(row["since"]), 2010)) + place
        extent = pages + 7 * place
        for turn in range(throw.choice((1, 1, 2)) if count else throw.choice((1, 2, 2, 3))):
            if year > LAST_YEAR:
                break
            statement = f"{throw.choice(('Tái bản', 'In'))} lần thứ {turn + 1}" if turn else None
            facts = {"publisher": publisher, "year": str(year), "statement": statement}
            for number in range(1, count + 1):
                parts = (Part(f"{label}{number}"),)
                key = f"{name}/{number}.{place}.{year}"
                yield _edition(row, key, parts=parts, pages=extent + 31 * number, **facts)
            if not count:
                yield _edition(
                    row, f"{name}.{place}.{year}", pages=extent + turn * throw.randint(0, 3), **facts
                )
            elif turn == 0:
                yield _edition(row, f"{name}/set.{year}", volumes=count, **facts)
            year += throw.randint(2, 8)


def _volumes(row: Mapping[str, str]) -> tuple[str, int]:
    label, _, count = row["volumes"].partition(":")
    return label, int(count or 0)


def _edition(row: Mapping[str, str], key: str, **facts: Any) -> Edition:
    """Make an edition of a row; `facts` stand for what differs from the row."""
    topics, genre = subjects(row["ddc"])
    plain = Edition(
        key=key,
        kind=Kind(row["kind"]),
        title=row["title"],
        remainder=row["remainder"] or None,
        parts=tuple(_part(text) for text in row["parts"].split("|") if text),
        people=tuple(_person(text, row) for text in row["people"].split("; ") if text),
        body=row["body"] or None,
        publisher=row["publisher"] or None,
        partner=row["partner"] or None,
        year=row["year"] or None,
        pages=int(row["pages"]) if row["pages"] else None,
        ddc=row["ddc"],
        original=row["original"] or None,
        script=row["script"] or None,
        subjects=topics,
        genre=genre,
        region=_region(row),
    )
    return replace(plain, **facts)


def _part(text: str) -> Part:
    number, _, name = text.partition("=")
    return Part(number, name or None)


def _person(text: str, row: Mapping[str, str]) -> Person:
    name, _, role = text.partition("~")
    translated = bool(row["original"]) and not row["original"].startswith("chi") and "," not in name
    family_last = (translated or row["row"] in _FAMILY_LAST) and name not in _WHOLE and " " in name
    return Person(name, role or None, family_last)


def _region(row: Mapping[str, str]) -> str | None:
    named = (("Nghệ", "Nghệ An"), ("Lạng Sơn", "Lạng Sơn"), ("Cao Bằng", "Cao Bằng"), ("Hà Nội", "Hà Nội"))
    south = (("Sài Gòn", "Hồ Chí Minh"), ("Hồ Chí Minh", "Hồ Chí Minh"), ("miền Nam", "Hồ Chí Minh"))
    if row["kind"] != Kind.LOCAL and "miền Nam" not in row["title"]:
        return None
    return next((region for word, region in (*named, *south) if word in row["title"]), None)
