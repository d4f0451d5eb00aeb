"""Likeness of two personal names, whatever their order.

A frequent surname proves nothing: two names agree only through what else they share.
"""

import re
from enum import IntEnum
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from unioncat.text import key_exact, key_fold

FREQUENT: Final = frozenset(
    key_fold(
        "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Trịnh Trương Mai Đào"
        " Đoàn văn thị Smith Brown Jones Miller Johnson Williams Davis Wilson Taylor Clark Thomas"
    ).split()
)
"""Surnames (and the fillers văn, thị) that too many people bear to be evidence."""

_RANKS = re.compile(
    r"(?<!\w)(?:(?:PGS|GS|TSKH|TS|ThS|Th\.S|KS|KTS|BS|LS|CN|NGƯT|NGND|NSND|NSƯT|VS|DS|AHLĐ)\.?[\s.,]+(?:TSKH|TS)?"
    r"|(?i:giáo sư|phó giáo sư|tiến sĩ|tiến sỹ|thạc sĩ|thạc sỹ|kỹ sư|bác sĩ|luật sư|thiếu tướng|trung tướng"
    r"|thượng tướng|đại tướng|đại tá|thượng tá|trung tá|thiếu tá)\s+|(?i:dr|prof|sir|mrs?|rev)\.\s*)"
)
_ROLE = re.compile(
    r"(?i)(?<!\w)(?:ch\.?\s?b\.?|chủ biên|b\.\s?s\.?|biên soạn|s\.\s?t\.?|sưu tầm|h\.\s?đ\.?|hiệu đính"
    r"|biên dịch|người dịch|dịch giả|dịch|tác giả|giới thiệu|minh họa|minh hoạ|vẽ tranh|tổng chủ biên"
    r"|đồng chủ biên"
    r"|edited by|translated by|by|editors?|edited|trans(?:lated|lator)?|eds?|author|jr|sr|et al|\[et al\.?\])"
    r"(?!\w)\.?:?"
)
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_DIGITS = re.compile(r"\d[\d?-]*")
_CODE = re.compile(r"(?<!\w)[A-ZĐ]{2,7}[ .:-]*\d|^[\d\W]*$")
"""A number of a standard or an order, put where the author should stand."""
_SIMPLE = re.compile(r"[A-Z][a-z]{2,}, [A-Z][a-z]{2,}(?: [A-Z]\.)?\Z")
"""Nearly every Western heading: nothing in it that the steps below could take off, unless it is a role."""
_ROLE_WORDS: Final = frozenset(
    ("author", "edited", "editor", "editors", "eds", "trans", "translated", "translator")
)
_NOBODY = frozenset(
    key_fold(name)
    for name in (
        "", "không rõ", "chưa xác định", "chưa rõ", "nhiều tác giả", "khuyết danh", "vô danh", "anonymous",
        "anon", "various", "unknown", "none", "n/a", "author unknown",
    )
)  # fmt: skip
_SPELLED_ALIKE: Final = 86.0
_LONG: Final = 8
"""Letters from which a word of a name may have a slip in it: no Vietnamese syllable has as many."""
_CUT_SHORT: Final = 3
"""Letters that a forename cut short has at least."""


class Likeness(IntEnum):
    """How far two names agree; larger is more."""

    NONE = 0
    """They are different people."""
    UNKNOWN = 1
    """They share a frequent surname and no more is known."""
    CLOSE = 2
    """Initials, a missing middle name, or a slip of spelling."""
    EQUAL = 3


@lru_cache(maxsize=8192)
def persons(name: str) -> tuple[tuple[str, str], ...]:
    """Read one heading as (folded, exact) syllables of each person in it.

    Roles, ranks and dates go. Several persons in one heading are told apart by ";" or by a comma
    between two names of at least two words ("Surname, Forename" has one on a side). The number of a
    standard or an order is nobody.
    """
    folded = key_fold(name)
    if folded in _NOBODY:
        return ()
    if _SIMPLE.match(name) and _ROLE_WORDS.isdisjoint(folded.split()):
        return ((folded, folded),)
    if _CODE.search(name):
        return ()
    text = _RANKS.sub("", _BRACKETS.sub(" ", name))
    text = _DIGITS.sub(" ", _ROLE.sub(" ", text))
    found = []
    for chunk in re.split(r"[;/]|\s(?:và|and|et|with)\s", text):
        pieces = [piece for piece in (part.strip() for part in chunk.split(",")) if piece]
        many = len(pieces) > 1 and all(" " in piece for piece in pieces)
        for piece in pieces if many else [" ".join(pieces)]:
            folded = key_fold(piece)
            if folded not in _NOBODY:
                found.append((folded, key_exact(piece)))
    return tuple(found)


