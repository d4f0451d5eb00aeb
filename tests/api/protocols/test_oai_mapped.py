"""The repository in one file, against the one in memory as the model."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.protocols.serving import NOW, SECRET, Asker, application, marc
from unioncat_api.protocols.oaipmh import (
    MARCXML,
    Identity,
    Key,
    MappedRepository,
    MemoryRepository,
    Provider,
    Selection,
    StoredItem,
    build_mapped,
)

IDENTITY = Identity("X", "http://testserver/oai", ("a@example.org",), "2025-01-01T00:00:00Z")


def rows(count):
    for number in range(count):
        stamp = f"2025-01-{number % 5 + 1:02}T00:00:00Z"
        yield f"oai:đ.example:{number}", stamp, number % 7 == 3, marc(number)


@pytest.fixture
def pair(tmp_path):
    memory = MemoryRepository(IDENTITY, (MARCXML,))
    memory.put(
        StoredItem(name, stamp, deleted, metadata=() if deleted else (("marc21", xml),))
        for name, stamp, deleted, xml in rows(200)
    )
    assert build_mapped(tmp_path / "records", rows(200)) == 200
    mapped = MappedRepository(tmp_path / "records", IDENTITY, MARCXML)
    yield memory, mapped
    mapped.close()


@pytest.mark.parametrize(
    "query",
    [
        "verb=ListRecords&metadataPrefix=marc21",
        "verb=ListIdentifiers&metadataPrefix=marc21&from=2025-01-02&until=2025-01-03",
        "verb=ListIdentifiers&metadataPrefix=marc21&from=2026-01-02",
        "verb=ListRecords&metadataPrefix=oai_dc",
        "verb=GetRecord&metadataPrefix=marc21&identifier=oai:đ.example:17",
        "verb=GetRecord&metadataPrefix=marc21&identifier=oai:đ.example:3",
        "verb=GetRecord&metadataPrefix=marc21&identifier=none",
        "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:đ.example:17",
        "verb=ListMetadataFormats",
        "verb=ListMetadataFormats&identifier=none",
        "verb=ListSets",
    ],
)
def test_both_repositories_answer_alike(pair, query):
    memory, mapped = (Asker(application(each)) for each in pair)
    texts = [[page.xpath("string()") for page in each.pages(query)] for each in (memory, mapped)]
    assert texts[0] == texts[1]


@given(
    since=st.none()
    | st.sampled_from(["2025-01-02T00:00:00Z", "2025-01-03T00:00:01Z", "2030-01-01T00:00:00Z"]),
    until=st.none()
    | st.sampled_from(["2025-01-02T00:00:00Z", "2025-01-04T23:59:59Z", "2001-01-01T00:00:00Z"]),
    after=st.none() | st.tuples(st.integers(1, 6), st.text(max_size=18)),
    limit=st.integers(1, 60),
)
@settings(max_examples=80, deadline=None)
def test_pages_and_counts_are_alike(tmp_path_factory, since, until, after, limit):
    path = tmp_path_factory.getbasetemp() / "model"
    if not path.exists():
        build_mapped(path, rows(60))
    memory = MemoryRepository(IDENTITY, (MARCXML,))
    memory.put(
        StoredItem(name, stamp, deleted, metadata=() if deleted else (("marc21", xml),))
        for name, stamp, deleted, xml in rows(60)
    )
    mapped = MappedRepository(path, IDENTITY, MARCXML)
    selection = Selection("marc21", since, until)
    key = Key(f"2025-01-{after[0]:02}T00:00:00Z", after[1]) if after else None
    pages = [asyncio.run(each.page(selection, key, limit)) for each in (memory, mapped)]
    counts = [asyncio.run(each.count(selection)) for each in (memory, mapped)]
    mapped.close()
    assert list(pages[0]) == list(pages[1])
    assert counts[0] == counts[1]


def test_repeated_identifiers_are_refused_and_leave_nothing(tmp_path):
    with pytest.raises(ValueError, match="repeat"):
        build_mapped(tmp_path / "records", [*rows(3), *rows(1)])
    assert list(tmp_path.iterdir()) == []


def test_broken_xml_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="metadata are"):
        build_mapped(tmp_path / "records", [("a", "2025-01-01T00:00:00Z", False, b"<a>")])
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "other").write_bytes(b"something else" + bytes(8))
    with pytest.raises(ValueError, match="no file of OAI records"):
        MappedRepository(tmp_path / "other", IDENTITY, MARCXML)


def test_an_empty_file_serves(tmp_path):
    assert build_mapped(tmp_path / "records", []) == 0
    mapped = MappedRepository(tmp_path / "records", IDENTITY, MARCXML)
    assert Asker(application(mapped)).code("verb=ListRecords&metadataPrefix=marc21") == "noRecordsMatch"
    mapped.close()


def test_rate_of_pages(tmp_path, record_property, capsys):
    """Prints how many records one core gives at 500 a page; the floor leaves room for a busy machine."""
    import re
    import time

    xml = marc(1, "x" * 2600)
    build_mapped(
        tmp_path / "records", ((name, stamp, gone, xml) for name, stamp, gone, _ in rows(15_000)), check=False
    )
    mapped = MappedRepository(tmp_path / "records", IDENTITY, MARCXML)
    provider = Provider(SECRET, page_size=500)

    async def harvest() -> int:
        count, query = 0, b"verb=ListRecords&metadataPrefix=marc21"
        while query:
            answer = await provider.answer(mapped, [query], NOW)
            count += answer.count(b"<header")
            token = re.search(rb"<resumptionToken[^>]*>([^<]+)<", answer[-1000:])
            query = b"verb=ListRecords&resumptionToken=" + token[1] if token else b""
        return count

    begin = time.process_time()
    count = asyncio.run(harvest())
    rate = count / (time.process_time() - begin)
    mapped.close()
    with capsys.disabled():
        print(f"\nOAI-PMH provider: {rate:,.0f} records/s of {len(xml):,} bytes on one core")
    record_property("records_per_second", round(rate))
    assert count == 15_000
    assert rate > 15_000
