"""A source of a million records over loopback: `python -m tests.bench.million [RECORDS]`.

Harvests it whole, whole again with some records gone, and by a comparison of identifiers with more gone.
Memory of the harvester must stay flat: it is sampled all the time, the last quarter against the third.
"""

import argparse
import asyncio
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil

from unioncat.domain.library import Library, LibraryType
from unioncat.domain.source import Assertions, Protocol, Run, Source
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.store import libraries, runs, sources
from unioncat.store.database import Database
from unioncat.store.migrate import upgrade

MILLION = 1_000_000
PAGE = 1000
GROWTH = 1.15
"""The last quarter of a harvest may take so many times the memory of its third quarter."""
PERIOD = 0.25
MARC = "http://www.loc.gov/MARC21/slim"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    "<responseDate>2024-06-01T12:00:00Z</responseDate><request>x</request>"
)
IDENTIFY = (
    "<Identify><repositoryName>Million</repositoryName><baseURL>x</baseURL><protocolVersion>2.0</protocolVersion>"
    "<adminEmail>it@example.org</adminEmail><earliestDatestamp>2020-01-01T00:00:00Z</earliestDatestamp>"
    "<deletedRecord>no</deletedRecord><granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
)
HEADER = (
    "<header><identifier>oai:million:%(n)d</identifier><datestamp>2024-01-01T00:00:00Z</datestamp></header>"
)
RECORD = (
    f"<record>{HEADER}<metadata><record xmlns='{MARC}'><leader>00000nam a2200000 a 4500</leader>"
    "<controlfield tag='001'>%(n)d</controlfield>"
    "<controlfield tag='008'>050101s2005    vm            000 0 vie d</controlfield>"
    "<datafield tag='100' ind1='1' ind2=' '><subfield code='a'>Nguyễn, Văn %(n)d</subfield></datafield>"
    "<datafield tag='245' ind1='1' ind2='0'><subfield code='a'>Lịch sử địa phương, tập %(n)d</subfield>"
    "<subfield code='c'>Nguyễn Văn %(n)d biên soạn</subfield></datafield>"
    "<datafield tag='260' ind1=' ' ind2=' '><subfield code='a'>Hà Nội</subfield><subfield code='b'>Văn hóa"
    "</subfield><subfield code='c'>2005</subfield></datafield>"
    "<datafield tag='300' ind1=' ' ind2=' '><subfield code='a'>312 tr.</subfield></datafield>"
    "<datafield tag='650' ind1=' ' ind2='4'><subfield code='a'>Lịch sử</subfield></datafield>"
    "</record></metadata></record>\n"
)


