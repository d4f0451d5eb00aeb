"""What the judge knows of a record: compact facts, made once from the normalised record and stored.

Only plain values (str, int, bool, None and tuples of them) stand here, so that any encoder can keep them;
an empty value means "the record does not say", which is never evidence of a difference.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Features:
    """The facts of one record; all text is folded (no tones, no case) unless the name says exact."""

    title: str = ""
    """Title proper without volume and edition words and without a leading article."""
    title_exact: str = ""
    """The same with tones and hats (`key_exact`)."""
    rest: str = ""
    """Remainder of the title."""
    part_names: tuple[str, ...] = ()
    """Names of parts below the title, outermost first."""
    numbers: tuple[str, ...] = ()
    """Numbers in the title and its remainder, sorted, volumes left out."""
    other_titles: tuple[str, ...] = ()
    volumes: tuple[tuple[int, ...], ...] = ()
    """One tuple of numbers for each level, outermost first: T.1-2 Q.3 is ((1, 2), (3,))."""
    toned: bool = False
    """Whether the record writes Vietnamese letters with their marks."""
    languages: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    """Persons, the main one first, each as folded syllables in the source's order."""
    people_exact: tuple[str, ...] = ()
    main_person: bool = False
    """Whether the first person is the main agent, not only one who had a part."""
    bodies: tuple[str, ...] = ()
    statement: str = ""
    """Statement of responsibility."""
    translators: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    """Houses, sorted."""
    house: str = ""
    """The house named first: in Viet Nam the one that answers for the book, others are its partners."""
    places: tuple[str, ...] = ()
    year: int | None = None
    other_years: tuple[int, ...] = ()
    """Further years of the imprint: copyright, printing, end of a span."""
    coded_year: int | None = None
    """The year of the codes where the printed one contradicts it: the description may have been copied."""
    year_manner: str = ""
    """How the year was come by: "" as printed, "supplied" in brackets or by copyright, "supposed"."""
    edition: int | None = None
    edition_marks: tuple[str, ...] = ()
    edition_words: str = ""
    """Words of an edition statement by which editions are told apart, where it has no better mark."""
    pages: int | None = None
    volume_count: int | None = None
    roman: str = ""
    """Preliminary pages in Roman numerals, as printed: they tell one setting of type from another."""
    height: int | None = None
    """Height in centimetres."""
    accompanied: bool = False
    """Whether the description names something that goes with the book, other than discs: a toy, a map."""
    isbns: tuple[str, ...] = ()
    numbers_of_record: tuple[str, ...] = ()
    """Other identifiers as "scheme:value"."""
    issns: tuple[str, ...] = ()
    series: tuple[tuple[str, str], ...] = ()
    """(title, number) pairs."""
    material: str = "book"
    carrier: str = "print"


def is_vietnamese(facts: Features) -> bool:
    """Tell whether a record says that its text is Vietnamese, or says nothing and writes Vietnamese marks."""
    return "vie" in facts.languages or (facts.toned and not facts.languages)
