"""Working time: so many working days or hours from a moment, on the clocks of Viet Nam.

Which days are worked is the caller's to say (`policy.works_on`); a day that is not worked does not count.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from unioncat.domain.hours import VIET_NAM
from unioncat.domain.lending import ServiceLevel

Works = Callable[[date], bool]
"""Tells whether a day is worked."""
OPENS, CLOSES = time(8), time(17)
"""Hours of a working day in which an express request is answered."""
LONGEST = 400
"""Days that are looked through; a library that is closed for longer answers nothing."""
SHORT = {ServiceLevel.RUSH: timedelta(hours=24), ServiceLevel.URGENT: timedelta(hours=24)}
"""Time to answer by level of service, in hours of working days."""
EXPRESS = timedelta(hours=2)


class NeverOpen(Exception):
    """No working day lies within `LONGEST` days."""


def later(
    moment: datetime, span: timedelta, works: Works, *, hours: tuple[time, time] | None = None
) -> datetime:
    """Give the moment when so much working time has passed; whole working days, or those `hours` of them.

    Raises `NeverOpen`.
    """
    return _shift(moment, span, works, hours, 1)


def earlier(
    moment: datetime, span: timedelta, works: Works, *, hours: tuple[time, time] | None = None
) -> datetime:
    """Give the moment so much working time ago. Raises `NeverOpen`."""
    return _shift(moment, span, works, hours, -1)


def _shift(
    moment: datetime, span: timedelta, works: Works, hours: tuple[time, time] | None, way: int
) -> datetime:
    local = moment.astimezone(VIET_NAM)
    left = span
    day = local.date()
    for _ in range(LONGEST):
        if works(day):
            start, end = _bounds(day, hours)
            if way > 0:
                begin = max(start, local)
                if begin < end and left <= end - begin:
                    return (begin + left).astimezone(moment.tzinfo)
                left -= max(end - begin, timedelta())
            else:
                begin = min(end, local)
                if begin > start and left <= begin - start:
                    return (begin - left).astimezone(moment.tzinfo)
                left -= max(begin - start, timedelta())
        day += timedelta(days=way)
    raise NeverOpen(f"no working day within {LONGEST} days of {local.date()}")


def _bounds(day: date, hours: tuple[time, time] | None) -> tuple[datetime, datetime]:
    start = datetime.combine(day, hours[0] if hours else time(), VIET_NAM)
    if hours:
        return start, datetime.combine(day, hours[1], VIET_NAM)
    return start, start + timedelta(days=1)


def days_later(moment: datetime, days: int, works: Works) -> datetime:
    """Give the same time of the day so many working days on. Raises `NeverOpen`."""
    return later(moment, timedelta(days=days), works)


def answer_by(level: ServiceLevel, asked: datetime, days: int, works: Works) -> datetime:
    """Tell by when a supplier must answer: `days` working days, less for what is urgent.

    A library that never opens has until the day after the last that was looked at.
    """
    try:
        if level is ServiceLevel.EXPRESS:
            return later(asked, EXPRESS, works, hours=(OPENS, CLOSES))
        return later(asked, SHORT.get(level, timedelta(days=days)), works)
    except NeverOpen:
        return asked + timedelta(days=LONGEST)


def end_of(day: date) -> datetime:
    """Give the end of a day, the first moment of the next, on the clocks of Viet Nam."""
    return datetime.combine(day + timedelta(days=1), time(), VIET_NAM)


def day_of(moment: datetime) -> date:
    """Give the day that clocks in Viet Nam show."""
    return moment.astimezone(VIET_NAM).date()


def due_after(shipped: datetime, days: int, works: Works) -> datetime:
    """Give the end of the due day: so many days after sending, put off to a day that is worked."""
    day = day_of(shipped) + timedelta(days=days)
    for _ in range(LONGEST):
        if works(day):
            break
        day += timedelta(days=1)
    return end_of(day) - timedelta(seconds=1)
