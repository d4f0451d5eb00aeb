"""Evidence that only several features together give, read off the grades that they gave."""

from collections.abc import Iterable
from typing import Final

from unioncat.domain.match import Evidence
from unioncat.matching.weights import POINTS

_FEATURE: Final = "together"
_NAMED: Final = frozenset(
    (
        "name.equal",
        "name.initials",
        "name.shared",
        "name.statement",
        "body.equal",
        "body.shared",
        "isbn.equal",
        "number.equal",
    )
)
_OTHERS: Final = frozenset(("name.differs", "name.others-differ", "body.differs"))
_UNLIKE: Final = frozenset(("statement.like", "statement.differs"))
_SOLID: Final = _NAMED | frozenset(
    (
        "pages.equal",
        "pages.next",
        "pages.near",
        "volumes.equal",
        "issn.equal",
        "series.number-equal",
        "title.part-of-set",
    )
)
_WORD_FOR_WORD: Final = frozenset(("title.equal", "year.equal", "name.all-equal"))
_BESIDES: Final = _WORD_FOR_WORD | frozenset(
    (
        "name.equal",
        "title.short",
        "edition.equal",
        "publisher.equal",
        "place.equal",
        "statement.equal",
        "size.equal",
        "series.equal",
        "series.number-equal",
    )
)
"""What records that say the same word for word may have in common, and nothing else."""
_SHORT: Final = frozenset(("title.short", "title.tiny"))


def compare(evidence: Iterable[Evidence]) -> Evidence:
    """Weigh what the other evidence means together.

    Another house in another place in the same year is another printing (a British and an American one); an
    edition that one side alone numbers, by another house, is a later one;
    headings and statements of responsibility that agree in nobody are by other people;
    a short title with no name in common ("Toán", "Thơ") says little, but not in two records that say the same
    word for word; where neither a name nor extent nor any
    number agrees, title and imprint alone do not make one edition.
    """
    grades = {grade for found in evidence for grade in found.grades}
    together = []
    if {"publisher.differs", "place.differs", "year.equal"} <= grades:
        together.append("together.same-year-elsewhere")
    if {"publisher.differs", "edition.one-side"} <= grades:
        together.append("together.edition-elsewhere")
    if not _OTHERS.isdisjoint(grades) and not _UNLIKE.isdisjoint(grades):
        together.append("together.other-people")
    if not _SHORT.isdisjoint(grades) and _NAMED.isdisjoint(grades):
        together.append("together.short-and-nobody")
    elif "title.short" in grades and _WORD_FOR_WORD <= grades <= _BESIDES:
        together.append("together.word-for-word")
    if _SOLID.isdisjoint(grades):
        together.append("together.title-and-imprint-alone")
    if not together:
        return _NOTHING
    return Evidence(_FEATURE, sum(POINTS[grade] for grade in together), grades=tuple(together))


_NOTHING = Evidence(_FEATURE, 0.0)
