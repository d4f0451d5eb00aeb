"""Records cut out of a page as exact bytes, so that each stands alone.

A payload is byte for byte what was sent, save one thing: namespaces that are in use inside it and declared
outside it are declared in its first start tag.
"""

import re
from collections.abc import Callable, Iterator
from typing import IO
from xml.sax.saxutils import quoteattr

from unioncat.domain.source import Quarantined, RawRecord
from unioncat_harvester import reader
from unioncat_harvester.markup.scan import Entry, Scanned, Scope
from unioncat_harvester.reader import Batch

_FIRST_TAG = re.compile(rb"""<([^\s/>]+)(?:[^>"']|"[^"]*"|'[^']*')*>""")
_DECLARED = re.compile(rb"\sxmlns(?::([^\s=]+))?\s*=")
_UNPREFIXED = re.compile(rb"<[A-Za-z_\x80-\xff][^\s/>:]*[\s/>]")
_END_TAG = 64
MAX_KEPT = 1024 * 1024
"""Bytes kept of a piece that is put aside."""


Cut = Callable[[IO[bytes], Entry], RawRecord | Quarantined]
"""Cuts one record, or says why it is none."""


def batches(body: IO[bytes], scanned: Scanned, cut: Cut) -> Iterator[Batch]:
    """Give the records of a page in its order."""
    return reader.batches(cut(body, entry) for entries in scanned.entries() for entry in entries)


def aside(body: IO[bytes], entry: Entry, code: str, detail: str, local_id: str | None) -> Quarantined:
    """Put a whole record aside, with what fits of its bytes."""
    return Quarantined(local_id, code, detail, element(body, entry.start, entry.end)[:MAX_KEPT])


def element(body: IO[bytes], start: int, last: int) -> bytes:
    """Read an element: `last` is where its end tag begins, or where an empty element ends."""
    body.seek(start)
    data = body.read(last - start)
    if data.endswith(b"/>"):
        tag = _FIRST_TAG.match(data)
        if tag is not None and tag.end() == len(data):
            return data
    tail = body.read(_END_TAG)
    while (end := tail.find(b">")) < 0:
        tail += body.read(_END_TAG)
    return data + tail[: end + 1]


def alone(payload: bytes, scope: Scope) -> bytes:
    """Declare in the first start tag what is in use and declared outside only."""
    tag = _FIRST_TAG.match(payload)
    if tag is None:
        raise ValueError("a payload begins with a start tag")
    declared = {found[1] or b"" for found in _DECLARED.finditer(tag[0])}
    wanted = b""
    for prefix, address in scope:
        name = prefix.encode()
        if address and name not in declared and _uses(payload, tag[1], name):
            wanted += b" xmlns%s=%s" % (b":" + name if name else b"", quoteattr(address).encode())
    return payload[: tag.end(1)] + wanted + payload[tag.end(1) :] if wanted else payload


def _uses(payload: bytes, first: bytes, prefix: bytes) -> bool:
    """Tell whether an element or attribute carries a prefix (or, without one, an element the default)."""
    if not prefix:
        return b":" not in first or _UNPREFIXED.search(payload) is not None
    if prefix + b":" not in payload:
        return False
    name = re.escape(prefix)
    return re.search(rb"<%s:|\s%s:[^\s=<>]+\s*=\s*[\"']" % (name, name), payload) is not None
