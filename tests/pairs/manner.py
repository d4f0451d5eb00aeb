"""The manner in which one record is written: the habits of its system, with the throws of one cataloguer.

A manner never changes which edition is described; what a pair needs to be decided is fixed by its maker.
"""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tests.pairs.editions import Edition


class System(StrEnum):
    """Kinds of catalogues that records come from."""

    NLV = "nlv"
    KOHA = "koha"
    LIBOL = "libol"
    VIETBIBLIO = "vietbiblio"
    SHEET = "sheet"
    LC = "lc"
    DC = "dc"


FULL = (System.NLV, System.KOHA, System.LIBOL, System.LC)
"""Systems whose records have a field for everything."""


@dataclass(frozen=True, slots=True)
class Manner:
    """Every choice that a record shows."""

    system: System
    isbd: bool = True
    comma: bool = False
    tones: str = ""
    iy: str = ""
    decomposed: bool = False
    slip: str = ""
    capitals: bool = False
    residue: str = ""
    isbn: str = "plain"
    """plain, hyphens, price, ten, both or none."""
    author: str = "headings"
    """headings, one-field, statement (only 245 $c), none."""
    heading: str = ""
    """The author's name in 100 where it is another than on the title page."""
    author_first: int = 0
    """Which of several authors stands in 100."""
    rank: str = ""
    role: str = "subfield"
    """subfield, brackets, none."""
    rest: str = "b"
    """b, a, none."""
    volume: str = "n"
    """n, b, a, series, own (the part's own title in 245 $a, the set's in 490)."""
    label: str = "short"
    """short (T.1), spaced (T. 1), long (Tập 1), words (Tập một), number (1)."""
    roman: bool = False
    publisher: str = ""
    house: str = ""
    """The name of the publisher where it is written otherwise than the edition has it."""
    partner: str = "keep"
    """keep, drop, subfield."""
    place: str = "full"
    """full, short, old, none."""
    pages: str = "tr."
    """The word after the number of pages; "none" for no extent, "" for the bare number."""
    prelims: str = ""
    shift: int = 0
    year: str = "plain"
    """plain, bracket, copyright, field4, printing, deposit."""
    edition: str = "ordinal"
    """ordinal (Tái bản lần thứ 3), short (Tái bản lần 3), words (Tái bản lần thứ ba), printing, none."""
    script: bool = False
    translator: str = "both"
    """statement, added, both, none."""
    series: bool = True
    subject: bool = True


_PUBLISHERS = {
    System.NLV: ("", "", "", "Nxb. "),
    System.KOHA: ("", "Nxb. ", "NXB ", "Nhà xuất bản "),
    System.LIBOL: ("", "Nxb. ", "Nxb ", "NXB "),
    System.VIETBIBLIO: ("", "NXB ", "Nxb ", "NXB. "),
    System.SHEET: ("NXB ", "Nxb. ", "Nhà xuất bản ", ""),
    System.LC: ("Nhà xuất bản ", "Nhà xuất bản ", "NXB ", ""),
    System.DC: ("", "Nhà xuất bản ", "Nxb. "),
}
_PAGES = {
    System.NLV: ("tr.",),
    System.KOHA: ("tr.", "tr.", "tr", "trang", "p."),
    System.LIBOL: ("tr.", "tr.", "tr"),
    System.VIETBIBLIO: ("tr.", "tr", "trang"),
    System.SHEET: ("trang", "tr", "tr."),
    System.LC: ("pages", "p."),
    System.DC: ("tr.", "tr.", "p."),
}


def draw(throw: Random, system: System, edition: Edition) -> Manner:
    """Throw a manner for a record of a system: what a usual cataloguer of it would do."""
    chance = throw.random
    pick = throw.choice
    minimal = system in (System.VIETBIBLIO, System.SHEET, System.DC)
    several = len(edition.people) > 1
    named = any(step.name for step in edition.steps)
    return Manner(
        system=system,
        isbd=system in (System.NLV, System.LC) or (system in (System.KOHA, System.LIBOL) and chance() < 0.7),
        comma=system is System.LC or (system in (System.KOHA, System.DC) and chance() < 0.65),
        tones=pick(("", "old", "new")),
        iy=pick(("", "", "", "i")),
        decomposed=system is System.LC,
        isbn=pick(("plain", "hyphens", "none"))
        if minimal
        else pick(("price", "plain"))
        if system is System.NLV
        else pick(("plain", "plain", "hyphens", "none")),
        author="one-field" if several and system in (System.SHEET, System.VIETBIBLIO) else "headings",
        role=pick(("subfield", "brackets", "none")),
        rest="a" if minimal and chance() < 0.6 else "b",
        volume=pick(("n", "n", "b", "a") if not minimal else ("a", "a", "b")),
        label=pick(("short", "short", "spaced", "long")) if not named or chance() < 0.5 else "short",
        publisher=pick(_PUBLISHERS[system]),
        partner=pick(("keep", "drop")) if minimal else pick(("keep", "keep", "subfield", "drop")),
        place="full"
        if system is System.LC
        else "short"
        if system is System.NLV
        else "none"
        if system is System.DC or (system is System.VIETBIBLIO and chance() < 0.5)
        else pick(("full", "full", "short")),
        pages=pick(_PAGES[system]),
        year="plain",
        edition=pick(("ordinal", "ordinal", "short")),
        script=False,
        translator=pick(("statement", "both", "added")) if not minimal else "statement",
        series=not minimal or chance() < 0.5,
        subject=system is not System.VIETBIBLIO,
    )
