"""A small spreadsheet as rows of text: Excel, OpenDocument or CSV, brought by somebody of the federation.

Limits come first: what is packed is unpacked and counted before the reader of spreadsheets sees it.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence

from python_calamine import load_workbook

from unioncat.store.errors import Conflict
from unioncat.text import key_fold

MOST_BYTES = 8 * 1024 * 1024
MOST_UNPACKED = 64 * 1024 * 1024
MOST_ROWS = 5000
MOST_COLUMNS = 60
MOST_SIGNS = 2000
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read_grid(data: bytes) -> list[list[str]]:
    """Give the rows of the first sheet, cells without outer spaces. Raises `Conflict` with a remedy."""
    if len(data) > MOST_BYTES:
        raise Conflict(f"the file has more than {MOST_BYTES // 1024**2} MB", "Divide it into smaller files.")
    if data.startswith((b"PK\x03\x04", _OLD_EXCEL)):
        return _workbook(data)
    return _csv(data)


def headed(
    rows: Sequence[Sequence[str]], headings: Mapping[str, Sequence[str]]
) -> tuple[int, dict[int, str], tuple[str, ...]]:
    """Find the row of headings among the first ten: its place, the field of each column, what is unknown.

    `headings` has the words that stand for a field; a field's own name does too. They are compared folded.
    """
    by_heading = {key_fold(heading): name for name, known in headings.items() for heading in known}
    by_heading |= {key_fold(name.replace("_", " ")): name for name in headings}
    best, fields = 0, dict[int, str]()
    for place, row in enumerate(rows[:10]):
        found: dict[int, str] = {}
        for column, cell in enumerate(row):
            name = by_heading.get(key_fold(cell))
            if name and name not in found.values():
                found[column] = name
        if len(found) > len(fields):
            best, fields = place, found
    unknown = [
        cell
        for column, cell in enumerate(rows[best] if rows else ())
        if cell and column not in fields and key_fold(cell) != "stt"
    ]
    return best, fields, tuple(unknown)


def _workbook(data: bytes) -> list[list[str]]:
    try:
        if data.startswith(b"PK"):
            _weigh(data)
        book = load_workbook(io.BytesIO(data))
        sheet = book.get_sheet_by_index(0)
        return _tidy([_cell(value) for value in row] for row in sheet.iter_rows())
    except Conflict:
        raise
    except Exception as error:  # a broken file breaks readers of zip, XML and OLE in their own ways
        raise Conflict(
            f"the file cannot be read as a spreadsheet ({error})", "Save it as .xlsx or CSV and try again."
        ) from error


def _weigh(data: bytes) -> None:
    """Unpack everything once and count: a small file may hold an endless one. Raises `Conflict`."""
    total = 0
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        for entry in packed.infolist():
            with packed.open(entry) as stream:
                while piece := stream.read(256 * 1024):
                    total += len(piece)
                    if total > MOST_UNPACKED:
                        raise Conflict(
                            "the file unpacks to far more than it seems", "Save it anew and try again."
                        )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _csv(data: bytes) -> list[list[str]]:
    text = _decoded(data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return _tidy(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Conflict(
            f"the file cannot be read as CSV ({error})", "Save it as .xlsx and try again."
        ) from error


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Conflict(
            "the file is no spreadsheet, and no CSV in UTF-8", "Save it as .xlsx, or as “CSV UTF-8”."
        ) from error


def _tidy(rows: Iterable[list[str]]) -> list[list[str]]:
    found: list[list[str]] = []
    for row in rows:
        if len(found) > MOST_ROWS:
            raise Conflict(f"the sheet has more than {MOST_ROWS} rows", "Divide it into smaller sheets.")
        cells = [" ".join(cell.replace("\x00", "").split())[:MOST_SIGNS] for cell in row[:MOST_COLUMNS]]
        found.append(cells)
    while found and not any(found[-1]):
        found.pop()
    return found
