"""`make bench`: real records through a real OAI-PMH server on loopback to searchable, timed stage by stage.

Everything runs as the service runs it: the harvester as a process, the embedded PostgreSQL, the index on
disk, the HTTP API. Nothing is measured on easier work than is named in the table.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2
from rich.console import Console
from rich.table import Table

from tests.bench import joining, queries
from tests.bench.corpus import repository_file
from tests.bench.machine import Watch, facts
from tests.bench.servers import ROOT, child, free_port
from tests.support.data import DATA
from unioncat.config import Settings
from unioncat.domain.library import Level, LibraryType
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.flow.catalogue import catalogue
from unioncat.flow.crew import Crew, calm
from unioncat.flow.join import join
from unioncat.flow.publish import publish
from unioncat.flow.register import LibraryIn, SourceIn, register_library, register_source
from unioncat.flow.services import Services, open_services
from unioncat.store.migrate import upgrade

SIZES = (25_000, 250_000)


async def provider_rate(url: str, count: int) -> float:
    """Read the whole list with a client that does nothing else; give records/s."""
    begun, read, token = time.perf_counter(), 0, ""
    async with httpx2.AsyncClient(timeout=60, headers={"Accept-Encoding": "identity"}) as client:
        while read < min(count, 50_000):
            asked = {"resumptionToken": token} if token else {"metadataPrefix": "marc21"}
            body = (await client.get(url, params={"verb": "ListRecords", **asked})).content
            read += body.count(b"</record></metadata>") or body.count(b"<header")
            start = body.rfind(b"<resumptionToken")
            token = (
                body[body.find(b">", start) + 1 : body.find(b"<", start + 1)].decode() if start > 0 else ""
            )
            if not token:
                break
    return read / (time.perf_counter() - begun)


def harvest(environment: dict[str, str], *more: str) -> float:
    """Run the harvester as a process; give the seconds it took."""
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "unioncat_harvester", "run", "bench", *more],
        env=environment,
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - begun


async def stages(services: Services, found: dict[str, float]) -> None:
    """Catalogue, join and publish what was harvested; note the seconds of each."""
    db, workers = services.db, services.settings.workers
    calm()
    async with Crew(db, workers) as crew:
        for name, step in (
            ("catalogue", lambda: catalogue(db, workers=crew)),
            ("join", lambda: join(db, workers=crew)),
            ("publish", lambda: publish(services)),
        ):
            begun = time.perf_counter()
            if name == "publish":
                await crew.rest()
            await step()
            found[name] = found.get(name, 0.0) + time.perf_counter() - begun


async def measure(count: int, home: Path, folder: Path, each: int, seconds: int) -> dict[str, object]:
    """Run the whole bench for one size in a fresh home."""
    port, api_port = free_port(), free_port()
    repository = repository_file(DATA, folder, count)
    postgres = EmbeddedPostgres(home)
    url = postgres.start()
    environment = {
        **os.environ,
        "UNIONCAT_HOME": str(home),
        "UNIONCAT_DATABASE_URL": url,
        "UNIONCAT_PORT": str(api_port),
        "UNIONCAT_LOG_LEVEL": "warning",
        "UNIONCAT_ALLOW_TARGETS": f"127.0.0.1:{port}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    os.environ.update({key: environment[key] for key in environment if key.startswith("UNIONCAT_")})
    took: dict[str, float] = {}
    result: dict[str, object] = {"records": count}
    try:
        await upgrade(url)
        address = f"http://127.0.0.1:{port}/oai"
        with child(
            "tests.bench.provider",
            str(repository),
            str(port),
            url=f"{address}?verb=Identify",
            environment=environment,
        ) as provider:
            result["provider_per_s"] = await provider_rate(address, count)
            async with open_services(Settings.load(), url) as services:
                await register(services, address)
                with Watch(but_not=provider) as watch:
                    begun = time.perf_counter()
                    took["harvest"] = harvest(environment, "--full")
                    await stages(services, took)
                    total = time.perf_counter() - begun
                    begun = time.perf_counter()
                    harvest(environment)
                    await stages(services, {})
                    second = time.perf_counter() - begun
                indexed = await services.index.count()
        result |= {
            "seconds": took | {"end to end": total},
            "per_s": {name: count / value for name, value in took.items()} | {"end to end": count / total},
            "second_harvest_s": second,
            "second_share": second / total,
            "peak_memory_bytes": watch.peak,
            "indexed": indexed,
            "database_bytes": folder_size(postgres.data),
            "index_bytes": folder_size(home / "search"),
        }
        print(json.dumps({name: round(value) for name, value in result["per_s"].items()}), file=sys.stderr)
        with child("unioncat_api", url=f"http://127.0.0.1:{api_port}/healthz", environment=environment):
            result |= await ask(api_port, each, seconds)
        async with open_services(Settings.load(), url) as services:
            result |= await joining.measure(services.db, services.settings.workers)
    finally:
        postgres.destroy()
    return result


async def register(services: Services, address: str) -> None:
    """Register the bench's library and source."""
    await register_library(
        services,
        LibraryIn(
            code="bench",
            name_vi="Thư viện thử tải",
            name_en="Bench library",
            type=LibraryType.NATIONAL,
            level=Level.CENTRAL,
        ),
    )
    await register_source(services, SourceIn(code="bench", library="bench", address=address))


