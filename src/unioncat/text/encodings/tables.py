"""The letters of the one-byte encodings: for each vowel the byte without tone and with each of the five.

Every row is a vowel; its columns are no tone, huyền, hỏi, ngã, sắc, nặng; `--` is what the encoding lacks.
Sources: TCVN 5712:1993 (VN1) and the ABC fonts, RFC 1456 (VISCII), VPS fonts, Windows code page 1258,
ANSI/NISO Z39.47 (ANSEL, the extended Latin set of MARC-8).
"""

import unicodedata
from typing import Final

from unioncat.text.encodings.syllables import TONES

# fmt: off
TCVN3: Final = {
    "a": "-- b5 b6 b7 b8 b9", "ă": "a8 bb bc bd be c6", "â": "a9 c7 c8 c9 ca cb",
    "e": "-- cc ce cf d0 d1", "ê": "aa d2 d3 d4 d5 d6", "i": "-- d7 d8 dc dd de",
    "o": "-- df e1 e2 e3 e4", "ô": "ab e5 e6 e7 e8 e9", "ơ": "ac ea eb ec ed ee",
    "u": "-- ef f1 f2 f3 f4", "ư": "ad f5 f6 f7 f8 f9", "y": "-- fa fb fc fd fe",
    "đ": "ae", "Đ": "a7", "Ă": "a1", "Â": "a2", "Ê": "a3", "Ô": "a4", "Ơ": "a5", "Ư": "a6",
}
"""TCVN3 as its ABC fonts have it: capitals with tone come from a font of capitals, not from bytes."""

TCVN5712_CAPITALS: Final = {
    "A": "-- 80 81 82 83 84", "Ă": "a1 af ba bf c0 85", "Â": "a2 c1 c2 c3 c4 86",
    "E": "-- 87 88 89 8a 8b", "Ê": "a3 c5 cd d9 da 8c", "I": "-- 8d 8e 8f 90 91",
    "O": "-- 92 93 94 95 96", "Ô": "a4 db e0 f0 ff 97", "Ơ": "a5 98 99 9a 9b 9c",
    "U": "-- 9d 9e 9f 01 02", "Ư": "a6 04 05 06 11 12", "Y": "-- 13 14 15 16 17",
}
"""The capitals that the standard adds, in places that Windows and terminals use otherwise."""

VISCII: Final = {
    "a": "-- e0 e4 e3 e1 d5", "ă": "e5 a2 c6 c7 a1 a3", "â": "e2 a5 a6 e7 a4 a7",
    "e": "-- e8 eb a8 e9 a9", "ê": "ea ab ac ad aa ae", "i": "-- ec ef ee ed b8",
    "o": "-- f2 f6 f5 f3 f7", "ô": "f4 b0 b1 b2 af b5", "ơ": "bd b6 b7 de be fe",
    "u": "-- f9 fc fb fa f8", "ư": "df d7 d8 e6 d1 f1", "y": "-- cf d6 db fd dc",
    "A": "-- c0 c4 c3 c1 80", "Ă": "c5 82 02 05 81 83", "Â": "c2 85 86 06 84 87",
    "E": "-- c8 cb 88 c9 89", "Ê": "ca 8b 8c 8d 8a 8e", "I": "-- cc 9b ce cd 98",
    "O": "-- d2 99 a0 d3 9a", "Ô": "d4 90 91 92 8f 93", "Ơ": "b4 96 97 b3 95 94",
    "U": "-- d9 9c 9d da 9e", "Ư": "bf bb bc ff ba b9", "Y": "-- 9f 14 19 dd 1e",
    "đ": "f0", "Đ": "d0",
}
"""VISCII; ỵ as a capital shares its byte with the field terminator of ISO 2709."""

VPS: Final = {
    "a": "-- e0 e4 e3 e1 e5", "ă": "e6 a2 a3 a4 a1 a5", "â": "e2 c0 c4 c5 c3 c6",
    "e": "-- e8 c8 eb e9 cb", "ê": "ea 8a 8b cd 89 8c", "i": "-- ec cc ef ed ce",
    "o": "-- f2 d5 f5 f3 86", "ô": "f4 d2 b0 87 d3 b6", "ơ": "d6 a9 aa ab a7 ae",
    "u": "-- f9 fb db fa f8", "ư": "dc d8 ba bb d9 bf", "y": "-- ff 9b cf 9a 9c",
    "A": "-- 80 81 82 c1 02", "Ă": "88 8e 8f f0 8d 04", "Â": "c2 84 85 1c 83 03",
    "E": "-- d7 de fe c9 05", "Ê": "ca 93 94 95 90 06", "I": "-- b5 b7 b8 b4 10",
    "O": "-- bc bd be b9 11", "Ô": "d4 97 98 99 96 12", "Ơ": "f7 9e 9f a6 9d 13",
    "U": "-- a8 d1 ac da 14", "Ư": "d0 af b1 1d ad 15", "Y": "-- b2 fd b3 dd 19",
    "đ": "c7", "Đ": "f1",
}
"""VPS; two of its capitals share their bytes with delimiters of ISO 2709."""

CP1258_TONES: Final = dict(zip((0xCC, 0xD2, 0xDE, 0xEC, 0xF2), TONES, strict=True))
"""Code page 1258 writes the letter, then its tone; hats and some Western letters are one byte."""

ANSEL_LETTERS: Final = {
    0xA1: "Ł", 0xA2: "Ø", 0xA3: "Đ", 0xA4: "Þ", 0xA5: "Æ", 0xA6: "Œ", 0xA7: "ʹ", 0xA8: "·", 0xA9: "♭",
    0xAA: "®", 0xAB: "±", 0xAC: "Ơ", 0xAD: "Ư", 0xAE: "ʼ", 0xB0: "ʻ", 0xB1: "ł", 0xB2: "ø", 0xB3: "đ",
    0xB4: "þ", 0xB5: "æ", 0xB6: "œ", 0xB7: "ʺ", 0xB8: "ı", 0xB9: "£", 0xBA: "ð", 0xBC: "ơ", 0xBD: "ư",
    0xC0: "°", 0xC1: "ℓ", 0xC2: "℗", 0xC3: "©", 0xC4: "♯", 0xC5: "¿", 0xC6: "¡", 0xC7: "ß", 0xC8: "€",
}
ANSEL_MARKS: Final = dict(
    zip(
        range(0xE0, 0xFB),
        "\u0309\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030c\u030a\ufe20\ufe21\u0315\u030b\u0310\u0327"
        "\u0328\u0323\u0324\u0325\u0333\u0332\u0326\u031c\u032e\ufe22",
        strict=True,
    )
) | {0xFB: "\ufe23", 0xFE: "\u0313"}
"""Marks of ANSEL; they stand before their letter. The horn letters are whole: ơ 0xBC, ư 0xBD."""
# fmt: on


def letters(rows: dict[str, str]) -> dict[int, str]:
    """Open a table: byte to letter."""
    found = {}
    for vowel, bytes_of_tones in rows.items():
        for tone, code in zip(("", *TONES), bytes_of_tones.split(), strict=False):
            if code != "--":
                found[int(code, 16)] = unicodedata.normalize("NFC", vowel + tone)
    return found
