"""The text of old office documents: enough of RTF, Word, Excel and PowerPoint files to judge encodings by.

Text comes as the file holds it: in a legacy font it is the surface of the encoding.
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineWorkbook

_FREE = 0xFFFFFFFA
"""Sector numbers from here on are marks, no sectors."""


def text_of(path: Path) -> list[str]:
    """Give the lines of a document."""
    reader = {".rtf": _rtf, ".doc": _doc, ".xls": _xls, ".ppt": _ppt}[path.suffix]
    found = "\n".join(reader(path)).replace("\r", "\n").replace("\x07", "\n").replace("\x0b", "\n")
    return [line for line in found.split("\n") if line.strip()]


def streams(data: bytes) -> dict[str, bytes]:
    """Open a compound file ([MS-CFB]): its streams by name."""
    sector, mini = 1 << struct.unpack_from("<H", data, 30)[0], 1 << struct.unpack_from("<H", data, 32)[0]
    first_directory, cutoff = struct.unpack_from("<I", data, 48)[0], struct.unpack_from("<I", data, 56)[0]
    first_mini, first_difat = struct.unpack_from("<I", data, 60)[0], struct.unpack_from("<I", data, 68)[0]

    def block(number: int) -> bytes:
        return data[(number + 1) * sector : (number + 2) * sector]

    tables = list(struct.unpack_from("<109I", data, 76))
    while first_difat < _FREE:
        *more, first_difat = struct.unpack(f"<{sector // 4}I", block(first_difat))
        tables += more
    fat = [
        number
        for table in tables
        if table < _FREE
        for number in struct.unpack(f"<{sector // 4}I", block(table))
    ]

    def chain(number: int, links: list[int]) -> Iterator[int]:
        while number < _FREE and number < len(links):
            yield number
            number = links[number]

    def whole(number: int) -> bytes:
        return b"".join(map(block, chain(number, fat)))

    mini_links = list(struct.unpack(f"<{len(whole(first_mini)) // 4}I", whole(first_mini)))
    directory, found, small = whole(first_directory), {}, b""
    for at in range(0, len(directory), 128):
        entry = directory[at : at + 128]
        name = entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le")
        start, size = struct.unpack_from("<IQ", entry, 116)
        size &= 0xFFFFFFFF
        if entry[66] == 5:
            small = whole(start)
        elif entry[66] == 2 and size >= cutoff:
            found[name] = whole(start)[:size]
        elif entry[66] == 2:
            pieces = [small[number * mini : (number + 1) * mini] for number in chain(start, mini_links)]
            found[name] = b"".join(pieces)[:size]
    return found


def _doc(path: Path) -> Iterator[str]:
    """Read the pieces of a Word document ([MS-DOC] 2.8.35)."""
    found = streams(path.read_bytes())
    main = found["WordDocument"]
    table = found["1Table" if main[11] & 0x02 else "0Table"]
    start, size = struct.unpack_from("<II", main, 0x01A2)
    pieces = table[start : start + size]
    while pieces[:1] == b"\x01":  # properties come before the table of pieces
        pieces = pieces[3 + struct.unpack_from("<H", pieces, 1)[0] :]
    count = (struct.unpack_from("<I", pieces, 1)[0] - 4) // 12
    places = struct.unpack_from(f"<{count + 1}I", pieces, 5)
    for number in range(count):
        place = struct.unpack_from("<I", pieces, 5 + 4 * (count + 1) + 8 * number + 2)[0]
        length = places[number + 1] - places[number]
        if place & 0x40000000:
            place = (place & 0x3FFFFFFF) // 2
            yield main[place : place + length].decode("cp1252", "replace")
        else:
            yield main[place : place + 2 * length].decode("utf-16-le", "replace")


def _ppt(path: Path) -> Iterator[str]:
    """Read the text atoms of a presentation ([MS-PPT] 2.9.42, 2.9.43)."""
    data = streams(path.read_bytes())["PowerPoint Document"]
    at = 0
    while at + 8 <= len(data):
        kind, tag, size = struct.unpack_from("<HHI", data, at)
        at += 8
        if kind & 0x0F == 0x0F:
            continue  # a container: what is in it follows
        if tag == 0x0FA0:
            yield data[at : at + size].decode("utf-16-le", "replace")
        elif tag == 0x0FA8:
            yield data[at : at + size].decode("latin-1")
        at += size


def _xls(path: Path) -> Iterator[str]:
    for sheet in CalamineWorkbook.from_path(path).sheet_names:
        for row in CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python():
            yield "\t".join(str(cell) for cell in row if isinstance(cell, str) and cell)


_RTF = re.compile(
    r"\\'([0-9a-fA-F]{2})|\\u(-?\d+) ?\??|\\([a-z]+)(-?\d+)? ?|\\(.)|([{}])|([^\\{}\r\n]+)", re.DOTALL
)
_UNSEEN = frozenset(("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "themedata", "datastore"))


def _rtf(path: Path) -> Iterator[str]:
    """Read RTF 1.9: bytes as code page 1252, whatever the fonts say; what is no text left out."""
    hidden: list[bool] = [False]
    pieces: list[str] = []
    for match in _RTF.finditer(path.read_bytes().decode("latin-1")):
        code, unicode, word, _, sign, brace, text = match.groups()
        if brace == "{":
            hidden.append(hidden[-1])
        elif brace == "}":
            hidden.pop()
        elif sign == "*" or word in _UNSEEN:
            hidden[-1] = True
        elif hidden[-1]:
            continue
        elif code:
            pieces.append(bytes((int(code, 16),)).decode("cp1252", "replace"))
        elif unicode:
            pieces.append(chr(int(unicode) % 0x10000))
        elif word in ("par", "line", "cell", "row", "sect", "page", "tab"):
            pieces.append("\n")
        elif sign in ("~", "-", "_"):
            pieces.append({"~": "\xa0", "-": "\xad", "_": "-"}[sign])
        elif sign:
            pieces.append(sign if sign in "\\{}" else "")
        elif text:
            pieces.append(text)
    yield "".join(pieces)
