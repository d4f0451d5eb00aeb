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
_PREFIX: Final = 4
"""Words of the title in its prefix key."""


def block_keys(features: Features) -> tuple[int, ...]:
    """Return the keys of a record as signed 64-bit integers, without repetition, sorted.

    Numbers; the beginning of the title with the year; the title with the author, whatever the year; the
    author or the first word with pages and year; the whole title with its volume. Where year, author or
    pages are missing the title goes with what there is. A parallel title gets a key of its own.
    """
    names = [f"n {number}" for number in features.isbns[:_MOST_NUMBERS]]
    names += [f"n {number}" for number in features.numbers_of_record[:_MOST_NUMBERS]]
    names += [f"n {number}" for number in features.issns[:_MOST_NUMBERS]]
    title = features.title
    if title:
        names += _title_keys(features, title)
    return tuple(sorted({_hash(name) for name in names}))


def _title_keys(features: Features, title: str) -> list[str]:
    words = title.split()
    begin = " ".join(words[:_PREFIX])
    year, pages = features.year, features.pages
    author = _telling_name(features)
    volume = "/".join(str(numbers[0]) for numbers in features.volumes)
    keys = []
    if year is not None:
        keys.append(f"ty {begin}|{year}|{volume}")
        if pages is not None:
            keys.append(f"py {words[0]}|{pages}|{year}")
        if author:
            keys.append(f"ay {author}|{pages or words[0]}|{year}|{volume}")
    if author:
        keys.append(f"ta {' '.join(words[:2])}|{author}|{volume}")
    elif pages is not None:
        keys.append(f"tp {begin}|{pages}")
    if year is None or not (author or pages):
        keys.append(f"t {' '.join(words)}|{volume}")
        if features.publishers:
            keys.append(f"th {begin}|{features.publishers[0]}")
    else:
        keys.append(f"tv {' '.join(words[:8])}|{volume}|{pages or author}")
    if year is not None:
        keys.extend(
            f"ty {' '.join(other.split()[:_PREFIX])}|{year}|{volume}" for other in features.other_titles[:2]
        )
    return keys


def _telling_name(features: Features) -> str:
    """The syllable of the main name by which it is found again: the longest that few people bear.

    Neither order nor initials nor a missing middle name change it, as long as that syllable is there.
    """
    if features.people:
        syllables = [word for word in features.people[0].split() if len(word) > 1]
        rare = [word for word in syllables if word not in FREQUENT] or syllables
        return max(rare, key=lambda word: (len(word), word), default="")
    if features.bodies:
        return max(features.bodies[0].split(), key=lambda word: (len(word), word))
    return ""


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
