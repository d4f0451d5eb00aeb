"""Figures of lending as a page with plots and tables, as CSV and as a spreadsheet.

A library's people see its own, the federation's see all, by member, group, province and period.
"""

import asyncio
import csv
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from unioncat.domain.people import Right
from unioncat.flow.lending_figures import Figures, Wish, this_year
from unioncat.store.errors import StoreError
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Directory
from unioncat_api.pages import plots, show
from unioncat_api.pages.members import download
from unioncat_api.pages.messages import Words
from unioncat_api.pages.render import page, tongue
from unioncat_api.pages.review import PRIVATE
from unioncat_api.pages.workbooks import Share, figures_workbook
from unioncat_api.problems import ProblemError
from unioncat_api.rights import FiguresDep, LenderDep
from unioncat_api.session import PageDirectoryDep, PageViewerDep, Person

router = APIRouter(include_in_schema=False)
Table = tuple[str, list[str], list[list[object]]]


def wish_of(request: Request, library: str | None = None) -> Wish:
    """Read which figures are wanted; this year's without a word. Raises a problem."""
    first, last = this_year(datetime.now(UTC))
    asked = request.query_params
    try:
        first = date.fromisoformat(asked["from"]) if asked.get("from") else first
        last = date.fromisoformat(asked["to"]) if asked.get("to") else last
    except ValueError:
        raise ProblemError("bad-request", "A day is written as 2026-02-28.") from None
    if library is not None:
        return Wish(first, last, library=library)
    given = {name: asked.get(name, "")[:64] or None for name in ("library", "group", "province")}
    return Wish(first, last, **given)


def tables(found: Figures, words: Words, names: Directory) -> list[Table]:
    """Give all figures as named tables: what stands on the page, in the CSV and in the spreadsheet alike."""
    t = words.t

    def library(code: str) -> str:
        known = names.libraries.get(code)
        return show.called(known, words.language) if known else code

    def head(*keys: str) -> list[str]:
        return [t(f"figures.{key}") for key in keys]

    def counted(group: str, rows: Any) -> list[list[object]]:
        if all(code == "-" for code, _ in rows):
            return []
        return [[words.value(group, code) if code != "-" else t("figures.unsaid"), n] for code, n in rows]

    asked, answered = found.asked, found.answered
    summary: list[list[object]] = [
        [t("figures.requests"), asked.requests],
        [t("figures.filled"), asked.filled],
        [t("figures.unfilled"), asked.unfilled],
        [t("figures.cancelled"), asked.cancelled],
        [t("figures.open"), asked.open],
        [t("figures.other"), asked.other],
        [t("figures.fill_rate"), "" if found.fill_rate is None else Share(found.fill_rate)],
        [t("figures.median_days"), _blank(asked.median_days)],
        [t("figures.p90_days"), _blank(asked.p90_days)],
        [t("figures.asked_of"), answered.requests],
        [t("figures.supplied"), answered.supplied],
        [t("figures.refused"), answered.refused],
        [t("figures.median_hours"), _blank(answered.median_hours)],
        [t("figures.p90_hours"), _blank(answered.p90_hours)],
        [t("figures.earned"), answered.earned],
        [t("figures.spent"), answered.spent],
    ]
    return [
        ("summary", head("what", "count"), summary),
        (
            "months",
            head("month", "requests", "filled"),
            [[one.month.strftime("%m/%Y"), one.requests, one.filled] for one in found.months],
        ),
        ("why_unfilled", head("reason", "count"), counted("end_reason", found.unfilled)),
        ("why_refused", head("reason", "count"), counted("unfilled_reason", found.refused)),
        (
            "balances",
            head("library", "lent", "borrowed", "balance", "earned", "spent"),
            [
                [library(one.library), one.lent, one.borrowed, one.balance, one.earned, one.spent]
                for one in found.balances
            ],
        ),
        (
            "pairs",
            head("lender", "borrower", "count"),
            [[library(one.lender), library(one.borrower), one.count] for one in found.pairs],
        ),
        ("forms", head("form", "count"), counted("mode", found.forms)),
        ("services", head("what", "count"), counted("lend_service", found.kinds.get("service", ()))),
        ("levels", head("what", "count"), counted("lend_level", found.kinds.get("level", ()))),
        ("materials", head("what", "count"), counted("material", found.kinds.get("material", ()))),
        *(
            (
                name,
                head("what", "consignments_n", "copies", "missing", "damaged", "value"),
                [
                    [
                        words.value("consignment_kind", one.kind),
                        *(one.consignments, one.copies, one.missing, one.damaged, one.value),
                    ]
                    for one in rows
                ],
            )
            for name, rows in (("consignments", found.moved), ("received", found.received))
        ),
    ]


