"""Other words that may have been meant: one letter away, spelt as in another region, or typed as raw Telex.

A proposal is made of words alone that the viewer can find: every one is counted with the viewer's own filter.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice, product

from unioncat.domain.search import Clause
from unioncat.index.prepare import Asked, Wanted, Word
from unioncat.index.words import forms, pieces
from unioncat.text import key_fold

SHORTEST_FORGIVEN = 4
"""Letters from which a word may be one letter wrong: shorter syllables have too many neighbours."""

LONGEST_FORGIVEN = 24
SHORTEST_PROPOSED = 3
"""Letters from which another spelling is proposed, though never searched without asking."""

_MOST_NEAR = 20
_MOST_CHOICES = 8
_MOST_TRIED = 24
_BETTER = 5
"""So many times more hits than the words as typed must a proposal have."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"

# Initials and finals that are one sound in some region or were written otherwise (folded letters).
_INITIALS = (
    ("ch", "tr"), ("s", "x"), ("n", "l"), ("d", "gi"), ("d", "r"), ("d", "v"), ("gi", "r"), ("gi", "v"),
    ("ng", "ngh"), ("g", "gh"), ("c", "k"), ("k", "q"), ("c", "q"), ("f", "ph"), ("z", "d"), ("h", "qu"),
)  # fmt: skip
_FINALS = (("n", "ng"), ("c", "t"), ("n", "nh"), ("ch", "t"), ("c", "k"), ("i", "y"))
_TELEX = re.compile(r"(?<=[a-z])[sfrxj]$")
_TELEX_HATS = (("aa", "a"), ("aw", "a"), ("ee", "e"), ("oo", "o"), ("ow", "o"), ("uw", "u"), ("dd", "d"))

Known = Callable[[Sequence[str]], Awaitable[Mapping[str, int]]]
Count = Callable[[Sequence[Asked]], Awaitable[Sequence[int]]]


