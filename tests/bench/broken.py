"""What is saved of broken MARC: our splitter and decoders beside pymarc and yaz-marcdump, file by file.

`python -m tests.bench.broken [--json] [FOLDER]`. A record counts where at least one field with text was found
in it; nothing is taken from the files but counts.
"""

import argparse
import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import pymarc

from tests.support.data import DATA
from unioncat.normalise import MarcRecord, Unreadable, decode_iso2709, divide, split_iso2709
from unioncat.normalise.marcjson import decode_marc_json
from unioncat.normalise.marcxml import parse_xml, read_record
from unioncat.normalise.mrk import decode_lines
from unioncat.normalise.wrapping import Wrapping, wrapping
from unioncat_harvester.readers.files.piece import NotUnderstood
from unioncat_harvester.readers.files.reader import CUT
from unioncat_harvester.readers.files.unpack import open_file

KINDS = {".xml": "xml", ".json": "json", ".ndj": "json", ".mrk": "lines", ".lif": "", ".txt": ""}
"""Kinds by ending; all else is ISO 2709. What is of no kind, none of the programs reads."""
PROGRAMS = ("ours", "brought", "pymarc", "yaz")
_XML_RECORD = re.compile(rb"<(?:\w+:)?record\b.*?</(?:\w+:)?record>", re.DOTALL)
_XML_FIELD = re.compile(rb"<(?:\w+:)?(?:subfield[^>]*|controlfield[^>]*)>[^<]")


@dataclass(frozen=True, slots=True)
class Saved:
    """Records with content that each program found in one file; None: it does not read this kind."""

    file: str
    kind: str
    ours: int
    brought: int
    """The same through the reader of files, as when a library brings the file."""
    pymarc: int | None
    yaz: int | None
    refused: tuple[str, ...] = ()
    """Codes of what our splitter cut and our decoder found nothing in."""


def files(folder: Path) -> list[Path]:
    """Give the files of a folder of broken MARC, by name."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".tsv")


def measure(path: Path, folder: Path) -> Saved:
    """Count what each program finds in a file."""
    kind = KINDS.get(path.suffix, "iso2709")
    data = path.read_bytes()
    with contextlib.redirect_stderr(io.StringIO()):
        found = list(ours(data, kind))
        brought = sum(_has_content(one) for one in by_reader(data) if isinstance(one, MarcRecord))
    records = sum(isinstance(one, MarcRecord) and _has_content(one) for one in found)
    refused = tuple(one for one in found if isinstance(one, str))
    name = str(path.relative_to(folder))
    return Saved(name, kind or "none", records, brought, by_pymarc(data, kind), by_yaz(path, kind), refused)


def ours(data: bytes, kind: str) -> Iterator[MarcRecord | str]:
    """Give our decoded records, or the code of the fault."""
    if kind == "iso2709":
        for piece in split_iso2709(data):
            yield _decoded(partial(decode_iso2709, piece))
        return
    if not kind:
        return
    try:
        pieces = list(divide(data))
    except Unreadable as fault:
        yield fault.code
        return
    for payload, _ in pieces:
        yield _payload(payload)


def _decoded(decode: Callable[[], MarcRecord]) -> MarcRecord | str:
    try:
        return decode()
    except Unreadable as fault:
        return fault.code


def _has_content(record: MarcRecord) -> bool:
    return any(value.strip() for _, value in record.controls) or any(
        value.strip() for field in record.fields for _, value in field[3]
    )


def by_reader(data: bytes) -> Iterator[MarcRecord | str]:
    """Give the decoded records of a file that a library brings, or the code of what was put aside."""
    try:
        for opened in open_file(io.BytesIO(data), len(data)):
            for piece in CUT[opened.kind](opened.body) if opened.kind in CUT else ():
                yield piece.fault[0] if piece.fault else _payload(piece.payload)
    except NotUnderstood as fault:
        yield fault.message


def _payload(payload: bytes) -> MarcRecord | str:
    match wrapping(payload, ""):
        case Wrapping.ISO2709:
            return _decoded(lambda: decode_iso2709(payload))
        case Wrapping.LINES:
            return _decoded(lambda: decode_lines(payload))
        case Wrapping.MARC_JSON:
            return _decoded(lambda: decode_marc_json(payload))
        case _:
            return _decoded(lambda: read_record(parse_xml(payload)[0]))


def by_pymarc(data: bytes, kind: str) -> int | None:
    """Count the records that pymarc gives and that hold something."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            match kind:
                case "iso2709":
                    found = list(pymarc.MARCReader(io.BytesIO(data), to_unicode=True, permissive=True))
                case "xml":
                    found = pymarc.parse_xml_to_array(io.BytesIO(data))
                case "json":
                    found = pymarc.parse_json_to_array(io.StringIO(data.decode("utf-8", "replace")))
                case "lines":
                    found = list(pymarc.reader.MARCMakerReader(data.decode("utf-8", "replace")))
                case _:
                    return None
        except Exception:  # a program that gives up has saved nothing
            return 0
    return sum(record is not None and any(str(field).strip() for field in record.fields) for record in found)


def by_yaz(path: Path, kind: str) -> int | None:
    """Count the records that yaz-marcdump writes and that hold something."""
    if kind not in ("iso2709", "xml", "lines") or not shutil.which("yaz-marcdump"):
        return None
    form = {"iso2709": "marc", "xml": "marcxml", "lines": "line"}[kind]
    done = subprocess.run(
        ["yaz-marcdump", "-i", form, "-o", "marcxml", str(path)], capture_output=True, timeout=60, check=False
    )
    return sum(bool(_XML_FIELD.search(record)) for record in _XML_RECORD.findall(done.stdout))


def table(rows: list[Saved]) -> str:
    """Write the counts as a table."""
    lines = [
        "| file | kind | ours | brought | pymarc | yaz-marcdump | put aside by us |",
        "|---|---|--:|--:|--:|--:|---|",
    ]
    for row in rows:
        numbers = " | ".join(
            "–" if one is None else str(one) for one in (row.ours, row.brought, row.pymarc, row.yaz)
        )
        lines.append(f"| {row.file} | {row.kind} | {numbers} | {', '.join(row.refused)} |")
    totals = [sum(getattr(row, name) or 0 for row in rows) for name in PROGRAMS]
    lines.append(f"| **all** | | {' | '.join(f'**{one}**' for one in totals)} | |")
    return "\n".join(lines)


def main() -> None:
    """Print the counts of a folder."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.broken", description=__doc__)
    asked.add_argument("folder", nargs="?", type=Path, default=DATA / "broken")
    asked.add_argument("--json", action="store_true", help="print JSON instead of a table")
    given = asked.parse_args()
    rows = [measure(path, given.folder) for path in files(given.folder)]
    sys.stdout.write(json.dumps([asdict(row) for row in rows]) if given.json else table(rows))
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
