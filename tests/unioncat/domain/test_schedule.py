"""When a source is due, to the second."""

from datetime import UTC, datetime, timedelta

import pytest

from unioncat.domain.schedule import due, due_at, spread
from unioncat.domain.source import Protocol, Run, RunMode, RunState, Source, SourceState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def source(code: str = "a", number: int = 1, **changes: object) -> Source:
    return Source(code, "l", Protocol.OAI_PMH, "http://x/", id=number, **changes)  # type: ignore[arg-type]


def run(state: RunState, started: datetime, **changes: object) -> Run:
    return Run(1, 1, "a", RunMode.FULL, state, started, **changes)  # type: ignore[arg-type]


def is_due(source_: Source, last: Run | None, now: datetime = NOW) -> bool:
    return due([source_], {source_.id: last} if last else {}, now) == [source_]


def test_a_new_source_is_due_at_once() -> None:
    assert is_due(source(), None)


@pytest.mark.parametrize("state", [SourceState.PAUSED, SourceState.HELD])
def test_a_source_that_is_not_active_is_never_due(state: SourceState) -> None:
    assert not is_due(source(state=state), None)


def test_a_source_by_hand_is_never_due() -> None:
    assert not is_due(source(every_minutes=0), None)
    assert due_at(source(every_minutes=0), run(RunState.FAILED, NOW)) is None


@pytest.mark.parametrize("state", [RunState.PUBLISHED, RunState.REJECTED])
def test_after_its_time_and_its_own_delay(state: RunState) -> None:
    every = timedelta(minutes=600)
    moment = NOW + every + spread("a", every)
    last = run(state, NOW)
    assert due_at(source(every_minutes=600), last) == moment
    assert not is_due(source(every_minutes=600), last, moment - timedelta(seconds=1))
    assert is_due(source(every_minutes=600), last, moment)


def test_a_failed_run_is_tried_again_soon() -> None:
    failed = run(RunState.FAILED, NOW - 90 * MINUTE, finished=NOW)
    assert due_at(source(), failed) == NOW + 30 * MINUTE
    assert due_at(source(every_minutes=5), failed) == NOW + 5 * MINUTE


def test_a_running_run_is_left_alone_until_it_is_dead() -> None:
    alive = run(RunState.RUNNING, NOW - 90 * MINUTE, heartbeat=NOW - timedelta(seconds=59))
    dead = run(RunState.RUNNING, NOW - 90 * MINUTE, heartbeat=NOW - timedelta(seconds=60))
    assert not is_due(source(), alive)
    assert is_due(source(), dead)


def test_delays_differ_are_small_and_stay() -> None:
    day = timedelta(days=1)
    delays = [spread(f"source-{number}", day) for number in range(300)]
    assert delays == [spread(f"source-{number}", day) for number in range(300)]
    assert len(set(delays)) == 300
    assert max(delays) < day * 0.05
    assert sum(delays, timedelta()) / 300 > day * 0.02


def test_longest_waiting_first() -> None:
    a, b, c = source("a", 1), source("b", 2), source("c", 3)
    last = {
        1: run(RunState.PUBLISHED, NOW - timedelta(days=2)),
        2: run(RunState.PUBLISHED, NOW - timedelta(days=3)),
    }
    assert [found.code for found in due([a, b, c], last, NOW)] == ["c", "b", "a"]
