"""Metadata whose end the bytes show are not told element by element: the places found must be the same."""

import io
from xml.parsers.expat import ExpatError

import pytest

from unioncat_harvester.markup import scan as module
from unioncat_harvester.markup.scan import Entry, Scanner, scan
from unioncat_harvester.readers.oaipmh.cut import batches
from unioncat_harvester.readers.oaipmh.scan import SHAPE

HEAD = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:o="urn:o"><ListRecords>'
TAIL = "<resumptionToken>t</resumptionToken></ListRecords></OAI-PMH>"
METADATA = [
    '<dc xmlns="urn:dc"><title>Tắt đèn</title></dc>',
    '\n <m:record xmlns:m="urn:m"><m:leader/></m:record>\n ',
    "<a><a>nested</a></a>",
    "<a><!-- </metadata> --><b/></a>",
    "<a><![CDATA[</metadata></a>]]></a>",
    "<a><?x </metadata>?></a>",
    "<a><!--</a></metadata>--><b/></a>",
    "<a><![CDATA[</a></metadata>]]></a>",
    "<a></a><a></a>",
    "<a><metadata>inner</metadata></a>",
    "<a/><b></b>",
    "<a></a><b></b>",
    "<a></a >",
    "<a/>",
    "",
    "text only",
    "<o:a x='&gt;' y='</metadata'></o:a>".replace("</metadata", "&lt;/metadata"),
    "<a>" + "x" * 300_000 + "</a>",
]


def page(*metadata: str, shut: str = "</metadata>") -> bytes:
    records = "".join(
        f"<record><header><identifier>i{number}</identifier><datestamp>2024-01-01</datestamp></header>"
        f"<metadata>{one}{shut}<about><x/></about></record>"
        for number, one in enumerate(metadata)
    )
    return (HEAD + records + TAIL).encode()


def told(body: bytes) -> Scanner:
    """Read a page with every element told."""
    scanner = Scanner(SHAPE, 0)
    scanner.feed(body, whole=False)
    scanner.parser.Parse(b"", True)
    return scanner


def places(body: bytes) -> list[Entry]:
    return [entry for entries in scan(io.BytesIO(body), SHAPE).entries() for entry in entries]


@pytest.mark.parametrize("chunk", [7, 64, 1 << 18])
@pytest.mark.parametrize("shut", ["</metadata>", "</metadata \n>"])
def test_finds_the_same_places(monkeypatch: pytest.MonkeyPatch, chunk: int, shut: str) -> None:
    if chunk == 7:
        monkeypatch.setattr(module, "_LONGEST_CARRIED", 200)
    monkeypatch.setattr(module, "CHUNK", chunk)
    body = page(*(METADATA if chunk > 64 else METADATA[:-1]), shut=shut)
    expected = [entry for entries in told(body).finish().entries() for entry in entries]
    assert len(expected) >= len(METADATA) - 1
    assert places(body) == expected


def test_leaps_over_ordinary_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    deeper = Scanner._deeper
    monkeypatch.setattr(Scanner, "_deeper", lambda self, *rest: (seen.append(rest), deeper(self, *rest))[1])
    body = page(*METADATA[:2])
    assert len(places(body)) == 2
    assert not [name for name, _ in seen if "title" in name or "leader" in name]
    told(body)
    assert [name for name, _ in seen if "title" in name]


def test_payloads_stand_alone_with_the_namespaces_in_force() -> None:
    body = io.BytesIO(page(*METADATA[:1], "<o:a><o:b>x</o:b></o:a>", METADATA[0]))
    found = [one.payload for batch in batches(body, scan(body, SHAPE), "x") for one in batch.records]
    assert found[0] == found[2] == METADATA[0].encode()
    assert found[1] == b'<o:a xmlns:o="urn:o"><o:b>x</o:b></o:a>'


HEADS = [
    "<header><identifier>a</identifier><datestamp>2024-01-01</datestamp></header>",
    "\n <header>\n<identifier> b </identifier>\n<datestamp>2024-01-01</datestamp><setSpec>x:y</setSpec>"
    "<setSpec>z</setSpec>\n</header>\n",
    "<header><identifier>c&amp;d</identifier><datestamp>2024-01-01</datestamp></header>",
    '<header status="deleted"><identifier>d</identifier><datestamp>2024-01-01</datestamp></header>',
    "<header><datestamp>2024-01-01</datestamp><identifier>e</identifier></header>",
    "<header><identifier>f</identifier></header>",
    "<header><identifier>thư viện</identifier><datestamp></datestamp></header>",
    "<header><!-- <identifier>g</identifier> --><identifier>h</identifier><datestamp/></header>",
    "<header><identifier><![CDATA[i]]></identifier><datestamp>2024</datestamp></header>",
    "<header><identifier>j</identifier><datestamp>2024</datestamp></header><metadata/>",
    "",
]
OPENED = ["<record>", '<record xmlns:o="urn:other">', '<record xmlns="urn:x" id="1">', "<record >"]


@pytest.mark.parametrize("metadata", ["<metadata>", '<metadata xmlns:q="urn:q">', "<metadata >"])
def test_takes_usual_records_whole_and_finds_the_same(metadata: str) -> None:
    one = '<m:record xmlns:m="urn:m"><m:leader/></m:record>'
    records = [
        f"{opened}{head}{metadata}{body}</metadata>{about}</record>{between}"
        for opened in OPENED
        for head in HEADS
        for body in (one, "<o:a><b/></o:a>", "<a><!-- x --></a>")
        for about in ("", "<about><x/></about>")
        for between in ("", "\n")
    ]
    # each kind follows each other kind
    body = (HEAD + "".join(records) + "".join(reversed(records[::7])) + TAIL).encode()
    expected = [entry for entries in told(body).finish().entries() for entry in entries]
    assert len(expected) == len(records) + len(records[::7])
    assert places(body) == expected


def test_tells_of_no_element_of_a_usual_list(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    open_ = Scanner._open
    monkeypatch.setattr(
        Scanner, "_open", lambda self, name, rest: (opened.append(name), open_(self, name, rest))[1]
    )
    usual = "".join(f"<record>{head}<metadata><a/><b></b></metadata></record>" for head in HEADS[:1])
    usual += f"<record>{HEADS[1]}<metadata><a><b/></a></metadata></record>" * 20
    assert len(places((HEAD + usual + TAIL).encode())) == 21
    assert len([name for name in opened if name.endswith("identifier")]) == 1


@pytest.mark.parametrize("wrong", ["<identifier>a</identifier", "<a></b>", "\x01", "</record>"])
def test_a_fault_in_a_usual_list_is_a_fault(wrong: str) -> None:
    good = f"<record>{HEADS[0]}<metadata><a>x</a></metadata></record>"
    bad = f"<record>{HEADS[0]}<metadata><a>{wrong}</a></metadata></record>"
    with pytest.raises(ExpatError):
        places((HEAD + good * 3 + bad + good + TAIL).encode())
