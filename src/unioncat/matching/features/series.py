"""Series: two numbers of one series are two works, a hard stop when both records say it."""

import re
from typing import Final

from rapidfuzz import fuzz

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.numbering import stated
from unioncat.matching.rules import TITLE_LIKE, graded
from unioncat.text import key_fold

_FEATURE: Final = "series"
_MOST: Final = 4
_ISSN = re.compile(r"(?i)(?:issn[\s:]*)?\d{4}[-–]\d{3}[\dx]")
"""An ISSN where the number of the volume should stand."""
_YEAR = re.compile(r"(?:1[89]|20)\d\d")


def extract(bib: BibRecord) -> tuple[tuple[str, str], ...]:
    """Return (folded title, number) of each series; a number is brought to digits where it can be."""
    found = {(key_fold(series.title), _number(series.number)) for series in bib.series[:_MOST]}
    found.discard(("", ""))
    return tuple(sorted(found))


def _number(text: str | None) -> str:
    if not text or _ISSN.fullmatch(text.strip()):
        return ""
    folded = key_fold(text)
    digits = [word.lstrip("0") for word in folded.split() if word[0].isdecimal()]
    if digits:
        return "/".join(digits)
    levels = stated(text)
    return "/".join("+".join(map(str, level.numbers)) for level in levels) or folded


def compare(left: Features, right: Features) -> Evidence:
    """Forbid different numbers in a series of the same title (or of none on either side).

    Catalogues give a number with more or less around it ("3", "3/1983"): one number in common is enough. A
    year beside a running number ("1980", "17") is no other number.
    """
    ours, theirs = left.series, right.series
    if not ours or not theirs:
        if ours or theirs:
            return graded(_FEATURE, "series.one-side", _shown(ours), _shown(theirs))
        return _NOTHING
    agree = numbered = differ = False
    for title, number in ours:
        for other_title, other_number in theirs:
            if title != other_title:
                continue
            if number and other_number:
                if number == other_number or not set(number.split("/")).isdisjoint(other_number.split("/")):
                    numbered = True
                elif (_YEAR.fullmatch(number) is None) is not (_YEAR.fullmatch(other_number) is None):
                    agree = True
                else:
                    differ = True
            elif title or number:
                agree = True
    if numbered:
        grade = "series.number-equal"
    elif agree:
        grade = "series.equal"
    elif differ:
        return Evidence(_FEATURE, 0.0, veto=True, left=_shown(ours), right=_shown(theirs))
    elif any(fuzz.token_set_ratio(title, other) >= TITLE_LIKE for title, _ in ours for other, _ in theirs):
        grade = "series.like"
    else:
        grade = "series.differs"
    return graded(_FEATURE, grade, _shown(ours), _shown(theirs))


_NOTHING = Evidence(_FEATURE, 0.0)


def _shown(series: tuple[tuple[str, str], ...]) -> str:
    return "; ".join(f"{title} {number}".strip() for title, number in series)