def _blank(value: float | None) -> float | str:
    return "" if value is None else value


def drawn(found: Figures, words: Words, all_tables: list[Table]) -> dict[str, Any]:
    """Draw what is drawn of the figures, by the name of the table beside it."""
    t = words.t
    by_name = {name: rows for name, _, rows in all_tables}
    plotted = {
        "months": plots.columns(
            t("figures.months"),
            [(one.month.strftime("%m/%y"), one.requests, one.filled) for one in found.months],
            t("figures.requests"),
            t("figures.filled"),
        )
    }
    for name, column in (("why_unfilled", 1), ("why_refused", 1), ("balances", 1), ("forms", 1)):
        rows = [(str(row[0]), int(str(row[column]))) for row in by_name[name]]
        plotted[name] = plots.bars(t(f"figures.{name}"), rows)
    return plotted


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for figures, and what an answer needs besides."""

    request: Request
    catalogue: CatalogueDep
    viewer: PageViewerDep
    names: PageDirectoryDep

    async def counted(self, library: str | None) -> tuple[Wish, Figures, list[Table]]:
        """Count what is wished for, of one library or as the address says. Raises a problem."""
        wish = wish_of(self.request, library)
        try:
            found = await self.catalogue.terms.figures(self.viewer, wish)
        except StoreError as error:
            raise ProblemError("bad-request", f"{error}.", remedy=error.remedy) from error
        return wish, found, tables(found, tongue(self.request).words, self.names)


AskingDep = Annotated[Asking, Depends()]


async def figures_page(asking: Asking, person: Person, *, code: str | None = None) -> Response:
    """Show figures."""
    wish, found, every = await asking.counted(code)
    request = asking.request
    return page(
        request,
        "lending_figures.html",
        headers=PRIVATE,
        person=person,
        names=asking.names,
        code=code,
        wish=wish,
        found=found,
        tables=every,
        Share=Share,
        plots=drawn(found, tongue(request).words, every),
        query=request.url.query,
        federal=person.may(Right.REPORTS),
    )


def as_csv(every: list[Table], words: Words) -> bytes:
    """Write all tables under one another, for programs that read a table at a time by its name.

    A cell that a spreadsheet would take for a formula is kept as text by an apostrophe.
    """
    memory = io.StringIO()
    writer = csv.writer(memory, lineterminator="\r\n")
    for name, heads, rows in every:
        writer.writerow([words.t(f"figures.{name}")])
        writer.writerow(heads)
        writer.writerows([[_safe(cell) for cell in row] for row in rows])
        writer.writerow([])
    return b"\xef\xbb\xbf" + memory.getvalue().encode()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t")) else cell


async def figures_file(asking: Asking, form: str, *, code: str | None = None) -> Response:
    """Give figures as a file."""
    words = tongue(asking.request).words
    wish, _, every = await asking.counted(code)
    name = f"lending-{wish.library or wish.group or wish.province or 'all'}-{wish.first}-{wish.last}.{form}"
    if form == "xlsx":
        return download(await asyncio.to_thread(figures_workbook, every, words.t), name)
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_csv(every, words), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/lending/figures")
async def all_figures(person: FiguresDep, asking: AskingDep) -> Response:
    """Show the figures of the federation, or of a part of it."""
    return await figures_page(asking, person)


@router.get("/lending/figures.csv")
async def all_figures_csv(person: FiguresDep, asking: AskingDep) -> Response:
    """Give them as CSV."""
    return await figures_file(asking, "csv")


@router.get("/lending/figures.xlsx")
async def all_figures_xlsx(person: FiguresDep, asking: AskingDep) -> Response:
    """Give them as a spreadsheet."""
    return await figures_file(asking, "xlsx")


@router.get("/lending/libraries/{code}/figures")
async def library_figures(code: str, person: LenderDep, asking: AskingDep) -> Response:
    """Show a library's own figures."""
    return await figures_page(asking, person, code=code)


@router.get("/lending/libraries/{code}/figures.csv")
async def library_figures_csv(code: str, person: LenderDep, asking: AskingDep) -> Response:
    """Give them as CSV."""
    return await figures_file(asking, "csv", code=code)


@router.get("/lending/libraries/{code}/figures.xlsx")
async def library_figures_xlsx(code: str, person: LenderDep, asking: AskingDep) -> Response:
    """Give them as a spreadsheet."""
    return await figures_file(asking, "xlsx", code=code)
