"""Volumes: a hard stop; two volumes of one work are never the same edition, nor is a part the whole.

A record that names no volume is taken for the whole, never for any of its parts."""

from typing import Final

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.numbering import LAST, LONGEST_NUMBER, Level, split, stated, united
from unioncat.matching.rules import graded
from unioncat.text import key_fold

_FEATURE: Final = "volume"
ONE_SIDE: Final = "volume.one-side"
"""A volume beside a record that names none and is as large: for a person to decide."""
_IN_EXTENT: Final = ("t.", "t ", "tập", "q.", "quyển")


def extract(bib: BibRecord) -> tuple[tuple[int, ...], ...]:
    """Read the volume from $n, $p, the title, its remainder, a series without own title, or the extent."""
    sources: list[tuple[Level, ...]] = []
    for part in bib.title.parts:
        if part.number and len(part.number) <= LONGEST_NUMBER:
            sources.append(stated(part.number))
        if part.name:
            sources.append(split(part.name).levels)
    sources.append(split(bib.title.main).levels)
    if bib.title.remainder:
        sources.append(split(bib.title.remainder).levels)
    sources.extend(
        stated(series.number) for series in bib.series if series.number and _own(series.title, bib.title.main)
    )
    if bib.extent is not None and bib.extent.text.lower().startswith(_IN_EXTENT):
        sources.append(split(bib.extent.text).levels)
    return united(source for source in sources if source)


def _own(series: str, title: str) -> bool:
    """Tell whether a series statement only repeats the title, so that its number is a volume's."""
    if not series or series == title:
        return True
    return key_fold(split(series).text) == key_fold(split(title).text)


def compare(left: Features, right: Features) -> Evidence:
    """Forbid different volumes, and a volume beside a record that names none, unless it is as large."""
    ours, theirs = left.volumes, right.volumes
    if ours == theirs:
        if not ours:
            return _NOTHING
        return Evidence(_FEATURE, 0.0, left=_shown(ours), right=_shown(theirs))
    if len(ours) == len(theirs) and all(map(_may_agree, ours, theirs)):
        return Evidence(_FEATURE, 0.0, left=_shown(ours), right=_shown(theirs))
    if (not theirs and _told_otherwise(left, right)) or (not ours and _told_otherwise(right, left)):
        return Evidence(_FEATURE, 0.0, left=_shown(ours), right=_shown(theirs))
    if (not ours or not theirs) and _same_size(left, right):
        return graded(_FEATURE, ONE_SIDE, _shown(ours) or "", _shown(theirs) or "")
    return Evidence(_FEATURE, 0.0, veto=True, left=_shown(ours), right=_shown(theirs))


def _same_size(left: Features, right: Features) -> bool:
    """Tell whether two records of one year describe as many pages, or as many volumes: no part and whole.

    A catalogue that leaves the number of the volume out describes the volume all the same.
    """
    if left.year is None or left.year != right.year:
        return False
    if left.pages is not None and right.pages is not None:
        return left.pages == right.pages and left.roman == right.roman
    return left.volume_count == right.volume_count and (left.volume_count or 0) > 1


def _told_otherwise(ours: Features, theirs: Features) -> bool:
    """Tell whether the side without a volume has its number in a series, or in the title that both bear."""
    return _in_series(ours, theirs) or _in_title(ours, theirs)


def _in_title(ours: Features, theirs: Features) -> bool:
    """Tell whether the volume only repeats a number of the common title ("English for life 8", "T.8")."""
    if ours.title != theirs.title or len(ours.volumes) != 1 or len(ours.volumes[0]) != 1:
        return False
    return str(ours.volumes[0][0]) in ours.title.split()


def _in_series(ours: Features, theirs: Features) -> bool:
    """Tell whether the volume of a set is the number that the other side has in a series of that title."""
    number = "/".join("+".join(map(str, numbers)) for numbers in ours.volumes)
    return any(title and stated == number and ours.title.startswith(title) for title, stated in theirs.series)


_NOTHING = Evidence(_FEATURE, 0.0)


def _may_agree(ours: tuple[int, ...], theirs: tuple[int, ...]) -> bool:
    """Tell whether numbers are equal, or one says "the last volume" where the other has two or three."""
    if ours == theirs:
        return True
    return (ours == (LAST,) and theirs in ((2,), (3,))) or (theirs == (LAST,) and ours in ((2,), (3,)))


def _shown(volumes: tuple[tuple[int, ...], ...]) -> str | None:
    return "/".join("+".join(map(str, numbers)) for numbers in volumes) or None
