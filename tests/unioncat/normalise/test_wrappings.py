"""MARC-in-JSON and MARC as lines: the forms that are about, and what an OPAC record holds."""

import json
from base64 import b64decode, b64encode

import pytest

from tests.unioncat.normalise.records import marc, to_iso2709
from unioncat.domain.source import DropRule, Profile, Quarantined, RawRecord
from unioncat.normalise import PROFILES, MarcRecord, Unreadable, normalise
from unioncat.normalise.divide import divide
from unioncat.normalise.gate import Gate
from unioncat.normalise.marcjson import decode_marc_json, to_marc_json
from unioncat.normalise.mrk import decode_lines
from unioncat.normalise.wrapping import Wrapping, wrapping

RECORD = marc("245 10 $a Truyện Kiều $c Nguyễn Du", "500 ## $a x")


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(to_marc_json(RECORD), id="common"),
        pytest.param(b"\xef\xbb\xbf" + to_marc_json(RECORD), id="byte-order-mark"),
        pytest.param(
            json.dumps(
                {
                    "leader": RECORD.leader,
                    "controlfield": [{"tag": "001", "data": "1"}],
                    "datafield": [
                        {
                            "tag": "245",
                            "ind": "10",
                            "subfield": [
                                {"code": "a", "data": "Truyện Kiều"},
                                {"code": "c", "data": "Nguyễn Du"},
                            ],
                        },
                        {"tag": "500", "ind1": " ", "ind2": " ", "subfield": [{"code": "a", "data": "x"}]},
                    ],
                }
            ).encode(),
            id="named",
        ),
        pytest.param(
            json.dumps(
                {
                    "_id": "1",
                    "record": [
                        ["LDR", None, None, "_", RECORD.leader],
                        ["001", None, None, "_", "1"],
                        ["245", "1", "0", "a", "Truyện Kiều", "c", "Nguyễn Du"],
                        ["500", " ", " ", "a", "x"],
                    ],
                }
            ).encode(),
            id="lists",
        ),
    ],
)
def test_forms_of_json(payload: bytes) -> None:
    assert wrapping(payload, "") is Wrapping.MARC_JSON
    assert decode_marc_json(payload)._replace(flags=()) == RECORD


def test_json_that_says_a_thing_twice_or_in_numbers() -> None:
    record = decode_marc_json(
        b'{"fields":[{"001":12345678901234567890123},{"245":{"subfields":[{"a":"A","a":"B"},{"c":null}]}}],'
        b'"fields":[{"500":{"ind1":"","ind2":null,"subfields":[{"a":1.50}]}},{"700":null},"x",{"710":[1]}]}'
    )
    assert record.controls == (("001", "12345678901234567890123"),)
    assert record.fields == (
        ("245", " ", " ", (("a", "A"), ("a", "B"), ("c", ""))),
        ("500", " ", " ", (("a", "1.50"),)),
    )
    assert "leader-missing" in record.flags


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"{", "json-not-readable"),
        (b"{}", "json-no-fields"),
        (b'{"leader": "x", "fields": []}', "json-no-fields"),
        (b'{"fields": ' + b"[" * 100_000, "json-not-readable"),
        (b'{"fields": "\xff"}', "json-not-readable"),
    ],
)
def test_json_that_holds_nothing(payload: bytes, code: str) -> None:
    with pytest.raises(Unreadable, match=code):
        decode_marc_json(payload)


LINES = r"""=LDR  00000nam\a2200000\a\4500
=001  1
=008  240101s2020\\\\vm\
=245  10$aTruyện Kiều$cNguyễn Du
=500  \\$aGiá {dollar}5 {lcub}x{rcub} và
một dòng nữa
=700  1\$aChe{circ}{acute} Lan Vi{circ}en {x}
=710  2\
"""


def test_lines() -> None:
    record = decode_lines(LINES.encode())
    assert record == MarcRecord(
        "00000nam a2200000 a 4500",
        (("001", "1"), ("008", "240101s2020    vm ")),
        (
            ("245", "1", "0", (("a", "Truyện Kiều"), ("c", "Nguyễn Du"))),
            ("500", " ", " ", (("a", "Giá $5 {x} và một dòng nữa"),)),
            ("700", "1", " ", (("a", record.fields[2][3][0][1]),)),
        ),
        (),
    )
    assert decode_lines(LINES.replace("\n", "\r\n").encode("utf-8-sig")) == record
    found = normalise(LINES.encode(), "mrk", PROFILES["marc21"]).bib
    assert found is not None
    assert found.year == 2020


def test_mnemonics_of_marks_stand_before_their_letter() -> None:
    record = decode_lines(b"=245  00$aTh{acute}uy Ki{grave}eu {dstrok}{Uhorn}{acute}{uhorn} {unknown}")
    found = normalise(to_marc_json(record), "marc-json", PROFILES["marc21"]).bib
    assert found is not None
    assert found.title.main == "Thúy Kièu đƯứ {unknown}"


