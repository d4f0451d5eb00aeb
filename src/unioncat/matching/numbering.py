"""Numbers of volumes and parts out of text: T., Tập, Q., Quyển, Phần, vol., Arabic, Roman and in words.

A word that only looks like a marker ("tập trung", "phần mềm", the name "Phan Ba") must never become a volume.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

LAST: Final = 0
"""The number of a volume called "hạ" (the last): two or three, the source does not say."""

LONGEST_NUMBER: Final = 24
"""A longer $n is no number of a part: series statements are typed there too."""

WORDS: Final[dict[str, int]] = {
    "một": 1, "nhất": 1, "hai": 2, "nhì": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "sáu": 6, "bảy": 7,
    "bẩy": 7, "tám": 8, "chín": 9, "mười": 10, "thượng": 1, "trung": 2, "hạ": LAST,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10,
}  # fmt: skip
"""Number words as volumes carry them; thượng, trung, hạ are the upper, middle and last volume."""

_ROMAN: Final = {"i": 1, "v": 5, "x": 10, "l": 50}
_RANK: Final = {"t": 0, "v": 0, "b": 0, "c": 1, "q": 1, "p": 2}
"""Order of levels: tập (and volume, tome, book) holds quyển, quyển holds phần."""
_LONGEST_RANGE: Final = 60

_END = r"(?=\s*(?:$|[.,:;/()\[\]=–-]))"
_DIGITS = r"\d{1,3}(?!\d)"
_ROMANS = r"[IVX]{1,6}(?!\w)"
_NUMBER_WORDS = "|".join(word for word in WORDS if word != "trung")
_LIST = rf"((?:(?:\s?[-–]\s?|\s*(?:[,&+]|và|and)\s+)(?:\d{{1,3}}|[IVX]{{1,6}}){_END})*)"
# abbreviations take digits and capital Roman numerals, but no row of initials ("T. V. L. Trần")
_SHORT = rf"([TtQqVv]|[Pp]h)(?:\.\s*|\s+(?=\d))({_DIGITS}|{_ROMANS}(?!\.\s*[A-Z]\.)){_LIST}"
_WESTERN = rf"((?i:vol|pt|bd|bk))(?:\.\s*|\s+(?=\d))({_DIGITS}|(?i:{_ROMANS})){_LIST}"
# without a full stop, or for a letter as common as p, only after a mark of punctuation
_AFTER_MARK = rf"(?<=[.,:;(–-] )([TQ](?=\d)|[Pp]\.\s?)(\d{{1,2}}|{_ROMANS}){_END}()"
# words with their marks take number words too
_LONG = (
    r"((?i:tập|quyển|cuốn|phần|volume|part|tome|book|band))\s+(?:thứ\s+)?"
    rf"({_DIGITS}|(?i:{_ROMANS})|(?i:{_NUMBER_WORDS}){_END}){_LIST}"
)
# "trung" is a number after quyển only, because "tập trung" is a common word
_MIDDLE = rf"((?i:quyển|cuốn))\s+((?i:trung)){_END}()"
# words that lost their marks take digits only, because Phan and Quyen are names
_BARE = rf"((?i:tap|quyen|cuon|phan))\s*({_DIGITS})()"
_MARKED = re.compile(rf"(?<!\w)(?:{_SHORT}|{_AFTER_MARK}|{_WESTERN}|{_LONG}|{_MIDDLE}|{_BARE})")
_HINT = re.compile(r"(?<!\w)(?:[tqvpb][.hktdo\s\d]|tập|tap|quy|cu[ốo]n|ph[ầa]n|part|band)", re.IGNORECASE)
_ALONE = re.compile(rf"(?<!\w)(?:\d{{1,4}}|(?i:{_ROMANS})|(?i:{'|'.join(WORDS)}))(?!\w)")
_AFTER = re.compile(r"\s?[-–]\s?\d{1,3}(?!\d)")
_ITEM = re.compile(r"(\s?[-–]\s?|\s*(?:[,&+]|và|and)\s+)(\d+|[IVX]+)")


class Level(NamedTuple):
    """One level of numbering: how deep it stands, and its numbers."""

    rank: int
    numbers: tuple[int, ...]


class Split(NamedTuple):
    """A text without its volume words, and the levels that they named."""

    text: str
    levels: tuple[Level, ...]


def number(text: str) -> int | None:
    """Read one number: Arabic, Roman or a number word; `None` when it is none of them."""
    low = text.lower()
    if low.isdecimal():
        return int(low)
    if low in WORDS:
        return WORDS[low]
    if not low or any(letter not in _ROMAN for letter in low):
        return None
    values = [_ROMAN[letter] for letter in low]
    return sum(
        -value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True)
    )


def _numbers(first: str, more: str) -> tuple[int, ...]:
    """Numbers of a list or a range as a sorted set: "1" and "-3" give (1, 2, 3)."""
    last = number(first)
    if last is None:
        return ()
    found = {last}
    for item in _ITEM.finditer(more):
        value = number(item[2])
        if value is None:
            continue
        if ("-" in item[1] or "–" in item[1]) and last < value <= last + _LONGEST_RANGE:
            found.update(range(last, value))
        found.add(value)
        last = value
    return tuple(sorted(found))


@lru_cache(maxsize=4096)
def split(text: str) -> Split:
    """Take the volume words out of `text` and read them."""
    if not _HINT.search(text):
        return Split(text, ())
    levels: list[Level] = []
    kept: list[str] = []
    end = 0
    for match in _MARKED.finditer(text):
        marker, first, more = [group for group in match.groups() if group is not None]
        numbers = _numbers(first, more)
        if numbers:
            levels.append(Level(_RANK[marker[0].lower()], numbers))
            kept.append(text[end : match.start()])
            end = match.end()
    if not levels:
        return Split(text, ())
    kept.append(text[end:])
    return Split(" ".join(kept), tuple(levels))


@lru_cache(maxsize=4096)
def stated(text: str) -> tuple[Level, ...]:
    """Read the number of a subfield that holds nothing else ("T.1", "Phần 2", "1", "No. 4", "II")."""
    levels = split(text).levels
    if levels:
        return levels
    alone = _ALONE.search(text)
    if alone is None:
        return ()
    after = _AFTER.match(text, alone.end())
    numbers = _numbers(alone[0], after[0] if after else "")
    return (Level(0, numbers),) if numbers else ()


def united(sources: Iterable[Sequence[Level]]) -> tuple[tuple[int, ...], ...]:
    """Order the levels of all places of one record from the outermost in; what two places say counts once."""
    seen: list[Level] = []
    for levels in sources:
        known = {level.numbers for level in seen}
        seen.extend(level for level in levels if level.numbers not in known)
    return tuple(level.numbers for level in sorted(seen, key=lambda level: level.rank))
