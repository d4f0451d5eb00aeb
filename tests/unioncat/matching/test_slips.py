"""What catalogues write wrongly or leave out, and what looks like it and is something else."""

from dataclasses import replace

import pytest

from tests.unioncat.matching.records import book, judged, verdict, vetoes
from unioncat.domain.bib import BibRecord, Carrier, Extent, Imprint
from unioncat.domain.match import Verdict
from unioncat.matching import extract


def grades(left: BibRecord, right: BibRecord) -> set[str]:
    return {grade for evidence in judged(left, right).evidence for grade in evidence.grades}


def english(title: str, author: str = "Traill, Edwin", pages: int = 351, **changes: object) -> BibRecord:
    said = {"year": 1931, "publisher": "Northfield Press", "place": "Leeds", "languages": ("eng",)} | changes
    return book(title, author, pages=pages, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Commerce of the river ports of Wessex", "Commerce in the river ports of Wessex"),
        ("Letters on the draining of the fens", "Letters on draining of fens"),
        ("A plain guide to orchard husbandry", "A plain guide to orchard husbnadry"),
        ("Wayfaring through the kingdom of Wessex", "Wayfaring through the kigdom of Wessex"),
    ],
    ids=["another-particle", "a-particle-more", "letters-exchanged", "a-letter-missing"],
)
def test_a_slip_in_a_foreign_title_is_no_other_title(one: str, other: str) -> None:
    assert verdict(english(one), english(other)) is Verdict.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Foundations of microeconomics", "Foundations of macroeconomics"),
        ("Wayfaring through the northern fells", "Wayfaring through the southern fells"),
        ("Wool and flax", "Wool of flax"),
    ],
)
def test_another_word_is_another_title(one: str, other: str) -> None:
    assert verdict(english(one), english(other)) is not Verdict.SAME


def test_small_words_of_vietnamese_say_much() -> None:
    """ "de" and "an" are words there: đề, an."""
    ours = book("Vấn đề thi ca trong dân gian", "Lê Văn Tám", 1997, "Trẻ", 210)
    theirs = book("Vấn an thi ca trong dân gian", "Lê Văn Tám", 1997, "Trẻ", 210)
    assert verdict(ours, theirs) is not Verdict.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("An toàn thông tin Windows", "Toàn thông tin Windows"),
        ("Vấn an thi ca trong kho web", "Vấn đề thi ca trong kho web"),
        ("Quản trị an ninh cho Windows", "Quản trị đề ninh cho Windows"),
    ],
)
def test_a_foreign_word_makes_no_foreign_title(one: str, other: str) -> None:
    ours, theirs = (book(title, "Lê Văn Tám", 2009, "Trẻ", 210) for title in (one, other))
    assert verdict(ours, theirs) is not Verdict.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The draining of fens", "Draining fens near Leeds"),
        ("Commerce of the river ports", "Commerce and river ports"),
        ("An toàn thông tin Windows", "Toàn thông tin"),
        ("State of Burma", "State Burma"),
    ],
)
def test_sides_may_be_exchanged(one: str, other: str) -> None:
    assert grades(english(one), english(other)) == grades(english(other), english(one))


def test_marks_of_a_foreign_name_tell_nobody_apart() -> None:
    title = "Phong cách thơ tự do hiện đại châu Âu"
    ours, theirs = (book(title, name, 1986, "Thế giới", 328) for name in ("Horváth, Enikő", "Horváth, Enikö"))
    assert verdict(ours, theirs) is Verdict.SAME
    ours, theirs = (book(title, name, 1986, "Thế giới", 328) for name in ("Nguyễn Dữ", "Nguyễn Du"))
    assert verdict(ours, theirs) is Verdict.UNSURE