class Handler(BaseHTTPRequestHandler):
    """Answers for records 0 … of which every hundredth, up to `gone`, is not there."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    count = 0

    def do_GET(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        body = self._answer(asked).encode()
        self.send_response_only(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, asked: dict[str, str]) -> str:
        verb, gone = asked["verb"], int(asked.get("gone", "0"))
        if verb == "Identify":
            return f"{HEAD}{IDENTIFY}</OAI-PMH>"
        if verb == "GetRecord":
            return f'{HEAD}<error code="idDoesNotExist"/></OAI-PMH>'
        first = int(asked.get("resumptionToken", "0"))
        last = min(first + PAGE, self.count)
        form = HEADER if verb == "ListIdentifiers" else RECORD
        inner = "".join(form % {"n": n} for n in range(first, last) if n % 100 or n >= gone * 100)
        token = "" if last == self.count else str(last)
        size = self.count - gone
        end = f'<resumptionToken cursor="{first}" completeListSize="{size}">{token}</resumptionToken>'
        return f"{HEAD}<{verb}>{inner}{end}</{verb}></OAI-PMH>"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def serve(count: int, port: "multiprocessing.Queue[int]") -> None:
    """Serve until ended."""
    Handler.count = count
    server = HTTPServer(("127.0.0.1", 0), Handler)
    port.put(server.server_port)
    server.serve_forever()


@dataclass
class Measured:
    """One harvest."""

    what: str
    run: Run
    seconds: float
    memory: list[float]
    """Samples in MB."""

    @property
    def growth(self) -> float:
        """Memory of the last quarter against that of the third."""
        quarter = max(1, len(self.memory) // 4)
        return statistics.median(self.memory[-quarter:]) / statistics.median(
            self.memory[quarter : 2 * quarter]
        )

    def __str__(self) -> str:
        counts, quarter = self.run.counters, max(1, len(self.memory) // 4)
        marks = [f"{self.memory[min(len(self.memory) - 1, quarter * n)]:.0f}" for n in range(5)]
        return (
            f"{self.what}: {self.run.state}, {counts.received:,} received, {counts.created:,} new,"
            f" {counts.unchanged:,} unchanged, {counts.swept:,} swept; {self.seconds:.1f} s,"
            f" {counts.received / self.seconds:,.0f} records/s; memory {'-'.join(marks)} MB,"
            f" peak {max(self.memory):.0f} MB, growth {self.growth:.2f}"
        )


def harvest(url: str, home: Path, *arguments: str) -> tuple[float, list[float]]:
    """Run the harvester as operators do; seconds and samples of its memory."""
    environment = os.environ | {
        "UNIONCAT_DATABASE_URL": url,
        "UNIONCAT_HOME": str(home),
        "UNIONCAT_ALLOW_TARGETS": "127.0.0.0/8",
        "UNIONCAT_LOG_LEVEL": "warning",
    }
    begun, samples = time.monotonic(), []
    command = [sys.executable, "-m", "unioncat_harvester", "run", "million", "--quiet", *arguments]
    process = subprocess.Popen(command, env=environment)
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            samples.append(watched.memory_info().rss / 1e6)
        except psutil.Error:
            break
        time.sleep(PERIOD)
    if process.wait() != 0:
        raise SystemExit(f"the harvest {' '.join(arguments)} ended with {process.returncode}")
    return time.monotonic() - begun, samples


async def bench(count: int) -> int:
    """Run all three harvests; 1 where memory was not flat or a record is missing."""
    ports: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(count, ports), daemon=True)
    server.start()
    address = f"http://127.0.0.1:{ports.get()}/oai"
    gone = min(count // 1000, 10_000)
    with tempfile.TemporaryDirectory(prefix="unioncat-million-") as folder:
        home = Path(folder)
        postgres = EmbeddedPostgres(home / "postgres")
        url = postgres.start()
        try:
            await upgrade(url)
            db = await Database.connect(url)
            source = await register(db, address)
            good = True
            for what, arguments, missing in (
                ("whole", ("--full",), 0),
                ("whole again", ("--full",), gone),
                ("comparison", ("--reconcile",), 2 * gone),
            ):
                async with db.begin() as conn:
                    await sources.save_source(conn, replace(source, address=f"{address}?gone={missing}"))
                seconds, memory = await asyncio.to_thread(harvest, url, home, *arguments)
                async with db.begin() as conn:
                    run = (await runs.runs(conn, "million", limit=1))[0]
                    live = await runs.live_records(conn, source.id)
                measured = Measured(what, run, seconds, memory)
                print(measured, flush=True)
                good = good and live == count - missing and measured.growth < GROWTH
            await db.close()
        finally:
            postgres.stop()
            server.terminate()
    print("flat memory, every record accounted for" if good else "NOT as it should be")
    return 0 if good else 1


async def register(db: Database, address: str) -> Source:
    """Register the source."""
    async with db.begin() as conn:
        await libraries.save_library(conn, Library("million", "Triệu", "Million", LibraryType.PUBLIC))
        return await sources.save_source(
            conn,
            Source("million", "million", Protocol.OAI_PMH, address, assertions=Assertions(max_fall=0.1)),
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="?", type=int, default=MILLION)
    raise SystemExit(asyncio.run(bench(parser.parse_args().records)))
