"""ISO 5426, the extended Latin set of UNIMARC, in Unicode; with ISO 6630's marks around what is not sorted.

A mark stands before its letter, as in all sets of that family; here it comes out behind it, composed.
"""

import unicodedata

_SIGNS = {
    0x88: "\x88",
    0x89: "\x89",
    0xA1: "¡",
    0xA2: "„",
    0xA3: "£",
    0xA4: "$",
    0xA5: "¥",
    0xA6: "†",
    0xA7: "§",
    0xA8: "′",
    0xA9: "‘",
    0xAA: "“",
    0xAB: "«",
    0xAC: "♭",
    0xAD: "©",
    0xAE: "℗",
    0xAF: "®",
    0xB0: "ʻ",
    0xB1: "ʼ",
    0xB2: "‚",
    0xB6: "‡",
    0xB7: "·",
    0xB8: "″",
    0xB9: "’",
    0xBA: "”",
    0xBB: "»",
    0xBC: "♯",
    0xBD: "ʹ",
    0xBE: "ʺ",
    0xBF: "¿",
    0xE1: "Æ",
    0xE2: "Đ",
    0xE6: "Ĳ",
    0xE8: "Ł",
    0xE9: "Ø",
    0xEA: "Œ",
    0xEC: "Þ",
    0xF1: "æ",
    0xF2: "đ",
    0xF3: "ð",
    0xF5: "ı",
    0xF6: "ĳ",
    0xF8: "ł",
    0xF9: "ø",
    0xFA: "œ",
    0xFB: "ß",
    0xFC: "þ",
}
_MARKS = {
    0xC0: "\u0309",
    0xC1: "\u0300",
    0xC2: "\u0301",
    0xC3: "\u0302",
    0xC4: "\u0303",
    0xC5: "\u0304",
    0xC6: "\u0306",
    0xC7: "\u0307",
    0xC8: "\u0308",
    0xC9: "\u0308",
    0xCA: "\u030a",
    0xCB: "\u0315",
    0xCC: "\u0313",
    0xCD: "\u030b",
    0xCE: "\u031b",
    0xCF: "\u030c",
    0xD0: "\u0327",
    0xD1: "\u031c",
    0xD2: "\u0326",
    0xD3: "\u0328",
    0xD4: "\u0325",
    0xD5: "\u032e",
    0xD6: "\u0323",
    0xD7: "\u0324",
    0xD8: "\u0332",
    0xD9: "\u0333",
    0xDA: "\u0329",
    0xDB: "\u032d",
    0xDD: "\ufe20",
    0xDE: "\ufe21",
    0xDF: "\ufe23",
}
_COMMON = frozenset(range(0xC0, 0xCB)) | {0xCF, 0xD0}
"""Marks of the languages most catalogued; they compose with their letter, which tells this set."""
_CAPITALS = frozenset({0xE1, 0xE2, 0xE6, 0xE8, 0xE9, 0xEA, 0xEC})
"""Capitals here, small letters with accents in Western sets."""
_RARE = frozenset({0xF3, 0xF6, 0xFC})
"""Letters of Icelandic and Dutch here, common ones in Western sets."""


def decode(data: bytes) -> str:
    """Decode bytes; one that the set does not have becomes U+FFFD. Never fails."""
    if data.isascii():
        return data.decode("ascii")
    found: list[str] = []
    marks: list[str] = []
    for byte in data:
        if byte in _MARKS:
            marks.append(_MARKS[byte])
            continue
        found.append(chr(byte) if byte < 0x80 else _SIGNS.get(byte, "\ufffd"))
        if marks:
            found += reversed(marks)
            marks = []
    if marks:
        found.append("\ufffd")
    return unicodedata.normalize("NFC", "".join(found))


def is_likely(data: bytes) -> bool:
    """Tell ISO 5426 from Western sets: by marks that compose with the letter behind them, by odd capitals."""
    good = bad = 0
    before = 0
    for at, byte in enumerate(data):
        if byte in _COMMON:
            base = chr(data[at + 1]) if at + 1 < len(data) else " "
            composed = unicodedata.normalize("NFC", base + _MARKS[byte])
            good, bad = (good + 1, bad) if base.isascii() and len(composed) == 1 else (good, bad + 1)
        elif byte in _CAPITALS:
            bad += 0x61 <= before <= 0x7A
        elif byte in _RARE or (byte >= 0xA0 and byte not in _SIGNS and byte not in _MARKS):
            bad += 1
        before = byte
    return good >= bad
