"""Sheets of members: headings in two languages, faults line by line, files that are none."""

import io
import os
import random
import zipfile
from datetime import date

import pytest
import xlsxwriter

from unioncat.domain.library import Level, Library, LibraryType, Province
from unioncat.domain.source import Protocol, Source
from unioncat.flow.checking import Checked, Checker, Known
from unioncat.flow.grid import MOST_UNPACKED, read_grid
from unioncat.flow.lines import FAULTS, read_lines
from unioncat.store.errors import Conflict

KNOWN = Known(
    [Library("tv-lao-cai", "Thư viện tỉnh Lào Cai", "Lao Cai", LibraryType.PUBLIC, Level.PROVINCE)],
    [Source("nguon", "tv-lao-cai", Protocol.OAI_PMH, "http://x/", options=(("branch:CU", "cu"),))],
    [
        Province("1997-10", "10", "Lào Cai", "Lao Cai", valid_to=date(2025, 6, 30), successor="2025-15"),
        Province("2025-15", "15", "Lào Cai", "Lao Cai"),
    ],
    frozenset({"mien-nui"}),
    frozenset({"public", "cand"}),
)


def workbook(rows: list[list[object]]) -> bytes:
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    return memory.getvalue()


def checked(*rows: list[object]) -> Checked:
    lines, unknown = read_lines(workbook([list(row) for row in rows]))
    return Checker(KNOWN, lines).check("x", unknown)


def faults(found: Checked) -> list[tuple[int, str]]:
    return [(line.number, one.code) for line in found.faulty for one in line.faults]


def test_vietnamese_and_english_headings_say_the_same() -> None:
    vi = checked(
        ["DANH SÁCH THƯ VIỆN"],
        ["STT", "Tên thư viện", "LOẠI", "Cấp", "Tỉnh/Thành phố", "Điện thoại", "Màu"],
        [1, "Thư viện Trường THPT số 1", "Trường học", "Đơn vị", "tỉnh Lào Cai", 214000000, "đỏ"],
    )
    en = checked(
        ["Name", "Type", "Level", "Province", "Phone"],
        ["Thư viện Trường THPT số 1", "school", "unit", "Lao Cai", "214000000"],
    )
    assert vi.headings == ("Màu",)
    assert vi.libraries == en.libraries
    (one,) = vi.libraries
    assert (one.code, one.type, one.province) == ("tv-tr-thpt-so-1", LibraryType.SCHOOL, "2025-15")
    assert one.contact.phone == "214000000"


def test_csv_of_excel_in_viet_nam_is_read_too() -> None:
    text = 'Tên thư viện;Loại;Cấp\r\n"Thư viện xã Tả Van";Công cộng;xã\r\n'
    for data in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16")):
        lines, _ = read_lines(data)
        assert lines[0].cells == {"name_vi": "Thư viện xã Tả Van", "type": "Công cộng", "level": "xã"}


def test_every_fault_is_found_on_its_line() -> None:
    found = checked(
        ["Tên thư viện", "Mã", "Loại", "Cấp", "Tỉnh", "Cấp trên", "Nhóm", "Phạm vi", "Phần mềm",
         "Địa chỉ mục lục", "Mã trong mục lục"],
        ["", "", "Công cộng"],
        ["A", "a", "Nhà hát", "làng", "Narnia", "không có", "nhom-la", "kín", "Windows", "x y"],
        ["B", "tv-lao-cai", "Công cộng"],
        ["C", "c", "Công cộng"],
        ["D", "c", "Công cộng"],
        ["E", "mã sai", "Công cộng"],
        ["F", "f", "Công cộng", "", "", "tv-lao-cai", "", "", "", "", "CU"],
        ["G", "g", "Công cộng", "", "", "c", "", "", "", "", "G1"],
        ["H", "h", "Công cộng", "", "", "", "", "", "", "ftp://x.vn"],
    )  # fmt: skip
    assert faults(found) == [
        (2, "name-missing"),
        *((3, code) for code in (
            "type-unknown", "level-unknown", "province-unknown", "parent-unknown", "group-unknown",
            "audience-unknown", "software-unknown",
        )),
        (4, "code-taken"),
        (5, "code-twice"),
        (6, "code-twice"),
        (7, "code-malformed"),
        (8, "branch-taken"),
        (9, "branch-without-source"),
        (10, "endpoint-malformed"),
    ]  # fmt: skip
    assert {code for _, code in faults(found)} <= set(FAULTS)


