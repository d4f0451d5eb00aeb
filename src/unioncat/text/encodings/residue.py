"""Legacy text left over in single records of a good catalogue: told by the record's texts together.

Only what is nearly certain counts: this is for comparing records, never for showing them, and it must not
touch a record that is good in any language.
"""

from collections.abc import Iterable
from typing import Final
from unicodedata import normalize

from unioncat.text.encodings.codecs import CHUNK, repair
from unioncat.text.encodings.evidence import COMMON, Tally, chunks, tally
from unioncat.text.encodings.surface import beyond

_CERTAIN: Final = 4
"""Points that make it nearly certain: one for a word, one more where it holds what stands in no word."""
_LIKELY: Final = 3


def residue(texts: Iterable[str]) -> str | None:
    """Name the legacy encoding of the texts of one record, or none where there is any doubt.

    Texts with letters that no legacy encoding has are good; the others are judged together.
    """
    words: set[str] = set()
    for text in texts:
        if not text.isascii() and not beyond(text := normalize("NFC", text)):
            words.update(CHUNK.findall(text))
    if len(words) < 2:
        return None
    encoding, one = _best(words)
    certain = one.gained >= 2 and one.gained + one.strong >= _CERTAIN and not one.lost
    return encoding if certain and 4 * one.missed <= one.gained else None


def suspect(text: str) -> str | None:
    """Name the encoding that the words of a text seem to be in, for a person to look at.

    Less is asked than of `residue`, and good words may stand beside.
    """
    words = {word for word in chunks(text) if not beyond(word)}
    if not words:
        return None
    encoding, one = _best(words)
    return encoding if one.gained + one.strong >= _LIKELY and 2 * one.missed <= one.gained else None


def _best(words: set[str]) -> tuple[str, Tally]:
    return max(((each, tally(words, each)) for each in COMMON), key=lambda pair: pair[1].net)


def legible(text: str, encoding: str) -> str:
    """Read one text of a record whose `residue` is `encoding`; what gains nothing by it stays."""
    if text.isascii() or beyond(composed := normalize("NFC", text)):
        return text
    one = tally(set(CHUNK.findall(composed)), encoding)
    return repair(text, encoding) if one.gained > one.lost else text
