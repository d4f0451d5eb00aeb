"""Volumes out of text, and the words that only look like volumes."""

import pytest

from unioncat.matching.numbering import LAST, number, split, stated, united


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("T.1", [(1,)]),
        ("T. 01", [(1,)]),
        ("Tập 1", [(1,)]),
        ("Tập một", [(1,)]),
        ("Tập II", [(2,)]),
        ("Tập thứ 3", [(3,)]),
        ("Quyển thượng", [(1,)]),
        ("Quyển trung", [(2,)]),
        ("Quyển hạ", [(LAST,)]),
        ("T.1 Q.2", [(1,), (2,)]),
        ("T. 5 - Q.2", [(5,), (2,)]),
        ("T.1-3", [(1, 2, 3)]),
        ("Tập 1, 2", [(1, 2)]),
        ("tập 1 và 2", [(1, 2)]),
        ("Phần 2: Giải tích", [(2,)]),
        ("vol. 2, pt. 1", [(2,), (1,)]),
        ("A treatise, vol. iii", [(3,)]),
        ("volume two", [(2,)]),
        ("Tap 2", [(2,)]),
        ("Hóa phân tích. T2", [(2,)]),
        ("Sách đỏ Việt Nam. P. II", [(2,)]),
        ("Lịch sử. T.1 - 1945-1954", [(1,)]),
        ("Tập 1 - 100 câu hỏi", [(1,)]),
    ],
)
def test_volumes_are_read(text: str, levels: list[tuple[int, ...]]) -> None:
    assert [level.numbers for level in split(text).levels] == levels


@pytest.mark.parametrize(
    "text",
    [
        "Kinh tế tập trung",
        "Phần mềm 3 lớp",
        "Phan Ba và những người bạn",
        "Xe tăng T54",
        "Tiếng Anh 10",
        "T. V. L. Trần kể chuyện",
        "An appraisal of pt data",
        "Tư duy nhanh và chậm",
        "Quyền lực thứ tư",
        "Tập đọc",
        "100 phần trăm",
    ],
)
def test_what_only_looks_like_a_volume_is_none(text: str) -> None:
    assert split(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1", (1,)),
        ("No. 4", (4,)),
        ("II", (2,)),
        ("số 12", (12,)),
        ("1-3", (1, 2, 3)),
        ("T.2", (2,)),
        ("hai", (2,)),
    ],
)
def test_a_number_that_stands_alone_needs_no_marker(text: str, numbers: tuple[int, ...]) -> None:
    assert [level.numbers for level in stated(text)] == [numbers]


def test_text_without_a_number_states_none() -> None:
    assert stated("Toàn tập") == ()


def test_numbers_of_all_kinds() -> None:
    assert [number(text) for text in ("7", "IV", "xix", "mười", "seven", "abc", "")] == [
        7,
        4,
        19,
        10,
        7,
        None,
        None,
    ]


def test_what_two_places_say_counts_once() -> None:
    assert united([stated("1"), split("Phần 1").levels]) == ((1,),)
    assert united([split("Q.2").levels, split("T.1").levels]) == ((1,), (2,))


def test_the_title_loses_its_volume_words() -> None:
    assert split("Toán cao cấp. T.1: Đại số").text.split() == ["Toán", "cao", "cấp.", ":", "Đại", "số"]
