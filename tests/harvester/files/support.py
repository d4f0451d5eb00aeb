"""Reading a file in a test: all that comes of its bytes, and a workbook made of rows."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter

from tests.harvester.support import run, surroundings
from unioncat.domain.source import Protocol, Quarantined, RawRecord, Source
from unioncat.domain.upload import Look
from unioncat_harvester.readers.files import FilesReader


@dataclass
class Brought:
    """What a file brought."""

    look: Look
    records: list[RawRecord] = field(default_factory=list)
    aside: list[Quarantined] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        return [one.code for one in self.aside]

    @property
    def ids(self) -> list[str]:
        return [one.local_id for one in self.records]


def reader(path: Path, **options: str) -> FilesReader:
    source = Source("tep", "tep", Protocol.FILES, path.as_uri(), options=tuple(options.items()))
    return FilesReader(source, surroundings())


def brought(folder: Path, data: bytes, **options: str) -> Brought:
    """Write bytes into a file whose name says nothing, and read it."""
    path = folder / "tep"
    path.write_bytes(data)
    given = reader(path, **options)
    found = Brought(given.look())
    for page in given.pages(run()):
        for batch in page.batches():
            found.records += batch.records
            found.aside += batch.quarantined
        page.close()
    return found


def workbook(
    *rows: Sequence[object], sheet: str = "Sách", more: dict[str, Sequence[Sequence[object]]] | None = None
) -> bytes:
    """Make an xlsx file."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for name, lines in {sheet: rows, **(more or {})}.items():
        made = book.add_worksheet(name)
        for n, line in enumerate(lines):
            for column, cell in enumerate(line):
                made.write(n, column, cell)
    book.close()
    return out.getvalue()


def marc(*fields: tuple[str, str], leader: str = "00000nam a2200000 a 4500") -> bytes:
    """Write a record as ISO 2709; a field's text may hold `$a`."""
    bodies = [(tag, text.replace("$", "\x1f").encode() + b"\x1e") for tag, text in fields]
    directory, at = b"", 0
    for tag, body in bodies:
        directory += tag.encode() + f"{len(body):04d}{at:05d}".encode()
        at += len(body)
    base = 24 + len(directory) + 1
    length = base + at + 1
    head = f"{length:05d}{leader[5:12]}{base:05d}{leader[17:]}".encode()
    return head + directory + b"\x1e" + b"".join(body for _, body in bodies) + b"\x1d"


def book(number: int, title: str = "Sách") -> bytes:
    """A small MARC record."""
    return marc(("001", f"k{number}"), ("245", f"00$a{title} {number}"))
