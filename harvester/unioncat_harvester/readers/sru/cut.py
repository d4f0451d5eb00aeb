"""Records of SRU cut out of a page: the data as XML or as a string, and the record's own number.

Of a record's contents only its number is read, because without one nothing can be kept.
"""

from collections.abc import Callable
from typing import IO
from xml.parsers.expat import ExpatError, ParserCreate

from unioncat.domain.source import Quarantined, RawRecord
from unioncat_harvester.markup import cut
from unioncat_harvester.markup.hollow import HOLLOW, is_hollow
from unioncat_harvester.markup.scan import Entry
from unioncat_harvester.reader import MAX_LOCAL_ID, MAX_RECORD_BYTES
from unioncat_harvester.readers.sru.diagnostics import DIAGNOSTICS, Diagnostic
from unioncat_harvester.readers.sru.settings import AUTO

_SEPARATOR = "\n"
_MARC = frozenset({"record", "collection", "marc"})
_OWN = ("recordIdentifier", "identifier")
"""Elements of MODS and Dublin Core that may hold a record's number, best first."""


class _Found(Exception):
    """Ends the parser early."""


class Finder:
    """Reads a payload to its end, or only as far as its number; tells what it is and who it is."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._wanted = ""
        self._code = ""
        self._others: dict[str, str] = {}
        self.parser = ParserCreate("utf-8", _SEPARATOR)
        self.parser.buffer_text = True
        self.parser.ordered_attributes = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._root
        self.root = ""
        self.namespace = ""
        self.identifier = ""
        self._name = ""
        self._inside = False
        self._text: list[str] = []

    def _doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> None:
        raise ValueError("a document type declaration")

    def _root(self, name: str, attributes: list[str]) -> None:
        self.namespace, _, self.root = name.rpartition(_SEPARATOR)
        parser, place = self.parser, self._place
        if place == AUTO:
            place = "001" if self.root in _MARC else ""
        self._wanted, _, self._code = place.partition("$")
        parser.StartElementHandler = self._marc if place[:1].isdigit() or self._code else self._element
        parser.EndElementHandler = self._end
        parser.StartElementHandler(name, attributes)

    def _marc(self, name: str, attributes: list[str]) -> None:
        local = name.rpartition(_SEPARATOR)[2]
        value = next(
            (v for k, v in zip(attributes[::2], attributes[1::2], strict=True) if k in ("tag", "code")), ""
        )
        if local in ("controlfield", "datafield"):
            self._inside = value == self._wanted
            if self._inside and not self._code:
                self._listen(local)
        elif local == "subfield" and self._inside and value == self._code:
            self._listen(local)

    def _element(self, name: str, attributes: list[str]) -> None:
        local = name.rpartition(_SEPARATOR)[2]
        if local == self._wanted or (not self._wanted and local in _OWN and local not in self._others):
            self._listen(local)

    def _listen(self, local: str) -> None:
        self._name = local
        self._text.clear()
        self.parser.CharacterDataHandler = self._text.append

    def _end(self, name: str) -> None:
        if not self._name or name.rpartition(_SEPARATOR)[2] != self._name:
            return
        self.parser.CharacterDataHandler = None
        value = " ".join("".join(self._text).split())
        local, self._name = self._name, ""
        if not value:
            return
        if self._wanted or local == _OWN[0]:
            self.identifier = value
            raise _Found
        self._others[local] = value

    def settle(self) -> None:
        """Take the next best number, where the best is not there."""
        if not self.identifier:
            self.identifier = next((self._others[name] for name in _OWN if name in self._others), "")


def find(payload: bytes, place: str, *, whole: bool) -> Finder:
    """Look at a payload; `whole` reads it to its end in any case. Raises `ExpatError`, ValueError."""
    finder = Finder(place)
    try:
        finder.parser.Parse(payload, True)
    except _Found:
        if whole:
            ParserCreate("utf-8", _SEPARATOR).Parse(payload, True)
    finder.settle()
    return finder


def cutter(place: str, schema: str) -> Callable[[IO[bytes], Entry], RawRecord | Quarantined]:
    """Make what cuts records: `place` is the option id, `schema` names what is of no known format."""

    def record(body: IO[bytes], entry: Entry) -> RawRecord | Quarantined:
        given = entry.said.get("recordIdentifier", "")
        known = given if place in (AUTO, "record") else ""
        payload, fault = data(body, entry)
        if fault is None and entry.said.get("recordSchema", "").startswith("info:srw/schema/1/diagnostic"):
            fault = surrogate(payload)
        identifier = known
        if fault is None:
            try:
                found = find(payload, place if place != "record" else AUTO, whole=entry.roots == 0)
            except (ExpatError, ValueError) as error:
                fault = "data-broken", f"The record's data are no well-formed XML ({error})."
            else:
                if found.root == "diagnostic":
                    fault = surrogate(payload)
                elif is_hollow(payload):
                    fault = HOLLOW
                identifier = known or (found.identifier if place != "record" else "")
        if fault is None and not identifier:
            fault = (
                "identifier-missing",
                f"Nothing tells which record it is (option id: {place}). Set it to the place of its number,"
                " for example 035$a, or ask the library to number its records.",
            )
        if fault is None and len(identifier) > MAX_LOCAL_ID:
            fault = "identifier-too-long", f"The identifier has more than {MAX_LOCAL_ID} characters."
        if fault is not None:
            return cut.aside(body, entry, *fault, identifier[:MAX_LOCAL_ID] or None)
        return RawRecord(identifier, None, False, payload, format_of(found, schema))

    return record


def data(body: IO[bytes], entry: Entry) -> tuple[bytes, tuple[str, str] | None]:
    """Give a record's data as XML that stands alone, or what is wrong with them."""
    if entry.roots > 1:
        return b"", ("data-several", f"The record's data hold {entry.roots} elements instead of one.")
    if max(entry.last - entry.first, entry.body_end - entry.body) > MAX_RECORD_BYTES:
        return b"", ("too-large", f"The record is larger than {MAX_RECORD_BYTES:,} bytes.")
    if entry.roots:
        return cut.alone(cut.element(body, entry.first, entry.last), entry.scope), None
    payload = string(cut.element(body, entry.body, entry.body_end)) if entry.body >= 0 else b""
    if not payload:
        return b"", ("data-missing", "The record holds no data.")
    return payload, None


