"""Decide in which encoding a whole file or batch of texts is, from all of it together.

Never from one field: a word may look like several encodings, a hundred words do not. What is mostly good
Unicode is never changed as a whole; its strange texts are named, so that a person can act.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from unioncat.text.clean import compose
from unioncat.text.encodings.codecs import decode, good, repair
from unioncat.text.encodings.evidence import CANDIDATES, Tally, chunks, tally
from unioncat.text.encodings.residue import suspect
from unioncat.text.encodings.surface import surface
from unioncat.text.encodings.syllables import is_marked_syllable
from unioncat.text.encodings.viqr import read_viqr

_SHARE: Final = 0.6
"""Share of the changed words that must become syllables."""
_LEAST: Final = 4
"""Different words that must."""
_WESTERN_SHARE: Final = 0.9
_WESTERN_LEAST: Final = 8
"""The same for encodings that are not judged by Vietnamese syllables."""
_WESTERN_TEXT: Final = 15
"""The same for MARC-8 in what is good Unicode: some French and German words look like it."""
_PURE: Final = 0.95
"""Share of the telling texts that must be in one encoding, if a batch is to be changed."""
_DECOMPOSED: Final = 0.05
_VIQR_LEAST: Final = 10
_VIQR_SHARE: Final = 0.4
_ENOUGH: Final = 20_000
"""Texts from all over the batch whose words are weighed; more tell nothing more."""
_TONED_CAPITAL = re.compile("[\x11\x12\x16\x17\u0192\u02c6\u0160\u0152\u017d\u0161\u0153\u017e\u0178]")
"""Surfaces of capitals of TCVN 5712 that no word processor puts into text in an ABC font."""
_EXAMPLES: Final = 8
_MOST_STRANGE: Final = 10_000
_VIQR_WORD = re.compile(r"[A-Za-z][A-Za-z`?~'.^(+]*")
_VIQR_HAT = re.compile(r"[\^+(]|dd", re.IGNORECASE)
_MARKS = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Strange:
    """A text that is not as the rest of its batch: where it stands, how it looks, what it seems to be."""

    position: int
    """Number of the sample, from 0."""
    encoding: str | None
    """The encoding that it seems to be in; none where no reading makes sense."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Weight:
    """How well one encoding explains the batch; counts of different words."""

    encoding: str
    gained: int
    lost: int
    missed: int


@dataclass(frozen=True, slots=True)
class Decision:
    """In which encoding a batch is, how sure that is, and why."""

    encoding: str | None
    """Name to give to `repair` or `decode`; "utf-8" when the texts are good as they are, none when no known
    encoding fits the bytes."""
    confidence: float
    """0 to 1."""
    evidence: tuple[Weight, ...]
    """The encodings that change anything, best first."""
    examples: tuple[tuple[str, str], ...]
    """Texts before and after, for a person to look at."""
    texts: int
    telling: int
    """Texts with at least one word that says something."""
    strange: tuple[Strange, ...] = ()
    """Texts that are not in `encoding`."""
    mixed: bool = False
    """Whether texts of several encodings stand side by side, so that nothing may be changed as a whole."""


