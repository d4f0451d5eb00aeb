"""A page and its checkpoint commit together, fenced by the run's owner; assertions hold a run back."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.flows.conftest import add_source
from unioncat.domain.source import (
    Assertions,
    Checkpoint,
    Quarantined,
    RawRecord,
    Run,
    RunMode,
    RunState,
    Source,
)
from unioncat.store import harvests, runs
from unioncat.store.codec import expand
from unioncat.store.database import Database
from unioncat.store.errors import RunLost, SourceBusy, SourceNotActive, StoreError, TokenLoop

NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
ME = uuid.UUID(int=1)
OTHER = uuid.UUID(int=2)


def record(number: int, content: str = "", *, deleted: bool = False) -> RawRecord:
    payload = b"" if deleted else f"<record>{number}{content}</record>".encode()
    return RawRecord(f"oai:a:{number}", "2026-01-01", deleted, payload, "marc21")


async def harvest(
    db: Database,
    source: Source,
    records: list[RawRecord],
    *,
    mode: RunMode | None = None,
    now: datetime = NOW,
    list_size: int | None = None,
) -> Run:
    run = await harvests.open_run(db, source, mode=mode, owner=ME, now=now)
    async with harvests.page(db, run, ME) as page:
        await page.save(records)
        page.note(pages=1, bytes=10)
        await page.checkpoint(Checkpoint(response_date=now, list_size=list_size, finished=True))
    return await harvests.finish_run(db, run, ME, now)


async def count(db: Database, table: str) -> int:
    async with db.begin() as conn:
        return int((await conn.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def test_bytes_are_kept_as_received(db: Database, source: Source) -> None:
    await harvest(db, source, [record(1, "Đất rừng")])
    async with db.begin() as conn:
        row = (await conn.execute(text("SELECT payload, local_id, datestamp FROM raw_record"))).one()
    assert expand(row.payload) == "<record>1Đất rừng</record>".encode()
    assert (row.local_id, row.datestamp) == ("oai:a:1", "2026-01-01")


async def test_the_same_hash_means_no_work(db: Database, source: Source) -> None:
    await harvest(db, source, [record(1), record(2)])
    again = await harvest(db, source, [record(1), record(2, "!"), record(3), record(9, deleted=True)])
    counts = again.counters
    assert (counts.unchanged, counts.changed, counts.created, counts.deleted) == (1, 1, 1, 1)
    assert await count(db, "raw_record") == 5


async def test_a_record_sent_twice_in_a_run_stands_once_with_its_last_content(
    db: Database, source: Source
) -> None:
    run = await harvests.open_run(db, source, mode=None, owner=ME, now=NOW)
    async with harvests.page(db, run, ME) as page:
        await page.save([record(1), record(1, "a")])
        await page.save([record(1, "b")])
    assert await count(db, "raw_record") == 1
    async with db.begin() as conn:
        assert expand((await conn.execute(text("SELECT payload FROM raw_record"))).scalar_one()) == (
            b"<record>1b</record>"
        )


async def test_an_error_leaves_nothing_of_the_page(db: Database, source: Source) -> None:
    run = await harvests.open_run(db, source, mode=None, owner=ME, now=NOW)

    async def breaks_off() -> None:
        async with harvests.page(db, run, ME) as page:
            await page.save([record(1)])
            await page.quarantine([Quarantined(None, "no-header", "a record without header")])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await breaks_off()
    assert await count(db, "raw_record") == 0
    assert await count(db, "issue") == 0


async def test_another_owner_takes_over_only_what_is_dead(db: Database, source: Source) -> None:
    run = await harvests.open_run(db, source, mode=None, owner=ME, now=NOW)
    with pytest.raises(SourceBusy):
        await harvests.open_run(db, source, mode=None, owner=OTHER, now=NOW + timedelta(seconds=30))
    later = await harvests.open_run(db, source, mode=None, owner=OTHER, now=NOW + timedelta(seconds=90))
    assert later.id == run.id
    with pytest.raises(RunLost):
        async with harvests.page(db, run, ME) as page:
            await page.save([record(1)])
    assert await count(db, "raw_record") == 0


async def test_an_interrupted_run_goes_on_at_its_checkpoint(db: Database, source: Source) -> None:
    run = await harvests.open_run(db, source, mode=RunMode.FULL, owner=ME, now=NOW)
    async with harvests.page(db, run, ME) as page:
        await page.save([record(1)])
        await page.checkpoint(Checkpoint(token="t1", cursor=1, list_size=2, response_date=NOW))
    await harvests.fail_run(db, run, ME, "no answer", "try later", final=False)
    resumed = await harvests.open_run(db, source, mode=None, owner=OTHER, now=NOW)
    assert (resumed.id, resumed.checkpoint.token, resumed.counters.received) == (run.id, "t1", 1)
    assert resumed.mode is RunMode.FULL


async def test_a_token_handed_out_twice_is_a_loop(db: Database, source: Source) -> None:
    run = await harvests.open_run(db, source, mode=None, owner=ME, now=NOW)
    for token in ("t1", "t2"):
        async with harvests.page(db, run, ME) as page:
            await page.checkpoint(Checkpoint(token=token))
    with pytest.raises(TokenLoop):
        async with harvests.page(db, run, ME) as page:
            await page.checkpoint(Checkpoint(token="t1"))
    run = await harvests.restart_list(db, run, ME)
    async with harvests.page(db, run, ME) as page:
        await page.checkpoint(Checkpoint(token="t1"))
    assert page.run.checkpoint.token == "t1"


async def test_a_list_may_break_off_three_times(db: Database, source: Source) -> None:
    run = await harvests.open_run(db, source, mode=None, owner=ME, now=NOW)
    for _ in range(3):
        await harvests.restart_list(db, run, ME)
    with pytest.raises(StoreError, match="broke off"):
        await harvests.restart_list(db, run, ME)


async def test_the_next_harvest_begins_at_the_servers_time_less_the_overlap(
    db: Database, source: Source
) -> None:
    await harvest(db, source, [record(1)])
    run = await harvests.open_run(db, source, mode=None, owner=ME, now=NOW + timedelta(days=3))
    assert run.mode is RunMode.INCREMENTAL
    assert run.since == NOW - timedelta(seconds=source.overlap_seconds)


async def test_a_failed_run_does_not_move_the_next_one_forward(db: Database, source: Source) -> None:
    await harvest(db, source, [record(1)])
    later = NOW + timedelta(days=9)
    run = await harvests.open_run(db, source, mode=None, owner=ME, now=later)
    async with harvests.page(db, run, ME) as page:
        await page.checkpoint(Checkpoint(token="x", response_date=later))
    await harvests.fail_run(db, run, ME, "broken", "mend", final=True)
    after = await harvests.open_run(db, source, mode=None, owner=ME, now=later)
    assert after.since == NOW - timedelta(seconds=source.overlap_seconds)


async def test_an_unfinished_list_cannot_be_finished(db: Database, source: Source) -> None:
    run = await harvests.open_run(db, source, mode=None, owner=ME, now=NOW)
    async with harvests.page(db, run, ME) as page:
        await page.save([record(1)])
        await page.checkpoint(Checkpoint(token="t"))
    with pytest.raises(StoreError, match="end of its list"):
        await harvests.finish_run(db, run, ME, NOW)


async def test_fewer_distinct_records_than_announced_hold_the_run(db: Database, source: Source) -> None:
    run = await harvest(db, source, [record(1), record(2), record(2)], list_size=3)
    assert run.state is RunState.HELD
    assert "2 distinct" in (run.error or "")
    with pytest.raises(SourceNotActive):
        await harvests.open_run(db, source, mode=None, owner=ME, now=NOW)


async def test_unchanged_records_count_for_completeness(db: Database, source: Source) -> None:
    await harvest(db, source, [record(1), record(2)])
    run = await harvest(db, source, [record(1), record(2), record(3)], mode=RunMode.FULL, list_size=3)
    assert run.state is RunState.PUBLISHED


async def test_a_fall_beyond_the_limit_waits_for_a_person(db: Database) -> None:
    source = await add_source(db, "lib-b", assertions=Assertions(max_fall=0.1, fall_allowance=1))
    await harvest(db, source, [record(n) for n in range(10)])
    held = await harvest(db, source, [record(n, deleted=True) for n in range(2)])
    assert held.state is RunState.HELD
    assert "2 of 10" in (held.error or "")
    async with db.begin() as conn:
        await runs.decide(conn, held.id, accept=True)
        assert await runs.live_records(conn, source.id) == 8


async def test_a_rejected_run_leaves_the_records_as_they_were(db: Database) -> None:
    source = await add_source(db, "lib-b", assertions=Assertions(max_fall=0.0, fall_allowance=0))
    await harvest(db, source, [record(1), record(2)])
    held = await harvest(db, source, [record(1, deleted=True)])
    async with db.begin() as conn:
        await runs.decide(conn, held.id, accept=False)
        assert await runs.live_records(conn, source.id) == 2
    again = await harvest(db, source, [record(1), record(2)])
    assert again.counters.unchanged == 2
