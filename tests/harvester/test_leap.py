"""Metadata whose end the bytes show are not told element by element: the places found must be the same."""

import io

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
