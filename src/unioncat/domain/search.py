"""A search and its answer, the same for every engine."""

from dataclasses import dataclass, field
from enum import StrEnum


class Sort(StrEnum):
    """Orders of a result list."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"


FACETS = ("library", "province", "group", "type", "format", "language", "year", "subject")
"""Names of the facets: type = kind of library, format = material, year = decade."""

FIELDS = ("title", "author", "subject", "publisher", "series", "isbn", "issn", "identifier", "shelf_mark")
"""Fields that can be asked by name."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing asked: words or a phrase, in one field or in all (`field` = None)."""

    text: str
    field: str | None = None
    phrase: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is asked. `filters`: facet name -> values, alternatives within a facet, all facets together."""

    clauses: tuple[Clause, ...] = ()
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    sort: Sort = Sort.RELEVANCE
    size: int = 20
    cursor: str | None = None
    facets: tuple[str, ...] = ()
    facet_size: int = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """One found record: its public id and why it ranks where it does."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet with the number of records it would leave."""

    value: str
    count: int
    selected: bool = False


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An answer. `total` is exact up to the engine's limit (`total_exact`)."""

    total: int
    hits: tuple[Hit, ...]
    total_exact: bool = True
    facets: tuple[tuple[str, tuple[FacetValue, ...]], ...] = ()
    next_cursor: str | None = None
    did_you_mean: str | None = None


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """One union record as the engine stores it, for one audience. Text is NFC, not folded."""

    id: str
    audience: int
    title: tuple[str, ...]
    author: tuple[str, ...]
    subject: tuple[str, ...]
    publisher: tuple[str, ...]
    series: tuple[str, ...]
    other: tuple[str, ...]
    """Further text found by a search in all fields: notes, places, editions."""
    isbn: tuple[str, ...]
    issn: tuple[str, ...]
    identifier: tuple[str, ...]
    shelf_mark: tuple[str, ...]
    year: int | None
    sort_title: bytes
    """Collation key of the title (ICU, Vietnamese)."""
    facets: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())
    """Facet name -> values; `year` holds the decade as "1990"."""
    holdings: int = 0
    """Number of holding libraries, a mild signal of relevance."""
