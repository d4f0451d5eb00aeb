"""Other words that may have been meant: one letter away, spelt as in another region, or typed as raw Telex.

A proposal is made of words alone that the viewer can find: every one is counted with the viewer's own filter.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product

from unioncat.domain.search import Clause
from unioncat.index.prepare import Asked, Wanted, Word
from unioncat.index.words import forms, pieces

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
Count = Callable[[Asked], Awaitable[int]]


def is_correctable(asked: Asked) -> bool:
    """Tell whether there are words that could have been mistyped."""
    return any(item.words and not item.negated for item in asked.wanted)


def one_edit(word: str, shortest: int = SHORTEST_FORGIVEN) -> set[str]:
    """Return all words that one letter less, more, changed or swapped makes of `word`."""
    if not shortest <= len(word) <= LONGEST_FORGIVEN or not word.isalpha():
        return set()
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    edits = {left + right[1:] for left, right in splits if right}
    edits |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    edits |= {left + letter + right[1:] for left, right in splits if right for letter in _LETTERS}
    edits |= {left + letter + right for left, right in splits for letter in _LETTERS}
    edits.discard(word)
    return edits


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


async def near_words(asked: Asked, known: Known) -> dict[str, tuple[str, ...]]:
    """Return, for each word asked, the known words one letter away, frequent ones first."""
    edits = {word.folded: one_edit(word.folded) for word in _words(asked)}
    frequency = await known(sorted(set().union(*edits.values())))
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


async def better_words(asked: Asked, found: int, known: Known, count: Count) -> dict[str, str]:
    """Return the replacements (folded) with which this viewer would find most; none if that is not much more.

    `found` is the number of hits of the words as typed.
    """
    words = list(dict.fromkeys(word.folded for word in _words(asked)))
    others = {word: one_edit(word, SHORTEST_PROPOSED) | variants(word) for word in words}
    frequency = await known(sorted(set().union(*others.values())))

    async def visible(word: str) -> int:
        return await count(Asked(asked.audiences, (Wanted((Word(word, word),)),)))

    async def choices(word: str) -> list[str]:
        counted = [(-await visible(other), other) for other in _most_frequent(others[word], frequency)]
        return [other for number, other in sorted(counted[:_MOST_NEAR]) if number][:_MOST_CHOICES]

    missing = [word for word in words if not await visible(word)]
    tries: Iterable[dict[str, str]]
    if missing:
        offers = [await choices(word) for word in missing]
        tries = (dict(zip(missing, picks, strict=True)) for picks in product(*offers))
    else:
        tries = [{word: other} for word in words for other in await choices(word)]
    best: dict[str, str] = {}
    most = found * _BETTER
    for replacement in islice(tries, _MOST_TRIED):
        number = await count(replaced(asked, replacement))
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