class Vocabulary:
    """How many documents hold each word, asked of the index once in a search."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._frequency: dict[str, int] = {}

    async def frequency(self, words: Iterable[str]) -> Mapping[str, int]:
        """Give the frequency of at least these words; 0 for those that the index does not have."""
        new = [word for word in words if word not in self._frequency]
        if new:
            known = await self._known(new)
            self._frequency |= {word: known.get(word, 0) for word in new}
        return self._frequency


def is_correctable(asked: Asked) -> bool:
    """Tell whether there are words that could have been mistyped."""
    return any(item.words and not item.negated for item in asked.wanted)


def is_named(asked: Asked, texts: Iterable[str]) -> bool:
    """Tell whether a title or name holds the words as typed, side by side: then no others are meant.

    A single word says too little: it may stand in a text with the very slip.
    """
    words = [word.folded for word in _words(asked)]
    typed = f" {' '.join(words)} "
    return len(words) > 1 and any(typed in f" {key_fold(text)} " for text in texts)


@lru_cache(maxsize=256)
def one_edit(word: str, shortest: int = SHORTEST_FORGIVEN) -> frozenset[str]:
    """Return all words that one letter less, more, changed or swapped makes of `word`."""
    if not shortest <= len(word) <= LONGEST_FORGIVEN or not word.isalpha():
        return frozenset()
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    edits = {left + right[1:] for left, right in splits if right}
    edits |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    edits |= {left + letter + right[1:] for left, right in splits if right for letter in _LETTERS}
    edits |= {left + letter + right for left, right in splits for letter in _LETTERS}
    edits.discard(word)
    return frozenset(edits)


def variants(word: str) -> set[str]:
    """Return spellings of a folded syllable in other regions, and what raw Telex or VNI keys mean."""
    found: set[str] = set()
    for pair in _INITIALS:
        for one, other in (pair, pair[::-1]):
            if word.startswith(one):
                found.add(other + word[len(one) :])
    for pair in _FINALS:
        for one, other in (pair, pair[::-1]):
            if word.endswith(one) and len(word) > len(one):
                found.add(word[: -len(one)] + other)
    keys = _TELEX.sub("", word)
    for typed, meant in _TELEX_HATS:
        keys = keys.replace(typed, meant)
    found |= {keys, keys.replace("w", "u"), re.sub(r"(?<=[a-z])\d+", "", word)}
    found.discard(word)
    found.discard("")
    return found


async def near_words(asked: Asked, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """Return, for each word asked, the known words one letter away, frequent ones first."""
    edits = {word.folded: one_edit(word.folded) for word in _words(asked)}
    frequency = await vocabulary.frequency(frozenset().union(*edits.values()))
    near = {word: _most_frequent(others, frequency)[:_MOST_NEAR] for word, others in edits.items()}
    return {word: others for word, others in near.items() if others}


def with_near(asked: Asked, near: Mapping[str, tuple[str, ...]]) -> Asked:
    """Return the search that accepts the near words as well, except in phrases and exclusions."""

    def accept(item: Wanted) -> Wanted:
        if item.negated or item.phrase:
            return item
        return replace(
            item, words=tuple(replace(word, near=near.get(word.folded, ())) for word in item.words)
        )

    return replace(asked, wanted=tuple(map(accept, asked.wanted)))


async def better_words(asked: Asked, found: int, vocabulary: Vocabulary, count: Count) -> dict[str, str]:
    """Return the replacements (folded) with which this viewer would find most; none if that is not much more.

    `found` is the number of hits of the words as typed.
    """

    async def visible(words: Iterable[str]) -> dict[str, int]:
        """Count what this viewer finds with each word alone."""
        alone = {word: Asked(asked.audiences, (Wanted((Word(word, word),)),)) for word in words}
        return dict(zip(alone, await count(list(alone.values())), strict=True))

    words = list(dict.fromkeys(word.folded for word in _words(asked)))
    others = {word: one_edit(word, SHORTEST_PROPOSED) | variants(word) for word in words}
    frequency = await vocabulary.frequency(frozenset().union(*others.values()))
    there = await visible(words)
    missing = [word for word in words if not there[word]]
    near = {word: _most_frequent(others[word], frequency)[:_MOST_NEAR] for word in missing or words}
    hits = await visible(other for offered in near.values() for other in offered)

    def choices(word: str) -> list[str]:
        counted = sorted((-hits[other], other) for other in near[word])
        return [other for number, other in counted if number][:_MOST_CHOICES]

    if missing:
        offers = [choices(word) for word in missing]
        tries = [dict(zip(missing, picks, strict=True)) for picks in islice(product(*offers), _MOST_TRIED)]
    else:
        tries = [{word: other} for word in words for other in choices(word)][:_MOST_TRIED]
    best: dict[str, str] = {}
    most = found * _BETTER
    numbers = await count([replaced(asked, replacement) for replacement in tries])
    for replacement, number in zip(tries, numbers, strict=True):
        if number > most:
            best, most = replacement, number
    return best


def replaced(asked: Asked, replacement: Mapping[str, str]) -> Asked:
    """Return the search with other words."""

    def put(word: Word) -> Word:
        other = replacement.get(word.folded)
        return word if other is None else Word(other, other)

    return replace(
        asked,
        wanted=tuple(
            item if item.negated else replace(item, words=tuple(map(put, item.words)))
            for item in asked.wanted
        ),
    )


def rewritten(
    clauses: Iterable[Clause], replacement: Mapping[str, str], shown: Iterable[str]
) -> tuple[Clause, ...]:
    """Put the better words into what was typed, with accents as in the texts `shown` (of a visible hit).

    Words typed without accents get them as well; words typed with accents stay.
    """
    accented = {folded: run for text in shown for run, folded in reversed(pieces(text))}

    def write(clause: Clause) -> Clause:
        if clause.negated:
            return clause
        text = clause.text
        for run, folded in pieces(clause.text):
            better = replacement.get(folded, folded)
            plain = all(form.exact == form.folded for form in forms(run))
            if better != folded or plain:
                text = re.sub(
                    rf"(?<!\w){re.escape(run)}(?!\w)", accented.get(better, better), text, count=1, flags=re.I
                )
        return replace(clause, text=text)

    return tuple(map(write, clauses))


def _words(asked: Asked) -> Iterable[Word]:
    return (word for item in asked.wanted if not item.negated for word in item.words)


def _most_frequent(words: Iterable[str], frequency: Mapping[str, int]) -> tuple[str, ...]:
    known = (word for word in words if frequency.get(word))
    return tuple(sorted(known, key=lambda word: (-frequency[word], word)))
