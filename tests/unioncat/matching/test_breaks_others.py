"""The Vietnamese examples that break known matchers: every line of the list is a test."""

import unicodedata

import pytest

from tests.unioncat.matching.records import book, judged, verdict, vetoes
from unioncat.domain.match import Verdict
from unioncat.matching import block_keys, extract


def full(title: str, **changes: object):  # type: ignore[no-untyped-def]
    said = {"author": "Đoàn Giỏi", "year": 2020, "publisher": "Kim Đồng", "pages": 304} | changes
    return book(title, **said)


def meet(left, right) -> bool:  # type: ignore[no-untyped-def]
    return not set(block_keys(extract(left))).isdisjoint(block_keys(extract(right)))


@pytest.mark.parametrize(
    "other",
    [
        full("Dat rung phuong Nam", author="Doan Gioi", publisher="Kim Dong"),
        full("Ðất rừng phương Nam"),
        full(unicodedata.normalize("NFD", "Đất rừng phương Nam")),
        full("ĐẤT RỪNG PHƯƠNG NAM"),
        full("Đất rừng phương Nam", author="Giỏi, Đoàn"),
    ],
    ids=["toneless", "icelandic-eth", "decomposed", "capitals", "inverted-name"],
)
def test_dat_rung_phuong_nam_is_found_however_it_is_written(other) -> None:  # type: ignore[no-untyped-def]
    ours = full("Đất rừng phương Nam")
    assert meet(ours, other)
    assert verdict(ours, other) is Verdict.SAME


def test_doan_gioi_without_marks_is_the_same_author() -> None:
    names = extract(full("X", author="Đoàn Giỏi")).people, extract(full("X", author="Doan Gioi")).people
    assert names[0] == names[1] == ("doan gioi",)


@pytest.mark.parametrize("languages", [("vie",), (), ("eng",)])
def test_an_toan_is_not_toan(languages: tuple[str, ...]) -> None:
    ours = book("An toàn thông tin", year=2020, publisher="Trẻ", pages=200, languages=languages)
    other = book("Toàn thông tin", year=2020, publisher="Trẻ", pages=200, languages=languages)
    assert extract(ours).title == "an toan thong tin"
    assert verdict(ours, other) is not Verdict.SAME


@pytest.mark.parametrize(
    ("text", "pages"),
    [("347 tr.", 347), ("128 tr.", 128), ("1347 tr.", 1347), ("347 trang", 347), ("347 p.", 347)],
)
def test_pages_of_any_length_are_read(text: str, pages: int) -> None:
    assert extract(book("X", pages=text)).pages == pages


def test_347_pages_are_not_128_pages() -> None:
    ours = book("Toán cao cấp", "Nguyễn Đình Trí", 2020, "Giáo dục", 347)
    assert verdict(ours, book("Toán cao cấp", "Nguyễn Đình Trí", 2020, "Giáo dục", 128)) is not Verdict.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ba", "Bà"), ("Ma", "Má"), ("Mà", "Mả"), ("Mã", "Mạ"), ("Bà", "Bá"), ("Mẹ", "Mẻ")],
)
def test_tones_decide_but_do_not_block(one: str, other: str) -> None:
    ours, theirs = full(one, author="Nguyễn Văn Tám"), full(other, author="Nguyễn Văn Tám")
    assert meet(ours, theirs)
    judgement = judged(ours, theirs)
    assert judgement.verdict is Verdict.UNSURE
    assert judgement.evidence[-1].left == "tones"


def test_ba_without_any_mark_in_the_record_may_be_ba_with_one() -> None:
    ours = full("Bà ngoại thời @ kể chuyện", author="Nguyễn Văn Tám")
    theirs = full("Ba ngoai thoi @ ke chuyen", author="Nguyen Van Tam", publisher="Kim Dong")
    assert verdict(ours, theirs) is Verdict.SAME


def test_a_shared_surname_is_no_shared_author() -> None:
    ours = book("Toán cao cấp", "Nguyễn Đình Trí", 2020, "Giáo dục", 347)
    theirs = book("Toán cao cấp", "Nguyễn Thị Bình", 2020, "Giáo dục", 347)
    assert verdict(ours, theirs) is not Verdict.SAME


@pytest.mark.parametrize(
    "form", ["NXB Giáo dục", "Nhà xuất bản Giáo dục", "Nxb. Giáo dục", "Giáo dục Việt Nam"]
)
def test_a_publisher_is_its_house(form: str) -> None:
    assert (
        extract(book("X", publisher=form)).publishers == extract(book("X", publisher="Giáo dục")).publishers
    )


