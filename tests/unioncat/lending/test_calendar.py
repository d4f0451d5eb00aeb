"""Working time, with the check values of other systems and with Tết."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unioncat.domain.hours import VIET_NAM
from unioncat.domain.lending import ServiceLevel
from unioncat.flow.holidays import public_holidays
from unioncat.lending.calendar import NeverOpen, answer_by, days_later, due_after, earlier, end_of, later

MONDAY = datetime(2025, 7, 21, 8, 35, tzinfo=UTC)


def weekdays(day: date) -> bool:
    return day.weekday() < 5


def always(_: date) -> bool:
    return True


def at_tet(day: date) -> bool:
    return day.weekday() < 5 and day not in public_holidays((2026,))


@pytest.mark.parametrize(
    ("hours", "works", "expected"),
    [
        (120, weekdays, datetime(2025, 7, 14, 8, 35, tzinfo=UTC)),
        (120, always, datetime(2025, 7, 16, 8, 35, tzinfo=UTC)),
        (122, weekdays, datetime(2025, 7, 14, 6, 35, tzinfo=UTC)),
    ],
)
def test_hours_back_are_those_of_other_systems(hours: int, works: object, expected: datetime) -> None:
    assert earlier(MONDAY, timedelta(hours=hours), works) == expected  # type: ignore[arg-type]


def test_three_working_days_pass_over_tet() -> None:
    asked = datetime(2026, 2, 13, 15, tzinfo=VIET_NAM)
    answer = answer_by(ServiceLevel.STANDARD, asked, 3, at_tet)
    assert answer > datetime(2026, 2, 23, tzinfo=VIET_NAM), "the whole holiday counts for nothing"
    assert answer.astimezone(VIET_NAM).hour == 15
    assert at_tet(answer.astimezone(VIET_NAM).date())


def test_what_is_urgent_has_a_day_and_express_two_hours_of_opening() -> None:
    friday = datetime(2025, 7, 18, 16, 30, tzinfo=VIET_NAM)
    assert answer_by(ServiceLevel.RUSH, friday, 3, weekdays) == friday + timedelta(days=3)
    assert answer_by(ServiceLevel.EXPRESS, friday, 3, weekdays) == datetime(
        2025, 7, 21, 9, 30, tzinfo=VIET_NAM
    )
    evening = datetime(2025, 7, 17, 20, tzinfo=VIET_NAM)
    assert answer_by(ServiceLevel.EXPRESS, evening, 3, weekdays) == datetime(2025, 7, 18, 10, tzinfo=VIET_NAM)


def test_a_library_that_never_opens_does_not_hold_the_clock_for_ever() -> None:
    with pytest.raises(NeverOpen):
        later(MONDAY, timedelta(hours=1), lambda _: False)
    assert answer_by(ServiceLevel.STANDARD, MONDAY, 3, lambda _: False) > MONDAY + timedelta(days=300)


def test_nothing_is_due_on_a_day_when_nobody_can_bring_it_back() -> None:
    due = due_after(datetime(2026, 2, 5, 9, tzinfo=VIET_NAM), 14, at_tet).astimezone(VIET_NAM)
    assert at_tet(due.date())
    assert due.date() > date(2026, 2, 19)
    assert (due.hour, due.minute) == (23, 59)
    assert end_of(date(2026, 1, 1)) == datetime(2026, 1, 2, tzinfo=VIET_NAM)


@given(
    st.integers(0, 1000),
    st.integers(0, 400),
    st.sets(st.integers(0, 6), min_size=1),
)
def test_forth_and_back_is_where_one_began(half_days: int, hours: int, worked: set[int]) -> None:
    def works(day: date) -> bool:
        return day.weekday() in worked

    start = later(MONDAY + timedelta(hours=12.5 * half_days), timedelta(), works)
    end = later(start, timedelta(hours=hours), works)
    assert end >= start
    assert later(earlier(end, timedelta(hours=hours), works), timedelta(hours=hours), works) == end
    assert days_later(start, 1, works) > start
