"""What stands in the place of one record, made a raw record or put aside; its bytes stay as they are.

A target may send another syntax than asked and than it says; so the bytes decide what a record is. Of its
contents only its own number is read, because without one nothing can be kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree

from unioncat.domain.source import Quarantined, RawRecord
from unioncat_harvester.reader import MAX_LOCAL_ID
from unioncat_harvester.readers.z3950 import oids
from unioncat_harvester.readers.z3950.ber import Malformed
from unioncat_harvester.readers.z3950.diagnostics import Diagnostic
from unioncat_harvester.readers.z3950.opac import OpacRecord
from unioncat_harvester.readers.z3950.responses import External, Received

FIELD_END, SUBFIELD = b"\x1e", b"\x1f"
MAX_KEPT = 1024 * 1024
"""Bytes kept of a piece that is put aside."""
_BLANK = b" \t\r\n\x00\xef\xbb\xbf"
_BREAKS = b"\r\n\x00\x1a"
"""What may stand before a leader, which may itself begin with blanks."""
_NO_ID = (
    "identifier-missing",
    "The record has nothing at {place}, so nothing tells which record it is. Name the place of its number in"
    " the option id (for example 035$a), or ask the library to number its records.",
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a record turned out to be: the name a source would ask for it by, and the format it is kept as."""

    syntax: str
    format: str


def kind_of(received: External) -> Kind | None:
    """Tell what a record is by its bytes; by the target's word only where they leave a choice."""
    if received.oid == oids.OPAC or (received.element is not None and received.element.constructed):
        return Kind("opac", "opac") if received.oid == oids.OPAC else None
    data = octets_of(received)
    head = data[:64].lstrip(_BLANK)
    if head[:1] == b"<":
        return Kind("xml", "xml")
    if FIELD_END in data and (head[:5].strip().isdigit() or oids.is_marc(received.oid)):
        if received.oid in oids.MARC_LIKE_UNIMARC:
            return Kind("unimarc", "unimarc")
        return Kind("usmarc", "iso2709")
    if received.oid == oids.SUTRS and data.strip():
        return Kind("sutrs", "sutrs")
    return None


def octets_of(received: External) -> bytes:
    """Give the bytes of a record that is one string."""
    return received.element.octets() if received.element is not None else received.data


def record(
    received: Received, place: str, *, leader_deletes: bool, several: bool = False
) -> RawRecord | Quarantined:
    """Make a raw record; `place` is where its number stands (option `id`).

    `several`: the source has several databases, which may use the same numbers: their names tell them apart.
    """
    if isinstance(received, Diagnostic):
        return Quarantined(
            None,
            "record-refused",
            f"The target does not send this record: {received.text}. {received.remedy}",
        )
    try:
        made = _record(received, place, leader_deletes)
    except Malformed as error:
        return Quarantined(
            None, "record-malformed", f"The record is broken: {error}. Ask the target's operator to mend it."
        )
    if several and isinstance(made, RawRecord):
        return replace(made, local_id=f"{received.database}:{made.local_id}")
    return made


def _record(received: External, place: str, leader_deletes: bool) -> RawRecord | Quarantined:
    kind = kind_of(received)
    if kind is None:
        data = b"" if received.element is not None and received.element.constructed else octets_of(received)
        return Quarantined(
            None,
            "syntax-unknown",
            f"The record came as {oids.name_of(received.oid)}, which cannot be read. Set the source's format"
            " to one that `probe` found to work.",
            data[:MAX_KEPT],
        )
    if kind.syntax == "opac":
        opac = OpacRecord(received)
        inner = octets_of(opac.bibliographic)
        payload = opac.envelope()
    else:
        payload = octets_of(received)
        if kind.syntax == "xml":
            kind, payload = _xml_kind(payload)
        inner = payload
    identifier = _identifier(inner, place)
    if not identifier or len(identifier) > MAX_LOCAL_ID:
        code, detail = _NO_ID
        return Quarantined(None, code, detail.format(place=place), payload[:MAX_KEPT])
    if leader_deletes and _deleted(inner):
        return RawRecord(identifier, None, True, b"", kind.format)
    return RawRecord(identifier, None, False, payload, kind.format)