def test_branches_go_into_a_source_of_the_sheet_or_into_a_registered_one() -> None:
    found = checked(
        ["Tên thư viện", "Loại", "Cấp trên", "Phần mềm", "Địa chỉ mục lục", "Mã trong mục lục"],
        ["Thư viện Sa Pa", "Công cộng", "Thư viện tỉnh Lào Cai", "", "", "SP"],
        ["Thư viện tỉnh Sơn La", "Công cộng", "", "Koha", "https://opac.example.vn", ""],
        ["Thư viện Mộc Châu", "Công cộng", "Thư viện tỉnh Sơn La", "", "", "MC"],
    )
    assert found.faulty == ()
    assert found.branches == (("nguon", "SP", "tv-sa-pa"),)
    (source,) = found.sources
    assert source.options == {"branch:MC": "tv-moc-chau"}
    assert (source.address, source.profile) == ("https://opac.example.vn/cgi-bin/koha/oai.pl", "koha")
    assert [one.parents[0].code for one in found.libraries if one.parents] == ["tv-lao-cai", "tv-tinh-son-la"]


def test_two_lines_of_one_name_get_two_codes() -> None:
    found = checked(["Tên", "Loại"], ["Thư viện xã", "xã"], ["Thư viện xã", "xã"])
    assert [line.faults[0].code for line in found.lines] == ["type-unknown"] * 2
    good = checked(["Tên", "Loại"], ["Thư viện xã", "công cộng"], ["Thư viện xã", "công cộng"])
    assert [one.code for one in good.libraries] == ["tv-xa", "tv-xa-2"]


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\x01", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600,
     "Mã;Loại\n1;2".encode(), "Tên thư viện;Loại".encode(), b"%PDF-1.4",
     "Tên\nThư".encode("cp1258", "replace")],
)  # fmt: skip
def test_what_is_no_sheet_of_libraries_is_refused_with_a_remedy(data: bytes) -> None:
    with pytest.raises(Conflict) as caught:
        read_lines(data)
    assert caught.value.remedy


def test_a_file_that_unpacks_without_end_is_refused_before_it_is_read() -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (MOST_UNPACKED + 1))
    assert len(memory.getvalue()) < 200_000
    with pytest.raises(Conflict, match="unpacks"):
        read_grid(memory.getvalue())


def test_no_bytes_are_a_crash() -> None:
    """100,000 inputs with UNIONCAT_TEST_FUZZ=100000; some hundred in the suite."""
    dice = random.Random(7)
    good = [workbook([["Tên thư viện", "Loại"], ["A", "xã"]]), "Tên thư viện;Loại\nA;xã\n".encode()]
    for _ in range(int(os.environ.get("UNIONCAT_TEST_FUZZ", "400"))):
        data = bytearray(dice.choice(good))
        for _ in range(dice.randint(1, 8)):
            place = dice.randrange(len(data))
            match dice.randrange(4):
                case 0:
                    data[place] = dice.randrange(256)
                case 1:
                    del data[place : place + dice.randint(1, 40)]
                case 2:
                    data[place:place] = dice.randbytes(dice.randint(1, 20))
                case _:
                    data[place:place] = data[: dice.randint(1, 60)]
            if not data:
                data = bytearray(b"x")
        try:
            lines, unknown = read_lines(bytes(data))
        except Conflict:
            continue
        Checker(KNOWN, lines).check("x", unknown)
