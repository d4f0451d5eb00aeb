"""Wrappings: MARCXML in all its forms, ISO 2709 with all its faults, and what cannot be read."""

import pytest
from lxml import etree

from tests.unioncat.normalise.records import LEADER, marc, read
from unioncat.domain.bib import Normalised
from unioncat.normalise import (
    PROFILES,
    MarcRecord,
    Unreadable,
    decode_iso2709,
    normalise,
    split_iso2709,
    to_marcxml,
)

BODY = (
    "<{p}leader>00000nam a2200000 a 4500</{p}leader>"
    '<{p}controlfield tag="001">1</{p}controlfield>'
    '<{p}datafield tag="245" ind1="0" ind2="0"><{p}subfield code="a">Truyện Kiều</{p}subfield></{p}datafield>'
)
PLAIN = BODY.format(p="")


def of(payload: str | bytes) -> Normalised:
    data = payload.encode() if isinstance(payload, str) else payload
    return normalise(data, "marc21", PROFILES["marc21"])


def codes(payload: str | bytes) -> list[str]:
    result = of(payload)
    assert result.bib is None
    assert all(problem.detail for problem in result.problems)
    return [problem.code for problem in result.problems]


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(f"<record>{PLAIN}</record>", id="no-namespace"),
        pytest.param(f'<record xmlns="http://www.loc.gov/MARC21/slim">{PLAIN}</record>', id="slim"),
        pytest.param(f'<record xmlns="info:lc/xmlns/marcxchange-v1">{PLAIN}</record>', id="marcxchange"),
        pytest.param(
            f'<m:record xmlns:m="http://www.loc.gov/MARC21/slim">{BODY.format(p="m:")}</m:record>',
            id="prefix",
        ),
        pytest.param(f'<collection xmlns="urn:x"><record>{PLAIN}</record></collection>', id="collection"),
        pytest.param(f"<metadata><record>{PLAIN}</record></metadata>", id="metadata"),
        pytest.param(f'<?xml version="1.0" encoding="UTF-8"?>\n<record>{PLAIN}</record>', id="declaration"),
        pytest.param(f'\ufeff<?xml version="1.0"?><record>{PLAIN}</record>', id="byte-order-mark"),
        pytest.param(f"\n  <record>{PLAIN}</record>", id="leading-space"),
        pytest.param(
            f'<?xml version="1.0" encoding="latin-1"?><record>{PLAIN}</record>', id="wrong-encoding"
        ),
        pytest.param(f"<record><!-- x -->{PLAIN}<?pi x?></record>", id="comments"),
        pytest.param(f"<record>{PLAIN}</record>".replace("Kiều", "<![CDATA[Kiều]]>"), id="cdata"),
    ],
)
def test_marcxml_wrappings(payload: str) -> None:
    result = of(payload)
    assert result.bib is not None
    assert result.bib.title.main == "Truyện Kiều"
    assert result.bib.control_number == "1"


def test_holdings_records_beside_the_bibliographic_one() -> None:
    holding = to_marcxml(marc("852 ## $a TV $b Kho", leader="00000nx  a2200000zn 4500")).decode()
    result = of(f"<collection>{holding}<record>{PLAIN}</record>{holding.replace('Kho', 'Khác')}</collection>")
    assert result.bib is not None
    assert [found.location for found in result.holdings] == ["Kho", "Khác"]
    assert codes(f"<collection>{holding}</collection>") == ["holdings-only"]


@pytest.mark.parametrize("control", ["\x1f", "\x08", "&#31;", "&#x1F;", "&#0;"])
def test_control_characters_are_dropped(control: str) -> None:
    result = of(f"<record>{PLAIN}</record>".replace("Kiều", f"Ki{control}ều"))
    assert result.bib is not None
    assert result.bib.title.main == "Truyện Kiều"
    assert "xml-repaired" in result.bib.flags


def test_leader_of_another_length() -> None:
    result = of(f"<record>{PLAIN}</record>".replace("00000nam a2200000 a 4500", "nam"))
    assert result.bib is not None
    assert "leader-repaired" in result.bib.flags
    assert of("<record><leader>" + PLAIN.partition("</leader>")[2] + "</record>".replace("x", "")).bib is None


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        pytest.param("", "payload-empty", id="nothing"),
        pytest.param(" \n", "payload-empty", id="space"),
        pytest.param("<record>", "xml-not-well-formed", id="cut-off"),
        pytest.param("Không phải XML", "xml-not-well-formed", id="text"),
        pytest.param("<html><body/></html>", "format-unknown", id="html"),
        pytest.param("<record/>", "format-unknown", id="empty-element"),
        pytest.param(
            "<record><leader>00000nam a2200000 a 4500</leader></record>", "record-empty", id="only-leader"
        ),
        pytest.param(
            f"<record>{PLAIN}</record>".replace('"245"', '"246"').replace("Truyện Kiều", ""),
            "title-missing",
            id="no-245",
        ),
        pytest.param(
            f"<record>{PLAIN}</record>".replace("00000nam", "00000nz "), "format-authority", id="authority"
        ),
        pytest.param(
            '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><record>&x;</record>',
            "xml-doctype",
            id="entity",
        ),
        pytest.param("<record>&undeclared;</record>", "xml-not-well-formed", id="undeclared-entity"),
        pytest.param(
            '<?xml version="1.0" encoding="UTF-7"?>+ADw-!DOCTYPE r+AD4-<r/>',
            "xml-not-well-formed",
            id="hidden-doctype",
        ),
        pytest.param("<!DOCTYPE r><record/>".encode("utf-16"), "xml-not-well-formed", id="utf-16"),
        pytest.param(b"<record>\xff\xfe</record>", "xml-not-well-formed", id="not-utf-8"),
    ],
)
def test_what_cannot_be_read_is_a_problem(payload: str | bytes, code: str) -> None:
    assert codes(payload) == [code]


