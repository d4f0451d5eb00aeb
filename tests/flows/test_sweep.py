"""What vanishes without a deletion is found, made a deletion, and held where it is too much or doubtful."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.flows.conftest import add_source
from tests.harvester import servers as s
from tests.harvester.repository import Item, Repository, day
from tests.harvester.support import QUICK, surroundings
from unioncat.domain.source import Assertions, RunMode, RunState, Source
from unioncat.store import runs, sources, sweep
from unioncat.store.codec import expand
from unioncat.store.database import Database
from unioncat_harvester.run import Outcome, State, harvest

NOW = datetime.now(UTC)
HOLLOW = f'<record xmlns="{s.MARC}"><leader>          a              </leader></record>'


async def at(db: Database, source: Source, address: str, **changes: object) -> Source:
    async with db.begin() as conn:
        return await sources.save_source(
            conn,
            replace(source, address=address, politeness=QUICK, **changes),  # type: ignore[arg-type]
        )


async def once(db: Database, source: Source, mode: RunMode | None = None) -> Outcome:
    return await harvest(db, source, surroundings(), mode=mode)


async def live(db: Database) -> set[str]:
    """Records that flow on: the latest published version of each that is not deleted."""
    query = """
        SELECT local_id FROM (
          SELECT DISTINCT ON (w.local_id) w.local_id, w.deleted FROM raw_record w
          JOIN harvest_run r ON r.id = w.run_id WHERE r.state = 'published'
          ORDER BY w.local_id, w.run_id DESC) latest WHERE NOT deleted
    """
    async with db.begin() as conn:
        return {row.local_id for row in await conn.execute(text(query))}


async def issues(db: Database) -> list[tuple[str, str | None]]:
    async with db.begin() as conn:
        rows = await conn.execute(text("SELECT code, local_id FROM issue ORDER BY local_id"))
        return [(row.code, row.local_id) for row in rows]


def gone(repository: Repository, *numbers: int) -> None:
    for number in numbers:
        del repository.items[number]


@pytest.mark.parametrize("mode", [RunMode.FULL, RunMode.RECONCILE])
async def test_what_vanished_is_deleted(db: Database, source: Source, mode: RunMode) -> None:
    repository = Repository.of(100)
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base)
        await once(db, source)
        gone(repository, 3, 50)
        outcome = await once(db, source, mode)
        assert outcome.state is State.PUBLISHED, outcome.error
        assert outcome.run
        assert (outcome.run.counters.swept, outcome.run.counters.received) == (2, 98)
        assert await live(db) == repository.live
        again = await once(db, source, mode)
    assert again.run
    assert again.run.counters.swept == 0
    assert await live(db) == repository.live


async def test_a_comparison_fetches_what_is_missing_here(db: Database, source: Source) -> None:
    repository = Repository.of(60)
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base)
        await once(db, source)
        repository.items[100] = Item(100, day(-500))  # entered with an old date: no increment finds it
        gone(repository, 1)
        assert (await once(db, source)).run.counters.created == 0  # type: ignore[union-attr]
        outcome = await once(db, source, RunMode.RECONCILE)
    assert outcome.state is State.PUBLISHED, outcome.error
    assert outcome.run
    assert (outcome.run.counters.created, outcome.run.counters.swept) == (1, 1)
    assert await live(db) == repository.live


async def test_more_than_the_limit_waits_for_a_person(db: Database) -> None:
    source = await add_source(db, "lib-b", assertions=Assertions(fall_allowance=5, max_fall=0.05))
    repository = Repository.of(100)
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base, assertions=source.assertions)
        await once(db, source)
        before = await live(db)
        gone(repository, *range(20))
        outcome = await once(db, source, RunMode.FULL)
        assert outcome.state is State.HELD
        assert "18 of 90 records would go; at most 5" in (outcome.error or "")
        assert "18 of them vanished" in (outcome.error or "")
        assert await live(db) == before
        assert outcome.run
        async with db.begin() as conn:
            await runs.decide(conn, outcome.run.id, accept=True)
    assert await live(db) == repository.live


async def test_a_refused_sweep_leaves_everything(db: Database) -> None:
    source = await add_source(db, "lib-b", assertions=Assertions(fall_allowance=0, max_fall=0))
    repository = Repository.of(40)
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base, assertions=source.assertions)
        await once(db, source)
        before = await live(db)
        kept = repository.items.pop(5)
        held = await once(db, source, RunMode.FULL)
        assert held.run
        async with db.begin() as conn:
            await runs.decide(conn, held.run.id, accept=False)
        repository.items[5] = kept
        outcome = await once(db, source, RunMode.FULL)
    assert outcome.state is State.PUBLISHED
    assert await live(db) == before


async def test_an_empty_list_deletes_nothing_even_where_the_limit_would_allow_it(
    db: Database, source: Source
) -> None:
    repository = Repository.of(20)
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base)
        await once(db, source)
        before = await live(db)
        repository.items.clear()
        outcome = await once(db, source, RunMode.FULL)
    assert outcome.state is State.HELD
    assert outcome.error == "the list came empty, but 18 records are live here"
    assert await live(db) == before


async def test_new_identifiers_for_old_records_are_seen(db: Database) -> None:
    source = await add_source(db, "lib-b", assertions=Assertions(fall_allowance=5))
    repository = Repository.of(60)
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base, assertions=source.assertions)
        await once(db, source)
        for number in list(repository.items):
            item = repository.items.pop(number)
            repository.items[number + 1000] = replace(item, number=number + 1000)
        outcome = await once(db, source, RunMode.FULL)
    assert outcome.state is State.HELD
    assert "have its identifiers changed?" in (outcome.error or "")


async def test_a_record_that_only_the_list_lost_is_kept(db: Database, source: Source) -> None:
    repository = Repository.of(60)
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base)
        await once(db, source)
        repository.hidden = frozenset({5, 6})
        gone(repository, 8)
        outcome = await once(db, source, RunMode.FULL)
    assert outcome.state is State.PUBLISHED, outcome.error
    assert await live(db) == repository.live
    assert outcome.run
    assert outcome.run.counters.swept == 1


@pytest.mark.parametrize("fails", ["one", "all"])
async def test_a_server_that_cannot_tell(db: Database, source: Source, fails: str) -> None:
    """GetRecord that fails for one record says that it is there; one that fails for all says nothing."""
    repository = Repository.of(60)

    def answering(asked: s.Asked) -> s.Reply | None:
        wanted = asked.arguments.get("identifier", "")
        if asked.verb == "GetRecord" and (fails == "all" or wanted == "oai:kho:8"):
            return s.Reply(b"Fatal error", 500)
        return repository.answer(asked)

    with s.serving(answering) as server:
        source = await at(db, source, server.base)
        await once(db, source)
        gone(repository, 8)
        outcome = await once(db, source, RunMode.FULL)
    assert outcome.state is State.PUBLISHED, outcome.error
    assert ("oai:kho:8" in await live(db)) is (fails == "one")


async def test_a_list_that_lost_many_is_held(db: Database) -> None:
    source = await add_source(db, "lib-b", assertions=Assertions(fall_allowance=1000))
    repository = Repository.of(400, size=100)
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base, assertions=source.assertions)
        await once(db, source)
        repository.hidden = frozenset(range(250))
        outcome = await once(db, source, RunMode.FULL)
    assert outcome.state is State.HELD
    assert "the list is not whole" in (outcome.error or "")


async def test_a_record_that_left_the_set_goes(db: Database, source: Source) -> None:
    repository = Repository.of(30)
    for item in repository.items.values():
        item.sets = ("sach",)
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base, set="sach")
        await once(db, source)
        repository.items[2].sets = ("bao",)
        outcome = await once(db, source, RunMode.FULL)
    assert outcome.state is State.PUBLISHED, outcome.error
    assert await live(db) == repository.live - {"oai:kho:2"}


async def test_an_empty_record_never_replaces_a_good_one(db: Database, source: Source) -> None:
    repository = Repository.of(20)
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base)
        await once(db, source)
        good = repository.live
        repository.items[3].metadata = HOLLOW
        outcome = await once(db, source, RunMode.FULL)
    assert outcome.state is State.PUBLISHED, outcome.error
    assert outcome.run
    assert (outcome.run.counters.quarantined, outcome.run.counters.swept) == (1, 0)
    assert await live(db) == good
    assert await issues(db) == [("record-empty", "oai:kho:3")]
    async with db.begin() as conn:
        row = await conn.execute(text("SELECT payload FROM raw_record WHERE local_id = 'oai:kho:3'"))
        assert expand(row.scalar_one()) == s.marc(3).encode()


async def test_a_poison_record_keeps_its_good_version(db: Database, source: Source) -> None:
    repository = Repository.of(80)
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base)
        await once(db, source)
        repository.poison = frozenset({12})
        outcome = await once(db, source, RunMode.FULL)
    assert outcome.state is State.PUBLISHED, outcome.error
    assert await live(db) == repository.live
    assert await issues(db) == [("record-lost", "oai:kho:12")]


async def test_nothing_is_swept_where_pieces_have_no_name(db: Database, source: Source) -> None:
    repository = Repository.of(20)

    def answering(asked: s.Asked) -> s.Reply | None:
        reply = repository.answer(asked)
        if reply and len(server.lists) > 2:
            return s.Reply(reply.body.replace(b"<identifier>oai:kho:4</identifier>", b""))
        return reply

    with s.serving(answering) as server:
        source = await at(db, source, server.base)
        await once(db, source)
        before = await live(db)
        gone(repository, 9)
        outcome = await once(db, source, RunMode.FULL)
    assert outcome.state is State.PUBLISHED
    assert await live(db) == before


async def test_deletions_need_no_date(db: Database, source: Source) -> None:
    repository = Repository.of(20)
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base)
        await once(db, source)
        repository.items[3].deleted = True
        repository.items[3].dated = False
        outcome = await once(db, source, RunMode.FULL)
    assert outcome.run
    assert (outcome.run.counters.deleted, outcome.run.counters.swept) == (1, 0)
    assert await live(db) == repository.live


async def test_a_source_without_dates_is_swept_at_every_harvest(db: Database, source: Source) -> None:
    repository = Repository.of(30, refuse_dates=True)
    with s.serving(repository.answer) as server:
        source = await at(db, source, server.base, options=(("selective", "no"),))
        await once(db, source)
        gone(repository, 4)
        outcome = await once(db, source)
    assert outcome.run
    assert outcome.run.mode is RunMode.FULL
    assert await live(db) == repository.live


async def age(db: Database, days: int) -> None:
    async with db.begin() as conn:
        await conn.execute(text(f"UPDATE harvest_run SET started_at = started_at - interval '{days} days'"))


@pytest.mark.parametrize(
    ("own", "deleted", "days", "due"),
    [
        (None, "no", 6, False),
        (None, "no", 8, True),
        (None, "transient", 8, True),
        (None, "persistent", 8, False),
        (None, "persistent", 31, True),
        (2, "persistent", 3, True),
        (0, "no", 900, False),
    ],
)
async def test_when_identifiers_are_compared(
    db: Database, source: Source, own: int | None, deleted: str, days: int, due: bool
) -> None:
    repository = Repository.of(20)
    with s.serving(repository.answer, deleted=deleted) as server:
        source = await at(db, source, server.base, reconcile_days=own)
        await once(db, source)
        await age(db, days)
        gone(repository, 2)
        outcome = await once(db, source)
        assert outcome.run
        assert outcome.run.mode is (RunMode.RECONCILE if due else RunMode.INCREMENTAL)
        assert ("oai:kho:2" not in await live(db)) is due
        following = await once(db, source)
    assert following.run
    assert following.run.mode is RunMode.INCREMENTAL


async def test_a_comparison_that_fails_does_not_stand_in_the_way(db: Database, source: Source) -> None:
    repository = Repository.of(20, no_identifiers=True)
    with s.serving(repository.answer, deleted="no") as server:
        source = await at(db, source, server.base)
        await once(db, source)
        await age(db, 30)
        outcome = await once(db, source)
        assert outcome.state is State.FAILED
        assert "refuses" in (outcome.error or "")
        assert outcome.run
        assert outcome.run.state is RunState.BROKEN
        async with db.begin() as conn:
            assert not await sweep.due(conn, source, datetime.now(UTC))
            assert await sweep.due(conn, source, datetime.now(UTC) + timedelta(days=1, minutes=1))
        following = await once(db, source)
    assert following.run
    assert following.run.mode is RunMode.INCREMENTAL
    assert following.state is State.PUBLISHED


async def test_the_next_increment_does_not_begin_at_a_comparison(db: Database, source: Source) -> None:
    with s.serving(Repository.of(10).answer) as server:
        source = await at(db, source, server.base)
        await once(db, source)
        async with db.begin() as conn:
            await conn.execute(text("UPDATE harvest_run SET response_date = '2024-01-01'"))
        await once(db, source, RunMode.RECONCILE)
        await once(db, source)
    assert server.lists[-1].arguments["from"] == "2023-12-31T00:00:00Z"


async def test_pages_that_bring_nothing_new_for_ever_are_a_list_without_end(
    db: Database, source: Source
) -> None:
    """Ever new tokens, ever the same records."""

    def answering(asked: s.Asked) -> s.Reply | None:
        if asked.verb != "ListRecords":
            return None
        return s.Reply.of(s.page_text(1, end=s.token(1, f"t{len(server.lists) + 1}", None)))

    with s.serving(answering) as server:
        source = await at(db, source, server.base)
        outcome = await once(db, source)
    assert outcome.state is State.FAILED
    assert "101 pages in a row brought no record" in (outcome.error or "")
    assert outcome.run
    assert outcome.run.state is RunState.BROKEN
    assert len(server.lists) < 110


async def test_empty_pages_with_tokens_are_borne_for_a_while(db: Database, source: Source) -> None:
    def answering(asked: s.Asked) -> s.Reply | None:
        if asked.verb != "ListRecords":
            return None
        number = len(server.lists)
        if number % 30 == 0:
            last = number >= 90
            return s.Reply.of(s.page_text(number // 30, end=s.token(1, None if last else f"t{number}", None)))
        return s.Reply.of(s.listing("", s.token(1, f"t{number}", None)))

    with s.serving(answering) as server:
        source = await at(db, source, server.base)
        outcome = await once(db, source)
    assert outcome.state is State.PUBLISHED
    assert outcome.run
    assert outcome.run.counters.received == 60
