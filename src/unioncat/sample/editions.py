"""The editions that the sample's libraries hold: the truth which the catalogue has to find again.

One `Edition.key` is one edition. Printings of different years, volumes and publishers are different editions;
two ISBNs on one printing are not.
"""

from dataclasses import dataclass
from enum import StrEnum

from unioncat.domain.bib import Part


class Kind(StrEnum):
    """What sort of publication it is; decides which libraries have it."""

    BOOK = "book"
    TEXTBOOK = "textbook"
    THESIS = "thesis"
    LOCAL = "local"
    LAW = "law"
    SERIAL = "serial"
    PROCEEDINGS = "proceedings"
    SECURITY = "security"
    MILITARY = "military"


@dataclass(frozen=True, slots=True)
class Person:
    """An author or helper as named on the title page."""

    name: str
    role: str | None = None
    family_last: bool = False
    """The name is not Vietnamese: its last word is the surname."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition, free of any library's habits."""

    key: str
    kind: Kind
    title: str
    remainder: str | None = None
    parts: tuple[Part, ...] = ()
    people: tuple[Person, ...] = ()
    body: str | None = None
    publisher: str | None = None
    partner: str | None = None
    year: str | None = None
    pages: int | None = None
    volumes: int | None = None
    """Number of volumes when the edition is a whole set."""
    isbns: tuple[str, ...] = ()
    issn: str | None = None
    ddc: str = ""
    statement: str | None = None
    original: str | None = None
    """ISO 639-2 code of the language translated from."""
    script: str | None = None
    """Title in Hán or Nôm characters."""
    subjects: tuple[str, ...] = ()
    genre: str | None = None
    region: str | None = None
    """Province that the content is about."""

    @property
    def height(self) -> int:
        """Height of the volume in centimetres."""
        if self.kind in (Kind.TEXTBOOK, Kind.LAW, Kind.PROCEEDINGS, Kind.LOCAL):
            return 24
        return 30 if self.kind in (Kind.THESIS, Kind.SERIAL) else 21 if self.title[0] < "M" else 19
