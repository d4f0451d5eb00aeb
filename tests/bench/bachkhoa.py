"""A real library's spreadsheet and its MARC export, brought through the pages in a browser, and how they met.

`python -m tests.bench.bachkhoa [--json] [--rows N]`. Row n of the spreadsheet and record n of the export are
the same book: nothing here tells the service so, and the row number in 020 is no ISBN. Rows without a title
are corrected in the list of errors, as a librarian would, and brought again.
"""

import argparse
import asyncio
import csv
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import xlsxwriter
from playwright.sync_api import Browser, Page, sync_playwright
from python_calamine import CalamineWorkbook

from tests.bench.servers import free_port
from tests.support.data import DATA
from unioncat.cli import session, start
from unioncat.domain.upload import OWN_ID
from unioncat.flow.explain import explain
from unioncat.flow.services import open_services
from unioncat.store.codec import record_number

ROWS = DATA / "vie" / "bachkhoa-hcmut-books-2018.csv.gz"
RECORDS = DATA / "marc" / "vn-bachkhoa-koha-2018.mrc.gz"
MEMBERS = """
[[library]]
code = "bang"
name_vi = "Thư viện có bảng tính"
name_en = "Library with a spreadsheet"
type = "university"

[[library]]
code = "marc"
name_vi = "Thư viện có MARC"
name_en = "Library with MARC"
type = "university"

[[source]]
code = "bang"
library = "bang"
protocol = "files"
address = "files:"

[[source]]
code = "marc"
library = "marc"
protocol = "files"
address = "files:"
profile = "koha"
"""
TOKEN = "bench"
PATIENCE = 1_800_000
"""Milliseconds that the browser waits for a file to be read."""


def spreadsheet(rows: int | None) -> bytes:
    """Make the workbook of the list, as it was before it became CSV."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False})
    sheet = book.add_worksheet("Sheet1")
    with gzip.open(ROWS, "rt", encoding="utf-8", newline="") as text:
        for n, cells in enumerate(csv.reader(text)):
            if rows is not None and n > rows:
                break
            for column, cell in enumerate(cells):
                sheet.write_string(n, column, cell)
    book.close()
    return out.getvalue()


def records(rows: int | None) -> bytes:
    """Give the MARC export."""
    data = gzip.decompress(RECORDS.read_bytes())
    return data if rows is None else b"\x1d".join(data.split(b"\x1d")[:rows]) + b"\x1d"


@contextmanager
def service(home: Path) -> Iterator[str]:
    """Run the whole service, and give its address."""
    port = free_port()
    os.environ |= {
        "UNIONCAT_HOME": str(home),
        "UNIONCAT_PORT": str(port),
        "UNIONCAT_OPERATOR_TOKEN": TOKEN,
        "UNIONCAT_LOG_LEVEL": "warning",
        "UNIONCAT_DEMO": "true",
    }
    (home / "members.toml").write_text(MEMBERS, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "unioncat", "load", str(home / "members.toml"), "--quiet"], check=True
    )
    with (home / "service.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "unioncat", "up"], stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline:
                try:
                    if httpx2.get(f"{address}/healthz").status_code == 200:
                        break
                except httpx2.HTTPError:
                    time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            process.wait(30)


def bring(page: Page, source: str, file: Path, mode: str) -> float:
    """Bring a file by the form, and wait for its preview; give the seconds."""
    page.goto(f"/sources/{source}/upload")
    page.set_input_files("#file", file)
    page.check(f"#{mode}")
    begun = time.monotonic()
    page.locator("form[data-upload] button[type=submit]").click()
    page.wait_for_url("**/uploads/**", timeout=PATIENCE)
    page.wait_for_selector(".verdict, .alarm", timeout=PATIENCE)
    if not page.locator(".verdict").count():
        raise SystemExit(page.locator(".alarm").inner_text())
    return round(time.monotonic() - begun, 1)


def shown(page: Page) -> dict[str, int]:
    """Read the counts of a preview."""
    names = ("records", "unread", "faulty")
    return {
        name: int(page.locator(f".c-{name} dd").inner_text().replace(".", "").replace(",", ""))
        for name in names
    }


def corrected(workbook: bytes, into: Path) -> int:
    """Do a librarian's work on the list of errors: rows without a title get one; give how many."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    headings = [str(cell) for cell in rows[0]]
    title, author = headings.index("title"), headings.index("author")
    mended = [
        row
        for row in rows[1:]
        if row[headings.index(OWN_ID)] and not any(char.isalnum() for char in str(row[title]))
    ]
    book = xlsxwriter.Workbook(into)
    sheet = book.add_worksheet()
    for n, row in enumerate([headings, *mended]):
        cells = [str(cell) for cell in row]
        if n:
            cells[title] = (
                f"Tiêu chuẩn {cells[author]}" if "TCVN" in cells[author] else f"Sách chưa rõ tên {n}"
            )
        for column, cell in enumerate(cells):
            sheet.write_string(n, column, cell)
    book.close()
    return len(mended)


