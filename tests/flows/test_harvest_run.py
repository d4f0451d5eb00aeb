"""A harvest over real HTTP into a real PostgreSQL: nothing is lost or doubled, whatever breaks off when."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.harvester import servers as s
from tests.harvester.repository import Item, Repository
from tests.harvester.servers import Asked, Reply
from tests.harvester.support import QUICK, surroundings
from unioncat.domain.source import Assertions, Politeness, RunMode, RunState, Source
from unioncat.store import runs, sources
from unioncat.store.codec import expand
from unioncat.store.database import Database
from unioncat_harvester.run import Outcome, State, Watch, harvest

NOTHING = s.error("noRecordsMatch")


async def at(db: Database, source: Source, address: str, **changes: object) -> Source:
    """Point the test's source at a server."""
    async with db.begin() as conn:
        return await sources.save_source(
            conn,
            replace(source, address=address, politeness=QUICK, **changes),  # type: ignore[arg-type]
        )


async def stored(db: Database) -> dict[str, bytes]:
    """All raw records as they came."""
    async with db.begin() as conn:
        rows = await conn.execute(text("SELECT local_id, payload FROM raw_record"))
        return {row.local_id: expand(row.payload) for row in rows}


async def count(db: Database, what: str) -> int:
    async with db.begin() as conn:
        return int((await conn.execute(text(f"SELECT count(*) FROM {what}"))).scalar_one())


async def once(db: Database, source: Source, **more: object) -> Outcome:
    return await harvest(db, source, surroundings(), **more)  # type: ignore[arg-type]


async def test_full_then_incremental(db: Database, source: Source) -> None:
    def changed(asked: Asked) -> Reply | None:
        if "from" not in asked.arguments:
            return None
        news = s.record(3, metadata=s.marc(3, "Bản mới")) + s.record(4, deleted=True)
        return Reply.of(s.listing(news, ""))

    with s.serving(changed) as server:
        source = await at(db, source, server.base)
        first = await once(db, source)
        second = await once(db, source)
    assert first.state is second.state is State.PUBLISHED
    assert first.run is not None
    assert second.run is not None
    counters = first.run.counters
    assert (counters.pages, counters.received, counters.created, counters.deleted) == (5, 100, 90, 10)
    assert second.run.mode is RunMode.INCREMENTAL
    assert (second.run.counters.changed, second.run.counters.deleted) == (1, 1)
    asked = server.lists[-1].arguments["from"]
    assert asked == "2024-05-31T12:00:00Z"  # the server's first responseDate less a day
    assert (await stored(db))["oai:test:5"] == s.marc(5).encode()


async def test_second_full_harvest_saves_nothing_twice(db: Database, source: Source) -> None:
    with s.serving() as server:
        source = await at(db, source, server.base)
        await once(db, source)
        outcome = await once(db, source, mode=RunMode.FULL)
    assert outcome.run is not None
    assert (outcome.run.counters.unchanged, outcome.run.counters.created) == (100, 0)
    assert await count(db, "raw_record") == 100


async def test_nothing_new_is_published(db: Database, source: Source) -> None:
    with s.serving(lambda a: Reply.of(NOTHING, status=404) if "from" in a.arguments else None) as server:
        source = await at(db, source, server.base)
        await once(db, source)
        outcome = await once(db, source)
    assert outcome.state is State.PUBLISHED
    assert outcome.run is not None
    assert outcome.run.counters.received == 0


@pytest.mark.parametrize(
    ("answering", "message"),
    [
        pytest.param(
            lambda a: Reply.of(s.listing("", s.token(5, None))) if a.page == 5 else None,
            "80 distinct records came of 100",
            id="20-short-list",
        ),
        pytest.param(
            lambda a: (
                Reply.of(
                    s.page_text(
                        a.page, records=[s.record(n) for n in range(a.page * 19 - 19, a.page * 19 + 1)]
                    )
                )
                if a.page
                else None
            ),
            "96 distinct records came of 100",
            id="41-last-record-again",
        ),
        pytest.param(
            lambda a: Reply.of(s.page_text(a.page).replace('Size="100"', 'Size="5000"')) if a.page else None,
            "100 distinct records came of 5000",
            id="43-size-too-big",
        ),
    ],
)
async def test_an_incomplete_list_is_held(
    db: Database, source: Source, answering: s.Answering, message: str
) -> None:
    with s.serving(answering) as server:
        source = await at(db, source, server.base)
        outcome = await once(db, source)
    assert outcome.state is State.HELD
    assert outcome.error is not None
    assert message in outcome.error
    assert outcome.remedy


async def test_distrusted_list_size_holds_nothing(db: Database, source: Source) -> None:
    with s.serving(
        lambda a: Reply.of(s.page_text(a.page).replace('Size="100"', 'Size="5000"')) if a.page else None
    ) as server:
        source = await at(db, source, server.base, assertions=Assertions(trust_list_size=False))
        outcome = await once(db, source)
    assert outcome.state is State.PUBLISHED


