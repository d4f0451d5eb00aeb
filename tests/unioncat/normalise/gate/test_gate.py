"""What a profile shuts out is in no byte of what the gate lets through; what cannot be told stays out."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unioncat.normalise.records import marc, to_iso2709
from unioncat.domain.source import DropRule, Profile, Quarantined, RawRecord
from unioncat.normalise import MarcRecord, decode_iso2709, normalise, to_marcxml
from unioncat.normalise.gate import Gate
from unioncat.normalise.marcjson import to_marc_json

STAFF = Profile(
    "own",
    drop=(DropRule(field="926", unless=("0",)),),
    strip_tags=("911", "912", "952$x", "provenance", "Người nhập"),
)
SECRET = "Bí Mật"


def raw(payload: bytes, format: str = "marc21", sets: tuple[str, ...] | None = None) -> RawRecord:
    return RawRecord("1", None, False, payload, format, sets)


def lines(record: MarcRecord) -> bytes:
    rows = [f"=LDR  {record.leader}"] + [f"={tag}  {value}" for tag, value in record.controls]
    for tag, first, second, subfields in record.fields:
        body = "".join(f"${code}{value}" for code, value in subfields)
        rows.append(f"={tag}  {first}{second}".replace(" ", "\\").replace("\\\\", "  ", 1) + body)
    return ("\n".join(rows) + "\n").encode()


def prefixed(record: MarcRecord) -> bytes:
    inside = to_marcxml(record).decode().partition(">")[2]
    for name in ("record", "leader", "controlfield", "datafield", "subfield"):
        inside = inside.replace(f"<{name}", f"<m:{name}").replace(f"</{name}", f"</m:{name}")
    return f'<?xml version="1.0"?>\n<m:record xmlns:m="info:lc/xmlns/marcxchange-v1">{inside}'.encode()


WRITERS = {
    "xml": to_marcxml,
    "prefixed": prefixed,
    "iso2709": to_iso2709,
    "json": to_marc_json,
    "lines": lines,
}

plain = st.text("abcĐđăệ &<>.,=/", min_size=1, max_size=12)
names = st.text("XYZỬỮ", min_size=3, max_size=9).map(lambda text: f"Q{text}Q")


@given(
    st.sampled_from(sorted(WRITERS)),
    names,
    st.lists(st.tuples(st.sampled_from(["245", "500", "700", "852"]), plain), min_size=1, max_size=5),
    st.lists(st.tuples(st.sampled_from(["911", "912", "952", "880"]), st.integers(0, 5)), min_size=1),
)
@settings(deadline=None, max_examples=300)
def test_no_admitted_byte_holds_what_a_rule_names(
    writer: str, name: str, open_fields: list[tuple[str, str]], staff: list[tuple[str, int]]
) -> None:
    fields = [(tag, " ", " ", (("a", value),)) for tag, value in open_fields]
    for tag, at in staff:
        subfields = {
            "952": (("p", "VV1"), ("x", name)),
            "880": (("6", "911-01"), ("a", name)),
        }.get(tag, (("a", name), ("b", name)))
        fields.insert(min(at, len(fields)), (tag, " ", " ", subfields))
    record = MarcRecord("00000nam a2200000 a 4500", (("001", "1"),), tuple(fields))
    payload = WRITERS[writer](record)
    assert name.encode() in payload
    admitted = Gate(STAFF).admit(raw(payload))
    assert isinstance(admitted, RawRecord)
    assert name.encode() not in admitted.payload
    if any(tag == "880" for tag, _ in staff):
        return
    before, after = (normalise(one, "marc21", Profile()) for one in (payload, admitted.payload))
    assert before == after


@given(st.sampled_from(sorted(WRITERS)), st.sampled_from(["1", "", "00", "Mật", "0 "]))
def test_access_level(writer: str, level: str) -> None:
    record = marc("245 10 $a Sách", "926 ## $a x")
    record = record._replace(fields=(record.fields[0], ("926", " ", " ", (("a", level),))))
    admitted = Gate(STAFF).admit(raw(WRITERS[writer](record)))
    assert (admitted is None) == (level.strip() != "0")


def test_open_record_passes_byte_for_byte() -> None:
    for writer in WRITERS.values():
        record = raw(writer(marc("245 10 $a Sách $c Tác giả", "926 ## $a 0")))
        assert Gate(STAFF).admit(record) is record
    assert not Gate(Profile()).active
    broken = raw(b"<record")
    assert Gate(Profile()).admit(broken) is broken


def test_only_what_is_named_is_cut_out_of_the_bytes() -> None:
    payload = (
        b'\xef\xbb\xbf<?xml version="1.0"?>\r\n<!-- B\xc3\xad M\xe1\xba\xadt --><record  >'
        b"<leader>00000nam a2200000 a 4500</leader>\n"
        b"<datafield ind1=' ' ind2=' ' tag='&#57;11'><subfield code='a'>x</subfield></datafield >\r\n"
        b"<datafield tag = '245'><subfield code='a'>A &amp; B<![CDATA[<c>]]></subfield></datafield>"
        b"<datafield tag='912'/><controlfield tag='911'>x</controlfield></record>\n<?x y?>"
    )
    admitted = Gate(STAFF).admit(raw(payload))
    assert isinstance(admitted, RawRecord)
    assert admitted.payload == (
        b'\xef\xbb\xbf<?xml version="1.0"?>\r\n<record  ><leader>00000nam a2200000 a 4500</leader>\n\r\n'
        b"<datafield tag = '245'><subfield code='a'>A &amp; B<![CDATA[<c>]]></subfield></datafield></record>"
        b"\n"
    )


def test_every_record_of_a_payload_is_asked() -> None:
    one, two = marc("245 10 $a Một"), marc("245 10 $a Hai", "926 ## $a 3")
    payload = b"<collection>" + to_marcxml(one) + to_marcxml(two) + b"</collection>"
    assert Gate(STAFF).admit(raw(payload)) is None


DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Sách</dc:title>'
    f"<dc:provenance>{SECRET} đã nhập</dc:provenance><dc:rights>Hạn chế truy cập</dc:rights></oai_dc:dc>"
)


def test_dublin_core() -> None:
    profile = Profile(strip_tags=("provenance",), drop=(DropRule(field="rights", pattern="nội bộ"),))
    admitted = Gate(profile).admit(raw(DC.encode()))
    assert isinstance(admitted, RawRecord)
    assert admitted.payload.decode() == DC.replace(f"<dc:provenance>{SECRET} đã nhập</dc:provenance>", "")
    closed = replace(profile, drop=(DropRule(field="rights", pattern="hạn\\s+chế"),))
    assert Gate(closed).admit(raw(DC.encode())) is None


ROW = {"Nhan đề": "Sách", "NGƯỜI NHẬP": SECRET, "Mức truy cập": "Nội bộ"}


def test_table() -> None:
    payload = json.dumps(ROW, ensure_ascii=False).encode()
    admitted = Gate(Profile(strip_tags=("Người nhập",))).admit(raw(payload, "table"))
    assert isinstance(admitted, RawRecord)
    assert json.loads(admitted.payload) == {"Nhan đề": "Sách", "Mức truy cập": "Nội bộ"}
    columns = (("mức truy cập", "access"),)
    for rule in (
        DropRule(field="Mức truy cập", equals=("nội bộ",)),
        DropRule(field="access", unless=("mở",)),
    ):
        assert Gate(Profile(columns=columns, drop=(rule,))).admit(raw(payload, "table")) is None


@pytest.mark.parametrize(
    ("rule", "out"),
    [
        (DropRule(sets=("noi_bo",)), True),
        (DropRule(sets=("noi",)), False),
        (DropRule(types="t"), False),
        (DropRule(types="at", levels="m"), True),
        (DropRule(levels="s"), False),
        (DropRule(field="502"), True),
        (DropRule(field="502", code="b"), False),
        (DropRule(field="502", code="b", unless=("x",)), True),
        (DropRule(field="001", equals=("1",)), True),
        (DropRule(field="245", pattern="^mật"), False),
        (DropRule(field="245", code="c", pattern="công an"), True),
        (DropRule(pattern="công an"), True),
        (DropRule(pattern="công an", types="a", sets=("noi_bo:luan-van",)), True),
        (DropRule(pattern="công an", types="t"), False),
        (DropRule(field="502", equals=("luận văn",)), True),
        (DropRule(field="506"), False),
    ],
)
def test_conditions(rule: DropRule, out: bool) -> None:
    record = marc("245 10 $a Đề tài MẬT $c Học viện Công an", "502 ## $a Luận văn")
    admitted = Gate(Profile(drop=(rule,))).admit(raw(to_marcxml(record), sets=("a", "noi_bo:luan-van")))
    assert (admitted is None) == out


GOOD = to_marcxml(marc("245 10 $a Sách"))
TWICE = to_iso2709(marc("245 10 $a Sách")) * 2


@pytest.mark.parametrize(
    ("payload", "format", "rule"),
    [
        pytest.param(GOOD[:-9], "marc21", DropRule(field="926"), id="cut-off"),
        pytest.param(b"<html><body/></html>", "marc21", DropRule(field="926"), id="html"),
        pytest.param(b"<!DOCTYPE r><record/>", "marc21", DropRule(field="926"), id="doctype"),
        pytest.param(DC.encode(), "oai_dc", DropRule(field="926"), id="marc-rule-for-dublin-core"),
        pytest.param(DC.encode(), "oai_dc", DropRule(types="t"), id="leader-of-dublin-core"),
        pytest.param(GOOD, "marc21", DropRule(field="rights"), id="element-rule-for-marc"),
        pytest.param(GOOD, "marc21", DropRule(sets=("a",)), id="sets-unknown"),
        pytest.param(b"Some text", "sutrs", DropRule(field="926"), id="text"),
        pytest.param(b"{", "marc-json", DropRule(field="926"), id="json"),
        pytest.param(b'{"a": [', "table", DropRule(field="a"), id="row"),
        pytest.param(b"no tag", "mrk", DropRule(field="926"), id="lines"),
        pytest.param(
            to_iso2709(marc("245 10 $a Sách"))[:-1].replace(b"245", b"2 5"), "iso2709", DropRule(field="926"),
            id="directory",
        ),
        pytest.param(b"24500\x1e\x1fS\xc3\xa1ch\x1e\x1d", "iso2709", DropRule(field="926"), id="no-fields"),
        pytest.param(TWICE, "iso2709", DropRule(field="926"), id="two-records"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_stays_out(payload: bytes, format: str, rule: DropRule) -> None:
    refused = Gate(Profile(drop=(rule,))).admit(raw(payload, format))
    assert isinstance(refused, Quarantined)
    assert refused.payload == b""
    assert refused.local_id == "1"
    assert "Sách" not in refused.detail


def test_bytes_outside_the_directory_do_not_pass() -> None:
    whole = to_iso2709(marc("245 10 $a Sách", f"911 ## $a {SECRET}", "500 ## $a Ghi chú"))
    at = whole.index(b"911")
    left = whole[:at] + whole[at + 12 :]  # the field is deleted, its text left behind, as some systems do
    left = left[:12] + b"%05d" % (int(left[12:17]) - 12) + left[17:]
    assert SECRET.encode() in left
    admitted = Gate(STAFF).admit(raw(left))
    assert isinstance(admitted, RawRecord)
    assert SECRET.encode() not in admitted.payload
    assert [field[0] for field in decode_iso2709(admitted.payload).fields] == ["245", "500"]
    assert "directory-wrong" not in decode_iso2709(admitted.payload).flags


def test_directory_counted_in_characters_is_cut_too() -> None:
    good = to_iso2709(marc("245 10 $a Đỗ", f"911 ## $a {SECRET}", "500 ## $a Ghi chú"))
    pieces = [(b"001", 2), (b"245", 7), (b"911", 11), (b"500", 12)]
    at, directory = 0, b""
    for tag, length in pieces:
        directory += b"%s%04d%05d" % (tag, length, at)
        at += length
    admitted = Gate(STAFF).admit(raw(good[:24] + directory + good[24 + 48 :]))
    assert isinstance(admitted, RawRecord)
    assert SECRET.encode() not in admitted.payload
    assert [field[0] for field in decode_iso2709(admitted.payload).fields] == ["245", "500"]


def test_a_record_larger_than_its_lengths_can_say() -> None:
    record = marc("245 10 $a Sách", f"911 ## $a {SECRET}", *[f"500 ## $a {'dài ' * 900}"] * 40)
    admitted = Gate(STAFF).admit(raw(to_iso2709(record)))
    assert isinstance(admitted, RawRecord)
    assert SECRET.encode() not in admitted.payload
    assert len(decode_iso2709(admitted.payload).fields) == 41


def test_deleted_records_pass_without_content() -> None:
    gone = RawRecord("1", "2024-01-01", True, b"", "marc21")
    assert Gate(STAFF).admit(gone) is gone
    assert Gate(STAFF).admit(replace(gone, payload=b"x")) == gone


def test_empty_records_pass_unless_their_set_is_shut() -> None:
    empty = raw(b" ", sets=("a:b",))
    assert Gate(STAFF).admit(empty) is empty
    assert Gate(Profile(drop=(DropRule(sets=("a",)),))).admit(empty) is None


def test_pieces_that_were_put_aside_lose_their_bytes() -> None:
    piece = Quarantined("1", "header-missing", "no header", SECRET.encode())
    assert Gate(STAFF).quarantined(piece).payload == b""
    assert Gate(Profile()).quarantined(piece) is piece


@given(st.binary(max_size=200), st.sampled_from(["marc21", "iso2709", "mrk", "table", "marc-json", "sutrs"]))
def test_any_bytes(payload: bytes, format: str) -> None:
    admitted = Gate(STAFF).admit(raw(payload, format))
    assert not (isinstance(admitted, Quarantined) and admitted.code == "gate-fault")
