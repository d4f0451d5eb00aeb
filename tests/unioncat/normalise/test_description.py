"""Subjects, classes, notes, links, languages, forms and linked fields, trap by trap."""

import pytest

from tests.unioncat.normalise.records import LEADER, bib, marc
from unioncat.domain.bib import (
    Alternate,
    Carrier,
    Classification,
    Link,
    Material,
    Note,
    NoteKind,
    Series,
    Subject,
    SubjectKind,
)
from unioncat.normalise import PROFILES, MarcRecord, normalise, to_marcxml
from unioncat.normalise.languages import marc_code, marc_codes


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("650 #0 $a Games $z Vietnam.", Subject("Games -- Vietnam", SubjectKind.TOPIC, "lcsh")),
        ("650 #7 $a Đại số $2 Bộ TK TVQG", Subject("Đại số", SubjectKind.TOPIC, "Bộ TK TVQG")),
        ("650 #2 $a Lung $x surgery", Subject("Lung -- surgery", SubjectKind.TOPIC, "mesh")),
        ("650 #4 $a Toán", Subject("Toán")),
        ("651 #4 $a Huế", Subject("Huế", SubjectKind.PLACE)),
        ("600 10 $a Nguyễn Du, $d 1766-1820.", Subject("Nguyễn Du, 1766-1820", SubjectKind.NAME, "lcsh")),
        (
            "600 10 $a Nguyễn Du. $t Truyện Kiều",
            Subject("Nguyễn Du. Truyện Kiều", SubjectKind.WORK, "lcsh"),
        ),
        ("610 20 $a UNESCO.", Subject("UNESCO", SubjectKind.NAME, "lcsh")),
        ("630 00 $a Bible.", Subject("Bible", SubjectKind.WORK, "lcsh")),
        ("648 #4 $a 1945-1975", Subject("1945-1975", SubjectKind.PERIOD)),
        ("653 ## $a Toán", Subject("Toán", SubjectKind.KEYWORD)),
        ("655 #7 $a Giáo trình $2 local", Subject("Giáo trình", SubjectKind.GENRE, "local")),
    ],
)
def test_subject(field: str, expected: Subject) -> None:
    assert bib(field).subjects == (expected,)


def test_keywords_in_one_subfield() -> None:
    assert [subject.text for subject in bib("653 ## $a Toán; Đại số ; $a Lý").subjects] == [
        "Toán",
        "Đại số",
        "Lý",
    ]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("082 04 $a 512.140711 $b T406H $2 23", Classification("ddc", "512.140711", "23")),
        ("082 04 $a 327.11/09597 $2 22", Classification("ddc", "327.1109597", "22")),
        ("082 04 $a 005.13/3", Classification("ddc", "005.133")),
        ("082 04 $a 621.402 3", Classification("ddc", "621.4023")),
        ("082 04 $a 005.136 ĐÔ-T", Classification("ddc", "005.136")),
        ("082 04 $a 519.2076--BU-P", Classification("ddc", "519.2076")),
        ("082 04 $a 59.080.20", Classification("local", "59.080.20")),
        ("080 ## $a 51(075) $2 1997", Classification("udc", "51(075)", "1997")),
        ("084 ## $a V4(1)6 $2 bbk", Classification("bbk", "V4(1)6", "bbk")),
        ("084 ## $a 17.2", Classification("local", "17.2")),
        ("050 00 $a QA76.9 $b .D3", Classification("lcc", "QA76.9")),
        ("060 00 $a WG 120", Classification("nlm", "WG 120")),
        ("090 ## $a 364.07 $b GIA", Classification("local", "364.07")),
    ],
)
def test_classification(field: str, expected: Classification) -> None:
    assert bib(field).classifications == (expected,)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("500 ## $a ĐTTS ghi: Bộ Giáo dục", Note("ĐTTS ghi: Bộ Giáo dục")),
        (
            "502 ## $a Luận án tiến sĩ $c Đại học A, $d 2010",
            Note("Luận án tiến sĩ Đại học A, 2010", NoteKind.THESIS),
        ),
        ("505 00 $t Một / $r A -- $t Hai", Note("Một / A -- Hai", NoteKind.CONTENTS)),
        ("520 ## $a Tóm tắt. $b Thêm.", Note("Tóm tắt. Thêm.", NoteKind.SUMMARY)),
        ("521 ## $a Thiếu nhi", Note("Thiếu nhi", NoteKind.AUDIENCE)),
        ("533 ## $a Photocopy. $b Hà Nội", Note("Photocopy. Hà Nội", NoteKind.REPRODUCTION)),
        ("546 ## $a Song ngữ", Note("Song ngữ", NoteKind.LANGUAGE)),
    ],
)
def test_note(field: str, expected: Note) -> None:
    assert bib(field).notes == (expected,)


