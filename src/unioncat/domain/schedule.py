"""Which sources are due: a pure function of sources, their last runs and the time.

Nothing here reads a clock or a database, so that a timetable can be tested to the second.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from unioncat.domain.source import Run, RunState, Source, SourceState

DEAD_AFTER = timedelta(seconds=60)
"""A running harvest without a heartbeat for so long was killed."""
RETRY_AFTER = timedelta(minutes=30)
"""A failed harvest is tried again after this, or after the source's own time if that is shorter."""
SPREAD = 0.05
"""Largest share of a source's time by which it is put off, so that all do not begin at once."""


def due_at(source: Source, last: Run | None) -> datetime | None:
    """Tell from when on a source is due; none = never by itself, and the first harvest is due at once."""
    if last is None or source.every_minutes <= 0:
        return None
    every = timedelta(minutes=source.every_minutes)
    if last.state is RunState.RUNNING:
        return (last.heartbeat or last.started) + DEAD_AFTER
    if last.state is RunState.FAILED:
        return (last.finished or last.started) + min(RETRY_AFTER, every)
    return last.started + every + spread(source.code, every)


def next_at(source: Source, last: Run | None, now: datetime) -> datetime | None:
    """Tell when the schedule will harvest a source, in its hours; none = not by itself."""
    if source.state is not SourceState.ACTIVE or source.every_minutes <= 0:
        return None
    moment = max(due_at(source, last) or now, now)
    return source.hours.open_from(moment) if source.hours else moment


def spread(code: str, every: timedelta) -> timedelta:
    """Give the delay of one source: always the same, different from most others."""
    share = int.from_bytes(hashlib.blake2b(code.encode(), digest_size=4).digest(), "big") / 2**32
    return every * SPREAD * share


def due(sources: Iterable[Source], last_runs: Mapping[int, Run], now: datetime) -> list[Source]:
    """Give the active sources whose time has come and whose hours it is, the longest waiting first."""
    waiting: list[tuple[datetime, str, Source]] = []
    for source in sources:
        if source.state is not SourceState.ACTIVE or source.every_minutes <= 0:
            continue
        if source.hours and not source.hours.admit(now):
            continue
        last = last_runs.get(source.id)
        moment = due_at(source, last)
        if last is None or moment is None:
            moment = datetime.min.replace(tzinfo=now.tzinfo)
        if moment <= now:
            waiting.append((moment, source.code, source))
    return [source for _, _, source in sorted(waiting, key=lambda item: item[:2])]