def _xml_kind(data: bytes) -> tuple[Kind, bytes]:
    """Name the format of an XML record after its root; what is not UTF-8 is written anew."""
    root = _root(data)
    if root is None:
        raise Malformed("XML that is not well-formed or declares a document type")
    name, _, tag = root.tag.rpartition("}")
    if root.getroottree().docinfo.encoding not in (None, "UTF-8", "utf-8", "US-ASCII"):
        data = etree.tostring(root, encoding="utf-8")
    if tag == "record" or tag == "collection":
        return Kind("xml", "marcxml"), data
    if tag.startswith("mods"):
        return Kind("xml", "mods"), data
    if tag in ("dc", "oai_dc") or "purl.org/dc" in name:
        return Kind("xml", "oai_dc"), data
    return Kind("xml", "xml"), data


def _root(data: bytes) -> "etree._Element | None":
    start = data[:4096]
    if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data.strip(_BLANK), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root if isinstance(root.tag, str) and root.getroottree().docinfo.internalDTD is None else None


def _identifier(data: bytes, place: str) -> str:
    """Read the record's own number; empty where it has none."""
    head = data[:64].lstrip(_BLANK)
    if head[:1] == b"<":
        root = _root(data)
        found = _of_xml(root, place) if root is not None else ""
    elif FIELD_END in data:
        found = next(_of_marc(data, place), "")
    else:
        found = _of_text(data, place)
    return " ".join(found.split())


def _of_marc(data: bytes, place: str) -> Iterator[str]:
    """Look a field up in the directory of ISO 2709, or beside it where it does not fit."""
    tag, _, code = place.partition("$")
    for name, body in _fields(data.lstrip(_BREAKS)):
        if name != tag.encode():
            continue
        if not code:
            value = body.split(SUBFIELD)[0] if tag < "010" else body
            yield _decoded(value)
            continue
        for part in body.split(SUBFIELD)[1:]:
            if part[:1] == code.encode():
                yield _decoded(part[1:])


def _fields(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    base = data[12:17]
    directory = data[24 : int(base) - 1] if base.isdigit() and int(base) > 25 else b""
    entries = [directory[at : at + 12] for at in range(0, len(directory), 12)]
    starts = int(base) if base.isdigit() else 0
    fits = bool(entries) and len(directory) % 12 == 0 and data[starts - 1 : starts] == FIELD_END
    if not fits or not all(entry[3:].isdigit() for entry in entries):
        yield from _by_terminators(data)
        return
    for entry in entries:
        start = starts + int(entry[7:])
        end = start + int(entry[3:7])
        if data[end - 1 : end] != FIELD_END or FIELD_END in data[start : end - 1]:
            yield from _by_terminators(data)
            return
    for entry in entries:
        start = starts + int(entry[7:])
        yield entry[:3], data[start : start + int(entry[3:7]) - 1]


def _by_terminators(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Pair tags with what stands between field terminators, as wrong directories leave nothing else."""
    directory, *bodies = data[24:].split(FIELD_END)
    tags = [directory[at : at + 3] for at in range(0, len(directory) - 11, 12)]
    yield from zip(tags, bodies, strict=False)


def _of_xml(root: "etree._Element", place: str) -> str:
    """Find a MARC field in MARCXML, or an element by its name."""
    tag, _, code = place.partition("$")
    named = "recordIdentifier" if place == "001" else place
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2]
        if element.get("tag") == tag and name in ("controlfield", "datafield"):
            if not code:
                return "".join(str(text) for text in element.itertext())
            for child in element:
                if child.get("code") == code and child.text:
                    return child.text
        elif name == named and element.text and element.text.strip():
            return element.text
    return ""


def _of_text(data: bytes, label: str) -> str:
    """Find the line of a text that begins with a label."""
    for line in _decoded(data).splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() == label.lower():
            return value
    return ""


def _decoded(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _deleted(data: bytes) -> bool:
    """Tell whether the record's leader says "deleted" (MARC 21 and UNIMARC, position 5)."""
    if data[:64].lstrip(_BLANK)[:1] != b"<":
        return FIELD_END in data and data.lstrip(_BREAKS)[5:6] == b"d"
    root = _root(data)
    found = (one.text or "" for one in root.iter("{*}leader")) if root is not None else iter(())
    return next(found, "")[5:6] == "d"
