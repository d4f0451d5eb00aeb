"""Standard numbers, trap by trap."""

import pytest

from tests.unioncat.normalise.records import bib
from unioncat.domain.bib import Identifier


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("020 ## $a 9786040000019", Identifier("isbn", "9786040000019")),
        ("020 ## $a 978-604-0-00001-9", Identifier("isbn", "9786040000019")),
        ("020 ## $a 978-60-400-0001-9", Identifier("isbn", "9786040000019")),
        (
            "020 ## $a 978 604 000001 9 (T.1) : $c 120000đ $d 1000b",
            Identifier("isbn", "9786040000019", "T.1"),
        ),
        ("020 ## $a 9786040000019 : 65000đ", Identifier("isbn", "9786040000019")),
        ("020 ## $a ISBN 9786040000019", Identifier("isbn", "9786040000019")),
        ("020 ## $a 6040000023 $q (bìa mềm)", Identifier("isbn", "9786040000026", "bìa mềm")),
        ("020 ## $a 080442957x", Identifier("isbn", "9780804429573")),
        ("020 ## $a 9786040000018", Identifier("isbn", "9786040000018", None, False)),
        ("020 ## $z 9786040000019", Identifier("isbn", "9786040000019", None, False)),
        ("022 0# $a 0866-7691", Identifier("issn", "0866-7691")),
        ("022 0# $a 08667691", Identifier("issn", "0866-7691")),
        ("022 0# $a 0866-7692", Identifier("issn", "0866-7692", None, False)),
        ("022 ## $y 0866-7691", Identifier("issn", "0866-7691", None, False)),
        ("024 2# $a M-2306-7118-7", Identifier("ismn", "9790230671187")),
        ("024 3# $a 9786040000019", Identifier("isbn", "9786040000019")),
        ("024 3# $a 4006381333931", Identifier("ean", "4006381333931")),
        ("024 7# $a 10.1000/ABC.1 $2 doi", Identifier("doi", "10.1000/abc.1")),
        ("024 7# $a 20.500.12345/67 $2 hdl", Identifier("handle", "20.500.12345/67")),
        ("010 ## $a    2019-12345 ", Identifier("lccn", "2019012345")),
        ("010 ## $a n 78-890351/AC/r86", Identifier("lccn", "n78890351")),
        ("035 ## $a (OCoLC)ocn000123456", Identifier("oclc", "123456")),
        ("035 ## $a (VN-DEMO)77", Identifier("local", "(VN-DEMO)77")),
        ("015 ## $a VN2019-123 $2 vnb", Identifier("nbn", "VN2019-123")),
        ("028 02 $a STMA 8007 $b Motown", Identifier("publisher", "STMA 8007", "Motown")),
        ("088 ## $a NIST SP 800-1", Identifier("report", "NIST SP 800-1")),
        ("856 40 $u https://doi.org/10.1000/abc.1", Identifier("doi", "10.1000/abc.1")),
        ("856 40 $u http://hdl.handle.net/20.500.1/5", Identifier("handle", "20.500.1/5")),
    ],
)
def test_identifier(field: str, expected: Identifier) -> None:
    assert bib(field).identifiers == (expected,)


@pytest.mark.parametrize(
    "field",
    [
        "020 ## $a 40001",
        "020 ## $c 65000đ $d 1000b",
        "020 ## $a 65000đ",
        "020 ## $a bìa cứng",
        "856 40 $u http://repository.example/handle/123456789/12",
        "856 40 $u http://hdl.handle.net/123456789/12",
    ],
)
def test_what_is_no_identifier(field: str) -> None:
    assert bib(field).identifiers == ()


def test_doubts_are_flagged() -> None:
    assert "isbn-malformed" in bib("020 ## $a 40001").flags
    assert "isbn-invalid" in bib("020 ## $a 9786040000018").flags
    assert bib("020 ## $c 65000đ").flags == ()


def test_each_number_once() -> None:
    assert len(bib("020 ## $a 9786040000019", "020 ## $a 978-604-000001-9").identifiers) == 1


def test_control_number_of_oclc() -> None:
    assert bib("500 ## $a x", f001="ocm00012345").identifiers == (Identifier("oclc", "12345"),)
