"""Answers in which a server says our own credentials back to us: asterisks take their place."""

from collections.abc import Iterator, Sequence


def masked(pieces: Iterator[bytes], secrets: Sequence[str]) -> Iterator[bytes]:
    """Put asterisks where a server sends our own credentials back: they are neither kept nor shown."""
    words = [word.encode() for word in secrets]
    if not words:
        yield from pieces
        return
    reach = max(len(word) for word in words) - 1
    rest = b""
    for piece in pieces:
        rest += piece
        for word in words:
            rest = rest.replace(word, b"*" * len(word))
        out = max(0, len(rest) - reach)
        yield rest[:out]
        rest = rest[out:]
    yield rest