def test_a_title_may_be_divided_from_its_statement_elsewhere() -> None:
    ours = replace(
        english("Address", "Traill, Edwin", 24),
        responsibility="by the Hon. Edwin Traill, at the opening of the library of Leeds, June 1931",
    )
    theirs = replace(
        english("Address by the Hon. Edwin Traill", "Traill, Edwin", 24),
        responsibility="at the opening of the library of Leeds",
    )
    assert "title.divided" in grades(ours, theirs)
    other = replace(theirs, responsibility="at the closing of the harbour")
    assert "title.divided" not in grades(ours, other)


@pytest.mark.parametrize(
    ("one", "other", "grade"),
    [
        ("[18--]", "1862", "year.supposed"),
        ("[1981?]", "1988", "year.supposed"),
        ("[189-]", "1898", "year.supposed"),
        ("[1981?]", "1996", "year.supposed-far"),
        ("[1999?]", "1907", "year.supposed-far"),
    ],
)
def test_a_supposed_year_misses_by_so_much(one: str, other: str, grade: str) -> None:
    years = {"[18--]": 1800, "[1981?]": 1981, "[189-]": 1890, "[1999?]": 1999}
    ours, theirs = (
        replace(english("The tides of Wessex", year=year), imprints=(Imprint(("Leeds",), ("Bell",), date),))
        for date, year in ((one, years[one]), (other, int(other)))
    )
    assert grade in grades(ours, theirs)
    assert grade in grades(theirs, ours)


def test_two_houses_in_two_places_never_join_of_themselves() -> None:
    """A British and an American edition of one year: the same setting of type, and two publications."""
    ours = english("The tides of Wessex and their ports", place="London")
    theirs = english("The tides of Wessex and their ports", publisher="Harbour House", place="Boston")
    assert verdict(ours, theirs) is Verdict.UNSURE
    assert verdict(ours, english("The tides of Wessex and their ports", place="London")) is Verdict.SAME


def test_a_numbered_edition_of_another_house_is_a_later_one() -> None:
    ours = english("The tides of Wessex and their ports")
    theirs = replace(
        english("The tides of Wessex and their ports", publisher="Harbour House"), edition="9th ed."
    )
    assert "together.edition-elsewhere" in grades(ours, theirs)
    assert verdict(ours, theirs) is not Verdict.SAME


def test_a_translator_is_not_called_mrs() -> None:
    ours = replace(
        english("Saint Ursula", "Werther, E."), responsibility="translated by Mrs. A. L. Wistar. Illustrated"
    )
    assert extract(ours).translators == ("a l wistar",)


def test_a_year_is_no_running_number_of_a_series() -> None:
    ours = english("Truth and its dilemma", series=("Traill lecture", "17"))
    assert verdict(ours, english("Truth and its dilemma", series=("Traill lecture", "1930"))) is Verdict.SAME
    other = english("Truth and its dilemma", series=("Traill lecture", "18"))
    assert vetoes(judged(ours, other)) == ["series"]


@pytest.mark.parametrize(
    ("text", "carrier"),
    [
        ("2 v. (xx, 2245 p.) : ill. + 2 CD-ROMs", "print"),
        ("345 tr. + 1 đĩa CD", "print"),
        ("1 đĩa CD-ROM + 1 tờ hướng dẫn", "disc"),
        ("2 CD-ROMs", "disc"),
    ],
)
def test_a_book_with_a_disc_is_a_book(text: str, carrier: str) -> None:
    described = replace(english("Tides"), carrier=Carrier.DISC, extent=Extent(text))
    assert extract(described).carrier == carrier


def test_sets_of_as_many_volumes_in_one_year_wait_for_a_person() -> None:
    """A number left over from a copy's own volume: "United. 1", "2 v."."""
    ours = english("United, a tale of Wessex", pages=None, number="1")  # type: ignore[arg-type]
    ours, theirs = (
        replace(one, extent=Extent("2 v.", volumes=2))
        for one in (ours, english("United, a tale of Wessex", pages=None))  # type: ignore[arg-type]
    )
    assert verdict(ours, theirs) is Verdict.UNSURE
