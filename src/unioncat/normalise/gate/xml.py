"""The gate for XML: MARCXML in any namespace, Dublin Core, MODS.

Fields are cut out by their place in the bytes, so all else stays as it was received. Comments and processing
instructions go too where something has to be cut: nobody reads them, so nobody would see what they hold.
"""

import re
from typing import NoReturn
from xml.parsers.expat import ExpatError, ParserCreate

from unioncat.normalise.gate.seen import Seen, Strips, seen_in, without
from unioncat.normalise.plain import read_plain
from unioncat.normalise.record import Unreadable

_ILLEGAL = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]));"
)
_FIELDS = frozenset({"datafield", "controlfield"})
_NAMED = frozenset({"dc", "qualifieddc", "oai_dc", "simpledc", "dcterms", "qdc", "mods", "modscollection"})
_DUBLIN_CORE = "http://purl.org/dc/"
_MAX_DEPTH = 200


def look_xml(payload: bytes, strips: Strips) -> tuple[Seen, bytes]:
    """Read a payload, and return it without what `strips` names. Raises `Unreadable`.

    MARCXML in its plain form needs no parser where nothing is cut: measured, that is three times as fast.
    """
    plain = read_plain(payload)
    if plain is not None and without(plain, strips) is plain:
        return seen_in(plain), payload
    try:
        look = _Look(payload, strips)
    except ExpatError:
        payload = _ILLEGAL.sub(b"", payload)
        try:
            look = _Look(payload, strips)
        except ExpatError:
            raise Unreadable(
                "gate-unreadable",
                "The record is no well-formed UTF-8 XML, so the rules of its profile cannot be asked of it. "
                "Ask the library to mend it.",
            ) from None
    return look.seen(), look.rest()


class _Look:
    """One pass over a payload. `_cuts` are (start, end) places of bytes that go."""

    def __init__(self, payload: bytes, strips: Strips) -> None:
        self._payload = payload
        self._strips = strips
        self._cuts: list[tuple[int, int]] = []
        self._ended: int | None = None
        """Where an element that goes began, from its end tag until the next event tells where that ended."""
        self._stack: list[tuple[str, int]] = []
        self._leaf = True
        self._text: list[str] = []
        self._root = ""
        self._dublin_core = False
        self._leaders: list[str] = []
        self._marc: list[tuple[str, list[tuple[str, str]]]] = []
        self._named: list[tuple[str, tuple[tuple[str, str], ...]]] = []
        self._in_field = 0
        self._code = ""
        self._link_at = -1
        parser = self._parser = ParserCreate("utf-8")
        parser.StartDoctypeDeclHandler = _refuse
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._shut
        parser.CharacterDataHandler = self._characters
        parser.CommentHandler = self._aside
        parser.ProcessingInstructionHandler = self._aside
        parser.DefaultHandler = self._other
        parser.Parse(payload, True)
        if self._ended is not None:
            self._cuts.append((self._ended, len(payload)))

    def seen(self) -> Seen:
        """Return the content. Raises `Unreadable` for XML that is none of the forms known here."""
        if self._marc or self._leaders:
            marc = tuple([(tag, tuple(subfields)) for tag, subfields in self._marc])
            return Seen("marc", tuple(self._leaders), marc)
        if self._root in _NAMED or self._dublin_core:
            return Seen("elements", (), tuple(self._named))
        raise Unreadable(
            "gate-unreadable",
            "The record is neither MARCXML nor Dublin Core nor MODS, so the rules of its profile cannot be "
            "asked of it. Choose another format for this source.",
        )

    def rest(self) -> bytes:
        """Return the bytes without what was cut."""
        if not self._cuts:
            return self._payload
        kept, at = [], 0
        for start, end in sorted(self._cuts):
            if start > at:
                kept.append(self._payload[at:start])
            at = max(at, end)
        return b"".join([*kept, self._payload[at:]])

    def _place(self) -> int:
        at = self._parser.CurrentByteIndex
        if self._ended is not None:
            self._cuts.append((self._ended, at))
            self._ended = None
        return at

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        at = self._place()
        local = _local(name)
        if len(self._stack) > _MAX_DEPTH:
            raise Unreadable("gate-unreadable", "The record's elements are nested too deep to be checked.")
        if not self._stack:
            self._root = local
        if any(value.startswith(_DUBLIN_CORE) for value in attributes.values()):
            self._dublin_core = True
        start = -1
        marked = {_local(key): value for key, value in attributes.items()}
        if self._in_field:
            self._in_field += 1
            tag = self._marc[-1][0]
            if local == "subfield":
                self._code = marked.get("code", "")
                self._text = []
                if self._strips.cuts_part(tag, self._code):
                    start = at
        elif local in _FIELDS:
            tag = marked.get("tag", "").strip()
            self._marc.append((tag, []))
            self._in_field = 1
            self._code = ""
            self._text = []
            self._link_at = at
            if self._strips.cuts(tag):
                start = at
        else:
            self._text = []
            if self._stack and self._strips.cuts(local):
                start = at
        self._leaf = True
        self._stack.append((local, start))

    def _shut(self, name: str) -> None:
        self._place()
        local, start = self._stack.pop()
        text = "".join(self._text)
        if self._in_field:
            self._in_field -= 1
            tag, subfields = self._marc[-1]
            if local == "subfield" or not self._in_field:
                if local == "subfield" or text.strip():
                    subfields.append((self._code, text))
                self._code, self._text = "", []
            if not self._in_field and start < 0 and self._strips.goes(tag, tuple(subfields)):
                start = self._link_at
        elif local == "leader":
            self._leaders.append(text)
        elif self._leaf:
            self._named.append((local, (("", text),)))
        self._leaf = False
        if not self._in_field:
            self._text = []
        if start >= 0:
            self._ended = start

    def _characters(self, text: str) -> None:
        self._place()
        self._text.append(text)

    def _aside(self, *_: str) -> None:
        at = self._place()
        if self._strips:
            self._ended = at

    def _other(self, _: str) -> None:
        self._place()


def _local(name: str) -> str:
    return name.rpartition(":")[2].casefold()


def _refuse(*_: object) -> NoReturn:
    raise Unreadable(
        "xml-doctype",
        "The record declares a document type or entities, which are never read. "
        "Ask the library to send plain records.",
    )
