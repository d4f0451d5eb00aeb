"""XML files cut into records: MARCXML, MODS and Dublin Core, bare or inside OAI-PMH and SRU answers.

Cut by tags and not by a parser over the whole: one broken record costs itself only, no DOCTYPE is obeyed,
memory stays flat. Each record is then parsed by itself, and given out as XML that stands alone.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from xml.sax.saxutils import quoteattr

from lxml import etree

from unioncat_harvester.reader import MAX_RECORD_BYTES
from unioncat_harvester.readers.files.piece import NotUnderstood, Piece

STEP = 1024 * 1024
NAMES = ("record", "mods", "dc", "qualifieddc", "simpledc")
"""Elements that are records, without their prefixes."""
_TAG = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<(/?)((?:[\w.-]+:)?)("
    + b"|".join(name.encode() for name in (*NAMES, "metadata", "recordData"))
    + rb")((?:\s[^<>]*?)?)(/?)>",
    re.DOTALL | re.IGNORECASE,
)
_DECLARED = re.compile(rb"""\sxmlns(?::([\w.-]+))?\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BAD_AMP = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)")
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_FIVE = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
_PARSER = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
LONGEST_TAG = 64 * 1024
CUT_OFF = b"<!cut-off>"
"""Put behind a record that the file ends in."""


@dataclass(frozen=True, slots=True)
class Document:
    """What stands before the first record."""

    encoding: str
    scope: tuple[tuple[str, str], ...]
    """(prefix, address) pairs declared outside records."""


def pieces(body: IO[bytes]) -> Iterator[Piece]:
    """Give the records of a file. Raises `NotUnderstood` where it holds none."""
    document: Document | None = None
    number = 0
    for raw, head in _cut(body):
        if document is None:
            document = _document(head)
        if raw is None:
            continue
        for piece in _pieces(raw, document):
            number += 1
            yield Piece(str(number), piece.payload, piece.own_id, piece.content, piece.deleted, piece.fault)
    if number == 0:
        raise NotUnderstood(
            "the XML file holds no MARCXML, MODS or Dublin Core record",
            "Export it again as MARCXML, or bring the table as Excel or CSV.",
        )


def _cut(body: IO[bytes]) -> Iterator[tuple[bytes | None, bytes]]:
    """Give the outermost records with what stood before the first one; a last one that never ends, too."""
    body.seek(0)
    rest, at, depth, start = b"", 0, 0, -1
    head = b""
    name = b""
    nested = False
    ended = False
    while True:
        found = _TAG.search(rest, at)
        if found is None or (found.end() == len(rest) and not ended):
            if ended:
                break
            keep = start if start >= 0 else max(at, len(rest) - LONGEST_TAG)
            if start < 0 and len(head) < 4 * LONGEST_TAG:
                head = (head + rest[at:keep])[: 4 * LONGEST_TAG]
            at = max(at, len(rest) - LONGEST_TAG) - keep
            rest = rest[keep:]
            start = 0 if start >= 0 else -1
            more = body.read(STEP)
            ended = not more
            rest += more
            if len(rest) > MAX_RECORD_BYTES + STEP:
                yield rest[: MAX_RECORD_BYTES + 1], head
                rest, at, depth, start = rest[-LONGEST_TAG:], 0, 0, -1
            continue
        closing, prefix, local, _, empty = found.groups()
        at = found.end()
        if local is None:
            continue
        local = local.lower()
        if local in (b"metadata", b"recorddata"):
            nested = nested or (depth > 0 and not closing)
            continue
        if depth and (prefix.lower() + local != name and not nested):
            continue
        if not closing:
            if depth == 0:
                head = head or rest[: found.start()]
                start, name, nested = found.start(), prefix.lower() + local, False
            elif prefix.lower() + local == name and not nested:
                yield rest[start : found.start()], head
                start, depth = found.start(), 0
            if empty:
                if depth == 0:
                    yield rest[start:at], head
                    start = -1
            elif depth == 0 or prefix.lower() + local == name:
                depth += 1
        elif depth and prefix.lower() + local == name:
            depth -= 1
            if depth == 0:
                yield rest[start:at], head
                start = -1
    if start >= 0:
        yield rest[start:] + CUT_OFF, head


def _document(head: bytes) -> Document:
    declared = _ENCODING.search(head.removeprefix(b"\xef\xbb\xbf"))
    encoding = declared[1].decode("ascii") if declared else "utf-8"
    if encoding.lower().replace("-", "") in ("utf16", "utf16le", "utf16be"):
        encoding = "utf-8"  # turned into it already
    scope: dict[str, str] = {}
    for found in _DECLARED.finditer(head):
        prefix = (found[1] or b"").decode("ascii", "replace")
        scope[prefix] = html.unescape((found[2] or found[3] or b"").decode("utf-8", "replace"))
    scope.pop("xml", None)
    return Document(encoding, tuple(scope.items()))


