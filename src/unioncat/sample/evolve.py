"""What happens to the federation between two harvests, and the truth that a join is measured against.

The moment of a change comes from the caller: a change that carried an old datestamp would never be harvested.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from unioncat.sample.generate import BRIDGE, LATER, SampleRecord, editions, make, records
from unioncat.sample.members import MEMBERS

LAST_STEP = 2
"""The sample knows two states: 1 as first harvested, 2 after the changes."""


class ChangeKind(StrEnum):
    """What happened to a record."""

    CHANGED = "changed"
    DELETED = "deleted"
    ADDED = "added"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Change:
    """A record as it is after a change, and what a reader should know of it."""

    kind: ChangeKind
    record: SampleRecord
    meaning: str


def evolve(step: int, moment: datetime) -> tuple[Change, ...]:
    """Give the changes that lead to a state, made at `moment`; none for the first."""
    if not 1 <= step <= LAST_STEP:
        raise ValueError(f"the sample has states 1 to {LAST_STEP}, not {step}")
    return _second(moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")) if step == LAST_STEP else ()


def truth(step: int = 1) -> dict[tuple[str, str], str]:
    """Give the true edition of every live record in a state, by source code and local id."""
    now = {(record.member, record.local_id): record for record in records()}
    for change in evolve(step, datetime(2000, 1, 1, tzinfo=UTC)):
        now[change.record.member, change.record.local_id] = change.record
    return {place: record.edition_key for place, record in now.items() if not record.deleted}


def _second(datestamp: str) -> tuple[Change, ...]:
    copy = ("852", "  ", (("a", "TVQG"), ("b", "Kho mượn"), ("j", "VV26.90001")))
    note = ("500", "  ", (("a", "Đã bổ sung một bản"),))
    changed = _remade("tvqg", "A3", datestamp, added=(copy, note))
    gone = replace(_find("bkhn", "A110"), datestamp=datestamp, deleted=True, payload=b"", dublin_core=b"")
    (late, key) = next(iter(LATER))
    number = 1 + sum(record.member == late for record in records())
    fresh = replace(make(_MEMBER[late], editions()[key], number), datestamp=datestamp)
    mended = _remade(BRIDGE[0], BRIDGE[1], datestamp, corrected=True)
    return (
        Change(ChangeKind.CHANGED, changed, "The National Library has one more copy."),
        Change(ChangeKind.DELETED, gone, "The university gave its copies away and deleted the record."),
        Change(ChangeKind.ADDED, fresh, "The southern library has catalogued a new book."),
        Change(ChangeKind.CORRECTED, mended, "The record no longer carries the ISBN of another edition."),
    )


_MEMBER = {member.code: member for member in MEMBERS}


def _find(member: str, key: str) -> SampleRecord:
    return next(record for record in records() if (record.member, record.edition_key) == (member, key))


def _remade(member: str, key: str, datestamp: str, **how: Any) -> SampleRecord:
    old = _find(member, key)
    number = int("".join(filter(str.isdigit, old.local_id.rpartition(":")[2])))
    return replace(make(_MEMBER[member], editions()[key], number, **how), datestamp=datestamp)
