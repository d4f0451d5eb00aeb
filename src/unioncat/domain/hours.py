"""The hours of the day in which a source may be asked, as clocks in Viet Nam show them; pure."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from typing import Self

VIET_NAM = timezone(timedelta(hours=7))
"""Viet Nam has kept UTC+7 without summer time since 1975."""
_FORM = re.compile(r"([01]?\d|2[0-3])[:hg]([0-5]\d)\s*[-–]\s*([01]?\d|2[0-3]|24)[:hg]([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` until before `end`; over midnight when `end` comes first."""

    start: time
    end: time

    @classmethod
    def of(cls, text: str) -> Self:
        """Read "22:00-05:00". Raises ValueError for anything else, and where start and end are the same."""
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"hours are written as 22:00-05:00, not as {text!r}")
        start = time(int(found[1]), int(found[2]))
        if found[3] == "24" and found[4] != "00":
            raise ValueError(f"hours are written as 22:00-05:00, not as {text!r}")
        end = time(int(found[3]) % 24, int(found[4]))
        if start == end:
            raise ValueError("hours that end when they begin are none: leave them out for the whole day")
        return cls(start, end)

    def __str__(self) -> str:
        """Write the hours as they are read."""
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def admit(self, now: datetime) -> bool:
        """Tell whether a moment lies in these hours."""
        clock = now.astimezone(VIET_NAM).time()
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def open_from(self, now: datetime) -> datetime:
        """Give the first moment from `now` on that lies in these hours."""
        return now if self.admit(now) else _next(now, self.start)

    def close_at(self, now: datetime) -> datetime:
        """Give the first moment after `now` at which these hours end."""
        return _next(now, self.end)


def _next(now: datetime, clock: time) -> datetime:
    local = now.astimezone(VIET_NAM)
    moment = datetime.combine(local.date(), clock, VIET_NAM)
    if moment <= local:
        moment += timedelta(days=1)
    return moment.astimezone(now.tzinfo)
