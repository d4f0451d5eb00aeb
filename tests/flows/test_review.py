"""People's decisions hold through re-harvest, changes, export and import; clusters follow, ids stay."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.flows.conftest import add_source
from tests.flows.test_join import book, parts, put, sets, state, wipe
from unioncat.config import Settings
from unioncat.domain.audience import ANONYMOUS, Audience, Viewer
from unioncat.domain.match import Verdict
from unioncat.domain.review import Decision
from unioncat.domain.source import Source
from unioncat.flow import exchange, explain, pipeline, review
from unioncat.flow.explain import Outcome
from unioncat.flow.services import Services, open_services
from unioncat.store import clusters, libraries
from unioncat.store.codec import record_number
from unioncat.store.database import Database
from unioncat.store.errors import Conflict, Unknown

DOUBT = {"a": book("Truyện cô Ba Sài Gòn"), "b": book("Truyện cô Bà Sài Gòn")}
"""Two titles that differ in a tone: only a person may say."""
SHARED = "9786041157910"


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1), url) as opened:
        yield opened


def number(source: Source, name: str) -> int:
    return record_number(source.code, name)


async def say(
    services: Services, source: Source, pair: str, verdict: Verdict, *, by: str = "Lan", reason: str = ""
) -> Decision:
    left, right = (number(source, name) for name in pair)
    (made,) = await review.decide(services, ANONYMOUS, [(left, right)], verdict, reason=reason, by=by)
    return made


async def test_a_pair_in_doubt_waits_until_a_person_has_spoken(services: Services, source: Source) -> None:
    db = services.db
    await put(db, source, {**DOUBT, "c": book("Đất rừng phương Nam", "Đoàn Giỏi")})
    await pipeline.process(services)
    waiting = await review.queue(services, ANONYMOUS)
    assert waiting.total == 1
    assert {waiting.pairs[0].left, waiting.pairs[0].right} == {number(source, one) for one in "ab"}
    assert [one.feature for one in waiting.pairs[0].evidence if one.feature == "doubt"]
    made = await say(services, source, "ab", Verdict.SAME, reason="cùng một bản in")
    assert (made.by, made.reason, made.verdict, made.counts) == ("Lan", "cùng một bản in", Verdict.SAME, True)
    assert (await review.queue(services, ANONYMOUS)).total == 0
    assert await parts(db) == sets("a", "b", "c"), "clusters follow in the next processing"
    await pipeline.process(services)
    assert await parts(db) == sets("ab", "c")


async def test_a_pair_kept_apart_by_a_third_record_waits_for_a_person(
    services: Services, source: Source
) -> None:
    """Two records are one edition with a third and differ from each other: somebody has to look."""
    db = services.db
    second, third = (replace(book(), edition=f"Tái bản lần thứ {number}") for number in (2, 3))
    await put(db, source, {"a": second, "b": book(), "c": third})
    await pipeline.process(services)
    apart = await parts(db)
    assert apart in (sets("ab", "c"), sets("a", "bc"))
    waiting = await review.queue(services, ANONYMOUS)
    assert waiting.total == 1
    (divided,) = waiting.pairs
    assert divided.verdict is Verdict.SAME
    assert number(source, "b") in {divided.left, divided.right}
    told = await explain.explain(services, ANONYMOUS, divided.left, divided.right)
    assert told.outcome is Outcome.DIVIDED
    (against,) = told.against
    assert {against.left.local_id, against.right.local_id} == {"a", "c"}
    assert against.by is None
    made = await review.decide(
        services, ANONYMOUS, [(divided.left, divided.right)], Verdict.SAME, reason="", by="Lan"
    )
    await pipeline.process(services)
    assert await parts(db) == (sets("a", "bc") if apart == sets("ab", "c") else sets("ab", "c"))
    await review.undo(services, ANONYMOUS, made[0].id, by="Lan")
    await pipeline.process(services)
    assert await parts(db) == apart
    assert [one.left for one in (await review.queue(services, ANONYMOUS)).pairs] == [divided.left]
    await put(db, source, {"c": replace(third, edition="Tái bản lần thứ 2")})
    await pipeline.process(services)
    assert await parts(db) == sets("abc")
    assert (await review.queue(services, ANONYMOUS)).total == 0


async def test_a_skipped_pair_leaves_the_list_and_changes_nothing(services: Services, source: Source) -> None:
    await put(services.db, source, DOUBT)
    await pipeline.process(services)
    before = await state(services.db)
    made = await say(services, source, "ab", Verdict.UNSURE, reason="cần xem sách")
    await pipeline.process(services)
    assert await state(services.db) == before
    assert (await review.queue(services, ANONYMOUS)).total == 0
    await review.undo(services, ANONYMOUS, made.id, by="Lan")
    assert (await review.queue(services, ANONYMOUS)).total == 1


async def test_a_skip_does_not_weaken_the_machine_or_an_earlier_decision(
    services: Services, source: Source
) -> None:
    await put(services.db, source, {"a": book(), "b": book(), "c": book("Đất rừng phương Nam", "Đoàn Giỏi")})
    await say(services, source, "ab", Verdict.UNSURE)
    await say(services, source, "bc", Verdict.SAME)
    await say(services, source, "bc", Verdict.UNSURE)
    await pipeline.process(services)
    assert await parts(services.db) == sets("abc") or await parts(services.db) == sets("bc", "a")
    assert any({"b", "c"} <= part for part in await parts(services.db))


@pytest.mark.parametrize("verdict", [Verdict.SAME, Verdict.DIFFERENT])
async def test_a_decision_holds_through_reharvest_and_changed_records(
    services: Services, source: Source, verdict: Verdict
) -> None:
    db = services.db
    other = book("Đất rừng phương Nam", "Đoàn Giỏi", 1999, 300)
    await put(db, source, {"a": book(), "b": book() if verdict is Verdict.DIFFERENT else other})
    await pipeline.process(services)
    await say(services, source, "ab", verdict)
    expected = sets("ab") if verdict is Verdict.SAME else sets("a", "b")
    await pipeline.process(services)
    assert await parts(db) == expected
    for change in ({"a": book(pages=121)}, {"b": book(year=2020)}, {"a": book(), "b": book()}):
        await put(db, source, change)
        await pipeline.process(services)
        assert await parts(db) == expected
    await put(db, source, {"a": None})
    await pipeline.process(services)
    assert await parts(db) == sets("b")
    await put(db, source, {"a": book()})
    await pipeline.process(services)
    assert await parts(db) == expected, "it comes back with the record"


async def test_undo_brings_the_former_clusters_and_ids_back(services: Services, source: Source) -> None:
    db = services.db
    await put(db, source, {"a": book(), "b": book(), "c": book()})
    await pipeline.process(services)
    before = await state(db)
    assert set(before.values()) == sets("abc")
    (old,) = before
    made = await review.take_out(
        services, ANONYMOUS, old, [number(source, "c")], reason="bản in khác", by="Lan"
    )
    assert len(made) == 2
    await pipeline.process(services)
    assert await parts(db) == sets("ab", "c")
    undone = await review.undo(services, ANONYMOUS, made[0].id, by="Minh")
    assert len(undone) == 2, "one act is undone as a whole"
    assert {one.undone_by for one in undone} == {"Minh"}
    await pipeline.process(services)
    assert await state(db) == before
    with pytest.raises(Conflict, match="was undone by Minh"):
        await review.undo(services, ANONYMOUS, made[0].id, by="Lan")
    with pytest.raises(Unknown):
        await review.undo(services, ANONYMOUS, 10**9, by="Lan")


async def test_two_union_records_are_merged_with_all_their_members(
    services: Services, source: Source
) -> None:
    db = services.db
    other = book("Đất rừng phương Nam", "Đoàn Giỏi", 1999, 300)
    await put(db, source, {"a": book(), "b": book(), "x": other, "y": other})
    await pipeline.process(services)
    before = {members: name for name, members in (await state(db)).items()}
    assert set(before) == sets("ab", "xy")
    ours, theirs = before[frozenset("ab")], before[frozenset("xy")]
    made = await review.unite(services, ANONYMOUS, ours, theirs, reason="", by="Lan")
    assert len(made) == 3
    await pipeline.process(services)
    after = await state(db)
    assert set(after.values()) == sets("abxy")
    (survivor,) = after
    (retired,) = {ours, theirs} - {survivor}
    async with db.begin() as conn:
        answer = await clusters.resolve(conn, ANONYMOUS, retired)
    assert answer is not None
    assert answer[0].successors == (survivor,)
    with pytest.raises(Unknown, match="today") as error:
        await review.unite(services, ANONYMOUS, retired, survivor, reason="", by="Lan")
    assert survivor in error.value.remedy
    await review.undo(services, ANONYMOUS, made[0].id, by="Lan")
    await pipeline.process(services)
    assert {members: name for name, members in (await state(db)).items()} == before


async def test_of_two_people_the_later_counts_and_the_quarrel_shows(
    services: Services, source: Source
) -> None:
    await put(services.db, source, {"a": book(), "b": book()})
    await say(services, source, "ab", Verdict.SAME, by="Lan")
    second = await say(services, source, "ab", Verdict.DIFFERENT, by="Minh")
    await pipeline.process(services)
    assert await parts(services.db) == sets("a", "b")
    shown = await review.decisions(services, ANONYMOUS)
    assert [(one.by, one.counts, one.contested) for one in shown] == [
        ("Minh", True, True),
        ("Lan", False, True),
    ]
    await review.undo(services, ANONYMOUS, second.id, by="Minh")
    await pipeline.process(services)
    assert await parts(services.db) == sets("ab")
    assert [(one.by, one.counts, one.contested) for one in await review.decisions(services, ANONYMOUS)] == [
        ("Minh", False, False),
        ("Lan", True, False),
    ]


async def test_keep_apart_is_never_one_cluster_and_join_always_unless_contradicted(
    services: Services, source: Source
) -> None:
    """Random books and random decisions, decided and undone in random order."""
    db = services.db
    chance = random.Random(7)
    kinds = [
        book(), book("DẾ MÈN PHIÊU LƯU KÝ"), book(year=None), book("Đất rừng phương Nam", "Đoàn Giỏi"),
        book("Đất rừng phương Nam", "Đoàn Giỏi", year=1999), book(pages=300), book("Dế mèn", None),
    ]  # fmt: skip
    for _ in range(8):
        await wipe(db)
        names = [f"r{n}" for n in range(9)]
        await put(db, source, {name: chance.choice(kinds) for name in names})
        await pipeline.process(services)
        for _ in range(6):
            left, right = chance.sample(names, 2)
            verdict = chance.choice([Verdict.SAME, Verdict.DIFFERENT])
            pair = [(number(source, left), number(source, right))]
            (made,) = await review.decide(services, ANONYMOUS, pair, verdict, reason="", by="Lan")
            if chance.random() < 0.25:
                await review.undo(services, ANONYMOUS, made.id, by="Lan")
            if chance.random() < 0.5:
                await pipeline.process(services)
        await pipeline.process(services)
        home = {number(source, one): group for group in await parts(db) for one in group}
        standing = [one for one in await review.decisions(services, ANONYMOUS) if one.counts]
        apart = [one for one in standing if one.verdict is Verdict.DIFFERENT]
        assert all(home[one.left] != home[one.right] for one in apart)
        reach = _reach([(one.left, one.right) for one in standing if one.verdict is Verdict.SAME])
        if not any(reach.get(one.left, one.left) == reach.get(one.right, one.right) for one in apart):
            for one in standing:
                if one.verdict is Verdict.SAME:
                    assert home[one.left] == home[one.right]


def _reach(pairs: list[tuple[int, int]]) -> dict[int, int]:
    """Record -> a name of the component of people's joins."""
    roots: dict[int, int] = {}
    for left, right in pairs:
        ours, theirs = roots.get(left, left), roots.get(right, right)
        roots |= {left: ours, right: ours}
        roots = {one: ours if root == theirs else root for one, root in roots.items()}
    return roots


