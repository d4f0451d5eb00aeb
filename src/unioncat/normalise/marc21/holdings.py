"""Holdings out of the fields that a profile names; items that differ in nothing else become one holding.

A library value without an entry in the branch map gives `library` None: the source's own library owns it.
"""

from collections.abc import Iterable
from functools import lru_cache

from unioncat.domain.bib import Holding
from unioncat.domain.source import HoldingMap, Profile
from unioncat.normalise.marc21.fields import Field, Fields
from unioncat.text import key_exact, key_fold

_STATUS_WORDS = {
    "available": ("co san", "san sang", "available", "available for loan", "trong kho", "con"),
    "on-loan": ("dang muon", "da muon", "cho muon", "on loan", "checked out", "dang cho muon"),
    "reference": ("doc tai cho", "chi doc tai cho", "not for loan", "reference", "khong cho muon"),
    "lost": ("mat", "da mat", "lost", "missing", "that lac", "thanh li", "withdrawn", "hong"),
    "processing": ("dang xu li", "in processing", "on order", "dang bo sung", "cho xep gia"),
}
_STATUSES = {words: status for status, all_words in _STATUS_WORDS.items() for words in all_words}
_SHELF_MARKS = {
    "shelf-mark-090": ("090", " "),
    "shelf-mark-082": ("082", " / "),
    "shelf-mark-099": ("099", " "),
}
_UNSET = frozenset({"", "0", "0000-00-00"})

_Place = tuple[str | None, str | None, str | None, str | None, str, str | None]


def holdings(records: Iterable[Fields], profile: Profile) -> tuple[Holding, ...]:
    """Return the holdings of a record and of the holdings records that came with it."""
    branches = branch_map(profile.branches)
    items: dict[_Place, list[str]] = {}
    copies: dict[_Place, int] = {}
    for fields in records:
        call_number = _call_number(fields, profile)
        for place in profile.holdings:
            for field in fields.get(place.tag):
                key = _place(field, place, branches, call_number)
                known = items.setdefault(key, [])
                numbers = _items(field, place)
                known += [number for number in numbers if number not in known]
                copies[key] = copies.get(key, 0) + max(_count(field, place), len(numbers))
    return tuple(
        [
            Holding(library, location, mark, tuple(numbers), copies[key], volume, status, note)
            for key, numbers in items.items()
            for library, location, mark, volume, status, note in (key,)
        ]
    )


def _place(field: Field, place: HoldingMap, branches: dict[str, str], call_number: str | None) -> _Place:
    branch = _first(field, place.library)
    library = branches.get(key_exact(branch)) if branch else None
    location = _first(field, place.location)
    if library is None and branch and (branches or location is None):
        # What the branch map does not know is still the only word on where the copy is.
        location = f"{branch}, {location}" if location else branch
    mark = _first(field, place.shelf_mark)
    if mark and place.shelf_suffix and (suffix := _first(field, place.shelf_suffix)):
        mark = f"{mark} {suffix}"
    volume = _first(field, place.volume)
    return library, location, mark or call_number, volume, _status(field, place), _first(field, place.note)


def _first(field: Field, codes: str | None) -> str | None:
    for code in codes or "":
        if value := field.first(code):
            return value
    return None


def _items(field: Field, place: HoldingMap) -> list[str]:
    for code in place.item or "":
        if values := field.all(code):
            numbers = [number.strip() for value in values for number in value.split(";")]
            return [number for number in numbers if number]
    return []


def _count(field: Field, place: HoldingMap) -> int:
    value = _first(field, place.copies)
    return int(value) or 1 if value and value.isascii() and value.isdigit() and len(value) <= 4 else 1


def _status(field: Field, place: HoldingMap) -> str:
    if place.status is None:
        return "unknown"
    coded = False
    for code, _, meaning in [entry.partition("=") for entry in place.status.split(" ")]:
        value = field.first(code) or ""
        if not meaning:
            if value:
                return status_of(value)
        else:
            coded = True
            if value not in _UNSET:
                # A negative "not for loan" of Koha means that the item is still to come.
                return "processing" if meaning == "reference" and value.startswith("-") else meaning
    return "available" if coded else "unknown"


def status_of(words: str | None) -> str:
    """Return the status that a library's own words name; unknown without any."""
    return _STATUSES.get(key_fold(words), "unknown") if words else "unknown"


def _call_number(fields: Fields, profile: Profile) -> str | None:
    """Return the shelf mark that the whole record shares, where the system writes it into a class field."""
    for fix, (tag, between) in _SHELF_MARKS.items():
        if fix in profile.fixes:
            for field in fields.get(tag):
                return field.text("ab", between) or None
    return None


@lru_cache(maxsize=256)
def branch_map(branches: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Return the library codes by the key of the value that stands for each in a record."""
    return {key_exact(value): code for value, code in branches}
