"""Carrier and material: print never joins online, a map never joins a book; a lender needs the very thing."""

from typing import Final

from unioncat.domain.bib import BibRecord, Carrier, Material
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.rules import POINTS

_FEATURE: Final = "carrier"
_TEXT: Final = frozenset((Material.BOOK, Material.THESIS, Material.MANUSCRIPT, Material.OTHER))
_SOUND: Final = frozenset((Material.MUSIC, Material.AUDIOBOOK, Material.OTHER))
_UNDECIDED: Final = frozenset((Material.BOOK, Material.SERIAL))


def extract(bib: BibRecord) -> tuple[str, str]:
    """Return material and carrier."""
    return str(bib.material), str(bib.carrier)


def compare(left: Features, right: Features) -> Evidence:
    """Forbid different carriers, and materials that cannot be two views of one thing.

    Theses, manuscripts and books are mixed up in catalogues, yearbooks stand as books and as serials:
    that weighs against, but it forbids nothing.
    """
    if left.carrier == right.carrier and left.material == right.material:
        return _NOTHING
    ours, theirs = f"{left.material} {left.carrier}", f"{right.material} {right.carrier}"
    if left.carrier != right.carrier and Carrier.OTHER not in (left.carrier, right.carrier):
        return Evidence(_FEATURE, 0.0, veto=True, left=ours, right=theirs)
    kinds = {left.material, right.material}
    if kinds <= _TEXT or kinds <= _SOUND:
        return Evidence(_FEATURE, 0.0, left=ours, right=theirs)
    if kinds <= _UNDECIDED or Material.OTHER in kinds:
        return Evidence(_FEATURE, POINTS["material.differs"], left=ours, right=theirs)
    return Evidence(_FEATURE, 0.0, veto=True, left=ours, right=theirs)


_NOTHING = Evidence(_FEATURE, 0.0)
