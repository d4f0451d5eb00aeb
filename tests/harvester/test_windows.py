"""Windows leave nothing out and nothing twice; around a poison record everything else comes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.harvester import servers as s
from tests.harvester.repository import BEGIN, Item, Repository, day
from tests.harvester.support import Taken, run, source, take
from unioncat.domain.source import Checkpoint, Counters, RunMode
from unioncat_harvester.reader import AnswerLost, ListBroken, SourceError
from unioncat_harvester.readers.oaipmh.windows import DAY, SECOND, Place, Window, first_step, halves

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
moments = st.integers(0, 80 * 365 * 86400).map(lambda n: datetime(1950, 1, 1, tzinfo=UTC) + n * SECOND)


@given(st.none() | moments, st.none() | moments, st.sampled_from([DAY, SECOND]), st.none() | moments)
def test_halves_touch_and_never_shrink_to_a_moment(
    since: datetime | None, until: datetime | None, unit: timedelta, earliest: datetime | None
) -> None:
    cut = halves(Window(since, until), unit, earliest, NOW)
    if cut is None:
        return
    left, right = cut
    assert (left.since, right.until) == (since, until)
    assert left.until is not None
    assert right.since == left.until + unit
    if since:
        assert left.until > since
    if until:
        assert right.since < until


def test_halving_comes_to_an_end() -> None:
    waiting, small = [Window()], 0
    while waiting:
        cut = halves(waiting.pop(), timedelta(days=400), BEGIN, NOW)
        small += cut is None
        waiting += cut or ()
    assert 2 <= small < 30


def test_steps_cover_everything() -> None:
    window, ends = Window(), []
    while cut := first_step(window, timedelta(days=365), DAY, BEGIN, NOW):
        done, window = cut
        assert done.until
        ends.append(done.until)
        assert window.since == done.until + DAY
    assert len(ends) == 4
    assert window.until is None


@given(
    st.lists(st.tuples(st.none() | moments, st.none() | moments), min_size=1, max_size=4),
    st.none() | st.text(max_size=30),
    st.none() | st.integers(0, 50),
)
def test_a_place_survives_its_checkpoint(
    windows: list[tuple[datetime | None, datetime | None]], token: str | None, alone: int | None
) -> None:
    place = Place(tuple(Window(*ends) for ends in windows), token=token, alone=alone, received=3, faults=2)
    assert Place.read(place.write(), Window(), 0, None) == place


def test_a_plain_place_is_its_token_unless_that_looks_like_a_place() -> None:
    plain = Place((Window(),), token="t2", received=20, size=100, plain=True)
    assert plain.write() == "t2"
    assert Place.read("t2", Window(), 20, 100) == plain
    odd = replace(plain, token="unioncat-place:x")
    assert Place.read(odd.write(), Window(), 0, None).token == "unioncat-place:x"


def lost(taken: Taken) -> set[str]:
    return {str(item.local_id) for item in taken.quarantined}


def harvested(repository: Repository, **changes: object) -> tuple[Taken, s.Server]:
    with s.serving(repository.answer) as server:
        taken = take(source(server.base, **changes))
    if taken.error:
        raise taken.error
    assert taken.finished
    return taken, server


@pytest.mark.parametrize("poison", [{55}, {0}, {199}, {3, 4, 120}])
@pytest.mark.parametrize("seconds", [True, False])
def test_a_poison_record_costs_itself_alone(poison: set[int], seconds: bool) -> None:
    repository = Repository.of(200, poison=frozenset(poison), seconds=seconds)
    with s.serving(
        repository.answer, granularity="YYYY-MM-DDThh:mm:ssZ" if seconds else "YYYY-MM-DD"
    ) as server:
        taken = take(source(server.base))
    assert taken.error is None
    assert taken.finished
    bad = {f"oai:kho:{number}" for number in poison}
    assert lost(taken) == bad
    assert taken.ids == {item.identifier for item in repository.items.values()} - bad
    assert all(item.code == "record-lost" and "HTTP status 500" in item.detail for item in taken.quarantined)
    assert any("record by record" in note for note in taken.notes)


def test_a_large_list_is_halved_until_what_fails_is_small() -> None:
    repository = Repository.of(1500, poison=frozenset({700}), size=50)
    taken, server = harvested(repository)
    assert lost(taken) == {"oai:kho:700"}
    assert len(taken.ids) == 1499
    assert any("in two parts" in note for note in taken.notes)
    assert sum(asked.verb == "GetRecord" for asked in server.asked) <= 24
    whole = 1500 // 50
    assert len(server.asked) <= whole + 130, len(server.asked)
    assert len(taken.records) < 4 * 1500  # what was read before is read again only so often


def test_a_record_that_only_lists_cannot_give_comes_alone() -> None:
    taken, _ = harvested(Repository.of(100, poison=frozenset({42}), poison_alone=False))
    assert not taken.quarantined
    assert len(taken.ids) == 100


def test_a_server_without_dates_is_read_record_by_record() -> None:
    repository = Repository.of(300, poison=frozenset({42}), refuse_dates=True)
    taken, _ = harvested(repository, options=(("selective", "no"),))
    assert lost(taken) == {"oai:kho:42"}
    assert len(taken.ids) == 299


def test_what_cannot_be_narrowed_down_stops_with_the_first_error() -> None:
    repository = Repository.of(300, poison=frozenset({42}), no_identifiers=True, ignore_dates=True)
    with s.serving(repository.answer) as server:
        taken = take(source(server.base))
    assert isinstance(taken.error, AnswerLost)
    assert "begins with 'Fatal error" in str(taken.error)
    assert not taken.finished


def test_a_poison_day_without_identifiers_names_its_dates() -> None:
    repository = Repository.of(300, poison=frozenset({42}), no_identifiers=True)
    with s.serving(repository.answer) as server:
        taken = take(source(server.base))
    assert isinstance(taken.error, AnswerLost)
    assert len(taken.ids) >= 42 - 10


def test_a_dead_server_is_not_read_around() -> None:
    repository = Repository.of(300)

    def answering(asked: s.Asked) -> s.Reply | None:
        dead = sum(one.verb == "ListRecords" for one in server.asked) > 5
        return s.Reply(b"down", 503) if dead else repository.answer(asked)

    with s.serving(answering) as server:
        taken = take(source(server.base))
    assert isinstance(taken.error, AnswerLost)
    assert len(taken.ids) == 50
    assert sum(asked.verb == "ListIdentifiers" for asked in server.asked) == 0


def test_a_run_goes_on_in_the_middle_of_windows() -> None:
    """Killed after any page, the rest comes from the checkpoint alone."""
    repository = Repository.of(400, poison=frozenset({250}), size=50)
    with s.serving(repository.answer) as server:
        whole = take(source(server.base))
        assert whole.finished
        for stop in range(0, len(whole.checkpoints) - 1, 3):
            point = whole.checkpoints[stop]
            rest = take(source(server.base), run(checkpoint=point, counters=Counters(pages=stop + 1)))
            assert rest.error is None, stop
            assert rest.finished
            before = {record.local_id for record in whole.records}  # of all pages: a superset
            assert rest.ids | before == whole.ids


def test_tokens_that_die_begin_the_list_again_and_then_smaller_ones() -> None:
    repository = Repository.of(400, tokens_die=9, no_identifiers=True)
    taken, _ = harvested(repository)
    assert len(taken.ids) == 400
    assert sum("no longer knows" in note for note in taken.notes) >= 2


def test_tokens_that_always_die_end_in_a_clear_error() -> None:
    repository = Repository.of(400, tokens_die=1, no_identifiers=True, refuse_dates=True)
    with s.serving(repository.answer) as server:
        taken = take(source(server.base, options=(("selective", "no"),)))
    assert isinstance(taken.error, ListBroken)
    assert "windows" in taken.error.remedy


def test_windows_from_the_start_by_the_sources_option() -> None:
    repository = Repository.of(400, tokens_die=9)
    taken, server = harvested(repository, options=(("windows", "month"),))
    assert len(taken.records) == 400
    asked = [one.arguments for one in server.lists if "resumptionToken" not in one.arguments]
    assert len(asked) > 50
    assert asked[0]["until"] == "2000-01-30T23:59:59Z"
    assert "until" not in asked[-1]
    assert taken.checkpoints[-1].list_size is None or taken.checkpoints[-1].list_size == 400


def test_one_huge_page_is_halved() -> None:
    repository = Repository.of(1000, size=10_000)
    limits = replace(source("").politeness, max_page_bytes=100_000)
    taken, _ = harvested(repository, politeness=limits)
    assert len(taken.ids) == 1000
    assert any("larger than 100,000 bytes" in note for note in taken.notes)


def test_an_increment_is_narrowed_down_within_its_own_dates() -> None:
    repository = Repository.of(300, poison=frozenset({290}))
    with s.serving(repository.answer) as server:
        taken = take(source(server.base), run(mode=RunMode.INCREMENTAL, since=day(280)))
    assert taken.finished
    assert taken.ids == {f"oai:kho:{n}" for n in range(280, 300)} - {"oai:kho:290"}


def test_identifiers_alone_for_a_comparison() -> None:
    repository = Repository.of(130)
    with s.serving(repository.answer) as server:
        taken = take(source(server.base), run(mode=RunMode.RECONCILE))
    assert taken.finished
    assert set(taken.listed) == repository.live
    assert taken.listed_deleted == 13
    assert {asked.verb for asked in server.asked} == {"ListIdentifiers"}


def test_seconds_that_are_refused_become_days() -> None:
    repository = Repository.of(50, refuse_seconds=True)
    with s.serving(repository.answer) as server:
        taken = take(source(server.base), run(mode=RunMode.INCREMENTAL, since=day(40) + timedelta(hours=5)))
    assert taken.error is None
    assert taken.ids == {f"oai:kho:{n}" for n in range(40, 50)}
    assert any("granularity to day" in note for note in taken.notes)


def test_a_server_that_ignores_from_is_named() -> None:
    repository = Repository.of(50, ignore_dates=True)
    with s.serving(repository.answer) as server:
        taken = take(source(server.base), run(mode=RunMode.INCREMENTAL, since=day(48)))
        windowed = take(source(server.base, options=(("windows", "year"),)))
    assert len(taken.ids) == 50
    assert any("does not keep to `from`" in note for note in taken.notes)
    assert isinstance(windowed.error, SourceError)
    assert "outside the dates" in str(windowed.error)


def test_one_faulty_record_date_does_not_matter() -> None:
    repository = Repository.of(30)
    repository.items[30] = Item(30, day(29), dated=False)
    taken, _ = harvested(repository)
    assert len(taken.ids) == 31


@pytest.mark.parametrize("ahead", [7, -5])
def test_local_time_labelled_z_never_moves_from_forward(ahead: int) -> None:
    """The earlier of responseDate and the HTTP header's date counts."""
    sent = datetime(2024, 6, 1, 12 - ahead, tzinfo=UTC)
    header = {"Date": sent.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    repository = Repository.of(5)

    def answering(asked: s.Asked) -> s.Reply | None:
        reply = repository.answer(asked)
        return reply and replace(reply, headers=header)

    with s.serving(answering) as server:
        taken = take(source(server.base))
    assert taken.checkpoints[-1].response_date == min(sent, NOW)
    assert any(f"{ahead:+.1f} hours from UTC" in note for note in taken.notes)


def test_the_clock_option_moves_from_back() -> None:
    with s.serving(Repository.of(5).answer) as server:
        for value in ("+07:00", "-07:00"):
            take(
                source(server.base, options=(("clock", value),)),
                run(mode=RunMode.INCREMENTAL, since=day(3) + timedelta(hours=8)),
            )
    assert {asked.arguments["from"] for asked in server.lists} == {"2020-01-04T01:00:00Z"}


def test_a_checkpoint_of_before_windows_is_still_read() -> None:
    repository = Repository.of(100)
    with s.serving(repository.answer) as server:
        point = Checkpoint(token="|||50", list_size=100)
        taken = take(source(server.base), run(checkpoint=point, counters=Counters(pages=5, received=50)))
    assert taken.error is None
    assert len(taken.ids) == 50
