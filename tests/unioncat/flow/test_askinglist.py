"""Spreadsheets of requests: headings in both languages, faults line by line."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unioncat.flow.askinglist import HEADINGS, asked_of, read_asked
from unioncat.lending.asking import LIMITS
from unioncat.store.errors import Conflict
from unioncat.text import key_fold

TODAY = date(2026, 11, 22)
SHEET = """Danh sách tháng 11,,,,
STT,Nhan đề,Tác giả,Số thẻ,Cần trước ngày,Màu bìa
1,Dế mèn phiêu lưu ký,Tô Hoài,TV-1,30/11/2026,xanh
,,,,,
2,,Không rõ,TV-2,,
3,Truyện Kiều,,,31/02/2026,
"""


def test_columns_are_guessed_and_lines_are_checked() -> None:
    lines, unknown = read_asked(SHEET.encode(), TODAY)
    assert unknown == ("Màu bìa",)
    assert [(one.number, dict(one.faults)) for one in lines] == [
        (3, {}),
        (5, {"title": "title"}),
        (6, {"needed_by": "date", "reader_name": "reader"}),
    ]
    asked = asked_of(lines[0].cells, TODAY)
    assert asked is not None
    assert (asked.wanted.author, asked.reader.card) == ("Tô Hoài", "TV-1")
    assert asked_of(lines[1].cells, TODAY) is None


def test_english_headings_do_as_well() -> None:
    lines, unknown = read_asked(b"Title;Author;Card;Needed by\nKieu;Du;C1;2026-12-01\n", TODAY)
    assert not unknown
    assert not lines[0].faults


@pytest.mark.parametrize("sheet", ["Tác giả\nTô Hoài\n", "Nhan đề\n", "Nhan đề\n" + "x1\n" * 1001])
def test_what_is_no_sheet_of_requests_is_refused_with_a_remedy(sheet: str) -> None:
    with pytest.raises(Conflict) as error:
        read_asked(sheet.encode(), TODAY)
    assert error.value.remedy


def test_headings_are_folded_and_name_fields() -> None:
    assert set(HEADINGS) <= set(LIMITS)
    every = [one for names in HEADINGS.values() for one in names]
    assert len(every) == len(set(every))
    assert len({key_fold(one) for one in every}) == len(every)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: ("Nhan đề," + text).encode()))
@settings(max_examples=150)
def test_anything_may_be_brought(data: bytes) -> None:
    with suppress(Conflict):
        lines, _ = read_asked(data, TODAY)
        assert lines
