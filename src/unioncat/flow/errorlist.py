"""What should be mended in a file, as a workbook: the rows as they came, with the reason beside each.

A person corrects the cells and brings the workbook back as an addition: each row finds its record again by
the first column. Nothing in a cell is ever a formula.
"""

import asyncio
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

import xlsxwriter

from unioncat.domain.upload import OWN_ID, OWN_PLACE, OWN_WHY, Line, Upload
from unioncat.flow.preview import encoding_of
from unioncat.flow.services import Services
from unioncat.store import uploads
from unioncat.text.encodings import repair

Say = Callable[[str, str], str]
"""Puts a complaint into words: (code, detail) -> text."""

MAX_ROWS = 50_000
SPAN = 1000
LONGEST_CELL = 32_000
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Row:
    """A record with its complaints."""

    place: str
    local_id: str
    why: str
    cells: Mapping[str, str]


async def workbook(services: Services, number: UUID, say: Say) -> bytes:
    """Write the workbook of an upload's complaints, at most 50,000 records. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        upload = await uploads.read(conn, number)
        records: dict[str, Row] = {}
        after = -1
        while len(records) < MAX_ROWS and (
            span := await uploads.lines(conn, number, limit=SPAN, after=after)
        ):
            after = span[-1][0]
            lines = [line for _, line in span]
            ids = [line.local_id for line in lines if line.local_id]
            found = await uploads.payloads(conn, upload.run_id or 0, ids)
            for line in lines:
                if line.local_id in found:
                    _add(records, line, found[line.local_id], say)
        aside = await uploads.put_aside(conn, upload.run_id or 0, limit=max(0, MAX_ROWS - len(records)))
    rows = [
        *records.values(),
        *(
            Row(line.detail.partition(":")[0][:60], "", say(line.code, line.detail), _cells(payload, ""))
            for line, payload in aside
        ),
    ]
    return await asyncio.to_thread(_written, upload, rows)


def _add(records: dict[str, Row], line: Line, found: tuple[str, bytes], say: Say) -> None:
    """Put a complaint into the row of its record."""
    local_id, why = line.local_id or "", say(line.code, line.detail)
    known = records.get(local_id)
    if known is None:
        records[local_id] = Row(line.place or "", local_id, why, _cells(found[1], found[0]))
    elif why not in known.why:
        records[local_id] = replace(known, why=f"{known.why}; {why}")


def _cells(payload: bytes, format: str) -> dict[str, str]:
    """Give the cells of a row as they will be read, or the text of a record of another kind."""
    base, encoding = encoding_of(format)
    if base in ("table", ""):
        try:
            cells = json.loads(payload)
        except ValueError:
            cells = None
        if isinstance(cells, dict):
            return {
                str(heading): repair(str(cell), encoding) if encoding else str(cell)
                for heading, cell in cells.items()
            }
    text = payload.decode("utf-8", "replace").replace("\x1e", "\n").replace("\x1f", " $").replace("\x1d", "")
    return {"": text[:LONGEST_TEXT]}


def _written(upload: Upload, rows: list[Row]) -> bytes:
    headings = [one.heading for one in upload.look.columns] if upload.look else []
    for row in rows:
        headings += [heading for heading in row.cells if heading not in headings]
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    sheet = book.add_worksheet("unioncat")
    bold = book.add_format({"bold": True, "bg_color": "#F5EBD3"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    ours = [OWN_ID, OWN_PLACE, OWN_WHY]
    for column, heading in enumerate([*ours, *headings]):
        sheet.write_string(0, column, heading, bold)
    sheet.set_column(0, 1, 14)
    sheet.set_column(2, 2, 50)
    sheet.set_column(3, len(ours) + len(headings), 28)
    sheet.freeze_panes(1, 3)
    for n, row in enumerate(rows, 1):
        cells = [row.local_id, row.place, row.why, *(row.cells.get(heading, "") for heading in headings)]
        for column, cell in enumerate(cells):
            if cell:
                sheet.write_string(n, column, _plain(cell), wrap)
    book.close()
    return out.getvalue()


def _plain(text: str) -> str:
    """Leave out what a workbook cannot hold."""
    kept = "".join(char for char in text if char in "\t\n" or (char >= " " and char not in "\ufffe\uffff"))
    return kept[:LONGEST_CELL]
