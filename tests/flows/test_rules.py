"""New rules: tried without a trace, applied with interruptions as without, and ids that stay."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.flows.test_join import book, parts, put, sets, state
from unioncat.config import Settings
from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Verdict
from unioncat.domain.source import Source
from unioncat.flow import pipeline, review, rules, trial, work
from unioncat.flow import scale as scales
from unioncat.flow.join import join
from unioncat.flow.services import Services, open_services
from unioncat.matching import INSTALLED, RULES, Features, Scale, extract, read_weights
from unioncat.matching.learn import table
from unioncat.matching.weights import POINTS
from unioncat.store import trial as trial_store
from unioncat.store.codec import record_number
from unioncat.store.database import Connection, Database
from unioncat.store.errors import Conflict

Install = Callable[[str, Callable[[BibRecord], Features]], None]
OTHER = book("Đất rừng phương Nam", "Đoàn Giỏi")
TABLES = (
    "bib_record", "match_key", "joined", "edge", "decision", "cluster", "cluster_member", "cluster_successor",
    "pending_join", "joining", "candidate", "pending_publish", "meta", "distrusted_identifier",
)  # fmt: skip


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1), url) as opened:
        yield opened


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install rules of another version, which read records in another way."""

    def install(version: str, reading: Callable[[BibRecord], Features]) -> None:
        monkeypatch.setattr("unioncat.flow.scale.INSTALLED", Scale(version, POINTS))
        monkeypatch.setattr("unioncat.flow.facts.extract", reading)
        monkeypatch.setattr("unioncat.flow.rules.SPAN", 4)
        monkeypatch.setattr("unioncat.flow.facts.SPAN", 4)

    return install


def strict(bib: BibRecord) -> Features:
    """Take a title in capitals for another one."""
    from dataclasses import replace

    return extract(
        replace(bib, title=replace(bib.title, main="Hoàn toàn khác")) if bib.title.main.isupper() else bib
    )


def loose(bib: BibRecord) -> Features:
    """See no difference between books."""
    return extract(book())


def library() -> dict[str, BibRecord]:
    """Books that strict rules part and loose rules merge."""
    found = {"a": book(), "A": book("DẾ MÈN PHIÊU LƯU KÝ"), "z": OTHER, "Z": OTHER}
    found |= {f"x{n}": book(f"Sách số {n} về việc trồng lúa", f"Người Viết {n}") for n in range(12)}
    return found


async def everything(db: Database) -> dict[str, list[str]]:
    """All rows of all tables that joining knows."""
    async with db.begin() as conn:
        return {
            table: sorted(row[0] for row in await conn.execute(text(f"SELECT t::text FROM {table} t")))
            for table in TABLES
        }


async def schemas(db: Database) -> list[str]:
    async with db.begin() as conn:
        query = "SELECT nspname FROM pg_namespace WHERE nspname = 'unioncat_trial'"
        return [row[0] for row in await conn.execute(text(query))]


async def test_comparing_shows_what_applying_does_and_changes_nothing(
    services: Services, source: Source, install: Install
) -> None:
    db = services.db
    await put(db, source, library())
    await pipeline.process(services)
    assert {frozenset("aA"), frozenset("zZ")} <= await parts(db)
    pair = [(record_number(source.code, "x1"), record_number(source.code, "x2"))]
    await review.decide(services, ANONYMOUS, pair, Verdict.SAME, reason="", by="Lan")
    await pipeline.process(services)
    async with db.begin() as conn:
        await conn.execute(text("INSERT INTO candidate VALUES (1, 2)"))  # as if a join were under way
    before = await everything(db)
    same = await trial.compare(services, ANONYMOUS)
    assert (same.counts.merged, same.counts.split, same.stale, same.records) == (0, 0, 0, 16)
    assert same.counts.clusters_before == same.counts.clusters_after == 13
    install("strict", strict)
    found = await trial.compare(services, ANONYMOUS)
    assert (found.rules, found.records, found.stale, found.waiting) == ("strict", 16, 16, 0)
    assert (found.counts.merged, found.counts.split) == (0, 1)
    assert (found.counts.pairs_joined, found.counts.pairs_parted) == (0, 1)
    assert found.counts.ids_ended == 0
    (split,) = found.splits
    assert {split.left.local_id, split.right.local_id} == {"a", "A"}
    assert split.judgement.verdict is not Verdict.SAME
    assert split.judgement.evidence
    assert await everything(db) == before
    assert await schemas(db) == []
    await rules.apply(services)
    after = await state(db)
    assert len(after) == found.counts.clusters_after
    assert {frozenset("a"), frozenset("A"), frozenset("zZ"), frozenset({"x1", "x2"})} <= set(after.values())
    install("loose", loose)
    merged = await trial.compare(services, ANONYMOUS, examples=3)
    assert merged.counts.merged >= 1
    assert merged.counts.ids_ended == merged.counts.clusters_before - merged.counts.clusters_after
    assert merged.merges
    assert merged.splits == ()


