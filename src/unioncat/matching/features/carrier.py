"""Carrier and material: print never joins online, a map never joins a book; a lender needs the very thing."""

import re
from typing import Final

from unioncat.domain.bib import BibRecord, Carrier, Material
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.rules import graded

_FEATURE: Final = "carrier"
FILMED: Final = "filmed"
"""A microform by its code alone."""
_TEXT: Final = frozenset((Material.BOOK, Material.THESIS, Material.MANUSCRIPT, Material.OTHER))
_SOUND: Final = frozenset((Material.MUSIC, Material.AUDIOBOOK, Material.OTHER))
_ONLINE = re.compile(r"(?i)^\W*(?:\d+ )?[^\d(+;]{0,24}(?:trực tuyến|điện tử|online|electronic)")
_MICRO = re.compile(r"(?i)micro|vi phim")
_BESIDE = re.compile(
    r"(?i)\W*[\divxlc]+\W*(?:v|vols?|volumes?|p|pages?|tr|trang|tập)\b[^+]*\+\s*\d*\s*(?:cd|dvd|dis[ck]|đĩa)"
)
"""A book with a disc beside it, whatever a code says."""
_UNDECIDED: Final = frozenset((Material.BOOK, Material.SERIAL))


def extract(bib: BibRecord) -> tuple[str, str]:
    """Return material and carrier, the latter after the words of the description where they say more.

    A microform that only a code names, while its description is that of a book, is `FILMED`: such codes are
    often left over from the record of the other form.
    """
    carrier = str(bib.carrier)
    text = bib.extent.text if bib.extent is not None else ""
    if bib.carrier is Carrier.PRINT and _ONLINE.search(text):
        carrier = str(Carrier.ONLINE)
    elif bib.carrier is Carrier.MICROFORM and not _MICRO.search(text):
        carrier = FILMED
    elif bib.carrier is Carrier.DISC and _BESIDE.match(text):
        carrier = str(Carrier.PRINT)
    return str(bib.material), carrier


def compare(left: Features, right: Features) -> Evidence:
    """Forbid different carriers, and materials that cannot be two views of one thing.

    Theses, manuscripts and books are mixed up in catalogues, yearbooks stand as books and as serials:
    that weighs against, but it forbids nothing.
    """
    if left.carrier == right.carrier and left.material == right.material:
        return _NOTHING
    ours, theirs = f"{left.material} {left.carrier}", f"{right.material} {right.carrier}"
    grade = None
    if left.carrier != right.carrier and Carrier.OTHER not in (left.carrier, right.carrier):
        carriers = {left.carrier, right.carrier}
        if carriers == {Carrier.PRINT, FILMED}:
            grade = "carrier.microform"
        elif carriers != {Carrier.MICROFORM, FILMED}:
            return Evidence(_FEATURE, 0.0, veto=True, left=ours, right=theirs)
    kinds = {left.material, right.material}
    if kinds <= _TEXT or kinds <= _SOUND:
        return (
            graded(_FEATURE, grade, ours, theirs) if grade else Evidence(_FEATURE, 0.0, False, ours, theirs)
        )
    if kinds <= _UNDECIDED or Material.OTHER in kinds:
        return graded(_FEATURE, "material.differs", ours, theirs)
    return Evidence(_FEATURE, 0.0, veto=True, left=ours, right=theirs)


_NOTHING = Evidence(_FEATURE, 0.0)
