"""One strict pass over a page: where each record lies, and the rest of the answer as a small tree.

Memory stays flat: the records' places go to an index that spills to disk, and the bytes inside a record's
metadata are never looked at here beyond the parser's own checks. Any DOCTYPE is refused; nothing is repaired.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, NoReturn
from xml.parsers.expat import ParserCreate

import msgspec
from lxml import etree

from unioncat_harvester.reader import BATCH_RECORDS, MAX_LOCAL_ID
from unioncat_harvester.transport import CHUNK, Refused, Unusable, spool

OAI = "{http://www.openarchives.org/OAI/2.0/}"
VERBS = frozenset(
    {"Identify", "ListMetadataFormats", "ListSets", "ListIdentifiers", "ListRecords", "GetRecord"}
)
RECORD_VERBS = frozenset({"ListRecords", "GetRecord"})
_ENVELOPE = frozenset({"responseDate", "request", "error"})
_SEPARATOR = "\n"
_MAX_DEPTH = 32
"""Deeper elements of the envelope are left out of the tree."""
_MAX_KEPT = 200_000
"""Elements of the tree; an honest ListSets has fewer."""

Scope = tuple[tuple[str, str], ...]
"""Namespace declarations in force: (prefix, address) pairs, the default one with an empty prefix."""


class Entry(msgspec.Struct, array_like=True, frozen=True):
    """Where a record lies in its page, in bytes, and its header."""

    start: int
    end: int
    """Of `<record …>` and of `</record>`; for an empty element, its end."""
    header: bool
    identifier: str
    datestamp: str | None
    deleted: bool
    first: int
    last: int
    """Of the first start tag inside metadata, and of its end tag; -1 without one."""
    roots: int
    """Elements directly inside metadata."""
    scope: Scope
    """Namespaces in force at the first of them, its own included."""


@dataclass(slots=True)
class Scanned:
    """A page that was read to its end without a fault."""

    root: etree._Element
    """The answer in the OAI namespace, without its records."""
    answered: bool
    """Whether the verb's element is there."""
    received: int
    index: IO[bytes]
    lengths: list[int] = field(default_factory=list)

    def entries(self) -> Iterator[list[Entry]]:
        """Give the records' places, a batch at a time."""
        place = 0
        for length in self.lengths:
            self.index.seek(place)
            yield _decode(self.index.read(length))
            place += length


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Entry]).decode


class WrongRoot(Unusable):
    """The page begins with an element that is not OAI-PMH."""


class DoctypeRefused(Refused):
    """The page carries a document type declaration."""

    def __init__(self) -> None:
        super().__init__(
            "the answer carries a DOCTYPE, which can smuggle in files and bombs; it was not read",
            "Ask the server's operator to send plain OAI-PMH without a document type declaration.",
        )


