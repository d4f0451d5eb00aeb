"""Extent: the page count decides more than any other field; the number of volumes tells a set from a book."""

import re
from typing import Final

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.rules import PAGES_CLOSE, PAGES_NEAR, POINTS

_FEATURE: Final = "extent"
_PAGES = re.compile(
    r"(?i)(?<!\d)(\d{1,5})\s*\]?\s*(?:tr(?:ang)?|p(?:ages?|p)?|s(?:eiten)?|l(?:eaves)?|tờ)(?!\w)"
)


def extract(bib: BibRecord) -> tuple[int | None, int | None]:
    """Return the largest page count and the number of volumes."""
    extent = bib.extent
    if extent is None:
        return None, None
    pages = extent.pages
    if pages is None:
        pages = max((int(count) for count in _PAGES.findall(extent.text)), default=None)
    return pages or None, extent.volumes


def compare(left: Features, right: Features) -> Evidence:
    """Weigh page counts by their distance, and sets against single volumes."""
    count_ours, count_theirs = left.volume_count or 1, right.volume_count or 1
    if (
        count_ours != count_theirs
        and (left.pages or left.volume_count)
        and (right.pages or right.volume_count)
    ):
        return Evidence(
            _FEATURE, POINTS["volumes.count-differs"], left=f"{count_ours} v.", right=f"{count_theirs} v."
        )
    ours, theirs = left.pages, right.pages
    if ours is None or theirs is None:
        if count_ours == count_theirs > 1:
            return Evidence(_FEATURE, POINTS["volumes.equal"], left=str(count_ours), right=str(count_theirs))
        return _NOTHING
    distance = abs(ours - theirs)
    if distance == 0:
        grade = "pages.equal"
    elif distance <= max(2.0, PAGES_NEAR * max(ours, theirs)):
        grade = "pages.near"
    elif distance <= PAGES_CLOSE:
        grade = "pages.close"
    else:
        grade = "pages.differ"
    return Evidence(_FEATURE, POINTS[grade], left=str(ours), right=str(theirs))


_NOTHING = Evidence(_FEATURE, 0.0)
