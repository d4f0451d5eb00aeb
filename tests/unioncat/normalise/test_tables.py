"""Rows of spreadsheets: columns by profile or heading, titles that carry everything, cells of numbers."""

import csv
import gzip
import io
import json

import pytest

from tests.support.data import DATA, needs_data
from unioncat.domain.bib import (
    Agent,
    BibRecord,
    Classification,
    Extent,
    Holding,
    Identifier,
    Imprint,
    Material,
    Normalised,
    Part,
    Subject,
    SubjectKind,
    Title,
    TitleKind,
)
from unioncat.domain.source import Profile
from unioncat.normalise import PROFILES, normalise
from unioncat.normalise.tables import item_numbers

PLAIN = PROFILES["marc21"]


def read(row: dict[str, object], profile: Profile = PLAIN) -> Normalised:
    return normalise(json.dumps(row, ensure_ascii=False).encode(), "table", profile)


def bib(**cells: str) -> BibRecord:
    row = {"title": "Nhan đề"} | cells
    found = read(dict(row), Profile(columns=tuple((name, name) for name in row))).bib
    assert found is not None
    return found


def test_headings_of_a_register() -> None:
    row = {
        "STT": "7",
        "Số ĐKCB": "VV1001; VV1002",
        "Nhan đề": "Đất rừng phương Nam",
        "Tác giả": "Đoàn Giỏi",
        "NXB": "Kim Đồng",
        "Năm XB": "2019",
        "Giá": "50000",
    }
    found = read(row)
    assert found.bib is not None
    assert found.bib.title == Title("Đất rừng phương Nam")
    assert found.bib.agents == (Agent("Đoàn Giỏi", main=True),)
    assert (found.bib.imprints, found.bib.year) == ((Imprint((), ("Kim Đồng",), "2019"),), 2019)
    assert found.holdings == (Holding(items=("VV1001", "VV1002"), copies=2),)


def test_what_a_person_says_of_a_column_wins() -> None:
    profile = Profile(columns=(("Tên", "title"), ("Nhan đề", "ignore"), ("GHI CHÚ ", "subject")))
    found = read({"Tên": "A", "Nhan đề": "B", "ghi chú": "C"}, profile).bib
    assert found is not None
    assert (found.title.main, found.subjects, found.notes) == ("A", (Subject("C"),), ())


@pytest.mark.parametrize(
    ("written", "title", "responsibility"),
    [
        ("A : b", Title("A", "b"), None),
        ("A / Tô Hoài", Title("A"), "Tô Hoài"),
        ("A : b / Tô Hoài", Title("A", "b"), "Tô Hoài"),
        ("  A\n B ", Title("A B"), None),
        ("[A]", Title("A"), None),
        (" : b", Title(": b"), None),
    ],
)
def test_title_is_divided_at_typed_marks(written: str, title: Title, responsibility: str | None) -> None:
    found = bib(title=written)
    assert (found.title, found.responsibility) == (title, responsibility)


def test_title_with_parts_and_parallel() -> None:
    found = bib(title="English 3 = Tiếng Anh 3", volume="T.03", part_title="Ngữ pháp", subtitle="sách")
    assert found.title == Title("English 3", "sách", (Part("T.03", "Ngữ pháp"),))
    assert found.other_titles == (Title("Tiếng Anh 3", kind=TitleKind.PARALLEL),)


def test_persons_on_lines_and_in_columns() -> None:
    found = bib(
        author="Nguyễn Du\nĐào Duy Anh, Bùi Kỷ chú giải",
        translator="Yves Gohin",
        editor="Nguyễn Du",
        material="?",
    )
    assert [(agent.name, agent.roles, agent.main) for agent in found.agents] == [
        ("Nguyễn Du", (), True),
        ("Đào Duy Anh", ("ann",), False),
        ("Bùi Kỷ", ("ann",), False),
        ("Yves Gohin", ("trl",), False),
    ]