def _pieces(raw: bytes, document: Document) -> Iterator[Piece]:
    """Give what one outermost element holds: itself, or the records inside an answer's envelope."""
    if len(raw) > MAX_RECORD_BYTES:
        yield Piece(
            "", raw[:1024], fault=("too-large", f"The record has more than {MAX_RECORD_BYTES:,} bytes.")
        )
        return
    if raw.endswith(CUT_OFF):
        detail = "The file ends inside this record: it was cut off. Export it again."
        yield Piece("", raw[: 1024 * 1024].removesuffix(CUT_OFF), fault=("record-cut-off", detail))
        return
    root = _parsed(raw, document)
    if root is None:
        yield Piece(
            "",
            raw[: 1024 * 1024],
            fault=("xml-broken", "This record is not well-formed XML and could not be mended."),
        )
        return
    header = next((child for child in root if _local(child) == "header"), None)
    inner = [child for child in root if _local(child) in ("metadata", "recordData")]
    if header is None and not inner:
        yield _record(root, None, raw)
        return
    identifier = None
    if header is not None:
        identifier = next((child.text for child in header if _local(child) == "identifier"), None)
        if header.get("status", "").lower() == "deleted":
            yield _deleted(identifier, raw)
            return
    records = [child for one in inner for child in one if isinstance(child.tag, str)]
    if len(records) != 1:
        yield Piece(
            "",
            raw[: 1024 * 1024],
            fault=("metadata-missing", f"The record holds {len(records)} descriptions instead of one."),
        )
        return
    yield _record(records[0], (identifier or "").strip() or None, raw)


def _deleted(identifier: str | None, raw: bytes) -> Piece:
    if not identifier:
        return Piece(
            "", raw, fault=("identifier-missing", "A deleted record without identifier deletes nothing.")
        )
    return Piece("", b"", own_id=identifier.strip(), deleted=True)


def _record(root: etree._Element, identifier: str | None, raw: bytes) -> Piece:
    try:
        payload: bytes = etree.tostring(root, method="c14n", exclusive=True, with_comments=False)
    except etree.LxmlError:
        detail = "The record declares namespaces that are none, so that it cannot stand alone."
        return Piece("", raw[: 1024 * 1024], fault=("xml-broken", detail))
    if not any(isinstance(child.tag, str) for child in root.iterdescendants()):
        return Piece("", raw[: 1024 * 1024], fault=("record-empty", "The record has no fields."))
    return Piece("", payload, own_id=identifier or _own_id(root))


def _own_id(root: etree._Element) -> str | None:
    for child in root.iter():
        if not isinstance(child.tag, str):
            continue
        local = _local(child)
        if (local == "controlfield" and child.get("tag") == "001") or local == "recordIdentifier":
            text = " ".join("".join(map(str, child.itertext())).split())
            return text[:200] or None
    return None


def _parsed(raw: bytes, document: Document) -> etree._Element | None:
    """Parse a record by itself: as it is, else without what XML does not allow, else as far as it goes."""
    declared = "".join(
        f" xmlns{':' + prefix if prefix else ''}={quoteattr(address)}"
        for prefix, address in document.scope
        if address and prefix not in ("", *_own_prefixes(raw))
    )
    default = dict(document.scope).get("", "")
    if default and b"xmlns=" not in raw[:LONGEST_TAG].partition(b">")[0]:
        declared += f" xmlns={quoteattr(default)}"
    text = _in_utf8(raw, document.encoding)
    clean = _CONTROLS.sub(b" ", text)
    mended = _BAD_AMP.sub(b"&amp;", _ENTITY.sub(_named_entity, clean))
    for content, recover in ((clean, False), (mended, False), (mended, True)):
        wrapped = b"<w" + declared.encode() + b">" + content + (b"" if recover else b"</w>")
        try:
            tree = etree.fromstring(wrapped, etree.XMLParser(recover=recover, **_PARSER))  # type: ignore[arg-type]
        except (etree.XMLSyntaxError, ValueError):
            continue
        if tree is not None and len(tree) and isinstance(tree[0].tag, str):
            root = tree[0]
            if recover and len(root) == 0:
                continue
            return root
    return None


def _own_prefixes(raw: bytes) -> frozenset[str]:
    tag = raw[:LONGEST_TAG].partition(b">")[0]
    return frozenset((found[1] or b"").decode("ascii", "replace") for found in _DECLARED.finditer(tag))


def _in_utf8(raw: bytes, encoding: str) -> bytes:
    if encoding.lower() in ("utf-8", "utf8", "us-ascii", "ascii"):
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            return (
                raw.decode("windows-1252", "replace").encode()
                if _is_8bit(raw)
                else raw.decode("utf-8", "replace").encode()
            )
        return raw
    try:
        return raw.decode(encoding, "replace").encode("utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace").encode()


def _is_8bit(raw: bytes) -> bool:
    """Tell whether bytes that are no UTF-8 are another encoding throughout, rather than damaged in places."""
    text = raw.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return sum(char > "\x7f" for char in text) <= 2 * bad


def _named_entity(found: re.Match[bytes]) -> bytes:
    if found[1] in _FIVE:
        return found[0]
    char = html.unescape(found[0].decode("ascii"))
    return found[0] if char.startswith("&") else char.encode()


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def format_of(payload: bytes) -> str:
    """Name the format of a record that stands alone: marcxml, mods or oai_dc."""
    start = payload[:LONGEST_TAG].partition(b">")[0]
    if b"loc.gov/mods" in start or b":mods" in start or start.startswith(b"<mods"):
        return "mods"
    if (
        b"purl.org/dc" in start
        or b"oai_dc" in start
        or start.lstrip(b"<").startswith((b"dc", b"qualifieddc"))
    ):
        return "oai_dc"
    return "marcxml"
