"""Year of publication, how sure it is, and the other years of the imprint (copyright, printing).

A year that a cataloguer only supposed is hardly evidence; the same years in other roles are nearly equal.
"""

import re
from typing import Final

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.rules import graded

_FEATURE: Final = "year"
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_CORRECTED = re.compile(r"(?<!\d)\d{4}\W+i\.?\s?e\.?\W+(?=\D{0,3}\d{4})")
"""A misprinted year with the right one after it: "1907 [i.e. 1917]"."""
_SUPPOSED = re.compile(r"\?|\d[-–]{1,2}(?:\D|$)|(?<!\d)\d{2}[-–]{2}")
_SUPPLIED = re.compile(r"\[|©|(?<![^\W_])c(?:op)?\.?\s?\d{4}")
_MOST: Final = 4
_CENTURY: Final = 100
_VIETNAMESE: Final = "vie"

SUPPOSED: Final = "supposed"
"""A queried year, a decade or a century: "[1987?]", "189-", "[18--]"."""
SUPPLIED: Final = "supplied"
"""A year that is not the imprint's own: in brackets, or of the copyright."""


def extract(bib: BibRecord) -> tuple[int | None, tuple[int, ...], str]:
    """Return the year, the further years of the imprint, and how the year was come by."""
    dates = [_CORRECTED.sub("", imprint.date) for imprint in bib.imprints if imprint.date]
    found = {int(year) for date in dates for year in _YEAR.findall(date)}
    year = bib.year
    if (
        found
        and year not in found
        and any(_CORRECTED.search(imprint.date) for imprint in bib.imprints if imprint.date)
    ):
        year = max(found)
    if bib.year_end is not None and bib.year_end < 9000:
        found.add(bib.year_end)
    if year is None and found:
        year = max(found)
    found.discard(year or 0)
    text = " ".join(dates)
    manner = SUPPOSED if _SUPPOSED.search(text) else SUPPLIED if _SUPPLIED.search(text) else ""
    return year, tuple(sorted(found)[:_MOST]), manner


def compare(left: Features, right: Features) -> Evidence:
    """Weigh equal years for and other years against, less where one of them is not sure.

    One side's year among the further years of the other is a later printing more often than the same one.
    A Vietnamese book bears the year of its legal deposit, and textbooks are printed anew each year unchanged:
    there the next year is another printing, where elsewhere it is often a copyright date.
    """
    ours, theirs = left.year, right.year
    if ours is None or theirs is None:
        return _NOTHING
    grade = _grade(left, right, ours, theirs)
    if grade in _CODED and (left.coded_year or ours) == (right.coded_year or theirs):
        return graded(_FEATURE, grade, str(ours), str(theirs), "year.coded-equal")
    return graded(_FEATURE, grade, str(ours), str(theirs))


def differ(left: Features, right: Features) -> bool:
    """Tell whether both years are known and too far apart for one printing."""
    ours, theirs = left.year, right.year
    return ours is not None and theirs is not None and _grade(left, right, ours, theirs) in _APART


_CODED: Final = frozenset(("year.differs", "year.near"))
"""Years apart that count less where the codes of both records agree: one description was made from the other.

Not in Viet Nam, where textbooks are printed anew each year and the codes are left as they were.
"""
_APART: Final = frozenset(("year.differs", "year.deposit-differs"))
_GUESS: Final = 10
"""Years by which a cataloguer's guess may miss."""
_NOTHING = Evidence(_FEATURE, 0.0)


def _within(facts: Features, year: int) -> bool:
    """Tell whether a supposed year may be this one: "18--" any of its century, "[1981?]" one near it."""
    if facts.year_manner != SUPPOSED or facts.year is None:
        return False
    most = _CENTURY - 1 if facts.year % _CENTURY == 0 else _GUESS
    return -_GUESS <= year - facts.year <= most


def _grade(left: Features, right: Features, ours: int, theirs: int) -> str:
    if ours == theirs:
        return "year.equal"
    if ours in right.other_years or theirs in left.other_years:
        return "year.other" if {ours, *left.other_years} == {theirs, *right.other_years} else "year.printing"
    distance = abs(ours - theirs)
    if distance <= _CENTURY and SUPPOSED in (left.year_manner, right.year_manner):
        within = _within(left, theirs) or _within(right, ours)
        return "year.supposed" if within else "year.supposed-far"
    if _VIETNAMESE in left.languages or _VIETNAMESE in right.languages or (left.toned and right.toned):
        return "year.deposit-differs"
    if distance > 1:
        return "year.differs"
    return "year.supplied-near" if left.year_manner or right.year_manner else "year.near"
