"""In which encoding the text of a file is: decided for the whole of it, from records all through it.

The text stays as it came; the decision goes with each record, so that it can be read otherwise later.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO, TypeVar

from unioncat.text.encodings import LEGACY, Decision, decide
from unioncat.text.encodings.surface import surface
from unioncat_harvester.readers.files.unpack import STEP, spool

T = TypeVar("T")

FIRST = 1000
"""Records at the beginning that are looked at."""
EVERY = 25
"""Then each so many."""
MOST = 3000
DAMAGED = 0.02
"""Share of bad letters up to which a text is damaged UTF-8, and no other encoding."""


def sampled(items: Iterable[T]) -> Iterator[T]:
    """Give some items from all through a file."""
    taken = 0
    for number, item in enumerate(items):
        if number < FIRST or (number % EVERY == 0 and taken < MOST):
            taken += 1
            yield item
        elif taken >= MOST:
            return


def decided(samples: Sequence[str | bytes], wish: str | None) -> Decision:
    """Decide on a file; `wish` is the person's word and needs no proof."""
    found = decide(samples)
    if wish is None or wish == found.encoding:
        return found
    return Decision(wish, 1.0, found.evidence, found.examples, found.texts, found.telling)


def parameter(name: str | None) -> str:
    """Give what is added to a record's format: nothing for text that is good as it stands."""
    return f";encoding={name}" if name in LEGACY and name != "marc-8" else ""


def in_utf8(body: IO[bytes]) -> tuple[IO[bytes], bool]:
    """Give a text file in UTF-8, and whether it was 8-bit text, of which each byte is now one character.

    The caller closes what it gets, unless it is the file itself.
    """
    body.seek(0)
    good = bad = 0
    while line := body.readline(STEP):
        if line.isascii():
            continue
        text = line.decode("utf-8", "replace")
        wrong = text.count("\ufffd")
        bad += wrong
        good += sum(char > "\x7f" for char in text) - wrong
    if not bad:
        return body, False
    eight = bad > DAMAGED * (good + bad)
    out = spool()
    body.seek(0)
    while line := body.readline(STEP):
        out.write((surface(line) if eight else line.decode("utf-8", "replace")).encode())
    return out, eight
