"""A MARC record as plain tuples: what every decoder gives and every reader of MARC takes.

No classes for fields and subfields: a quarter of a million records a minute pass through here.
"""

from typing import NamedTuple

Subfields = tuple[tuple[str, str], ...]
"""(code, value) pairs in the order of the record."""

DataField = tuple[str, str, str, Subfields]
"""Tag, first and second indicator, subfields."""


class MarcRecord(NamedTuple):
    """A decoded record, its text as it came; `leader` always has 24 characters."""

    leader: str
    controls: tuple[tuple[str, str], ...] = ()
    """(tag, value) pairs of the control fields."""
    fields: tuple[DataField, ...] = ()
    flags: tuple[str, ...] = ()
    """What the decoder had to mend, as stable codes."""


class Unreadable(ValueError):
    """Nothing usable is in the bytes: a stable code, and what a person should know and do."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def tidy_leader(leader: str) -> tuple[str, bool]:
    """Return the leader with 24 characters, and whether it had to be padded or cut."""
    if len(leader) == 24:
        return leader, False
    return leader[:24].ljust(24), True
