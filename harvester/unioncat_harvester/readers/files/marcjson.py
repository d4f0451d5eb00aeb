"""MARC-in-JSON cut into records: an array, one object a line, or objects one behind the other.

Objects are found by their braces; one that is never closed costs itself and nothing behind it.
"""

import json
import re
from collections.abc import Iterator
from typing import IO

from unioncat_harvester.reader import MAX_RECORD_BYTES
from unioncat_harvester.readers.files.piece import Piece

STEP = 1024 * 1024
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}]|"', re.DOTALL)
_LEADER = re.compile(rb'\{\s*"leader"')
_FIELD_KEYS = ("fields", "datafield", "controlfield", "record", "leader")


def pieces(body: IO[bytes]) -> Iterator[Piece]:
    """Give the records of a file in their order."""
    for number, raw in enumerate(_objects(body), 1):
        yield _piece(raw, str(number))


def _objects(body: IO[bytes]) -> Iterator[bytes]:
    """Give the outermost objects that hold records; what stands between them is passed over."""
    body.seek(0)
    rest, at, depth, start = b"", 0, 0, -1
    ended = False
    while True:
        found = _TOKEN.search(rest, at)
        if (found is None or found[0] == b'"' or found.end() == len(rest)) and not ended:
            keep = start if start >= 0 else (found.start() if found else len(rest))
            rest, at = rest[keep:], (found.start() if found else len(rest)) - keep
            start = 0 if start >= 0 else -1
            more = body.read(STEP)
            ended = not more
            rest += more
            if len(rest) > MAX_RECORD_BYTES + STEP:
                yield rest[: MAX_RECORD_BYTES + 1]
                rest, at, depth, start = b"", 0, 0, -1
            continue
        if found is None:
            break
        token = found[0]
        at = found.end()
        if token == b"{":
            if depth and _LEADER.match(rest, found.start()) and start >= 0:
                yield rest[start : found.start()]
                depth, start = 0, -1
            if depth == 0:
                start = found.start()
            depth += 1
        elif token == b"}" and depth:
            depth -= 1
            if depth == 0:
                yield rest[start:at]
                start = -1
    if start >= 0:
        yield rest[start:]


def _piece(raw: bytes, place: str) -> Piece:
    if len(raw) > MAX_RECORD_BYTES:
        return Piece(
            place, raw[:1024], fault=("too-large", f"The object has more than {MAX_RECORD_BYTES:,} bytes.")
        )
    try:
        value = json.loads(raw, strict=False)  # line breaks stand in texts
    except (ValueError, RecursionError) as error:
        return Piece(place, raw, fault=("json-broken", f"This is no JSON object: {str(error)[:200]}."))
    if not isinstance(value, dict) or not any(key in value for key in _FIELD_KEYS):
        return Piece(place, raw, fault=("json-not-marc", "The object has neither a leader nor fields."))
    return Piece(place, raw, own_id=_control_number(value))


def _control_number(value: dict[str, object]) -> str | None:
    fields = value.get("fields") or value.get("controlfield")
    for field in fields if isinstance(fields, list) else ():
        if not isinstance(field, dict):
            continue
        given = field.get("001") or (
            field.get("data") or field.get("value") if field.get("tag") == "001" else None
        )
        if isinstance(given, (str, int)):
            return str(given).strip()[:200] or None
    return None
