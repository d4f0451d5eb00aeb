"""Extent: the page count decides more than any other field; the number of volumes tells a set from a book."""

import re
from functools import lru_cache
from typing import Final

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.rules import PAGES_CLOSE, PAGES_FAR, PAGES_NEAR, graded

_FEATURE: Final = "extent"
_PAGES = re.compile(
    r"(?i)(?<!\d)(\d{1,5})\s*\]?\s*(?:tr(?:ang)?|p(?:ages?|p)?|s(?:eiten)?|l(?:eaves)?|tờ)(?!\w)"
)
_LEAVES = re.compile(r"(?<![^\W_])[ivxlc]{1,8}(?![^\W_])")
_SIZE = re.compile(r"(?<!\d)(\d{2})(?!\d| ?[mtv]?o\b)")
"""Heights of books; of "14,5 x 20,5 cm" the larger is the height. "12mo" is the fold of a sheet."""


_DISC = re.compile(r"(?i)(?<!\w)(?:cd|dvd|disc|disk|diskette|cassette|tape|đĩa|băng)")


def extract(bib: BibRecord) -> tuple[int | None, int | None, str, int | None, bool]:
    """Return the largest page count, the number of volumes, the Roman pages ("xii"), the height in cm.

    And whether anything goes with the book ("126 p. + 1 figure").
    """
    extent = bib.extent
    if extent is None:
        return None, None, "", None, False
    pages = extent.pages
    if pages is None:
        pages = max((int(count) for count in _PAGES.findall(extent.text)), default=None)
    return pages or None, extent.volumes, *_details(extent.text, extent.size), _accompanied(extent.text)


@lru_cache(maxsize=4096)
def _details(text: str, size: str | None) -> tuple[str, int | None]:
    roman = _LEAVES.search(text)
    heights = [int(height) for height in _SIZE.findall(size)] if size else []
    return roman[0] if roman else "", max(heights, default=None)


def _accompanied(text: str) -> bool:
    """Tell whether a thing goes with the book; discs do not count, catalogues leave them out too often."""
    _, _, beside = text.partition(" + ")
    return bool(beside) and not _DISC.search(beside)


def one_accompanied(left: Features, right: Features) -> bool:
    """Tell whether one of two described records alone has something beside the book."""
    described = (left.pages or left.volume_count or left.height) and (
        right.pages or right.volume_count or right.height
    )
    return bool(described) and left.accompanied is not right.accompanied


def compare(left: Features, right: Features) -> Evidence:
    """Weigh page counts by their distance, and sets against single volumes."""
    count_ours, count_theirs = left.volume_count or 1, right.volume_count or 1
    if (
        count_ours != count_theirs
        and (left.pages or left.volume_count)
        and (right.pages or right.volume_count)
        and (left.pages is None or left.pages != right.pages)
    ):
        return graded(_FEATURE, "volumes.count-differs", f"{count_ours} v.", f"{count_theirs} v.")
    ours, theirs = left.pages, right.pages
    if ours is None or theirs is None:
        if count_ours == count_theirs > 1:
            return graded(_FEATURE, "volumes.equal", f"{count_ours} v.", f"{count_theirs} v.")
        return _NOTHING
    distance = abs(ours - theirs)
    if distance == 0:
        grade = "pages.equal"
    elif distance <= 2:
        grade = "pages.next"
    elif distance <= PAGES_NEAR * max(ours, theirs):
        grade = "pages.near"
    elif distance <= PAGES_CLOSE:
        grade = "pages.close"
    elif distance <= PAGES_FAR * max(ours, theirs):
        grade = "pages.differ"
    else:
        grade = "pages.far"
    if not left.roman and not right.roman:
        return graded(_FEATURE, grade, str(ours), str(theirs))
    more = "roman.one-side"
    if left.roman and right.roman:
        more = "roman.equal" if left.roman == right.roman else "roman.differ"
    return graded(_FEATURE, grade, f"{left.roman} {ours}".strip(), f"{right.roman} {theirs}".strip(), more)


def compare_size(left: Features, right: Features) -> Evidence:
    """Weigh heights: another format is another printing."""
    ours, theirs = left.height, right.height
    if ours is None or theirs is None:
        return _NO_SIZE
    grade = _SIZES[min(abs(ours - theirs), 3)]
    return graded("size", grade, f"{ours} cm", f"{theirs} cm")


_SIZES: Final = ("size.equal", "size.near", "size.differs", "size.far")
_NOTHING = Evidence(_FEATURE, 0.0)
_NO_SIZE = Evidence("size", 0.0)