@lru_cache(maxsize=8192)
def _syllables(name: str) -> frozenset[str]:
    return frozenset(name.split())


def likeness(left: str, right: str) -> Likeness:
    """Compare two folded names; symmetric."""
    if left == right:
        return Likeness.EQUAL
    ours, theirs = _syllables(left), _syllables(right)
    if ours == theirs or left.replace(" ", "") == right.replace(" ", ""):
        return Likeness.EQUAL
    shared = ours & theirs
    if _lacks_given_name(left, right) or _lacks_given_name(right, left):
        return Likeness.NONE
    only_ours, only_theirs = ours - shared, theirs - shared
    telling = any(len(word) > 1 and word not in FREQUENT for word in shared)
    if not telling and (slip := _misspelt(only_ours, only_theirs)):
        only_ours, only_theirs, telling = only_ours - {slip[0]}, only_theirs - {slip[1]}, True
    if telling and _abbreviates(only_ours, only_theirs):
        return Likeness.CLOSE
    if _all_frequent(ours) or _all_frequent(theirs):
        return Likeness.UNKNOWN if shared else Likeness.NONE
    if len(left) > 7 and len(right) > 7:
        joined = fuzz.ratio(" ".join(sorted(ours)), " ".join(sorted(theirs)), score_cutoff=_SPELLED_ALIKE)
        # a slip of spelling: short Vietnamese syllables differ by one letter too easily to be one
        if joined and all(len(word) > 4 or len(word) == 1 for word in only_ours | only_theirs):
            return Likeness.CLOSE
    return Likeness.NONE


def _misspelt(ours: frozenset[str], theirs: frozenset[str]) -> tuple[str, str] | None:
    """Find a long word of each name that are one and a slip of the pen ("Englehardt", "Engelhardt")."""
    for one in sorted(ours):
        if len(one) >= _LONG and one not in FREQUENT:
            for other in sorted(theirs):
                if len(other) >= _LONG and one[0] == other[0] and OSA.distance(one, other) == 1:
                    return one, other
    return None


def of_vietnamese_syllables(name: str) -> bool:
    """Tell whether a folded name is made of Vietnamese syllables."""
    return _VIETNAMESE.fullmatch(name) is not None


def _lacks_given_name(short: str, long: str) -> bool:
    """Tell whether a Vietnamese name goes on where another ends: "Nguyên Ngọc" and "Nguyễn Ngọc Tư" are two.

    The given name stands last; what catalogues leave out is a middle name.
    """
    return long.startswith(f"{short} ") and of_vietnamese_syllables(long)


_VIETNAMESE = re.compile(
    r"(?:(?:^|(?<= ))(?:ngh?|[ckpt]h|tr|gi|qu|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|n[gh]?|[cmpt])?(?: |$))+"
)


def _all_frequent(name: frozenset[str]) -> bool:
    return all(len(word) == 1 or word in FREQUENT for word in name)


def _abbreviates(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Tell whether what is left of two names may be initials or missing middle names of each other."""
    if not ours or not theirs:
        return True
    fewer, more = sorted((sorted(ours), sorted(theirs)), key=lambda words: (len(words), words))
    free = list(more)
    for word in fewer:
        fitting = next((other for other in free if _stands_for(word, other)), None)
        if fitting is None:
            return False
        free.remove(fitting)
    return True


def _stands_for(one: str, other: str) -> bool:
    """Tell whether one word is an initial of the other or its beginning ("Geo", "George").

    Of Vietnamese syllables only an initial stands for one: "Tha" is not "Thanh".
    """
    if one[0] != other[0]:
        return False
    short, long = sorted((one, other), key=len)
    return len(short) == 1 or (
        len(short) >= _CUT_SHORT and long.startswith(short) and _VIETNAMESE.fullmatch(long) is None
    )


def best(ours: tuple[str, ...], theirs: tuple[str, ...]) -> Likeness:
    """The best likeness between any two names of two lists; symmetric."""
    found = Likeness.NONE
    for left in ours:
        for right in theirs:
            found = max(found, likeness(left, right))
            if found is Likeness.EQUAL:
                return found
    return found
