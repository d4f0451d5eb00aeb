"""Random walks of both desks on a real database, with messages that are lost: all comes to an end that fits.

The pure walk in tests/properties is longer and goes over XML; this one goes through everything there is.
"""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.flows.test_lending import sound
from tests.support.lending import DESK, World, staff
from unioncat.config import Settings
from unioncat.domain.lending import Attempt, Facts, Request, RequesterState, Side, Step, SupplierState
from unioncat.flow import deliver, lend, lending_timers
from unioncat.flow.services import Services, open_services
from unioncat.lending.machine import allowed
from unioncat.lending.states import ended
from unioncat.store import tables as t
from unioncat.store.errors import Conflict

R, U = RequesterState, SupplierState
NEVER = frozenset({Step.CLOSE, Step.SUPERSEDE, Step.LOCATE, Step.EXHAUST, Step.SEND, Step.ENDORSE})
FACTS = {
    Step.CONDITIONS: Facts(conditions=("LibraryUseOnly",)),
    Step.RETRY_OFFERED: Facts(reason="OnLoan"),
    Step.NOTIFY: Facts(note="chào"),
}
ENDINGS = {
    R.CONDITIONAL: Step.ACCEPT_CONDITIONS,
    R.RETRY_OFFERED: Step.REFUSE_RETRY,
    R.CANCEL_PENDING: Step.CANCEL,
    R.SHIPPED: Step.RECEIVED,
    R.RECEIVED: Step.GIVE_BACK,
    R.ON_LOAN: Step.GIVE_BACK,
    R.RETURNED_BY_READER: Step.SHIP_BACK,
    R.STAFF_REVIEW: Step.REJECT,
    R.LOCAL_REVIEW: Step.NOT_LOCAL,
}
SUPPLIES = {
    U.RECEIVED: Step.ANSWER_WILL_SUPPLY,
    U.CONDITION_SENT: Step.ANSWER_WILL_SUPPLY,
    U.TO_PULL: Step.LOANED,
    U.PULLED_LIST: Step.LOANED,
    U.PICKED: Step.LOANED,
    U.CANCEL_REQUESTED: Step.CANCELLED,
    U.RETURN_IN_TRANSIT: Step.CHECKED_IN,
    U.LOST: Step.SETTLED,
}


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home), url) as opened:
        yield opened


async def lose(world: World, chance: random.Random) -> None:
    """Let a message that waits get lost on its way."""
    async with world.services.db.begin() as conn:
        query = select(t.lending_outbox.c.id).where(t.lending_outbox.c.state == "waiting")
        waiting = [row.id for row in await conn.execute(query.order_by(t.lending_outbox.c.id))]
        if waiting:
            lost = chance.choice(waiting)
            await conn.execute(
                update(t.lending_outbox).where(t.lending_outbox.c.id == lost).values(state="sent")
            )


async def act(world: World, side: Side, one: Request | Attempt, step: Step) -> None:
    library = one.home if isinstance(one, Request) else one.supplier.partition(":")[2]
    try:
        await lend.step(
            world.services,
            staff(library),
            side,
            one.id,
            step,
            world.now,
            FACTS.get(step),
            why="thử",
        )
    except Conflict:
        assert step in (Step.UNDO, Step.STRAY_BACK, Step.APPROVE, Step.NOTIFY)


async def wander(world: World, request: Request, chance: random.Random) -> None:
    world.now += timedelta(hours=chance.randint(1, 60))
    request = await world.request(request.id)
    moves: list[tuple[Side, Request | Attempt, Step]] = [
        (Side.REQUESTER, request, step)
        for step in (*allowed(Side.REQUESTER, request.state, request.flags), Step.UNDO)
        if step not in NEVER
    ]
    for attempt in await world.attempts(request):
        if attempt.supplier_state is not None:
            steps = allowed(Side.SUPPLIER, attempt.supplier_state, attempt.supplier_flags)
            moves += [(Side.SUPPLIER, attempt, step) for step in (*steps, Step.UNDO) if step not in NEVER]
    dice = chance.random()
    if dice < 0.45 and moves:
        await act(world, *chance.choice(moves))
    elif dice < 0.85:
        await world.carry()
    elif dice < 0.93:
        await lose(world, chance)
    else:
        await lending_timers.run(world.services, world.now)


async def settle(world: World, request: Request) -> Request:
    for _ in range(40):
        request = await world.deliver(request)
        attempts = await world.attempts(request)
        if ended(request.state) and all(
            one.supplier_state is None or ended(one.supplier_state) for one in attempts
        ):
            return request
        world.later(days=1)
        for attempt in attempts:
            step = SUPPLIES.get(attempt.supplier_state) if attempt.supplier_state else None
            if step is None and attempt.supplier_state in (U.SHIPPED, U.WITH_REQUESTER) and not attempt.open:
                step = Step.CHECKED_IN
            if step is not None:
                await act(world, Side.SUPPLIER, attempt, step)
        request = await world.deliver(request)
        if not ended(request.state):
            step = ENDINGS.get(request.state)
            if request.state is R.CANCEL_PENDING and not any(one.supplier_state for one in attempts):
                step = Step.STATUS_REQUEST
            asked = Step.STATUS_REQUEST in allowed(Side.REQUESTER, request.state, request.flags)
            step = step or (Step.STATUS_REQUEST if asked else None)
            if step is not None:
                await act(world, Side.REQUESTER, request, step)
        if request.state is R.SENT:
            world.later(days=10)
            await lending_timers.run(world.services, world.now)
    pytest.fail(f"no end: {request.state}, {[one.supplier_state for one in await world.attempts(request)]}")


@pytest.mark.parametrize("seed", range(3))
async def test_a_walk_of_both_desks_comes_to_an_end(services: Services, seed: int) -> None:
    world = await World.begin(services)
    chance = random.Random(seed)
    request = await world.ask()
    for _ in range(25):
        await wander(world, request, chance)
        await sound(world, request)
    request = await settle(world, request)
    await sound(world, request)
    await deliver.deliver(world.services, DESK, world.now)
