"""Two hundred sources at once, a tenth of them broken: `python -m tests.bench.many_sources`.

Servers of three protocols, one port each, in this process; one `unioncat_harvester run --all --jobs N` reads
them as in production. Prints the time of each source and of all, and fails where a good one was held up by a
broken one or lost a record.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from tests.harvester import servers as oai
from tests.harvester.servers import Reply
from tests.harvester.sru import rig as sru
from tests.harvester.z3950 import misbehaving
from tests.harvester.z3950 import rig as z3950
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.source import Politeness, Protocol, Source
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.store import libraries, sources
from unioncat.store.database import Database
from unioncat.store.migrate import upgrade

ROOT = Path(__file__).parents[2]
POLITE = Politeness(timeout=3.0, tries=2, max_wait=5.0)
"""A broken source may cost its harvest some ten of these time-outs."""
SRU_RECORDS = 60


@dataclass(frozen=True)
class Made:
    """A source of the bench: what it is registered as, and how many records must come of it."""

    source: Source
    records: int
    fault: str = ""


def broken_http(fault: str) -> Reply:
    """A bad answer over HTTP."""
    page = oai.page_text(1).encode()
    return {
        "hang": Reply(b"x" * 1000, stall=3600.0),
        "trickle": Reply(page, drip=0.5),
        "503": Reply(b"busy", 503),
        "truncated": Reply(page, cut=len(page) // 2),
    }[fault]


FAULTS = ("hang", "trickle", "503", "truncated")
BENT = {
    "hang": misbehaving.HangsAfterInit,
    "trickle": misbehaving.Trickles,
    "503": misbehaving.RefusesInit,
    "truncated": misbehaving.HalfAnAnswer,
}


def made(stack: contextlib.ExitStack, number: int, fault: str) -> Made:
    """Start a server and give its source; the protocols take turns."""
    code = f"kho-{number:03}" + (f"-{fault}" if fault else "")
    kind = number % 4
    if kind < 2:
        bend: Callable[[object], Reply | None] = lambda asked: broken_http(fault) if fault else None  # noqa: E731
        server = stack.enter_context(oai.serving(bend))
        place, records = (Protocol.OAI_PMH, server.base, "marc21"), 100
        options: tuple[tuple[str, str], ...] = ()
    elif kind == 2:
        shelf = sru.shelf(SRU_RECORDS)
        bent = (lambda asked: broken_http(fault)) if fault else None
        other = stack.enter_context(sru.serving(shelf, bent))
        place, records, options = (Protocol.SRU, other.base, "marcxml"), SRU_RECORDS, ()
    else:
        target = BENT[fault]() if fault else z3950.Target()
        port = stack.enter_context(z3950.serving(target))
        place, records, options = (Protocol.Z3950, f"z3950://127.0.0.1:{port}/kho", "usmarc"), z3950.COUNT, ()
    protocol, address, format_ = place
    source = Source(
        code=code,
        library="thu-vien",
        protocol=protocol,
        address=address,
        format=format_,
        options=options,
        politeness=POLITE,
    )
    return Made(source, 0 if fault else records, fault)


async def register(url: str, wanted: list[Made]) -> None:
    """Enter the library and all sources."""
    db = await Database.connect(url, pool_size=2)
    async with db.begin() as conn:
        await libraries.save_library(conn, Library("thu-vien", "Thư viện", "Library", LibraryType.PUBLIC))
        for one in wanted:
            await sources.save_source(conn, one.source)
    await db.close()


async def outcome(url: str) -> dict[str, tuple[str, int]]:
    """Give (state of the last run, live records) of each source."""
    db = await Database.connect(url, pool_size=2)
    async with db.begin() as conn:
        rows = await conn.execute(
            text(
                "SELECT s.code,"
                " (SELECT state FROM harvest_run r WHERE r.source_id = s.id ORDER BY id DESC LIMIT 1),"
                " (SELECT count(*) FROM raw_record w WHERE w.source_id = s.id) FROM source s"
            )
        )
        found = {row[0]: (row[1] or "none", row[2]) for row in rows}
    await db.close()
    return found


def harvest(environment: dict[str, str], jobs: int) -> Iterator[tuple[float, dict[str, object]]]:
    """Run the harvester over all; give its log lines with the seconds since its start."""
    begin = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", "unioncat_harvester", "run", "--all", "--quiet", "--jobs", str(jobs)],
        env=environment,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr
    for line in child.stderr:
        with contextlib.suppress(ValueError):
            yield time.monotonic() - begin, json.loads(line)
    child.wait()


def measure(count: int, share: float, jobs: int, home: Path) -> bool:
    """Run it; true when every good source came whole and none waited for a broken one."""
    chance = random.Random(1)
    broken = set(chance.sample(range(count), round(count * share)))
    postgres = EmbeddedPostgres(home)
    url = postgres.start()
    began: dict[str, float] = {}
    ended: dict[str, float] = {}
    try:
        asyncio.run(upgrade(url))
        with contextlib.ExitStack() as stack:
            faults = iter(FAULTS * count)
            wanted = [made(stack, n, next(faults) if n in broken else "") for n in range(count)]
            asyncio.run(register(url, wanted))
            environment = {
                **os.environ,
                "UNIONCAT_HOME": str(home),
                "UNIONCAT_DATABASE_URL": url,
                "UNIONCAT_LOG_FORMAT": "json",
                "UNIONCAT_ALLOW_TARGETS": "127.0.0.1",
            }
            total = 0.0
            for at, line in harvest(environment, jobs):
                total = at
                code, event = str(line.get("source")), str(line.get("event"))
                if event == "harvest begins":
                    began.setdefault(code, at)
                elif re.match(r"harvest (published|failed|held|stopped|not begun)", event):
                    ended[code] = at
            found = asyncio.run(outcome(url))
            print(f"{threading.active_count():,} server threads at the end")
            stack.pop_all()  # servers that hang are not waited for
    finally:
        postgres.destroy()
    return report(wanted, began, ended, found, total, jobs)


def report(
    wanted: list[Made],
    began: dict[str, float],
    ended: dict[str, float],
    found: dict[str, tuple[str, int]],
    total: float,
    jobs: int,
) -> bool:
    """Print the times and judge them."""
    good = [one for one in wanted if not one.fault]
    bad = [one for one in wanted if one.fault]
    print(f"{'source':<22}{'protocol':<10}{'began':>8}{'ended':>8}{'state':>12}{'records':>9}")
    for one in sorted(wanted, key=lambda each: ended.get(each.source.code, 1e9)):
        code = one.source.code
        state, records = found[code]
        print(
            f"{code:<22}{one.source.protocol:<10}{began.get(code, -1):>8.1f}{ended.get(code, -1):>8.1f}"
            f"{state:>12}{records:>9}"
        )
    whole = [one for one in good if found[one.source.code] == ("published", one.records)]
    last_good = max((ended[one.source.code] for one in good if one.source.code in ended), default=0.0)
    took = [ended[c] - began[c] for c in (one.source.code for one in good) if c in ended and c in began]
    states = Counter(found[one.source.code][0] for one in bad)
    print(
        f"\n{len(wanted)} sources, {jobs} at a time: {total:.1f} s in all;"
        f" the last good one ended after {last_good:.1f} s"
        f"\ngood: {len(whole)} of {len(good)} whole; each took {statistics.median(took):.2f} s (median),"
        f" {max(took):.2f} s (longest)"
        f"\nbroken: {len(bad)}, ended as {dict(states)}"
    )
    wrong = [one.source.code for one in bad if found[one.source.code][0] == "published"]
    if wrong:
        print(f"broken and yet published: {', '.join(wrong)}")
    return len(whole) == len(good) and not wrong


def main() -> None:
    """Read the command line and run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.many_sources", description=__doc__)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--broken", type=float, default=0.1, help="share of sources that are broken")
    parser.add_argument("--jobs", type=int, default=8)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="unioncat-many-") as folder:
        good = measure(chosen.sources, chosen.broken, chosen.jobs, Path(folder) / "home")
    sys.stdout.flush()
    os._exit(0 if good else 1)  # threads of servers that hang are not waited for


if __name__ == "__main__":
    main()
