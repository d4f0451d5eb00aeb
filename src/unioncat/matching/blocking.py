"""Keys under which likely pairs meet: several for each record, all without tones, so that no pair is missed.

A key names its scheme and is the same on every machine; a key that more than `KEY_CAP` records share is too
common to be asked, so every common kind of key has a more specific companion.
"""

from hashlib import blake2b
from typing import Final

from unioncat.matching.facts import Features
from unioncat.matching.names import FREQUENT

KEY_CAP: Final = 40
"""Records under one key above which the key says too little."""

_MOST_NUMBERS: Final = 3
_BEGIN: Final = 14
"""Letters of a title's beginning: the division into words and title and remainder does not count."""
_END: Final = 12
"""Letters of its end, for titles that begin otherwise: fewer, because slips stand anywhere."""
_WHOLE: Final = 60
_TELLING: Final = 12
"""Letters from which a title alone, whatever the year, is worth a key."""


def block_keys(features: Features) -> tuple[int, ...]:
    """Return the keys of a record as signed 64-bit integers, without repetition, sorted.

    Numbers; the beginning of the title with the year; whatever the year, the title with the author, with the
    pages, or (if it is long enough) by itself; its end with the year; the longest word with pages and year;
    each of two authors with pages (or that word) and year; the first author with the publisher and the year.
    A parallel title and the name of a part get a key of their own.
    """
    names = [f"n {number}" for number in features.isbns[:_MOST_NUMBERS]]
    names += [f"n {number}" for number in features.numbers_of_record[:_MOST_NUMBERS]]
    names += [f"n {number}" for number in features.issns[:_MOST_NUMBERS]]
    if features.title:
        names += _title_keys(features)
    return tuple(sorted({_hash(name) for name in names}))


def _title_keys(features: Features) -> list[str]:
    words = features.title.split()
    title = "".join(words)
    whole = title + features.rest.replace(" ", "")
    begin = whole[:_BEGIN]
    year, pages = features.year, features.pages
    authors = _telling_names(features)
    volume = "/".join(str(numbers[0]) for numbers in features.volumes)
    keys = []
    if year is not None:
        keys.append(f"ty {begin}|{year}|{volume}")
        if len(title) < _BEGIN < len(whole):
            keys.append(f"ty {title}|{year}|{volume}")
        if pages is not None:
            keys.append(f"py {_longest(words)}|{pages}|{year}")
        where = str(pages) if pages else f"{_longest([*words, *features.rest.split()])}|{volume}"
        keys.extend(f"ay {author}|{where}|{year}" for author in authors)
        keys.extend(
            f"yh {author}|{_longest(house.split())}|{year}|{volume}"
            for author in authors[:1]
            for house in features.publishers[:1]
        )
        if len(title) > _END:
            keys.append(f"te {title[-_END:]}|{year}|{volume}")
        if not authors and not pages:
            keys.extend(
                f"hy {words[0]}|{_longest(house.split())}|{year}" for house in features.publishers[:1]
            )
        others = (*features.other_titles[:2], *features.part_names[:1])
        keys.extend(f"ty {other.replace(' ', '')[:_BEGIN]}|{year}|" for other in others)
    if pages is not None:
        keys.append(f"tp {begin}|{pages}")
    keys.extend(f"ta {_longest(words)}|{author}|{volume}" for author in authors[:1])
    if len(title) >= _TELLING or year is None or not (authors or pages):
        keys.append(f"t {title[:_WHOLE]}|{volume}")
    return keys


def _longest(words: list[str]) -> str:
    return max(words, key=lambda word: (len(word), word))


def _telling_names(features: Features) -> list[str]:
    """The syllables of the first two names by which they are found again: the longest that few people bear.

    Neither order nor initials nor a missing middle name change it, as long as that syllable is there.
    """
    found = []
    for name in features.people[:2]:
        syllables = [word for word in name.split() if len(word) > 1]
        rare = [word for word in syllables if word not in FREQUENT] or syllables
        if rare:
            found.append(_longest(rare))
    if not found and features.bodies:
        found.append(_longest(features.bodies[0].split()))
    return found


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
