"""Tables read into records: the row of the headings is found, each row below it becomes one record.

A record of a table is a JSON object of heading and cell, without empty cells and without columns that only
count the rows (a row put in at the top would change all below it). The cells stay as they came.
"""

import io
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from unioncat.domain.column import Column
from unioncat.domain.upload import OWN_ID, OWN_PREFIX, GuessedColumn
from unioncat.text.encodings import Decision, repair
from unioncat.text.headings import guess, heading_score, is_running
from unioncat_harvester.readers.files.encoding import decided, in_utf8, sampled
from unioncat_harvester.readers.files.kinds import Kind
from unioncat_harvester.readers.files.piece import NotUnderstood, Piece
from unioncat_harvester.readers.files.rows import Row, Sheet, csv_rows, delimiter_of, html_sheets, sheets
from unioncat_harvester.readers.files.unpack import Held

HEADING_ROWS = 30
"""Rows at the top of a sheet among which the headings are looked for."""
LOOKED_AT = 400
USED = 0.5
"""Share of rows that have a cell in a column without a heading, if it is a column."""
LONELY = 0.4
"""Share of rows with a single cell from which on such rows are taken for records."""
MAX_ROW = 1024 * 1024
"""Characters of a row."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person said of a table; None leaves it to the guess."""

    encoding: str | None = None
    id_column: str | None = None
    heading_row: int | None = None
    sheet: str | None = None
    delimiter: str | None = None
    known: Mapping[str, str] | None = None
    """Heading -> field, as said before."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a sheet is laid out: its headings, and the row after which its records begin."""

    headings: tuple[str, ...]
    heading_row: int
    """Its place in the sheet; 0 without headings."""
    above: int
    """Rows before the first record."""
    running: frozenset[str] = frozenset()
    """Columns that only count the rows."""
    wide: bool = False
    """Nearly all rows have several cells, so that one with a single cell is a heading or a total."""