async def test_exported_wiped_and_imported_gives_the_same_clusters(
    services: Services, source: Source
) -> None:
    db = services.db
    other = await add_source(db, "lib-b")
    records = {
        **DOUBT,
        "oai:x:1": book(isbn=SHARED, author=None, year=None, pages=None),
        "oai:x:2": book(isbn=SHARED, author=None, year=None, pages=None),
        "c": book("Đất rừng phương Nam", "Đoàn Giỏi"),
    }
    await put(db, source, records)
    await put(db, other, {"z": book("Đất rừng phương Nam", "Đoàn Giỏi")})
    await pipeline.process(services)
    await say(services, source, "ab", Verdict.SAME, reason="“ngoặc”\nhai dòng")
    pair = [(number(source, "c"), number(other, "z"))]
    await review.decide(services, ANONYMOUS, pair, Verdict.DIFFERENT, reason="", by="Minh")
    gone = await say(services, source, "ac", Verdict.SAME)
    await review.undo(services, ANONYMOUS, gone.id, by="Minh")
    await review.distrust(services, "isbn", "978-604-1-15791-0", reason="dùng lại", by="Lan")
    await pipeline.process(services)
    before = await parts(db)
    assert before == sets("ab", "c", "z") | {frozenset(["oai:x:1"]), frozenset(["oai:x:2"])}
    lines = list(await exchange.export(services))
    assert len(lines) == 4
    history = [(one.by, one.at, one.undone_by) for one in await review.decisions(services, ANONYMOUS)]

    await wipe(db)
    async with db.begin() as conn:
        await conn.execute(text("TRUNCATE distrusted_identifier"))
    first = await exchange.bring_in(services, lines)
    assert (first.decisions, first.identifiers, first.without_record) == (3, 1, 3)
    await put(db, source, records)
    await put(db, other, {"z": book("Đất rừng phương Nam", "Đoàn Giỏi")})
    await pipeline.process(services)
    assert await parts(db) == before, "decisions were there before their records"
    again = await exchange.bring_in(services, lines)
    assert (again.decisions, again.known) == (0, 3)
    assert [(o.by, o.at, o.undone_by) for o in await review.decisions(services, ANONYMOUS)] == history
    assert list(await exchange.export(services))[:3] == lines[:3]