def test_lines_in_an_old_encoding() -> None:
    payload = "=245  00$aTruyÖn KiÒu".encode("latin-1")
    assert decode_lines(payload).flags == ("encoding-invalid", "leader-repaired")
    found = normalise(payload, "mrk;encoding=tcvn3", PROFILES["marc21"]).bib
    assert found is not None
    assert found.title.main == "Truyện Kiều"


def test_lines_that_hold_nothing() -> None:
    for payload in (b"", b"text", b"=24", b"=LDR  00000nam a2200000 a 4500"):
        with pytest.raises(Unreadable, match="lines-no-fields"):
            decode_lines(payload)


def opac(record: bytes, syntax: str = "1.2.840.10003.5.10") -> bytes:
    inside = b64encode(record).decode()
    return (
        '<opacRecord xmlns="http://unioncat/opac/1">'
        f'<bibliographicRecord syntax="{syntax}" encoding="base64">{inside}</bibliographicRecord>'
        "<holdings><holding><localLocation>Kho A</localLocation></holding></holdings></opacRecord>"
    ).encode()


def test_opac_record_and_the_gate() -> None:
    secret = "Bí Mật"
    record = marc("245 10 $a Truyện Kiều", f"911 ## $a {secret}")
    profile = Profile(strip_tags=("911",), drop=(DropRule(field="926"),))
    admitted = Gate(profile).admit(RawRecord("1", None, False, opac(to_iso2709(record)), "opac"))
    assert isinstance(admitted, RawRecord)
    inside = b64decode(admitted.payload.split(b'encoding="base64">')[1].split(b"<")[0])
    assert secret.encode() not in inside
    result = normalise(admitted.payload, "opac", profile)
    assert result.bib is not None
    assert (result.bib.title.main, result.holdings[0].location) == ("Truyện Kiều", "Kho A")
    closed = marc("245 10 $a Truyện Kiều", "926 ## $a 1")
    assert Gate(profile).admit(RawRecord("1", None, False, opac(to_iso2709(closed)), "opac")) is None
    odd = Gate(profile).admit(RawRecord("1", None, False, b"<opacRecord/>", "opac"))
    assert isinstance(odd, Quarantined)


def test_holdings_beside_an_opac_record_are_asked_too() -> None:
    record, secret = to_iso2709(marc("245 10 $a Truyện Kiều")), "Bí Mật"
    holding = to_iso2709(marc("852 ## $a TV $x Bí Mật $p 1", leader="00000nx  a2200000zn 4500"))
    payload = opac(record).replace(
        b"</holdings>",
        b'<marcHoldingsRecord encoding="base64">' + b64encode(holding) + b"</marcHoldingsRecord></holdings>",
    )
    raw = RawRecord("1", None, False, payload, "opac")
    admitted = Gate(Profile(strip_tags=("852$x", "localLocation"))).admit(raw)
    assert isinstance(admitted, RawRecord)
    kept = b64decode(admitted.payload.split(b'encoding="base64">')[2].split(b"<")[0])
    assert b"TV" in kept
    assert secret.encode() not in kept
    assert b"Kho A" not in admitted.payload
    assert Gate(Profile(drop=(DropRule(field="852", code="x"),))).admit(raw) is None
    assert Gate(Profile(drop=(DropRule(field="926"),))).admit(raw) is raw


def test_dividing_a_file() -> None:
    iso = to_iso2709(RECORD)
    lines = LINES.encode()
    assert [form for _, form in divide(iso + b"\n" + iso)] == ["iso2709"] * 2
    assert [form for _, form in divide(lines + b"\n" + lines)] == ["mrk"] * 2
    one = to_marc_json(RECORD)
    assert [piece for piece, _ in divide(one)] == [one]
    assert len(list(divide(one + b"\n" + one))) == 2
    assert len(list(divide(b"[" + one + b"," + one + b"]"))) == 2
    rows = list(divide("Nhan đề;Năm\nA;2001\n;\n".encode(), table=True))
    assert [json.loads(piece) for piece, _ in rows] == [{"Nhan đề": "A", "Năm": "2001"}]
    xml = b"<collection><record/><record/></collection>"
    assert len(list(divide(xml))) == 2
    with pytest.raises(Unreadable, match="format-unknown"):
        list(divide(b"<html/>"))


def test_records_that_lost_their_ends_are_cut_at_the_next_leader() -> None:
    iso = to_iso2709(RECORD)
    joined = iso[:-1] + iso[:-1] + b"\r\n" + iso
    assert [piece for piece, _ in divide(joined)] == [iso[:-1], iso[:-1], iso[:-1]]