def test_notes_of_staff_are_not_read() -> None:
    record = bib("541 ## $a Quà tặng", "561 ## $a Chủ cũ", "583 ## $a Đóng lại", "590 ## $a Nội bộ")
    assert record.notes == ()


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("490 0# $a Tủ sách ; $v T. 3", Series("Tủ sách", "T. 3")),
        ("440 #0 $a Tủ sách, $x 0866-7691 ; $v 3", Series("Tủ sách", "3", "0866-7691")),
        ("830 #0 $a Tủ sách ; $v 3.", Series("Tủ sách", "3")),
        ("800 1# $a Nguyễn Du. $t Tuyển tập ; $v 2", Series("Tuyển tập", "2")),
    ],
)
def test_series(field: str, expected: Series) -> None:
    assert bib(field).series == (expected,)


def test_traced_series_is_not_told_twice() -> None:
    assert len(bib("490 1# $a Tủ sách Văn học", "830 #0 $a Tủ sách văn học.").series) == 1


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("856 40 $u https://a.example/1 $y Toàn văn", Link("https://a.example/1", "Toàn văn", True)),
        ("856 41 $u https://a.example/1", Link("https://a.example/1", None, True)),
        ("856 42 $u https://a.example/1.pdf", Link("https://a.example/1.pdf")),
        (
            "856 41 $3 Table of contents $u https://a.example/1",
            Link("https://a.example/1", "Table of contents"),
        ),
        ("856 40 $3 Mục lục $u https://a.example/1", Link("https://a.example/1", "Mục lục")),
        ("856 4# $u https://a.example/1.pdf", Link("https://a.example/1.pdf", None, True)),
        ("856 4# $u https://a.example/1", Link("https://a.example/1")),
        ("856 40 $u www.a.example/x y", Link("http://www.a.example/x%20y", None, True)),
        (
            "856 40 $u https://a.example/1 $z Trong thư viện",
            Link("https://a.example/1", None, True, "Trong thư viện"),
        ),
        (
            "856 40 $u https://a.example/1 $z Tập 1",
            Link("https://a.example/1", "Tập 1", True),
        ),
        (
            "856 40 $u https://a.example/1 $y PDF $r https://creativecommons.org/licenses/by/4.0/ "
            "$t Ghi nguồn",
            Link("https://a.example/1", "PDF", True, "https://creativecommons.org/licenses/by/4.0/"),
        ),
        (
            "856 40 $u https://a.example/1 $n Chỉ dành cho sinh viên. $7 1",
            Link(
                "https://a.example/1",
                None,
                False,
                "Chỉ dành cho sinh viên; Truy cập hạn chế (restricted access)",
            ),
        ),
        (
            "856 40 $u https://a.example/1 $7 0",
            Link("https://a.example/1", None, True, "Truy cập mở (open access)"),
        ),
        (  # settings of before 2020: a log-in, a host, a number of bits, a terminal
            "856 40 $u https://a.example/1 $l anonymous $n Library of Congress, Washington $r N-8-1 $t vt100",
            Link("https://a.example/1", None, True),
        ),
    ],
)
def test_link(field: str, expected: Link) -> None:
    assert bib(field).links == (expected,)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "C:\\sach.pdf", "x"]
)
def test_unsafe_addresses_are_refused(url: str) -> None:
    record = bib(f"856 40 $u {url}")
    assert record.links == ()
    assert "link-refused" in record.flags


def test_rights_of_the_record_hold_for_its_links() -> None:
    record = bib("506 ## $a Lưu hành nội bộ.", "540 ## $a CC BY", "856 40 $u https://a.example/1")
    assert record.rights == "CC BY; Lưu hành nội bộ"
    assert record.links[0].rights == record.rights
    assert not record.links[0].open


def test_an_open_licence_of_the_record_opens_its_links() -> None:
    record = bib(
        "540 ## $a CC BY 4.0. $u https://creativecommons.org/licenses/by/4.0/",
        "856 40 $u https://a.example/1",
    )
    assert record.rights == "CC BY 4.0. https://creativecommons.org/licenses/by/4.0/"
    assert record.links[0].open


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("vi", "vie"),
        ("vn", "vie"),
        ("vi_VN", "vie"),
        ("VIE", "vie"),
        ("Tiếng Việt", "vie"),
        ("tiếng Anh", "eng"),
        ("English", "eng"),
        ("fra", "fre"),
        ("deu", "ger"),
        ("zh-Hans", "chi"),
        ("chữ Hán", "chi"),
        ("tiếng Ý", "ita"),
        ("rad", "rad"),
        ("und", None),
        ("|||", None),
        ("", None),
        ("other", None),
    ],
)
def test_language_code(written: str, code: str | None) -> None:
    assert marc_code(written) == code


def test_languages_of_a_record() -> None:
    record = bib("041 1# $a vieeng $h fra", f008="240101s2020    vm            000 0 vie d")
    assert record.languages == ("vie", "eng")
    assert record.original_languages == ("fre",)
    assert marc_codes("eng; vie") == ("eng", "vie")


