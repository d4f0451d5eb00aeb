"""What may be wrong with a record, named and grouped, and a member's report made of it; pure."""

from dataclasses import dataclass
from datetime import datetime

MISSING = (
    "title-missing",
    "no-agent",
    "no-publisher",
    "no-place",
    "no-year",
    "no-isbn",
    "no-extent",
    "no-language",
    "no-subject",
    "no-class",
    "no-shelf-mark",
)
"""Findings of fields that a record lacks, in the order of a record."""
NUMBERS = ("isbn-invalid", "isbn-malformed", "issn-invalid")
ENCODING_PREFIXES = ("encoding-", "text-", "xml-", "leader-", "directory-")
GROUPS = ("missing", "numbers", "encoding", "duplicates", "unreadable", "other")
"""Groups of findings, in the order of a report."""
DUPLICATE = "duplicate"
UNREADABLE = "unreadable"


def group_of(finding: str) -> str:
    """Give the group of a finding."""
    if finding in MISSING:
        return "missing"
    if finding in NUMBERS:
        return "numbers"
    if finding == DUPLICATE:
        return "duplicates"
    if finding == UNREADABLE:
        return "unreadable"
    return "encoding" if finding.startswith(ENCODING_PREFIXES) else "other"


@dataclass(frozen=True, slots=True)
class Report:
    """The records of one source on one day; `counts` are records with that finding."""

    source: str
    at: datetime
    records: int
    measured: int
    """Records that were looked at; older ones are after `unioncat replay`."""
    sound: int
    """Records without any finding that a cataloguer should mend."""
    counts: tuple[tuple[str, int], ...]
    issues: int
    """Records that could not be read, or only with trouble, as problems on the source's page."""

    def share(self, finding: str) -> float:
        """Give the share of the measured records that have a finding."""
        return dict(self.counts).get(finding, 0) / self.measured if self.measured else 0.0


@dataclass(frozen=True, slots=True)
class Mend:
    """One record to be mended."""

    finding: str
    source: str
    local_id: str
    title: str
    detail: str = ""
