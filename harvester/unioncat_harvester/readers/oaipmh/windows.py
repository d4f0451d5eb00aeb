"""Windows of dates into which a list is cut, and the place where reading stands: pure, to the second.

Windows are inclusive at both ends (OAI-PMH §2.7.1) and leave no moment out. A window never begins and ends at
the same moment: there are servers that then answer with nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import msgspec

from unioncat_harvester.readers.oaipmh import dates

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
BEGINNINGS = (datetime(1990, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC))
"""Where dates may begin if the server's own word of it is of no use."""
STEPS = {"day": DAY, "week": 7 * DAY, "month": 30 * DAY, "year": 365 * DAY}
"""Lengths of windows that a source may ask for."""
_MARK = "unioncat-place:"
_SMALLEST = 4
"""Units of time in the smallest window that can be halved."""


@dataclass(frozen=True, slots=True)
class Window:
    """Dates from `since` to `until`, both within it; none = open."""

    since: datetime | None = None
    until: datetime | None = None

    def __str__(self) -> str:
        """Say it in words."""
        since = dates.write(self.since, seconds=True) if self.since else "the beginning"
        return f"{since} to {dates.write(self.until, seconds=True) if self.until else 'now'}"

    def holds(self, moment: datetime, *, slack: timedelta = DAY) -> bool:
        """Tell whether a date lies in it, give or take `slack` (time zones, whole days)."""
        late_enough = self.since is None or moment >= self.since - slack
        return late_enough and (self.until is None or moment <= self.until + slack)


def halves(
    window: Window, unit: timedelta, earliest: datetime | None, now: datetime
) -> tuple[Window, Window] | None:
    """Cut a window in two in units of the server's granularity; none where it is too small.

    `earliest` is what the server calls its first date, for windows that are open to the past.
    """
    high = window.until or now
    lows = (window.since,) if window.since else (earliest, *BEGINNINGS)
    for low in lows:
        count = (high - low) // unit + 1 if low else 0
        if low and count >= _SMALLEST:
            middle = low + unit * (count // 2 - 1)
            return Window(window.since, middle), Window(middle + unit, window.until)
    return None


def first_step(
    window: Window, step: timedelta, unit: timedelta, earliest: datetime | None, now: datetime
) -> tuple[Window, Window] | None:
    """Cut a window of length `step` off the beginning; none where no more than that is left."""
    low = window.since or earliest
    if low is None or (window.until or now) - low <= step:
        return None
    end = low + step - unit
    return Window(window.since, end), Window(end + unit, window.until)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list stands: the windows that are left, and how far the first of them is read."""

    windows: tuple[Window, ...]
    token: str | None = None
    received: int = 0
    """Records of the first window so far."""
    begun: int = 0
    """How often the first window was begun again."""
    alone: int | None = None
    """Place on a page of identifiers, where the first window is read record by record."""
    faults: int = 0
    """How often a window had to be given up."""
    size: int | None = None
    """What the server says of the first window."""
    expected: int | None = 0
    """Records of the windows that are done, as the server announced them; none where it did not."""
    plain: bool = field(default=False)
    """One list, never cut and never begun again: only its token need be kept."""

    def next_window(self) -> "Place | None":
        """Give the place after the first window; none at the end."""
        if len(self.windows) == 1:
            return None
        return replace(
            self,
            windows=self.windows[1:],
            token=None,
            received=0,
            begun=0,
            alone=None,
            size=None,
            expected=None if self.expected is None or self.size is None else self.expected + self.size,
        )

    def again(self, windows: Iterable[Window] = (), *, alone: bool = False) -> Self:
        """Give the beginning of the first window, or of those into which it was cut."""
        cut = tuple(windows)
        return replace(
            self,
            windows=(*(cut or self.windows[:1]), *self.windows[1:]),
            token=None,
            received=0,
            begun=0 if cut else self.begun + 1,
            alone=0 if alone else None,
            size=None,
            plain=False,
        )

    def write(self) -> str | None:
        """Put it into the text of a checkpoint; none before anything of a plain list was read."""
        if self.plain and not (self.token or "").startswith(_MARK):
            return self.token
        values: dict[str, Any] = {
            "windows": [[_iso(window.since), _iso(window.until)] for window in self.windows],
            **{name: getattr(self, name) for name in _KEPT},
        }
        return _MARK + msgspec.json.encode(values).decode()

    @classmethod
    def read(cls, text: str | None, window: Window, received: int, size: int | None) -> Self:
        """Give the place of a checkpoint; `window`, `received` and `size` are those of a plain one."""
        if text is None or not text.startswith(_MARK):
            return cls((window,), token=text, received=received if text else 0, size=size, plain=True)
        values = msgspec.json.decode(text.removeprefix(_MARK))
        windows = tuple(Window(_moment(since), _moment(until)) for since, until in values["windows"])
        return cls(windows, **{name: values[name] for name in _KEPT})


_KEPT = ("token", "received", "begun", "alone", "faults", "size", "expected")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
