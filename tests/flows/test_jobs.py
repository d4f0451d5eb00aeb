"""The job queue on a real PostgreSQL: once at a time, in the caller's transaction, and never lost."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from unioncat.store import jobs
from unioncat.store.database import Database
from unioncat.store.jobs import Job


async def waiting(db: Database) -> list[tuple[str, str, int]]:
    async with db.begin() as conn:
        return [(c.kind, c.state, c.count) for c in await jobs.stats(conn)]


async def test_a_rollback_takes_the_job_with_it(db: Database) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with db.begin() as conn:
            assert await jobs.enqueue(conn, "harvest", "nlv")
            raise ZeroDivisionError
    assert await waiting(db) == []


async def test_a_second_job_of_the_same_key_is_refused_and_harms_nothing(db: Database) -> None:
    async with db.begin() as conn:
        assert await jobs.enqueue(conn, "harvest", "nlv")
        assert not await jobs.enqueue(conn, "harvest", "nlv")
        assert await jobs.enqueue(conn, "harvest", "hcm")
    assert await waiting(db) == [("harvest", "queued", 2)]


async def test_jobs_are_done_once_and_carry_their_payload(db: Database) -> None:
    done: list[Job] = []

    async def note(job: Job) -> None:
        done.append(job)

    async with db.begin() as conn:
        for number in range(20):
            await jobs.enqueue(conn, "note", f"n{number}", payload=str(number).encode())
    await jobs.work(db, {"note": note}, drain=True)
    assert sorted(int(job.payload) for job in done) == list(range(20))
    assert {job.key for job in done} == {f"n{number}" for number in range(20)}
    assert await waiting(db) == []


async def test_a_key_is_free_again_after_its_job(db: Database) -> None:
    async def nothing(job: Job) -> None:
        async with db.begin() as conn:
            assert not await jobs.enqueue(conn, "note", job.key), "it is still running"

    async with db.begin() as conn:
        await jobs.enqueue(conn, "note", "a")
    await jobs.work(db, {"note": nothing}, drain=True)
    async with db.begin() as conn:
        assert await jobs.enqueue(conn, "note", "a")


async def test_a_scheduled_job_waits_for_its_time(db: Database) -> None:
    done: list[float] = []
    stop = asyncio.Event()

    async def note(_: Job) -> None:
        done.append(time.monotonic())
        stop.set()

    begin = time.monotonic()
    async with db.begin() as conn:
        assert await jobs.schedule(conn, "note", "later", timedelta(seconds=1))
    await asyncio.wait_for(jobs.work(db, {"note": note}, stop=stop), 10)
    assert done[0] - begin >= 1.0


async def test_two_workers_never_do_one_job_twice_nor_one_key_at_once(db: Database) -> None:
    running: set[str] = set()
    done: list[str] = []

    async def note(job: Job) -> None:
        assert job.key not in running
        running.add(job.key)
        await asyncio.sleep(0.01)
        running.discard(job.key)
        done.append(job.key)

    async with db.begin() as conn:
        for number in range(30):
            await jobs.enqueue(conn, "note", f"n{number}")
    await asyncio.gather(*(jobs.work(db, {"note": note}, drain=True) for _ in range(2)))
    assert sorted(done) == sorted(f"n{number}" for number in range(30))


async def test_a_failing_job_is_dropped_and_the_next_one_runs(db: Database) -> None:
    done: list[str] = []

    async def note(job: Job) -> None:
        if job.key == "bad":
            raise ValueError("wrong")
        done.append(job.key)

    async with db.begin() as conn:
        await jobs.enqueue(conn, "note", "bad", priority=5)
        await jobs.enqueue(conn, "note", "good")
    await jobs.work(db, {"note": note}, drain=True)
    assert done == ["good"]
    assert await waiting(db) == []


async def test_a_job_that_asks_for_it_is_tried_again(db: Database) -> None:
    attempts: list[int] = []

    async def note(job: Job) -> None:
        attempts.append(job.attempt)
        if job.attempt < 3:
            raise jobs.Retry("not yet", timedelta(0))

    async with db.begin() as conn:
        await jobs.enqueue(conn, "note", "a")
    await jobs.work(db, {"note": note}, drain=True)
    assert attempts == [1, 2, 3]


async def test_a_stopped_worker_gives_its_job_back_quickly(db: Database) -> None:
    started = asyncio.Event()
    stop = asyncio.Event()

    async def long(_: Job) -> None:
        started.set()
        await asyncio.sleep(60)

    async with db.begin() as conn:
        await jobs.enqueue(conn, "long", "a")
    worker = asyncio.create_task(jobs.work(db, {"long": long}, stop=stop))
    await asyncio.wait_for(started.wait(), 5)
    begin = time.monotonic()
    stop.set()
    await worker
    assert time.monotonic() - begin < 3
    assert await waiting(db) == [("long", "queued", 1)]


async def test_a_running_job_can_be_cancelled(db: Database) -> None:
    started = asyncio.Event()
    ended = asyncio.Event()
    stop = asyncio.Event()

    async def long(_: Job) -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    async with db.begin() as conn:
        await jobs.enqueue(conn, "long", "a")
    worker = asyncio.create_task(jobs.work(db, {"long": long}, stop=stop))
    await asyncio.wait_for(started.wait(), 5)
    async with db.begin() as conn:
        assert await jobs.cancel(conn, "long", "a") == 1
        assert await jobs.cancel(conn, "long", "b") == 0
    await asyncio.wait_for(ended.wait(), 5)
    stop.set()
    await worker
    assert await waiting(db) == []


async def test_a_lost_connection_is_made_again_and_the_job_comes_back(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "HEARTBEAT", timedelta(seconds=1))
    started: list[int] = []
    stop = asyncio.Event()

    async def note(job: Job) -> None:
        started.append(job.attempt)
        if len(started) == 1:
            async with db.begin() as conn:
                await conn.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND application_name = 'unioncat jobs'"
                    )
                )
            await asyncio.sleep(60)
        stop.set()

    async with db.begin() as conn:
        await jobs.enqueue(conn, "note", "a")
        await conn.execute(text("SELECT 1"))
    worker = asyncio.create_task(jobs.work(db, {"note": note}, stop=stop))
    await asyncio.wait_for(worker, 40)
    assert len(started) == 2


KILLED = """
import asyncio, sys
from unioncat.store import jobs
from unioncat.store.database import Database

