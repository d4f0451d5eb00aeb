"""What people decide about pairs of records and about identifiers.

Decisions name records by their numbers, which follow from source code and local id: they hold through
re-harvest, changed records and new rules.
"""

from dataclasses import dataclass
from datetime import datetime

from unioncat.domain.match import Verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on a pair: SAME joins, DIFFERENT keeps apart, UNSURE takes it off the list only.

    Of several that are not undone, the latest that joins or keeps apart counts.
    """

    id: int
    left: int
    right: int
    left_ref: str
    """Source code and local id as "source:local id"."""
    right_ref: str
    verdict: Verdict
    reason: str
    by: str
    at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None
    outranked: bool = False
    """A later one on the same pair counts instead."""
    contested: bool = False
    """Another one that is not undone says the contrary."""

    @property
    def counts(self) -> bool:
        """Tell whether this one has a say in the clusters."""
        return self.undone_at is None and not self.outranked and self.verdict is not Verdict.UNSURE


@dataclass(frozen=True, slots=True)
class Distrusted:
    """An identifier that says nothing of what a record describes: put on many books, or a placeholder."""

    scheme: str
    value: str
    reason: str
    by: str
    at: datetime
    applied: bool = True
    """Whether the records that carry it have been read again since."""
