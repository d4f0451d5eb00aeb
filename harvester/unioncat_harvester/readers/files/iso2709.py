"""ISO 2709 files cut into records, whatever their lengths and directories say.

A damaged record must never cost its neighbours: cuts are made at record terminators, and where a leader
stands inside what should be one record. What a record says is not looked at, save its number and its tags.
"""

import re
from collections.abc import Iterator
from typing import IO

from unioncat_harvester.reader import MAX_RECORD_BYTES
from unioncat_harvester.readers.files.piece import Piece

STEP = 1024 * 1024
END, FIELD = b"\x1d", b"\x1e"
_FILLING = b"\r\n\x00 \x1a\xef\xbb\xbf"
_LEADER = re.compile(rb"\d{5}[\x20-\x7e]{5}22\d{5}[\x20-\x7e]{3}45[\x20-\x7e]0")
_INSIDE = re.compile(rb"(?<=[\x1e\r\n])(?=\d{5}[acdnpos][\x20-\x7e]{4}22\d{5}[\x20-\x7e]{3}45[\x20-\x7e]0)")
_ISIS_LEADER = re.compile(rb"\d{5}[\x20-\x7e]{7}\d{5}[\x20-\x7e]{7}")


def pieces(body: IO[bytes]) -> Iterator[Piece]:
    """Give the records of a file in their order."""
    number = 0
    for raw, whole in _terminated(body):
        for part, cut_off in _parted(raw, whole):
            number += 1
            yield _piece(part, number, cut_off)


def _terminated(body: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Give what stands between record terminators, and whether one stood at its end."""
    body.seek(0)
    rest = bytearray()
    while more := body.read(STEP):
        rest += more
        *ended, last = bytes(rest).split(END)
        for raw in ended:
            if part := raw.strip(_FILLING):
                yield part, True
        rest = bytearray(last)
        if len(rest) > MAX_RECORD_BYTES:
            yield bytes(rest), False
            rest.clear()
    if part := bytes(rest).strip(_FILLING):
        yield part, False


def _parted(raw: bytes, whole: bool) -> Iterator[tuple[bytes, bool]]:
    """Cut where a record's end is missing and a leader follows; tell whether a part lacks its end."""
    starts = [0, *(found.start() for found in _INSIDE.finditer(raw) if found.start() >= 24)]
    ends = [*starts[1:], len(raw)]
    for start, end in zip(starts, ends, strict=True):
        last = end == len(raw)
        yield raw[start:end].rstrip(b"\r\n"), last and not whole


def _piece(raw: bytes, number: int, cut_off: bool) -> Piece:
    place = str(number)
    if len(raw) > MAX_RECORD_BYTES:
        return Piece(place, raw[:1024], fault=("too-large", f"The record has {len(raw):,} bytes."))
    if FIELD not in raw:
        return Piece(
            place,
            raw,
            fault=(
                "iso2709-no-fields",
                "These bytes are no record: no field ends in them. They were left out.",
            ),
        )
    if cut_off and _is_short(raw):
        return Piece(
            place,
            raw,
            fault=("record-cut-off", "The file ends inside this record: it was cut off. Export it again."),
        )
    return Piece(place, raw + END, own_id=control_number(raw))


def _is_short(raw: bytes) -> bool:
    """Tell whether a record without its end lacks more than its terminators."""
    announced = raw[:5]
    return announced.isdigit() and announced != b"00000" and len(raw) < int(announced) - 2


def control_number(raw: bytes) -> str | None:
    """Give field 001 of a record: the first field where the directory begins with it, else by place."""
    directory, _, rest = raw[24:].partition(FIELD)
    if directory[:3] != b"001":
        at = directory.find(b"001")
        if at < 0 or at % 12:
            return None
        base = int(raw[12:17]) if raw[12:17].isdigit() else 0
        entry = directory[at : at + 12]
        if len(entry) < 12 or not entry[3:].isdigit() or not base:
            return None
        start = base + int(entry[7:])
        value = raw[start : start + int(entry[3:7])].rstrip(FIELD)
    else:
        value = rest.partition(FIELD)[0]
    text = value.decode("utf-8", "replace").strip()
    return text if text and len(text) <= 200 and text.isprintable() else None


def tags(raw: bytes) -> set[bytes]:
    """Give the tags that a record's directory names."""
    directory = raw[24:].partition(FIELD)[0]
    return {directory[at : at + 3] for at in range(0, len(directory) - 2, 12)}


def subfield(raw: bytes, tag: str, code: str) -> str | None:
    """Give the first subfield of a field, where the directory fits."""
    base = int(raw[12:17]) if raw[12:17].isdigit() else 0
    directory = raw[24:].partition(FIELD)[0]
    for at in range(0, len(directory) - 11, 12):
        entry = directory[at : at + 12]
        if entry[:3] == tag.encode() and entry[3:].isdigit() and base:
            start = base + int(entry[7:])
            field = raw[start : start + int(entry[3:7])].rstrip(FIELD)
            for part in field.split(b"\x1f")[1:]:
                if part[:1] == code.encode():
                    return part[1:].decode("utf-8", "replace").strip() or None
    return None


def isis_pieces(body: IO[bytes]) -> Iterator[Piece]:
    """Give the records of a file of CDS/ISIS or WinISIS, in the usual framing.

    Lines of 80 characters are joined; `#`, which ISIS puts for both terminators, becomes those of ISO 2709
    at the places that the directory names. The text stays as it is.
    """
    for number, raw in enumerate(_isis_records(body), 1):
        framed = _framed(raw)
        if framed is None:
            yield Piece(
                str(number),
                raw,
                fault=(
                    "isis-directory-wrong",
                    "The directory of this ISIS record does not fit. Export it again.",
                ),
            )
        else:
            yield Piece(str(number), framed, own_id=control_number(framed[:-1]))


def _isis_records(body: IO[bytes]) -> Iterator[bytes]:
    """Cut by the length in each leader, counted without line breaks."""
    body.seek(0)
    rest = b""
    ended = False
    while True:
        while len(rest) < 2 * STEP and not ended:
            more = body.read(STEP)
            ended = not more
            rest += more.replace(b"\r", b"").replace(b"\n", b"")
        rest = rest.lstrip(b"\x1a\x00 ")
        if not rest:
            return
        length = int(rest[:5]) if rest[:5].isdigit() else 0
        if (
            length < 38
            or length > len(rest)
            or (rest[length : length + 5] and not rest[length : length + 5].isdigit())
        ):
            again = _ISIS_LEADER.search(rest, 24)
            length = again.start() if again else len(rest)
        yield rest[:length]
        rest = rest[length:]


def _framed(raw: bytes) -> bytes | None:
    if not (raw[:5].isdigit() and raw[12:17].isdigit()):
        return None
    base = int(raw[12:17])
    directory = raw[24 : base - 1]
    if base < 37 or base > len(raw) or len(directory) % 12 or not directory.isdigit():
        return None
    framed = bytearray(raw)
    framed[base - 1] = 0x1E
    for at in range(0, len(directory), 12):
        end = base + int(directory[at + 7 : at + 12]) + int(directory[at + 3 : at + 7])
        if end > len(raw):
            return None
        framed[end - 1] = 0x1E
    framed[-1] = 0x1D
    return bytes(framed)