async def long(job):
    print("started", flush=True)
    await asyncio.sleep(60)

async def main():
    db = await Database.connect(sys.argv[1])
    await jobs.work(db, {"long": long})

asyncio.run(main())
"""


async def test_the_job_of_a_killed_worker_goes_to_another(
    db: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "HEARTBEAT", timedelta(seconds=1))
    async with db.begin() as conn:
        await jobs.enqueue(conn, "long", "a")
    with subprocess.Popen([sys.executable, "-c", KILLED, url], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == b"started\n"
        os.kill(process.pid, signal.SIGKILL)
    stop = asyncio.Event()

    async def take(_: Job) -> None:
        stop.set()

    await asyncio.wait_for(jobs.work(db, {"long": take}, stop=stop), 40)
    assert stop.is_set()


async def test_the_timetable_queues_a_job_once_for_all_workers(db: Database) -> None:
    done: list[str] = []
    stop = asyncio.Event()

    async def note(job: Job) -> None:
        done.append(job.key)

    workers = [
        asyncio.create_task(jobs.work(db, {"note": note}, timetable={"note": "* * * * * */2"}, stop=stop))
        for _ in range(2)
    ]
    await asyncio.sleep(5)
    stop.set()
    await asyncio.gather(*workers)
    assert set(done) == {"timetable"}
    assert 1 <= len(done) <= 3


async def test_old_log_rows_are_forgotten(db: Database) -> None:
    async def nothing(_: Job) -> None: ...

    async with db.begin() as conn:
        await jobs.enqueue(conn, "note", "a")
    await jobs.work(db, {"note": nothing}, drain=True)
    async with db.begin() as conn:
        assert await jobs.tidy(conn) == 0
        await conn.execute(text("UPDATE pgqueuer_log SET created = now() - interval '31 days'"))
        assert await jobs.tidy(conn) > 0


async def test_a_connection_that_died_while_a_worker_slept_costs_no_job(db: Database) -> None:
    async with db.begin() as conn:
        pid = (await conn.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    other = await Database.connect(db.url, search_path=db.search_path)
    async with other.begin() as conn:
        await conn.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    await other.close()
    async with db.begin() as conn:
        assert (await conn.execute(text("SELECT pg_backend_pid()"))).scalar_one() != pid
