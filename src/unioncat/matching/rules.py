"""The limits of the judge; the weights of its evidence stand in `weights`.

Whoever changes a number, a rule or a weight changes `RULES` too: stored judgements carry it and are made
anew in the background when it moves.
"""

from typing import Final

from unioncat.domain.match import Evidence
from unioncat.matching.weights import POINTS

RULES: Final = "8"
"""Version of the rules, kept with every judgement."""

SAME_FROM: Final = 46.0
"""Score from which a pair is the same edition."""

UNSURE_FROM: Final = 28.0
"""Score from which a pair is put before a person."""

VETO_SCORE: Final = -100.0
"""Score of a pair that a hard stop keeps apart."""

PAGES_NEAR: Final = 0.03
PAGES_CLOSE: Final = 10
PAGES_FAR: Final = 0.25

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


def graded(feature: str, grade: str, left: str, right: str, *more: str) -> Evidence:
    """Make the evidence of one grade, or of several, with the points that they are worth."""
    points = POINTS[grade]
    for other in more:
        points += POINTS[other]
    return Evidence(feature, points, False, left, right, (grade, *more))