async def test_only_one_comparison_runs_and_a_killed_one_leaves_no_harm(
    services: Services, source: Source
) -> None:
    await put(services.db, source, {"a": book()})
    await pipeline.process(services)
    async with services.db.begin() as conn:
        await trial_store.build(conn)  # as a killed one leaves it
    async with services.db.begin() as guard:
        assert await trial_store.alone(guard)
        with pytest.raises(Conflict):
            await trial.compare(services, ANONYMOUS)
    assert (await trial.compare(services, ANONYMOUS)).counts.clusters_after == 1
    assert await schemas(services.db) == []


async def test_applying_reads_every_record_once_and_joins_by_the_new_rules(
    services: Services, source: Source, install: Install
) -> None:
    db = services.db
    await put(db, source, library())
    await pipeline.process(services)
    before = await state(db)
    assert await rules.stale(services) == 0
    assert (await rules.apply(services)).records == 0
    install("strict", strict)
    assert await rules.stale(services) == 16
    done = await rules.apply(services)
    assert (done.records, done.documents) == (16, 2), "only what changed goes to the search index"
    assert await rules.stale(services) == 0
    async with db.begin() as conn:
        assert [row[0] for row in await conn.execute(text("SELECT DISTINCT rules FROM edge"))] == ["strict"]
        assert [r[0] for r in await conn.execute(text("SELECT DISTINCT rules FROM bib_record"))] == ["strict"]
    after = await state(db)
    assert set(after.values()) - set(before.values()) == sets("a", "A")
    assert (await rules.apply(services)).documents == 0
    assert set(before) <= set(after)
    assert (await rules.apply(services)).records == 0


class Cut(Exception):
    """The process was cut off."""


