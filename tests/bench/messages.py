"""`python -m tests.bench.messages`: ISO 18626 messages answered in a second, by the service as it runs.

A real PostgreSQL with 10,000 requests open, the web service as a process of its own, a partner over loopback
that borrows (requests, questions after their status, cancels) and lends (yes, sent, called back); some of it
comes twice. Processor time is that of the service and of its database: it says more than seconds where others
use the machine.
"""

import argparse
import asyncio
import http.client
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from tests.bench.lending import FILL, fill
from tests.bench.machine import processor_seconds
from tests.bench.servers import web_service
from tests.flows.test_locate import federation
from unioncat.config import Settings
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.partner import AgencyOf, Partner
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.flow import partners
from unioncat.flow.services import Services, open_services
from unioncat.lending.iso18626 import model as m
from unioncat.lending.iso18626.codes import Action, MessageStatus, Reason, ServiceType, Status, Version
from unioncat.lending.iso18626.read import read_confirmation
from unioncat.lending.iso18626.write import write
from unioncat.store import libraries
from unioncat.store.migrate import upgrade

TARGET = 50
"""Messages answered in a second."""
HERE = m.Agency("kho", m.Code("UNIONCAT"))
HOME = m.Agency("home", m.Code("UNIONCAT"))
THERE = m.Agency("VN-TVHP")
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
GIVEN = text(
    "UPDATE lending_supply SET supplier_symbol = 'isil:vn-tvhp', supplier_id = NULL, supplier_state = NULL,"
    " answer_due = NULL WHERE protocol_id LIKE 'ASKED-%'"
)
"""Makes the partner the supplier of what was written for it."""


@dataclass(slots=True)
class Share:
    """What one connection of the partner has sent: seconds of each message, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def borrowing(number: int, version: Version) -> list[bytes]:
    """Write what one request of the partner brings: itself, two questions after it, a cancel."""
    header = m.Header(THERE, datetime.now(UTC), f"BENCH-{number}", HERE)
    wanted = m.BibliographicInfo(title=f"Đất rừng phương Nam, tập {number}", author="Đoàn Giỏi")
    request = m.RequestMessage(header, wanted, service=m.ServiceInfo(ServiceType.LOAN))
    ask = m.RequestingMessage(header, Action.STATUS_REQUEST)
    later = replace(ask, header=replace(header, timestamp=BEGUN))
    said: list[m.Message] = [request, ask, later, m.RequestingMessage(header, Action.CANCEL)]
    return [write(one, version) for one in said]


def lending(number: int, version: Version) -> list[bytes]:
    """Write what the partner says of a request that it was asked for: yes, sent, called back."""
    said = []
    for place, status in enumerate((Status.WILL_SUPPLY, Status.LOANED, Status.RECALLED)):
        at = BEGUN + timedelta(days=place)
        header = m.Header(HOME, at, f"ASKED-{number}", THERE, f"HP-{number}")
        one = m.SupplyingMessage(header, Reason.STATUS_CHANGE, status, last_change=at)
        if status is not Status.WILL_SUPPLY:
            sent = m.DeliveryInfo(sent=at, item_ids=(f"B{number}",))
            one = replace(one, due=at + timedelta(days=30), delivery=sent)
        said.append(write(one, version))
    return said


def conversation(number: int) -> list[bytes]:
    """Write what one request brings; every third that the partner makes comes twice."""
    version = Version.V1_2 if number % 2 else Version.V2021
    asked = borrowing(number, version)
    return [*asked, asked[0]] if number % 3 == 0 else asked


async def prepare(home: Path, url: str, *, requests: int = 0, waiting: int = 0) -> str:
    """Make a library and a partner, open requests, and some that wait for the partner; give its token."""
    async with open_services(Settings.load(home=home), url) as services:
        await federation(services.db)
        async with services.db.as_service() as conn:
            await libraries.save_library(conn, Library("kho", "Kho", "Kho", LibraryType.PUBLIC))
        partner = Partner("hai-phong", "Hải Phòng", agencies=(AgencyOf("ISIL", "VN-TVHP"),))
        await partners.save(services, "bench", partner)
        await _ask_partner(services, waiting)
        await fill(services, requests)
        return await partners.new_token(services, "bench", "hai-phong")


async def _ask_partner(services: Services, count: int) -> None:
    sent = {"mark": "ASKED-", "count": count, "mine": "sent", "theirs": None, "due": None, "due_text": None}
    async with services.db.as_service() as conn:
        await conn.execute(FILL, {**sent, "then": BEGUN, "answer": None})
        await conn.execute(GIVEN)


def send(port: int, token: str, talks: Sequence[list[bytes]], share: Share) -> None:
    """Be one of the partner's connections."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/xml", "Authorization": f"Bearer {token}"}
    for talk in talks:
        for body in talk:
            begun = time.perf_counter()
            line.request("POST", "/iso18626", body, headers)
            answer = line.getresponse()
            content = answer.read()
            share.seconds.append(time.perf_counter() - begun)
            if answer.status != 200 or read_confirmation(content).status is not MessageStatus.OK:
                share.wrong.append(f"{answer.status} {content[:400]!r}")
    line.close()


