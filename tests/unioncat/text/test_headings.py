"""Headings of spreadsheets as libraries write them, and what cells tell where headings do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unioncat.domain.column import Column
from unioncat.text.headings import WORDS, guess, heading_score, is_running, of_cells, of_heading


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Nhan đề", Column.TITLE),
        ("NHAN DE", Column.TITLE),
        ("Tên sách", Column.TITLE),
        ("TÊN SÁCH / TÀI LIỆU", Column.TITLE),
        ("Tác giả (chính)", Column.AUTHOR),
        ("Nxb.", Column.PUBLISHER),
        ("Nhà XB", Column.PUBLISHER),
        ("Nơi XB", Column.PLACE),
        ("Năm XB", Column.YEAR),
        ("NAM XUAT BAN (*)", Column.YEAR),
        ("Số ĐKCB", Column.ITEM),
        ("Số đăng kí cá biệt", Column.ITEM),
        ("Ký hiệu xếp giá", Column.SHELF_MARK),
        ("Kí hiệu phân loại", Column.CLASSIFICATION),
        ("Môn loại", Column.CLASSIFICATION),
        ("Khổ", Column.SIZE),
        ("Kho", Column.LOCATION),
        ("Giá tiền (VNĐ)", Column.PRICE),
        ("Số trang", Column.EXTENT),
        ("Tập", Column.VOLUME),
        ("Số lượng", Column.COPIES),
        ("STT", Column.IGNORE),
        ("Người nhập", Column.IGNORE),
        ("call_number", Column.SHELF_MARK),
        ("item_barcodes", Column.ITEM),
        ("Publication Year", Column.YEAR),
        ("ISBN-13", Column.ISBN),
        ("245$a", Column.TITLE),
        ("100a", Column.AUTHOR),
        ("Mã sách", Column.ID),
        ("Sách", None),
        ("", None),
        ("x" * 500, None),
    ],
)
def test_headings(heading: str, column: Column | None) -> None:
    assert of_heading(heading) is column


def test_every_word_leads_back_to_its_field() -> None:
    for column, words in WORDS.items():
        for word in words.split(", "):
            assert of_heading(word) is column, word
            assert of_heading(word.upper()) is column, word


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        (["1", "2", "3", "4"], Column.IGNORE),
        (["9786042000000", "978-604-2-00001-7", ""], Column.ISBN),
        (["1999", "[2001]", "2010"], Column.YEAR),
        (["123 tr.", "56 trang", "300 p."], Column.EXTENT),
        (["21 cm", "20,5 cm", "14 x 20 cm"], Column.SIZE),
        (["45.000đ", "12000", "7.500"], Column.PRICE),
        (["895.9223", "510", "005.133"], Column.CLASSIFICATION),
        (["895.9223 / D250M", "510 T406H", "005.1 L123"], Column.SHELF_MARK),
        (["VV19.01234", "TN001", "GT/000002"], Column.ITEM),
        (["T.1", "Tập 2", "Q.3"], Column.VOLUME),
        (["Nxb. Trẻ", "NXB Kim Đồng"], Column.PUBLISHER),
        (["https://a.vn/1", "http://b.vn"], Column.LINK),
        (["Tô Hoài", "Nam Cao"], None),
        ([], None),
        (["", " "], None),
    ],
)
def test_cells(cells: list[str], column: Column | None) -> None:
    assert of_cells(cells) is column


def test_a_guess_takes_headings_before_cells_and_what_was_said_before_both() -> None:
    rows = [
        {"Sách": f"Một cuốn sách số {n}", "Năm": "1999", "X": f"{100 + n} tr.", "Y": "2001"} for n in range(9)
    ]
    found = {one.heading: (one.column, one.by) for one in guess(["Sách", "Năm", "X", "Y"], rows)}
    assert found == {
        "Sách": (Column.TITLE, "cells"),
        "Năm": (Column.YEAR, "heading"),
        "X": (Column.EXTENT, "cells"),
        "Y": (None, "nothing"),
    }
    told = guess(["Sách", "Năm"], rows, {"Năm": "edition", "Sách": "title"})
    assert [(one.column, one.by) for one in told] == [(Column.TITLE, "known"), (Column.EDITION, "known")]


def test_a_row_of_headings_scores_above_a_row_of_data() -> None:
    assert heading_score(["STT", "Tên sách", "Tác giả", "Năm XB"]) == 4
    assert heading_score(["1", "Dế Mèn phiêu lưu ký", "Tô Hoài", "2019"]) == 0


def test_running_numbers() -> None:
    assert is_running(["7", "8", "9", "", "10"])
    assert not is_running(["1", "1", "2", "2"])
    assert not is_running(["2019", "2018", "2017"])
    assert not is_running(["1", "2"])


@given(
    st.lists(st.text(max_size=40), max_size=6),
    st.lists(st.lists(st.text(max_size=40), max_size=6), max_size=8),
)
def test_any_table_is_guessed(headings: list[str], rows: list[list[str]]) -> None:
    headings = list(dict.fromkeys(headings))
    found = guess(headings, [dict(zip(headings, row, strict=False)) for row in rows])
    assert [one.heading for one in found] == headings
