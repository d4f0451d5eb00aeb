"""Licences of metadata, and statements that open what a link leads to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unioncat.domain.licence import Licence, LicenceCode, is_open


@pytest.mark.parametrize(
    "statement",
    [
        "CC BY 4.0",
        "CC-BY-SA",
        "cc0 1.0",
        "https://creativecommons.org/licenses/by/4.0/deed.vi",
        "http://creativecommons.org/publicdomain/zero/1.0/",
        "https://creativecommons.org/publicdomain/mark/1.0/; CC0",
        "Creative Commons Attribution 4.0 International",
        "Tác phẩm thuộc về công chúng",
        "© 2021 Đại học Huế, CC BY-SA 4.0",
    ],
)
def test_open_licences_are_known(statement: str) -> None:
    assert is_open(statement)


@pytest.mark.parametrize(
    "statement",
    [
        None,
        "",
        "Truy cập mở (open access)",
        "CC BY-NC 4.0",
        "CC BY NC",
        "CC-BY/NC",
        "CC BY–ND",
        "cc-by-ncsa",
        "https://creativecommons.org/licenses/by-nc-sa/4.0/",
        "Creative Commons Attribution-NonCommercial",
        "CC BY; Lưu hành nội bộ",
        "CC BY 4.0; © Nhà xuất bản Trẻ",
        "Không phải CC BY",
        "not in the public domain",
        "abcc by hand",
    ],
)
def test_everything_else_is_not_called_open(statement: str | None) -> None:
    assert not is_open(statement)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_part_that_is_not_open_closes_the_whole(left: str, right: str) -> None:
    if is_open(f"{left}; {right}"):
        assert all(is_open(part) for part in (left, right) if part.replace(";", "").strip())


@pytest.mark.parametrize(
    ("code", "words"), [(LicenceCode.STATED, ""), (LicenceCode.UNKNOWN, "x"), (LicenceCode.CC0, "x" * 501)]
)
def test_a_licence_says_what_it_must_and_no_more(code: LicenceCode, words: str) -> None:
    with pytest.raises(ValueError, match="words"):
        Licence(code, words)


def test_every_licence_but_the_two_words_has_a_text() -> None:
    without = {code for code in LicenceCode if Licence(code, "x" if code == "stated" else "").url is None}
    assert without == {LicenceCode.UNKNOWN, LicenceCode.STATED}
