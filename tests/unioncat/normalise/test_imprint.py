"""Places, publishers, years, pages, trap by trap."""

import pytest

from tests.unioncat.normalise.records import bib
from unioncat.domain.bib import Imprint
from unioncat.normalise.marc21.extent import read_extent


def f008(kind: str, first: str, second: str = "    ") -> str:
    return f"240101{kind}{first}{second}vm            000 0 vie d"


def test_publisher_and_partner() -> None:
    (imprint,) = bib("260 ## $a Hà Nội : $b Văn học ; Công ty Nhã Nam, $c 2015.").imprints
    assert imprint == Imprint(("Hà Nội",), ("Văn học", "Công ty Nhã Nam"), "2015")


@pytest.mark.parametrize("filler", ["Chưa xác định", "[s.n.]", "[k.nxb.],", "k.nxb", "Không rõ"])
def test_publisher_that_is_not_known_is_missing(filler: str) -> None:
    record = bib(f"260 ## $a [S.l.] : $b {filler}, $c 2015")
    assert record.imprints == (Imprint((), (), "2015"),)
    assert "publisher-is-a-filler" in record.flags


@pytest.mark.parametrize("place", ["[S.l.]", "k.đ.", "[K.đ]", "Place of publication not identified"])
def test_place_that_is_not_known_is_missing(place: str) -> None:
    assert bib(f"260 ## $a {place} : $b Trẻ").imprints == (Imprint((), ("Trẻ",), None),)


def test_places_and_publishers_as_written() -> None:
    (imprint,) = bib(
        "260 ## $a [Hà Nội] ; $a Tp. Hồ Chí Minh : $b Nxb. Trẻ : $b NXB Giáo dục, $c c1998."
    ).imprints
    assert imprint == Imprint(("Hà Nội", "Tp. Hồ Chí Minh"), ("Nxb. Trẻ", "NXB Giáo dục"), "c1998")


@pytest.mark.parametrize(
    ("coded", "printed", "expected"),
    [
        (f008("s", "2019"), "2019", (2019, None)),
        (f008("s", "2019"), None, (2019, None)),
        (f008("s", "9999"), "2003.", (2003, None)),
        (f008("s", "2018"), "2003", (2003, None)),
        (f008("t", "2005", "1990"), "2005, c1990", (2005, None)),
        (f008("r", "1998", "1980"), "1998", (1998, None)),
        (f008("r", "1980", "1998"), None, (1998, None)),
        (f008("m", "1985", "1986"), "1985-1986", (1985, 1986)),
        (f008("m", "1985", "9999"), "1985-", (1985, None)),
        (f008("c", "1992", "9999"), "1992-", (1992, None)),
        (f008("d", "1992", "2008"), "1992-2008", (1992, 2008)),
        (f008("q", "1990", "1999"), "[199-?]", (1990, None)),
        (f008("|", "||||"), "[1992?]", (1992, None)),
        (None, "c1998", (1998, None)),
        (None, "1999 [i.e. 2001]", (2001, None)),
        (None, "1985-1986", (1985, 1986)),
        (None, "2548 [2005]", (2005, None)),
        (None, "199-", (None, None)),
        (None, "199", (None, None)),
        (None, "1064723", (None, None)),
        (f008("s", "2001"), "1421 [2000 or 2001]", (2001, None)),
    ],
)
def test_year(coded: str | None, printed: str | None, expected: tuple[int | None, int | None]) -> None:
    lines = [f"260 ## $c {printed}"] if printed else ["500 ## $a x"]
    record = bib(*lines, **({"f008": coded} if coded else {}))
    assert (record.year, record.year_end) == expected


def test_contradicting_and_unreadable_years_are_flagged() -> None:
    assert "year-contradicted" in bib("260 ## $c 2003", f008=f008("s", "2018")).flags
    assert "year-unreadable" in bib("260 ## $c 199").flags


def test_copyright_year_serves_where_no_other_is() -> None:
    assert bib("264 #1 $a Hà Nội : $b Trẻ", "264 #4 $c ©2017").year == 2017
    assert bib("264 #1 $a Hà Nội : $b Trẻ, $c 2018", "264 #4 $c ©2017").imprints == (
        Imprint(("Hà Nội",), ("Trẻ",), "2018"),
    )


@pytest.mark.parametrize(
    ("text", "pages", "volumes"),
    [
        ("391 tr.", 391, None),
        ("128tr", 128, None),
        ("1347 tr.", 1347, None),
        ("347 p.", 347, None),
        ("xii, 391 p., [8] p. of plates", 391, None),
        ("XXIV, 211 tr., 8 tr. ảnh", 211, None),
        ("[12], 345 trang", 345, None),
        ("3 v.", None, 3),
        ("2 tập (300 tr.)", 300, 2),
        ("1 v. (various pagings)", None, 1),
        ("v. <1-3 >", None, None),
        ("p. 101-150", 150, None),
        ("55 leaves", 55, None),
        ("55 l.", 55, None),
        ("1 CD-ROM", None, None),
        ("1 online resource (xii, 256 pages)", 256, None),
        ("0p", None, None),
        ("520 с.", 520, None),
        ("xii p.", None, None),
        ("xvii p., 1", None, None),
        ("3 p. l., 3-180 p. col. front.", 180, None),
        ("54 p., 100 leaves of plates", 54, None),
        ("[100] leaves of plates", 100, None),
        ("xvi, 1,042 p.", 1042, None),
        ("iv,120 p.", 120, None),
        ("", None, None),
    ],
)
def test_pages_and_volumes(text: str, pages: int | None, volumes: int | None) -> None:
    assert read_extent(text) == (pages, volumes)


def test_extent_as_written() -> None:
    extent = bib("300 ## $a XXIV, 211 tr. : $b minh họa ; $c 24 cm + $e 1 CD").extent
    assert extent is not None
    assert (extent.text, extent.size) == ("XXIV, 211 tr. : minh họa + 1 CD", "24 cm")


@pytest.mark.parametrize(
    ("cut", "pages"),
    [
        ("$a 3 p. $b l., 3-180 p. col. front. $c 20 cm", 180),
        ("$a xx p., 1 l., $b 359 p. $c 22 cm", 359),
        ("$a 254 p. $b illus., 2 pl. on 300 l.", 254),
        ("$a xiv, 304 p., $b [306] leaves of plates : ill.", 304),
    ],
)
def test_pages_that_were_led_over_into_the_next_subfield(cut: str, pages: int) -> None:
    extent = bib(f"300 ## {cut}").extent
    assert extent is not None
    assert extent.pages == pages


def test_a_code_that_the_printed_year_contradicts_is_kept_for_comparing() -> None:
    assert bib("260 ## $c 2003", f008=f008("s", "2018")).year_coded == 2018
    assert bib("260 ## $c 2018", f008=f008("s", "2018")).year_coded is None
    assert bib("260 ## $c 2003", f008=f008("s", "    ")).year_coded is None


def test_edition() -> None:
    assert bib("250 ## $a Tái bản lần thứ 15, $b có sửa chữa.").edition == "Tái bản lần thứ 15, có sửa chữa"
