"""`python -m tests.bench.messages`: ISO 18626 messages answered in a second, by the service as it runs.

A real PostgreSQL, the web service as a process of its own, a partner over loopback: new requests, questions
after their status, cancels, and some messages sent twice.
"""

import argparse
import asyncio
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.__main__ import free_port
from unioncat.config import Settings
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.partner import AgencyOf, Partner
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.flow import partners
from unioncat.flow.services import open_services
from unioncat.lending.iso18626 import model as m
from unioncat.lending.iso18626.codes import Action, MessageStatus, ServiceType, Version
from unioncat.lending.iso18626.read import read_confirmation
from unioncat.lending.iso18626.write import write
from unioncat.store import libraries
from unioncat.store.migrate import upgrade

TARGET = 50
"""Messages answered in a second."""
HERE = m.Agency("kho", m.Code("UNIONCAT"))
THERE = m.Agency("VN-TVHP")


def conversation(number: int) -> list[bytes]:
    """Write what one request brings: itself, two questions after it, a cancel; some of it twice."""
    header = m.Header(THERE, datetime.now(UTC), f"BENCH-{number}", HERE)
    wanted = m.BibliographicInfo(title=f"Đất rừng phương Nam, tập {number}", author="Đoàn Giỏi")
    request = m.RequestMessage(header, wanted, service=m.ServiceInfo(ServiceType.LOAN))
    ask = m.RequestingMessage(header, Action.STATUS_REQUEST)
    later = replace(ask, header=replace(header, timestamp=datetime(2026, 1, 1, tzinfo=UTC)))
    version = Version.V1_2 if number % 2 else Version.V2021
    said: list[m.Message] = [request, ask, later, m.RequestingMessage(header, Action.CANCEL)]
    written = [write(one, version) for one in said]
    return [*written, written[0]] if number % 3 == 0 else written


async def prepare(home: Path, url: str) -> str:
    """Make a library and a partner; give the partner's token."""
    async with open_services(Settings.load(home=home), url) as services:
        async with services.db.as_service() as conn:
            await libraries.save_library(conn, Library("kho", "Kho", "Kho", LibraryType.PUBLIC))
        partner = Partner("hai-phong", "Hải Phòng", agencies=(AgencyOf("ISIL", "VN-TVHP"),))
        await partners.save(services, "bench", partner)
        return await partners.new_token(services, "bench", "hai-phong")


def send(port: int, token: str, share: list[list[bytes]], seconds: list[float], wrong: list[str]) -> None:
    """Be one partner's connection."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/xml", "Authorization": f"Bearer {token}"}
    for talk in share:
        for body in talk:
            begun = time.perf_counter()
            line.request("POST", "/iso18626", body, headers)
            answer = line.getresponse()
            content = answer.read()
            seconds.append(time.perf_counter() - begun)
            if answer.status != 200 or read_confirmation(content).status is not MessageStatus.OK:
                wrong.append(f"{answer.status} {content[:400]!r}")
    line.close()


def measure(requests: int, connections: int) -> int:
    """Run it; 1 where the target is missed."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        postgres = EmbeddedPostgres(home / "pg")
        url = postgres.start()
        port = free_port()
        service = None
        try:
            asyncio.run(upgrade(url))
            token = asyncio.run(prepare(home, url))
            words = {"UNIONCAT_HOME": str(home), "UNIONCAT_DATABASE_URL": url, "UNIONCAT_PORT": str(port)}
            command = [sys.executable, "-m", "unioncat_api"]
            service = subprocess.Popen(command, env={**os.environ, **words})
            _wait(port)
            talks = [conversation(number) for number in range(requests)]
            seconds: list[float] = []
            wrong: list[str] = []
            shares = [talks[place::connections] for place in range(connections)]
            crowd = [
                threading.Thread(target=send, args=(port, token, share, seconds, wrong)) for share in shares
            ]
            begun = time.perf_counter()
            for one in crowd:
                one.start()
            for one in crowd:
                one.join()
            took = time.perf_counter() - begun
        finally:
            if service is not None:
                service.terminate()
                service.wait(10)
            postgres.destroy()
    rate = len(seconds) / took
    p95 = statistics.quantiles(seconds, n=20)[-1] * 1000
    print(f"{len(seconds)} messages over {connections} connections: {rate:.0f}/s, p95 {p95:.0f} ms")
    print(f"{len(wrong)} wrong; load of the machine {os.getloadavg()[0]:.1f}")
    for fault in wrong[:3]:
        print(fault)
    return 0 if rate >= TARGET and not wrong else 1


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the service did not begin to answer")


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--requests", type=int, default=300)
    words.add_argument("--connections", type=int, default=8)
    given = words.parse_args()
    sys.exit(measure(given.requests, given.connections))
