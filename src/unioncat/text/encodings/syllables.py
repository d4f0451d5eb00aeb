"""Which words can be Vietnamese syllables: onset, rhyme and tone put together by rule.

It is a model of spelling, no word list: it knows which letters may stand together and where the tone goes,
not which syllables mean something. Decisions on encodings rest on it, so it must not grow lenient.
"""

from functools import cache
from typing import Final
from unicodedata import normalize

TONES: Final = ("\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
"""Huyền, hỏi, ngã, sắc, nặng as combining marks, in the order in which tables list them."""
HATS: Final = ("\u0302", "\u0306", "\u031b")
"""Circumflex, breve and horn as combining marks."""
VOWELS: Final = "aăâeêioôơuưy"

_SHARP, _HEAVY = TONES[3], TONES[4]
_HATTED = frozenset("ăâêôơư")

_BEFORE_FRONT = ("gh", "k", "ngh")
_BEFORE_BACK = ("c", "g", "ng")
_ONSETS = "b ch d đ gi h kh l m n nh p ph r s t th tr v x"
_ANYWHERE = tuple(_ONSETS.split())

# Nucleus with its glide: the finals that it takes; "-" stands for none.
_FINALS: Final = {
    "a": "- i o u y c ch m n ng nh p t",
    "ă": "c m n ng p t",
    "â": "u y c m n ng p t",
    "e": "- o c m n ng p t",
    "ê": "- u c ch m n nh p t",
    "i": "- a u c ch m n nh p t",
    "iê": "u c m n ng p t",
    "yê": "u m n ng t",
    "o": "- i c m n ng p t",
    "oo": "c ng",
    "ô": "- i c m n ng p t",
    "ơ": "- i m n p t",
    "u": "- a i c m n ng p t",
    "uô": "i c m n ng t",
    "ư": "- a i u c m n ng t",
    "ươ": "i u c m n ng p t",
    "oa": "- i o y c ch m n ng nh p t",
    "oă": "c m n ng t",
    "oe": "- o n t",
    "uâ": "y n ng t",
    "uê": "- ch nh",
    "uơ": "-",
    "uy": "- a u n nh p t ch",
    "uyê": "n t",
}
# After qu, whose u is a glide: the same rhymes but those that begin with u or ư.
_AFTER_QU: Final = {
    "a": "- i o u y c ch m n ng nh p t",
    "ă": "c m n ng p t",
    "â": "y n ng t",
    "e": "- o n t",
    "ê": "- n ch nh t",
    "i": "- t",
    "ô": "c",
    "ơ": "- i",
    "y": "- n nh t u ch",
    "yê": "n t",
}
# After gi, whose i is part of the letter: rhymes that begin with another vowel, and iê written as ê.
_NO_FINAL: Final = "-"
_STOPS: Final = frozenset(("c", "ch", "p", "t"))
"""Finals after which a syllable has one of two tones, and never none."""


def is_syllable(word: str) -> bool:
    """Tell whether a word (NFC) is spelt as a Vietnamese syllable; capitals stand first or throughout."""
    if word.lower() not in _syllables():
        return False
    return word[1:].islower() or word.isupper() or len(word) == 1


def is_marked_syllable(word: str) -> bool:
    """The same for a word that carries at least one mark or đ."""
    return not word.isascii() and is_syllable(word)


@cache
def _letters() -> frozenset[str]:
    every = [normalize("NFC", vowel + tone) for vowel in VOWELS for tone in ("", *TONES)]
    return frozenset("".join(every) + "đ")


def is_vietnamese(letter: str) -> bool:
    """Tell whether a letter (NFC, any case) is a vowel of Vietnamese, with or without marks, or đ."""
    return letter.lower() in _letters()


@cache
def _syllables() -> frozenset[str]:
    return frozenset(
        toned
        for onset, rhyme, final in _plain()
        for toned in _with_tones(onset, rhyme, "" if final == _NO_FINAL else final)
    )


def _plain() -> list[tuple[str, str, str]]:
    """List onset, nucleus and final of all syllables without tone."""
    found = []
    for nucleus, finals in _FINALS.items():
        front = nucleus[0] in "eêiy"
        onsets = [*_ANYWHERE, *(_BEFORE_FRONT if front else _BEFORE_BACK), ""]
        if nucleus == "yê":  # yê stands alone: after an onset it is written iê
            onsets = [""]
        elif nucleus == "iê":
            onsets.remove("")
            onsets.append("g")  # giếng, giết: gi and iê share their i
        elif nucleus == "i":
            onsets.append("g")  # gì, gìn
        for onset in onsets:
            if onset == "gi" and nucleus[0] == "i":
                continue
            found += [(onset, nucleus, final) for final in finals.split()]
    found += [("qu", nucleus, final) for nucleus, finals in _AFTER_QU.items() for final in finals.split()]
    found += [(onset, "y", "-") for onset in ("", *_ANYWHERE, *_BEFORE_FRONT)]  # kỹ, lý, mỹ, y
    found += [("", "ư", "-"), ("k", "uy", "-")]
    return found


def _with_tones(onset: str, nucleus: str, final: str) -> list[str]:
    tones = (_SHARP, _HEAVY) if final in _STOPS else TONES
    plain = nucleus + final
    toned = [
        normalize("NFC", f"{onset}{plain[: at + 1]}{tone}{plain[at + 1 :]}")
        for at in _places(nucleus, final)
        for tone in tones
    ]
    return toned if final in _STOPS else [onset + plain, *toned]


def _places(nucleus: str, final: str) -> tuple[int, ...]:
    """Say on which letters of a rhyme the tone may stand: one, or two where old and new style differ."""
    hatted = [at for at, letter in enumerate(nucleus) if letter in _HATTED]
    if hatted:
        return (hatted[-1],)
    if len(nucleus) == 1:
        return (0,)
    return (1,) if final else (0, 1)  # hoàn, xoong; hòa and hoà
