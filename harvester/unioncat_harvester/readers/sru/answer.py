"""An answer of SRU read strictly, whatever its version: counts, diagnostics, and where its records lie.

Both families of namespaces (loc.gov's of 1.1 and 1.2, OASIS' of 2.0) are read by local names.
"""

from dataclasses import dataclass
from typing import IO

from lxml import etree

from unioncat_harvester.markup.page import Reading
from unioncat_harvester.markup.page import read as read_page
from unioncat_harvester.markup.scan import Shape
from unioncat_harvester.readers.sru import diagnostics
from unioncat_harvester.readers.sru.diagnostics import Diagnostic
from unioncat_harvester.transport import Answer, Unusable

SEARCH, EXPLAIN, SCAN = "searchRetrieve", "explain", "scan"
_KINDS = {
    "searchRetrieveResponse": SEARCH,
    "explainResponse": EXPLAIN,
    "explain": EXPLAIN,
    "scanResponse": SCAN,
}
_EXPLAINED = {"serverInfo", "databaseInfo", "metaInfo", "indexInfo", "schemaInfo", "configInfo"}
SHAPE = Shape(
    protocol="SRU",
    roots=frozenset({*_KINDS, "diagnostics"}),
    lists=frozenset({"records"}),
    body="recordData",
    texts={(name,): None for name in ("recordSchema", "recordIdentifier", "recordPosition")},
    kept=frozenset(
        {
            "version",
            "numberOfRecords",
            "resultCountPrecision",
            "nextRecordPosition",
            "diagnostics",
            "diagnostic",
            "record",
            "terms",
            *_EXPLAINED,
        }
    ),
)
"""`record` directly below the root is the one of explain; those of a search lie in `records`."""


@dataclass(slots=True)
class Response:
    """An answer that was read to its end. Close it: its bytes may lie in a temporary file."""

    kind: str | None
    """What it answers; none for diagnostics alone."""
    reading: Reading
    answer: Answer
    diagnostics: tuple[Diagnostic, ...]
    hits: int | None
    next: int | None
    """nextRecordPosition, where the server gives it."""
    exact: bool
    """Whether the server takes its count for exact (resultCountPrecision, 2.0 §3)."""

    @property
    def root(self) -> etree._Element:
        """The answer without its records, its elements without namespaces."""
        return self.reading.scanned.root

    @property
    def received(self) -> int:
        """Number of its records, with diagnostics in their place."""
        return self.reading.scanned.received

    def close(self) -> None:
        """Let go of the answer's bytes; the tree stays."""
        self.reading.close()


def read(answer: Answer, charset: str | None) -> Response:
    """Read an answer (`markup.page.read` with what it raises)."""
    reading = read_page(answer.body, SHAPE, charset)
    root = reading.scanned.root
    precision = root.findtext("resultCountPrecision") or "exact"
    return Response(
        kind=_KINDS.get(str(root.tag)),
        reading=reading,
        answer=answer,
        diagnostics=tuple(diagnostics.read(one) for one in root.iter("diagnostic")),
        hits=number(root.findtext("numberOfRecords")),
        next=number(root.findtext("nextRecordPosition")),
        exact=precision.rpartition("/")[2] == "exact",
    )


def check(response: Response, operation: str) -> None:
    """Raise `Unusable` for an answer that is SRU by its looks only, or whose fault may pass."""
    if response.diagnostics and not response.received:
        if any(one.number in diagnostics.PASSING for one in response.diagnostics):
            raise Unusable(f"the server says: {diagnostics.text(response.diagnostics)}")
        return
    if response.answer.status >= 400:
        raise Unusable(f"the server answered with HTTP status {response.answer.status}")
    if response.kind != operation:
        said = response.kind or "diagnostics without any"
        raise Unusable(f"the server answered {said} to {operation}: its address may lose the arguments")
    if operation == SEARCH and response.hits is None:
        raise Unusable("the answer does not tell how many records there are (numberOfRecords)")


def number(text: str | None) -> int | None:
    """Read a whole number; none for anything else."""
    value = (text or "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


def spare(reading: Reading, body: IO[bytes]) -> None:
    """Let go of a reading, but not of the bytes as they came."""
    reading.scanned.index.close()
    if reading.body is not body:
        reading.body.close()
