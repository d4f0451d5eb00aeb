"""kill -9 of the harvester, twenty times in one harvest of 20,000 records: nothing lost, nothing twice."""

import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.flows.conftest import add_source
from tests.support import harvesters
from unioncat.domain.source import Assertions, RunState
from unioncat.flow.catalogue import catalogue
from unioncat.flow.join import join
from unioncat.store import runs
from unioncat.store.database import Database
from unioncat_api.protocols.oaipmh.mapped import build_mapped

ROOT = Path(__file__).parents[2]
RECORDS, KILLS, PAGE = 20_000, 20, 50
FIELDS = '<datafield tag="{tag}" ind1=" " ind2=" "><subfield code="a">{value}</subfield></datafield>'


def record(number: int) -> bytes:
    """A small record; every tenth has a twin of the same edition, which its number tells."""
    edition = number - number % 10 if number % 10 == 1 else number
    digits = f"978604{edition:06}"
    check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
    body = "".join(
        FIELDS.format(tag=tag, value=value)
        for tag, value in (
            ("020", f"{digits}{check}"),
            ("100", "Tô Hoài"),
            ("245", f"Tuyển tập truyện viết cho thiếu nhi số {edition}"),
            ("260", f"Hà Nội, {1930 + edition % 90}"),
            ("300", f"{100 + edition % 400} tr."),
        )
    )
    return (
        '<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader>'
        f'<controlfield tag="001">{number}</controlfield>{body}</record>'
    ).encode()


@contextmanager
def provider(folder: Path) -> Iterator[str]:
    """Serve the records by our own provider, as a process."""
    path = folder / "records.oai"
    rows = (
        (f"oai:k:{n:06}", f"2024-01-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z", False, record(n))
        for n in range(RECORDS)
    )
    build_mapped(path, rows, check=False)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.provider", str(path), str(port), str(PAGE)], cwd=ROOT
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/oai"
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.slow
async def test_twenty_kills_lose_nothing_and_double_nothing(db: Database, tmp_path: Path) -> None:
    environment = {
        "UNIONCAT_DATABASE_URL": db.url,
        "UNIONCAT_HOME": str(tmp_path / "home"),
        "UNIONCAT_LOG_LEVEL": "error",
    }
    chance = random.Random(20)
    with provider(tmp_path) as address:
        source = await add_source(db, "killed", address=address, assertions=Assertions(min_records=RECORDS))

        async def received() -> int:
            async with db.begin() as conn:
                return sum(run.counters.received for run in await runs.runs(conn, "killed"))

        kills = 0
        while kills < KILLS:
            before = await received()
            harvester = harvesters.start(["run", "killed", "--full"], environment)
            # A slow machine looks late: the kills still all fit in.
            goal = before + chance.randrange(1, (RECORDS - before) // (KILLS - kills) // 2)
            while await received() < goal and harvester.is_alive():
                time.sleep(0.005)
            assert harvester.is_alive(), "the harvest ended before it could be killed so often"
            time.sleep(chance.random() * 0.02)
            harvester.kill()
            harvester.join(20)
            kills += 1
        last = harvesters.start(["run", "killed"], environment)
        last.join()
        assert last.exitcode == 0
    async with db.begin() as conn:
        (run,) = await runs.runs(conn, "killed")
        rows = (await conn.execute(text("SELECT local_id FROM raw_record"))).scalars().all()
    assert run.state is RunState.PUBLISHED
    assert run.counters.received == RECORDS, "each page was counted once"
    assert sorted(rows) == [f"oai:k:{n:06}" for n in range(RECORDS)]
    assert await catalogue(db, workers=2) == RECORDS
    await join(db, workers=2)
    sizes = text(
        "SELECT n, count(*) FROM (SELECT count(*) AS n FROM cluster_member GROUP BY cluster_id) c GROUP BY 1"
    )
    async with db.begin() as conn:
        found = {row[0]: row[1] for row in await conn.execute(sizes)}
    assert found == {1: RECORDS - RECORDS // 5, 2: RECORDS // 10}
    assert source.id == run.source_id