class Scanner:
    """Handlers of the parser: one object for one page."""

    def __init__(self, verb: str, base: int) -> None:
        self._verb = verb
        self._base = base
        self.parser = parser = ParserCreate("utf-8", _SEPARATOR)
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        self._envelope()
        self._stack: list[etree._Element | None] = []
        self._path: list[str] = []
        self._kept = 0
        self._scopes: dict[str, list[str]] = {}
        self._level = 0
        self._in_metadata = False
        self._text: list[str] = []
        self._entries: list[Entry] = []
        self._clear()
        self.result = Scanned(root=etree.Element(OAI + "OAI-PMH"), answered=False, received=0, index=spool())

    def finish(self) -> Scanned:
        """Give the result after the last byte."""
        self._flush()
        return self.result

    def _clear(self) -> None:
        self._start = self._first = self._last = -1
        self._header = self._deleted = False
        self._identifier = ""
        self._datestamp: str | None = None
        self._roots = 0
        self._scope: Scope = ()

    def _envelope(self) -> None:
        parser = self.parser
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._shut
        parser.StartNamespaceDeclHandler = self._declare
        parser.EndNamespaceDeclHandler = self._undeclare

    def _skip(self) -> None:
        """Count depth only, until the element that just opened is closed."""
        parser = self.parser
        self._level = 0
        parser.CharacterDataHandler = None
        parser.StartNamespaceDeclHandler = None
        parser.EndNamespaceDeclHandler = None
        parser.StartElementHandler = self._deeper
        parser.EndElementHandler = self._higher

    def _deeper(self, name: str, attributes: list[str]) -> None:
        self._level += 1

    def _higher(self, name: str) -> None:
        if self._level:
            self._level -= 1
            return
        self._envelope()
        if self._in_metadata and self._roots == 1:
            self._last = self._base + self.parser.CurrentByteIndex

    def _doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> NoReturn:
        if name.lower() == "html":
            raise Unusable("the answer is an HTML page, not OAI-PMH")
        raise DoctypeRefused

    def _declare(self, prefix: str | None, address: str | None) -> None:
        self._scopes.setdefault(prefix or "", []).append(address or "")

    def _undeclare(self, prefix: str | None) -> None:
        declared = self._scopes.get(prefix or "")
        if declared:
            declared.pop()

    def _open(self, name: str, attributes: list[str]) -> None:
        local = name.rpartition(_SEPARATOR)[2]
        path = self._path
        depth = len(path)
        if depth == 0:
            if local != "OAI-PMH":
                raise WrongRoot(f"the answer is no OAI-PMH: its root element is <{local[:60]}>")
            self._stack.append(self.result.root)
        elif depth == 1 and local in VERBS:
            if local != self._verb:
                raise Unusable(f"the server answered {local} to {self._verb}")
            self.result.answered = True
            self._keep(local, attributes)
        elif depth >= 2 and path[1] in RECORD_VERBS:
            if not self._in_list(local, depth, attributes):
                return
        elif depth >= 2 or local in _ENVELOPE:
            self._keep(local, attributes)
        else:
            self._skip()
            return
        path.append(local)

    def _in_list(self, local: str, depth: int, attributes: list[str]) -> bool:
        """Handle an element inside ListRecords; false where it is skipped."""
        path = self._path
        if depth == 2:
            if local == "record":
                self._clear()
                self._start = self._base + self.parser.CurrentByteIndex
                self._stack.append(None)
                return True
            if local == "resumptionToken":
                self._keep(local, attributes)
                return True
        elif path[2] == "record":
            if depth == 3 and local == "header":
                self._header = True
                status = dict(zip(attributes[::2], attributes[1::2], strict=True)).get("status", "")
                self._deleted = status.strip().lower() == "deleted"
                self._stack.append(None)
                return True
            if depth == 3 and local == "metadata":
                self._stack.append(None)
                self._in_metadata = True
                return True
            if depth == 4 and path[3] == "header" and local in ("identifier", "datestamp"):
                self._stack.append(None)
                self._listen()
                return True
            if depth == 4 and path[3] == "metadata":
                self._roots += 1
                if self._roots == 1:
                    self._first = self._base + self.parser.CurrentByteIndex
                    self._scope = tuple(
                        (prefix, values[-1]) for prefix, values in self._scopes.items() if values
                    )
        self._skip()
        return False

    def _keep(self, local: str, attributes: list[str]) -> None:
        """Take an element of the envelope into the tree."""
        self._kept += 1
        if self._kept > _MAX_KEPT:
            raise Refused(
                "the answer's envelope has no end",
                "Ask the server's operator what this endpoint is meant to be.",
            )
        parent = self._stack[-1]
        element = None
        if parent is not None and len(self._stack) < _MAX_DEPTH:
            plain = {
                name: value
                for name, value in zip(attributes[::2], attributes[1::2], strict=True)
                if _SEPARATOR not in name
            }
            element = etree.SubElement(parent, OAI + local, plain)
        self._stack.append(element)
        self._listen()

    def _listen(self) -> None:
        self._text.clear()
        self.parser.CharacterDataHandler = self._text.append

    def _shut(self, name: str) -> None:
        path = self._path
        local = path.pop()
        element = self._stack.pop()
        depth = len(path) if len(path) > 1 and path[1] in RECORD_VERBS else 0
        if depth == 2 and local == "record":
            self._record()
        elif depth == 3 and local == "metadata":
            self._in_metadata = False
        elif depth == 4:
            self._header_text(local)
        elif element is not None and self.parser.CharacterDataHandler is not None:
            element.text = "".join(self._text).strip()
        self.parser.CharacterDataHandler = None

    def _header_text(self, local: str) -> None:
        text = "".join(self._text).strip()
        if local == "identifier":
            self._identifier = text[: MAX_LOCAL_ID + 1]
        elif text:
            self._datestamp = text[:64]

    def _record(self) -> None:
        self.result.received += 1
        self._entries.append(
            Entry(
                self._start,
                self._base + self.parser.CurrentByteIndex,
                self._header,
                self._identifier,
                self._datestamp,
                self._deleted,
                self._first,
                self._last,
                self._roots,
                self._scope,
            )
        )
        if len(self._entries) >= BATCH_RECORDS:
            self._flush()

    def _flush(self) -> None:
        if self._entries:
            data = _encode(self._entries)
            self.result.index.write(data)
            self.result.lengths.append(len(data))
            self._entries.clear()


def scan(body: IO[bytes], verb: str, start: int = 0) -> Scanned:
    """Read a page in UTF-8 from byte `start`; raises `ExpatError`, `Unusable`, `DoctypeRefused`."""
    scanner = Scanner(verb, start)
    body.seek(start)
    try:
        while piece := body.read(CHUNK):
            scanner.parser.Parse(piece, False)
        scanner.parser.Parse(b"", True)
    except ValueError as fault:
        # a name that the tree does not take; ExpatError is no ValueError
        scanner.result.index.close()
        raise Unusable(f"the answer is not well-formed: {fault}") from None
    except BaseException:
        scanner.result.index.close()
        raise
    return scanner.finish()
