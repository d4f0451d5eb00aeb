"""Look at a file on disk and tell in which encoding its text is; nothing is changed.

A sample is a record of ISO 2709, or a line of any other file: XML and CSV have their marks in ASCII, which
says nothing about encodings.
"""

import gzip
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from unioncat.normalise.iso2709 import split_iso2709
from unioncat.text.encodings import Decision, decide

LONGEST: Final = 512 * 1024 * 1024
"""Bytes of the longest file that is looked at, unpacked."""
_GZIP: Final = b"\x1f\x8b"
_MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
_DELIMITER: Final = re.compile(rb"\x1f.|\x1e", re.DOTALL)
"""Ends of fields, and the delimiters of subfields with their codes, which are no letters of the text."""


class FileTooLong(ValueError):
    """A file is longer than `LONGEST`."""

    remedy = "give a part of the file: a thousand records tell as much"


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in a file."""

    file: str
    unit: str
    """What a sample is: record or line."""
    decision: Decision


def check(path: Path) -> Looked:
    """Decide on the encoding of a file, packed by gzip or not. Raises OSError and `FileTooLong`."""
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    with gzip.open(path, "rb") if packed else path.open("rb") as file:
        data = file.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise FileTooLong(f"{path.name} is longer than {LONGEST // 2**20} MiB")
    unit, found = samples(data)
    return Looked(path.name, unit, decide(found))


def samples(data: bytes) -> tuple[str, list[str | bytes]]:
    """Divide the content of a file into samples; the name of the unit comes first."""
    if data[:5].strip().isdigit() and b"\x1e" in data[:100_000]:
        return "record", [
            _DELIMITER.sub(b"\n", record.partition(b"\x1e")[2]) for record in split_iso2709(data)
        ]
    for mark, name in _MARKS:
        if data.startswith(mark):
            return "line", list(data.decode(name, "replace").split("\n"))
    return "line", list(data.split(b"\n"))
