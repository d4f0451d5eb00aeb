"""From raw records to a reader's answer, with the sample federation's records in a real store and index."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from unioncat.cli.samples import form
from unioncat.config import Settings
from unioncat.domain.audience import ANONYMOUS, Viewer
from unioncat.domain.search import SearchQuery
from unioncat.domain.source import Checkpoint, RawRecord, RunMode
from unioncat.domain.union import Resolved, UnionRecord
from unioncat.flow import find, pipeline, publish, register, status
from unioncat.flow.demo import quality
from unioncat.flow.services import Services, open_services
from unioncat.index import parse
from unioncat.index.tantivy import TantivyIndex
from unioncat.sample import evolve
from unioncat.sample.federation import federation
from unioncat.sample.generate import SampleRecord, records
from unioncat.sample.members import MEMBERS
from unioncat.store import harvests, sources

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1, allow_targets="127.0.0.1:9"), url) as opened:
        wanted = federation({member.code: f"http://127.0.0.1:9/{member.code}" for member in MEMBERS})
        await register.load(opened, form(wanted))
        yield opened


async def bring(services: Services, brought: Iterable[SampleRecord], now: datetime = NOW) -> None:
    """Save records as the harvester does, a run for each member."""
    by_member: dict[str, list[SampleRecord]] = {}
    for record in brought:
        by_member.setdefault(record.member, []).append(record)
    async with services.db.begin() as conn:
        known = {source.code: source for source in await sources.all_sources(conn)}
    owner = uuid.uuid4()
    for member, theirs in by_member.items():
        run = await harvests.open_run(services.db, known[member], mode=None, owner=owner, now=now)
        async with harvests.page(services.db, run, owner) as page:
            await page.save(
                [
                    RawRecord(one.local_id, one.datestamp, one.deleted, one.payload, known[member].format)
                    for one in theirs
                ]
            )
            await page.checkpoint(Checkpoint(response_date=now, finished=True))
        await harvests.finish_run(services.db, run, owner, now)


async def first(services: Services, words: str, viewer: Viewer = ANONYMOUS) -> UnionRecord:
    found = await find.find(services, viewer, SearchQuery(clauses=parse(words)))
    return found.records[0]


async def test_the_sample_federation_from_harvest_to_answer_and_through_changes(services: Services) -> None:
    await bring(services, records())
    await pipeline.process(services)
    health = await status.health(services)
    assert (health.ok, health.waiting_join, health.waiting_publish) == (True, 0, 0)
    assert health.indexed == health.publishable > 1000

    judged = await quality(services, evolve.truth(1))
    assert judged.records == len(evolve.truth(1))
    assert judged.precision >= 0.97
    assert judged.recall >= 0.97

    with_marks = await first(services, "Dế Mèn phiêu lưu ký")
    without = await first(services, "de men phieu luu ky")
    assert "Dế Mèn" in with_marks.bib.title.main
    assert "mèn" in without.bib.title.main.casefold()
    assert with_marks.members
    assert all(member.holdings for member in with_marks.members)

    # A second look finds nothing to do.
    assert await pipeline.process(services) == 0

    before = {
        (member.source, member.local_id): record.id
        for record in (await everything(services))
        for member in record.members
    }
    changes = evolve.evolve(2, NOW)
    await bring(services, [change.record for change in changes], NOW)
    await pipeline.process(services)
    after = {
        (member.source, member.local_id): record
        for record in (await everything(services))
        for member in record.members
    }
    for change in changes:
        place = (change.record.member, change.record.local_id)
        if change.kind == evolve.ChangeKind.DELETED:
            assert place not in after
        else:
            assert place in after
        if change.kind == evolve.ChangeKind.CHANGED:
            notes = [note.text for note in after[place].bib.notes]
            assert any("bổ sung một bản" in note for note in notes), "the union record has the change"
            assert after[place].id == before[place]
        if change.kind == evolve.ChangeKind.CORRECTED:
            assert after[place].id != before[place] or len(after[place].members) < 20
    for old in set(before.values()):
        answer = await find.record(services, ANONYMOUS, old)
        assert isinstance(answer, UnionRecord | Resolved), "an id once given out answers for ever"
    health = await status.health(services)
    assert health.ok


async def everything(services: Services, viewer: Viewer = ANONYMOUS) -> list[UnionRecord]:
    """Page through the whole catalogue."""
    all_: list[UnionRecord] = []
    cursor: str | None = None
    while True:
        page = await find.find(services, viewer, SearchQuery(size=100, cursor=cursor))
        all_ += page.records
        cursor = page.result.next_cursor
        if cursor is None:
            return all_


async def test_a_restricted_member_is_invisible_and_its_group_sees_it(services: Services) -> None:
    await bring(services, [one for one in records() if one.member in ("hvannd", "tvqg")])
    await pipeline.process(services)
    async with services.db.begin() as conn:
        restricted = {one.code: one.audience for one in await sources.all_sources(conn) if one.audience}
    assert "hvannd" in restricted
    seen = await everything(services)
    assert {member.source for record in seen for member in record.members} == {"tvqg"}
    inside = Viewer(frozenset({restricted["hvannd"]}))
    group = await everything(services, inside)
    assert {member.source for record in group for member in record.members} == {"tvqg", "hvannd"}
    hidden = next(r for r in group if any(m.source == "hvannd" for m in r.members))
    assert await find.record(services, ANONYMOUS, hidden.id) is None
    assert await find.record(services, inside, hidden.id) is not None
    title = hidden.bib.title.main
    outside = await find.find(
        services, ANONYMOUS, SearchQuery(clauses=parse(f'"{title}"'), facets=("library",))
    )
    facets = dict(outside.result.facets)
    assert all("hvannd" not in value.value for value in facets.get("library", ()))
    overview = await status.overview(services, ANONYMOUS)
    assert all(run.source_code != "hvannd" for run in overview.runs)
    assert overview.union_records == len(seen) == overview.indexed


async def test_one_bad_record_costs_one_issue_and_never_replaces_a_good_one(services: Services) -> None:
    theirs = [one for one in records() if one.member == "laocai"]
    good = next(one for one in theirs if not one.deleted)
    await bring(services, theirs)
    await pipeline.process(services)
    before = {record.id: record.bib for record in await everything(services)}
    empty = (
        b'<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader></record>'
    )
    broken = SampleRecord(good.member, good.local_id, "", empty, b"", good.datestamp)
    other = SampleRecord(good.member, "oai:laocai:999999", "", b"<record", b"", good.datestamp)
    await bring(services, [broken, other])
    await pipeline.process(services)
    assert {record.id: record.bib for record in await everything(services)} == before
    problems = await status.problems(services, ANONYMOUS, "laocai")
    assert {problem["local_id"] for problem in problems} == {good.local_id, "oai:laocai:999999"}


async def test_replay_and_rebuild_end_where_they_began(services: Services) -> None:
    await bring(services, [one for one in records() if one.member in ("tvqg", "laocai", "bkhn")])
    await pipeline.process(services)
    before = {record.id: record.bib for record in await everything(services)}
    await pipeline.replay(services)
    assert {record.id: record.bib for record in await everything(services)} == before
    assert await publish.rebuild(services) == len(before)
    assert {record.id: record.bib for record in await everything(services)} == before


async def test_a_full_harvest_that_brings_nothing_new_costs_nothing_downstream(services: Services) -> None:
    theirs = [one for one in records() if one.member == "laocai"]
    await bring(services, theirs)
    await pipeline.process(services)
    async with services.db.begin() as conn:
        source = next(one for one in await sources.all_sources(conn) if one.code == "laocai")
    owner = uuid.uuid4()
    run = await harvests.open_run(services.db, source, mode=RunMode.FULL, owner=owner, now=NOW)
    async with harvests.page(services.db, run, owner) as page:
        await page.save(
            [RawRecord(o.local_id, o.datestamp, o.deleted, o.payload, source.format) for o in theirs]
        )
        await page.checkpoint(Checkpoint(response_date=NOW, finished=True))
    run = await harvests.finish_run(services.db, run, owner, NOW)
    assert run.counters.unchanged == len(theirs)
    assert await pipeline.process(services) == 0


async def test_what_the_index_did_not_commit_still_waits(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bring(services, [one for one in records() if one.member == "laocai"])

    async def fails(_index: TantivyIndex) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(TantivyIndex, "commit", fails)
        with pytest.raises(OSError, match="no space"):
            await pipeline.process(services)
    waiting = (await status.health(services)).waiting_publish
    assert waiting > 100
    assert await pipeline.process(services) == waiting
    await asyncio.sleep(0.6)  # readers look for news twice a second
    assert (await status.health(services)).ok