def test_deep_nesting_is_no_fault() -> None:
    result = of("<a>" * 10_000 + "</a>" * 10_000)
    assert result.bib is None


def iso2709(fields: list[tuple[str, bytes]], ninth: str = "a", shift: int = 0) -> bytes:
    """Write ISO 2709; `shift` falsifies the offsets of the directory."""
    directory, data = b"", b""
    for tag, body in fields:
        directory += b"%3s%04d%05d" % (tag.encode(), len(body) + 1, len(data) + shift * bool(data))
        data += body + b"\x1e"
    base = 24 + len(directory) + 1
    leader = b"%05dnam %s22%05d a 4500" % (base + len(data) + 1, ninth.encode(), base)
    return leader + directory + b"\x1e" + data + b"\x1d"


def title(body: bytes) -> list[tuple[str, bytes]]:
    return [("001", b"1"), ("245", b"00\x1fa" + body), ("500", b"  \x1faGhi chu")]


def main(record: MarcRecord) -> str:
    return next(value for tag, _, _, subfields in record.fields if tag == "245" for _, value in subfields)


@pytest.mark.parametrize("ninth", ["a", " "])
def test_valid_utf8_is_utf8_whatever_the_leader_says(ninth: str) -> None:
    record = decode_iso2709(iso2709(title("Đất rừng".encode()), ninth))
    assert main(record) == "Đất rừng"
    assert record.flags == (("encoding-undeclared",) if ninth == " " else ())


def test_marc8() -> None:
    record = decode_iso2709(iso2709(title(b"Ch\xe2\xe3e"), " "))
    assert read_back(record) == "Chế"
    assert "encoding-misdeclared" in decode_iso2709(iso2709(title(b"Caf\xe2e"), "a")).flags
    assert main(decode_iso2709(iso2709(title(b"\x1b(NkNIGA\x1b(B"), " "))) == "Книга"


def read_back(record: MarcRecord) -> str:
    result = of(to_marcxml(record))
    assert result.bib is not None
    return result.bib.title.main


def test_a_wrong_byte_among_good_utf8_does_not_make_it_marc8() -> None:
    record = decode_iso2709(iso2709(title("Đất rừng phương ".encode() + b"\xff" + b"Nam")))
    assert main(record) == "Đất rừng phương \ufffdNam"
    assert "encoding-invalid" in record.flags


@pytest.mark.parametrize("shift", [3, -2, 50_000])
def test_directory_that_lies(shift: int) -> None:
    record = decode_iso2709(iso2709(title("Đất rừng".encode()), shift=shift))
    assert main(record) == "Đất rừng"
    assert [field[0] for field in record.fields] == ["245", "500"]
    assert "directory-wrong" in record.flags


def test_directory_counted_in_characters() -> None:
    good = iso2709([("001", b"1"), ("100", "1 \x1faĐỗ".encode()), ("245", "00\x1faỔn".encode())])
    lying = good.replace(b"10000080000", b"10000050000").replace(b"24500080001", b"24500060000")
    assert main(decode_iso2709(lying)) == "Ổn"


def test_records_are_cut_at_their_end_whatever_stands_between() -> None:
    one, two = iso2709(title(b"Mot")), iso2709(title(b"Hai"))
    damaged = b"99999" + one[5:40] + b"\x1d"
    pieces = list(split_iso2709(one + b"\r\n" + damaged + b"\x00 " + two + b"\n"))
    assert len(pieces) == 3
    assert [main(decode_iso2709(piece)) for piece in (pieces[0], pieces[2])] == ["Mot", "Hai"]


def test_record_cut_off() -> None:
    record = decode_iso2709(iso2709(title(b"Mot"))[:-12])
    assert main(record) == "Mot"
    assert "directory-wrong" in record.flags


def test_nothing_in_it() -> None:
    with pytest.raises(Unreadable, match="iso2709-no-fields"):
        decode_iso2709(b"00026nam a2200025 a 4500\x1e\x1d")


def test_normalise_takes_iso2709_too() -> None:
    result = of(iso2709(title("Đất rừng".encode()), " "))
    assert result.bib is not None
    assert result.bib.title.main == "Đất rừng"
    assert result.bib.flags == ("encoding-undeclared",)


def test_writer_is_well_formed_and_faithful() -> None:
    record = MarcRecord(
        "01312cam#a22001813u#4500",
        (("001", "<1>\x1f"),),
        (("245", "1", "#", (("a", 'A & "B" <C>\x00\ud800'), ("ß", "\ufffe"))), ("999", "|", "", ())),
    )
    root = etree.fromstring(to_marcxml(record))
    assert [child.text for child in root][:2] == ["00000cam a22000003u 4500", "<1>"]
    assert root[2].attrib == {"tag": "245", "ind1": "1", "ind2": " "}
    assert [sub.text for sub in root[2]] == ['A & "B" <C>', None]


def test_what_is_written_reads_the_same() -> None:
    record = marc("100 1# $a Nguyễn Du", "245 10 $a Truyện Kiều $c Nguyễn Du", f008="240101s2020    vm ")
    written = to_marcxml(record)
    assert written == to_marcxml(record)
    result = of(written)
    assert result.bib is not None
    assert (result.bib.title.main, result.bib.year) == ("Truyện Kiều", 2020)


def test_leader_constant_is_whole() -> None:
    assert len(LEADER) == 24
    assert read("500 ## $a x").bib is not None
