"""A bibliographic record as every later stage sees it, whatever format it came in.

All text is NFC and free of control characters; missing is `None` or an empty tuple, never a guess.
Tuples keep the order of the source record.
"""

from dataclasses import dataclass
from enum import StrEnum

from unioncat.domain.licence import is_open


class Material(StrEnum):
    """What the thing is, after leader/06-07, 007 and 008, or dc:type."""

    BOOK = "book"
    SERIAL = "serial"
    ARTICLE = "article"
    THESIS = "thesis"
    MAP = "map"
    SCORE = "score"
    MUSIC = "music"
    AUDIOBOOK = "audiobook"
    VIDEO = "video"
    IMAGE = "image"
    DATA = "data"
    MANUSCRIPT = "manuscript"
    KIT = "kit"
    OBJECT = "object"
    OTHER = "other"


class Carrier(StrEnum):
    """What the thing stands on; print never joins online."""

    PRINT = "print"
    ONLINE = "online"
    DISC = "disc"
    MICROFORM = "microform"
    BRAILLE = "braille"
    OTHER = "other"


class AgentKind(StrEnum):
    """Kinds of agent after MARC X00, X10, X11."""

    PERSON = "person"
    CORPORATE = "corporate"
    MEETING = "meeting"


class TitleKind(StrEnum):
    """Which title this is."""

    PROPER = "proper"
    PARALLEL = "parallel"
    UNIFORM = "uniform"
    VARIANT = "variant"
    FORMER = "former"


class SubjectKind(StrEnum):
    """What a subject heading names."""

    TOPIC = "topic"
    PLACE = "place"
    NAME = "name"
    WORK = "work"
    PERIOD = "period"
    GENRE = "genre"
    KEYWORD = "keyword"


class NoteKind(StrEnum):
    """Notes that are shown apart; all others are general."""

    GENERAL = "general"
    SUMMARY = "summary"
    CONTENTS = "contents"
    THESIS = "thesis"
    LANGUAGE = "language"
    REPRODUCTION = "reproduction"
    AUDIENCE = "audience"


@dataclass(frozen=True, slots=True)
class Part:
    """One step below the title: its number as printed ("T.1", "Phần 2") and its name."""

    number: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Title:
    """A title without ISBD marks; `nonfiling` counts characters to skip when sorting."""

    main: str
    remainder: str | None = None
    parts: tuple[Part, ...] = ()
    kind: TitleKind = TitleKind.PROPER
    nonfiling: int = 0


@dataclass(frozen=True, slots=True)
class Agent:
    """A person or body with a share in the work; `name` as the source writes it, without roles."""

    name: str
    kind: AgentKind = AgentKind.PERSON
    roles: tuple[str, ...] = ()
    dates: str | None = None
    main: bool = False


@dataclass(frozen=True, slots=True)
class Imprint:
    """Place, publisher and date of one publication, production or distribution statement."""

    places: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """Physical description: as written, and the largest page count and number of volumes read from it."""

    text: str
    pages: int | None = None
    volumes: int | None = None
    size: str | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """A standard number in its normal form (ISBN-13 digits, ISSN with hyphen).

    `scheme`: isbn, issn, ismn, lccn, oclc, doi, nbn (national bibliography), ean, urn, report, publisher,
    handle, local. `valid` is false for cancelled ($z) numbers and wrong check digits.
    """

    scheme: str
    value: str
    qualifier: str | None = None
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Series:
    """A series statement."""

    title: str
    number: str | None = None
    issn: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject heading; subdivisions are joined by " -- "."""

    text: str
    kind: SubjectKind = SubjectKind.TOPIC
    scheme: str | None = None


@dataclass(frozen=True, slots=True)
class Classification:
    """A class number with its scheme (ddc, udc, bbk, lcc, nlm, local) and edition."""

    scheme: str
    value: str
    edition: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A note."""

    text: str
    kind: NoteKind = NoteKind.GENERAL


@dataclass(frozen=True, slots=True)
class Link:
    """An address of the thing itself or of something about it, with what may be done with it."""

    url: str
    text: str | None = None
    full_text: bool = False
    rights: str | None = None

    @property
    def open(self) -> bool:
        """Tell whether the rights statement gives the thing free."""
        return is_open(self.rights)


@dataclass(frozen=True, slots=True)
class Alternate:
    """An 880 field: the same as field `tag`, in another script (ISO 15924 code where known)."""

    tag: str
    occurrence: int
    text: str
    script: str | None = None


@dataclass(frozen=True, slots=True)
class BibRecord:
    """One record of one source, normalised."""

    title: Title
    other_titles: tuple[Title, ...] = ()
    responsibility: str | None = None
    agents: tuple[Agent, ...] = ()
    edition: str | None = None
    imprints: tuple[Imprint, ...] = ()
    year: int | None = None
    year_end: int | None = None
    year_coded: int | None = None
    """The year of the source's codes where the printed one contradicts it: for comparing, never shown."""
    extent: Extent | None = None
    identifiers: tuple[Identifier, ...] = ()
    series: tuple[Series, ...] = ()
    subjects: tuple[Subject, ...] = ()
    classifications: tuple[Classification, ...] = ()
    notes: tuple[Note, ...] = ()
    languages: tuple[str, ...] = ()
    original_languages: tuple[str, ...] = ()
    material: Material = Material.BOOK
    carrier: Carrier = Carrier.PRINT
    links: tuple[Link, ...] = ()
    alternates: tuple[Alternate, ...] = ()
    control_number: str | None = None
    rights: str | None = None
    flags: tuple[str, ...] = ()
    """What the normaliser had to mend or doubt, as stable codes (for example `title-missing`)."""
    legible: "BibRecord | None" = None
    """The record read in the old encoding that its text is nearly certainly in: for comparing it with
    others and for finding it, never for showing it."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What one library has of a record.

    `library` is the code of the owning library where the source's profile names it, else `None`: then
    the source's own library owns it. `status` is one of available, on-loan, reference, lost, processing,
    unknown.
    """

    library: str | None = None
    location: str | None = None
    shelf_mark: str | None = None
    items: tuple[str, ...] = ()
    copies: int = 1
    volume: str | None = None
    status: str = "unknown"
    note: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one record: a stable code, and what a person should know and do."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Normalised:
    """The outcome of normalising one raw record: `bib` is `None` where nothing usable was found."""

    bib: BibRecord | None
    holdings: tuple[Holding, ...] = ()
    problems: tuple[Problem, ...] = ()