def crowd(port: int, token: str, talks: Sequence[list[bytes]], connections: int) -> Share:
    """Send conversations over several connections at once."""
    shares = [Share() for _ in range(connections)]
    threads = [
        threading.Thread(target=send, args=(port, token, talks[place::connections], shares[place]))
        for place in range(connections)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return Share([s for one in shares for s in one.seconds], [w for one in shares for w in one.wrong])


@dataclass(frozen=True, slots=True)
class Used:
    """Processor seconds of the service and of its database, and statements that it was sent, so far."""

    service: float
    database: float
    statements: int


async def _statements(url: str) -> int:
    async with open_services(Settings(), url) as services, services.db.as_service() as conn:
        await conn.execute(text("CREATE EXTENSION IF NOT EXISTS pg_stat_statements"))
        return int((await conn.execute(text("SELECT sum(calls) FROM pg_stat_statements"))).scalar_one())


def _used(url: str, service: int, database: int) -> Used:
    statements = asyncio.run(_statements(url))
    return Used(processor_seconds(service), processor_seconds(database), statements)


def measure(requests: int, connections: int, opened: int) -> int:
    """Run it; 1 where the target is missed."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        postgres = EmbeddedPostgres(home / "pg")
        url = postgres.start()
        try:
            assert postgres.child is not None
            asyncio.run(upgrade(url))
            token = asyncio.run(prepare(home, url, requests=opened, waiting=requests + connections))
            talks = [
                talk
                for n in range(1, requests + 1)
                for talk in (conversation(n), lending(n, Version.V2021 if n % 2 else Version.V1_2))
            ]
            warm = [talk for n in range(connections) for talk in (conversation(-3 * n),)]
            with web_service(home, url) as (port, service):
                crowd(port, token, warm, connections)
                before = _used(url, service, postgres.child.pid)
                begun = time.perf_counter()
                done = crowd(port, token, talks, connections)
                took = time.perf_counter() - begun
                after = _used(url, service, postgres.child.pid)
        finally:
            postgres.destroy()
    count = len(done.seconds)
    rate = count / took
    p95 = statistics.quantiles(done.seconds, n=20)[-1] * 1000
    print(f"{count} messages over {connections} connections, {opened:,} requests open:", end=" ")
    print(f"{rate:.0f}/s (target {TARGET}), p95 {p95:.0f} ms; load of the machine {os.getloadavg()[0]:.1f}")
    python = (after.service - before.service) * 1000 / count
    postgres_ms = (after.database - before.database) * 1000 / count
    statements = (after.statements - before.statements) / count
    print(f"processor time of one message: Python {python:.1f} ms, PostgreSQL {postgres_ms:.1f} ms;", end=" ")
    print(f"{statements:.1f} statements")
    print(f"{len(done.wrong)} wrong")
    for fault in done.wrong[:3]:
        print(fault)
    return 0 if rate >= TARGET and not done.wrong else 1


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--requests", type=int, default=200)
    words.add_argument("--connections", type=int, default=8)
    words.add_argument("--open", type=int, default=10_000)
    given = words.parse_args()
    sys.exit(measure(given.requests, given.connections, given.open))
