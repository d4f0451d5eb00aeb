"""A night of lending: 10,000 requests open at once, and everything that the clock has to do with them.

python -m tests.bench.lending [requests]
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from tests.flows.test_locate import federation
from tests.support.database import named
from tests.support.lending import NOW
from unioncat.config import Settings
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.flow import lending_timers
from unioncat.flow.services import Services, open_services
from unioncat.store.migrate import upgrade

MIX = (
    # share, requester's state, supplier's state, days until due, days until the answer is late
    (0.35, "on_loan", "with_requester", 7, None),
    (0.15, "on_loan", "with_requester", -1, None),
    (0.05, "on_loan", "with_requester", -10, None),
    (0.15, "sent", "received", None, 2),
    (0.10, "sent", "received", None, -1),
    (0.03, "conditional", "condition_sent", None, -1),
    (0.05, "will_supply", "to_pull", None, -1),
    (0.05, "shipped", "shipped", 12, -1),
    (0.05, "returned_by_reader", "with_requester", 5, -1),
    (0.02, "return_shipped", "return_in_transit", 5, -1),
)
"""What a federation's desks hold on an ordinary night; what is late is more than on most."""

FILL = text(
    """
    WITH made AS (
      INSERT INTO lending_request (id, number, home_id, wanted, title, same_key, service, level, edition_wish,
        state, loan, due_at, origin, made_by, created_at, changed_at, answer_due, version, attempt)
      SELECT gen_random_uuid(), :mark || n, h.id, '{"title": "Sách"}', 'Sách', :mark || n, 'loan', 'standard',
        'this', :mine, jsonb_build_object('due', CAST(:due_text AS text)), CAST(:due AS timestamptz), 'desk',
        'x', CAST(:then AS timestamptz), CAST(:then AS timestamptz), CAST(:answer AS timestamptz), 3, 1
      FROM generate_series(1, :count) n, (SELECT id FROM library WHERE code = 'home') h
      RETURNING id, number),
    readers AS (
      INSERT INTO lending_reader (request_id, name, card) SELECT id, 'Bạn đọc', number FROM made)
    INSERT INTO lending_supply (id, protocol_id, request_id, number, requester_symbol, supplier_symbol,
      requester_id, supplier_id, wanted, title, service, level, open, supplier_state, loan, due_at,
      created_at, changed_at, answer_due, version)
    SELECT gen_random_uuid(), number, made.id, 1, 'unioncat:home', 'unioncat:near', h.id, s.id,
      '{"title": "Sách"}', 'Sách', 'loan', 'standard', true, :theirs,
      jsonb_build_object('due', CAST(:due_text AS text)), CAST(:due AS timestamptz),
      CAST(:then AS timestamptz), CAST(:then AS timestamptz), CAST(:answer AS timestamptz), 3
    FROM made, (SELECT id FROM library WHERE code = 'home') h, (SELECT id FROM library WHERE code = 'near') s
    """
)


async def fill(services: Services, count: int) -> int:
    """Write open requests in the mix; give their number."""
    total = 0
    async with services.db.as_service() as conn:
        for number, (share, mine, theirs, due, answer) in enumerate(MIX):
            rows = round(count * share)
            at = NOW + timedelta(days=due) if due is not None else None
            await conn.execute(
                FILL,
                {
                    "mark": f"B{number}-",
                    "count": rows,
                    "mine": mine,
                    "theirs": theirs,
                    "due": at,
                    "due_text": at.isoformat() if at else None,
                    "then": NOW - timedelta(days=9),
                    "answer": NOW + timedelta(days=answer) if answer is not None else None,
                },
            )
            total += rows
    await run_analyze(services)
    return total


async def run_analyze(services: Services) -> None:
    """Let the planner know what is there."""
    session = await services.db.session()
    try:
        for table in ("lending_request", "lending_supply", "lending_outbox", "lending_event"):
            await session.execute(text(f"ANALYZE {table}"))
    finally:
        await session.close()


async def night(url: str, home: Path, count: int) -> dict[str, object]:
    """Fill a database, and run the timers of one night."""
    async with open_services(Settings(home=home), url) as services:
        await federation(services.db)
        total = await fill(services, count)
        began = time.perf_counter()
        done = await lending_timers.run(services, NOW)
        seconds = time.perf_counter() - began
        again = time.perf_counter()
        second = await lending_timers.run(services, NOW)
        return {
            "open": total,
            "seconds": round(seconds, 1),
            "done": done,
            "again": round(time.perf_counter() - again, 2),
            "second": second,
        }


def with_server(work: Callable[[str, Path], Awaitable[dict[str, object]]]) -> dict[str, object]:
    """Run something on a server of its own."""
    with tempfile.TemporaryDirectory(prefix="unioncat-bench-") as place:
        postgres = EmbeddedPostgres(Path(place) / "pg")
        url = postgres.start()
        try:
            asyncio.run(upgrade(named(url, "postgres")))
            return asyncio.run(work(named(url, "postgres"), Path(place) / "home"))  # type: ignore[arg-type]
        finally:
            postgres.destroy()


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for name, value in with_server(lambda url, home: night(url, home, wanted)).items():
        print(f"{name}: {value}")