class Table:
    """One file of tables; close it after use."""

    def __init__(self, kind: Kind, body: IO[bytes], wishes: Wishes) -> None:
        self._kind = kind
        self._wishes = wishes
        self._text = body
        self._own: IO[bytes] | None = None
        self.delimiter: str | None = None
        self.notes: list[str] = []
        if kind is Kind.CSV:
            self._text, _ = in_utf8(body)
            self._own = self._text if self._text is not body else None
            self.delimiter = wishes.delimiter or delimiter_of(self._lines())
        self.sheets: tuple[str, ...] = ()
        self.decision = self._decide()
        self._layouts = self._lay_out()
        self.columns = self._guess()
        self.id_column = self._id_column()

    def close(self) -> None:
        """Let go of what was made of the file."""
        if self._own is not None:
            self._own.close()

    @property
    def heading_row(self) -> int:
        """The row of the headings in the first sheet that is read; 0 without any."""
        return next(iter(self._layouts.values())).heading_row

    def pieces(self) -> Iterator[Piece]:
        """Give the records in their order; rows without a cell are passed over."""
        several = len(self._layouts) > 1
        for sheet in self._sheets():
            layout = self._layouts.get(sheet.name)
            if layout is None:
                continue
            for row in itertools.islice(sheet.rows, layout.above, None):
                place = f"{sheet.name}!{row.place}" if several else row.place
                piece = self._piece(row, place, layout)
                if piece is not None:
                    yield piece

    def _lines(self) -> IO[str]:
        self._text.seek(0)
        return io.TextIOWrapper(
            io.BufferedReader(Held(self._text)), encoding="utf-8-sig", errors="replace", newline=""
        )

    def _sheets(self) -> Iterator[Sheet]:
        if self._kind is Kind.EXCEL:
            return sheets(self._text)
        if self._kind is Kind.HTML_TABLE:
            return html_sheets(self._text)
        return iter([Sheet("", csv_rows(self._lines(), self.delimiter or ","))])

    def _decide(self) -> Decision:
        texts = [
            " ".join(filter(None, row.cells))
            for sheet in self._sheets()
            for row in sampled(sheet.rows)
            if any(row.cells)
        ]
        return decided(texts, self._wishes.encoding)

    def _repaired(self, text: str) -> str:
        return repair(text, self.decision.encoding) if self.decision.encoding else text

    def _lay_out(self) -> dict[str, Layout]:
        """Choose the sheets that are read: the one that was wished for, else all whose headings are known."""
        layouts: dict[str, Layout] = {}
        scores: dict[str, int] = {}
        names = []
        for sheet in self._sheets():
            names.append(sheet.name)
            top = list(itertools.islice(sheet.rows, HEADING_ROWS + LOOKED_AT))
            if not any(any(cell.strip() for cell in row.cells) for row in top):
                continue
            if self._wishes.sheet not in (None, sheet.name):
                continue
            layouts[sheet.name], scores[sheet.name] = self._layout(top)
        self.sheets = tuple(name for name in names if name)
        if self._wishes.sheet is not None and self._wishes.sheet not in names:
            raise NotUnderstood(
                f"there is no sheet {self._wishes.sheet!r}", f"The sheets are: {', '.join(names)}."
            )
        if not layouts:
            raise NotUnderstood("there is no row in the file", "Bring a file with at least one row.")
        best = max(scores.values())
        if best < 2:
            first = next(iter(layouts))
            return {first: layouts[first]}
        kept = {name: layout for name, layout in layouts.items() if scores[name] >= min(best, 2)}
        for name in layouts.keys() - kept.keys():
            self.notes.append(f"sheet {name!r} has no headings that are known here; it was left out")
        return kept

    def _layout(self, top: Sequence[Row]) -> tuple[Layout, int]:
        wish = self._wishes.heading_row
        rows = top[:HEADING_ROWS]
        scores = [heading_score(map(self._repaired, row.cells)) if not row.broken else 0 for row in rows]
        best = max(scores, default=0)
        if wish is not None:
            index = next((n for n, row in enumerate(top) if int(row.place) == wish), None) if wish else None
            if wish and index is None:
                raise NotUnderstood(f"there is no row {wish} at the top of the table", "Name another row.")
        elif best >= 2 or (best == 1 and self._stands_alone(rows, scores.index(best))):
            index = scores.index(best)
        else:
            index = self._first_row_of_words(rows)
        cells = top[index].cells if index is not None else ()
        below = [
            row for row in top[0 if index is None else index + 1 :] if any(row.cells) and row.cells != cells
        ]
        headings = self._headings(cells, _width(cells, below))
        several = [row for row in below if sum(bool(cell.strip()) for cell in row.cells) > 1]
        wide = len(headings) > 3 and len(below) - len(several) < LONELY * len(below)
        running = frozenset(
            heading
            for n, heading in enumerate(headings)
            if is_running([row.cells[n].strip() for row in several if n < len(row.cells)])
        )
        above = 0 if index is None else index + 1
        place = int(top[index].place) if index is not None else 0
        return Layout(headings, place, above, running, wide), best

    @staticmethod
    def _stands_alone(rows: Sequence[Row], index: int) -> bool:
        """Tell whether a table with one known heading has it in its first row that is not empty."""
        return not any(any(row.cells) for row in rows[:index])

    @staticmethod
    def _first_row_of_words(rows: Sequence[Row]) -> int | None:
        """Take the first row for headings where nothing is known but it has no number and no cell twice."""
        for index, row in enumerate(rows):
            full = [cell.strip() for cell in row.cells if cell.strip()]
            if not full:
                continue
            words = all(not any(char.isdigit() for char in cell) and len(cell) < 40 for cell in full)
            below = next((later for later in rows[index + 1 :] if any(later.cells)), None)
            numbers = below is not None and any(any(char.isdigit() for char in cell) for cell in below.cells)
            return index if words and numbers and len(set(full)) == len(full) > 1 else None
        return None

    def _headings(self, cells: Sequence[str], width: int) -> tuple[str, ...]:
        """Name every column: by its heading, else by its letter; a name given twice gets a number."""
        names: list[str] = []
        for n in range(width):
            base = " ".join(self._repaired(cells[n]).split())[:200] if n < len(cells) else ""
            base = base or letter(n)
            name, times = base, 1
            while name in names:
                times += 1
                name = f"{base} ({times})"
            names.append(name)
        return tuple(names)

    def _guess(self) -> tuple[GuessedColumn, ...]:
        sheet = next(sheet for sheet in self._sheets() if sheet.name in self._layouts)
        layout = self._layouts[sheet.name]
        rows = (
            {name: self._repaired(cell) for name, cell in zip(layout.headings, row.cells, strict=False)}
            for row in itertools.islice(sheet.rows, layout.above, None)
            if sum(bool(cell.strip()) for cell in row.cells) > layout.wide and not self._repeats(row, layout)
        )
        used = [name for name in layout.headings if not name.startswith(OWN_PREFIX)]
        found = {one.heading: one for one in guess(used, rows, self._wishes.known)}
        for name, other in self._layouts.items():
            if name != sheet.name:
                more = [one for one in other.headings if one not in found and not one.startswith(OWN_PREFIX)]
                found |= {one.heading: one for one in guess(more, (), self._wishes.known)}
        empty = {
            one.heading
            for one in found.values()
            if one.filled == 0 and one.heading == letter_like(one.heading)
        }
        return tuple(one for one in found.values() if one.heading not in empty)

    def _id_column(self) -> str | None:
        """Choose the column whose cells tell the records apart: a person's word, else one that does."""
        wish = self._wishes.id_column
        if wish is not None:
            return wish or None
        for field in (Column.ID, Column.ITEM):
            for one in self.columns:
                if one.column is field and one.unique and one.filled >= 2:
                    return one.heading
        return None

    def _repeats(self, row: Row, layout: Layout) -> bool:
        """Tell whether a row is the headings again, as at the top of each printed page."""
        full = [(n, cell.strip()) for n, cell in enumerate(row.cells) if cell.strip()]
        return (
            layout.heading_row > 0
            and len(full) > 1
            and all(
                n < len(layout.headings) and self._repaired(cell) == layout.headings[n] for n, cell in full
            )
        )

    def _piece(self, row: Row, place: str, layout: Layout) -> Piece | None:
        if not any(cell.strip() for cell in row.cells):
            return None
        headings = layout.headings
        cells = {
            heading: cell.strip() for heading, cell in zip(headings, row.cells, strict=False) if cell.strip()
        }
        if self._repeats(row, layout):
            return None
        over = [cell for cell in row.cells[len(headings) :] if cell.strip()]
        left_out = layout.running - {self.id_column}
        content = {
            name: cell
            for name, cell in cells.items()
            if name not in left_out and not name.startswith(OWN_PREFIX)
        }
        payload = _json(content | {f"+{n}": cell for n, cell in enumerate(over, 1)})
        if row.broken:
            return Piece(
                place, payload, fault=("row-quotes", "A quotation mark in this row is never closed.")
            )
        if over:
            return Piece(
                place,
                payload,
                fault=("row-too-wide", f"The row has {len(over)} cells more than there are headings."),
            )
        if layout.wide and len(cells) == 1 and OWN_ID not in cells:
            detail = (
                "Only one cell of the row is filled: it looks like a heading or a total, not like a book."
            )
            return Piece(place, payload, fault=("row-lonely", detail))
        if len(payload) > MAX_ROW:
            return Piece(place, payload[:1024], fault=("too-large", f"The row has {len(payload):,} bytes."))
        own = cells.get(OWN_ID) or (cells.get(self.id_column) if self.id_column else None)
        return Piece(place, payload, own_id=" ".join(own.split())[:200] if own else None)


def _width(headings: Sequence[str], below: Sequence[Row]) -> int:
    """Give the number of columns: those with a heading, and those that many rows have a cell in."""
    named = max((n for n, cell in enumerate(headings, 1) if cell.strip()), default=0)
    used = Counter(n for row in below for n, cell in enumerate(row.cells, 1) if cell.strip())
    least = len(below) * USED if named else 0
    return max([named, *(n for n, times in used.items() if times > least)])


def _json(cells: Mapping[str, str]) -> bytes:
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def letter(index: int) -> str:
    """Name a column as a spreadsheet does: A … Z, AA …"""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def letter_like(heading: str) -> str | None:
    """Give a heading back where it is only the letter of a column."""
    return (
        heading
        if heading.isascii() and heading.isalpha() and heading.isupper() and len(heading) < 3
        else None
    )
