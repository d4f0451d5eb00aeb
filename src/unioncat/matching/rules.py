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
    "title.equal": 29,
    "title.folded": 24,
    "title.begins": 20,
    "title.rest-differs": -4,
    "title.alternative": 15,
    "title.near": 21,
    "title.like": 10,
    "title.words-differ": -8,
    "title.weak": -15,
    "title.differs": -60,
    "title.number-differs": -40,
    "title.number-one-side": -10,
    "title.number-in-rest": -3,
    "part.differs": -40,
    "part.one-side": -20,
    # responsibility
    "name.equal": 15,
    "name.initials": 15,
    "name.shared": 7,
    "name.tones-differ": -8,
    "name.statement": 10,
    "name.others-differ": -6,
    "name.differs": -20,
    "body.equal": 5,
    "body.differs": -3,
    # imprint
    "year.equal": 16,
    "year.other": 6,
    "year.printing": -15,
    "year.near": -15,
    "year.differs": -30,
    "publisher.equal": 6,
    "publisher.like": 5,
    "publisher.differs": -11,
    "place.equal": 3,
    "place.differs": -11,
    "edition.equal": 4,
    "edition.one-side": -6,
    "edition.kind-differs": -15,
    "edition.marks-differ": -6,
    # extent
    "pages.equal": 15,
    "pages.near": 9,
    "pages.close": 2,
    "pages.differ": -20,
    "volumes.equal": 11,
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
TITLE_BEGIN_NEAR: Final = 24
"""The same where the beginning is only nearly equal."""
SLIP: Final = 75.0
"""Likeness from which two words are one word and a slip of the pen."""
SLIP_FROM: Final = 5
"""Letters that a word must have for that: short Vietnamese syllables are other words at once."""
LONG_TITLE: Final = 8
"""A text may differ from another in one word of so many."""
