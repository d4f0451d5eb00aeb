"""Traps that were seen where whole catalogues were joined and read pair by pair (docs/joins.md)."""

from dataclasses import replace

import pytest

from tests.unioncat.matching.records import book, judged, verdict, vetoes
from unioncat.domain.bib import Agent, AgentKind, BibRecord, Extent, Identifier, Part, Series, Title
from unioncat.domain.match import Judgement, Verdict
from unioncat.matching import extract, judge


def at_one_library(left: BibRecord, right: BibRecord) -> Judgement:
    return judge(extract(left), extract(right), one_library=True)


def doubts(word: Judgement) -> list[str | None]:
    return [one.left for one in word.evidence if one.feature == "doubt"]


TOY = book("The golden droid", "Daniel Wallace", 1999, "Chronicle Books", isbn="9780811824866", pages=126)


@pytest.mark.parametrize("beside", ["1 collector figure (31 cm.)", "1 stuffed toy mouse", "1 bản đồ gấp"])
def test_a_book_sold_with_a_toy_is_not_the_book_alone_at_one_library(beside: str) -> None:
    boxed = replace(TOY, extent=Extent(f"126 p. : ill. + {beside}", 126))
    assert at_one_library(TOY, TOY).verdict is Verdict.SAME
    assert doubts(at_one_library(TOY, boxed)) == ["one-library"]
    assert at_one_library(boxed, boxed).verdict is Verdict.SAME
    assert verdict(TOY, boxed) is Verdict.SAME, "libraries do not all describe what goes with a book"


@pytest.mark.parametrize("disc", ["1 CD-ROM", "1 đĩa CD", "1 computer disk (3 1/2 in.)", "1 băng cát xét"])
def test_a_disc_is_left_out_too_often_to_tell_books_apart(disc: str) -> None:
    assert at_one_library(TOY, replace(TOY, extent=Extent(f"126 p. + {disc}", 126))).verdict is Verdict.SAME


def test_one_library_that_numbers_an_edition_on_one_record_has_two() -> None:
    assert doubts(at_one_library(TOY, replace(TOY, edition="2nd ed."))) == ["one-library"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Church and religion in Peru", "Church and religion in Ecuador"),
        ("Quyển Triết học", "Quyển Văn học"),
        ("Shuto Kōsoku Dōro", "Hanshin Kōsoku Dōro"),
    ],
)
def test_names_of_parts_that_differ_in_a_word_are_other_parts(one: str, other: str) -> None:
    ours, theirs = (
        book("Latin American pamphlet collection", "Princeton University", 1988, part=name)
        for name in (one, other)
    )
    assert verdict(ours, theirs) is Verdict.DIFFERENT


def test_a_name_of_a_part_that_stands_as_its_number_is_its_name() -> None:
    ours, theirs = (book("Mikawa gofudoki", (), 1786, pages=200, number=name) for name in ("Zanpen", "Kōhen"))
    assert verdict(ours, theirs) is Verdict.DIFFERENT
    series = replace(
        ours, title=Title("Mikawa gofudoki", None, (Part("Talbot collection of British pamphlets"),))
    )
    assert extract(series).part_names == ()


@pytest.mark.parametrize(
    "section", ["Phân ban Năng lượng điện", "Tiểu ban Kỹ thuật Giao thông", "Phần Cơ nhiệt"]
)
def test_proceedings_are_not_one_of_their_sections(section: str) -> None:
    whole = book("Hội nghị Khoa học và Công nghệ lần thứ 10", (), 2007)
    part = book("Hội nghị Khoa học và Công nghệ lần thứ 10", (), 2007, rest=section)
    other = book("Hội nghị Khoa học và Công nghệ lần thứ 10", (), 2007, rest="Phân ban Điều khiển tự động")
    assert verdict(whole, part) is not Verdict.SAME
    assert verdict(part, other) is Verdict.DIFFERENT
    assert extract(book("Sổ tay", rest="Phân tích số liệu")).part_names == ()


def test_editions_are_told_apart_by_their_names() -> None:
    ours = book("The Bible on disk for Catholics", "John Doe", 1994, "Liguori", 20)
    dos, windows = (replace(ours, edition=f"{name} version") for name in ("DOS", "Windows"))
    assert doubts(judged(dos, windows)) == ["edition"]
    assert verdict(dos, replace(ours, edition="DOS vers.")) is Verdict.SAME
    pocket, short = (replace(ours, edition=f"Louisiana {name} ed.") for name in ("paperback", "pbk."))
    assert verdict(pocket, short) is Verdict.SAME


@pytest.mark.parametrize(
    "kind", ["executive summary", "bilag", "supplement", "companion volume", "study guide"]
)
def test_what_goes_beside_a_work_is_not_the_work_though_it_bears_its_isbn(kind: str) -> None:
    ours = book("Reducing tobacco use", (), 2000, "GPO", 462, rest="a report", isbn="9780160504181")
    theirs = book(
        "Reducing tobacco use", (), 2000, "GPO", 22, rest=f"a report : {kind}", isbn="9780160504181"
    )
    assert verdict(ours, theirs) is not Verdict.SAME


def test_a_journal_published_as_a_supplement_is_no_supplement() -> None:
    assert (
        extract(book("China Business Review", rest="Published as a supplement of a review")).edition_marks
        == ()
    )


