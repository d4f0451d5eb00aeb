"""Hits as engines give them, and the order that the port gives them.

The order of hits with one score must not depend on the page on which they happen to stand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from unioncat.index.prepare import Asked
from unioncat.index.words import forms

TIE_WINDOW = 300
"""So many hits of one score are put in the order of their titles; a longer row stays as the engine has it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A hit as an engine gives it. `order` sorts by (title, id); `title` and `authors` are as written."""

    id: str
    score: float
    order: str
    title: str = ""
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the result list; `anchor` is the engine's mark of its end."""

    total: int
    rows: tuple[Row, ...]
    total_exact: bool = True
    anchor: str = ""


def in_order(found: Sequence[Row], long_score: float | None) -> tuple[list[Row], frozenset[float]]:
    """Order hits of equal score by (title, id), except in rows too long; also tell the scores of those.

    `long_score` is the score of such a row that began on a page before.
    """
    ordered: list[Row] = []
    long_scores: set[float] = set()
    for score, group in groupby(found, key=lambda row: row.score):
        rows = list(group)
        if score == long_score or len(rows) > TIE_WINDOW:
            long_scores.add(score)
        else:
            rows.sort(key=lambda row: row.order)
        ordered += rows
    return ordered, frozenset(long_scores)


def accents(asked: Asked, row: Row) -> float:
    """Tell which share of the words typed with accents stands in the title or the authors exactly so."""
    wanted = [
        word.exact for item in asked.wanted if item.accented and not item.negated for word in item.words
    ]
    if not wanted:
        return 0.0
    present = {form.exact for text in (row.title, *row.authors) for form in forms(text)}
    return sum(word in present for word in wanted) / len(wanted)
