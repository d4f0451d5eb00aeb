"""What the clock does in lending: time to answer, days of need, due dates, reminders, privacy.

Each thing happens once: rows are taken so that several workers share them, and what is done is found no more.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID

from unioncat.domain.lending import (
    Attempt,
    Facts,
    Request,
    RequesterState,
    Side,
    State,
    Step,
    SupplierState,
)
from unioncat.domain.worklists import ESCALATED
from unioncat.flow.lend import acting
from unioncat.flow.lend.locating import wake
from unioncat.flow.lend.turn import CLOCK, LOCATE, Turn
from unioncat.flow.services import Services
from unioncat.lending.calendar import day_of
from unioncat.lending.deadlines import DEADLINES
from unioncat.lending.machine import NotAllowed, allowed
from unioncat.lending.supplier import OUT
from unioncat.lending.tables import By
from unioncat.store import jobs, lending_links, lending_requests, lending_supplies, lending_timers
from unioncat.store.database import Connection
from unioncat.store.errors import StoreError
from unioncat.telemetry import logger

JOB = "lending-timers"
BATCH = 200
"""Rows in one transaction."""
DUE_SOON = timedelta(days=3)
"""So long before the due date readers are told."""
AGAIN_OVERDUE = timedelta(days=7)
STUCK = timedelta(minutes=5)
WITH_READER = frozenset({RequesterState.RECEIVED, RequesterState.ON_LOAN})
MAY_BE_LATE = frozenset({RequesterState.SHIPPED, *WITH_READER})
log = logger(__name__)


@dataclass
class Done:
    """What one run did, by number."""

    steps: int = 0
    expired: int = 0
    overdue: int = 0
    reminders: int = 0
    letters: int = 0
    readers: int = 0
    stuck: int = 0
    failed: int = 0

    def __bool__(self) -> bool:
        """Whether anything was done at all."""
        return any(getattr(self, one.name) for one in fields(self))


async def run(services: Services, now: datetime) -> Done:
    """Do all that is due at a moment."""
    done = Done()
    await _steps(services, now, done)
    await _expire(services, now, done)
    await _overdue(services, now, done)
    await _remind(services, now, done)
    await _forget(services, now, done)
    await wake(services)
    return done


def _with_step(side: Side) -> Mapping[State, Step]:
    return {state: one.step for state, one in DEADLINES[side].items() if one.step is not None}


Take = Callable[[Connection], Awaitable[list[Request] | list[Attempt]]]


async def _batches(
    services: Services, now: datetime, done: Done, take: Take, steps: Callable[[State], Step]
) -> int:
    """Take rows until there are none, and do each one's step; what fails is left for tomorrow, and logged."""
    count = 0
    left: set[UUID] = set()
    while True:
        async with services.db.as_service() as conn:
            turn = Turn(services, conn, now, CLOCK, many=True)
            rows = [one for one in await take(conn) if one.id not in left]
            requests = [one for one in rows if isinstance(one, Request)]
            attempts = (
                await lending_supplies.current_of(conn, [one.id for one in requests]) if requests else {}
            )
            for one in rows:
                left.add(one.id)
                count += await _one(turn, one, attempts.get(one.id), steps, done)
            await turn.ledger.write(conn, now)
            await turn.queue_locating()
        if len(rows) < BATCH:
            return count


async def _one(
    turn: Turn, one: Request | Attempt, attempt: Attempt | None, steps: Callable[[State], Step], done: Done
) -> bool:
    side = Side.REQUESTER if isinstance(one, Request) else Side.SUPPLIER
    mark, waiting = turn.ledger.mark(), len(turn.locate)
    try:
        if isinstance(one, Request):
            await acting.act(turn, one, steps(one.state), Facts(), "", attempt=attempt)
        else:
            await acting.supply(turn, one, steps(one.supplier_state or SupplierState.RECEIVED), Facts(), "")
    except (StoreError, NotAllowed) as error:
        turn.ledger.back_to(mark)
        del turn.locate[waiting:]
        done.failed += 1
        log.error("lending: the clock could not do a step", subject=str(one.id), error=str(error))
        await lending_timers.put_off(turn.conn, side, one.id, turn.now + timedelta(days=1))
        return False
    return True


async def _steps(services: Services, now: datetime, done: Done) -> None:
    """States that have lasted too long."""
    mine, theirs = _with_step(Side.REQUESTER), _with_step(Side.SUPPLIER)

    async def requests(conn: Connection) -> list[Request]:
        return await lending_timers.late_requests(conn, now, [str(one) for one in mine], BATCH)

    async def supplies(conn: Connection) -> list[Attempt]:
        return await lending_timers.late_supplies(conn, now, [str(one) for one in theirs], BATCH)

    done.steps += await _batches(services, now, done, requests, lambda state: mine[state])
    done.steps += await _batches(services, now, done, supplies, lambda state: theirs[state])


async def _expire(services: Services, now: datetime, done: Done) -> None:
    """Requests that nobody needs any more."""
    states = [
        str(state) for state in RequesterState if Step.EXPIRE in allowed(Side.REQUESTER, state, by=By.CLOCK)
    ]

    async def requests(conn: Connection) -> list[Request]:
        return await lending_timers.past_needed(conn, day_of(now), states, BATCH)

    done.expired += await _batches(services, now, done, requests, lambda _: Step.EXPIRE)


async def _overdue(services: Services, now: datetime, done: Done) -> None:
    """Loans past their due date, at both libraries; letters to readers before it and after it."""
    mine, theirs = [str(one) for one in MAY_BE_LATE], [str(one) for one in OUT]

    async def requests(conn: Connection) -> list[Request]:
        return await lending_timers.overdue_requests(conn, now, mine, BATCH)

    async def supplies(conn: Connection) -> list[Attempt]:
        return await lending_timers.overdue_supplies(conn, now, theirs, BATCH)

    done.overdue += await _batches(services, now, done, requests, lambda _: Step.OVERDUE)
    done.overdue += await _batches(services, now, done, supplies, lambda _: Step.OVERDUE)
    with_reader = [str(one) for one in WITH_READER]
    async with services.db.as_service() as conn:
        done.letters += await lending_timers.letters_before_due(conn, now, DUE_SOON, with_reader)
        done.letters += await lending_timers.letters_overdue(conn, now, AGAIN_OVERDUE, with_reader)


async def _remind(services: Services, now: datetime, done: Done) -> None:
    """Desks that have let something lie."""
    for side, deadlines in DEADLINES.items():
        waits: dict[int, list[str]] = {}
        for state, one in deadlines.items():
            if one.step is None:
                waits.setdefault(one.again, []).append(str(state))
        for days, states in waits.items():
            async with services.db.as_service() as conn:
                every = timedelta(days=days)
                done.reminders += await lending_timers.remind(conn, side, now, states, every, ESCALATED)


async def _forget(services: Services, now: datetime, done: Done) -> None:
    """Readers of requests that ended long ago, links that have lapsed, what was sent; and what got stuck."""
    while True:
        async with services.db.as_service() as conn:
            days = services.settings.lending_keep_reader_days
            gone = await lending_requests.forget_readers(conn, now, days)
            done.readers += gone
        if not gone:
            break
    async with services.db.as_service() as conn:
        await lending_links.tidy(conn, now)
        await lending_timers.tidy(conn, now)
        for number in await lending_timers.stuck(conn, now - STUCK):
            done.stuck += await jobs.enqueue(conn, LOCATE, str(number))