async def test_quarantined_records_are_issues_and_cost_nothing_else(db: Database, source: Source) -> None:
    def without(asked: Asked) -> Reply | None:
        if not asked.page:
            return None
        bent = s.page_text(asked.page).replace("<metadata>", "<about>", 1)
        return Reply.of(bent.replace("</metadata>", "</about>", 1))

    with s.serving(without) as server:
        source = await at(db, source, server.base)
        outcome = await once(db, source)
    assert outcome.state is State.PUBLISHED
    assert await count(db, "raw_record") == 95
    assert await count(db, "issue WHERE code = 'metadata-missing'") == 5


async def test_a_broken_page_leaves_nothing_and_is_gone_on_from(db: Database, source: Source) -> None:
    broken = True

    def answering(asked: Asked) -> Reply | None:
        return Reply.of(s.page_text(3)[:2500]) if asked.page == 3 and broken else None

    with s.serving(answering) as server:
        source = await at(db, source, server.base)
        first = await once(db, source)
        assert first.state is State.FAILED
        assert first.run is not None
        assert first.run.state is RunState.FAILED
        assert "page 3" in (first.run.error or "")
        assert await count(db, "raw_record") == 40
        broken = False
        asked_before = len(server.lists)
        second = await once(db, source)
    assert second.state is State.PUBLISHED
    assert second.run is not None
    assert second.run.id == first.run.id
    assert second.run.counters.received == 100
    assert server.lists[asked_before].arguments["resumptionToken"] == "t3"
    assert len(await stored(db)) == 100


async def test_bad_token_begins_the_list_again(db: Database, source: Source) -> None:
    def answering(asked: Asked) -> Reply | None:
        expired = asked.page == 4 and asked.time == 1
        return Reply.of(s.error("badResumptionToken", "expired")) if expired else None

    noted: list[str] = []

    class Notes(Watch):
        def noted(self, source: str, note: str) -> None:
            noted.append(note)

    with s.serving(answering) as server:
        source = await at(db, source, server.base)
        outcome = await once(db, source, watch=Notes())
    assert outcome.state is State.PUBLISHED
    assert [asked.page for asked in server.lists] == [1, 2, 3, 4, 1, 2, 3, 4, 5]
    assert len(await stored(db)) == 100
    assert any("begins again" in note for note in noted)


async def test_tokens_that_always_expire_end_in_an_error(db: Database, source: Source) -> None:
    with s.serving(lambda a: Reply.of(s.error("badResumptionToken")) if a.page == 3 else None) as server:
        source = await at(db, source, server.base)
        outcome = await once(db, source)
    assert outcome.state is State.FAILED
    assert "broke off" in (outcome.error or "")
    assert outcome.run is not None
    assert outcome.run.state is RunState.BROKEN


async def test_token_loop_is_not_resumed(db: Database, source: Source) -> None:
    def answering(asked: Asked) -> Reply | None:
        return Reply.of(s.page_text(asked.page, end=s.token(1, "t2"))) if asked.page else None

    with s.serving(answering) as server:
        source = await at(db, source, server.base)
        outcome = await once(db, source)
    assert outcome.state is State.FAILED
    assert outcome.run is not None
    assert outcome.run.state is RunState.BROKEN


async def test_limits_on_pages_and_time(db: Database, source: Source) -> None:
    with s.serving() as server:
        source = await at(db, source, server.base)
        few = replace(source, politeness=replace(QUICK, max_pages=2))
        outcome = await once(db, few)
        assert "more than 2 pages" in (outcome.error or "")
        slow = replace(source, politeness=replace(QUICK, max_seconds=0.0))
        outcome = await once(db, slow)
        assert "took longer" in (outcome.error or "")
        assert outcome.run is not None
        assert outcome.run.state is RunState.FAILED
        outcome = await once(db, source)
    assert outcome.state is State.PUBLISHED


async def test_stop_ends_after_the_page_and_goes_on(db: Database, source: Source) -> None:
    stop = asyncio.Event()

    class StopAtTwo(Watch):
        def saved(self, run: object) -> None:
            stop.set()

    with s.serving() as server:
        source = await at(db, source, server.base)
        first = await once(db, source, stop=stop, watch=StopAtTwo())
        assert first.state is State.STOPPED
        assert first.run is not None
        assert 1 <= first.run.counters.pages <= 2
        second = await once(db, source)
    assert second.state is State.PUBLISHED
    assert second.run is not None
    assert second.run.counters.received == 100


async def test_stop_while_the_server_is_silent(db: Database, source: Source) -> None:
    stop = asyncio.Event()

    class StopSoon(Watch):
        def saved(self, run: object) -> None:
            asyncio.get_running_loop().call_later(0.2, stop.set)

    with s.serving(lambda a: Reply(body=b"x" * 100, stall=30.0) if a.page == 2 else None) as server:
        source = await at(db, source, server.base)
        patient = replace(source, politeness=Politeness(timeout=60))
        outcome = await asyncio.wait_for(once(db, patient, stop=stop, watch=StopSoon()), 5)
    assert outcome.state is State.STOPPED
    assert outcome.run is not None
    assert outcome.run.counters.pages == 1


