"""Spreadsheets as libraries really keep them: headings anywhere, totals, sections, damage, old encodings."""

import json
from pathlib import Path

import pytest

from tests.harvester.files.support import brought, workbook
from unioncat.domain.column import Column
from unioncat.domain.upload import OWN_ID, OWN_PLACE, OWN_WHY
from unioncat.text.encodings import encode, repair
from unioncat_harvester.reader import SourceError

REGISTER = (
    ("TRƯỜNG TIỂU HỌC HOA SEN",),
    ("SỔ ĐĂNG KÝ CÁ BIỆT",),
    (),
    ("STT", "Số ĐKCB", "Tên sách", "Tác giả", "NXB", "Năm XB", "Giá tiền"),
    ("I. SÁCH THIẾU NHI",),
    (1, "TN001", "Dế Mèn phiêu lưu ký", "Tô Hoài", "Kim Đồng", 2019, 45000),
    (2, "TN002", "Đất rừng phương Nam", "Đoàn Giỏi", "Kim Đồng", 2018, 60000),
    ("STT", "Số ĐKCB", "Tên sách", "Tác giả", "NXB", "Năm XB", "Giá tiền"),
    (3, "TN003", "Tuổi thơ dữ dội", "Phùng Quán", "Kim Đồng", 2017, 90000),
    (4, "TN004", "Kính vạn hoa", "Nguyễn Nhật Ánh", "Kim Đồng", 2016, 80000),
    (5, "TN005", "Quê nội", "Võ Quảng", "Kim Đồng", 2015, 70000),
    (6, "TN006", "Góc sân và khoảng trời", "Trần Đăng Khoa", "Kim Đồng", 2014, 50000),
    (),
    ("", "", "Tổng cộng: 6 cuốn"),
)


def cells(payload: bytes) -> dict[str, str]:
    found: dict[str, str] = json.loads(payload)
    return found


def test_a_school_register_is_read_as_it_is_kept(tmp_path: Path) -> None:
    found = brought(tmp_path, workbook(*REGISTER))
    assert found.look.heading_row == 4
    assert found.look.id_column == "Số ĐKCB"
    assert found.ids == [f"TN00{n}" for n in range(1, 7)]
    assert [one.place for one in found.records] == ["6", "7", "9", "10", "11", "12"]
    assert cells(found.records[0].payload) == {
        "Số ĐKCB": "TN001",
        "Tên sách": "Dế Mèn phiêu lưu ký",
        "Tác giả": "Tô Hoài",
        "NXB": "Kim Đồng",
        "Năm XB": "2019",
        "Giá tiền": "45000",
    }
    assert found.codes == ["row-lonely", "row-lonely"]
    assert {one.heading: one.column for one in found.look.columns}["Giá tiền"] is Column.PRICE


def test_a_row_put_in_at_the_top_changes_no_other(tmp_path: Path) -> None:
    rows = [("STT", "Tên sách", "Tác giả"), *[(n, f"Sách {chr(64 + n)}", "Ai đó") for n in range(1, 9)]]
    before = brought(tmp_path, workbook(*rows))
    rows[1:] = [(1, "Sách mới", "Ai đó"), *[(n + 1, title, by) for n, title, by in rows[1:]]]
    after = brought(tmp_path, workbook(*rows))
    assert [(one.local_id, one.payload) for one in after.records[1:]] == [
        (one.local_id, one.payload) for one in before.records
    ]


def test_equal_rows_are_copies(tmp_path: Path) -> None:
    found = brought(tmp_path, "Tên sách;Tác giả\nTắt đèn;Ngô Tất Tố\nTắt đèn;Ngô Tất Tố\n".encode())
    assert len(set(found.ids)) == 2


def test_line_breaks_quotes_and_other_delimiters(tmp_path: Path) -> None:
    text = 'Tên sách\tTác giả\tNăm XB\n"Tắt\nđèn"\t"Ngô ""Tất"" Tố"\t1939\n'
    found = brought(tmp_path, text.encode())
    assert found.look.delimiter == "\t"
    assert cells(found.records[0].payload) == {
        "Tên sách": "Tắt\nđèn",
        "Tác giả": 'Ngô "Tất" Tố',
        "Năm XB": "1939",
    }
    assert found.records[0].place == "2"


def test_a_quotation_mark_that_is_never_closed_costs_its_own_row(tmp_path: Path) -> None:
    lines = ["Tên sách,Tác giả"] + [f"Sách {n},Người {n}" for n in range(2000)]
    lines[5] = '"Sách hỏng,Người 4'
    found = brought(tmp_path, "\n".join(lines).encode())
    assert len(found.records) == 1999
    assert found.codes == ["row-quotes"]
    assert found.aside[0].detail.startswith("6:")


def test_a_row_with_too_many_cells_is_put_aside_with_all_of_them(tmp_path: Path) -> None:
    found = brought(tmp_path, b"title,author\nA,B\nC, with a comma,D\nE,F,,\n")
    assert [cells(one.payload)["title"] for one in found.records] == ["A", "E"]
    assert found.codes == ["row-too-wide"]
    assert cells(found.aside[0].payload) == {"title": "C", "author": "with a comma", "+1": "D"}


