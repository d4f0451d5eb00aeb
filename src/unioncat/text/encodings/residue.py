"""Legacy text left over in single records of a good catalogue: told by the record's texts together.

Only what is nearly certain counts: this is for comparing records, never for showing them, and it must not
touch a record that is good in any language.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from unioncat.text.encodings.codecs import CHUNK, repair
from unioncat.text.encodings.evidence import COMMON, Tally, beyond, tally

_LEAST: Final = 3
_POINTS: Final = 4


def residue(texts: Iterable[str]) -> str | None:
    """Name the legacy encoding of the texts of one record, or none where there is any doubt.

    Texts with letters that no legacy encoding has are good; the others are judged together.
    """
    words: list[str] = []
    for text in texts:
        if not text.isascii() and not beyond(text):
            words += CHUNK.findall(text)
    return suspect(words) if words else None


def suspect(words: Sequence[str]) -> str | None:
    """Name the encoding of which words are nearly certainly remains."""
    if len(words) < 2:
        return None
    found = [(encoding, tally(words, encoding)) for encoding in COMMON]
    encoding, best = max(found, key=lambda pair: pair[1].net)
    return encoding if _certain(best) else None


def _certain(one: Tally) -> bool:
    return (
        one.gained + one.strong >= _POINTS
        and one.gained >= 2
        and not one.lost
        and 4 * one.missed <= one.gained
    )


def legible(text: str, encoding: str) -> str:
    """Read one text of a record whose `residue` is `encoding`; what gains nothing by it stays."""
    if text.isascii() or beyond(text):
        return text
    one = tally(CHUNK.findall(text), encoding)
    return repair(text, encoding) if one.gained > one.lost else text
