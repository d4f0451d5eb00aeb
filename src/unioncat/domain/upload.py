"""A file that a library brings: read like a harvest, looked at by a person, then accepted or rejected.

Nothing of it reaches readers before a person's word; rejecting it leaves no trace of its content.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from unioncat.domain.column import Column
from unioncat.domain.source import RunMode

OWN_PREFIX = "unioncat:"
"""Beginning of the headings that we add to a list of errors; a corrected list comes back with them."""
OWN_ID = "unioncat:id"
OWN_PLACE = "unioncat:row"
OWN_WHY = "unioncat:why"


class UploadState(StrEnum):
    """Life of an upload. A rejected one is gone, so it has no state."""

    WAITING = "waiting"
    READING = "reading"
    READY = "ready"
    """Read and looked through: a person has the word."""
    FAILED = "failed"
    ACCEPTED = "accepted"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Correction:
    """What the person who brought a file knows better than the guess; None and empty leave it to us."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Heading -> field, as in `Column`; a column that the person left as it was is not here."""
    encoding: str | None = None
    id_column: str | None = None
    """Heading of the record's number, or a MARC field as `020a`; empty: none of them."""
    heading_row: int | None = None
    """Row of the headings, from 1; 0: there are none."""
    sheet: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True, slots=True)
class GuessedColumn:
    """A column of a table: what it seems to hold, by its heading or by its cells."""

    heading: str
    column: Column | None
    by: str = "nothing"
    """`heading`, `cells` or `nothing`."""
    filled: int = 0
    """Rows among those looked at that have a cell here."""
    unique: bool = False
    """No two of the rows looked at have the same cell here, and hardly one lacks it."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file was recognised as. It holds the file's structure only, never its content."""

    kind: str
    """excel, csv, html-table, iso2709, isis, marcxml, mods, oai_dc, marc-json, mrk …"""
    format: str
    """Format of its records (`RawRecord.format`)."""
    encoding: str = "utf-8"
    confidence: float = 1.0
    evidence: str = ""
    members: tuple[str, ...] = ()
    """Kinds of the files in an archive."""
    delimiter: str | None = None
    sheets: tuple[str, ...] = ()
    heading_row: int | None = None
    columns: tuple[GuessedColumn, ...] = ()
    id_column: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A record as it will look, beside the cells or the text it was made from."""

    place: str | None
    local_id: str
    source: tuple[tuple[str, str], ...]
    """(heading or field, text as received) pairs, or one pair without a heading."""
    title: str | None
    statement: str
    """Author, edition, imprint, extent in one line."""
    numbers: str = ""
    holdings: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a read file would bring: counts over all its records, and some of them."""

    records: int = 0
    """Records that can be understood: those that accepting brings into the catalogue."""
    created: int = 0
    """Those of them that are new."""
    unread: int = 0
    """Records that cannot."""
    aside: int = 0
    """Pieces that are no record at all."""
    with_problems: int = 0
    """Records that can be understood but have a fault that a person can mend."""
    filled: Mapping[str, int] = field(default_factory=dict)
    """Field -> records that have it."""
    problems: Mapping[str, int] = field(default_factory=dict)
    """Stable code -> how often."""
    samples: tuple[Sample, ...] = ()
    cells: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Heading -> some of its cells."""
    repaired: tuple[tuple[str, str], ...] = ()
    """(text as received, text as read) pairs of a legacy encoding."""
    lines: int = 0
    """Complaints line by line, as in the list of errors."""


@dataclass(frozen=True, slots=True)
class Line:
    """One complaint about one record of a file."""

    place: str | None
    local_id: str | None
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was brought, and how far it is."""

    id: UUID
    source: str
    source_id: int
    name: str
    size: int
    mode: RunMode
    state: UploadState
    by: str
    at: datetime
    correction: Correction = field(default_factory=Correction)
    look: Look | None = None
    preview: Preview | None = None
    run_id: int | None = None
    errand: UUID | None = None
    error: str | None = None
    remedy: str | None = None
    kept: bool = True
    """Whether its bytes are still here, so that it can be read again."""
    decided_by: str | None = None
    decided_at: datetime | None = None
