"""`python -m tests.bench.withdrawing`: how soon what a member takes back is gone from store and search.

A library with half of all records keeps them for a circle, another takes one record back and then leaves;
ends with 1 where one of these takes longer than a minute. The real worker does the work, on one process.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.bench.leaks import Shelves
from tests.flows.circles import fill
from tests.support.database import execute, named
from unioncat.config import Settings
from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.search import SearchQuery
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.flow import audience, work
from unioncat.flow.services import Services, open_services
from unioncat.index import parse
from unioncat.store.migrate import upgrade

LIMIT = 60.0
"""Seconds in which it must be gone everywhere."""
Act = Callable[[], Awaitable[object]]


async def _found(services: Services, query: SearchQuery) -> int:
    await services.index.health()  # looks at what was written last
    return (await services.index.search(ANONYMOUS, query)).total


async def timed(services: Services, what: str, act: Act, query: SearchQuery) -> float:
    """Do one thing, let the worker follow; tell when nothing of it was found any more, and when all ended."""
    had = await _found(services, query)
    begun = time.monotonic()
    await act()
    hidden = time.monotonic() - begun
    worker = asyncio.create_task(work.work(services, asyncio.Event(), drain=True))
    gone = None
    while not worker.done():
        if gone is None and await _found(services, query) == 0:
            gone = time.monotonic() - begun
        await asyncio.sleep(0.2)
    await worker
    done = time.monotonic() - begun
    if gone is None:
        gone = done if await _found(services, query) == 0 else float("inf")
    print(
        f"{what}: {had:,} found before; hidden in the store after {hidden:.1f} s, not found any more after"
        f" {gone:.1f} s, joined anew and proven after {done:.1f} s",
        flush=True,
    )
    return gone


async def measure(size: int, folder: Path) -> float:
    """Make the federation, take things back, and give the longest time in seconds."""
    postgres = EmbeddedPostgres(folder / "pg")
    server = await asyncio.to_thread(postgres.start)
    try:
        await execute(server, "CREATE DATABASE withdrawing")
        url = named(server, "withdrawing")
        await upgrade(url)
        async with open_services(Settings(home=folder / "home", workers=1), url) as services:
            await fill(services, (), Shelves(size, 0))
            narrowed = SearchQuery(filters=(("library", ("pub-a",)),), size=0)
            left = SearchQuery(filters=(("library", ("pub-b",)),), size=0)
            times = [
                await timed(
                    services,
                    "a library keeps all for a circle",
                    lambda: audience.change_audience(services, "library", "pub-a", "cand", by="bench"),
                    narrowed,
                ),
                await timed(
                    services,
                    "a record is taken back",
                    lambda: audience.withdraw(services, "pub-b", "left", by="bench", why="bench"),
                    SearchQuery(clauses=parse('"Truyện cô Bà Sài Gòn"'), size=0),
                ),
                await timed(
                    services,
                    "a library leaves",
                    lambda: audience.leave(services, "pub-b", by="bench"),
                    left,
                ),
            ]
            for proof in await audience.latest(services):
                print(f"the proof of {proof.subject} {proof.code}: {proof.before} -> {proof.after}")
        return max(times)
    finally:
        await asyncio.to_thread(postgres.destroy)


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=20_000, help="records of the federation")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        longest = asyncio.run(measure(given.size, Path(folder)))
    return int(longest > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