def in_browser(browser: Browser, address: str, folder: Path, rows: int | None) -> dict[str, Any]:
    """Bring both files, look, correct, accept."""
    list_file, marc_file = folder / "danh-muc.xlsx", folder / "bachkhoa.mrc"
    list_file.write_bytes(spreadsheet(rows))
    marc_file.write_bytes(records(rows))
    context = browser.new_context(base_url=address, locale="vi-VN", accept_downloads=True)
    page = context.new_page()
    page.goto("/sources/bang/upload")
    page.locator("form[action='/sign-in/sample'] button").first.click()
    page.goto("/sources/bang/upload")
    page.wait_for_selector("form[data-upload]")
    found: dict[str, Any] = {"spreadsheet_seconds": bring(page, "bang", list_file, "full")}
    guessed = page.locator(".mapping select").evaluate_all("all => all.map(one => one.value)")
    headings = page.locator(".mapping th input").evaluate_all("all => all.map(one => one.value)")
    found["columns"] = dict(zip(headings, guessed, strict=True))
    found["spreadsheet"] = shown(page)
    # The person corrects one column (the place is a stack, not what the heading says) and reads again.
    page.select_option(f"#column-{headings.index('call_number') + 1}", "shelf_mark")
    begun = time.monotonic()
    page.locator("button[value=again]").click()
    page.wait_for_selector("[data-reading]", state="attached", timeout=PATIENCE)
    page.wait_for_selector(".verdict", timeout=PATIENCE)
    found["read_again_seconds"] = round(time.monotonic() - begun, 1)
    with page.expect_download() as download:
        page.locator("a[download]").click()
    errors = Path(download.value.path()).read_bytes()
    page.locator("button[value=accept]").click()
    page.wait_for_selector(".notice", timeout=PATIENCE)
    corrections = folder / "sua.xlsx"
    found["corrected_rows"] = corrected(errors, corrections)
    if found["corrected_rows"]:
        bring(page, "bang", corrections, "addition")
        found["corrections"] = shown(page)
        page.locator("button[value=accept]").click()
        page.wait_for_selector(".notice", timeout=PATIENCE)
    found["marc_seconds"] = bring(page, "marc", marc_file, "full")
    found["marc"] = shown(page)
    page.locator("button[value=accept]").click()
    page.wait_for_selector(".notice", timeout=PATIENCE)
    context.close()
    return found


WAITING = """
    SELECT (SELECT count(*) FROM harvest_run r LEFT JOIN catalogue_progress p ON p.run_id = r.id
            WHERE r.state = 'published' AND NOT coalesce(p.finished, false))
         + (SELECT count(*) FROM pending_join) + (SELECT count(*) FROM joining)
         + (SELECT count(*) FROM pending_publish)
"""


