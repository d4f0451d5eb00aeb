"""No bytes whatever make the normaliser raise, and real data of many libraries come through."""

import gzip
import lzma
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import islice
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.support.data import DATA, needs_data
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

GOLDEN = sorted((Path(__file__).parents[2] / "golden" / "normalise").glob("*.xml"))
texts = st.one_of(st.text(max_size=30), st.text(" :/;=,.[]()+-\\abNÀ\u030112", max_size=12))
subfields = st.lists(st.tuples(st.sampled_from("abcdenpqtuvxyz0123456789#"), texts), max_size=4).map(tuple)
TAGS = """
    010 020 022 024 028 035 041 082 090 100 110 245 246 250 260 264 300 337 338 490 500 502 505 520 600 650
    653 700 710 830 852 856 880 952 999
"""
tags = st.sampled_from(TAGS.split())
records = st.builds(
    MarcRecord,
    st.text("0123456789abcnms #|", min_size=24, max_size=24),
    st.lists(st.tuples(st.sampled_from(["001", "003", "007", "008"]), texts), max_size=3).map(tuple),
    st.lists(
        st.tuples(tags, st.sampled_from(" 0123"), st.sampled_from(" 01234567"), subfields), max_size=8
    ).map(tuple),
)

ELEMENTS = """
    title creator contributor subject date publisher identifier type language rights format relation coverage
    description alternative isPartOf extent spatial source
"""
elements = st.sampled_from(ELEMENTS.split())


def printable(text: str) -> str:
    """Leave out what no XML may hold."""
    return "".join(char for char in text if char.isprintable() or (char.isspace() and char >= " "))


def checked(payload: bytes, profile: str = "marc21") -> Normalised:
    """Normalise, and hold that there is a record or a problem that is no fault of ours."""
    result = normalise(payload, "marc21", PROFILES[profile])
    assert (result.bib is None) == bool(result.problems)
    assert "normaliser-fault" not in {problem.code for problem in result.problems}, result.problems
    return result


@given(st.binary())
@example(b"00000\x1e")
@example(b"00000nam a2200025 a 4500\x1e\x1d")
def test_any_bytes(payload: bytes) -> None:
    checked(payload)


