"""Year of publication, with the other years of the imprint (copyright, printing) as second chances."""

import re
from typing import Final

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.rules import POINTS

_FEATURE: Final = "year"
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_MOST: Final = 4


def extract(bib: BibRecord) -> tuple[int | None, tuple[int, ...]]:
    """Return the year and the further years of the imprint."""
    found = {int(year) for imprint in bib.imprints if imprint.date for year in _YEAR.findall(imprint.date)}
    if bib.year_end is not None and bib.year_end < 9000:
        found.add(bib.year_end)
    year = bib.year
    if year is None and found:
        year = max(found)
    found.discard(year or 0)
    return year, tuple(sorted(found)[:_MOST])


def compare(left: Features, right: Features) -> Evidence:
    """Weigh equal years for and other years against; the same years in other roles are nearly equal.

    One side's year among the further years of the other is a later printing more often than the same one.
    """
    ours, theirs = left.year, right.year
    if ours is None or theirs is None:
        return _NOTHING
    return Evidence(_FEATURE, POINTS[_grade(left, right, ours, theirs)], left=str(ours), right=str(theirs))


def differ(left: Features, right: Features) -> bool:
    """Tell whether both years are known and too far apart for one printing."""
    ours, theirs = left.year, right.year
    return ours is not None and theirs is not None and _grade(left, right, ours, theirs) == "year.differs"


_NOTHING = Evidence(_FEATURE, 0.0)


def _grade(left: Features, right: Features, ours: int, theirs: int) -> str:
    if ours == theirs:
        return "year.equal"
    if ours in right.other_years or theirs in left.other_years:
        return "year.other" if {ours, *left.other_years} == {theirs, *right.other_years} else "year.printing"
    return "year.near" if abs(ours - theirs) == 1 else "year.differs"
