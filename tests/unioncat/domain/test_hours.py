"""Hours in Viet Nam time, to the minute; and a schedule that keeps them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unioncat.domain.hours import VIET_NAM, Hours
from unioncat.domain.schedule import due, next_at
from unioncat.domain.source import Protocol, Run, RunMode, RunState, Source

NIGHT = Hours.of("22:00-05:00")
NOON = datetime(2026, 3, 1, 5, tzinfo=UTC)
"""12:00 in Viet Nam."""
moments = st.integers(0, 525_600 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
clocks = st.tuples(st.integers(0, 23), st.integers(0, 59))
hours = (
    st.tuples(clocks, clocks)
    .filter(lambda two: two[0] != two[1])
    .map(lambda two: Hours.of(f"{two[0][0]:02}:{two[0][1]:02}-{two[1][0]:02}:{two[1][1]:02}"))
)


def test_hours_are_read_as_people_write_them() -> None:
    assert str(Hours.of(" 22h00 – 5:00 ")) == "22:00-05:00"
    assert str(Hours.of("18:30-24:00")) == "18:30-00:00"


@pytest.mark.parametrize("text", ["", "22-5", "25:00-05:00", "22:00-24:30", "05:00-05:00", "22:00", "a-b"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hours"):
        Hours.of(text)


def test_the_night_is_the_night_of_viet_nam() -> None:
    assert not NIGHT.admit(NOON)
    assert NIGHT.admit(datetime(2026, 3, 1, 15, tzinfo=UTC))  # 22:00
    assert NIGHT.admit(datetime(2026, 3, 1, 21, 59, tzinfo=UTC))  # 04:59
    assert not NIGHT.admit(datetime(2026, 3, 1, 22, tzinfo=UTC))  # 05:00
    assert NIGHT.open_from(NOON) == datetime(2026, 3, 1, 15, tzinfo=UTC)
    assert NIGHT.close_at(NOON) == datetime(2026, 3, 1, 22, tzinfo=UTC)


@given(hours, moments)
def test_opening_and_closing_are_the_edges(window: Hours, now: datetime) -> None:
    opening, closing = window.open_from(now), window.close_at(now)
    assert now <= opening <= now + timedelta(days=1)
    assert now < closing <= now + timedelta(days=1)
    assert window.admit(opening)
    assert not window.admit(closing)
    assert window.admit(closing - timedelta(microseconds=1))
    assert (opening == now) == window.admit(now)
    assert Hours.of(str(window)) == window


def test_a_due_source_waits_for_its_hours() -> None:
    source = Source("a", "l", Protocol.OAI_PMH, "http://x/", id=1, hours=NIGHT)
    last = Run(1, 1, "a", RunMode.FULL, RunState.PUBLISHED, NOON - timedelta(days=2))
    assert due([source], {1: last}, NOON) == []
    assert due([source], {}, NOON) == []
    tonight = NIGHT.open_from(NOON)
    assert due([source], {1: last}, tonight) == [source]
    assert next_at(source, last, NOON) == tonight
    assert next_at(source, None, NOON) == tonight
    assert next_at(source, last, tonight + timedelta(hours=1)) == tonight + timedelta(hours=1)
    assert NOON.astimezone(VIET_NAM).hour == 12
