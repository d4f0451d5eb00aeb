"""Bibliographic data on the wire: the same parts as `unioncat.domain.bib`."""

from unioncat.domain.bib import AgentKind, Carrier, Material, NoteKind, SubjectKind, TitleKind
from unioncat_api.schemas.common import Out


class PartOut(Out):
    """One step below the title."""

    number: str | None = None
    name: str | None = None


class TitleOut(Out):
    """A title without ISBD marks."""

    main: str
    remainder: str | None = None
    parts: tuple[PartOut, ...] = ()
    kind: TitleKind = TitleKind.PROPER


class AgentOut(Out):
    """A person or body with a share in the work."""

    name: str
    kind: AgentKind = AgentKind.PERSON
    roles: tuple[str, ...] = ()
    dates: str | None = None
    main: bool = False


class ImprintOut(Out):
    """Places, publishers and date of one publication statement."""

    places: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    date: str | None = None


class ExtentOut(Out):
    """Physical description as written, with the page count and number of volumes read from it."""

    text: str
    pages: int | None = None
    volumes: int | None = None
    size: str | None = None


class IdentifierOut(Out):
    """A standard number in its normal form; `valid` is false for cancelled or wrong ones."""

    scheme: str
    value: str
    qualifier: str | None = None
    valid: bool = True


class SeriesOut(Out):
    """A series statement."""

    title: str
    number: str | None = None
    issn: str | None = None


class SubjectOut(Out):
    """A subject heading; subdivisions are joined by " -- "."""

    text: str
    kind: SubjectKind = SubjectKind.TOPIC
    scheme: str | None = None


class ClassificationOut(Out):
    """A class number with its scheme."""

    scheme: str
    value: str
    edition: str | None = None


class NoteOut(Out):
    """A note."""

    text: str
    kind: NoteKind = NoteKind.GENERAL


class LinkOut(Out):
    """An address of the thing or of something about it. Check the scheme before you show it as a link."""

    url: str
    text: str | None = None
    full_text: bool = False
    rights: str | None = None
    """What libraries state of access and use, as they state it; without it, ask where the thing is kept."""
    open: bool = False
    """Whether the statement names an open licence (CC0, CC BY, CC BY-SA, public domain) throughout."""


class AlternateOut(Out):
    """The same as field `tag`, in another script (ISO 15924 code where known)."""

    tag: str
    occurrence: int
    text: str
    script: str | None = None


class BibOut(Out):
    """A bibliographic description."""

    title: TitleOut
    other_titles: tuple[TitleOut, ...] = ()
    responsibility: str | None = None
    agents: tuple[AgentOut, ...] = ()
    edition: str | None = None
    imprints: tuple[ImprintOut, ...] = ()
    year: int | None = None
    year_end: int | None = None
    extent: ExtentOut | None = None
    identifiers: tuple[IdentifierOut, ...] = ()
    series: tuple[SeriesOut, ...] = ()
    subjects: tuple[SubjectOut, ...] = ()
    classifications: tuple[ClassificationOut, ...] = ()
    notes: tuple[NoteOut, ...] = ()
    languages: tuple[str, ...] = ()
    original_languages: tuple[str, ...] = ()
    material: Material
    carrier: Carrier
    links: tuple[LinkOut, ...] = ()
    alternates: tuple[AlternateOut, ...] = ()
    control_number: str | None = None
    rights: str | None = None
    flags: tuple[str, ...] = ()
