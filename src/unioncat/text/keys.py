"""Keys under which two texts are the same: exactly, without marks, or as a name in any order.

A key is a pure function of the text: it is stored, so a change here means that all keys are made anew.
Texts with equal `key_exact` always have equal `key_fold`.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from unioncat.text.clean import clean

_TONE_DIGITS = {"\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0301": "5", "\u0323": "6"}
_HAT_SIGNS = {"\u0302": "^", "\u0306": "(", "\u031b": "+"}

# Open syllables in which y and i are one sound and both are written: kỹ/kĩ, lý/lí, quý/quí, y/i.
_OPEN_Y = {f"{initial}y": f"{initial}i" for initial in ("", *"bcdghklmnprstvx", "qu")}

_LETTERS_WITHOUT_MARKS = str.maketrans(
    {
        "đ": "d",
        "ł": "l",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "n",
        "ı": "i",
        "ə": "e",
        "ɓ": "b",
        "ƀ": "b",
        "ɗ": "d",
        "ɨ": "i",
        "ĸ": "k",
        "ſ": "s",
    }
)


_ASCII = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 0x20 for code in range(0x80)) + bytes(0x80)
"""What becomes of ASCII characters: letters and digits stay, signs and spaces part words."""
_NO_SIGNS = bytes(
    code for code in range(0x80) if not chr(code).isprintable() and chr(code) not in "\t\n\v\f\r"
)
_BRACKETED = re.compile(r"\([^)]*(?:\)|$)|\[[^\]]*(?:\]|$)")
# A longer text is not taken apart through the caches: one bad record must not fill them with rubbish.
_LONGEST_CACHED = 2_000


def key_exact(text: str) -> str:
    """Return the key that keeps letters, hats, đ and tone, and nothing else.

    It drops the position of the tone, case, NFC or NFD, i or y in open syllables, and punctuation:
    "Dế mèn phiêu lưu ký" and "DẾ MÈN PHIÊU LƯU KÍ" give `de^5 men2 phie^u lu+u ki5`.
    """
    return _key(text, _exact_cached, _exact)


def key_fold(text: str) -> str:
    """Return the key that keeps letters only: "Đường" and "dương" give `duong`."""
    return _key(text, _fold_cached, _fold)


def name_key(text: str) -> str:
    """Return the folded syllables of a name in sorted order; brackets and what follows ";" are left out.

    "Nguyễn Đình Trí (ch.b.)" and "Nguyễn, Đình Trí" give `dinh nguyen tri`. A name that stands in brackets
    altogether is read as if it did not.
    """
    text = text.partition(";")[0]
    bare = _BRACKETED.sub(" ", text) if "(" in text or "[" in text else text
    return " ".join(sorted((key_fold(bare) or key_fold(text)).split(" ")))


def _key(text: str, cached: Callable[[str], str], plain: Callable[[str], str]) -> str:
    if text.isascii():  # no marks: both keys are one, and the whole text is done at once
        words = text.encode().translate(_ASCII, _NO_SIGNS).decode().split()
        if not _OPEN_Y.keys().isdisjoint(words):
            words = [_OPEN_Y.get(word, word) for word in words]
        return " ".join(words)
    word = cached if len(text) <= _LONGEST_CACHED else plain
    return " ".join(filter(None, map(word, clean(text).split(" "))))


def _words(chunk: str) -> list[str]:
    """Divide what stands between two spaces into words of letters, digits and marks; case-folded, NFD."""
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFD", chunk).casefold())
    words: list[str] = []
    word = ""
    for char in folded:
        if char.isalnum():
            if not "\u02b0" <= char <= "\u02ff":  # signs of romanisation (ʹ ʻ ʼ), letters by category only
                word += char
        elif unicodedata.category(char)[0] == "M":
            if word:
                word += char
        elif word:
            words.append(word)
            word = ""
    if word:
        words.append(word)
    return words


def _exact(chunk: str) -> str:
    """Make the exact key of one chunk without spaces; it may hold several words or none."""
    if chunk.isascii() and chunk.isalnum():
        word = chunk.lower()
        return _OPEN_Y.get(word, word)
    return " ".join(map(_exact_word, _words(chunk)))


def _syllable(word: str) -> tuple[str, str]:
    """Divide a word into its letters, hats written as signs, and its tones, written as digits."""
    letters = tones = ""
    for char in word:
        tone = _TONE_DIGITS.get(char)
        if tone is None:
            letters += _HAT_SIGNS.get(char, char)
        else:
            tones += tone
    return _OPEN_Y.get(letters, letters), tones


def _exact_word(word: str) -> str:
    letters, tones = _syllable(word)
    return unicodedata.normalize("NFC", letters) + tones


def _fold(chunk: str) -> str:
    """Make the folded key of one chunk without spaces."""
    if chunk.isascii() and chunk.isalnum():
        word = chunk.lower()
        return _OPEN_Y.get(word, word)
    return " ".join(filter(None, map(_fold_word, _words(chunk))))


def _fold_word(word: str) -> str:
    letters = "".join(char for char in _syllable(word)[0] if char not in "^(+" and not _is_dropped(char))
    letters = unicodedata.normalize("NFC", letters.translate(_LETTERS_WITHOUT_MARKS))
    return _OPEN_Y.get(letters, letters)


def _is_dropped(char: str) -> bool:
    """Tell marks that folding drops from those without which a word is another (kana, Indic, Thai signs)."""
    combining_class = unicodedata.combining(char)
    return combining_class >= 200 or combining_class == 1 or 10 <= combining_class <= 35


_exact_cached = lru_cache(maxsize=1 << 16)(_exact)
_fold_cached = lru_cache(maxsize=1 << 16)(_fold)