def test_all_faults_together_join_no_two_textbooks() -> None:
    ours = book("Toán cao cấp", "Nguyễn Đình Trí", 2020, "NXB Giáo dục", 347)
    theirs = book("Toán cao cấp", "Nguyễn Thị B", 2020, "Nhà xuất bản Giáo dục", 128)
    assert verdict(ours, theirs) is Verdict.DIFFERENT


def test_tone_placement_is_no_difference() -> None:
    ours, theirs = full("Văn hoà và cuộc sống"), full("Văn hòa và cuộc sống")
    assert verdict(ours, theirs) is Verdict.SAME
    assert extract(ours).title_exact == extract(theirs).title_exact


@pytest.mark.parametrize("name", ["Du, Nguyễn", "Nguyễn, Du", "NGUYỄN DU", "Nguyễn Du (1765-1820)"])
def test_names_in_any_order_agree(name: str) -> None:
    judgement = judged(full("Truyện Kiều", author="Nguyễn Du"), full("Truyện Kiều", author=name))
    points = {evidence.feature: evidence.points for evidence in judgement.evidence}
    assert points["responsibility"] > 0
    assert judgement.verdict is Verdict.SAME


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("Tái bản lần thứ 3", 3),
        ("Tái bản lần thứ ba, có sửa chữa và bổ sung", 3),
        ("In lần thứ ba", 3),
        ("Xuất bản lần 3", 3),
        ("3rd ed.", 3),
        ("Third edition", 3),
        ("3e éd.", 3),
        ("Troisième édition", 3),
        ("3. Aufl.", 3),
        ("Tái bản", None),
        ("2005 edition", None),
    ],
)
def test_editions_are_read_from_digits_and_words(statement: str, number: int | None) -> None:
    assert extract(book("X", edition=statement)).edition == number


def test_different_editions_never_join() -> None:
    judgement = judged(full("X", edition="Tái bản lần thứ 3"), full("X", edition="Tái bản lần thứ tư"))
    assert vetoes(judgement) == ["edition"]


def test_english_articles_come_and_go() -> None:
    ours, theirs = book("The art of war", languages=("eng",)), book("Art of war")
    assert extract(ours).title == extract(theirs).title == "art of war"


def test_an_edition_on_one_side_only_weighs_a_little() -> None:
    ours, theirs = full("Đất rừng phương Nam", edition="Tái bản lần thứ 3"), full("Đất rừng phương Nam")
    assert verdict(ours, theirs) is Verdict.SAME
    assert judged(ours, theirs).score < judged(theirs, theirs).score


def test_t_1_is_tap_1() -> None:
    ours, theirs = full("Giáo trình toán", number="T. 1"), full("Giáo trình toán", number="Tập 1")
    assert verdict(ours, theirs) is Verdict.SAME


def test_a_volume_in_the_remainder_is_that_volume() -> None:
    ours, theirs = full("Giáo trình toán", rest="Tập 1"), full("Giáo trình toán", number="T.1")
    assert verdict(ours, theirs) is Verdict.SAME


def test_volumes_in_a_series_statement_never_join() -> None:
    ours = full("Giáo trình toán", series=("", "T. 1"))
    theirs = full("Giáo trình toán", series=("", "T. 2"))
    assert vetoes(judged(ours, theirs)) == ["volume"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("H.", "Hà Nội"), ("Tp. HCM", "TP. Hồ Chí Minh"), ("Sài Gòn", "Tp. Hồ Chí Minh"), ("Hanoi", "Hà Nội")],
)
def test_places_have_short_forms(one: str, other: str) -> None:
    assert extract(book("X", place=one)).places == extract(book("X", place=other)).places


def test_a_generic_textbook_needs_publisher_or_author() -> None:
    ours = book("Giáo trình Triết học Mác - Lênin", (), 2021, "Đại học Kinh tế quốc dân")
    theirs = book("Giáo trình Triết học Mác - Lênin", (), 2021, "Đại học Cần Thơ")
    assert verdict(ours, theirs) is not Verdict.SAME


def test_laws_and_yearbooks_differ_by_their_number() -> None:
    ours = book("Niên giám thống kê 2010", (), 2012, "Thống kê", 800)
    theirs = book("Niên giám thống kê 2011", (), 2012, "Thống kê", 800)
    assert verdict(ours, theirs) is Verdict.DIFFERENT


def test_a_parallel_title_is_a_title() -> None:
    ours = full("Lý thuyết đồ thị = Graph theory")
    theirs = full("Graph theory", author="Đoàn Giỏi")
    assert meet(ours, theirs)
    assert verdict(ours, theirs) is Verdict.SAME
