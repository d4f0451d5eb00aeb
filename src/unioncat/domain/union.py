"""The union record: what members together say of one edition, with where each field came from.

It is made anew for each viewer out of the records that this viewer may see (DESIGN invariant 12).
"""

from dataclasses import dataclass
from datetime import datetime

from unioncat.domain.bib import BibRecord, Holding
from unioncat.domain.licence import UNSTATED, Licence


@dataclass(frozen=True, slots=True)
class Member:
    """A source's record inside a cluster."""

    record_id: int
    source: str
    library: str
    local_id: str
    bib: BibRecord
    holdings: tuple[Holding, ...] = ()
    audience: int = 0
    updated: datetime | None = None
    rank: int = 0
    """Preference of the source's library when fields are chosen: smaller wins."""
    licence: Licence = UNSTATED
    """What the source says of the use of its records."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which members (record numbers) gave a field of the union record, and why they were preferred."""

    field: str
    members: tuple[int, ...]
    why: str


@dataclass(frozen=True, slots=True)
class UnionRecord:
    """A merged record; `members` in order of preference."""

    bib: BibRecord
    provenance: tuple[Provenance, ...]
    members: tuple[Member, ...]
    id: str = ""
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a public id stands for today.

    `state`: live; moved (one successor); split (several); gone. A split id that lives on in its largest part
    is live and names the other parts in `successors`.
    """

    id: str
    state: str
    successors: tuple[str, ...] = ()
