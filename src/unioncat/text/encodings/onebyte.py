"""The encodings with one byte for a letter: TCVN3, TCVN 5712, VISCII and VPS, and code page 1258.

All functions go from the surface of a text to letters and back; signs that are no letters of the encoding
stay as they are.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from unioncat.text.clean import compose
from unioncat.text.encodings.surface import SIGNS, both_views
from unioncat.text.encodings.syllables import TONES, is_marked_syllable, is_syllable
from unioncat.text.encodings.tables import (
    CP1258_TONES,
    TCVN3,
    TCVN5712_CAPITALS,
    VISCII,
    VPS,
    letters,
)

Turn = Callable[[str], str]


def _pair(table: dict[int, str]) -> tuple[Turn, Turn]:
    """Make reader and writer of an encoding out of its table."""
    forwards = both_views(table)
    backwards = {ord(letter): SIGNS[code] for code, letter in table.items()}

    def read(text: str) -> str:
        return text.translate(forwards)

    def write(text: str) -> str:
        return unicodedata.normalize("NFC", text).translate(backwards)

    return read, write


read_viscii, write_viscii = _pair(letters(VISCII))
read_vps, write_vps = _pair(letters(VPS))
read_tcvn5712, write_tcvn5712 = _pair(letters(TCVN3 | TCVN5712_CAPITALS))

# --- TCVN3 of the ABC fonts ---------------------------------------------------------------------------------

_ABC: Final = letters(TCVN3)
_FROM_ABC: Final = both_views(_ABC) | {0x2212: "ư"}  # some programs show 0xAD as a minus sign
_TO_ABC: Final = {ord(letter): SIGNS[code] for code, letter in _ABC.items()} | {
    ord(letter.upper()): SIGNS[code]
    for code, letter in _ABC.items()
    if letter.islower() and letter.upper() not in _ABC.values()
}
_EITHER_CASE: Final = frozenset(
    letter for letter in _ABC.values() if letter.islower() and letter.upper() not in _ABC.values()
)
_NO_TONE: Final = dict.fromkeys(map(ord, TONES))
_WORD = re.compile(r"[^\W\d_]+")


def _toneless(letter: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", letter).translate(_NO_TONE))


_DOUBLED: Final = {_toneless(letter).upper() + letter: letter.upper() for letter in _EITHER_CASE}
_TWO_FOR_ONE = re.compile("|".join(map(re.escape, sorted(_DOUBLED))))
_HYPHEN = re.compile(r"([^\W\d_]+)-([^\W\d_]*)(?!\d)|-([ơờởỡớợ][^\W\d_]*)")


def read_tcvn3(text: str) -> str:
    """Read TCVN3. Toned capitals are lost in it: they are given back where the words around are capitals.

    The byte of ư is a soft hyphen to Western programs, which some of them print as a hyphen: it is read as ư
    where that makes a syllable of what was none ("tr-êng"). Some programs wrote a toned capital as the
    capital and the toned letter behind it ("A¸" is Á).
    """
    found = text.translate(_FROM_ABC)
    if "-" in found:
        found = _HYPHEN.sub(_horn, found)
    return _lift(_TWO_FOR_ONE.sub(lambda match: _DOUBLED[match[0]], found))


def write_tcvn3(text: str) -> str:
    """Write TCVN3; toned capitals become small, as the font of capitals would show them."""
    return unicodedata.normalize("NFC", text).translate(_TO_ABC)


def _horn(match: re.Match[str]) -> str:
    left, right = (match[1], match[2]) if match[3] is None else ("", match[3])
    whole = f"{left}ư{right}".lower()
    if not is_marked_syllable(whole) or (
        is_syllable(left.lower()) and (not right or is_syllable(right.lower()))
    ):
        return match[0]
    return f"{left}ư{right}"


def _lift(text: str) -> str:
    """Make capitals of the toned letters in words that are capitals otherwise."""
    words = list(_WORD.finditer(text))
    kinds = [_case(word[0]) for word in words]
    if True not in kinds:
        return text
    pieces, end = [], 0
    for at, word in enumerate(words):
        lift = kinds[at]
        if lift is None and not _EITHER_CASE.isdisjoint(word[0]) and _no_small(word[0]):
            before = next((kind for kind in reversed(kinds[:at]) if kind is not None), None)
            after = next((kind for kind in kinds[at + 1 :] if kind is not None), None)
            lift = before is not False and after is not False
        if lift:
            pieces += [text[end : word.start()], word[0].upper()]
            end = word.end()
    return "".join(pieces) + text[end:]


def _no_small(word: str) -> bool:
    return all(letter in _EITHER_CASE or letter.isupper() for letter in word)


def _case(word: str) -> bool | None:
    """Tell whether a word is all capitals, or not, by the letters after the first that show it; else None.

    Abbreviations tell nothing of the words beside them.
    """
    certain = [letter for letter in word[1:] if letter not in _EITHER_CASE]
    if not certain or not is_syllable(word.lower()):
        return None
    return all(letter.isupper() for letter in certain)


# --- Code page 1258 -----------------------------------------------------------------------------------------


def _cp1258() -> dict[int, str]:
    table = {}
    for code in range(0x80, 0x100):
        sign = bytes((code,)).decode("cp1258", "ignore")
        if sign and sign != SIGNS[code]:
            table[code] = sign
    return table


_FROM_1258: Final = both_views(_cp1258())
_TONE_SIGN: Final = {tone: SIGNS[code] for code, tone in CP1258_TONES.items()}
_WHOLE_1258: Final = {letter: SIGNS[code] for code, letter in _cp1258().items()} | {
    sign: sign for sign in SIGNS[0xC0:] if ord(sign) not in _FROM_1258
}


def read_cp1258(text: str) -> str:
    """Read code page 1258; letter and tone are put together."""
    return compose(text.translate(_FROM_1258))


def write_cp1258(text: str) -> str:
    """Write code page 1258 as Windows does: whole letters where it has them, else letter and tone."""
    return "".join(map(_letter_1258, unicodedata.normalize("NFC", text)))


def _letter_1258(letter: str) -> str:
    if letter.isascii() or letter in _WHOLE_1258:
        return _WHOLE_1258.get(letter, letter)
    parts = unicodedata.normalize("NFD", letter)
    tone = next((part for part in parts if part in TONES), None)
    if tone is None:
        return letter
    base = unicodedata.normalize("NFC", parts.replace(tone, ""))
    return _WHOLE_1258.get(base, base) + _TONE_SIGN[tone]
