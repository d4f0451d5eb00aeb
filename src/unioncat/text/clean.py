"""Clean text as it comes from members: one form for each letter, nothing invisible, single spaces.

The outcome is NFC and cleaning it again changes nothing. Encodings must be settled before: the byte that
is ư in TCVN3 looks like a soft hyphen, which is dropped here.
"""

import re
import unicodedata

MARKS = "\u0300-\u036f"
"""Combining marks of the Latin script, as a range for a regular expression."""

_LOOKALIKES = {0x01A3: "ư", 0x01A2: "Ư", 0x00D0: "Đ", 0x0189: "Đ", 0x00F0: "đ", 0x0256: "đ"}
# Zero width, direction and byte order marks, soft hyphen: they cannot be seen and break every comparison.
_INVISIBLE = (0x00AD, 0x2060, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
# Control characters except those that str.split() is to see as white space (TAB, LF, VT, FF, CR, NEL);
# 0x1C-0x1F are MARC delimiters, which str.split() would take for space.
_CONTROLS = (*range(0x09), *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0), 0xFFFE, 0xFFFF)

_TABLE: dict[int, str | None] = {
    **_LOOKALIKES,
    **dict.fromkeys(_INVISIBLE),
    **dict.fromkeys(_CONTROLS),
    **dict.fromkeys(range(0xD800, 0xE000)),
}

# Only printable characters are asked here: all that is invisible fails str.isprintable() before.
_SUSPECT = re.compile(f"[ƣƢÐƉðɖ{MARKS}\ufe20-\ufe2f]")
_LEFT_OVER = re.compile(f"[{MARKS}\ufe20-\ufe2f]")

# (left half, right half) -> one mark over both letters
_HALVES = tuple(
    (re.compile(f"{left}([{MARKS}]*[^\\W\\d_][{MARKS}]*){right}"), f"{whole}\\1")
    for left, right, whole in (
        ("\ufe20", "\ufe21", "\u0361"),
        ("\ufe22", "\ufe23", "\u0360"),
        ("\ufe24", "\ufe25", "\u035e"),
        ("\ufe27", "\ufe28", "\u035c"),
        ("\ufe2b", "\ufe2c", "\u035f"),
    )
)
_STRAY = re.compile(f"(?<=[^\\W\\d_{MARKS}])([{MARKS}]*)((?: [{MARKS}]+)+)")
_VOWEL = re.compile(f"([AEOUaeou])([{MARKS}]{{2,}})")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_HATS = {
    **dict.fromkeys("Aa", frozenset("\u0302\u0306")),
    **dict.fromkeys("Ee", frozenset("\u0302")),
    **dict.fromkeys("Oo", frozenset("\u0302\u031b")),
    **dict.fromkeys("Uu", frozenset("\u031b")),
}


def clean(text: str) -> str:
    """Return `text` in the form in which all later stages see it.

    Look-alikes of Vietnamese letters are replaced, invisible and control characters dropped, marks in the
    wrong place or order mended, the whole composed (NFC), runs of white space made one space, ends trimmed.
    """
    if text.isprintable():
        if text.isascii():
            return _squeeze(text)
        if _SUSPECT.search(text) is None:
            return _squeeze(unicodedata.normalize("NFC", text))
    return _mend(text)


def _squeeze(text: str) -> str:
    """Trim and join runs of spaces of printable text, whose only white space is U+0020."""
    return " ".join(text.split()) if "  " in text else text.strip(" ")


def _mend(text: str) -> str:
    return " ".join(compose(" ".join(text.translate(_TABLE).split())).split())


def compose(text: str) -> str:
    """Put letters and their marks together (NFC), whatever the order or place in which the marks stand."""
    text = unicodedata.normalize("NFC", text)
    if _LEFT_OVER.search(text) is None:
        return text
    for pattern, whole in _HALVES:
        text = pattern.sub(whole, text)
    text = _STRAY.sub(_give_back, text)
    text = _VOWEL.sub(_hat_before_tone, unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", text)


def _give_back(match: re.Match[str]) -> str:
    """Give marks that stand after a space to the letter before it: `Nha ̀xuất` is Nhà xuất."""
    return match[1] + match[2].replace(" ", "") + " "


def _hat_before_tone(match: re.Match[str]) -> str:
    """Put hat before tone on a Vietnamese vowel: only in that order do they compose (`é̂` is ế)."""
    letter, marks = match[1], match[2]
    hats = _HATS[letter]
    if not (hats.intersection(marks) and _TONES.intersection(marks)):
        return match[0]
    return letter + "".join(sorted(marks, key=lambda mark: mark not in hats))
