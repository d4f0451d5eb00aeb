"""How one library's cataloguers write, and what a record's habits make of an edition."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from unioncat.sample import habits
from unioncat.sample.editions import Edition, Person
from unioncat.sample.habits import Habit
from unioncat.sample.topics import city


class System(StrEnum):
    """Kinds of library systems, with their own fields for holdings and local matters.

    A repository holds digital copies, a card index describes printed books; both speak Dublin Core only.
    """

    NLV = "nlv"
    KOHA = "koha"
    LIBOL = "libol"
    SIMPLE = "simple"
    REPOSITORY = "repository"
    CARD_INDEX = "card-index"

    @property
    def speaks_marc(self) -> bool:
        """Tell whether records have fields for holdings."""
        return self not in (System.REPOSITORY, System.CARD_INDEX)


class VolumeIn(StrEnum):
    """Where the volume number goes in field 245, or that it goes to the series."""

    N = "n"
    B = "b"
    A = "a"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class Style:
    """The habits of one library; numbers are shares of its records."""

    comma: bool = False
    role_in_brackets: bool = False
    tones: str = ""
    """"old", "new", or empty: as on the title page."""
    i_for_y: bool = False
    decomposed: float = 0.0
    slips: float = 0.0
    capitals: float = 0.0
    pages: str = "tr."
    publisher: str = ""
    """Word before a publisher's name."""
    renamed: bool = False
    partner: bool = True
    places: tuple[tuple[str, str], ...] = ()
    """(city, how it is written) pairs."""
    isbn: float = 1.0
    """Share of known ISBNs that are entered."""
    isbn_hyphens: bool = False
    isbn_price: bool = False
    volume: VolumeIn = VolumeIn.N
    volume_word: str = "T."


_PAGES = {"tr.": Habit.PAGES_TR, "p.": Habit.PAGES_P, "trang": Habit.PAGES_TRANG}
_PUBLISHER = {"": Habit.PUBLISHER_BARE, "Nhà xuất bản ": Habit.PUBLISHER_WORD}


@dataclass(slots=True)
class Pen:
    """Writes the texts of one record and remembers which habits showed."""

    edition: Edition
    style: Style
    throw: Random
    shown: set[Habit] = field(default_factory=set)
    capitals: bool = False
    slip: str = ""

    def __post_init__(self) -> None:
        """Decide once for each record whether its rarer habits show."""
        self.capitals = self.throw.random() < self.style.capitals
        if self.throw.random() < self.style.slips:
            self.slip = self.throw.choice(("oi", "eth", "nbsp"))

    def _apply(self, habit: Habit, change: Callable[[str], str], text: str) -> str:
        changed = change(text)
        if changed != text:
            self.shown.add(habit)
        return changed

    def text(self, text: str) -> str:
        """Write any text by the library's spelling."""
        if self.style.tones == "new":
            text = self._apply(Habit.TONE_NEW, habits.tones_new, text)
        elif self.style.tones == "old":
            text = self._apply(Habit.TONE_OLD, habits.tones_old, text)
        if self.style.i_for_y:
            text = self._apply(Habit.I_FOR_Y, habits.i_for_y, text)
        return text

    def title(self, text: str) -> str:
        """Write a title, where slips and capitals show."""
        text = self.text(text)
        match self.slip:
            case "oi":
                text = self._apply(Habit.OI_SLIP, habits.oi_slip, text)
            case "eth":
                text = self._apply(Habit.ETH_SLIP, habits.eth_slip, text)
            case "nbsp":
                text = self._apply(Habit.NBSP, habits.nbsp, text)
        return self._apply(Habit.CAPITALS, str.upper, text) if self.capitals else text

    def name(self, person: Person) -> str:
        """Write a person's name for a heading, without role."""
        name = self.text(person.name)
        if not self.style.comma:
            self.shown.add(Habit.NAME_DIRECT)
            return name
        return self._apply(Habit.NAME_COMMA, lambda _: self.text(habits.comma_name(person)), name)

    def heading(self, person: Person) -> tuple[tuple[str, str], ...]:
        """Write a person's heading as subfields, with the role where the style wants it."""
        if person.role is None:
            return (("a", self.name(person)),)
        if self.style.role_in_brackets:
            self.shown.add(Habit.ROLE_BRACKETS)
            return (("a", f"{self.name(person)} ({person.role})"),)
        self.shown.add(Habit.ROLE_SUBFIELD)
        return (("a", self.name(person)), ("e", person.role))

    def responsibility(self) -> str:
        """Write the statement of responsibility as on the title page."""
        named = [f"{each.name} ({each.role})" if each.role else each.name for each in self.edition.people]
        return self.text(", ".join(named) or self.edition.body or "")

    def publisher(self) -> str | None:
        """Write the publisher, with its partner where the style keeps partners."""
        name = self.edition.publisher
        if name is None:
            return None
        if self.style.renamed:
            name = self._apply(Habit.PUBLISHER_RENAMED, habits.renamed, name)
        self.shown.add(_PUBLISHER.get(self.style.publisher, Habit.PUBLISHER_NXB))
        if self.edition.partner and self.style.partner:
            return self.text(f"{self.style.publisher}{name} ; {self.edition.partner}")
        if self.edition.partner:
            self.shown.add(Habit.PARTNER_DROPPED)
        return self.text(self.style.publisher + name)

    def place(self) -> str:
        """Write the place of publication."""
        known = city(self.edition.publisher or "")
        written = dict(self.style.places).get(known, known)
        self.shown.add(Habit.PLACE_FULL if written == known else Habit.PLACE_SHORT)
        return self.text(written)

    def extent(self) -> str | None:
        """Write pages or the number of volumes."""
        if self.edition.volumes:
            return self.text(f"{self.edition.volumes} tập")
        if self.edition.pages is None:
            return None
        self.shown.add(_PAGES[self.style.pages])
        return f"{self.edition.pages} {self.style.pages}"

    def isbns(self) -> tuple[str, ...]:
        """Write the ISBNs that this library entered: the first one, the National Library both."""
        if not self.edition.isbns:
            return ()
        if self.throw.random() >= self.style.isbn:
            self.shown.add(Habit.ISBN_MISSING)
            return ()
        if not self.style.isbn_hyphens:
            return self.edition.isbns
        self.shown.add(Habit.ISBN_HYPHENS)
        return tuple(habits.hyphenated(isbn, self.throw.randrange(3)) for isbn in self.edition.isbns)

    def volume_label(self, number: str) -> str:
        """Write a volume number with the library's word for it: T.1, Tập 1."""
        return number.replace("T.", self.style.volume_word, 1) if number.startswith("T.") else number