def test_a_table_without_headings_is_understood_by_its_cells(tmp_path: Path) -> None:
    rows = [
        (9786042000000 + n, f"Một cuốn sách hay số {n}", 2000 + n * 7 % 20, f"{100 + n} tr.")
        for n in range(40)
    ]
    found = brought(tmp_path, workbook(*rows), heading_row="0")
    assert found.look.heading_row == 0
    by = {one.heading: one.column for one in found.look.columns}
    assert (by["B"], by["C"], by["D"]) == (Column.TITLE, Column.YEAR, Column.EXTENT)
    assert len(found.records) == 40


def test_several_sheets_with_known_headings_are_read(tmp_path: Path) -> None:
    head = ("Tên sách", "Tác giả", "Năm XB")
    data = workbook(
        head,
        ("A", "B", 2001),
        sheet="SGK",
        more={"Truyện": (head, ("C", "D", 2002)), "Ghi chú": (("Việc", "cần làm"), ("mua", "kệ"))},
    )
    found = brought(tmp_path, data)
    assert [one.place for one in found.records] == ["SGK!2", "Truyện!2"]
    assert "Ghi chú" in found.look.notes[0]
    assert [one.place for one in brought(tmp_path, data, sheet="Truyện").records] == ["2"]
    with pytest.raises(SourceError, match="no sheet"):
        brought(tmp_path, data, sheet="Không có")


def test_what_a_person_said_is_heeded(tmp_path: Path) -> None:
    data = workbook(("x", "y"), ("Tên", "Người"), ("A1", "B"), ("A2", "C"))
    found = brought(tmp_path, data, heading_row="2", id_column="Tên", **{"column:Người": "author"})
    assert found.ids == ["A1", "A2"]
    assert {one.heading: (one.column, one.by) for one in found.look.columns}["Người"] == (
        Column.AUTHOR,
        "known",
    )


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "viscii", "cp1258"])
def test_an_old_encoding_is_told_for_the_whole_file(tmp_path: Path, encoding: str) -> None:
    titles = ["Dế Mèn phiêu lưu ký", "Đất rừng phương Nam", "Những ngày thơ ấu", "Tuổi thơ dữ dội", "Quê nội"]
    rows = [["Nhan đề", "Tác giả"], *[[title, "Nguyễn Văn Thưởng"] for title in titles * 6]]
    data = encode("\n".join(";".join(row) for row in rows) + "\n", encoding)
    found = brought(tmp_path, data)
    assert found.look.encoding == encoding
    assert {one.format for one in found.records} == {f"table;encoding={encoding}"}
    assert [one.column for one in found.look.columns] == [Column.TITLE, Column.AUTHOR]
    read = cells(found.records[1].payload)
    assert read["Nhan đề"] != "Đất rừng phương Nam"
    assert repair(read["Nhan đề"], encoding) == "Đất rừng phương Nam"


def test_old_text_in_a_workbook_is_told_too(tmp_path: Path) -> None:
    rows = [("Khæ mÉu", "T¸c gi¶")] + [
        ("Nh÷ng ng\u00b5y th¬ Êu", "Nguyªn Hång"),
        ("§Êt rõng ph­¬ng Nam", "§oµn Giái"),
    ] * 10
    found = brought(tmp_path, workbook(*rows))
    assert found.look.encoding == "tcvn3"


def test_our_own_columns_are_known_and_left_out(tmp_path: Path) -> None:
    rows = (
        (OWN_ID, OWN_PLACE, OWN_WHY, "Tên sách", "Năm XB"),
        ("k17", "4570", "Không có nhan đề", "Tắt đèn", "1939"),
        ("k18", "4571", "Không có nhan đề", "Chí Phèo", "1941"),
    )
    found = brought(tmp_path, workbook(*rows))
    assert found.ids == ["k17", "k18"]
    assert cells(found.records[0].payload) == {"Tên sách": "Tắt đèn", "Năm XB": "1939"}
    assert [one.heading for one in found.look.columns] == ["Tên sách", "Năm XB"]


def test_numbers_dates_and_formulas_are_what_a_person_sees(tmp_path: Path) -> None:
    found = brought(
        tmp_path, workbook(("Tên sách", "Mã vạch", "Giá"), ("A", 2013328289, 12.5), ("B", 2.0, True))
    )
    assert [cells(one.payload) for one in found.records] == [
        {"Tên sách": "A", "Mã vạch": "2013328289", "Giá": "12.5"},
        {"Tên sách": "B", "Mã vạch": "2", "Giá": "TRUE"},
    ]


def test_headings_given_twice_and_none_get_names(tmp_path: Path) -> None:
    found = brought(tmp_path, "Tên sách,Tác giả,Tác giả,\nA,B,C,D\n".encode())
    assert cells(found.records[0].payload) == {"Tên sách": "A", "Tác giả": "B", "Tác giả (2)": "C", "D": "D"}


def test_damaged_utf_8_is_still_utf_8(tmp_path: Path) -> None:
    rows = "\n".join(["Nhan đề,Tác giả", *["Đất rừng phương Nam,Đoàn Giỏi"] * 60]).encode()
    found = brought(tmp_path, rows.replace(b"\xc3\xa0", b"\xc3", 1) + b"\nT\xe1\xba,B\n")
    assert found.look.encoding == "utf-8"
    assert cells(found.records[0].payload)["Nhan đề"] == "Đất rừng phương Nam"
