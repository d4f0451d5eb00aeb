"""The weights and limits of the judge, all in one table.

Whoever changes a number or a rule changes `RULES` too: stored judgements carry it and are made anew in the
background when it moves. Start values: a librarian's scale of points, calibrated on labelled pairs.
"""

from typing import Final

RULES: Final = "1"
"""Version of the rules, kept with every judgement."""

SAME_FROM: Final = 55.0
"""Score from which a pair is the same edition."""

UNSURE_FROM: Final = 35.0
"""Score from which a pair is put before a person."""

VETO_SCORE: Final = -100.0
"""Score of a pair that a hard stop keeps apart."""

POINTS: Final[dict[str, float]] = {
    # title: the value for a title of four words or more; shorter ones give less (TITLE_LENGTH)
    "title.equal": 28,
    "title.folded": 22,
    "title.begins": 23,
    "title.rest-near": 24,
    "title.rest-differs": 4,
    "title.alternative": 15,
    "title.near": 18,
    "title.like": 8,
    "title.weak": -15,
    "title.differs": -60,
    "title.number-differs": -40,
    "title.number-one-side": -12,
    "part.differs": -40,
    "part.one-side": -20,
    # responsibility
    "name.equal": 15,
    "name.initials": 13,
    "name.shared": 7,
    "name.tones-differ": -8,
    "name.differs": -20,
    "body.equal": 5,
    "body.differs": -3,
    # imprint
    "year.equal": 12,
    "year.other": 8,
    "year.near": 0,
    "year.differs": -30,
    "publisher.equal": 5,
    "publisher.like": 2,
    "publisher.differs": -4,
    "place.equal": 2,
    "place.differs": -3,
    "edition.equal": 4,
    "edition.one-side": -6,
    "edition.kind-differs": -15,
    "edition.marks-differ": -6,
    # extent
    "pages.equal": 15,
    "pages.near": 9,
    "pages.close": 2,
    "pages.differ": -20,
    "volumes.equal": 5,
    "volumes.count-differs": -25,
    # identifiers
    "isbn.equal": 32,
    "isbn.conflict": 0,
    "isbn.differs": -20,
    "number.equal": 32,
    "number.conflict": 0,
    "number.differs": -8,
    "issn.equal": 25,
    "issn.differs": -25,
    # series, kind
    "series.equal": 3,
    "material.differs": -30,
}

TITLE_LENGTH: Final[tuple[float, ...]] = (0.0, -11.0, -7.0, -3.0, 0.0)
"""Taken from (or added to) an agreeing title, by its number of words; the last one stands for all longer."""

PAGES_NEAR: Final = 0.03
PAGES_CLOSE: Final = 10

TITLE_NEAR: Final = 90.0
TITLE_LIKE: Final = 80.0
TITLE_WEAK: Final = 60.0
TITLE_BEGIN: Final = 8
"""Letters that a title must have to be taken for the beginning of a longer one."""
