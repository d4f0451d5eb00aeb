"""What every kind of file is cut into: one piece a record, with the place where it stood."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A record as it came, or (with a fault) what stood where a record should be."""

    place: str
    payload: bytes
    own_id: str | None = None
    """The record's own number in its library."""
    content: bytes | None = None
    """What tells this record from others where it has no number; None: the payload."""
    deleted: bool = False
    fault: tuple[str, str] | None = None
    """Stable code and words: why this is no record."""


class NotUnderstood(Exception):
    """A file that cannot be read: what it is, and what the person should bring instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
