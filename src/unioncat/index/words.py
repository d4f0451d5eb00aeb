"""Words of a text, each in two forms: exact (with accents) and folded; the same for documents and queries.

Documents and queries must be divided by this module alone, or what is written is not found.
"""

import re
from typing import NamedTuple

from unioncat.text import key_exact, key_fold

LONGEST_WORD = 64
"""Letters of a word that count; what is longer is no word but noise."""

# Names of programming languages are words with their signs; everything else is letters, digits and marks.
_RUN = re.compile(r"\.net(?!\w)|(?<!\w)[a-z](?:\+\+|#)|[\w\u0300-\u036f]+")
_HAN = re.compile("([\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_COMPACT = re.compile(r"[\W_]+")
_CACHE_LIMIT = 100_000


class Form(NamedTuple):
    """A word as it is compared: with letters, hats and tone; and with the letters alone."""

    exact: str
    folded: str


_known: dict[str, tuple[Form, ...]] = {}
_joined: dict[str, tuple[str, str]] = {}


def forms(text: str) -> tuple[Form, ...]:
    """Divide `text` (NFC) into words in their order."""
    found: list[Form] = []
    for run in _RUN.findall(text.lower()):
        found.extend(_known.get(run) or _learn(run))
    return tuple(found)


def joined(text: str) -> tuple[str, str, str]:
    """Return the words of `text` (NFC) divided by spaces: exact, folded, and exact again if it has accents.

    A text in plain ASCII says nothing of accents, so that the third is empty.
    """
    if text.isascii() and text.isprintable() and not _has_signs(text):
        folded = key_fold(text)
        if len(folded) <= LONGEST_WORD or max(map(len, folded.split(" "))) <= LONGEST_WORD:
            return folded, folded, ""
    known = _joined.get
    runs = [known(run) or _learn_joined(run) for run in _RUN.findall(text.lower())]
    folded = " ".join([run[1] for run in runs])
    if text.isascii():
        return folded, folded, ""
    exact = " ".join([run[0] for run in runs])
    return exact, folded, exact


def _has_signs(text: str) -> bool:
    """Tell whether words with signs of their own (C++, .NET) may be in a text."""
    return "+" in text or "#" in text or ("." in text and ".net" in text.lower())


def pieces(text: str) -> list[tuple[str, str]]:
    """Return (as written, folded) for every run of letters, for showing what was found."""
    return [(run, " ".join(form.folded for form in forms(run))) for run in _RUN.findall(text.lower())]


def compact(text: str) -> str:
    """Return an identifier or a shelf mark without spaces, hyphens, points and case."""
    return _COMPACT.sub("", text.casefold())


def _learn_joined(run: str) -> tuple[str, str]:
    if run.isascii() and run.isalnum():  # most words: one form, and nothing to be divided
        word = key_fold(run[:LONGEST_WORD])
        texts = (word, word)
    else:
        known = _known.get(run) or _learn(run)
        texts = " ".join(form.exact for form in known), " ".join(form.folded for form in known)
    if len(_joined) >= _CACHE_LIMIT:
        _joined.clear()
    _joined[run] = texts
    return texts


def _learn(run: str) -> tuple[Form, ...]:
    """Divide one run and remember it: a catalogue has few different words."""
    if run[-1] in "+#" or run[0] == ".":
        known: tuple[Form, ...] = (Form(run, run),)
    else:
        known = tuple(form for piece in _HAN.split(run) for form in _forms_of(piece[:LONGEST_WORD]))
    if len(_known) >= _CACHE_LIMIT:
        _known.clear()
    _known[run] = known
    return known


def _forms_of(piece: str) -> tuple[Form, ...]:
    folded = key_fold(piece).split()
    exact = key_exact(piece).split()
    return tuple(map(Form, exact if len(exact) == len(folded) else folded, folded))
