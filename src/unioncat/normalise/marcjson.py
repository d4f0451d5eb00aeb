"""MARC-in-JSON in and out: one record, in the forms that are about.

Read are the common form (`fields`), the one with `controlfield` and `datafield`, and lists of values
(`record`). Nothing is lost where an object names a key twice.
"""

import json
from collections.abc import Iterator
from typing import Any

from unioncat.normalise.record import DataField, MarcRecord, Subfields, Unreadable, tidy_leader

Pairs = tuple[tuple[str, Any], ...]
"""A JSON object with all its keys, repeated ones too."""

_KNOWN = frozenset({"leader", "fields"})


def decode_marc_json(payload: bytes) -> MarcRecord:
    """Decode one record. Raises `Unreadable` where the JSON is none, or holds no field.

    The flag `json-not-plain` says that there was more than the common form has.
    """
    whole = load_object(payload)
    controls: list[tuple[str, str]] = []
    fields: list[DataField] = []
    leader = ""
    flags = [] if {key for key, _ in whole} <= _KNOWN else ["json-not-plain"]
    for key, value in whole:
        if key == "leader" and isinstance(value, str):
            leader = value
        elif isinstance(value, list):
            for tag, ind, content in _fields(key, value):
                if tag == "LDR" and isinstance(content, str):
                    leader = content
                elif isinstance(content, str):
                    controls.append((tag, content))
                elif content:
                    fields.append((tag, ind[:1] or " ", ind[1:2] or " ", content))
    if not controls and not fields:
        raise Unreadable(
            "json-no-fields",
            "No field was found in the JSON record. Ask the library for MARC-in-JSON, one object a record.",
        )
    if not leader.strip():
        flags.append("leader-missing")
    leader, mended = tidy_leader(leader)
    if mended:
        flags.append("leader-repaired")
    return MarcRecord(leader, tuple(controls), tuple(fields), tuple(flags))


def load_object(payload: bytes) -> Pairs:
    """Read a JSON object with all its keys. Raises `Unreadable`."""
    try:
        # Numbers stay text: a row number may have any length. Not strict: line breaks stand in texts.
        whole = json.loads(
            payload.decode("utf-8-sig"),
            strict=False,
            object_pairs_hook=tuple,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
        )
    except (ValueError, RecursionError):
        raise Unreadable(
            "json-not-readable", "The record is no JSON in UTF-8. Ask the library for it again."
        ) from None
    if not isinstance(whole, tuple):
        raise Unreadable("json-not-readable", "The JSON is no object. Give each record an object of its own.")
    return whole


def _fields(key: str, values: list[Any]) -> Iterator[tuple[str, str, str | Subfields]]:
    """Give tag, indicators, and text or subfields of each field, whatever the form."""
    for value in values:
        if isinstance(value, list) and len(value) > 3 and isinstance(value[0], str):
            yield _of_list(value)
        elif not isinstance(value, tuple):
            continue
        elif key in ("controlfield", "datafield"):
            named = dict(value)
            tag, data = _text(named.get("tag")), named.get("data", named.get("value"))
            if tag and data is not None:
                yield tag, "", _text(data)
            elif tag:
                ind = _text(named.get("ind")) or _text(named.get("ind1")) + _text(named.get("ind2"))
                yield tag, ind, _subfields(value)
        else:
            for tag, content in value:
                if isinstance(content, tuple):
                    named = dict(content)
                    ind = (_text(named.get("ind1")) or " ") + (_text(named.get("ind2")) or " ")
                    yield tag, ind, _subfields(content)
                elif content is not None and not isinstance(content, list):
                    yield tag, "", _text(content)


def _of_list(value: list[Any]) -> tuple[str, str, str | Subfields]:
    tag, first, second, *rest = value
    parts = tuple([(_text(code), _text(text)) for code, text in zip(rest[::2], rest[1::2], strict=False)])
    if [code for code, _ in parts] == ["_"]:
        return tag, "", parts[0][1]
    return tag, (_text(first) or " ") + (_text(second) or " "), parts


def _subfields(content: Pairs) -> Subfields:
    found: list[tuple[str, str]] = []
    for key, values in content:
        if key in ("subfields", "subfield") and isinstance(values, list):
            for value in values:
                if not isinstance(value, tuple):
                    continue
                named = dict(value)
                if "code" in named:
                    found.append((_text(named["code"]), _text(named.get("data", named.get("value")))))
                else:
                    found += [(code, _text(text)) for code, text in value]
    return tuple(found)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, list | tuple | bool) else str(value)


def to_marc_json(record: MarcRecord) -> bytes:
    """Write a record in the common form of MARC-in-JSON."""
    fields: list[dict[str, Any]] = [{tag: value} for tag, value in record.controls]
    fields += [
        {tag: {"ind1": first, "ind2": second, "subfields": [{code: value} for code, value in subfields]}}
        for tag, first, second, subfields in record.fields
    ]
    text = json.dumps({"leader": record.leader, "fields": fields}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