async def test_records_out_of_order_do_not_move_the_next_from(db: Database, source: Source) -> None:
    """The newest record comes first, and the list's dates say nothing of the next harvest."""
    repository = Repository.of(30, order=lambda item: -item.number)
    repository.items[99] = Item(99, datetime(2031, 1, 1, tzinfo=UTC))
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base)
        first = await once(db, source)
        await once(db, source)
    assert first.run is not None
    assert first.run.counters.received == 31
    assert server.lists[-1].arguments["from"] == "2024-05-31T12:00:00Z"


async def test_a_record_twice_in_a_list_stands_once(db: Database, source: Source) -> None:
    """With the content that came last, however its dates run; deleted and entered again is live."""

    def answering(asked: Asked) -> Reply | None:
        if not asked.page:
            return None
        if asked.page == 2:
            again = s.record(3, metadata=s.marc(3, "Sau")) + s.record(7, metadata=s.marc(7, "Sau"))
            return Reply.of(s.listing(again, ""))
        return Reply.of(s.page_text(1, end=s.token(1, "t2", None)))

    with s.serving(answering) as server:
        source = await at(db, source, server.base)
        outcome = await once(db, source)
    assert outcome.state is State.PUBLISHED
    assert outcome.run is not None
    assert outcome.run.counters.received == 22
    kept = await stored(db)
    assert len(kept) == 20
    assert kept["oai:test:3"] == s.marc(3, "Sau").encode()
    assert kept["oai:test:7"] == s.marc(7, "Sau").encode()


async def test_identity_change_is_an_alarm(db: Database, source: Source) -> None:
    noted: list[str] = []

    class Notes(Watch):
        def noted(self, source: str, note: str) -> None:
            noted.append(note)

    with s.serving() as server:
        source = await at(db, source, server.base)
        await once(db, source, watch=Notes())
        assert noted == []
        server.deleted = "no"
        await once(db, source, watch=Notes())
    assert noted[0] == "the server has changed: deletedRecord was 'persistent', is 'no'"


def command(url: str, home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start the harvester as operators do."""
    environment = os.environ | {"UNIONCAT_DATABASE_URL": url, "UNIONCAT_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "unioncat_harvester", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


async def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("waited in vain")


@pytest.mark.parametrize("pages", [1, 2, 4])
async def test_kill_at_any_page_loses_and_doubles_nothing(
    db: Database, url: str, source: Source, home: Path, pages: int
) -> None:
    killed = False

    def answering(asked: Asked) -> Reply | None:
        # until the kill the page after those that came in time never ends
        held = not killed and asked.page > pages
        return Reply(body=s.page_text(asked.page).encode(), stall=30.0) if held else None

    with s.serving(answering) as server:
        await at(db, source, server.base)
        child = command(url, home, "run", source.code)
        await wait_for(lambda: any(asked.page > pages for asked in server.lists))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        killed = True
        async with db.begin() as conn:
            # what the kill left: the run still looks alive for a minute
            await conn.execute(text("UPDATE harvest_run SET heartbeat_at = now() - interval '61 seconds'"))
        second = command(url, home, "run", source.code)
        output, _ = await asyncio.to_thread(second.communicate)
        assert second.returncode == 0, output.decode()
    async with db.begin() as conn:
        (run,) = await runs.runs(conn, source.code)
    assert run.state is RunState.PUBLISHED
    assert run.counters.received == 100
    assert run.counters.pages == 5
    assert sorted(await stored(db)) == sorted(f"oai:test:{n}" for n in range(100))
    assert await count(db, "raw_record") == 100


async def test_a_second_harvester_keeps_off(db: Database, url: str, source: Source, home: Path) -> None:
    with s.serving(lambda a: Reply(body=b"x" * 99, stall=5.0) if a.page == 2 else None) as server:
        source = await at(db, source, server.base)
        child = command(url, home, "run", source.code)
        await wait_for(lambda: any(asked.page == 2 for asked in server.lists))
        outcome = await once(db, source)
        child.terminate()
        output, _ = await asyncio.to_thread(child.communicate)
    assert outcome.state is State.NOT_BEGUN
    assert "another process" in (outcome.error or "")
    assert child.returncode == 4, output.decode()
    async with db.begin() as conn:
        (run,) = await runs.runs(conn, source.code)
    assert run.error == "the harvester was stopped"


async def test_command_line_tells_failure_and_unknown_codes(
    db: Database, url: str, source: Source, home: Path
) -> None:
    with s.serving(lambda a: Reply(b"no", 403) if a.page else None) as server:
        await at(db, source, server.base)
        failed = command(url, home, "run", "--all", "--full")
        output, _ = await asyncio.to_thread(failed.communicate)
        assert failed.returncode == 1
        assert "HTTP status 403" in output.decode()
        due = command(url, home, "run", "--due")
        await asyncio.to_thread(due.communicate)
        assert due.returncode == 0  # it failed a moment ago: not due yet
    unknown = command(url, home, "run", "nobody")
    output, _ = await asyncio.to_thread(unknown.communicate)
    assert unknown.returncode == 1
    assert "there is no source 'nobody'" in output.decode()
    assert "Traceback" not in output.decode()
    kept = list((home / "harvest" / source.code).glob("*unusable*"))
    assert len(kept) == 1
