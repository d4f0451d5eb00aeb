"""A source: one endpoint of a member library, how to read it, and what must hold of what it sends."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from unioncat.domain.audience import PUBLIC
from unioncat.domain.hours import Hours
from unioncat.domain.licence import UNSTATED, Licence


class Protocol(StrEnum):
    """How a source is read; one reader of the harvester each."""

    OAI_PMH = "oai-pmh"
    SRU = "sru"
    Z3950 = "z39.50"
    FILES = "files"


class SourceState(StrEnum):
    """What the schedule may do with a source.

    A held source has a finished run that broke an assertion and waits for a person.
    """

    ACTIVE = "active"
    PAUSED = "paused"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Assertions:
    """What must hold before a run is published (DESIGN invariant 6)."""

    min_records: int = 0
    max_records: int | None = None
    max_fall: float = 0.05
    """Largest share of the live records that one run may delete."""
    fall_allowance: int = 50
    """A fall of up to this many records is always allowed."""
    trust_list_size: bool = True
    """Whether completeListSize is believed."""


@dataclass(frozen=True, slots=True)
class Politeness:
    """Limits of one source; seconds and bytes."""

    pause: float = 0.0
    timeout: float = 60.0
    tries: int = 5
    max_wait: float = 300.0
    max_page_bytes: int = 512 * 1024 * 1024
    max_pages: int = 1_000_000
    max_seconds: float = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class HoldingMap:
    """Where a profile finds holdings: MARC tag and subfield of each column."""

    tag: str
    library: str | None = None
    location: str | None = None
    shelf_mark: str | None = None
    shelf_suffix: str | None = None
    item: str | None = None
    volume: str | None = None
    status: str | None = None
    note: str | None = None
    copies: str | None = None


@dataclass(frozen=True, slots=True)
class DropRule:
    """Names records that must not leave their library: all conditions that are given must hold.

    `field` is a MARC tag, the name of an XML element, or the heading of a column; without it, `pattern` is
    searched in every value. A field alone means its presence. `equals`, `unless` and `pattern` are asked of
    each value of the field, or of its subfield `code`: one of these values, any but these, a regular
    expression. `sets` are setSpecs with those below them; `types` and `levels` are letters of leader/06 and
    /07. A rule with `forms` (marc, elements, table) is asked of records of these forms only.
    """

    field: str | None = None
    code: str | None = None
    equals: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    pattern: str | None = None
    sets: tuple[str, ...] = ()
    types: str = ""
    levels: str = ""
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """How the records of one kind of system are read, and what of them must not be written here."""

    name: str = "marc21"
    holdings: tuple[HoldingMap, ...] = ()
    branches: tuple[tuple[str, str], ...] = ()
    """(value in the record, library code) pairs: one endpoint may serve many libraries."""
    drop_tags: tuple[str, ...] = ()
    """Fields never read further."""
    fixes: tuple[str, ...] = ()
    about: str = ""
    """What the profile is for, in one line."""
    format: str = "auto"
    """How MARC fields are meant: marc21, unimarc, local (after `local_fields`), or auto: the record tells."""
    encoding: str = "auto"
    """Name of a legacy encoding of the text; auto trusts what the record says."""
    columns: tuple[tuple[str, str], ...] = ()
    """(heading, field) pairs of the rows of a table."""
    local_fields: tuple[tuple[str, str], ...] = ()
    """(local tag and subfield, MARC 21 tag and subfield) pairs, for `format` local."""
    drop: tuple[DropRule, ...] = ()
    """Records that are never written here: the gate keeps them out."""
    strip_tags: tuple[str, ...] = ()
    """Fields ("911"), subfields ("952$x"), elements or columns that the gate cuts out of every record."""
    assertions: Assertions = field(default_factory=Assertions)
    """What sources of this kind should hold, where they say nothing themselves."""


@dataclass(frozen=True, slots=True)
class Source:
    """One endpoint of one library."""

    code: str
    library: str
    protocol: Protocol
    address: str
    format: str = "marc21"
    """metadataPrefix; `auto` lets the harvester choose by namespace."""
    set: str | None = None
    every_minutes: int = 24 * 60
    """Time between harvests; 0 means by hand only."""
    hours: Hours | None = None
    """When the schedule may harvest it; none is the whole day. A harvest asked for by hand does not wait."""
    overlap_seconds: int = 24 * 3600
    profile: str = "marc21"
    options: tuple[tuple[str, str], ...] = ()
    """Switches of one source: branch map, quirks, encoding (validated at registration)."""
    assertions: Assertions = field(default_factory=Assertions)
    politeness: Politeness = field(default_factory=Politeness)
    state: SourceState = SourceState.ACTIVE
    audience: int = PUBLIC
    id: int = 0
    library_id: int = 0
    reconcile_days: int | None = None
    """Days between comparisons of identifiers; 0 = never, none = 7, or 30 where deletions are persistent."""
    licence: Licence = UNSTATED
    """What the library says of the use of its records."""


class RunMode(StrEnum):
    """Full: everything the source has. Incremental: what changed since the last good run.

    Reconcile: identifiers only, to find what vanished without a deletion.
    """

    FULL = "full"
    INCREMENTAL = "incremental"
    RECONCILE = "reconcile"


class RunState(StrEnum):
    """Life of a harvest run. Only a published run flows on."""

    RUNNING = "running"
    FAILED = "failed"
    HELD = "held"
    PUBLISHED = "published"
    REJECTED = "rejected"
    """A person refused it."""
    SUPERSEDED = "superseded"
    """Another reading took its place: a file read again with corrections, a list begun in another way."""
    BROKEN = "broken"
    """It failed, and will not be gone on with."""


@dataclass(frozen=True, slots=True)
class Counters:
    """What a run has received so far. `received` counts records as sent, repeats included.

    `swept` are deletions of records that vanished without one, `shut_out` records that the gate refused.
    """

    pages: int = 0
    received: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    quarantined: int = 0
    repaired: int = 0
    bytes: int = 0
    swept: int = 0
    shut_out: int = 0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a list stands after a page: enough to go on after a kill."""

    token: str | None = None
    cursor: int | None = None
    list_size: int | None = None
    response_date: datetime | None = None
    """responseDate of the first answer of this run."""
    finished: bool = False
    """The list ended regularly."""


@dataclass(frozen=True, slots=True)
class Run:
    """One harvest of one source."""

    id: int
    source_id: int
    source_code: str
    mode: RunMode
    state: RunState
    started: datetime
    since: datetime | None = None
    """`from` of the request, none for a full harvest."""
    finished: datetime | None = None
    heartbeat: datetime | None = None
    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    counters: Counters = field(default_factory=Counters)
    error: str | None = None
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record exactly as it came. `payload` stands alone, and is empty when deleted.

    `format` says what it is: a metadataPrefix for UTF-8 XML, else iso2709, unimarc, marc-json, mrk, opac,
    sutrs or table.
    """

    local_id: str
    datestamp: str | None
    deleted: bool
    payload: bytes
    format: str
    sets: tuple[str, ...] | None = None
    """The sets that the record is in, for the gate only; none where the protocol does not tell."""
    place: str | None = None
    """Where it stood in a file, for people: the number of its row, or `sheet!row`."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A piece of a page that is no usable record, with what it was and why it was put aside."""

    local_id: str | None
    code: str
    detail: str
    payload: bytes = b""
