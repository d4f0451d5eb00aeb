"""Dublin Core, trap by trap."""

import pytest

from unioncat.domain.bib import (
    BibRecord,
    Carrier,
    Identifier,
    Link,
    Material,
    Note,
    Series,
    Subject,
    SubjectKind,
)
from unioncat.normalise import PROFILES, normalise

HEAD = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
)


def bib(inside: str) -> BibRecord:
    payload = f"{HEAD}<dc:title>Nhan đề</dc:title>{inside}</oai_dc:dc>".encode()
    found = normalise(payload, "oai_dc", PROFILES["marc21"]).bib
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("written", "material"),
    [
        ("Luận văn Thạc sĩ", Material.THESIS),
        ("Luận án", Material.THESIS),
        ("Khóa luận tốt nghiệp", Material.THESIS),
        ("info:eu-repo/semantics/doctoralThesis", Material.THESIS),
        ("Sách", Material.BOOK),
        ("Giáo trình", Material.BOOK),
        ("Bài báo", Material.ARTICLE),
        ("Article", Material.ARTICLE),
        ("Tạp chí", Material.SERIAL),
        ("Bản đồ", Material.MAP),
        ("Sách nói", Material.AUDIOBOOK),
        ("StillImage", Material.IMAGE),
        ("Dataset", Material.DATA),
        ("Other", Material.OTHER),
    ],
)
def test_type(written: str, material: Material) -> None:
    assert bib(f"<dc:type>{written}</dc:type>").material is material


def test_without_type_the_material_is_a_guess() -> None:
    assert "material-guessed" in bib("").flags


def test_date_of_issue_is_told_from_dates_of_deposit() -> None:
    dates = "<dc:date>2019-05-02T03:04:05Z</dc:date><dc:date>2018</dc:date>"
    assert bib(dates).year == 2018
    only = bib("<dc:date>2019-05-03T03:04:05Z</dc:date><dc:date>2019-05-02T03:04:05Z</dc:date>")
    assert only.year == 2019
    assert "year-doubted" in only.flags


def test_identifiers() -> None:
    record = bib(
        "<dc:identifier>http://r.example/handle/123456789/1</dc:identifier>"
        "<dc:identifier>ISBN: 978-604-0-00001-9</dc:identifier>"
        "<dc:identifier>ISSN 0866-7691</dc:identifier>"
        "<dc:identifier>doi:10.1000/X</dc:identifier>"
        "<dc:identifier>http://hdl.handle.net/20.500.1/9</dc:identifier>"
        "<dc:identifier>LV-2018-17</dc:identifier>"
        "<dc:identifier>Nguyễn, A. (2018). Nhan đề. Hà Nội.</dc:identifier>"
    )
    assert record.identifiers == (
        Identifier("isbn", "9786040000019"),
        Identifier("issn", "0866-7691"),
        Identifier("doi", "10.1000/x"),
        Identifier("handle", "20.500.1/9"),
        Identifier("local", "LV-2018-17"),
    )
    assert [link.url for link in record.links] == [
        "http://r.example/handle/123456789/1",
        "https://doi.org/10.1000/X",
        "http://hdl.handle.net/20.500.1/9",
    ]
    assert record.carrier is Carrier.ONLINE


def test_without_a_link_it_is_print() -> None:
    assert bib("<dc:identifier>LV-1</dc:identifier>").carrier is Carrier.PRINT


def test_restricted_rights_deny_full_text() -> None:
    link = "<dc:identifier>http://r.example/1</dc:identifier>"
    assert bib(link).links == (Link("http://r.example/1", None, True),)
    assert bib(f"{link}<dc:rights>Nội bộ</dc:rights>").links == (
        Link("http://r.example/1", None, False, "Nội bộ"),
    )
    assert bib(f"{link}<dc:rights>CC BY</dc:rights>").links == (
        Link("http://r.example/1", None, True, "CC BY"),
    )


def test_names_roles_and_fillers() -> None:
    record = bib(
        "<dc:creator>Nguyễn, Thị A</dc:creator><dc:creator>Không rõ</dc:creator>"
        "<dc:contributor>Lê Văn Ba (dịch)</dc:contributor>"
    )
    assert [(agent.name, agent.roles, agent.main) for agent in record.agents] == [
        ("Nguyễn, Thị A", (), True),
        ("Lê Văn Ba", ("trl",), False),
    ]
    assert "agent-is-a-filler" in record.flags


def test_relations() -> None:
    record = bib(
        "<dc:relation>Tạp chí Thư viện; Số 3</dc:relation>"
        "<dc:relation>Bản in năm trước</dc:relation>"
        "<dc:relation>http://r.example/b.pdf</dc:relation>"
    )
    assert record.series == (Series("Tạp chí Thư viện", "Số 3"),)
    assert record.notes == (Note("Bản in năm trước"),)
    assert record.links == (Link("http://r.example/b.pdf"),)


def test_subjects_and_coverage() -> None:
    record = bib(
        "<dc:subject>Toán; Lý</dc:subject><dc:subject>512.14</dc:subject>"
        "<dc:coverage>Hà Nội</dc:coverage><dc:coverage>1945-1975</dc:coverage>"
    )
    assert record.subjects == (
        Subject("Toán", SubjectKind.KEYWORD),
        Subject("Lý", SubjectKind.KEYWORD),
        Subject("Hà Nội", SubjectKind.PLACE),
        Subject("1945-1975", SubjectKind.PERIOD),
    )
    assert [(entry.scheme, entry.value) for entry in record.classifications] == [("ddc", "512.14")]


def test_extent_language_publisher() -> None:
    record = bib(
        "<dc:format>application/pdf</dc:format><dc:format>xi, 98 tr.</dc:format><dc:language>vi</dc:language>"
        "<dc:publisher>Chưa xác định</dc:publisher><dc:publisher>ĐHQG ; Nhã Nam</dc:publisher>"
    )
    assert record.extent is not None
    assert record.extent.pages == 98
    assert record.languages == ("vie",)
    assert record.imprints[0].publishers == ("ĐHQG", "Nhã Nam")


def test_qualified() -> None:
    record = bib(
        "<dcterms:alternative>Khác</dcterms:alternative><dcterms:issued>2015</dcterms:issued>"
        "<dc:date>2017</dc:date><dcterms:abstract>Tóm tắt</dcterms:abstract>"
        "<dcterms:spatial>Huế</dcterms:spatial>"
    )
    assert record.other_titles[0].main == "Khác"
    assert record.year == 2015
    assert record.notes[0].text == "Tóm tắt"
    assert record.subjects == (Subject("Huế", SubjectKind.PLACE),)


def test_without_title_there_is_no_record() -> None:
    result = normalise(f"{HEAD}<dc:creator>A</dc:creator></oai_dc:dc>".encode(), "oai_dc", PROFILES["marc21"])
    assert [problem.code for problem in result.problems] == ["title-missing"]
