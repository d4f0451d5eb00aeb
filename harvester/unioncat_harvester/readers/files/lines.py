"""Line MARC (`=245  10$aTitle`) cut into records: at a leader, or at an empty line."""

import re
from collections.abc import Iterator
from typing import IO

from unioncat_harvester.reader import MAX_RECORD_BYTES
from unioncat_harvester.readers.files.piece import Piece

_TAG = re.compile(rb"=([0-9A-Za-z]{3})(?: {1,2}|\t|\r?\n|$)")


def pieces(body: IO[bytes]) -> Iterator[Piece]:
    """Give the records of a file; lines that belong to none are put aside."""
    body.seek(0)
    record: list[bytes] = []
    begun = number = size = 0
    empty = False
    for line in body:
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            empty = True
            continue
        found = _TAG.match(line)
        begins = found is not None and (empty or found[1] in (b"LDR", b"000"))
        if record and (begins or size > MAX_RECORD_BYTES):
            yield _piece(record, begun)
            record, size = [], 0
        if not record:
            begun = number
        record.append(line)
        size += len(line)
        empty = False
    if record:
        yield _piece(record, begun)


def _piece(record: list[bytes], begun: int) -> Piece:
    payload = b"".join(record).rstrip(b"\r\n") + b"\n"
    place = str(begun)
    if len(payload) > MAX_RECORD_BYTES:
        return Piece(place, payload[:1024], fault=("too-large", f"The record has {len(payload):,} bytes."))
    if not any(_TAG.match(line) for line in record):
        return Piece(place, payload, fault=("lines-no-fields", "No line here begins with a tag (=245)."))
    for line in record:
        if line.startswith(b"=001"):
            own = line[4:].decode("utf-8", "replace").replace("\\", " ").strip()
            return Piece(place, payload, own_id=own[:200] or None)
    return Piece(place, payload)