async def test_applying_with_interruptions_ends_like_applying_without(
    services: Services, source: Source, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = services.db
    await put(db, source, library())
    await pipeline.process(services)
    install("loose", loose)
    whole = rules.reread_span
    left = 1

    async def cut(db: Database, span: rules.Span) -> int:
        nonlocal left
        if left == 0:
            raise Cut
        left -= 1
        return await whole(db, span)

    monkeypatch.setattr("unioncat.flow.rules.reread_span", cut)
    before = await state(db)
    stale = []
    for _ in range(3):
        left = 1
        with pytest.raises(Cut):
            await rules.apply(services)
        stale.append(await rules.stale(services))
        await pipeline.process(services)
        assert await state(db) == before, "nothing is joined by new rules before all is read"
    assert stale == [12, 8, 4]
    left = 1

    async def no_process(*_: object) -> int:
        raise Cut

    monkeypatch.setattr("unioncat.flow.rules.process", no_process)
    with pytest.raises(Cut):
        await rules.apply(services)
    monkeypatch.setattr("unioncat.flow.rules.process", pipeline.process)
    await rules.apply(services)
    interrupted = await state(db)

    async with db.begin() as conn:
        await _begin_again(conn)
    await put(db, source, {})
    monkeypatch.setattr("unioncat.flow.rules.reread_span", whole)
    monkeypatch.setattr("unioncat.flow.facts.extract", extract)
    await put(db, source, library())
    await pipeline.process(services)
    assert {members: name for name, members in (await state(db)).items()} == {
        members: name for name, members in before.items()
    }
    async with db.begin() as conn:
        await conn.execute(text("UPDATE bib_record SET rules = '0'"))
    monkeypatch.setattr("unioncat.flow.facts.extract", loose)
    await rules.apply(services)
    assert await state(db) == interrupted


async def _begin_again(conn: Connection) -> None:
    await conn.execute(
        text(
            "TRUNCATE bib_record, holding, match_key, joined, edge, cluster, cluster_member,"
            " cluster_successor, pending_join, joining, pending_publish RESTART IDENTITY CASCADE"
        )
    )


async def test_a_decision_holds_under_new_rules(services: Services, source: Source, install: Install) -> None:
    db = services.db
    await put(db, source, {"a": book(), "b": book(), "x": OTHER})
    await pipeline.process(services)
    numbers = {name: record_number(source.code, name) for name in "abx"}
    for pair, verdict in (("ab", Verdict.DIFFERENT), ("ax", Verdict.SAME)):
        wanted = [(numbers[pair[0]], numbers[pair[1]])]
        await review.decide(services, ANONYMOUS, wanted, verdict, reason="", by="Lan")
    await pipeline.process(services)
    assert await parts(db) == sets("ax", "b")
    for version, reading in (("loose", loose), ("strict", strict), ("plain", extract)):
        install(version, reading)
        await rules.apply(services)
        assert any(set("ax") <= part for part in await parts(db)), version
        assert not any(set("ab") <= part for part in await parts(db)), version


async def test_public_ids_do_not_change_with_unrelated_records(services: Services, source: Source) -> None:
    """Of 10,000 union records after a tenth of them changed, none that is joined otherwise changes its id."""
    db, count = services.db, 10_000
    chance = random.Random(3)
    books = {
        f"{copy}{n}": book(f"Nghề trồng cây số {n} ở vùng {n % 7}", f"Tác Giả {n}", 1990 + n % 30, 100 + n)
        for n in range(count)
        for copy in "ab"
    }
    await put(db, source, books)
    await join(db, workers=1)
    before = await state(db)
    assert len(before) == count
    changed = set(chance.sample(range(count), count // 10))
    await put(
        db,
        source,
        {f"a{n}": book(f"Một cuốn sách mới {n}", f"Người Khác {n}", 2001, 77 + n) for n in changed},
    )
    await join(db, workers=1)
    after = await state(db)
    ids = {members: name for name, members in after.items()}
    untouched = {
        name: members for name, members in before.items() if changed.isdisjoint(int(m[1:]) for m in members)
    }
    assert len(untouched) == count - count // 10
    assert [name for name, members in untouched.items() if ids.get(members) != name] == []
    assert set(before) <= set(after), "and a record that lost a member keeps its id too"


def learned(**points: float) -> Scale:
    """Weights of another version, as a file of `match train` gives them."""
    scale = read_weights(
        table(dict(POINTS) | {name.replace("_", "."): value for name, value in points.items()})
    )
    assert scale.version.startswith(f"{RULES}-")
    return scale


def careful() -> Scale:
    """Weights under which names and pages say less, so that two records of one book wait for a person."""
    return learned(
        name_equal=6.0,
        name_statement=6.0,
        name_shared=5.0,
        publisher_equal=2.0,
        publisher_like=2.0,
        title_brief=-10.0,
        title_equal=28.5,
        year_equal=10.0,
    )


BARE = book("Dế Mèn và các bạn", pages=None)


async def test_other_weights_are_compared_and_applied_and_public_ids_stay(
    services: Services, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = services.db
    await put(db, source, library() | {"b": BARE, "B": BARE})
    await pipeline.process(services)
    before, rows = await state(db), await everything(db)
    weights = careful()
    found = await trial.compare(services, ANONYMOUS, weights)
    assert (found.rules, found.stale) == (weights.version, 18)
    assert found.counts.split >= 1
    assert found.counts.merged == 0
    assert found.splits[0].judgement.rules == weights.version
    assert found.splits[0].judgement.verdict is not Verdict.SAME
    assert await everything(db) == rows, "a comparison changes nothing"
    assert await schemas(db) == []

    monkeypatch.setattr("unioncat.flow.rules.SPAN", 4)
    await rules.want(services, weights)
    assert await rules.stale(services) == 18
    whole, left = rules.reread_span, 2

    async def cut(db: Database, span: rules.Span) -> int:
        nonlocal left
        if left == 0:
            raise Cut
        left -= 1
        return await whole(db, span)

    monkeypatch.setattr("unioncat.flow.rules.reread_span", cut)
    with pytest.raises(Cut):
        await rules.apply(services)
    assert await rules.stale(services) == 10
    await put(db, source, {"late": book("Một cuốn sách đến muộn", "Người Đến Muộn")})
    await pipeline.process(services)
    assert before.items() <= (await state(db)).items(), "nothing is judged by weights only asked for"
    monkeypatch.setattr("unioncat.flow.rules.reread_span", whole)
    done = await rules.apply(services)
    assert (done.rules, done.records) == (weights.version, 11), "ten left over and the late one"
    after = await state(db)
    assert len(after) == found.counts.clusters_after + 1
    assert set(before) <= set(after), "every public id still answers"
    async with db.begin() as conn:
        assert {row[0] for row in await conn.execute(text("SELECT rules FROM edge"))} <= {weights.version}
        assert {row[0] for row in await conn.execute(text("SELECT DISTINCT rules FROM bib_record"))} == {
            weights.version
        }

    await put(db, source, {"c": BARE})
    await pipeline.process(services)
    assert {frozenset("c")} <= await parts(db), "what comes later is judged by the weights in force"
    assert await rules.stale(services) == 0

    await rules.want(services, INSTALLED)
    assert (await rules.apply(services)).rules == RULES
    assert {frozenset("aA"), frozenset("bBc")} <= await parts(db), "and the way back is open"


async def test_weights_of_other_rules_are_not_in_force(
    services: Services, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rules.want(services, careful())
    await rules.apply(services)
    async with services.db.begin() as conn:
        assert (await scales.in_force(conn)).version == careful().version
        monkeypatch.setattr("unioncat.flow.scale.RULES", "an update")
        assert await scales.in_force(conn) is INSTALLED


async def test_the_service_applies_weights_that_were_asked_for(services: Services, source: Source) -> None:
    db, weights = services.db, careful()
    await put(db, source, library())
    await pipeline.process(services)
    await rules.want(services, weights)
    assert await work.ask_apply(services)
    await work.work(services, asyncio.Event(), drain=True)
    assert await rules.stale(services) == 0
    async with db.begin() as conn:
        assert {row[0] for row in await conn.execute(text("SELECT DISTINCT rules FROM bib_record"))} == {
            weights.version
        }