def test_all_else() -> None:
    found = bib(
        id="17",
        place="H.",
        publisher="Văn học ; Nhã Nam",
        year="2019.0",
        extent="143",
        size="21 cm",
        isbn="978-604-2-12342-6; 123",
        issn="1258-0449",
        language="Việt; Anh",
        material="Luận văn",
        subject="Thơ ; Văn học",
        keyword="kiều;nôm",
        classification="895.922",
        summary="Tóm tắt",
        note="Sách tặng",
        link="https://example.vn/a",
        edition="Tái bản lần 2.",
        series="Tủ sách A",
    )
    assert found.control_number == "17"
    assert found.imprints == (Imprint(("H.",), ("Văn học", "Nhã Nam"), "2019"),)
    assert found.extent == Extent("143 tr.", 143, None, "21 cm")
    assert found.identifiers == (Identifier("isbn", "9786042123426"), Identifier("issn", "1258-0449"))
    assert "isbn-malformed" in found.flags
    assert (found.languages, found.material) == (("vie", "eng"), Material.THESIS)
    assert found.subjects == (
        Subject("Thơ"),
        Subject("Văn học"),
        Subject("kiều", SubjectKind.KEYWORD),
        Subject("nôm", SubjectKind.KEYWORD),
    )
    assert found.classifications == (Classification("ddc", "895.922"),)
    assert [note.text for note in found.notes] == ["Tóm tắt", "Sách tặng"]
    assert (found.links[0].url, found.edition, found.series[0].title) == (
        "https://example.vn/a",
        "Tái bản lần 2",
        "Tủ sách A",
    )
    assert bib(material="2").flags == ("material-guessed",)
    assert bib(year="199").flags == ("year-unreadable",)
    assert bib(extent="xii, 391 trang").extent == Extent("xii, 391 trang", 391, None)


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("0000005551", ["0000005551"]),
        ("1 ; 2;3", ["1", "2", "3"]),
        ("2013328289-2013328291", ["2013328289", "2013328290", "2013328291"]),
        ("VV1001-1003", ["VV1001", "VV1002", "VV1003"]),
        ("VV1001 - VV1003", ["VV1001", "VV1002", "VV1003"]),
        ("VV0098-02", ["VV0098-02"]),
        ("VV0098-99", ["VV0098", "VV0099"]),
        ("3178602005-3178752005", ["3178602005-3178752005"]),
        ("GT/CNTT000002", ["GT/CNTT000002"]),
        ("'0000033143", ["0000033143"]),
        ("3151182003 I1165", ["3151182003", "I1165"]),
        ("VV 1001", ["VV 1001"]),
        ("2043942002:", ["2043942002"]),
        ("1-2-3", ["1-2-3"]),
        (" ; ", []),
        ("9" * 5000 + "-" + "9" * 5000, ["9" * 5000 + "-" + "9" * 5000]),
    ],
)
def test_numbers_in_a_cell(cell: str, items: list[str]) -> None:
    assert item_numbers(cell) == items


def test_holdings() -> None:
    profile = Profile(
        columns=(("t", "title"), ("l", "location"), ("b", "library"), ("n", "copies"), ("s", "status")),
        branches=(("CS1", "dh-1"), ("Kho B", "dh-2")),
    )
    assert read({"t": "A", "l": "Kho A", "b": "cs1", "n": "3"}, profile).holdings == (
        Holding("dh-1", "Kho A", copies=3),
    )
    assert read({"t": "A", "l": "Kho B", "s": "đang mượn"}, profile).holdings == (
        Holding("dh-2", "Kho B", status="on-loan"),
    )
    assert read({"t": "A", "l": "Kho C", "b": "CS9"}, profile).holdings == (Holding(None, "CS9, Kho C"),)
    assert read({"t": "A"}, profile).holdings == ()


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"x": "A"}, "columns-unknown"),
        ({"title": " ` "}, "title-missing"),
        ({"title": None}, "columns-unknown"),
        ([], "json-not-readable"),
    ],
)
def test_rows_that_say_nothing(payload: object, code: str) -> None:
    result = normalise(json.dumps(payload).encode(), "table", PLAIN)
    assert [problem.code for problem in result.problems] == [code]


def test_labelled_text() -> None:
    text = "Title: Nhật ký trong tù\nAuthor: Hồ Chí Minh\nPublisher: Văn học\n  tái bản\nYear: 2015\n\nrest"
    found = normalise(text.encode(), "sutrs", PLAIN).bib
    assert found is not None
    assert (found.title.main, found.agents[0].name, found.year) == ("Nhật ký trong tù", "Hồ Chí Minh", 2015)
    bare = normalise("Nhật ký trong tù, Hồ Chí Minh".encode(), "sutrs", PLAIN)
    assert [problem.code for problem in bare.problems] == ["columns-unknown"]


@needs_data
@pytest.mark.data
def test_the_register_of_a_university() -> None:
    data = gzip.decompress((DATA / "vie" / "bachkhoa-hcmut-books-2018.csv.gz").read_bytes())
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))[:6000]
    results = [read(dict(row)) for row in rows]
    assert [row["stt"] for row, one in zip(rows, results, strict=True) if one.bib is None] == ["4570", "5430"]
    holdings = [holding for one in results for holding in one.holdings]
    assert all(holding.shelf_mark and holding.items for holding in holdings)
    assert sum(len(holding.items) for holding in holdings) > len(rows)


def test_headings_that_differ_in_a_tone_are_two_columns() -> None:
    profile = Profile(
        columns=(("Nhan đề", "title"), ("Khổ", "size"), ("Kho", "location"), ("Số trang", "extent"))
    )
    payload = '{"Nhan đề": "A", "Khổ": "21 cm", "Kho": "Kho B", "Số trang": "100 tr."}'.encode()
    outcome = normalise(payload, "table", profile)
    assert [one.location for one in outcome.holdings] == ["Kho B"]
    assert outcome.bib is not None
    assert outcome.bib.extent is not None
    assert outcome.bib.extent.size == "21 cm"
