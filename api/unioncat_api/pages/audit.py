"""The log of who did what, for auditors: newest first, by person, action, subject, day. Nothing is changed.

The list as a file holds what the page shows, all of it; taking it is logged like every export.
"""

import csv
import io
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from starlette.datastructures import QueryParams

from unioncat.domain.audit import Entry
from unioncat.domain.hours import VIET_NAM
from unioncat.flow.audit import Wanted
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CatalogueDep
from unioncat_api.pages import logged
from unioncat_api.pages.entry import HEADERS
from unioncat_api.pages.render import page, tongue
from unioncat_api.rights import AuditDep

router = APIRouter(include_in_schema=False)
LISTED = 100
AT_ONCE = 1000
FIELDS = ("action", "actor", "subject", "from", "to")
COLUMNS = ("number", "at", "actor", "action", "subject", "detail", "seal")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def wanted(asked: QueryParams) -> Wanted:
    """Read which entries are asked for; a day that is none asks for nothing."""
    begin, end = _day(asked.get("from", "")), _day(asked.get("to", ""))
    return Wanted(
        asked.get("action", "").strip()[:80],
        asked.get("actor", "").strip()[:254],
        asked.get("subject", "").strip()[:254],
        begin,
        end + timedelta(days=1) if end else None,
    )


def _day(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text[:10])
        return datetime(day.year, day.month, day.day, tzinfo=VIET_NAM) if 1900 < day.year < 9999 else None
    except ValueError:
        return None


@router.get("/audit")
async def audit(request: Request, catalogue: CatalogueDep, person: AuditDep) -> Response:
    """Show the log."""
    asked = request.query_params
    before = asked.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    entries = await catalogue.people.log(wanted(asked), before=number, limit=LISTED)
    return page(
        request,
        "audit.html",
        headers=HEADERS,
        person=person,
        entries=entries,
        logged=logged,
        actions=logged.choices(tongue(request).words, asked.get("action", "")[:80]),
        asked={name: asked.get(name, "")[:254] for name in FIELDS},
        older=entries[-1].number if len(entries) == LISTED else None,
    )


@router.get("/audit/log.csv")
async def download(request: Request, catalogue: CatalogueDep, person: AuditDep) -> Response:
    """Give the log as a file."""
    name = f"nhat-ky-{datetime.now(VIET_NAM):%Y%m%d-%H%M}.csv"
    return StreamingResponse(
        lines(catalogue, wanted(request.query_params)),
        media_type="text/csv; charset=utf-8",
        headers={**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'},
    )


async def lines(catalogue: Catalogue, asked: Wanted) -> AsyncIterator[bytes]:
    """Write the entries page by page."""
    yield "\ufeff".encode() + row(COLUMNS)
    before: int | None = None
    while True:
        entries = await catalogue.people.log(asked, before=before, limit=AT_ONCE)
        yield b"".join(map(line, entries))
        if len(entries) < AT_ONCE:
            return
        before = entries[-1].number


def line(one: Entry) -> bytes:
    """Write one entry."""
    detail = "; ".join(f"{name}: {value}" for name, value in sorted(one.detail.items()))
    said = (one.actor, one.action, one.subject, detail)
    return row((str(one.number), one.at.isoformat(), *said, one.seal.hex()))


def row(cells: tuple[str, ...]) -> bytes:
    """Write one line; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    written = io.StringIO()
    csv.writer(written).writerow([f"'{one}" if one.startswith(_FORMULA) else one for one in cells])
    return written.getvalue().encode("utf-8", "replace")