def string(element: bytes) -> bytes:
    """Give the text of an element in UTF-8: a record packed as a string, without its XML declaration."""
    parts: list[str] = []
    parser = ParserCreate("utf-8")
    parser.buffer_text = True
    parser.CharacterDataHandler = parts.append
    parser.Parse(element, True)
    text = "".join(parts).strip().removeprefix("\ufeff")
    if text.startswith("<?xml"):
        # what it says of its encoding was true before it became part of this answer
        text = text.partition("?>")[2].lstrip()
    return text.encode()


def surrogate(payload: bytes) -> tuple[str, str]:
    """Read a diagnostic that stands in the place of a record."""
    parts: dict[str, str] = {}
    text: list[str] = []
    parser = ParserCreate("utf-8", _SEPARATOR)
    parser.buffer_text = True
    parser.CharacterDataHandler = text.append
    parser.StartElementHandler = lambda name, attributes: text.clear()
    parser.EndElementHandler = lambda name: parts.setdefault(
        name.rpartition(_SEPARATOR)[2], "".join(text).strip()[:300]
    )
    try:
        parser.Parse(payload, True)
    except ExpatError:
        parts.clear()
    tail = parts.get("uri", "").rpartition("/")[2]
    number = int(tail) if tail.isascii() and tail.isdigit() and len(tail) < 6 else None
    found = Diagnostic(number, parts.get("uri", ""), parts.get("details", ""), parts.get("message", ""))
    code = f"diagnostic-{number}" if number in DIAGNOSTICS else "diagnostic"
    return code, f"The server sends this in the place of a record: {found.text}. {found.remedy}"


def format_of(found: Finder, schema: str) -> str:
    """Name the format of a payload after its root; the schema asked for, where that says nothing."""
    if found.root in _MARC:
        return "marcxml"
    if found.root.lower().startswith("mods"):
        return "mods"
    if found.root.lower() in ("dc", "oai_dc") or "purl.org/dc" in found.namespace:
        return "oai_dc"
    return schema if schema != AUTO else "xml"
