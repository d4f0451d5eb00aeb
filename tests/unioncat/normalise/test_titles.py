"""Titles, trap by trap."""

import pytest

from tests.unioncat.normalise.records import bib, read
from unioncat.domain.bib import Part, Title, TitleKind


@pytest.mark.parametrize(
    ("field", "main", "remainder", "responsibility"),
    [
        ("245 10 $a Toán cao cấp : $b giáo trình / $c Nguyễn A.", "Toán cao cấp", "giáo trình", "Nguyễn A."),
        ("245 10 $a Toán cao cấp / $c Nguyễn Đình Trí", "Toán cao cấp", None, "Nguyễn Đình Trí"),
        ("245 10 $a Toán cao cấp $b : giáo trình", "Toán cao cấp", "giáo trình", None),
        (
            "245 10 $a Toán cao cấp : giáo trình / Nguyễn Đình Trí",
            "Toán cao cấp",
            "giáo trình",
            "Nguyễn Đình Trí",
        ),
        (
            "245 10 $a Tin học căn bản : \\b Chỉ dẫn bằng hình \\c ",
            "Tin học căn bản",
            "Chỉ dẫn bằng hình",
            None,
        ),
        ("245 00 $a [Thơ].", "Thơ", None, None),
        ("245 00 $a Proceedings of Example Inc.", "Proceedings of Example Inc.", None, None),
        ("245 00 $a Institute of Standards (U.S.).", "Institute of Standards (U.S.)", None, None),
        ("245 00 $a Và rồi...", "Và rồi...", None, None),
        ("245 00 $a DẾ MÈN PHIÊU LƯU KÝ", "DẾ MÈN PHIÊU LƯU KÝ", None, None),
        ("245 00 $a Toán $h [electronic resource] : $b bài tập", "Toán", "bài tập", None),
        ("245 00 $b Chỉ có phụ đề", "Chỉ có phụ đề", None, None),
        ("245 00 $a / $b Phụ đề", "Phụ đề", None, None),
    ],
)
def test_division(field: str, main: str, remainder: str | None, responsibility: str | None) -> None:
    record = bib(field)
    assert (record.title.main, record.title.remainder, record.responsibility) == (
        main,
        remainder,
        responsibility,
    )


@pytest.mark.parametrize(
    "field",
    [
        "245 10 $a Truyện Kiều = $b The tale of Kieu",
        "245 10 $a Truyện Kiều $b = The tale of Kieu",
        "245 10 $a Truyện Kiều = The tale of Kieu",
    ],
)
def test_parallel_title(field: str) -> None:
    record = bib(field)
    assert record.title.main == "Truyện Kiều"
    assert record.other_titles == (Title("The tale of Kieu", kind=TitleKind.PARALLEL),)


def test_parts() -> None:
    assert bib("245 10 $a Toán. $n T.1, $p Đại số. $n Phần 2: $p Bài tập / $c A").title.parts == (
        Part("T.1", "Đại số"),
        Part("Phần 2", "Bài tập"),
    )
    assert bib("245 10 $a Toán. $p Đại số").title.parts == (Part(None, "Đại số"),)


def test_volume_of_490_without_series() -> None:
    record = bib("245 00 $a Cơ học", "490 ## $v T. 1")
    assert record.title.parts == (Part("T. 1"),)
    assert record.series == ()
    assert "volume-from-490" in record.flags


@pytest.mark.parametrize(
    ("field", "f008", "nonfiling"),
    [
        ("245 14 $a The sea", "eng", 4),
        ("245 12 $a L'été", "fre", 2),
        ("245 13 $a An toàn thông tin", "vie", 0),
        ("245 13 $a An toàn thông tin", "und", 0),
        ("245 13 $a An introduction", "eng", 3),
        ("245 13 $a An introduction", "und", 3),
        ("245 13 $a An toàn lao động", "eng", 0),
        ("245 14 $a Theory", "eng", 0),
        ("245 19 $a Short", "eng", 0),
    ],
)
def test_nonfiling_characters(field: str, f008: str, nonfiling: int) -> None:
    assert bib(field, f008=f"240101s2020    vm            000 0 {f008} d").title.nonfiling == nonfiling


def test_other_titles() -> None:
    kinds = [
        (title.main, title.kind)
        for title in bib(
            "130 0# $a Kinh Thánh",
            "240 10 $a Works",
            "245 10 $a A",
            "246 31 $a B",
            "246 3# $a C :$b D",
            "247 10 $a Tên cũ.",
        ).other_titles
    ]
    assert kinds == [
        ("Kinh Thánh", TitleKind.UNIFORM),
        ("Works", TitleKind.UNIFORM),
        ("B", TitleKind.PARALLEL),
        ("C", TitleKind.VARIANT),
        ("Tên cũ", TitleKind.FORMER),
    ]


def test_without_245_another_title_serves() -> None:
    record = bib("245 00 $c Nguyễn A", "130 0# $a Kinh Thánh")
    assert record.title.main == "Kinh Thánh"
    assert "title-from-other-field" in record.flags


def test_without_any_title_there_is_no_record() -> None:
    result = read("245 00 $c Nguyễn A", "100 1# $a Nguyễn A")
    assert result.bib is None
    assert [problem.code for problem in result.problems] == ["title-missing"]


def test_look_alikes_are_mended_and_flagged() -> None:
    record = bib("245 10 $a Thƣ viện Ðồng Nai")
    assert record.title.main == "Thư viện Đồng Nai"
    assert "text-mended" in record.flags
    assert "text-mended" not in bib("245 10 $a Thu\u031b vi\u00ea\u0323n").flags
