"""VIQR (RFC 1456): marks as ASCII signs after the vowel, `dd` for đ, a backslash before what is no mark.

Full stops and question marks after a vowel are marks here: no text may be read so unless all of it is VIQR.
"""

import re
import unicodedata
from typing import Final

from unioncat.text.encodings.syllables import HATS, TONES

_TONE_SIGNS: Final = dict(zip("`?~'.", TONES, strict=True))
_HAT_SIGNS: Final = dict(zip("^(+", HATS, strict=True))
_SIGN_OF: Final = {mark: sign for sign, mark in (_TONE_SIGNS | _HAT_SIGNS).items()}

_WRITTEN = re.compile(r"\\(.)|([aAeEoO]\^|[aA]\(|[oOuU]\+|[aeiouyAEIOUY])([`?~'.])?|(dd|DD|Dd)", re.DOTALL)
_PLAIN = re.compile(r"([aeiouyAEIOUY])(?=[`?~'.^(+])|\\|[dD](?=[dD])")


def read_viqr(text: str) -> str:
    """Read VIQR."""
    return _WRITTEN.sub(_read, text)


def _read(match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[1]
    if match[4] is not None:
        return "đ" if match[4] == "dd" else "Đ"
    vowel, hat = match[2][0], match[2][1:]
    return unicodedata.normalize(
        "NFC", vowel + "".join(_HAT_SIGNS[sign] for sign in hat) + _TONE_SIGNS.get(match[3] or "", "")
    )


def write_viqr(text: str) -> str:
    """Write VIQR; signs that would be taken for marks get a backslash."""
    text = unicodedata.normalize("NFC", text)
    pieces = []
    for at, letter in enumerate(text):
        following = text[at + 1 : at + 2]
        if letter in "đĐ":
            pieces.append("dd" if letter == "đ" else "DD")
        elif letter == "\\":
            pieces.append("\\\\")
        elif letter in "dD" and following in ("d", "D", "đ", "Đ"):
            pieces.append(letter + "\\" if following in "dD" else letter)
        else:
            parts = list(unicodedata.normalize("NFD", letter))
            base, marks = parts[0], parts[1:]
            if base in "aeiouyAEIOUY" and set(marks) <= _SIGN_OF.keys():
                marks.sort(key=lambda mark: mark in TONES)
                letter = base + "".join(_SIGN_OF[mark] for mark in marks)
                pieces.append(letter + "\\" if following and following in "`?~'.^(+" else letter)
            else:
                pieces.append(letter)
    return "".join(pieces)
