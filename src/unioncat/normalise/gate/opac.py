"""The gate for OPAC records: every record inside the envelope is asked, and what goes is cut out of each.

Rules are asked of the bibliographic record and of the holdings records beside it; of the other holdings only
elements can go, by their names.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable

from lxml import etree

from unioncat.normalise.gate.seen import Seen, Strips
from unioncat.normalise.marcxml import local_name, parse_xml
from unioncat.normalise.opac import open_envelope
from unioncat.normalise.record import Unreadable

Look = Callable[[bytes, str], tuple[Seen, bytes]]
"""Reads a payload of a format, and returns it without what goes."""


def look_opac(payload: bytes, strips: Strips, look: Look) -> tuple[Seen, bytes]:
    """Read an envelope, and return it without what `strips` names; `look` reads the records inside."""
    envelope = open_envelope(payload)
    seen, rest = look(envelope.record, envelope.format)
    root, _ = parse_xml(payload)
    changed = rest is not envelope.record
    if changed:
        _put(root.find("{*}bibliographicRecord"), rest)
    for element in list(root.iterfind("{*}holdings//*")):
        if local_name(str(element.tag)) == "marcHoldingsRecord":
            record = _octets(element)
            more, rest = look(record, "xml" if record.lstrip()[:1] == b"<" else "iso2709")
            seen = Seen(seen.form, seen.leaders + more.leaders, seen.fields + more.fields)
            if rest is not record:
                _put(element, rest)
                changed = True
        elif strips.cuts(local_name(str(element.tag))):
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
                changed = True
    return seen, etree.tostring(root, encoding="utf-8") if changed else payload


def _put(element: etree._Element | None, record: bytes) -> None:
    if element is not None:
        element.text = b64encode(record).decode("ascii")


def _octets(element: etree._Element) -> bytes:
    try:
        return b64decode((element.text or "").encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(
            "gate-unreadable", "The bytes inside the OPAC record are damaged. Harvest the source again."
        ) from None
