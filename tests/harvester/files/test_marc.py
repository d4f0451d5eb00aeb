"""MARC in every wrapping: damage costs its own record, never its neighbours."""

import json
from pathlib import Path

import pytest

from tests.harvester.files.support import book, brought, marc
from tests.support.data import DATA, needs_data


def test_reading_picks_up_again_after_a_missing_record_end(tmp_path: Path) -> None:
    found = brought(tmp_path, book(1)[:-1] + book(2) + book(3))
    assert found.ids == ["k1", "k2", "k3"]
    assert found.aside == []


def test_wrong_lengths_and_padding_cost_nothing(tmp_path: Path) -> None:
    wrong = b"99999" + book(2)[5:]
    found = brought(tmp_path, book(1) + b"\r\n" + wrong + b"\n\n" + book(3) + b"\x1a")
    assert found.ids == ["k1", "k2", "k3"]


def test_rubbish_between_records_is_put_aside(tmp_path: Path) -> None:
    found = brought(tmp_path, book(1) + b"no record at all\x1d" + book(2))
    assert found.ids == ["k1", "k2"]
    assert found.codes == ["iso2709-no-fields"]


def test_a_file_that_is_cut_off_says_so(tmp_path: Path) -> None:
    found = brought(tmp_path, book(1) + book(2)[:-12])
    assert found.ids == ["k1"]
    assert found.codes == ["record-cut-off"]


def test_a_record_beyond_the_limit_of_iso_2709_is_read(tmp_path: Path) -> None:
    long = book(1)[:-1] + b"x" * 150_000 + b"\x1e\x1d"
    assert brought(tmp_path, long + book(2)).ids == ["k1", "k2"]


def test_records_without_a_number_are_told_apart_and_copies_counted(tmp_path: Path) -> None:
    one, two = marc(("245", "00$aA")), marc(("245", "00$aB"))
    found = brought(tmp_path, one + two + one)
    assert len(set(found.ids)) == 3
    assert found.ids[2] == found.ids[0] + "~2"
    assert brought(tmp_path, two + one + one).ids[1:] == [found.ids[0], found.ids[2]]


def test_the_same_record_twice_counts_once_and_another_of_that_number_is_kept(tmp_path: Path) -> None:
    found = brought(tmp_path, book(1) + book(1) + book(1, "Khác"))
    assert found.ids == ["k1", "k1~2"]


def test_a_number_may_come_from_a_field_that_the_person_names(tmp_path: Path) -> None:
    data = marc(("020", "  $a17"), ("245", "00$aA")) + marc(("020", "  $a18"), ("245", "00$aB"))
    assert brought(tmp_path, data, id_column="020a").ids == ["17", "18"]


def test_unimarc_is_recognised(tmp_path: Path) -> None:
    data = marc(("001", "u1"), ("200", "1 $aTitre")) + marc(("001", "u2"), ("200", "1 $aAutre"))
    assert [one.format for one in brought(tmp_path, data).records] == ["unimarc", "unimarc"]


def isis(number: int) -> bytes:
    """A record as WinISIS exports it: `#` at the ends, lines of 80 characters."""
    plain = marc(("001", f"{number}"), ("024", f"^aSách số {number} với nhan đề khá dài để xuống dòng"))
    body = plain.replace(b"\x1e", b"#").replace(b"\x1d", b"#")
    return b"".join(body[at : at + 80] + b"\r\n" for at in range(0, len(body), 80))


def test_isis_files_get_the_usual_framing(tmp_path: Path) -> None:
    found = brought(tmp_path, isis(1) + isis(2) + isis(3))
    assert found.look.kind == "isis"
    assert found.ids == ["1", "2", "3"]
    assert all(one.payload.endswith(b"\x1d") and one.payload.count(b"\x1e") == 3 for one in found.records)
    assert "^aSách số 2 với".encode() in found.records[1].payload


