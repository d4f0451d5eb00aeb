"""Whether two texts use the same words, but for slips of the pen and words that say little.

Vietnamese is strict: its syllables are short, and one letter makes another word.
"""

from collections import Counter
from enum import Enum
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from unioncat.matching.names import of_vietnamese_syllables
from unioncat.matching.rules import LONG_TITLE, SLIP, SLIP_FROM, TITLE_LIKE, TITLE_NEAR

_SYLLABLE: Final = 6
"""Letters of the longest Vietnamese syllables, but for one (nghiêng)."""
PARTICLES: Final = frozenset(
    (
        *("the", "a", "an", "of", "in", "on", "for", "to", "by", "at", "from"),
        *("de", "du", "la", "le", "les", "des"),
    )
)
"""Words that say little where a text is foreign: "state of", "state in"."""


def is_foreign(text: str) -> bool:
    """Tell whether most words of a folded text cannot be Vietnamese; one of them (Windows) proves nothing."""
    words = [word for word in text.split() if word.isalpha() and word not in PARTICLES]
    return 2 * sum(not of_vietnamese_syllables(word) for word in words) > len(words)


class Words(Enum):
    """Whether two like texts say the same."""

    SAME = 1
    """But for slips of the pen and words that one of them leaves out."""
    FEW = 2
    """Each of two long texts has a word or two that are none of the other's."""
    OTHER = 3


def compare_words(ours: str, theirs: str) -> Words:
    """Tell whether two texts use the same words.

    Where each has a word that is none of the other's, they differ ("động vật" and "thực vật"); so do the same
    words in another order ("Anh - Việt" and "Việt - Anh"). A word that stands twice counts twice ("tỉnh Hà
    Tĩnh" and "tỉnh Hà Giang").
    """
    words_ours, words_theirs = ours.split(), theirs.split()
    counted_ours, counted_theirs = Counter(words_ours), Counter(words_theirs)
    only_ours = sorted(counted_ours - counted_theirs)
    only_theirs = sorted(counted_theirs - counted_ours)
    if not only_ours and not only_theirs:
        return Words.SAME if len(words_ours) != len(words_theirs) else Words.OTHER
    if only_ours and only_theirs and is_foreign(ours) and is_foreign(theirs):
        telling_ours = [word for word in only_ours if word not in PARTICLES]
        telling_theirs = [word for word in only_theirs if word not in PARTICLES]
        if bool(telling_ours) is bool(telling_theirs):  # else a word stands for a small one: "and", "of"
            only_ours, only_theirs = telling_ours, telling_theirs
    if not only_ours or not only_theirs:
        return Words.SAME
    if _slips(only_ours, only_theirs):
        return Words.SAME
    only_ours, only_theirs = _unpaired(only_ours, only_theirs)
    if not only_ours or not only_theirs:
        return Words.SAME
    few = max(len(only_ours), len(only_theirs)) * LONG_TITLE <= min(len(words_ours), len(words_theirs))
    return Words.FEW if few and fuzz.ratio(ours, theirs) >= TITLE_NEAR else Words.OTHER


def _slips(ours: list[str], theirs: list[str]) -> bool:
    """Tell whether the words that two texts do not share are spellings of each other.

    A slip spares the first letter: "eastern" is not "western". Of syllables two at once are no slip: "Bình
    Định" is not "Điện Biên". "Microeconomics" is not "macroeconomics".
    """
    if any(_opposed(one, other) for one in ours for other in theirs):
        return False
    beyond_ours, beyond_theirs = " ".join(ours), " ".join(theirs)
    syllables = min(len(ours), len(theirs)) > 1 and max(map(len, (*ours, *theirs))) <= _SYLLABLE
    if (
        not syllables
        and beyond_ours[0] == beyond_theirs[0]
        and min(len(beyond_ours), len(beyond_theirs)) >= SLIP_FROM
        and fuzz.ratio(beyond_ours, beyond_theirs) >= SLIP
    ):
        return True
    return beyond_ours.replace(" ", "") == beyond_theirs.replace(" ", "")


_OPPOSED: Final = tuple(
    pair
    for one, other in (("micro", "macro"), ("hyper", "hypo"), ("inter", "intra"))
    for pair in ((one, other), (other, one))
)


def _opposed(one: str, other: str) -> bool:
    """Tell whether two words differ only in beginnings that mean opposite things."""
    return any(
        one.startswith(first) and other.startswith(second) and one[len(first) :] == other[len(second) :]
        for first, second in _OPPOSED
    )


def _unpaired(ours: list[str], theirs: list[str]) -> tuple[list[str], list[str]]:
    """Leave out words of either list that are spellings of one of the other's ("catalog", "catalogue")."""
    free = list(theirs)
    left = []
    for word in ours:
        other = next((other for other in free if _spelled_alike(word, other)), None)
        if other is None:
            left.append(word)
        else:
            free.remove(other)
    return left, free


def _spelled_alike(one: str, other: str) -> bool:
    """Tell whether two long words are one but for a slip or its ending: "micro" is not "macro"."""
    if min(len(one), len(other)) < SLIP_FROM or max(len(one), len(other)) <= _SYLLABLE or one[0] != other[0]:
        return False
    if one[:SLIP_FROM] == other[:SLIP_FROM] and fuzz.ratio(one, other) >= TITLE_LIKE:
        return True
    return OSA.distance(one, other) == 1 and not _opposed(one, other)
