"""ISO 2709 in: one record at a time, whatever the length, directory and leader say.

A damaged record must never cost its neighbours: files are cut at the record terminator (0x1D) and each
piece is decoded by itself.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

from pymarc.marc8 import marc8_to_unicode

from unioncat.normalise import iso5426
from unioncat.normalise.record import DataField, MarcRecord, Subfields, Unreadable, tidy_leader
from unioncat.text.encodings import decode

RECORD_END = b"\x1d"
FIELD_END = b"\x1e"
_ESCAPE = b"\x1b"
_SUBFIELD = "\x1f"
_FILLING = b"\n\r\x00 \x1a"
_NEXT_LEADER = re.compile(
    rb"(?<=[\x1e\r\n])(?=\d{5}[acdnpos][\x20-\x7e]{4}22\d{5}[\x20-\x7e]{3}45[\x20-\x7e]0)"
)


def split_iso2709(data: bytes) -> Iterator[bytes]:
    """Cut a file into records; line breaks and padding between them are dropped.

    Where a record has lost its end, the next leader begins a new one.
    """
    for piece in data.split(RECORD_END):
        starts = [0, *[found.start() for found in _NEXT_LEADER.finditer(piece, 24)], len(piece)]
        for start, end in pairwise(starts):
            record = piece[start:end].strip(_FILLING)
            if record:
                yield record


def decode_iso2709(data: bytes, encoding: str | None = None) -> MarcRecord:
    """Decode one record. Raises `Unreadable` where no field can be found.

    UTF-8 is believed wherever the bytes are valid UTF-8, whatever leader/09 says; all else is MARC-8, unless
    an old `encoding` is named (`text.encodings.LEGACY`).
    The directory is believed where it fits; otherwise fields are what stands between field terminators.
    """
    data = data.strip(_FILLING).rstrip(RECORD_END)
    flags: list[str] = []
    leader, mended = tidy_leader(data[:24].decode("ascii", "replace").replace("\ufffd", " "))
    if mended:
        flags.append("leader-repaired")
    pieces = _pieces(data, flags)
    text = text_reader(data, pieces, encoding, flags)
    controls: list[tuple[str, str]] = []
    fields: list[DataField] = []
    for tag, body in pieces:
        if tag < "010" and _SUBFIELD.encode() not in body:
            controls.append((tag, body.decode("utf-8", "replace")))
        elif field := _data_field(tag, body, text):
            fields.append(field)
    if not controls and not fields:
        raise Unreadable(
            "iso2709-no-fields",
            "No field was found in the ISO 2709 record. Ask the library for the record again.",
        )
    return MarcRecord(leader, tuple(controls), tuple(fields), tuple(dict.fromkeys(flags)))


def bodies_of(payload: bytes, encoding: str | None) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Return tag and whole text of each field, for records that are no MARC. Raises `Unreadable`."""
    data = payload.strip(_FILLING).rstrip(RECORD_END)
    flags: list[str] = []
    pieces = _pieces(data, flags)
    if not pieces:
        raise Unreadable(
            "iso2709-no-fields",
            "No field was found in the ISO 2709 record. Ask the library for the record again.",
        )
    text = text_reader(data, [], encoding, flags)
    return [(tag, text(body)) for tag, body in pieces], tuple(dict.fromkeys(flags))


def _pieces(data: bytes, flags: list[str]) -> list[tuple[str, bytes]]:
    pieces = by_directory(data)
    if pieces is None:
        flags.append("directory-wrong")
        pieces = by_terminators(data)
    return pieces


def text_reader(
    data: bytes, pieces: list[tuple[str, bytes]], encoding: str | None, flags: list[str]
) -> Callable[[bytes], str]:
    """Settle how the values of a record are decoded; what is odd about it is added to `flags`.

    UNIMARC says nothing in its leader, and 100 $a/26-29 often says it wrongly: its bytes are asked.
    """
    if encoding not in (None, "marc-8"):
        return partial(_decode_legacy, encoding)
    tags = {tag for tag, _ in pieces}
    if "200" in tags and "245" not in tags:
        return _unimarc_reader(data, flags)
    return decoder(data, flags)


def _unimarc_reader(data: bytes, flags: list[str]) -> Callable[[bytes], str]:
    try:
        data.decode()
    except UnicodeDecodeError:
        body = data[24:]
        if iso5426.is_likely(body):
            return iso5426.decode
        flags.append("encoding-misdeclared")
        return partial(bytes.decode, encoding="cp1252", errors="replace")
    return partial(bytes.decode, encoding="utf-8", errors="replace")


