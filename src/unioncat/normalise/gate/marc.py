"""The gate for MARC outside XML: ISO 2709, MARC-in-JSON, lines.

Where the directory of an ISO 2709 record lies so badly that nobody can say which text belongs to which tag,
the record is refused. Bytes that no entry of the directory points at are not passed on.
"""

from unioncat.normalise.gate.seen import Seen, Strips, seen_in, without
from unioncat.normalise.iso2709 import FIELD_END, RECORD_END, by_directory, paired, record_of, text_reader
from unioncat.normalise.marcjson import decode_marc_json, to_marc_json
from unioncat.normalise.mrk import lines, text_of
from unioncat.normalise.record import Subfields, Unreadable

_DELIMITER = b"\x1f"
_MAX_LENGTH = 9_999
_MAX_OFFSET = 99_999

_Piece = tuple[str, bytes]


def look_iso2709(payload: bytes, strips: Strips, encoding: str | None = None) -> tuple[Seen, bytes]:
    """Read an ISO 2709 record, and return it without what `strips` names. Raises `Unreadable`."""
    data = record_of(payload)
    pieces = by_directory(data)
    if pieces is None:
        pieces = paired(data)
        if not pieces:
            raise Unreadable(
                "gate-unreadable",
                "The directory of the record fits its fields so badly that the rules of its profile cannot "
                "be asked of it. Ask the library for the record again.",
            )
    text = text_reader(data, pieces, encoding, [])
    fields = []
    kept: list[_Piece] = []
    for tag, body in pieces:
        parts = _parts(body)
        subfields: Subfields = tuple([(code, text(value)) for code, value in parts])
        fields.append((tag, subfields))
        if (rest := _without(tag, body, parts, subfields, strips)) is not None:
            kept.append((tag, rest))
    seen = Seen("marc", (data[:24].decode("ascii", "replace"),), tuple(fields))
    if not strips or (kept == pieces and _is_all(data, pieces)):
        return seen, payload
    return seen, build_iso2709(data[:24], kept)


def _parts(body: bytes) -> list[tuple[str, bytes]]:
    head, *parts = body.split(_DELIMITER)
    if not parts:
        return [("", head)]
    return [(part[:1].decode("ascii", "replace"), part[1:]) for part in parts]


def _without(
    tag: str, body: bytes, parts: list[tuple[str, bytes]], subfields: Subfields, strips: Strips
) -> bytes | None:
    """Return what is left of a field, or None."""
    if strips.goes(tag, subfields):
        return None
    if tag not in strips.parts:
        return body
    kept = [
        _DELIMITER + code.encode() + value
        for (code, value) in parts
        if code and not strips.cuts_part(tag, code)
    ]
    if len(kept) == len(parts):
        return body
    return body.partition(_DELIMITER)[0] + b"".join(kept) if kept else None


def _is_all(data: bytes, pieces: list[_Piece]) -> bool:
    """Tell whether leader, directory and fields are all that there is."""
    inside = sum(len(body) + 1 for _, body in pieces)
    return 24 + 12 * len(pieces) + 1 + inside - len(data) in (0, 1)


def build_iso2709(leader: bytes, pieces: list[_Piece]) -> bytes:
    """Write a record with a right directory and right lengths (ISO 2709 §4).

    Numbers that do not fit are 0, which every reader here takes for a directory that cannot be believed.
    """
    entries, data = [], b"".join([body + FIELD_END for _, body in pieces])
    base = 24 + 12 * len(pieces) + 1
    total = base + len(data) + 1
    fits = total <= _MAX_OFFSET and all(len(body) < _MAX_LENGTH for _, body in pieces)
    at = 0
    for tag, body in pieces:
        length, place = (len(body) + 1, at) if fits else (0, 0)
        entries.append(b"%3s%04d%05d" % (tag.encode("ascii", "replace")[:3], length, place))
        at += len(body) + 1
    leader = leader.ljust(24)[:24]
    head = b"%05d" % (total if total <= _MAX_OFFSET else 99_999) + leader[5:12] + b"%05d" % min(base, 99_999)
    return head + leader[17:20] + b"4500" + b"".join(entries) + FIELD_END + data + RECORD_END


def look_json(payload: bytes, strips: Strips) -> tuple[Seen, bytes]:
    """Read MARC-in-JSON, and return it without what `strips` names. Raises `Unreadable`."""
    record = decode_marc_json(payload)
    kept = without(record, strips)
    if kept is record and ("json-not-plain" not in record.flags or not strips):
        return seen_in(record), payload
    return seen_in(record), to_marc_json(kept)


def look_lines(payload: bytes, strips: Strips) -> tuple[Seen, bytes]:
    """Read a record of lines, and return it without what `strips` names. Raises `Unreadable`."""
    text, _ = text_of(payload)
    fields = []
    kept = []
    cut = False
    leader = ""
    for tag, content in lines(text):
        if tag in ("LDR", "000"):
            leader = content.replace("\\", " ")
            kept.append(f"={tag}  {content}")
            continue
        head, *parts = content.split("$")
        subfields = tuple([(part[:1], part[1:]) for part in parts]) or (("", head),)
        fields.append((tag, subfields))
        rest = [f"${part}" for part in parts if not strips.cuts_part(tag, part[:1])]
        if strips.goes(tag, subfields) or (parts and not rest):
            cut = True
            continue
        cut = cut or len(rest) < len(parts)
        kept.append(f"={tag}  {head}{''.join(rest)}")
    if not fields:
        raise Unreadable("gate-unreadable", "No line of the record begins with a tag (=245).")
    seen = Seen("marc", (leader,), tuple(fields))
    first = text.lstrip("\ufeff \r\n\t")
    if not strips or (not cut and first.startswith("=")):
        return seen, payload
    encoding = "latin-1" if text_of(payload)[1] else "utf-8"
    return seen, ("\n".join(kept) + "\n").encode(encoding)
