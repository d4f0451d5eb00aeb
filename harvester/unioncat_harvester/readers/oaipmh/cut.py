"""Records of OAI-PMH cut out of a page: header and metadata (§2.5)."""

from collections.abc import Iterator
from functools import partial
from typing import IO

from unioncat.domain.source import Quarantined, RawRecord
from unioncat_harvester.markup import cut
from unioncat_harvester.markup.scan import Entry, Scanned
from unioncat_harvester.reader import MAX_LOCAL_ID, MAX_RECORD_BYTES, Batch


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
    return RawRecord(identifier, entry.said.get("datestamp", "")[:64] or None, deleted, payload, format)


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
