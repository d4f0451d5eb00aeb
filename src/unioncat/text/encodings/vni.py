"""VNI of Windows: the plain vowel, then a sign for all its marks; a few letters have a sign of their own.

Read longest first: `ôù` is ớ, `ô` alone is ơ. The sign may be written small after a capital.
"""

import re
import unicodedata
from typing import Final

from unioncat.text.encodings.syllables import HATS, TONES

_HAT, _BREVE, _HORN = HATS

# Signs for: no tone, huyền, hỏi, ngã, sắc, nặng.
_AFTER: Final = (
    ("aeo", _HAT, "âàåãáä"),
    ("a", _BREVE, "êèúüéë"),
    ("aeiouyôö", "", "-øûõùï"),
)
_ALONE: Final = {"ñ": "đ", "ö": "ư", "ô": "ơ", "î": "ỵ", "æ": "ỉ", "ó": "ĩ", "ò": "ị"}
"""Letters with a sign of their own; ì and í are themselves."""
_STEMS: Final = {"ô": "ơ", "ö": "ư"}


def _table() -> dict[str, str]:
    found = dict(_ALONE)
    for vowels, hat, signs in _AFTER:
        for vowel in vowels:
            for tone, sign in zip(("", *TONES), signs, strict=True):
                if sign != "-":
                    marked = unicodedata.normalize("NFC", _STEMS.get(vowel, vowel) + hat + tone)
                    found.setdefault(vowel + sign, marked)
    for written, letter in list(found.items()):
        found[written.upper()] = letter.upper()
        if len(written) == 2:
            found[written[0].upper() + written[1]] = letter.upper()
            found[written[0] + written[1].upper()] = letter
    return found


READ: Final = _table()
_WRITTEN = re.compile("|".join(sorted(map(re.escape, READ), key=len, reverse=True)))
_WRITE: Final = (
    {
        ord(letter): written
        for written, letter in reversed(READ.items())
        if (written.islower() and letter.islower()) or (written.isupper() and letter.isupper())
    }
    | {ord(letter): sign for letter, sign in (("ỉ", "æ"), ("ĩ", "ó"), ("ị", "ò"), ("ỵ", "î"))}
    | {ord(letter): sign for letter, sign in (("Ỉ", "Æ"), ("Ĩ", "Ó"), ("Ị", "Ò"), ("Ỵ", "Î"))}
    | {ord(letter): letter for letter in "ìíÌÍ"}
)


def read_vni(text: str) -> str:
    """Read the surface of VNI."""
    return _WRITTEN.sub(lambda match: READ[match[0]], text)


def write_vni(text: str) -> str:
    """Write the surface of VNI, the sign in the case of its vowel."""
    return unicodedata.normalize("NFC", text).translate(_WRITE)
