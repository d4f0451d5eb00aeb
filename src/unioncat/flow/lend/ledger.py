"""What steps write: events, what they put out, and where both sides stand; one by one or many at once.

A step gives all of its writing before anything is written: one that fails half way leaves nothing behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from unioncat.domain.lending import Attempt, Event, Outgoing, Request
from unioncat.store import lending_events, lending_requests, lending_supplies
from unioncat.store.database import Connection
from unioncat.store.lending_events import Written
from unioncat.store.lending_supplies import Served


@dataclass
class Ledger:
    """What waits to be written."""

    events: list[Written] = field(default_factory=list)
    requests: list[tuple[Request, int]] = field(default_factory=list)
    supplies: list[Served] = field(default_factory=list)
    views: list[tuple[Attempt, datetime | None]] = field(default_factory=list)

    def note(
        self,
        subject: UUID,
        event: Event,
        outgoing: list[Outgoing],
        *,
        request: UUID | None = None,
        supply: UUID | None = None,
    ) -> None:
        """Enter an event with what it puts out."""
        self.events.append(Written(subject, event, tuple(outgoing), request, supply))

    def mark(self) -> tuple[int, int, int, int]:
        """Remember how far it goes."""
        return len(self.events), len(self.requests), len(self.supplies), len(self.views)

    def back_to(self, mark: tuple[int, int, int, int]) -> None:
        """Strike out what came behind a mark."""
        events, requests, supplies, views = mark
        del self.events[events:]
        del self.requests[requests:]
        del self.supplies[supplies:]
        del self.views[views:]

    async def write(self, conn: Connection, now: datetime) -> None:
        """Write all of it, each subject once. Raises `Conflict` where somebody else was faster."""
        await lending_events.write(conn, self.events, now)
        await lending_supplies.see_all(conn, _last_views(self.views))
        await lending_requests.save_all(conn, _last_requests(self.requests))
        await lending_supplies.serve_all(conn, _last_supplies(self.supplies), now)
        self.back_to((0, 0, 0, 0))


def _last_views(
    rows: Sequence[tuple[Attempt, datetime | None]],
) -> list[tuple[Attempt, datetime | None]]:
    """Give each attempt as it was seen last; once another system's facts are to be kept, they are."""
    found: dict[UUID, tuple[Attempt, datetime | None]] = {}
    for one, moment in rows:
        found[one.id] = (one, moment or (found[one.id][1] if one.id in found else None))
    return list(found.values())


def _last_requests(rows: Sequence[tuple[Request, int]]) -> list[tuple[Request, int]]:
    """Give each request as its last step left it, with the version that its first one began from."""
    found: dict[UUID, tuple[Request, int]] = {}
    for one, was in rows:
        found[one.id] = (one, found[one.id][1] if one.id in found else was)
    return list(found.values())


def _last_supplies(rows: Sequence[Served]) -> list[Served]:
    """Give each supply as its last step left it; what one of the steps has answered is answered."""
    found: dict[UUID, Served] = {}
    for one in rows:
        first = found.get(one.attempt.id)
        if first is not None:
            one = replace(one, was=first.was, answered=first.answered or one.answered)
        found[one.attempt.id] = one
    return list(found.values())
