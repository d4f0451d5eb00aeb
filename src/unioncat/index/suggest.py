"""Completions of what somebody is typing: which of an engine's offers are shown, and in which order.

Offers come with the number of visible records behind each; one without any is never made.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from unioncat.index.words import Form, forms
from unioncat.text import clean, key_exact

LONGEST_TYPED = 200
SHORTEST_TYPED = 2
"""Letters before completions are offered: one letter begins half the catalogue."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What has been typed so far; `ended` when the last word is complete."""

    text: str
    words: tuple[Form, ...]
    ended: bool

    @property
    def folded(self) -> str:
        """Return the beginning that a folded title must have."""
        return " ".join(word.folded for word in self.words) + (" " if self.ended else "")

    @property
    def accented(self) -> bool:
        """Tell whether accents were typed."""
        return any(word.exact != word.folded for word in self.words)


@dataclass(frozen=True, slots=True)
class Completion:
    """An offer of an engine: a title or an author as written, and how many visible records have it."""

    text: str
    count: int
    author: bool = False


def read_typed(text: str) -> Typed | None:
    """Read what was typed; `None` when it is too little to complete."""
    cleaned = clean(text)[:LONGEST_TYPED]
    words = forms(cleaned)
    if not words or sum(len(word.folded) for word in words) < SHORTEST_TYPED:
        return None
    return Typed(cleaned.lower(), words, text[-1:].isspace())


def select(typed: Typed, offers: Iterable[Completion], limit: int) -> tuple[str, ...]:
    """Choose and order the offers: right accents first, then beginnings, then the most frequent."""
    ranked = sorted(
        (offer for offer in offers if offer.count > 0 and _fits(typed, offer.text)),
        key=lambda offer: (
            not _has_accents(typed, offer.text),
            not _begins(typed, offer.text),
            -offer.count,
            len(offer.text),
            offer.text,
        ),
    )
    shown: dict[str, str] = {}
    for offer in ranked:
        shown.setdefault(key_exact(offer.text), offer.text)
        if len(shown) == limit:
            break
    return tuple(shown.values())


def _fits(typed: Typed, text: str) -> bool:
    """Tell whether all words stand in the text, the last one perhaps as a beginning."""
    present = [form.folded for form in forms(text)]
    *complete, last = (word.folded for word in typed.words)
    if any(word not in present for word in complete):
        return False
    return last in present if typed.ended else any(word.startswith(last) for word in present)


def _begins(typed: Typed, text: str) -> bool:
    return (" ".join(form.folded for form in forms(text)) + " ").startswith(typed.folded)


def _has_accents(typed: Typed, text: str) -> bool:
    """Tell whether the text has the accents typed; of a last word half typed, the letters so far."""
    if not typed.accented:
        return True
    lowered = text.lower()
    if typed.text in lowered:
        return True
    present = {form.exact for form in forms(text)}
    *complete, last = (word.exact for word in typed.words)
    if any(word not in present for word in complete):
        return False
    beginning = typed.text.split()[-1]
    return last in present or (
        not typed.ended and any(word.startswith(beginning) for word in lowered.split())
    )
