"""Judgements about pairs of records, and the clusters derived from them.

Keys belong to records, edges to pairs, clusters to nobody (DESIGN invariant 7). A record's number is a
hash of its source's code and its local id, so nothing here depends on the order of arrival.
"""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether two records describe the same edition."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


class Doubt(StrEnum):
    """What keeps a pair from being joined without a person, however much agrees."""

    TONES = "tones"
    """Titles that agree without marks and not with them."""
    NAME_TONES = "tones-of-name"
    YEAR = "year"
    LANGUAGE = "language"
    VOLUME = "volume"
    """One side alone names a volume."""
    ONE_LIBRARY = "one-library"
    """One library describes an edition once, as a rule."""
    SCHOOL = "school"
    """Two schools, each with a textbook of that title."""
    PAGES = "pages"
    PUBLISHER = "publisher"
    EDITION = "edition"
    """Editions of two names."""
    TITLE = "title"
    ISBN = "isbn"
    IDENTIFIER = "identifier"
    """A number in common where the titles disagree: lifts a pair to a person instead."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one feature says of a pair: `points` for (+) or against (-), and whether it forbids.

    `grades` names the outcomes of the comparison ("title.equal"); their weights add up to the points.
    """

    feature: str
    points: float
    veto: bool = False
    left: str | None = None
    right: str | None = None
    grades: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The judge's word on a pair, with its reasons and the version of the rules."""

    verdict: Verdict
    score: float
    evidence: tuple[Evidence, ...]
    rules: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A judged pair, `left` < `right`. A person's edge outranks the machine's."""

    left: int
    right: int
    verdict: Verdict
    score: float
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class OldCluster:
    """A live cluster before a change: its age (smaller is older) and its members then."""

    id: int
    age: int
    members: frozenset[int]
