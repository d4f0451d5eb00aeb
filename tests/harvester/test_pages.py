"""Reading pages: never less than was sent, exact bytes, namespaces, encodings, flat memory."""

import io
import subprocess
import sys
import textwrap
import time
from xml.parsers.expat import ParserCreate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.harvester import servers as s
from tests.support.data import DATA, needs_data
from unioncat.domain.source import Quarantined, RawRecord
from unioncat_harvester.markup.page import Reading
from unioncat_harvester.readers.oaipmh.cut import batches
from unioncat_harvester.readers.oaipmh.scan import read
from unioncat_harvester.transport import Refused, Unusable

PAGE = s.page_text(2).encode()


@pytest.fixture(autouse=True)
def _even_empty_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records without text are told elsewhere (test_hollow); here any bytes will do."""
    monkeypatch.setattr("unioncat_harvester.readers.oaipmh.cut.is_hollow", lambda payload: False)


def reading(page: bytes | str, verb: str = "ListRecords", encoding: str | None = None) -> Reading:
    data = page.encode() if isinstance(page, str) else page
    return read(io.BytesIO(data), verb, encoding)


def records(page: bytes | str, encoding: str | None = None) -> list[RawRecord | Quarantined]:
    result = reading(page, encoding=encoding)
    found: list[RawRecord | Quarantined] = []
    for batch in batches(result.body, result.scanned, "marc21"):
        found += [*batch.records, *batch.quarantined]
    assert len(found) == result.scanned.received
    return found


def payload(page: str) -> bytes:
    """The payload of the only record of a page."""
    (found,) = records(page)
    assert isinstance(found, RawRecord), found
    return found.payload


def holding(metadata: str, *, root: str = s.ROOT, opening: str = "<metadata>") -> str:
    """A page with one record around some metadata."""
    body = s.record(1, metadata=metadata).replace("<metadata>", opening)
    return s.envelope(f"<ListRecords>{body}</ListRecords>", root=root)


# Cut-off pages


def test_every_cut_of_a_page_is_an_error() -> None:
    whole = s.listing("".join(s.record(n, deleted=n == 1) for n in range(3)), s.token(1, "t2")).encode()
    end = whole.rindex(b">") + 1
    assert len(records(whole[:end])) == 3
    for place in range(end):
        with pytest.raises(Unusable):
            reading(whole[:place])


@given(st.integers(0, len(PAGE) - 1), st.integers(1, 4000))
@settings(max_examples=150, deadline=None)
def test_a_page_with_a_hole_is_never_short_in_silence(start: int, length: int) -> None:
    """Bytes lost in the middle: an error, or a page that lacks nothing but what was cut out."""
    hole = PAGE[:start] + PAGE[start + length :]
    try:
        found = records(hole)
    except (Unusable, Refused):
        return
    # tags that fell out whole leave a page that is sound in itself: it can only lack the hole's own records
    lost = PAGE[start : start + length].count(b"</record>\n") + 1
    assert len(found) >= 20 - lost


@given(st.lists(st.tuples(st.integers(0, len(PAGE) - 1), st.binary(min_size=1, max_size=6)), max_size=4))
@settings(max_examples=200, deadline=None)
def test_mutated_pages_are_read_whole_or_refused(changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(PAGE)
    for place, new in changes:
        data[place : place + len(new)] = new
    try:
        found = records(bytes(data))
    except (Unusable, Refused):
        return
    for record in found:
        if isinstance(record, RawRecord) and record.payload:
            ParserCreate("utf-8", "\n").Parse(record.payload, True)


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises((Unusable, Refused)):
        reading(noise)


# Exact bytes


@pytest.mark.parametrize(
    "metadata",
    [
        s.marc(1),
        f'<record xmlns="{s.MARC}"  >\n\t<leader>  x </leader >\n</record\n>',
        f"<record xmlns='{s.MARC}' note=\"a > b 'c'\"/>",
        f'<record xmlns="{s.MARC}"><![CDATA[<b>&nbsp;</metadata>]]><!-- </metadata> --><?pi x?></record>',
        f'<m:record xmlns:m="{s.MARC}"><m:leader/>&#7873;&amp;&lt; a:b xsi:c</m:record>',
        '<metadata xmlns="http://www.lyncode.com/xoai"><metadata><metadata/></metadata></metadata>',
    ],
)
def test_payload_is_what_was_sent(metadata: str) -> None:
    assert payload(holding(metadata)) == metadata.encode()


def test_white_space_around_the_record_is_not_part_of_it() -> None:
    assert payload(holding("\n  <!-- x -->" + s.marc(1) + "\n ")) == s.marc(1).encode()


@needs_data
def test_real_records_are_cut_as_they_are() -> None:
    import gzip

    page = gzip.decompress((DATA / "marc" / "kyushu-a.marcxml.gz").read_bytes())
    found = records(page)
    assert len(found) == 440
    for record in found:
        assert isinstance(record, RawRecord)
        assert etree.fromstring(record.payload).tag == f"{{{s.MARC}}}record"
        assert record.payload in page


@needs_data
def test_a_real_page_that_is_cut_off_is_refused() -> None:
    import gzip

    page = gzip.decompress((DATA / "dc" / "pitt-dscholarship.oai_dc.xml.gz").read_bytes())
    with pytest.raises(Unusable, match="cut off"):
        reading(page)


# Namespaces


def test_inherited_default_namespace_is_declared() -> None:
    bare = s.marc(1).replace(f' xmlns="{s.MARC}"', "")
    found = payload(holding(bare))
    assert (
        found == bare.replace("<record>", '<record xmlns="http://www.openarchives.org/OAI/2.0/">', 1).encode()
    )
    assert etree.fromstring(found).tag.endswith("}record")


def test_no_namespace_anywhere_needs_nothing() -> None:
    bare = s.marc(1).replace(f' xmlns="{s.MARC}"', "")
    assert payload(holding(bare, root="<OAI-PMH>")) == bare.encode()


def test_prefixes_in_use_are_declared_and_no_others() -> None:
    root = s.ROOT.replace(">", f' xmlns:m="{s.MARC}" xmlns:u="urn:unused?a=1&amp;b">')
    found = payload(holding('<m:record m:x="1"><m:leader xsi:nil="true"/></m:record>', root=root))
    tree = etree.fromstring(found)
    assert tree.tag == f"{{{s.MARC}}}record"
    assert tree[0].get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true"
    assert b"unused" not in found
    assert found.count(b"xmlns") == 2


def test_default_namespace_under_a_prefixed_root() -> None:
    found = payload(holding('<m:x xmlns:m="urn:m"><leader/></m:x>'))
    assert etree.fromstring(found)[0].tag == "{http://www.openarchives.org/OAI/2.0/}leader"


def test_namespaces_of_metadata_and_record_count_too() -> None:
    found = payload(holding("<a:x><b/></a:x>", opening='<metadata xmlns:a="urn:a&amp;1" xmlns="urn:b">'))
    tree = etree.fromstring(found)
    assert (tree.tag, tree[0].tag) == ("{urn:a&1}x", "{urn:b}b")


def test_scope_ends_with_its_element() -> None:
    first = s.record(1, metadata="<a:x/>").replace("<metadata>", '<metadata xmlns:a="urn:1">')
    second = s.record(2, metadata="<a:x/>").replace("<metadata>", '<metadata xmlns:a="urn:2">')
    third = s.record(3, metadata="<x xmlns=''/>")
    one, two, three = records(s.listing(first + second + third, ""))
    assert isinstance(one, RawRecord)
    assert isinstance(two, RawRecord)
    assert isinstance(three, RawRecord)
    assert etree.fromstring(one.payload).tag == "{urn:1}x"
    assert etree.fromstring(two.payload).tag == "{urn:2}x"
    assert three.payload == b"<x xmlns=''/>"


@given(
    st.lists(
        st.sampled_from(["xmlns:a='urn:1'", "xmlns:b='urn:2'", "xmlns='urn:3'", "a:k='v'", "b:k='v'"]),
        unique=True,
    ),
    st.sampled_from(["x", "a:x", "b:x"]),
    st.sampled_from(["<y/>", "<a:y/>", "<b:y xmlns:b='urn:4'/>", "a:b <!-- b: --> text"]),
)
@settings(max_examples=150, deadline=None)
def test_a_payload_alone_means_what_it_meant_inside(attributes: list[str], name: str, inner: str) -> None:
    """The payload, parsed alone, is the same tree as the one inside the page."""
    opening = '<metadata xmlns:a="urn:A" xmlns:b="urn:B">'
    page = holding(f"<{name} {' '.join(attributes)}>{inner}</{name}>", opening=opening)
    inside = etree.fromstring(page.encode()).find(".//{*}metadata")[0]
    alone = etree.fromstring(payload(page))
    as_lists = [
        [(node.tag, sorted(node.attrib.items()), node.text) for node in tree.iter(etree.Element)]
        for tree in (inside, alone)
    ]
    assert as_lists[0] == as_lists[1]


# What is no record


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ("<record/>", "header-missing"),
        ("<record><metadata><x/></metadata></record>", "header-missing"),
        (s.record(1).replace("<identifier>oai:test:1</identifier>", ""), "identifier-missing"),
        (s.record(1).replace("oai:test:1", "  "), "identifier-missing"),
        (s.record(1, identifier="x" * 1001), "identifier-too-long"),
        (s.record(1, metadata=" "), "metadata-missing"),
        (s.record(1, metadata="&lt;record/&gt;"), "metadata-missing"),
        (s.record(1, metadata="<a/><b/>"), "metadata-several"),
    ],
)
def test_what_is_no_record_is_put_aside(record: str, code: str) -> None:
    aside, good = sorted(
        records(s.listing(record + s.record(2), "")), key=lambda item: isinstance(item, RawRecord)
    )
    assert isinstance(aside, Quarantined)
    assert aside.code == code
    assert aside.payload == record.strip().encode()
    assert isinstance(good, RawRecord)
    assert good.local_id == "oai:test:2"


def test_records_elsewhere_are_none() -> None:
    about = s.record(1).replace("</record>\n", f"<about>{s.record(9)}</about></record>")
    found = records(s.envelope(f"<x>{s.record(7)}</x><ListRecords>{about}<x>{s.record(8)}</x></ListRecords>"))
    assert [record.local_id for record in found] == ["oai:test:1"]


def test_large_pages_come_in_small_batches() -> None:
    page = s.listing("".join(s.record(n) for n in range(1234)), "")
    result = reading(page)
    sizes = [len(batch.records) for batch in batches(result.body, result.scanned, "marc21")]
    assert sizes == [500, 500, 234]
    heavy = s.listing("".join(s.record(n, metadata=s.marc(n, "x" * 1_000_000)) for n in range(9)), "")
    result = reading(heavy)
    assert max(len(batch.records) for batch in batches(result.body, result.scanned, "marc21")) <= 5


# Encodings


@pytest.mark.parametrize(
    ("codec", "declared"),
    [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("cp1258", "windows-1258"),
     ("cp1252", "windows-1252"), ("latin-1", "ISO-8859-1"), ("utf-8-sig", "UTF-8"), ("utf-32", "UTF-32")],
)  # fmt: skip
def test_pages_in_other_encodings_become_utf8(codec: str, declared: str) -> None:
    title = "Café Đà" if codec.startswith(("utf", "cp1258")) else "Café à"
    page = holding(s.marc(1, title)).replace('encoding="UTF-8"', f'encoding="{declared}"')
    (record,) = records(page.encode(codec))
    assert isinstance(record, RawRecord)
    assert record.payload == s.marc(1, title).encode()


def test_option_encoding_wins_over_a_false_declaration() -> None:
    page = holding(s.marc(1, "Sách"))
    (record,) = records(page.encode("cp1252"), "cp1252")
    assert isinstance(record, RawRecord)
    assert record.payload == s.marc(1, "Sách").encode()


@pytest.mark.parametrize("name", ["zlib_codec", "rot13", "unicode_escape", "utf-7", "nonsense", "idna"])
def test_encodings_that_are_none_are_not_obeyed(name: str) -> None:
    result = reading(holding(s.marc(1)).replace('encoding="UTF-8"', f'encoding="{name}"'))
    assert result.scanned.received == 1
    assert any(name in mend for mend in result.mends)


# Repairs


def test_cdata_and_comments_are_not_mended() -> None:
    inside = f'<record xmlns="{s.MARC}"><![CDATA[a & b]]><!-- c & d --><leader>e & f</leader></record>'
    assert payload(holding(inside)) == inside.replace("e & f", "e &amp; f").encode()


def test_mending_does_not_depend_on_where_chunks_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from unioncat_harvester.markup import repair

    text = holding(s.marc(1, "a & b &nbsp; &#11; <![CDATA[x & y]]>&eacute; &hellip; ề \x0b"))
    whole = payload(text)
    for chunk in (1, 2, 3, 5, 7, 64):
        monkeypatch.setattr(repair, "CHUNK", chunk)
        assert payload(text) == whole
    assert "a &amp; b \u00a0  <![CDATA[x & y]]>é … ề " in whole.decode()


def test_a_doctype_is_refused_wherever_it_stands() -> None:
    with pytest.raises(Refused, match="DOCTYPE"):
        reading(holding(s.marc(1)).replace("<OAI-PMH", "<!DOCTYPE OAI-PMH><OAI-PMH", 1))


def test_an_endless_envelope_is_refused() -> None:
    with pytest.raises(Refused, match="no end"):
        reading(s.envelope("<ListRecords>" + "<resumptionToken/>" * 200_001 + "</ListRecords>"))


# Speed and memory


def test_speed() -> None:
    """Ten thousand small records a second are the aim; a tenth of it is what a busy machine must reach."""
    page = s.listing("".join(s.record(n) for n in range(5000)), "").encode()
    begin = time.process_time()
    assert len(records(page)) == 5000
    rate = 5000 / (time.process_time() - begin)
    print(f"\n{rate:,.0f} records/s, {len(page) / 5000:.0f} bytes each")
    assert rate > 1000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_stays_flat_over_a_page_of_60_megabytes() -> None:
    """A process that reads such a page over HTTP stays below 120 MB in all."""
    code = textwrap.dedent("""
        from pathlib import Path
        from unioncat_harvester.readers import open_reader
        from tests.harvester.support import run, source, surroundings
        import sys

        count = size = 0
        with open_reader(source(sys.argv[1]), surroundings()) as reader:
            for page in reader.pages(run()):
                for batch in page.batches():
                    count += len(batch.records)
                size += page.size
                page.close()
        (peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
        print(count, size, int(peak.split()[1]) // 1024)
    """)
    records_ = "".join(s.record(n, metadata=s.marc(n, "Truyện Kiều " * 200)) for n in range(18_000))
    reply = s.Reply.of(s.listing(records_, ""))
    del records_
    with s.serving(lambda asked: reply if asked.page else None) as server:
        done = subprocess.run(
            [sys.executable, "-c", code, server.base], capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    count, size, peak = map(int, done.stdout.split())
    print(f"\n{count} records, {size / 1e6:.0f} MB, peak {peak} MB")
    assert count == 18_000
    assert size > 60_000_000
    assert peak < 120
