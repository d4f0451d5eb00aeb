"""What becomes of a single record: its number, its format, or why it is put aside."""

import pytest

from tests.support.z3950 import marc
from unioncat.domain.source import Quarantined, RawRecord
from unioncat_harvester.readers.z3950 import ber, oids
from unioncat_harvester.readers.z3950.diagnostics import Diagnostic
from unioncat_harvester.readers.z3950.records import record
from unioncat_harvester.readers.z3950.responses import External

XML = b'<?xml version="1.0"?>\n<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000dam</leader>'
XML += (
    b'<controlfield tag="001"> 7 </controlfield><datafield tag="035" ind1=" " ind2=" "><subfield code="a">x9'
)
XML += b"</subfield></datafield></record>"
MODS = b"<mods><recordInfo><recordIdentifier>m1</recordIdentifier></recordInfo></mods>"
DC = (
    b'<dc xmlns:d="http://purl.org/dc/elements/1.1/"><d:title>T</d:title><d:identifier>d1</d:identifier></dc>'
)
BOOK = marc(31, "Số đỏ", [("035", "  $zno$a(VN) 31"), ("035", "  $asecond")])


def made(data: bytes, syntax: str = oids.USMARC, place: str = "001") -> RawRecord | Quarantined:
    return record(External(syntax, data), place, leader_deletes=False)


@pytest.mark.parametrize(
    ("data", "syntax", "place", "local_id", "format"),
    [
        (BOOK, oids.USMARC, "001", "31", "iso2709"),
        (BOOK, oids.UNIMARC, "001", "31", "unimarc"),
        (BOOK, f"{oids.PREFIX}.5.28", "001", "31", "unimarc"),
        (BOOK, oids.SUTRS, "001", "31", "iso2709"),
        (BOOK, oids.XML, "001", "31", "iso2709"),
        (BOOK, "", "001", "31", "iso2709"),
        (BOOK, oids.USMARC, "035$a", "(VN) 31", "iso2709"),
        (BOOK, oids.USMARC, "245$a", "Số đỏ", "iso2709"),
        (XML, oids.XML, "001", "7", "marcxml"),
        (XML, oids.USMARC, "001", "7", "marcxml"),
        (XML, oids.XML, "035$a", "x9", "marcxml"),
        (MODS, oids.XML, "001", "m1", "mods"),
        (DC, oids.XML, "identifier", "d1", "oai_dc"),
        ("Số: 9\nNhan đề: Truyện".encode(), oids.SUTRS, "số", "9", "sutrs"),
    ],
)
def test_bytes_decide_what_a_record_is(
    data: bytes, syntax: str, place: str, local_id: str, format: str
) -> None:
    found = made(data, syntax, place)
    assert isinstance(found, RawRecord)
    assert (found.local_id, found.format, found.payload, found.deleted) == (local_id, format, data, False)


def wrong_directory(data: bytes) -> bytes:
    """Offsets counted otherwise, as some systems write them."""
    return data[:33] + b"00007" + data[38:]


@pytest.mark.parametrize(
    "data",
    [wrong_directory(BOOK), BOOK[:12] + b"     " + BOOK[17:], b"\n" + BOOK, b"     " + BOOK[5:], BOOK[:-1]],
    ids=["offsets", "no base", "line break", "no length", "no end"],
)
def test_the_number_is_found_in_damaged_marc(data: bytes) -> None:
    found = made(data)
    assert isinstance(found, RawRecord)
    assert found.local_id == "31"
    assert found.payload == data


@pytest.mark.parametrize(
    ("data", "syntax", "code"),
    [
        (marc(None, "Không số"), oids.USMARC, "identifier-missing"),
        (marc("  ", "Không số"), oids.USMARC, "identifier-missing"),
        (marc("9" * 1001, "Số dài"), oids.USMARC, "identifier-missing"),
        (DC, oids.XML, "identifier-missing"),
        (b"just words", oids.SUTRS, "identifier-missing"),
        (b"just words", oids.USMARC, "syntax-unknown"),
        (b"", oids.USMARC, "syntax-unknown"),
        (b"<record><open></record>", oids.XML, "record-malformed"),
        (b"<!DOCTYPE r [<!ENTITY a 'b'>]><record>&a;</record>", oids.XML, "record-malformed"),
        (b"\x30\x05\x04", oids.OPAC, "record-malformed"),
        (b"\x30\x00", oids.OPAC, "record-malformed"),
    ],
)
def test_what_cannot_be_kept_is_put_aside_with_a_reason(data: bytes, syntax: str, code: str) -> None:
    found = made(data, syntax)
    assert isinstance(found, Quarantined)
    assert found.code == code
    assert found.detail.endswith(".")


def test_a_diagnostic_in_the_place_of_a_record_is_put_aside_with_its_words() -> None:
    found = record(Diagnostic(16, "1 GB"), "001", leader_deletes=False)
    assert isinstance(found, Quarantined)
    assert found.code == "record-refused"
    assert "record exceeds preferred message size (1 GB)" in found.detail


@pytest.mark.parametrize("data", [marc(31, "Số đỏ", status="d"), XML])
def test_a_leader_may_say_deleted_where_the_source_says_so(data: bytes) -> None:
    kept = record(External(oids.USMARC, data), "001", leader_deletes=False)
    gone = record(External(oids.USMARC, data), "001", leader_deletes=True)
    assert isinstance(kept, RawRecord)
    assert isinstance(gone, RawRecord)
    assert (kept.deleted, gone.deleted, gone.payload) == (False, True, b"")
    live = record(External(oids.USMARC, BOOK), "001", leader_deletes=True)
    assert isinstance(live, RawRecord)
    assert not live.deleted


def test_several_databases_are_told_apart() -> None:
    found = record(External(oids.USMARC, BOOK, database="sach"), "001", leader_deletes=False, several=True)
    assert isinstance(found, RawRecord)
    assert found.local_id == "sach:31"


def test_xml_in_another_encoding_is_written_as_utf8() -> None:
    data = '<?xml version="1.0" encoding="utf-16"?><record><controlfield tag="001">ổ</controlfield></record>'
    found = made(b" " + data.replace("utf-16", "windows-1258").replace("ổ", "o").encode("ascii"), oids.XML)
    assert isinstance(found, RawRecord)
    assert found.payload.startswith(b"<record>")


def test_opac_records_become_an_envelope() -> None:
    bibliographic = ber.group(1, ber.oid(ber.Tag.universal(ber.OID), oids.USMARC), ber.string(1, BOOK))
    item = ber.sequence(ber.boolean(1, True), ber.string(5, b"B1\x01"), ber.boolean(6, False))
    held = ber.group(
        2, ber.string(10, "Kho Đọc <1>".encode()), ber.string(14, b"\xa8\xb5"), ber.group(19, item)
    )
    data = ber.sequence(bibliographic, ber.group(2, held))
    in_octets = record(External(oids.OPAC, data), "001", leader_deletes=False)
    in_asn1 = record(External(oids.OPAC, element=ber.decode(data)), "001", leader_deletes=False)
    assert in_octets == in_asn1
    assert isinstance(in_asn1, RawRecord)
    assert (in_asn1.local_id, in_asn1.format) == ("31", "opac")
    text = in_asn1.payload.decode()
    assert "<shelvingLocation>Kho Đọc &lt;1&gt;</shelvingLocation>" in text
    assert '<publicNote encoding="base64">qLU=</publicNote>' in text
    assert '<itemId encoding="base64">QjEB</itemId>' in text
    assert "<availableNow>true</availableNow>" in text
