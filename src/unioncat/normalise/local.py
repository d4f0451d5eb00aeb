"""Records with local tags, as CDS/ISIS and WinISIS write them, turned into MARC 21 by the table of a profile.

Subfields are marked by `^a`, fields have no indicators, keywords stand in angle brackets, and lines may be
broken after 80 bytes. Tags that the table does not name are read no further.
"""

import re
from functools import lru_cache

from unioncat.domain.source import Profile
from unioncat.normalise.iso2709 import FIELD_END, bodies_of
from unioncat.normalise.record import DataField, MarcRecord, Unreadable

Occurrence = tuple[str, str]
"""A field with local tag, its subfields marked by `^`."""

_SUBFIELD = re.compile(r"\^(\w)")
_KEYWORD = re.compile(r"<([^<>]*)>")
_LINE = re.compile(rb"(?s)(.{80})\r?\n")
_ONCE = frozenset({"082", "245", "250", "260", "300"})
"""Fields of which a record has one: what several local fields say of them is put together."""
_ADDED = {"100": "700", "110": "710", "111": "711"}
_IN_BRACKETS = frozenset({"650", "651", "653"})
_LEADER = "00000nam a2200000 a 4500"


def local_of_iso2709(payload: bytes, encoding: str | None) -> tuple[list[Occurrence], tuple[str, ...]]:
    """Cut a local ISO 2709 record into its fields, and say what was mended. Raises `Unreadable`."""
    data = unbroken(payload)
    pieces, flags = bodies_of(data, encoding)
    # Their leaders say nothing of the encoding, so nothing is missing there.
    kept = tuple([flag for flag in flags if flag != "encoding-undeclared"])
    return [(tag, text.replace("\x1f", "^")) for tag, text in pieces], kept


def unbroken(payload: bytes) -> bytes:
    """Take out line breaks after each 80 bytes, and put the usual terminators for the `#` of ISIS."""
    if (len(payload) > 80 and payload[80:82] in (b"\r\n", b"\n")) or payload[80:81] == b"\n":
        payload = _LINE.sub(rb"\1", payload)
    if FIELD_END not in payload and payload[12:17].isdigit():
        base = int(payload[12:17])
        if payload[base - 1 : base] == b"#":
            payload = payload.rstrip(b"\r\n").replace(b"##", b"#\x1d").replace(b"#", FIELD_END)
    return payload


def local_of_record(record: MarcRecord) -> list[Occurrence]:
    """Take a record that was decoded as MARC for one with local tags."""
    found = list(record.controls)
    for tag, first, second, subfields in record.fields:
        text = "".join([f"^{code}{value}" for code, value in subfields])
        head = (first + second).strip()
        # What was taken for indicators is the beginning of the text where the field has none.
        found.append((tag, head + text if head and not head.isdigit() else text))
    return found


def to_marc21(occurrences: list[Occurrence], profile: Profile, flags: tuple[str, ...] = ()) -> MarcRecord:
    """Turn local fields into MARC 21. Raises `Unreadable` where the table names none of them."""
    table = _table(profile.local_fields)
    controls: list[tuple[str, str]] = []
    fields: list[DataField] = []
    for local, text in occurrences:
        made: dict[str, list[tuple[str, str]]] = {}
        for code, value in _parts(text):
            target = table.get((local.lstrip("0") or "0", code))
            if target is None or not value.strip():
                continue
            tag, subfield = target
            if tag < "010":
                controls.append((tag, value.strip()))
                continue
            values = _keywords(value) if tag in _IN_BRACKETS else [value]
            if len(values) > 1:
                fields += [(tag, " ", " ", ((subfield, one),)) for one in values]
            else:
                made.setdefault(tag, []).append((subfield, values[0]))
        fields += [(tag, " ", " ", tuple(subfields)) for tag, subfields in made.items()]
    if not fields:
        raise Unreadable(
            "local-fields-unknown",
            "The profile names none of the fields of this record. Complete its table of local fields.",
        )
    return MarcRecord(_LEADER, tuple(controls), tuple(_united(fields)), flags)


def _parts(text: str) -> list[tuple[str, str]]:
    head, *rest = _SUBFIELD.split(text)
    parts = [("", head)] if head.strip() else []
    return parts + [(code, value) for code, value in zip(rest[::2], rest[1::2], strict=True)]


def _keywords(value: str) -> list[str]:
    found = [word.strip() for word in _KEYWORD.findall(value) if word.strip()]
    return found or [value]


def _united(fields: list[DataField]) -> list[DataField]:
    """Put together what belongs to one field, and make further authors added entries."""
    once: dict[str, int] = {}
    found: list[DataField] = []
    for tag, first, second, subfields in fields:
        at = once.get(tag)
        if tag in _ADDED:
            target = _ADDED[tag] if "1XX" in once else tag
            once["1XX"] = 0
            found.append((target, first, second, subfields))
        elif at is None:
            if tag in _ONCE:
                once[tag] = len(found)
            found.append((tag, first, second, subfields))
        else:
            merged = sorted((*found[at][3], *subfields), key=lambda part: part[0])
            found[at] = (tag, first, second, tuple(merged))
    return sorted(found, key=lambda field: field[0])


@lru_cache(maxsize=256)
def _table(pairs: tuple[tuple[str, str], ...]) -> dict[tuple[str, str], tuple[str, str]]:
    """Make the table of (tag without leading zeros, code); a tag alone stands for $a too."""
    found = {}
    for local, marc in pairs:
        tag, _, code = local.partition("^")
        target, _, subfield = marc.partition("$")
        key = tag.lstrip("0") or "0"
        found[key, code] = (target, subfield or "a")
        if not code:
            found.setdefault((key, "a"), (target, subfield or "a"))
    return found