@pytest.mark.parametrize(
    ("short", "long"), [("Statics", "Statics & Dynamics"), ("Cơ học", "Cơ học và vật liệu")]
)
def test_a_title_that_names_one_thing_more_is_another_book(short: str, long: str) -> None:
    ours, theirs = (book(f"Engineering mechanics {name}", "J. L. Meriam", 1986) for name in (short, long))
    assert verdict(ours, theirs) is not Verdict.SAME
    ours, theirs = (book("Vector mechanics", "Ferdinand Beer", 2004, rest=name) for name in (short, long))
    assert verdict(ours, theirs) is not Verdict.SAME


def test_an_ampersand_is_the_word_and() -> None:
    assert extract(book("War & peace")).title == extract(book("War and peace")).title
    assert extract(book("Khoa học & đời sống")).title == extract(book("Khoa học và đời sống")).title


def test_two_houses_that_print_a_vietnamese_text_in_one_year_wait_for_a_person() -> None:
    ours = book("Những ngày thơ ấu", "Nguyên Hồng", 2010, "Văn học", 150, languages=("vie",))
    theirs = book("Những ngày thơ ấu", "Nguyên Hồng", 2010, "Kim Đồng", 150, languages=("vie",))
    assert doubts(judged(ours, theirs)) == ["publisher"]
    assert verdict(ours, ours) is Verdict.SAME


def test_a_number_of_an_issue_of_a_bibliography_is_no_number_of_a_book() -> None:
    issue, own = (Identifier("nbn", value) for value in ("Be99-06", "GB99-12345"))
    ours, theirs = book("Het huis", "Jan Wit", 1999), book("De tuin", "Piet Bos", 1999)
    assert extract(replace(ours, identifiers=(issue, own))).numbers_of_record == ("nbn:GB99-12345",)
    word = judged(replace(ours, identifiers=(issue,)), replace(theirs, identifiers=(issue,)))
    assert word.verdict is Verdict.DIFFERENT, "and nobody has to look at it"


@pytest.mark.parametrize("qualifier", ["obra completa", "Obra comp.", "set", "trọn bộ", "Gesamtwerk"])
def test_the_isbn_of_a_set_names_none_of_its_books(qualifier: str) -> None:
    numbered = replace(TOY, identifiers=(Identifier("isbn", "9780811824866", qualifier),))
    assert extract(numbered).isbns == ()


def test_an_issn_is_no_number_in_a_series() -> None:
    ours = replace(TOY, series=(Series("Forschungsberichte", "0174-1810"),))
    theirs = replace(TOY, series=(Series("Forschungsberichte", "33"),))
    assert vetoes(judged(ours, theirs)) == []
    assert vetoes(judged(replace(TOY, series=(Series("Forschungsberichte", "34"),)), theirs)) == ["series"]


def test_a_number_in_the_title_may_be_told_once_more_as_the_volume() -> None:
    ours = book("English Language for Life 8", "Lê Thị Hoa", 2011)
    theirs = book("English Language for Life 8", "Lê Thị Hoa", 2011, number="T.08")
    assert verdict(ours, theirs) is Verdict.SAME
    assert vetoes(judged(ours, book("English Language for Life 8", "Lê Thị Hoa", 2011, number="T.2"))) == [
        "volume"
    ]
    assert vetoes(judged(book("English for Life", "Lê Thị Hoa", 2011), theirs)) == ["volume"]


def test_who_owned_a_copy_did_not_make_the_book() -> None:
    owner = Agent("Thomas Jefferson", roles=("former owner",))
    collection = Agent("Japanese Rare Book Collection (Library of Congress)", AgentKind.CORPORATE)
    facts = extract(replace(book("Kokon inkai", ()), agents=(owner, collection)))
    assert (facts.people, facts.bodies) == ((), ())
    editor = Agent("Nguyễn Văn Hoa", roles=("former owner", "editor"))
    assert extract(replace(book("Kokon inkai", ()), agents=(editor,))).people


def test_records_that_say_the_same_word_for_word_do_not_wait_for_their_short_title() -> None:
    ours = book("Giải tích", "Nguyễn Đình Trí", 2003)
    assert verdict(ours, book("Giải tích", "Nguyễn Đình Trí", 2003)) is Verdict.SAME
    assert verdict(ours, book("Giải tích", ("Nguyễn Đình Trí", "Tạ Văn Đĩnh"), 2003)) is Verdict.UNSURE
    assert verdict(ours, book("Giải tích", "Nguyễn Đình Trí")) is not Verdict.SAME


def test_a_slip_in_the_subtitle_is_put_before_a_person() -> None:
    ours = book("Huyết áp thấp", "Lê Minh", 2010, rest="Những điều cần biết khi chăm sóc")
    theirs = book("Huyết áp thấp", "Lê Minh", 2010, rest="Những điều ần biết khi chăm sóc")
    assert verdict(ours, theirs) is Verdict.UNSURE
    letter_a, letter_b = (book("Keynote", "Lê Minh", 2010, rest=f"Combo split workbook 2{x}") for x in "AB")
    assert verdict(letter_a, letter_b) is Verdict.DIFFERENT
