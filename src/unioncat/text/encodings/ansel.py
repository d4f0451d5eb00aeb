"""MARC-8 with the extended Latin set (ANSEL): marks before their letter, the horn letters ơ and ư whole.

Only the default sets are read here; what changes sets by escape sequences is work for a reader of MARC.
"""

import unicodedata
from typing import Final

from unioncat.text.clean import compose
from unioncat.text.encodings.surface import SIGNS, code
from unioncat.text.encodings.tables import ANSEL_LETTERS, ANSEL_MARKS

_SIGN_OF: Final = {letter: SIGNS[number] for number, letter in (ANSEL_LETTERS | ANSEL_MARKS).items()}
_HORNED: Final = {"o\u031b": "ơ", "O\u031b": "Ơ", "u\u031b": "ư", "U\u031b": "Ư"}


def read_ansel(text: str) -> str:
    """Read the surface of MARC-8."""
    pieces: list[str] = []
    marks: list[str] = []
    for sign in text:
        number = code(sign)
        if number is None or number < 0x80:
            pieces += [sign, *marks]
            marks.clear()
        elif number in ANSEL_MARKS:
            marks.append(ANSEL_MARKS[number])
        else:
            pieces += [ANSEL_LETTERS.get(number, sign), *marks]
            marks.clear()
    return compose("".join([*pieces, *marks]))


def write_ansel(text: str) -> str:
    """Write the surface of MARC-8; what the set lacks stays as it is."""
    pieces = []
    cluster = ""
    for sign in unicodedata.normalize("NFD", text):
        if unicodedata.combining(sign) or not cluster:
            cluster += sign
        else:
            pieces.append(_cluster(cluster))
            cluster = sign
    return "".join([*pieces, _cluster(cluster)])


def _cluster(cluster: str) -> str:
    for horned, letter in _HORNED.items():
        if cluster[:1] == horned[0] and "\u031b" in cluster:
            cluster = letter + cluster[1:].replace("\u031b", "", 1)
            break
    base, marks = cluster[:1], cluster[1:]
    if any(mark not in _SIGN_OF for mark in marks):
        return unicodedata.normalize("NFC", cluster)
    marks = "".join(sorted(marks, key=lambda mark: mark in "\u0300\u0301\u0303\u0309\u0323"))
    return "".join(_SIGN_OF[mark] for mark in marks) + _SIGN_OF.get(base, base)
