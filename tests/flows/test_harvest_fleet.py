"""Many harvests at once: none hurts another, and no host is asked twice at a time."""

import asyncio
import contextlib
import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.flows.conftest import add_source
from tests.harvester import servers as s
from tests.harvester.servers import Asked, Reply
from tests.harvester.support import QUICK, surroundings
from unioncat.domain.source import Source
from unioncat.store.database import Database
from unioncat.store.hosts import Hosts
from unioncat_harvester import run as running
from unioncat_harvester.fleet import exit_code, harvest_all
from unioncat_harvester.reader import Reader
from unioncat_harvester.readers.oaipmh import reader as oai
from unioncat_harvester.run import Outcome, State, Watch
from unioncat_harvester.slots import Slots


async def fleet(
    db: Database, chosen: list[Source], jobs: int = 4, watch: Watch | None = None
) -> list[Outcome]:
    quick = [replace(source, politeness=QUICK) for source in chosen]
    return await harvest_all(
        db, quick, surroundings(), jobs=jobs, mode=None, stop=asyncio.Event(), watch=watch or Watch()
    )


class Crowd:
    """Counts requests that are answered at the same time; while `closed`, none is answered."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.lock = threading.Lock()
        self.asked, self.open = threading.Event(), threading.Event()
        self.open.set()

    def __call__(self, asked: Asked) -> Reply | None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.asked.set()
        self.open.wait(60)
        threading.Event().wait(0.02)
        with self.lock:
            self.now -= 1
        return None


async def test_one_host_is_asked_once_at_a_time(db: Database) -> None:
    crowd = Crowd()
    with s.serving(crowd) as server:
        chosen = [await add_source(db, f"lib-{n}", address=server.base) for n in range(3)]
        outcomes = await fleet(db, chosen)
    assert [outcome.state for outcome in outcomes] == [State.PUBLISHED] * 3
    assert crowd.most == 1


async def test_hosts_are_asked_side_by_side_up_to_the_number_of_jobs(db: Database) -> None:
    crowd = Crowd()
    with s.serving(crowd) as one, s.serving(crowd) as two, s.serving(crowd) as three:
        chosen = [
            await add_source(db, f"lib-{n}", address=server.base)
            for n, server in enumerate((one, two, three))
        ]
        await fleet(db, chosen, jobs=2)
    assert crowd.most == 2


async def test_one_host_is_asked_once_at_a_time_by_several_processes(db: Database, url: str) -> None:
    crowd = Crowd()
    other = await Database.connect(url, pool_size=3)  # a pool of its own is all that a process is here
    try:
        with s.serving(crowd) as server:
            chosen = [await add_source(db, f"lib-{n}", address=server.base) for n in range(2)]
            crowd.open.clear()
            first = asyncio.create_task(fleet(db, chosen[:1]))
            assert await asyncio.to_thread(crowd.asked.wait, 60)
            noted: list[str] = []

            class Notes(Watch):
                def noted(self, source: str, note: str) -> None:
                    noted.append(note)
                    crowd.open.set()

            due = await harvest_all(
                other,
                chosen[1:],
                surroundings(),
                jobs=4,
                mode=None,
                stop=asyncio.Event(),
                watch=Watch(),
                keep_hours=True,
            )
            assert due == []  # what is only due comes again by itself
            second = await fleet(other, chosen[1:], watch=Notes())
            assert [one.state for one in (await first) + second] == [State.PUBLISHED] * 2
    finally:
        await other.close()
    assert crowd.most == 1
    assert len(noted) == 1
    assert "another process asks 127.0.0.1:" in noted[0]


async def test_a_killed_process_lets_go_of_its_servers(db: Database, url: str) -> None:
    other = await Database.connect(url, pool_size=1)
    async with Hosts(db) as here:
        gone = Hosts(other)
        await gone.__aenter__()
        assert await gone.take("a.example:80")
        assert not await here.take("a.example:80")
        assert await here.take("b.example:80")
        async with db.begin() as conn:
            await conn.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :n"),
                {"n": other.name},
            )
        for _ in range(100):
            if await here.take("a.example:80"):
                break
            await asyncio.sleep(0.02)
        assert not await gone.take("a.example:80")  # it has found its way back to the database
        await here.give("a.example:80")
        assert await gone.take("a.example:80")
        await gone.__aexit__(None, None, None)
    await other.close()


async def test_servers_that_hang_do_not_hold_up_the_others(db: Database) -> None:
    """Eight servers that hang come first; two places; the others are through while those still hang."""
    patient = replace(QUICK, timeout=8.0, tries=1)
    ended: dict[str, float] = {}
    begin = time.monotonic()

    class Ends(Watch):
        def ended(self, outcome: Outcome) -> None:
            ended[outcome.source] = time.monotonic() - begin

    with contextlib.ExitStack() as stack:
        hang = [stack.enter_context(s.serving(lambda a: Reply(b"x" * 9, stall=3.0))) for _ in range(8)]
        good = [stack.enter_context(s.serving()) for _ in range(4)]
        chosen = [
            replace(await add_source(db, f"lib-{n:02}", address=server.base), politeness=patient)
            for n, server in enumerate((*hang, *good))
        ]
        await harvest_all(
            db,
            chosen,
            surroundings(),
            jobs=2,
            mode=None,
            stop=asyncio.Event(),
            watch=Ends(),
            silence=0.1,
        )
    assert max(ended[f"lib-{n:02}"] for n in range(8, 12)) < 2.9
    assert min(ended[f"lib-{n:02}"] for n in range(8)) > 2.9


async def test_places_are_counted() -> None:
    slots = Slots(2, silence=0.05)
    async with slots.place() as one, slots.place():
        assert (slots.working, slots.waiting) == (2, 0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02), slots.place():
                pass
        async with slots.place():  # one of the two has fallen silent
            assert slots.working + slots.waiting == 3
            one.stir()
        await asyncio.sleep(0.1)
        assert slots.waiting == 2
    assert (slots.working, slots.waiting) == (0, 0)


async def test_a_failure_touches_no_other(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    original = oai.OaiPmhReader.identify

    def identify(self: Reader) -> object:
        if self.source.code == "lib-1":
            raise OSError(28, "No space left on device")
        return original(self)  # type: ignore[arg-type]

    monkeypatch.setattr(oai.OaiPmhReader, "identify", identify)
    ended: list[str] = []

    class Ends(Watch):
        def ended(self, outcome: Outcome) -> None:
            ended.append(outcome.source)

    with s.serving() as one, s.serving() as two, s.serving(lambda a: Reply(b"no", 403)) as three:
        chosen = [
            await add_source(db, f"lib-{n}", address=server.base)
            for n, server in enumerate((one, two, three))
        ]
        outcomes = await fleet(db, chosen, watch=Ends())
    assert [outcome.state for outcome in outcomes] == [State.PUBLISHED, State.FAILED, State.FAILED]
    assert "No space left" in (outcomes[1].error or "")
    assert sorted(ended) == ["lib-0", "lib-1", "lib-2"]
    assert exit_code(outcomes) == 1


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([], 0),
        ([State.PUBLISHED], 0),
        ([State.PUBLISHED, State.HELD], 3),
        ([State.HELD, State.FAILED], 1),
        ([State.NOT_BEGUN], 1),
        ([State.STOPPED, State.PUBLISHED], 4),
        ([State.STOPPED, State.HELD], 3),
    ],
)
def test_exit_codes(states: list[State], code: int) -> None:
    assert exit_code([Outcome("a", state) for state in states]) == code


async def test_a_long_wait_is_no_sign_of_death(
    db: Database, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BEAT_SECONDS", 0.1)
    beats: set[object] = set()

    async def look() -> None:
        while True:
            await asyncio.sleep(0.1)
            async with db.begin() as conn:
                beats.add((await conn.execute(text("SELECT heartbeat_at FROM harvest_run"))).scalar())

    def answering(asked: Asked) -> Reply | None:
        return Reply(body=s.page_text(2).encode(), stall=1.0) if asked.page == 2 else None

    with s.serving(answering) as server:
        watching = asyncio.create_task(look())
        source = replace(source, address=server.base, politeness=QUICK)
        outcome = await running.harvest(db, source, surroundings())
        watching.cancel()
    assert outcome.state is State.PUBLISHED
    assert len(beats) >= 4


async def test_a_harvester_that_was_taken_over_stops_and_writes_nothing(
    db: Database, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BEAT_SECONDS", 0.1)

    class TakeOver(Watch):
        def saved(self, run: object) -> None:
            self.task = asyncio.create_task(take_over())

    async def take_over() -> None:
        async with db.begin() as conn:
            await conn.execute(text("UPDATE harvest_run SET owner = gen_random_uuid()"))

    def answering(asked: Asked) -> Reply | None:
        return Reply(body=s.page_text(2).encode(), stall=20.0) if asked.page == 2 else None

    with s.serving(answering) as server:
        source = replace(source, address=server.base, politeness=replace(QUICK, timeout=60))
        outcome = await asyncio.wait_for(running.harvest(db, source, surroundings(), watch=TakeOver()), 10)
    assert outcome.state is State.FAILED
    assert "taken over" in (outcome.error or "")
    async with db.begin() as conn:
        state, pages = (await conn.execute(text("SELECT state, pages FROM harvest_run"))).one()
    assert (state, pages) == ("running", 1)
