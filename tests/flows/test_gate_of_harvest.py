"""What a source's rules shut out is nowhere: no record, no field, no kept answer, no sample, no log line."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.harvester import servers as s
from tests.harvester.repository import Repository
from tests.harvester.support import QUICK, surroundings
from unioncat.domain.source import RunMode, Source
from unioncat.store import profiles, sources
from unioncat.store.codec import expand
from unioncat.store.database import Database
from unioncat_harvester.run import Outcome, State, Watch, harvest

SECRET = "Tài liệu nội bộ số bảy"
STAFF = "Cán bộ biên mục thử"
RULES = """
name = "kin"
about = "Closed by access level, without names of staff"
strip = ["911"]

[[drop]]
field = "926"
code = "a"
equals = ["3"]
"""


def marc(number: int, *, closed: bool = False) -> str:
    """A record with a field of staff; a closed one has the access level that stays inside."""
    level = (
        '<datafield tag="926" ind1=" " ind2=" "><subfield code="a">3</subfield></datafield>' if closed else ""
    )
    staff = f'<datafield tag="911" ind1=" " ind2=" "><subfield code="a">{STAFF}</subfield></datafield>'
    return s.marc(number, SECRET if closed else "Truyện Kiều").replace(
        "</record>", f"{staff}{level}</record>"
    )


class Told(Watch):
    """Keeps what is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def noted(self, source: str, note: str) -> None:
        self.notes.append(note)


@pytest.fixture
def repository() -> Repository:
    made = Repository.of(40)
    for item in made.items.values():
        item.metadata = marc(item.number, closed=item.number % 10 == 4)
    return made


async def closed_source(db: Database, source: Source, address: str) -> Source:
    async with db.begin() as conn:
        await profiles.save_profile(conn, "kin", RULES)
        return await sources.save_source(
            conn, replace(source, address=address, politeness=QUICK, profile="kin")
        )


async def everything(db: Database) -> str:
    """All text of all tables that a harvest writes to, payloads unpacked."""
    found: list[str] = []
    async with db.begin() as conn:
        for table in ("raw_record", "issue", "harvest_run", "harvest_seen", "source"):
            for row in await conn.execute(text(f"SELECT * FROM {table}")):
                for name, value in row._mapping.items():
                    data = expand(value) if name == "payload" and value else value
                    found.append(data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data))
    return "\n".join(found)


async def once(
    db: Database, source: Source, drawer: Path, watch: Watch, mode: RunMode | None = None
) -> Outcome:
    return await harvest(db, source, surroundings(drawer), mode=mode, watch=watch)


async def test_what_the_gate_refuses_is_never_written(
    db: Database, source: Source, repository: Repository, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    told = Told()

    def answering(asked: s.Asked) -> s.Reply | None:
        reply = repository.answer(asked)
        return s.Reply(b"<br>Warning<br>" + reply.body) if reply and asked.verb == "ListRecords" else reply

    with s.serving(answering) as server:
        source = await closed_source(db, source, server.base)
        outcome = await once(db, source, tmp_path, told)
    assert outcome.state is State.PUBLISHED, outcome.error
    assert outcome.run
    counts = outcome.run.counters
    assert (counts.received, counts.shut_out, counts.created, counts.deleted) == (40, 4, 32, 4)
    assert counts.repaired == 4
    kept = await everything(db)
    assert "Truyện Kiều 3" in kept
    assert "oai:kho:4\n" not in kept
    output = "".join(capfd.readouterr())
    for place in (kept, output, "\n".join(told.notes)):
        assert SECRET not in place
        assert STAFF not in place
    assert not list(tmp_path.rglob("*.gz"))


async def test_what_is_shut_out_later_is_deleted(
    db: Database, source: Source, repository: Repository, tmp_path: Path
) -> None:
    with s.serving(repository.answer) as server:
        source = await closed_source(db, source, server.base)
        await once(db, source, tmp_path, Watch())
        repository.items[9].metadata = marc(9, closed=True)
        outcome = await once(db, source, tmp_path, Watch(), RunMode.FULL)
        again = await once(db, source, tmp_path, Watch(), RunMode.FULL)
    assert outcome.run
    assert outcome.state is State.PUBLISHED, outcome.error
    assert (outcome.run.counters.shut_out, outcome.run.counters.deleted) == (5, 1)
    assert SECRET not in await everything(db)
    assert again.run
    assert (again.run.counters.shut_out, again.run.counters.deleted) == (5, 0)
    async with db.begin() as conn:
        query = "SELECT deleted FROM raw_record WHERE local_id = 'oai:kho:9' ORDER BY run_id"
        assert [row.deleted for row in await conn.execute(text(query))] == [False, True]


async def test_a_comparison_of_identifiers_fetches_nothing_past_the_gate(
    db: Database, source: Source, repository: Repository, tmp_path: Path
) -> None:
    with s.serving(repository.answer) as server:
        source = await closed_source(db, source, server.base)
        await once(db, source, tmp_path, Watch())
        del repository.items[1]
        outcome = await once(db, source, tmp_path, Watch(), RunMode.RECONCILE)
    assert outcome.state is State.PUBLISHED, outcome.error
    assert outcome.run
    assert outcome.run.counters.swept == 1
    assert sum(asked.verb == "GetRecord" for asked in server.asked) == 1  # whether the vanished one is there
    assert SECRET not in await everything(db)


async def test_pieces_that_are_put_aside_bring_no_bytes(
    db: Database, source: Source, repository: Repository, tmp_path: Path
) -> None:
    def answering(asked: s.Asked) -> s.Reply | None:
        reply = repository.answer(asked)
        return s.Reply(reply.body.replace(b"oai:kho:4<", b"<")) if reply else None

    with s.serving(answering) as server:
        source = await closed_source(db, source, server.base)
        outcome = await once(db, source, tmp_path, Watch())
    assert outcome.run
    assert outcome.run.counters.quarantined == 1
    assert SECRET not in await everything(db)
