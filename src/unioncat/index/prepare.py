"""A search made ready for an engine: words divided, numbers recognised, the viewer's filter set.

The audience filter enters here, out of the `Viewer`; no caller can leave it away (DESIGN invariant 12).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from stdnum import isbn as isbn_rules
from stdnum import issn as issn_rules

from unioncat.domain.audience import Viewer
from unioncat.domain.search import FACETS, FIELDS, Clause, SearchQuery, Sort
from unioncat.index.words import compact, forms
from unioncat.text import clean

MOST_WORDS = 32
"""Words of one search that are asked; a longer text is cut."""

LONGEST_CLAUSE = 1_000
MOST_FILTER_VALUES = 200
NUMBER_FIELDS = frozenset({"isbn", "issn", "identifier", "shelf_mark"})
"""Fields that hold numbers, not words."""

# What may be an ISBN: ten or thirteen digits with hyphens or spaces between.
_ISBN = re.compile(r"(?<![\w-])(?:97[89][ -]?)?\d{1,5}[ -]?\d{1,7}[ -]?\d{1,7}[ -]?[\dXx](?![\w-])")
_ISBN_AS_PRINTED = re.compile(r"97[89]\d{10}")
_ISSN = re.compile(r"\d{4}-?\d{3}[\dXx]")


class BadQuery(ValueError):
    """The search cannot be asked: an unknown facet or field, or a wrong cursor."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word asked; `near` are other folded words that are accepted in its place, at a lower rank."""

    exact: str
    folded: str
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that must (or must not) be found: all its words, or one of its `numbers`."""

    words: tuple[Word, ...]
    field: str | None = None
    phrase: bool = False
    negated: bool = False
    numbers: tuple[tuple[str, str], ...] = ()
    """(field, compact value) pairs, each good enough in place of the words."""

    @property
    def accented(self) -> bool:
        """Tell whether accents were typed: then exact matches come first."""
        return any(word.exact != word.folded for word in self.words)


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as engines see it. Its `repr` tells searches apart (cursors, caches)."""

    audiences: tuple[int, ...]
    wanted: tuple[Wanted, ...] = ()
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    sort: Sort = Sort.RELEVANCE
    impossible: bool = False
    """Something was typed that holds no word: nothing is found."""

    def without(self, facet: str) -> "Asked":
        """Return the same search without the filter of one facet."""
        return replace(self, filters=tuple(item for item in self.filters if item[0] != facet))

    def only(self, facet: str, value: str) -> "Asked":
        """Return the same search with one value of one facet."""
        return replace(self, filters=(*self.without(facet).filters, (facet, (value,))))

    def selected(self, facet: str) -> tuple[str, ...]:
        """Return the values chosen in a facet."""
        return next((values for name, values in self.filters if name == facet), ())


def prepare(viewer: Viewer, query: SearchQuery) -> Asked:
    """Make a search ready. Raises `BadQuery` for facets and fields that do not exist."""
    for name in (*(name for name, _ in query.filters), *query.facets):
        if name not in FACETS:
            raise BadQuery(f"there is no facet {name!r}; there are {', '.join(FACETS)}")
    filters: dict[str, dict[str, None]] = {}
    for name, values in query.filters:
        filters.setdefault(name, {}).update(dict.fromkeys(clean(value) for value in values))
    wanted = _cut(item for clause in query.clauses for item in _wanted(clause))
    positive = any(not item.negated for item in wanted)
    sort = query.sort
    if sort is Sort.RELEVANCE and not positive:
        sort = Sort.TITLE  # all hits score alike, and the order within a score is that of the titles
    return Asked(
        audiences=tuple(sorted(viewer.audiences)),
        wanted=wanted,
        filters=tuple(
            (name, tuple(sorted(values)[:MOST_FILTER_VALUES]))
            for name, values in sorted(filters.items())
            if values
        ),
        year_from=_year(query.year_from),
        year_to=_year(query.year_to),
        sort=sort,
        impossible=bool(query.clauses) and not wanted,
    )


def _year(year: int | None) -> int | None:
    """Keep a year within what every engine can compare."""
    return None if year is None else min(max(year, -9_999), 9_999)


def _cut(items: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """Keep the first `MOST_WORDS` words."""
    kept: list[Wanted] = []
    room = MOST_WORDS
    for item in items:
        if room <= 0:
            break
        kept.append(replace(item, words=item.words[:room]))
        room -= max(1, len(item.words))
    return tuple(kept)


def _wanted(clause: Clause) -> list[Wanted]:
    if clause.field is not None and clause.field not in FIELDS:
        raise BadQuery(f"there is no field {clause.field!r}; there are {', '.join(FIELDS)}")
    text = clean(clause.text)[:LONGEST_CLAUSE]
    if clause.field in NUMBER_FIELDS:
        values = _isbn_forms(text) if clause.field == "isbn" else (compact(text),)
        numbers = tuple((clause.field, value) for value in values if value)
        return [Wanted((), clause.field, False, clause.negated, numbers)] if numbers else []
    if clause.field is not None or clause.phrase or clause.negated:
        words = _words(text)
        return [Wanted(words, clause.field, clause.phrase, clause.negated)] if words else []
    return _free_text(text)


def _free_text(text: str) -> list[Wanted]:
    """Take the numbers out of free text; what is left stays together, so that its phrase counts."""
    found: list[Wanted] = []

    def isbn(match: re.Match[str]) -> str:
        digits = compact(match[0])
        if not (isbn_rules.is_valid(digits) or _ISBN_AS_PRINTED.fullmatch(digits)):
            return match[0]
        numbers = [("isbn", value) for value in _isbn_forms(digits)]
        found.append(Wanted(_words(match[0]), numbers=(*numbers, ("identifier", digits))))
        return " "

    rest: list[str] = []
    for token in _ISBN.sub(isbn, text).split():
        number = token.strip(".,;:()[]")
        if _ISSN.fullmatch(number) and issn_rules.is_valid(number):
            value = compact(number)
            found.append(Wanted(_words(number), numbers=(("issn", value), ("identifier", value))))
        elif _is_identifier(number):
            found.append(Wanted(_words(number), numbers=(("identifier", compact(number)),)))
        else:
            rest.append(token)
    words = _words(" ".join(rest))
    return [Wanted(words), *found] if words else found


def _is_identifier(token: str) -> bool:
    """Tell numbers that a member gave (VN00123456, 10.1000/182) from years and measures."""
    digits = sum(char.isdigit() for char in token)
    return digits >= 6 or (digits >= 2 and len(token) >= 6 and any(char.isalpha() for char in token))


def _isbn_forms(text: str) -> tuple[str, ...]:
    """Return the number as typed and, where it is a good ISBN, with 13 digits."""
    digits = compact(text)
    if len(digits) == 10 and isbn_rules.is_valid(digits):
        return digits, isbn_rules.to_isbn13(digits)
    return (digits,) if digits else ()


def _words(text: str) -> tuple[Word, ...]:
    return tuple(Word(form.exact, form.folded) for form in forms(text))