def of(kind: str, level: str) -> str:
    return LEADER[:6] + kind + level + LEADER[8:]


@pytest.mark.parametrize(
    ("leader", "fields", "material", "carrier"),
    [
        (of("a", "m"), ["300 ## $a 391 tr."], Material.BOOK, Carrier.PRINT),
        (of("a", "s"), [], Material.SERIAL, Carrier.PRINT),
        (of("a", "b"), [], Material.ARTICLE, Carrier.PRINT),
        (of("a", "a"), [], Material.ARTICLE, Carrier.PRINT),
        (of("a", "m"), ["502 ## $a Luận án"], Material.THESIS, Carrier.PRINT),
        (of("a", "m"), ["655 #7 $a Luận văn"], Material.THESIS, Carrier.PRINT),
        (of("a", "m"), ["502 ## $a Luận án", "020 ## $a 9786040000019"], Material.BOOK, Carrier.PRINT),
        (of("a", "m"), ["502 ## $a Originally presented as thesis"], Material.BOOK, Carrier.PRINT),
        (of("t", "m"), ["502 ## $a Luận án"], Material.THESIS, Carrier.PRINT),
        (of("t", "m"), [], Material.MANUSCRIPT, Carrier.PRINT),
        (of("e", "m"), [], Material.MAP, Carrier.PRINT),
        (of("c", "m"), [], Material.SCORE, Carrier.PRINT),
        (of("g", "m"), ["300 ## $a 1 DVD"], Material.VIDEO, Carrier.DISC),
        (of("i", "m"), [], Material.AUDIOBOOK, Carrier.DISC),
        (of("j", "m"), ["338 ## $b cr"], Material.MUSIC, Carrier.ONLINE),
        (of("k", "m"), [], Material.IMAGE, Carrier.PRINT),
        (of("m", "m"), ["300 ## $a 1 đĩa CD-ROM"], Material.DATA, Carrier.DISC),
        (of("r", "m"), [], Material.OBJECT, Carrier.OTHER),
        (of("a", "m"), ["300 ## $a 1 online resource (20 p.)"], Material.BOOK, Carrier.ONLINE),
        (of("a", "m"), ["300 ## $a 391 tr. + 1 CD-ROM"], Material.BOOK, Carrier.PRINT),
        (of("a", "m"), ["300 ## $a 391 tr.", "856 41 $u http://a.example/1"], Material.BOOK, Carrier.PRINT),
        (of("a", "m"), ["245 00 $a A $h [microform]"], Material.BOOK, Carrier.MICROFORM),
        (of("a", "m"), ["300 ## $a 3 microfiches"], Material.BOOK, Carrier.MICROFORM),
        (of("a", "m"), ["338 ## $b nc"], Material.BOOK, Carrier.PRINT),
    ],
)
def test_material_and_carrier(leader: str, fields: list[str], material: Material, carrier: Carrier) -> None:
    record = bib(*fields, leader=leader)
    assert (record.material, record.carrier) == (material, carrier)


@pytest.mark.parametrize(
    ("form", "carrier"),
    [
        ("o", Carrier.ONLINE),
        ("a", Carrier.MICROFORM),
        ("f", Carrier.BRAILLE),
        ("d", Carrier.PRINT),
        ("q", Carrier.DISC),
    ],
)
def test_form_of_item(form: str, carrier: Carrier) -> None:
    assert bib(f008=f"240101s2020    vm      {form}      000 0 vie d").carrier is carrier


def test_blank_leader_makes_the_material_a_guess() -> None:
    payload = to_marcxml(marc("245 00 $a Tạp chí", "022 ## $a 0866-7691")).replace(b"00000nam", b"00000n m")
    record = normalise(payload, "marc21", PROFILES["marc21"]).bib
    assert record is not None
    assert record.material is Material.SERIAL
    assert "material-guessed" in record.flags


def test_linked_fields() -> None:
    record = bib("880 1# $6 100-02/(N $a Толстой, Лев,", "880 ## $6 260-00 $a 東京 :", "880 ## $a ohne")
    assert record.alternates == (
        Alternate("100", 2, "Толстой, Лев", "Cyrl"),
        Alternate("260", 0, "東京", None),
    )


@pytest.mark.parametrize(("text", "script"), [("斷腸新聲", "Hani"), ("東京の", "Jpan"), ("한국", "Kore")])
def test_script_of_east_asia_is_told_by_the_text(text: str, script: str) -> None:
    linked = ("880", " ", " ", (("6", "245-01/$1"), ("a", text)))
    payload = to_marcxml(MarcRecord(LEADER, (), (("245", "0", "0", (("a", "A"),)), linked)))
    record = normalise(payload, "marc21", PROFILES["marc21"]).bib
    assert record is not None
    assert record.alternates == (Alternate("245", 1, text, script),)
