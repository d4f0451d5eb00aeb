"""Spreadsheets that people take away: a sheet's faults, an empty sheet, records to be mended.

Every cell is written as text: nothing that came from outside is ever a formula or a link.
"""

import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

import xlsxwriter

from unioncat.domain.hours import VIET_NAM
from unioncat.domain.quality import Mend, group_of
from unioncat.flow.checking import Checked
from unioncat.flow.lines import COLUMNS
from unioncat.flow.quality import MemberReport

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH = 24
Say = Callable[[str], str]


class Share(float):
    """A share of one: shown in per cent, but a number to whoever counts on with it."""

    def __new__(cls, value: float) -> "Share":
        """Keep as many places as a table needs."""
        return super().__new__(cls, round(value, 4))


@contextmanager
def _book() -> Any:
    memory = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(memory, options) as book:
        yield book, memory


def _sheet(book: Any, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Any:
    sheet = book.add_worksheet(title[:31])
    bold, wrap = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"text_wrap": True})
    percent = book.add_format({"num_format": "0.0%"})
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, Share):
                sheet.write_number(number, column, value, percent)
            elif isinstance(value, (int, float)):
                sheet.write_number(number, column, value)
            elif value:
                sheet.write_string(number, column, str(value)[:32_000], wrap)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(0, len(headings) - 1), WIDTH)
    return sheet


def template_workbook(heading: Say) -> bytes:
    """Make an empty sheet of members."""
    with _book() as (book, memory):
        _sheet(book, "1", [heading(name) for name in COLUMNS], ())
    return bytes(memory.getvalue())


def table_workbook(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Make a workbook of one table."""
    with _book() as (book, memory):
        _sheet(book, title, headings, rows)
    return bytes(memory.getvalue())


def faults_workbook(checked: Checked, heading: Say, fault: Say) -> bytes:
    """Make a sheet anew, with what is wrong in its last column; it can be corrected and brought again."""
    used = [name for name in COLUMNS if any(name in line.cells for line in checked.lines)] or ["name_vi"]
    rows = (
        [
            *(line.cells.get(name, "") for name in used),
            "; ".join(
                f"{heading(one.field)}: {fault(one.code)}" + (f" ({one.value})" if one.value else "")
                for one in line.faults
            ),
        ]
        for line in checked.lines
    )
    with _book() as (book, memory):
        sheet = _sheet(book, "1", [*(heading(name) for name in used), heading("fault")], rows)
        sheet.set_column(len(used), len(used), 60)
    return bytes(memory.getvalue())


def quality_workbook(
    member: MemberReport, mends: Sequence[Mend], say: Callable[..., str], finding: Say
) -> bytes:
    """Make a member's report: figures on the first sheet, records to be mended on the second."""
    figures: list[list[object]] = []
    for report in member.reports:
        day = report.at.astimezone(VIET_NAM).strftime("%Y-%m-%d %H:%M")
        figures.append([report.source, say("quality.records"), report.records, "", day])
        figures.append(
            [report.source, say("quality.sound"), report.sound, _share(report.sound, report.measured), day]
        )
        figures += [
            [report.source, finding(code), count, _share(count, report.measured), day]
            for code, count in report.counts
        ]
    headings = ["source", "finding", "count", "share", "at"]
    with _book() as (book, memory):
        _sheet(book, say("quality.figures"), [say(f"quality.head_{one}") for one in headings], figures)
        _sheet(
            book,
            say("quality.to_mend"),
            [
                say(f"quality.head_{one}")
                for one in ("group", "finding", "source", "local_id", "title", "detail")
            ],
            (
                (
                    say(f"quality.group_{group_of(one.finding)}"),
                    finding(one.finding),
                    one.source,
                    one.local_id,
                    one.title,
                    one.detail,
                )
                for one in mends
            ),
        )
    return bytes(memory.getvalue())


def _share(count: int, of: int) -> float:
    return round(count / of, 4) if of else 0.0


def figures_workbook(
    tables: Sequence[tuple[str, list[str], list[list[object]]]], say: Callable[..., str]
) -> bytes:
    """Make figures of lending: a sheet for each table."""
    with _book() as (book, memory):
        for name, headings, rows in tables:
            _sheet(book, say(f"figures.{name}"), headings, rows)
    return bytes(memory.getvalue())