async def test_a_file_with_a_bad_line_imports_nothing(services: Services, source: Source) -> None:
    await put(services.db, source, DOUBT)
    await say(services, source, "ab", Verdict.SAME)
    (good,) = await exchange.export(services)
    await wipe(services.db)
    for bad in (
        b"{",
        b"{}",
        good.replace(b'"same"', b'"equal"'),
        good.replace(b'"local_id":"b"', b'"local_id":"a"'),
    ):
        with pytest.raises(Conflict, match="line 3"):
            await exchange.bring_in(services, [good, b"\n", bad])
    assert await review.decisions(services, ANONYMOUS) == []


async def test_a_distrusted_isbn_parts_a_cluster_and_trusted_again_joins_it(
    services: Services, source: Source
) -> None:
    db = services.db
    bare = book(isbn=SHARED, author=None, year=None, pages=None)
    full = {f"f{n}": book(f"Sách số {n} hoàn toàn khác", f"Tác Giả {n}") for n in range(5)}
    await put(db, source, {"a": bare, "b": bare, **full})
    await pipeline.process(services)
    before = await state(db)
    assert frozenset("ab") in before.values()
    await review.distrust(services, "ISBN", "978-604-1-15791-0", reason="in trên cả bộ", by="Lan")
    (listed,) = await review.distrusted(services)
    assert (listed.value, listed.reason, listed.by, listed.applied) == (SHARED, "in trên cả bộ", "Lan", False)
    await pipeline.process(services)
    assert (await review.distrusted(services))[0].applied
    assert frozenset("a") in await parts(db)
    async with db.begin() as conn:
        keys = text("SELECT count(*) FROM match_key WHERE record_id = :r")
        left = (await conn.execute(keys, {"r": number(source, "a")})).scalar_one()
    await put(db, source, {"c": bare})
    await pipeline.process(services)
    assert frozenset("c") in await parts(db), "a record that comes later is read without it too"
    await put(db, source, {"c": None})
    await review.trust(services, "isbn", SHARED)
    await pipeline.process(services)
    assert await review.distrusted(services) == []
    assert await state(db) == before
    async with db.begin() as conn:
        assert (await conn.execute(keys, {"r": number(source, "a")})).scalar_one() > left
    with pytest.raises(Unknown):
        await review.trust(services, "isbn", SHARED)
    with pytest.raises(Conflict):
        await review.distrust(services, "isbn", "x", reason="", by="Lan")


