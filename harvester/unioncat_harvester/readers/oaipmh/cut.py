"""Records of OAI-PMH cut out of a page: header and metadata (§2.5)."""

import re
from collections.abc import Iterator
from functools import partial
from typing import IO
from xml.sax.saxutils import unescape

from unioncat.domain.source import Quarantined, RawRecord
from unioncat_harvester.markup import cut
from unioncat_harvester.markup.hollow import HOLLOW, is_hollow
from unioncat_harvester.markup.scan import Entry, Scanned
from unioncat_harvester.reader import BATCH_RECORDS, MAX_LOCAL_ID, MAX_RECORD_BYTES, Batch

_SET = re.compile(rb"<(?:[\w.-]+:)?setSpec\b[^>]*>([^<]*)<")
_DELETED = re.compile(rb"""<[^>]*\sstatus\s*=\s*["']\s*deleted\s*["']""", re.IGNORECASE)
_MAX_HEADER = 64 * 1024


def batches(body: IO[bytes], scanned: Scanned, format: str) -> Iterator[Batch]:
    """Give the records of a page in its order; `format` is the metadataPrefix asked for."""
    return cut.batches(body, scanned, partial(record, format=format))


def record(body: IO[bytes], entry: Entry, format: str) -> RawRecord | Quarantined:
    """Cut one record, or say why it is none."""
    identifier = entry.said.get("identifier", "")
    deleted = entry.said.get("header", "").lower() == "deleted"
    fault = _fault(entry, identifier, deleted)
    if fault is not None:
        return cut.aside(body, entry, *fault, identifier[:MAX_LOCAL_ID] or None)
    payload = b"" if deleted else cut.alone(cut.element(body, entry.first, entry.last), entry.scope)
    if not deleted and is_hollow(payload):
        return cut.aside(body, entry, *HOLLOW, identifier)
    stamp = entry.said.get("datestamp", "")[:64] or None
    return RawRecord(identifier, stamp, deleted, payload, format, sets(body, entry))


def sets(body: IO[bytes], entry: Entry) -> tuple[str, ...]:
    """Give the setSpecs of a record's header."""
    end = entry.body if entry.body >= 0 else entry.end
    body.seek(entry.start)
    header = body.read(min(end - entry.start, _MAX_HEADER))
    if b"setSpec" not in header:
        return ()
    return tuple(unescape(found.decode("utf-8", "replace").strip()) for found in _SET.findall(header))


def is_deleted(body: IO[bytes], entry: Entry) -> bool:
    """Tell whether a bare header (of ListIdentifiers) is marked as deleted."""
    body.seek(entry.start)
    return _DELETED.match(body.read(min(entry.end - entry.start, _MAX_HEADER))) is not None


def listed(body: IO[bytes], scanned: Scanned) -> Iterator[Batch]:
    """Give the identifiers of a page of ListIdentifiers; a header without one is put aside."""
    for entries in scanned.entries():
        for first in range(0, len(entries), BATCH_RECORDS):
            live: list[str] = []
            aside: list[Quarantined] = []
            deleted = 0
            for entry in entries[first : first + BATCH_RECORDS]:
                identifier = entry.said.get("identifier", "")
                if not identifier or len(identifier) > MAX_LOCAL_ID:
                    detail = "A header in the list of identifiers has no identifier that can be used."
                    aside.append(cut.aside(body, entry, "identifier-missing", detail, None))
                elif is_deleted(body, entry):
                    deleted += 1
                else:
                    live.append(identifier)
            yield Batch((), tuple(aside), tuple(live), deleted)


def _fault(entry: Entry, identifier: str, deleted: bool) -> tuple[str, str] | None:
    if "header" not in entry.said:
        return "header-missing", "The record has no header, so nothing tells which record it is."
    if not identifier:
        return "identifier-missing", "The record's header has no identifier."
    if len(identifier) > MAX_LOCAL_ID:
        return "identifier-too-long", f"The identifier has more than {MAX_LOCAL_ID} characters."
    if deleted:
        return None
    if entry.roots == 0:
        return (
            "metadata-missing",
            "The record is not marked as deleted, but its metadata hold no element.",
        )
    if entry.roots > 1:
        return "metadata-several", f"The record's metadata holds {entry.roots} elements instead of one."
    if entry.last - entry.first > MAX_RECORD_BYTES:
        return "too-large", f"The record is larger than {MAX_RECORD_BYTES:,} bytes."
    return None
