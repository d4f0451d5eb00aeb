"""What the words of a text say for and against each encoding: the evidence on which decisions rest.

A word says something only if an encoding would change it; signs without letters beside them say nothing,
for a dash is a dash in every language.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple
from unicodedata import combining, normalize

from unioncat.text.encodings.codecs import CHUNK, codec, good
from unioncat.text.encodings.surface import beyond, code
from unioncat.text.encodings.syllables import is_vietnamese
from unioncat.text.encodings.tables import ANSEL_LETTERS, ANSEL_MARKS
from unioncat.text.encodings.twice import SEQUENCE

CANDIDATES: Final = ("tcvn3", "vni", "utf-8-twice", "viscii", "tcvn5712", "vps", "cp1258", "marc-8")
"""Encodings that leave signs beyond ASCII, the likelier first: of two that read a text alike it is this."""
COMMON: Final = CANDIDATES[:3]
"""Those whose remains stand in single records of catalogues that are Unicode otherwise."""

_LETTER = re.compile(r"[A-Za-z]")
_VNI_ONLY = re.compile("[aeuyAEUY][øùØÙ]|[oO][øØ]")
"""Pairs of VNI that no language writes; `où` is French."""
_PUNCTUATION: Final = "«»¡¿§©®°·“”‘’…–—"
_ANSEL: Final = ANSEL_LETTERS.keys() | ANSEL_MARKS.keys()
_BEARERS: Final = {
    "\u0300": "aeiouy",
    "\u0301": "aeiouycnszrl",
    "\u0302": "aeiouycghjsw",
    "\u0303": "aon",
    "\u0304": "aeiou",
    "\u0306": "aeiougy",
    "\u0307": "eczgnim",
    "\u0308": "aeiouy",
    "\u030a": "au",
    "\u030c": "cszrenaou",
    "\u0323": "aeiouyhsdtzlmnrk",
    "\u0327": "cstgklnr",
    "\u0328": "aeiou",
}
"""Letters that some language or romanisation writes with a mark; Vietnamese words are judged as syllables."""
_OF_ROMANISATION: Final = "\u0361\u0313\u0315ʻʼʹʺ·"
_SYMBOLS: Final = "".join(letter for letter in ANSEL_LETTERS.values() if not letter.isalpha())


class Tally(NamedTuple):
    """Different words of a text, as one encoding would change them."""

    gained: int = 0
    """No syllables as they stand, syllables when read in the encoding."""
    strong: int = 0
    """Those of them that hold a sign which stands in no word of any language."""
    lost: int = 0
    """Syllables as they stand that the encoding would spoil, or that it cannot have written."""
    missed: int = 0
    """Changed, but no syllables either way."""

    @property
    def share(self) -> float:
        """Share of the words that speak for the encoding."""
        told = self.gained + self.lost + self.missed
        return self.gained / told if told else 0.0

    @property
    def net(self) -> int:
        """Words for the encoding less those against it."""
        return self.gained - self.lost - self.missed


_NOTHING: Final = Tally()
_GAINED, _STRONG = Tally(gained=1), Tally(gained=1, strong=1)
_LOST, _MISSED = Tally(lost=1), Tally(missed=1)


def tally(chunks: Iterable[str], encoding: str) -> Tally:
    """Add up what words say of an encoding. Give each word once: a repeated slip is one slip."""
    gained = strong = lost = missed = 0
    for chunk in chunks:
        one = _weigh(chunk, encoding)
        gained += one.gained
        strong += one.strong
        lost += one.lost
        missed += one.missed
    return Tally(gained, strong, lost, missed)


def chunks(text: str) -> list[str]:
    """Cut out the words that hold a sign beyond ASCII."""
    return [] if text.isascii() and text.isprintable() else CHUNK.findall(normalize("NFC", text))


@lru_cache(maxsize=1 << 17)
def _weigh(chunk: str, encoding: str) -> Tally:
    read = codec(encoding).read(chunk)
    if read == chunk or read == normalize("NFC", chunk):
        return _unchanged(chunk, encoding)
    if _LETTER.search(chunk) is None and not (len(chunk) > 1 and any(map(str.isalpha, chunk))):
        return _NOTHING
    before = good(chunk)
    if _AFTER.get(encoding, _syllable)(chunk, read):
        if before:
            return _NOTHING
        return _STRONG if _strange(chunk, encoding) else _GAINED
    return _LOST if before else _MISSED


def _unchanged(chunk: str, encoding: str) -> Tally:
    """Weigh a word that the encoding does not change: against it, if it has other signs for the letters."""
    letters = [sign for sign in chunk if sign.isalpha() and not sign.isascii()]
    if not letters:
        return _NOTHING
    if encoding != "utf-8-twice" and all(_writes(letter, encoding) == letter for letter in letters):
        return _NOTHING
    return _LOST if good(chunk) or beyond(chunk) else _MISSED


@lru_cache(maxsize=1 << 12)
def _writes(letter: str, encoding: str) -> str | None:
    """Give the surface of a letter, if the encoding has one."""
    surface = codec(encoding).write(letter)
    return surface if surface != letter or is_vietnamese(letter) else None


def _strange(chunk: str, encoding: str) -> bool:
    """Tell whether a word holds what no language writes inside a word."""
    if encoding == "utf-8-twice":
        return any(len(found) > 2 for found in SEQUENCE.findall(chunk))
    if encoding == "vni" and _VNI_ONLY.search(chunk):
        return True
    inner = chunk.strip(_PUNCTUATION)
    return any(sign in "¹²³µ" or not (sign.isalnum() or sign in "·'’-" or combining(sign)) for sign in inner)


def _syllable(chunk: str, read: str) -> bool:
    return good(read)


def _vni(chunk: str, read: str) -> bool:
    """Tell whether a word of VNI came right: a syllable, or a French word typed on the same keyboard."""
    return good(read) or (_VNI_ONLY.search(chunk) is not None and read.strip(_PUNCTUATION).isalpha())


def _put_together(chunk: str, read: str) -> bool:
    """Tell whether nothing of a broken letter is left, and whole letters have come of it."""
    return (
        SEQUENCE.search(read) is None
        and not any("\x80" <= sign <= "\x9f" for sign in read)
        and any(sign.isalpha() or not sign.isascii() for sign in read)
    )


def _marc8(chunk: str, read: str) -> bool:
    """Tell whether marks and letters fit: all signs are of the set, each mark has a letter that bears it."""
    if any(number >= 0x80 and number not in _ANSEL for sign in chunk if (number := code(sign)) is not None):
        return False
    if good(read):
        return True
    bearer = ""
    for sign in normalize("NFD", read.strip(_SYMBOLS)):
        if combining(sign) and sign not in _OF_ROMANISATION:
            if bearer not in _BEARERS.get(sign, ""):
                return False
        elif not sign.isalpha() and sign not in _OF_ROMANISATION:
            return False
        else:
            bearer = sign.lower()
    return True


_AFTER: Final = {"vni": _vni, "utf-8-twice": _put_together, "marc-8": _marc8}