async def test_what_cannot_be_decided_is_refused_and_leaves_nothing(
    services: Services, db: Database, source: Source
) -> None:
    closed = await add_source(db, "closed")
    async with db.begin() as conn:
        circle = await libraries.save_audience(conn, Audience(0, "cand", "CAND", "CAND"))
    await put(db, source, {**DOUBT, "c": None})
    await put(db, closed, DOUBT, audience=circle.id)
    await pipeline.process(services)
    inside = Viewer(frozenset({circle.id}))
    ours, theirs = number(source, "a"), number(closed, "b")
    for viewer, pair, error in (
        (ANONYMOUS, (ours, theirs), Unknown),
        (inside, (ours, theirs), Conflict),
        (ANONYMOUS, (ours, ours), Conflict),
        (ANONYMOUS, (ours, number(source, "c")), Unknown),
        (ANONYMOUS, (ours, 5), Unknown),
    ):
        with pytest.raises(error):
            await review.decide(services, viewer, [pair], Verdict.SAME, reason="", by="Lan")
    with pytest.raises(Conflict, match="name of the person"):
        await say(services, source, "ab", Verdict.SAME, by=" ")
    assert await review.decisions(services, inside) == []
    assert (await review.queue(services, ANONYMOUS)).total == 1
    assert (await review.queue(services, inside)).total == 2
    hidden = [(number(closed, "a"), theirs)]
    (made,) = await review.decide(services, inside, hidden, Verdict.SAME, reason="", by="Lan")
    assert await review.decisions(services, ANONYMOUS) == []
    with pytest.raises(Unknown):
        await review.undo(services, ANONYMOUS, made.id, by="Lan")