@given(st.sampled_from(GOLDEN), st.data())
@settings(max_examples=200, deadline=None)
def test_mutated_xml(path: Path, data: st.DataObject) -> None:
    payload = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(payload) - 1))
        payload[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    checked(bytes(payload))


def strings(value: object) -> Iterator[str]:
    """Walk over all text in domain objects."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from strings(getattr(value, field.name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def assert_tidy(result: Normalised) -> None:
    """Hold what the domain promises of all text: NFC, no control characters, nothing empty or untrimmed."""
    for text in strings([result.bib, *result.holdings]):
        assert text
        assert text == text.strip(" ")
        assert unicodedata.is_normalized("NFC", text)
        assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in text)


TWO_EDITIONS = MarcRecord(
    "0" * 24,
    (),
    tuple((tag, " ", " ", ((code, "0"),)) for tag, code in (("245", "a"), ("250", "a"), ("250", "c"))),
)


@given(records, st.sampled_from(sorted(PROFILES)))
@example(TWO_EDITIONS, "koha")
@settings(max_examples=300, deadline=None)
def test_any_record(record: MarcRecord, profile: str) -> None:
    payload = to_marcxml(record)
    etree.fromstring(payload)
    result = checked(payload, profile)
    if result.bib is not None:
        assert_tidy(result)


@given(st.lists(st.tuples(elements, texts.map(printable)), max_size=8))
@settings(max_examples=300, deadline=None)
def test_any_dublin_core(values: list[tuple[str, str]]) -> None:
    inside = "".join(f"<dc:{name}>{escape(value)}</dc:{name}>" for name, value in values)
    payload = f'<oai_dc:dc xmlns:oai_dc="urn:x" xmlns:dc="http://purl.org/dc/terms/">{inside}</oai_dc:dc>'
    assert_tidy(checked(payload.encode()))


@given(st.binary(min_size=24))
def test_any_iso2709(payload: bytes) -> None:
    try:
        record = decode_iso2709(b"00000nam a2200025 a 4500" + payload)
    except Unreadable:
        return
    etree.fromstring(to_marcxml(record))


def raw(name: str) -> bytes:
    path = DATA / name
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def read_file(name: str, profile: str = "marc21") -> list[Normalised]:
    return [checked(piece, profile) for piece in split_iso2709(raw(name))]


@needs_data
@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "profile", "titles", "without"),
    [
        ("marc/loc-vietnam-135.utf8.mrc", "marc21", 135, 0),
        ("marc/vn-bachkhoa-koha-2018-24field-part5.mrc.gz", "koha", 4857, 3),
        ("marc/harvard-random-1000.mrc.gz", "marc21", 1000, 0),
        ("marc/lc-books-pre1900-2000.mrc.gz", "marc21", 2000, 0),
        ("marc/evergreen-laurentian-fre-500.mrc.gz", "marc21", 500, 0),
        ("marc/korean-880-815.mrc.gz", "marc21", 815, 0),
        ("marc/chinese-big5-639.mrc.gz", "marc21", 639, 0),
        ("unimarc/bnf-1000.utf8.mrc.gz", "unimarc", 1000, 0),
        ("unimarc/bnf-1000.iso5426.mrc.gz", "unimarc", 1000, 0),
        ("unimarc/serial.bnr.1993.mrc", "unimarc", 11, 0),
        ("unimarc/short.bnr.1993.mrc", "unimarc", 10, 0),
        ("unimarc/short.firenze.1977.mrc", "unimarc", 10, 0),
    ],
)
def test_files_of_libraries(name: str, profile: str, titles: int, without: int) -> None:
    results = read_file(name, profile)
    assert Counter(result.bib is not None for result in results) == Counter({True: titles, False: without})


@needs_data
@pytest.mark.data
def test_vietnamese_of_the_library_of_congress_is_composed() -> None:
    results = read_file("marc/loc-vietnam-135.utf8.mrc")
    mains = {result.bib.title.main for result in results if result.bib}
    assert "Thơ Chế Lan Viên, những lời bình" in mains
    publishers = {name for r in results if r.bib for imprint in r.bib.imprints for name in imprint.publishers}
    assert "Nhà xuất bản Quân đội nhân dân" in publishers
    assert not any("\u0300" <= char <= "\u0323" for main in mains for char in main)


@needs_data
@pytest.mark.data
def test_three_serialisations_give_one_result() -> None:
    marc8 = read_file("marc/gpo-nist-sp.marc8.mrc.gz")
    utf8 = read_file("marc/gpo-nist-sp.utf8.mrc.gz")
    root = etree.fromstring(raw("marc/gpo-nist-sp.marcxml.gz"))
    xml = [checked(etree.tostring(element)) for element in root.iter("{*}record")]
    assert len(marc8) == len(utf8) == len(xml) == 752
    alike = [
        len({(r.bib.title, r.bib.agents, r.bib.imprints) for r in triple if r.bib}) == 1
        for triple in zip(marc8, utf8, xml, strict=True)
    ]
    # Three records were damaged by the converter that made the files: their bytes say different things.
    assert alike.count(False) == 3


@needs_data
@pytest.mark.data
def test_marcxchange_with_holdings_records() -> None:
    root = etree.fromstring(raw("marc/bibsys-oai-89.marcxml.gz"))
    results = [checked(etree.tostring(element[0])) for element in root.iter("{*}metadata")]
    assert len(results) == 7
    assert all(result.bib and result.holdings for result in results)


@needs_data
@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "count"), [("dc/caltech.oai_dc.xml.gz", 100), ("dc/uic.oai_qdc.xml.gz", 255)]
)
def test_dublin_core_of_repositories(name: str, count: int) -> None:
    root = etree.fromstring(raw(name))
    results = [checked(etree.tostring(element[0])) for element in root.iter("{*}metadata")]
    assert [result.bib is not None for result in results] == [True] * count


@needs_data
@pytest.mark.data
@pytest.mark.parametrize("folder", ["pymarc", "ruby-marc", "marc-perl", "catmandu-marc"])
def test_broken_files(folder: str) -> None:
    decoded = 0
    for path in sorted((DATA / "broken" / folder).iterdir()):
        data = path.read_bytes()
        checked(data)
        for piece in split_iso2709(data):
            try:
                record = decode_iso2709(piece)
            except Unreadable:
                continue
            decoded += 1
            checked(to_marcxml(record))
    assert decoded > 5


@needs_data
@pytest.mark.data
def test_a_damaged_record_costs_only_itself() -> None:
    results = read_file("broken/catmandu-marc/bu_bibs.mrc")
    assert len(results) == 100
    assert all(result.bib for result in results)


@needs_data
@pytest.mark.data
def test_first_thousand_of_the_large_file() -> None:
    with lzma.open(DATA / "marc" / "loc-booksall-2016-part01.utf8.mrc.xz") as file:
        data = file.read(1_500_000)
    pieces = list(islice(split_iso2709(data), 1000))
    results = [checked(to_marcxml(decode_iso2709(piece))) for piece in pieces]
    assert all(result.bib for result in results)
    assert sum(result.bib.year is not None for result in results if result.bib) >= 990