def decide(samples: Sequence[str | bytes]) -> Decision:
    """Decide on a batch: one sample is a text, or all texts of one record.

    Bytes that are UTF-8 are read as such; others are read as Western text first, then judged.
    """
    texts, raw = _texts(samples)
    words = [set(chunks(text)) for text in texts]
    every = set[str]().union(*words)
    viqr = _viqr(texts, len(every))
    if viqr is not None or not every:
        return viqr or Decision("utf-8", 1.0, (), (), len(texts), 0)
    weighed = set[str]().union(*words[:: len(words) // _ENOUGH + 1])
    tallies = {encoding: tally(weighed, encoding) for encoding in CANDIDATES}
    ranked = sorted(CANDIDATES, key=lambda encoding: tallies[encoding].net, reverse=True)
    evidence = tuple(
        Weight(encoding, one.gained, one.lost, one.missed)
        for encoding in ranked
        for one in [tallies[encoding]]
        if one.gained
    )
    best = ranked[0]
    if best in ("tcvn3", "tcvn5712") and tallies["tcvn5712"].gained == tallies["tcvn3"].gained:
        # They differ in toned capitals alone: without these it is the common one.
        best = "tcvn5712" if any(map(_TONED_CAPITAL.search, texts)) else "tcvn3"
    if _convincing(best, tallies[best], bool(raw)):
        sides = [_side(found, best) for found in words]
        legacy, unicode = sides.count(1), sides.count(-1)
        if legacy >= _PURE * (legacy + unicode):
            return _legacy(best, tallies[best], evidence, samples, texts, sides)
    return _unchanged(samples, texts, words, raw, evidence, tallies[best])


def _texts(samples: Sequence[str | bytes]) -> tuple[list[str], set[int]]:
    """Read the samples as text; the numbers of those that are bytes but no UTF-8 come beside them."""
    texts, raw = [], set()
    for position, sample in enumerate(samples):
        if isinstance(sample, str):
            texts.append(sample)
            continue
        try:
            texts.append(sample.decode())
        except UnicodeDecodeError:
            raw.add(position)
            texts.append(surface(sample))
    return texts, raw


def _convincing(encoding: str, one: Tally, octets: bool) -> bool:
    least = _LEAST if encoding != "marc-8" else _WESTERN_LEAST if octets else _WESTERN_TEXT
    share = _WESTERN_SHARE if encoding in ("marc-8", "utf-8-twice") else _SHARE
    return one.gained >= least and one.share >= share


def _side(words: set[str], encoding: str) -> int:
    """Tell whether a text speaks for an encoding (1), against it (-1), or not at all."""
    one = tally(words, encoding)
    return (one.gained > one.lost) - (one.gained < one.lost)


def _legacy(
    encoding: str,
    one: Tally,
    evidence: tuple[Weight, ...],
    samples: Sequence[str | bytes],
    texts: list[str],
    sides: list[int],
) -> Decision:
    strange = tuple(
        Strange(position, "utf-8", text, text)
        for position, (text, side) in enumerate(zip(texts, sides, strict=True))
        if side < 0
    )
    return Decision(
        encoding,
        _lower(one.gained, one.gained + one.lost + one.missed),
        evidence,
        _examples(samples, texts, encoding),
        len(texts),
        sum(side != 0 for side in sides),
        strange[:_MOST_STRANGE],
    )


def _viqr(texts: list[str], other: int) -> Decision | None:
    """Decide on VIQR, which is all ASCII; `other` words with signs beyond it are hardly any."""
    words = [word for text in texts for word in _VIQR_WORD.findall(text)]
    if 50 * other > len(words):
        return None
    marked = [word for word in words if is_marked_syllable(read_viqr(word.rstrip(".?'")))]
    hatted = sum(1 for word in marked if _VIQR_HAT.search(word))
    if len(marked) < max(_VIQR_LEAST, _VIQR_SHARE * len(words)) or 4 * hatted < len(marked):
        return None
    weight = Weight("viqr", len(marked), 0, 0)
    examples = _examples(texts, texts, "viqr")
    return Decision("viqr", _lower(len(marked), len(words)), (weight,), examples, len(texts), len(texts))


def _unchanged(
    samples: Sequence[str | bytes],
    texts: list[str],
    words: list[set[str]],
    raw: set[int],
    evidence: tuple[Weight, ...],
    best: Tally,
) -> Decision:
    """Decide on a batch that is in no legacy encoding as a whole."""
    telling = sum(1 for found in words if found)
    every = set[str]().union(*words)
    if raw and 2 * len(raw) > telling:
        return _western(samples, texts, every, raw, evidence, telling)
    strange = []
    for position, (text, found) in enumerate(zip(texts, words, strict=True)):
        encoding = suspect(text) if found else None
        if encoding is not None or position in raw:
            read = repair(text, encoding) if encoding else text
            strange.append(Strange(position, encoding, text, read))
    decomposed = sum(1 for text in texts if _MARKS.search(text) and compose(text) != text)
    encoding = "nfd" if decomposed > _DECOMPOSED * telling else "utf-8"
    spoken = sum(map(good, every))
    return Decision(
        encoding,
        1 - _lower(best.gained, max(best.gained, 1) + best.lost + best.missed + spoken),
        evidence,
        _examples(samples, texts, "nfd") if encoding == "nfd" else (),
        len(texts),
        telling,
        tuple(strange[:_MOST_STRANGE]),
        mixed=len(strange) > (1 - _PURE) * telling,
    )


def _western(
    samples: Sequence[str | bytes],
    texts: list[str],
    every: set[str],
    raw: set[int],
    evidence: tuple[Weight, ...],
    telling: int,
) -> Decision:
    """Decide on bytes that are no UTF-8 and no Vietnamese: Western if their words look so, else unknown."""
    told = [word for word in every if any(sign.isascii() and sign.isalpha() for sign in word)]
    likely = sum(1 for word in told if word.isalpha() and word in (word.lower(), word.title(), word.upper()))
    if told and likely >= _WESTERN_SHARE * len(told):
        return Decision("cp1252", _lower(likely, len(told)), evidence, (), len(texts), telling)
    strange = tuple(Strange(position, None, texts[position], texts[position]) for position in sorted(raw))
    return Decision(None, 0.0, evidence, (), len(texts), telling, strange[:_MOST_STRANGE])


def _examples(
    samples: Sequence[str | bytes], texts: Sequence[str], encoding: str
) -> tuple[tuple[str, str], ...]:
    """Choose texts that the encoding changes, from all over the batch."""
    found: list[tuple[str, str]] = []
    step = max(1, len(texts) // (4 * _EXAMPLES))
    for position in [*range(0, len(texts), step), *range(len(texts))]:
        sample = samples[position]
        read = repair(sample, encoding) if isinstance(sample, str) else decode(sample, encoding)
        pair = (texts[position], read)
        if read != texts[position] and pair not in found:
            found.append(pair)
            if len(found) == _EXAMPLES:
                break
    return tuple(found)


def _lower(hits: int, all_told: int, z: float = 1.64) -> float:
    """Lower bound of a share (Wilson 1927): few words are little certainty."""
    if not all_told:
        return 0.0
    share = hits / all_told
    middle = share + z * z / (2 * all_told)
    spread = z * sqrt(share * (1 - share) / all_told + z * z / (4 * all_told * all_told))
    return (middle - spread) / (1 + z * z / all_told)
