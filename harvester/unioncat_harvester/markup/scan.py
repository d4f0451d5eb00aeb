"""One strict pass over a page: where each record lies, and the rest of the answer as a small tree.

Memory stays flat: the records' places go to an index that spills to disk, and the bytes inside a record's
body are never looked at here beyond the parser's own checks. Any DOCTYPE is refused; nothing is repaired.

The parser tells us of no element inside a body where its bytes alone show where it ends, nor of those before
the body where they are written as nearly everybody writes them: a third of the time.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, NoReturn
from xml.parsers.expat import ParserCreate

import msgspec
from lxml import etree

from unioncat_harvester.reader import BATCH_RECORDS, MAX_LOCAL_ID
from unioncat_harvester.transport import CHUNK, Refused, Unusable, spool

_SEPARATOR = "\n"
_MAX_DEPTH = 32
"""Deeper elements of the envelope are left out of the tree."""
_MAX_NESTING = 2_000
"""Elements inside each other below a record's body; the parser keeps some hundred bytes for each."""
_MAX_KEPT = 200_000
"""Elements of the tree; an honest list of sets or terms has fewer."""
_LONGEST_CARRIED = 4 * CHUNK
"""Bytes that wait for the end of their body; of a larger one every element is told."""
_LONGEST_PREFIX = 64
"""Bytes before an end tag's local name in which its beginning is looked for."""
_FIRST_TAG = re.compile(rb"<([^\s<>/]+)(?=[\s>])")

Scope = tuple[tuple[str, str], ...]
"""Namespace declarations in force: (prefix, address) pairs, the default one with an empty prefix."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a protocol puts records into an answer. Elements go by their local names alone."""

    protocol: str
    """Name for messages."""
    roots: frozenset[str]
    lists: frozenset[str]
    """Elements directly below the root that hold records."""
    body: str
    """Element of a record that holds its data."""
    texts: Mapping[tuple[str, ...], str | None]
    """Further elements of a record that are taken, as paths: their text, or the named attribute."""
    kept: frozenset[str]
    """Elements directly below the root that go to the tree with all that is in them."""
    kept_in_lists: frozenset[str] = frozenset()
    namespace: str = ""
    """Namespace of the tree's elements, as `{…}`."""
    record: str = "record"
    head: re.Pattern[bytes] | None = None
    """A record's beginning in its most usual form, up to the first tag inside the body: groups named as the
    texts that are no attributes, `open` before it and `body` before the body's tag. It must hold nothing that
    declares a namespace, no texts that are attributes, and no text with a reference in it."""

    def between(self) -> re.Pattern[bytes] | None:
        """Give the most usual form of what stands between two bodies, with `shut` before the end tag."""
        if self.head is None:
            return None
        ends = b"</%s>\\s*(?P<shut>)</%s>\\s*" % (self.body.encode(), self.record.encode())
        return re.compile(ends + self.head.pattern)


class Entry(msgspec.Struct, array_like=True, frozen=True):
    """Where a record lies in its page, in bytes, and what it says of itself."""

    start: int
    end: int
    """Of the record's start tag and of its end tag; for an empty element, its end."""
    said: dict[str, str]
    """The shape's texts by the last name of their path, stripped; those with an attribute even if empty."""
    body: int
    body_end: int
    """Of the body's start tag and of its end tag; -1 without one."""
    first: int
    last: int
    """Of the first start tag inside the body, and of its end tag; -1 without one."""
    roots: int
    """Elements directly inside the body."""
    scope: Scope
    """Namespaces in force at the first of them, declared outside it."""


@dataclass(slots=True)
class Scanned:
    """A page that was read to its end without a fault."""

    root: etree._Element
    """The answer in the shape's namespace, without its records."""
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
    """The page begins with an element that is none of the protocol's."""


class DoctypeRefused(Refused):
    """The page carries a document type declaration."""

    def __init__(self, protocol: str) -> None:
        super().__init__(
            "the answer carries a DOCTYPE, which can smuggle in files and bombs; it was not read",
            f"Ask the server's operator to send plain {protocol} without a document type declaration.",
        )


