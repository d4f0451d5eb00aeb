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
from unioncat.text.encodings.surface import SIGNS
from unioncat.text.encodings.syllables import TONES
from unioncat.text.encodings.twice import SEQUENCE

CANDIDATES: Final = ("tcvn3", "vni", "utf-8-twice", "viscii", "tcvn5712", "vps", "cp1258", "marc-8")
"""Encodings that leave signs beyond ASCII, the likelier first: of two that read a text alike it is this."""
COMMON: Final = CANDIDATES[:3]
"""Those whose remains stand in single records of catalogues that are Unicode otherwise."""

_LETTER = re.compile(r"[A-Za-z]")
_OF_BYTES: Final = re.escape("".join(sorted(set(SIGNS) | set(map(chr, range(256)))))) + "\u2212"
_BEYOND: Final = re.compile(f"[^{_OF_BYTES}]")
"""A sign that no byte has."""
_BEYOND_LETTER: Final = re.compile(f"[^\\W\\d_{_OF_BYTES}]")
_ACCENTS: Final = frozenset("\u0302\u0306\u031b\u0308\u0327\u030a" + "".join(TONES))


class Tally(NamedTuple):
    """Words (by occurrence) of a text, as one encoding would change them."""

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
    """Add up what words say of an encoding."""
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
    return [] if text.isascii() and text.isprintable() else CHUNK.findall(text)


def beyond(text: str) -> bool:
    """Tell whether a text holds a sign that no byte leaves: it is Unicode, at least in part."""
    return _BEYOND.search(text) is not None


@lru_cache(maxsize=1 << 17)
def _weigh(chunk: str, encoding: str) -> Tally:
    read = codec(encoding).read(chunk)
    if read == chunk or read == normalize("NFC", chunk):
        foreign = _BEYOND_LETTER.search(chunk) or (encoding == "utf-8-twice" and not chunk.isascii())
        return _LOST if foreign and any(map(str.isalpha, chunk)) else _NOTHING
    if _LETTER.search(chunk) is None:
        return _NOTHING
    before = good(chunk)
    after = _AFTER.get(encoding, good)(read)
    if after:
        if before:
            return _NOTHING
        return _STRONG if _strange(chunk, encoding) else _GAINED
    return _LOST if before else _MISSED


def _strange(chunk: str, encoding: str) -> bool:
    """Tell whether a word holds what no language writes inside a word."""
    if encoding == "utf-8-twice":
        return any(len(found) > 2 for found in SEQUENCE.findall(chunk))
    inner = chunk.strip("«»¡¿§©®°·“”‘’…–—")
    return any(sign in "¹²³µ" or not (sign.isalnum() or sign in "·'’-" or combining(sign)) for sign in inner)


def _put_together(read: str) -> bool:
    """Tell whether nothing of a broken letter is left, and whole letters have come of it."""
    return (
        SEQUENCE.search(read) is None
        and not any("\x80" <= sign <= "\x9f" for sign in read)
        and any(sign.isalpha() or not sign.isascii() for sign in read)
    )


def _western(read: str) -> bool:
    """Tell whether marks and letters fit: each mark has a letter that some language writes with it."""
    for sign in read:
        if combining(sign):
            return False
        if not sign.isascii() and not good(sign):
            marks = normalize("NFD", sign)[1:]
            if marks and not _ACCENTS.issuperset(marks):
                return False
            if not marks and not sign.isalpha():
                return False
    return True


_AFTER: Final = {"utf-8-twice": _put_together, "marc-8": _western}
