"""How a document and the settings of an index look to Meilisearch.

Every attribute that a filter names must be among the filterable ones, or Meilisearch refuses the search.
"""

from collections.abc import Iterable
from hashlib import blake2b

from meilisearch_python_sdk.models.settings import (
    Faceting,
    MeilisearchSettings,
    MinWordSizeForTypos,
    Pagination,
    TypoTolerance,
)

from unioncat.domain.search import FACETS, IndexDocument
from unioncat.index.words import compact, forms

MOST_COUNTED = 100_000
"""Hits up to which Meilisearch counts."""

TEXT_FIELDS = ("title", "author", "subject", "publisher", "series")
NUMBER_FIELDS = ("isbn", "issn", "identifier", "shelf_mark")
_FACET_NAMES = tuple(f"facet_{name}" for name in FACETS)

SETTINGS = MeilisearchSettings(
    searchable_attributes=[*TEXT_FIELDS, "other"],
    filterable_attributes=[
        "key",
        "id",
        "audience",
        "hidden",
        "last",
        "year",
        "exact",
        *NUMBER_FIELDS,
        *_FACET_NAMES,
    ],
    sortable_attributes=["year", "order"],
    # `sort` first: without it an order asked for would only hold among hits of equal relevance.
    ranking_rules=["sort", "words", "typo", "proximity", "attribute", "exactness"],
    typo_tolerance=TypoTolerance(min_word_size_for_typos=MinWordSizeForTypos(one_typo=4, two_typos=12)),
    non_separator_tokens=["+", "#"],
    pagination=Pagination(max_total_hits=MOST_COUNTED),
    faceting=Faceting(max_values_per_facet=300, sort_facet_values_by={"*": "count"}),
    search_cutoff_ms=1_500,
)


def body(document: IndexDocument, hidden_from: Iterable[int]) -> dict[str, object]:
    """Return a document as Meilisearch holds it; `exact` are its words with accents, which it folds away."""
    hidden = list(hidden_from)
    texts = {name: getattr(document, name) for name in TEXT_FIELDS}
    every = (text for values in (*texts.values(), document.other) for text in values)
    words = {form.exact for text in every for form in forms(text) if form.exact != form.folded}
    return {
        "key": f"{blake2b(document.id.encode(), digest_size=16).hexdigest()}_{document.audience}",
        "id": document.id,
        "audience": document.audience,
        "hidden": hidden,
        "last": not hidden,
        **texts,
        "other": document.other,
        "exact": sorted(words),
        **{name: [compact(number) for number in getattr(document, name)] for name in NUMBER_FIELDS},
        **{f"facet_{name}": values for name, values in document.facets},
        **({} if document.year is None else {"year": document.year}),
        "order": f"{document.sort_title[:96].hex()} {document.id}",
    }


def quoted(value: str) -> str:
    """Write a value for a filter."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def one_of(attribute: str, values: Iterable[str | int]) -> str:
    """Write the filter that asks for one of several values."""
    written = (str(value) if isinstance(value, int) else quoted(value) for value in values)
    return f"{attribute} IN [{', '.join(written)}]"
