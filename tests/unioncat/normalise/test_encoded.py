"""Records in old encodings: read as the profile or the file's decision says; single remains only compared."""

import json
from dataclasses import replace

import pytest

from unioncat.domain.bib import BibRecord
from unioncat.domain.source import Protocol, Source
from unioncat.matching import extract
from unioncat.normalise import PROFILES, normalise, profile_for
from unioncat.normalise.marcxml import to_marcxml
from unioncat.normalise.record import MarcRecord
from unioncat.store.codec import pack, unpack
from unioncat.text.encodings import encode, restore

TITLE, AUTHOR, PUBLISHER = "Trường Đại học đường phố", "Nguyễn Nhật Ánh", "Nhà xuất bản Trẻ"
LEADER = "00000nam a2200000 a 4500"
DUBLIN_CORE = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>{}</dc:title><dc:creator>{}</dc:creator><dc:publisher>{}</dc:publisher></oai_dc:dc>"
)


def fields(written: "list[str]") -> MarcRecord:
    title, author, publisher = written
    return MarcRecord(
        LEADER,
        (("001", "1"),),
        (
            ("100", "1", " ", (("a", author),)),
            ("245", "1", "0", (("a", f"{title} /"), ("c", author))),
            ("260", " ", " ", (("a", "H. :"), ("b", f"{publisher},"), ("c", "2001"))),
        ),
    )


def marcxml(texts: "list[str]") -> bytes:
    return to_marcxml(fields(texts))


def iso2709(texts: "list[bytes]") -> bytes:
    title, author, publisher = texts
    bodies = [
        ("001", b"1"),
        ("100", b"1 \x1fa" + author),
        ("245", b"10\x1fa" + title),
        ("260", b"  \x1fa" + b"H. :\x1fb" + publisher + b"\x1fc2001"),
    ]
    directory, body = b"", b""
    for tag, data in bodies:
        directory += f"{tag}{len(data) + 1:04}{len(body):05}".encode()
        body += data + b"\x1e"
    base = 24 + len(directory) + 1
    leader = f"{base + len(body) + 1:05}nam  22{base:05} a 4500".encode()
    return leader + directory + b"\x1e" + body + b"\x1d"


def bib_of(payload: bytes, format: str = "marc21", encoding: str = "auto") -> BibRecord:
    found = normalise(payload, format, replace(PROFILES["marc21"], encoding=encoding))
    assert found.bib is not None, found.problems
    return found.bib


def says_all(bib: BibRecord) -> None:
    assert bib.title.main == TITLE
    assert bib.agents[0].name.lower() == AUTHOR.lower()
    assert bib.imprints[0].publishers == (PUBLISHER,)


TEXTS = [TITLE, AUTHOR, PUBLISHER]


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "utf-8-twice", "viscii", "cp1258", "vps", "marc-8"])
def test_text_of_xml_is_repaired_as_the_profile_says(encoding: str) -> None:
    written = [restore(text, encoding) for text in TEXTS]
    if any(sign < " " for text in written for sign in text):
        pytest.skip("XML cannot hold the control characters of this encoding")
    for payload in (marcxml(written), DUBLIN_CORE.format(*written).encode()):
        bib = bib_of(payload, encoding=encoding)
        says_all(bib)
        assert bib.legible is None


@pytest.mark.parametrize("encoding", ["tcvn3", "tcvn5712", "vni", "viscii", "cp1258", "vps", "marc-8"])
def test_bytes_of_iso2709_are_decoded_as_the_profile_says(encoding: str) -> None:
    says_all(bib_of(iso2709([encode(text, encoding) for text in TEXTS]), "iso2709", encoding))


def test_vietnamese_marc8_needs_no_word_from_anybody() -> None:
    says_all(bib_of(iso2709([encode(text, "marc-8") for text in TEXTS]), "iso2709"))


def test_surface_in_utf8_inside_iso2709() -> None:
    says_all(bib_of(iso2709([restore(text, "tcvn3").encode() for text in TEXTS]), "iso2709", "tcvn3"))


def test_the_decision_on_a_file_goes_with_its_records() -> None:
    record = {
        "leader": LEADER,
        "fields": [
            {"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": restore(TITLE, "vni")}]}},
            {"100": {"ind1": "1", "ind2": " ", "subfields": [{"a": restore(AUTHOR, "vni")}]}},
            {"260": {"ind1": " ", "ind2": " ", "subfields": [{"b": restore(PUBLISHER, "vni")}]}},
        ],
    }
    says_all(bib_of(json.dumps(record).encode(), "marc-json;encoding=vni"))


def test_a_source_may_name_the_encoding() -> None:
    source = Source("s", "l", Protocol.OAI_PMH, "http://example.org/", options=(("encoding", "tcvn3"),))
    found = normalise(marcxml([restore(text, "tcvn3") for text in TEXTS]), "marc21", profile_for(source))
    assert found.bib is not None
    says_all(found.bib)


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "utf-8-twice"])
def test_remains_in_one_record_are_compared_as_meant_and_shown_as_they_are(encoding: str) -> None:
    written = [restore(text, encoding) for text in TEXTS]
    for payload in (marcxml(written), DUBLIN_CORE.format(*written).encode()):
        bib = bib_of(payload)
        assert bib.title.main != TITLE
        assert f"encoding-residue-{encoding}" in bib.flags
        assert bib.legible is not None
        says_all(bib.legible)
        good = extract(bib_of(marcxml(TEXTS)))
        facts = extract(bib)
        assert (facts.title, facts.people, facts.publishers) == (good.title, good.people, good.publishers)
        assert unpack(pack(bib), BibRecord) == bib


def test_identifiers_that_are_not_believed_stay_out_of_the_facts_of_remains() -> None:
    bib = bib_of(marcxml([restore(text, "vni") for text in TEXTS]))
    assert extract(replace(bib, identifiers=())).isbns == ()


@pytest.mark.parametrize(
    "texts",
    [
        TEXTS,
        ["Les misérables : édition intégrale", "Victor Hugo", "Éditions de la Pléiade"],
        ["Über größere Brücken", "Heinrich Böll", "Köln Verlag für Bücher"],
        ["Toán", "Hoàng", "Trẻ"],
    ],
)
def test_good_records_carry_nothing_more(texts: "list[str]") -> None:
    bib = bib_of(marcxml(texts))
    assert bib.legible is None
    assert not any("residue" in flag for flag in bib.flags)