async def until_joined(url: str) -> float:
    """Wait until nothing is left to be read, joined or published; give the seconds."""
    begun = time.monotonic()
    conn = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
    while await conn.fetchval(WAITING):
        await asyncio.sleep(1)
    await conn.close()
    return round(time.monotonic() - begun, 1)


async def meetings(url: str) -> dict[str, Any]:
    """Count the rows that stand in one union record with their MARC record, and why the others do not."""
    conn = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
    query = """
        SELECT DISTINCT ON (w.local_id) w.local_id, w.place
        FROM raw_record w JOIN harvest_run r ON r.id = w.run_id JOIN source s ON s.id = w.source_id
        WHERE s.code = $1 AND r.state = 'published' AND NOT w.deleted
        ORDER BY w.local_id, w.run_id
    """
    rows = {int(row["place"]) - 1: row["local_id"] for row in await conn.fetch(query, "bang")}
    marc = {int(row["place"]): row["local_id"] for row in await conn.fetch(query, "marc")}
    member = dict(await conn.fetch("SELECT record_id, cluster_id FROM cluster_member"))
    await conn.close()
    why: Counter[str] = Counter()
    apart: list[tuple[int, int, int]] = []
    for n, local_id in rows.items():
        left = record_number("bang", local_id)
        right = record_number("marc", marc[n]) if n in marc else None
        if left not in member:
            why["the row has no title"] += 1
        elif right is None or right not in member:
            why["the MARC record has no title"] += 1
        elif member[left] == member[right]:
            why["met"] += 1
        else:
            apart.append((n, left, right))
    sizes = Counter(member.values())
    outcome = {
        "rows": len(rows),
        "marc_records": len(marc),
        "met": why.pop("met", 0),
        "apart": len(apart) + sum(why.values()),
        "union_records": len(sizes),
        "why": dict(why),
    }
    session_settings = start.load()
    async with open_services(session_settings, url) as services:
        viewer = await session.operator(services)
        reasons: Counter[str] = Counter()
        examples: dict[str, list[int]] = {}
        for n, left, right in apart:
            told = await explain(services, viewer, left, right)
            bibs = (told.left.bib, told.right.bib)
            lacks = [
                name
                for name, there in (
                    ("author", all(bib.agents for bib in bibs)),
                    ("year", all(bib.year for bib in bibs)),
                )
                if not there
            ]
            forbids = sorted(one.feature for one in told.evidence if one.veto)
            against = sorted({one.feature for one in told.evidence if one.points < 0} - {"together"})
            why_not = (
                forbids
                or [f"no {name}" for name in lacks]
                or against
                or ["title, author and year do not decide"]
            )
            reason = f"{told.outcome}: {', '.join(why_not)}"
            reasons[reason] += 1
            examples.setdefault(reason, []).append(n)
    outcome["why"] |= dict(reasons.most_common())
    outcome["examples"] = {reason: rows_[:5] for reason, rows_ in examples.items()}
    return outcome


def main() -> int:
    """Run, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--rows", type=int, default=None, help="only the first rows")
    given = parser.parse_args()
    if not ROWS.is_file() or not RECORDS.is_file():
        print("the shared test data are not present", file=sys.stderr)
        return 2
    chromium = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    if chromium is None:
        print("no Chromium on this machine", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="bachkhoa-") as name:
        home = Path(name)
        with service(home) as address:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                outcome = in_browser(browser, address, home, given.rows)
                browser.close()
            with session.database(start.load()) as url:
                outcome["joined_seconds"] = asyncio.run(until_joined(url))
                outcome |= asyncio.run(meetings(url))
    if given.json:
        print(json.dumps(outcome, ensure_ascii=False, indent=2))
    else:
        print(f"rows {outcome['rows']:,}, met {outcome['met']:,}, apart {outcome['apart']:,}")
        for reason, count in outcome["why"].items():
            print(f"{count:>8,}  {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