def by_directory(data: bytes) -> list[tuple[str, bytes]] | None:
    """Cut out the fields as the directory says, or return None where it does not fit."""
    try:
        base = int(data[12:17])
    except ValueError:
        return None
    directory = data[24 : base - 1]
    if base < 25 or not directory or len(directory) % 12 or data[base - 1 : base] != FIELD_END:
        return None
    fields = []
    for at in range(0, len(directory), 12):
        entry = directory[at : at + 12]
        if not (entry[:3].isalnum() and entry[3:].isdigit()):
            return None
        start = base + int(entry[7:])
        end = start + int(entry[3:7])
        if end == start:
            return None  # a length that did not fit into its four digits
        # Neither may the field lack its terminator, nor another begin inside it. The last terminator of a
        # file is often lost together with the end of the record.
        if data[end - 1 : end] != FIELD_END and end - 1 != len(data):
            return None
        body = data[start : end - 1]
        if FIELD_END in body:
            return None
        fields.append((entry[:3].decode("ascii"), body))
    return fields


def by_terminators(data: bytes) -> list[tuple[str, bytes]]:
    """Pair the tags of the directory, in the order of their offsets, with what stands between terminators."""
    directory, *bodies = data[24:].split(FIELD_END)
    entries = [directory[at : at + 12] for at in range(0, len(directory) - 2, 12)]
    if all(entry[7:].isdigit() for entry in entries):
        entries.sort(key=lambda entry: int(entry[7:]))
    tags = [entry[:3].decode("ascii", "replace") for entry in entries]
    return [(tag, body) for tag, body in zip(tags, bodies, strict=False) if tag.isalnum()]


def record_of(payload: bytes) -> bytes:
    """Return the one record in a payload, without padding and terminator. Raises `Unreadable` for more."""
    data = payload.strip(_FILLING).rstrip(RECORD_END)
    if RECORD_END in data:
        raise Unreadable(
            "iso2709-several-records", "There is more than one record in this payload. Divide the file first."
        )
    return data


def paired(data: bytes) -> list[tuple[str, bytes]] | None:
    """Pair tags and fields without regard to lengths, or return None where this is in any doubt.

    It is in none where there are as many entries as fields, each of the form that its tag asks for.
    """
    directory, *bodies = data[24:].split(FIELD_END)
    if bodies and not bodies[-1].strip(_FILLING):
        bodies.pop()
    if len(directory) % 12 or len(directory) // 12 != len(bodies):
        return None
    pieces = by_terminators(data)
    if len(pieces) != len(bodies):
        return None
    delimiter = _SUBFIELD.encode()
    return pieces if all((tag >= "010") is (delimiter in body) for tag, body in pieces) else None


def _data_field(tag: str, body: bytes, text: Callable[[bytes], str]) -> DataField | None:
    head, *parts = body.split(_SUBFIELD.encode())
    indicators = head.decode("ascii", "replace").ljust(2)
    subfields: Subfields = tuple(
        [(chr(part[0]) if part[0] < 0x80 else "?", text(part[1:])) for part in parts if part]
    )
    return (tag, indicators[-2], indicators[-1], subfields) if subfields else None


def _decode_legacy(encoding: str, value: bytes) -> str:
    return decode(value, encoding)


class Decoder:
    """Turns the bytes of a subfield into text, in the encoding that was found for the whole record."""

    def __init__(self, marc8: bool, flags: list[str]) -> None:
        self._marc8 = marc8
        self._flags = flags

    def __call__(self, value: bytes) -> str:
        """Decode one value; what cannot be decoded becomes U+FFFD and is flagged."""
        if not self._marc8 or (value.isascii() and _ESCAPE not in value):
            return value.decode("utf-8", "replace")
        try:
            return str(marc8_to_unicode(value, hide_utf8_warnings=True))
        except (UnicodeError, LookupError, ValueError):
            self._flags.append("encoding-invalid")
            return value.decode("utf-8", "replace")


def decoder(data: bytes, flags: list[str]) -> Decoder:
    """Settle the encoding of a whole record; what is odd about it is added to `flags`."""
    declared = data[9:10] == b"a"
    if data.isascii():
        return Decoder(_ESCAPE in data and not declared, flags)
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if bad and sum(char > "\x7f" for char in text) <= 2 * bad:
        if declared:
            flags.append("encoding-misdeclared")
        return Decoder(True, flags)
    # In MARC-8 hardly any two bytes make a letter of UTF-8: a few wrong bytes among many good letters are
    # damage, no other encoding.
    if bad:
        flags.append("encoding-invalid")
    if not declared:
        flags.append("encoding-undeclared")
    return Decoder(False, flags)