def test_broken_json_costs_itself_only(tmp_path: Path) -> None:
    good = [json.dumps({"leader": "0", "fields": [{"001": f"j{n}"}]}) for n in range(3)]
    found = brought(tmp_path, f"[{good[0]}, {good[1][:-3]}, {good[2]}]".encode())
    assert found.ids == ["j0", "j2"]
    assert found.codes == ["json-broken"]
    found = brought(
        tmp_path, "\n".join([good[0], '{"no": "marc", "leader": 1}', '{"x": 1}', good[1]]).encode()
    )
    assert found.ids[0] == "j0"
    assert found.ids[-1] == "j1"
    assert "json-not-marc" in found.codes


def test_broken_xml_costs_itself_only(tmp_path: Path) -> None:
    def record(n: int, text: str) -> str:
        return (
            "<marc:record><marc:leader>00000nam a22</marc:leader>"
            f'<marc:controlfield tag="001">x{n}</marc:controlfield>'
            f'<marc:datafield tag="245" ind1="0" ind2="0"><marc:subfield code="a">{text}</marc:subfield>'
            "</marc:datafield></marc:record>"
        )

    bodies = [
        record(1, "A &amp; B"),
        record(2, "C & D"),
        record(3, "E\x1fF"),
        record(4, "&eacute;t&eacute;"),
        record(5, "G").replace("</marc:record>", ""),
        record(6, "H"),
        record(7, "<b>"),
    ]
    head = '<marc:collection xmlns:marc="http://www.loc.gov/MARC21/slim">'
    found = brought(tmp_path, (head + "".join(bodies) + "</marc:collection>").encode())
    assert [one for one in found.ids if one in ("x1", "x2", "x3", "x4", "x6")] == [
        "x1",
        "x2",
        "x3",
        "x4",
        "x6",
    ]
    assert "été" in found.records[3].payload.decode()
    assert all(b'xmlns:marc="http://www.loc.gov/MARC21/slim"' in one.payload for one in found.records)


def test_no_doctype_is_ever_obeyed(tmp_path: Path) -> None:
    bomb = (
        '<!DOCTYPE c [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        '<collection><record><controlfield tag="001">1</controlfield><datafield tag="245">'
        '<subfield code="a">&b;&f;T</subfield></datafield></record></collection>'
    )
    found = brought(tmp_path, bomb.encode())
    text = b"".join(one.payload for one in found.records).decode()
    assert "root:" not in text
    assert "aaaa" not in text


def test_deletions_in_a_saved_oai_answer_are_deletions(tmp_path: Path) -> None:
    answer = (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
        '<record><header status="deleted"><identifier>oai:a:1</identifier></header></record>'
        "<record><header><identifier>oai:a:2</identifier></header><metadata>"
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A</dc:title></oai_dc:dc></metadata></record>'
        "</ListRecords></OAI-PMH>"
    )
    found = brought(tmp_path, answer.encode())
    assert [(one.local_id, one.deleted) for one in found.records] == [("oai:a:1", True), ("oai:a:2", False)]
    assert found.records[1].payload.startswith(b"<oai_dc:dc")


@needs_data
@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "records", "aside", "encoding"),
    [
        ("marc/loc-vietnam-135.utf8.mrc", 135, 0, "nfd"),
        ("marc/koha-sample.marcxml.gz", 436, 0, "utf-8"),
        ("marc/evergreen-concerto.marcxml.gz", 244, 0, "utf-8"),
        ("marc/kyushu-a.marcxml.gz", 440, 0, "utf-8"),
        ("unimarc/bnf-1000.utf8.mrc.gz", 1000, 0, "utf-8"),
        ("unimarc/short.bnr.1993.mrc", 10, 0, "utf-8-twice"),
        ("dc/caltech.oai_dc.xml.gz", 100, 0, "utf-8"),
        ("dc/pitt-dscholarship.oai_dc.xml.gz", 1999, 1, "utf-8"),
        ("broken/catmandu-marc/bu_bibs.mrc", 100, 0, None),
    ],
)
def test_real_files(tmp_path: Path, name: str, records: int, aside: int, encoding: str | None) -> None:
    if not (DATA / name).is_file():
        pytest.skip(f"{name} is not there")
    found = brought(tmp_path, (DATA / name).read_bytes())
    assert (len(found.records), len(found.aside)) == (records, aside)
    assert encoding in (None, found.look.encoding)
    assert len(set(found.ids)) == records
