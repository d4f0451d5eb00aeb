"""Rows of a CSV file, a sheet or an HTML table, all as lists of texts with their place.

A quotation mark that is never closed costs its own row, not the rest of the file.
"""

import csv
import datetime
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from lxml import etree
from lxml import html as lxml_html
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from unioncat_harvester.readers.files.piece import NotUnderstood

DELIMITERS = (",", ";", "\t", "|")
TASTED = 200
"""Lines that are looked at to find the delimiter."""
MAX_LINES = 400
"""Lines that one row may go over; a longer one has a quotation mark too few."""
MAX_CELL = 100_000
"""Characters of a cell."""
MAX_COLUMNS = 512
MAX_HTML = 128 * 1024 * 1024
_SEP = re.compile(r"sep=(.)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """Cells with their place in the file; `broken` where the quotation marks do not fit."""

    place: str
    cells: tuple[str, ...]
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A named table of a file."""

    name: str
    rows: Iterator[Row]


def delimiter_of(text: IO[str]) -> str:
    """Find the delimiter of a CSV file: the one that cuts most lines into the same number of cells."""
    text.seek(0)
    lines = [line for line in itertools.islice(text, TASTED) if line.strip()]
    if lines and (said := _SEP.match(lines[0])):
        return said[1]
    best, best_score = ",", 0.0
    for mark in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=mark) if any(row)]
        except csv.Error:
            continue
        if not widths:
            continue
        width, times = Counter(widths).most_common(1)[0]
        score = times / len(widths) * min(width - 1, 12)
        if score > best_score:
            best, best_score = mark, score
    return best


def csv_rows(text: IO[str], delimiter: str) -> Iterator[Row]:
    """Give the rows of a CSV file; the place of a row is the line on which it begins."""
    csv.field_size_limit(MAX_CELL)
    text.seek(0)
    source = _Lines(text)
    while True:
        reader = csv.reader(source, delimiter=delimiter)
        try:
            for cells in reader:
                taken = source.take()
                if len(taken) > MAX_LINES or (len(taken) > 1 and _open_quote(taken)):
                    yield source.back(taken)
                    break
                if source.number == len(taken) == 1 and _SEP.match(taken[0]):
                    continue
                yield Row(str(source.number - len(taken) + 1), _texts(cells))
            else:
                return
        except csv.Error:
            yield source.back(source.take())


class _Lines:
    """Lines for the parser, kept until the row that they make is known to be sound."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self._waiting: list[str] = []
        self._taken: list[str] = []
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self._taken) > MAX_LINES + 1:
            raise csv.Error("a row without end")
        line = self._waiting.pop() if self._waiting else next(self._text)
        if len(line) > 20 * MAX_CELL:
            line = line[: 20 * MAX_CELL]
        self.number += 1
        self._taken.append(line)
        return line.replace("\0", "")

    def take(self) -> list[str]:
        """Give the lines of the last row, and forget them."""
        taken, self._taken = self._taken, []
        return taken

    def back(self, taken: list[str]) -> Row:
        """Put all lines but the first back; give the first as a row whose quotation marks do not fit."""
        self._taken = []
        first = taken[0] if taken else ""
        self.number -= max(0, len(taken) - 1)
        self._waiting.extend(reversed(taken[1:]))
        return Row(str(max(1, self.number)), (first.strip()[:MAX_CELL],), broken=True)


def _open_quote(taken: Sequence[str]) -> bool:
    return sum(line.count('"') for line in taken) % 2 == 1


def _texts(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(cells[:MAX_COLUMNS])


def sheets(body: IO[bytes]) -> Iterator[Sheet]:
    """Give the visible sheets of a workbook. Raises `NotUnderstood`."""
    body.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body.read()))
    except PasswordError:
        raise NotUnderstood(
            "the workbook is locked by a password", "Save it without a password and bring it again."
        ) from None
    except (CalamineError, OSError, ValueError) as error:
        raise NotUnderstood(
            f"the workbook cannot be opened ({str(error)[:200]})",
            "Open it in Excel and save it again as .xlsx.",
        ) from None
    for about in book.sheets_metadata:
        if about.typ != SheetTypeEnum.WorkSheet or about.visible != SheetVisibleEnum.Visible:
            continue
        yield Sheet(about.name, _sheet_rows(book, about.name))


def _sheet_rows(book: CalamineWorkbook, name: str) -> Iterator[Row]:
    try:
        for number, cells in enumerate(book.get_sheet_by_name(name).iter_rows(), 1):
            yield Row(str(number), _texts([_cell(cell) for cell in cells[:MAX_COLUMNS]]))
    except (CalamineError, ValueError, OverflowError) as error:
        raise NotUnderstood(
            f"sheet {name!r} cannot be read ({str(error)[:200]})",
            "Open the workbook in Excel and save it again as .xlsx.",
        ) from None


def _cell(value: object) -> str:
    """Write a cell as a person sees it: whole numbers without a point, days without a time."""
    if isinstance(value, str):
        return value[:MAX_CELL]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    return str(value) if value is not None else ""


def html_sheets(body: IO[bytes]) -> Iterator[Sheet]:
    """Give the tables of an HTML page: what many systems call an export to Excel. Raises `NotUnderstood`."""
    body.seek(0)
    data = body.read(MAX_HTML + 1)
    if len(data) > MAX_HTML:
        raise NotUnderstood("the web page is too large", "Save it as CSV or .xlsx in Excel.")
    try:
        tree = lxml_html.document_fromstring(
            data, parser=lxml_html.HTMLParser(encoding=_charset(data), huge_tree=True)
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise NotUnderstood("the web page cannot be read", "Save it as CSV or .xlsx in Excel.") from None
    tables = [table for table in tree.iter("table") if not list(table.iterdescendants("table"))]
    if not tables:
        raise NotUnderstood(
            "the file is a web page without a table", "Bring the Excel or CSV file itself, not the page."
        )
    for number, table in enumerate(tables, 1):
        yield Sheet(f"{number}", _html_rows(table))


def _html_rows(table: etree._Element) -> Iterator[Row]:
    for number, row in enumerate(table.iter("tr"), 1):
        cells: list[str] = []
        for cell in row:
            if cell.tag in ("td", "th"):
                span = cell.get("colspan", "1")
                wide = int(span) if span.isdigit() and len(span) < 3 else 1
                cells += [
                    " ".join("".join(map(str, cell.itertext())).split())[:MAX_CELL],
                    *[""] * (max(1, wide) - 1),
                ]
        yield Row(str(number), _texts(cells))


def _charset(data: bytes) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        found = re.search(rb"""charset\s*=\s*["']?([\w-]+)""", data[:4096], re.IGNORECASE)
        name = found[1].decode("ascii").lower() if found else "windows-1252"
        return "windows-1252" if name.startswith("utf") else name
    return "utf-8"