async def test_one_question_is_asked_for_two_clusters_and_what_is_settled_is_not_asked(
    services: Services, source: Source
) -> None:
    first, second = DOUBT["a"], DOUBT["b"]
    await put(services.db, source, {"a": first, "b": first, "x": second, "y": second})
    await pipeline.process(services)
    assert await parts(services.db) == sets("ab", "xy")
    assert (await review.queue(services, ANONYMOUS)).total == 4
    await say(services, source, "ax", Verdict.DIFFERENT)
    assert (await review.queue(services, ANONYMOUS)).total == 0


async def test_a_change_of_the_list_waits_for_records_that_are_being_read(
    services: Services, source: Source
) -> None:
    """A chunk that was read by the old list is in the table before the change is applied."""
    from unioncat.store import distrust

    bare = book(isbn=SHARED, author=None, year=None, pages=None)
    async with services.db.begin() as conn:
        assert await distrust.believed_not(conn) == frozenset()
        change = asyncio.create_task(review.distrust(services, "isbn", SHARED, reason="", by="Lan"))
        await asyncio.sleep(0.2)
        assert not change.done()
        await put(services.db, source, {"a": bare, "b": bare})
    await change
    await pipeline.process(services)
    assert await parts(services.db) == sets("a", "b")


async def test_a_record_that_changes_while_its_decision_waits_is_published_anew(
    services: Services, source: Source
) -> None:
    await put(services.db, source, {"a": book(), "b": book()})
    await pipeline.process(services)
    await say(services, source, "ab", Verdict.SAME)
    assert await pipeline.process(services) == 0, "a decision that changes no cluster publishes nothing"
    await say(services, source, "ab", Verdict.UNSURE)
    await put(services.db, source, {"a": book(pages=121)})
    assert await pipeline.process(services) == 1