async def ask(port: int, each: int, seconds: int) -> dict[str, object]:
    """Measure the HTTP API with one client, then with 100 requests a second."""
    chance = random.Random(2026)
    limits = httpx2.Limits(max_connections=100)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, limits=limits) as client:
        kinds = await queries.sample(client, chance)
        await queries.one_client(client, kinds, 20)
        return {
            "latency": await queries.one_client(client, kinds, each),
            "load": await queries.at_rate(client, kinds, 100, seconds, chance),
        }


def folder_size(path: Path) -> int:
    """Sum the sizes of all files below a folder."""
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def show(console: Console, results: list[dict[str, object]]) -> None:
    """Print the table, targets beside."""
    table = Table("figure", *(f"{result['records']:,}" for result in results), "target at 250,000")
    rows: list[tuple[str, list[str], str]] = []
    for stage in ("harvest", "catalogue", "join", "publish", "end to end"):
        target = {"end to end": "≥ 2,000", "join": "≥ 6,000"}.get(stage, "")
        rows.append((f"{stage}, records/s", [f"{r['per_s'][stage]:,.0f}" for r in results], target))
    rows.append(
        ("end to end, s", [f"{r['seconds']['end to end']:,.1f}" for r in results], "≤ 11 × the smaller")
    )
    rows.append(("join, s", [f"{r['seconds']['join']:,.1f}" for r in results], "≤ 11 × the smaller"))
    again = [f"{r['rejudge']['join_per_s']:,.0f} / {r['rejudge']['per_s']:,.0f}" for r in results]
    rows.append(("all joined again / and read again, records/s", again, "≥ 6,000"))
    one = [f"{r['one_record']['p50_ms']:.0f} / {r['one_record']['p95_ms']:.0f}" for r in results]
    rows.append(("one changed record joined again, p50 / p95 ms", one, "≤ 50"))
    rows.append(("OAI-PMH server alone, records/s", [f"{r['provider_per_s']:,.0f}" for r in results], ""))
    rows.append(
        ("second harvest, share of the first", [f"{r['second_share']:.1%}" for r in results], "≤ 5 %")
    )
    rows.append(
        (
            "peak memory, all our Python, MB",
            [f"{r['peak_memory_bytes'] / 1e6:,.0f}" for r in results],
            "≤ 1,200",
        )
    )
    rows.append(("union records indexed", [f"{r['indexed']:,}" for r in results], ""))
    rows.append(("database, MB", [f"{r['database_bytes'] / 1e6:,.0f}" for r in results], ""))
    rows.append(("search index, MB", [f"{r['index_bytes'] / 1e6:,.0f}" for r in results], ""))
    limits = {"common word, 5 facets": "p95 ≤ 60", "as you type": "p95 ≤ 25", "record": "p95 ≤ 15"}
    for kind in queries.KINDS:
        cells = [f"{r['latency'][kind]['p50_ms']:.1f} / {r['latency'][kind]['p95_ms']:.1f}" for r in results]
        rows.append((f"{kind}, p50 / p95 ms", cells, limits.get(kind, "")))
    cells = [
        f"{r['load']['errors']} errors of {r['load']['requests']:,}, {r['load']['achieved_per_s']:.0f}/s,"
        f" p95 {r['load']['p95_ms']:.0f} ms"
        for r in results
    ]
    rows.append(("100 requests/s of the mix", cells, "no error"))
    for name, cells, target in rows:
        table.add_row(name, *cells, target)
    console.print(table)


def main() -> None:
    """Run the sizes asked for, print the table, write the data."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of records")
    parser.add_argument("--each", type=int, default=200, help="requests of each kind with one client")
    parser.add_argument("--seconds", type=int, default=20, help="seconds at 100 requests/s")
    parser.add_argument("--folder", type=Path, default=ROOT / ".unioncat" / "bench", help="where to work")
    given = parser.parse_args()
    console = Console()
    if not DATA.is_dir():
        console.print("The shared test data are not here; set UNIONCAT_TEST_DATA to their folder.")
        raise SystemExit(2)
    results = []
    for count in given.sizes:
        console.print(f"{count:,} records …")
        given.folder.mkdir(parents=True, exist_ok=True)
        home = Path(tempfile.mkdtemp(prefix="home-", dir=given.folder))
        try:
            results.append(asyncio.run(measure(count, home, given.folder, given.each, given.seconds)))
        finally:
            shutil.rmtree(home, ignore_errors=True)
    show(console, results)
    if given.json:
        given.json.write_text(json.dumps({"machine": facts(), "results": results}, indent=1))


if __name__ == "__main__":
    main()