class Scanner:
    """Handlers of the parser: one object for one page."""

    def __init__(self, shape: Shape, base: int) -> None:
        self._shape = shape
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
        self._without = {path[-1]: "" for path, attribute in shape.texts.items() if attribute}
        self._told = [path[-1] for path, attribute in shape.texts.items() if not attribute]
        self._between = shape.between()
        self._landed = False
        """Whether the parser stands behind an element inside a body that it checked without telling us."""
        self._in_body = False
        self._piece = b""
        self._fed = 0
        self._leaping = False
        self._fresh: list[str] = []
        """Prefixes that the element which opens next declares itself."""
        self._declared: list[str] = []
        self._text: list[str] = []
        self._entries: list[Entry] = []
        self._clear()
        self.index = spool()
        self._lengths: list[int] = []
        self._root: etree._Element | None = None
        self._received = 0

    def feed(self, piece: bytes, *, whole: bool) -> None:
        """Parse the next bytes; `whole` if they end where a record's body may end."""
        self._piece = piece if whole else b""
        if self._landed and not (whole and self._stride(self._between, 0)):
            self._envelope()
        self._landed = False
        self.parser.Parse(piece, False)
        self._fed += len(piece)
        if self._leaping:
            self._leaping, self._landed = False, True
            for prefix in self._declared:
                self._undeclare(prefix)
            self._declared = []

    def finish(self) -> Scanned:
        """Give the result after the last byte."""
        self._flush()
        if self._root is None:
            raise Unusable("the answer is empty")
        return Scanned(self._root, self._received, self.index, self._lengths)

    def release(self) -> None:
        """Part the parser from its handlers: their circle would keep all its memory for a while."""
        parser = self.parser
        parser.StartDoctypeDeclHandler = None
        parser.CharacterDataHandler = None
        parser.StartNamespaceDeclHandler = None
        parser.EndNamespaceDeclHandler = None
        parser.StartElementHandler = None
        parser.EndElementHandler = None

    def _clear(self) -> None:
        self._start = self._first = self._last = self._body = self._body_end = -1
        self._said: dict[str, str] = {}
        self._roots = 0
        self._scope: Scope = ()

    def _envelope(self) -> None:
        parser = self.parser
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._shut
        parser.StartNamespaceDeclHandler = self._declare
        parser.EndNamespaceDeclHandler = self._undeclare

    def _leap(self, start: int) -> bool:
        """Let the parser check the element at `start` of this piece without telling us, if both end together.

        In well-formed XML without comments, instructions and CDATA every `<` begins a tag: an element whose
        own end tag stands once, and last, ends there.
        """
        region = self._piece[start:].rstrip()
        tag = _FIRST_TAG.match(region)
        if tag is None or _is_marked(region):
            return False
        end = b"</" + tag[1] + b">"
        if not region.endswith(end) or region.find(end) != len(region) - len(end):
            return False
        self._last = self._first + len(region) - len(end)
        self._leaping = True
        parser = self.parser
        parser.CharacterDataHandler = None
        parser.StartNamespaceDeclHandler = None
        parser.EndNamespaceDeclHandler = None
        parser.StartElementHandler = None
        parser.EndElementHandler = None
        return True

    def _stride(self, head: re.Pattern[bytes] | None, start: int) -> bool:
        """Take the record at `start` of this piece, up to its body's end, from its bytes, if they are usual.

        Where `head` begins with the end of the record before, that one is closed.
        """
        found = head.match(self._piece, start) if head else None
        if found is None:
            return False
        try:
            said = {name: found[name].decode().strip()[: MAX_LOCAL_ID + 1] for name in self._told}
        except UnicodeDecodeError:
            return False
        last = self._last
        begun = self._base + self._fed
        self._first, first = begun + found.end(), self._first
        if not self._leap(found.end()):
            self._first = first
            return False
        if head is self._between:
            self._first, first = first, self._first
            self._last, last = last, self._last
            self._body_end = begun + start
            self._record(begun + found.start("shut"))
            self._first, self._last = first, last
        self._start = begun + found.start("open")
        self._said = self._without | said
        self._body, self._body_end = begun + found.start("body"), -1
        self._scope = tuple([(prefix, all_[-1]) for prefix, all_ in self._scopes.items() if all_])
        self._in_body, self._roots = True, 1
        return True

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
        if self._level > _MAX_NESTING:
            raise Unusable(f"the answer nests more than {_MAX_NESTING:,} elements in each other")

    def _higher(self, name: str) -> None:
        if self._level:
            self._level -= 1
            return
        self._envelope()
        if self._in_body and self._roots == 1:
            self._last = self._here()

    def _here(self) -> int:
        return self._base + self.parser.CurrentByteIndex

    def _doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> NoReturn:
        if name.lower() == "html":
            raise Unusable(f"the answer is an HTML page, not {self._shape.protocol}")
        raise DoctypeRefused(self._shape.protocol)

    def _declare(self, prefix: str | None, address: str | None) -> None:
        self._scopes.setdefault(prefix or "", []).append(address or "")
        self._fresh.append(prefix or "")

    def _undeclare(self, prefix: str | None) -> None:
        declared = self._scopes.get(prefix or "")
        if declared:
            declared.pop()

    def _outside(self) -> Scope:
        """Give the declarations in force, without those of the element that just opened."""
        own = self._declared
        held = ((prefix, all_[:-1] if prefix in own else all_) for prefix, all_ in self._scopes.items())
        return tuple((prefix, all_[-1]) for prefix, all_ in held if all_)

    def _open(self, name: str, attributes: list[str]) -> None:
        local = name.rpartition(_SEPARATOR)[2]
        path, shape = self._path, self._shape
        depth = len(path)
        if self._fresh:
            self._declared, self._fresh = self._fresh, []
        elif self._declared:
            self._declared = []
        if depth == 0:
            if local not in shape.roots:
                raise WrongRoot(f"the answer is no {shape.protocol}: its root element is <{local[:60]}>")
            self._root = etree.Element(shape.namespace + local)
            self._stack.append(self._root)
        elif depth >= 2 and path[1] in shape.lists:
            if not self._in_list(local, depth, attributes):
                return
        elif depth >= 2 or local in shape.kept or local in shape.lists:
            self._keep(local, attributes)
        else:
            self._skip()
            return
        path.append(local)

    def _in_list(self, local: str, depth: int, attributes: list[str]) -> bool:
        """Handle an element inside a list of records; false where it is skipped or taken at once."""
        path, shape = self._path, self._shape
        if depth == 2:
            if local == shape.record:
                self._clear()
                self._start = self._here()
                self._stack.append(None)
                if not self._piece or not self._stride(shape.head, self.parser.CurrentByteIndex - self._fed):
                    return True
                path += (local, shape.body)
                self._stack.append(None)
                return False
            if local in shape.kept_in_lists:
                self._keep(local, attributes)
                return True
        elif path[2] == shape.record:
            if depth == 3 and local == shape.body:
                self._body = self._here()
                self._stack.append(None)
                self._in_body = True
                return True
            if self._in_body:
                self._roots += 1
                if self._roots == 1:
                    self._first = self._here()
                    self._scope = self._outside()
                    if self._piece and self._leap(self.parser.CurrentByteIndex - self._fed):
                        return False
            elif self._within(local, attributes):
                return True
        self._skip()
        return False

    def _within(self, local: str, attributes: list[str]) -> bool:
        """Handle an element beside a record's body; false where nothing of it is taken."""
        texts, place = self._shape.texts, (*self._path[3:], local)
        wanted = place in texts
        if not wanted and not any(path[: len(place)] == place for path in texts):
            return False
        if wanted and (attribute := texts[place]) is not None:
            values = dict(zip(attributes[::2], attributes[1::2], strict=True))
            self._said[local] = values.get(attribute, "").strip()
        self._stack.append(None)
        if wanted:
            self._listen()
        return True

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
            element = etree.SubElement(parent, self._shape.namespace + local, plain)
        self._stack.append(element)
        self._listen()

    def _listen(self) -> None:
        self._text.clear()
        self.parser.CharacterDataHandler = self._text.append

    def _shut(self, name: str) -> None:
        path, shape = self._path, self._shape
        local = path.pop()
        element = self._stack.pop()
        depth = len(path) if len(path) > 1 and path[1] in shape.lists else 0
        if depth == 2 and local == shape.record:
            self._record(self._here())
        elif depth == 3 and self._in_body:
            self._in_body = False
            self._body_end = self._here()
        elif depth >= 3:
            if shape.texts.get((*path[3:], local), "") is None:
                self._said[local] = "".join(self._text).strip()[: MAX_LOCAL_ID + 1]
        elif element is not None and self.parser.CharacterDataHandler is not None:
            element.text = "".join(self._text).strip()
        self.parser.CharacterDataHandler = None

    def _record(self, end: int) -> None:
        self._received += 1
        self._entries.append(
            Entry(
                self._start,
                end,
                self._said,
                self._body,
                self._body_end,
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
            self.index.write(data)
            self._lengths.append(len(data))
            self._entries.clear()


def _is_marked(piece: bytes) -> bool:
    """Tell whether comments, instructions or CDATA may be inside. One rare sign is found faster than two."""
    return (b"!" in piece and b"<!" in piece) or (b"?" in piece and b"<?" in piece)


def scan(body: IO[bytes], shape: Shape, start: int = 0) -> Scanned:
    """Read a page in UTF-8 from byte `start`; raises `ExpatError`, `Unusable`, `DoctypeRefused`."""
    scanner = Scanner(shape, start)
    body_end = re.compile(rb"%s\s*>" % shape.body.encode())
    body.seek(start)
    try:
        carried = b""
        while chunk := body.read(CHUNK):
            carried += chunk
            place = 0
            for name in body_end.finditer(carried):
                end = carried.rfind(b"<", max(place, name.start() - _LONGEST_PREFIX), name.start())
                if end >= 0 and carried.startswith(b"</", end):
                    scanner.feed(carried[place:end], whole=True)
                    place = end
            carried = carried[place:]
            if len(carried) > _LONGEST_CARRIED:
                scanner.feed(carried, whole=False)
                carried = b""
        scanner.feed(carried, whole=False)
        scanner.parser.Parse(b"", True)
        return scanner.finish()
    except ValueError as fault:
        # a name that the tree does not take; ExpatError is no ValueError
        scanner.index.close()
        raise Unusable(f"the answer is not well-formed: {fault}") from None
    except BaseException:
        scanner.index.close()
        raise
    finally:
        scanner.release()
