"""A library that leaves: its open requests and those at its desk end in order; what is lent comes home."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.lending import World, somebody
from unioncat.config import Settings
from unioncat.domain.consignment import Item, Stop
from unioncat.domain.consignment import Kind as ConsignmentKind
from unioncat.domain.consignment import Step as Move
from unioncat.domain.lending import Request, RequesterState, Side, Step, SupplierState
from unioncat.domain.people import Role
from unioncat.flow import audience, audit, consign, lend, lending_timers, locate
from unioncat.flow.consign import Plan
from unioncat.flow.services import Services, open_services
from unioncat.store import consignments
from unioncat.store.errors import Unknown

R, U = RequesterState, SupplierState


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home), url) as opened:
        yield opened


@pytest.fixture
async def world(services: Services) -> World:
    found = await World.begin(services)
    found.now = datetime.now(UTC)  # whoever leaves does it now
    return found


async def asked_of(world: World, request: Request) -> list[str]:
    return [one.supplier.partition(":")[2] for one in await world.attempts(request)]


async def leave(world: World, library: str) -> None:
    await audience.leave(world.services, library, by="Lan", why="closed")
    world.now = datetime.now(UTC)


async def another(world: World, volume: str) -> Request:
    """A request for another volume, which is another thing."""
    return await world.ask(wanted=world.wanted(volume=volume))


async def test_what_waits_at_a_library_that_leaves_goes_on_to_the_next(world: World) -> None:
    unanswered = await world.ask()
    promised = await another(world, "2")
    (attempt,) = await world.attempts(promised)
    await world.supply(attempt, Step.ANSWER_WILL_SUPPLY)
    lent = await another(world, "3")
    (away,) = await world.attempts(lent)
    await world.supply(away, Step.LOANED, items=("B1",))
    lent = await world.borrow(lent, Step.RECEIVED)
    assert [await asked_of(world, one) for one in (unanswered, promised, lent)] == [["near"]] * 3
    await leave(world, "near")
    await world.carry()
    for one in (unanswered, promised):
        assert await asked_of(world, one) == ["near", "region"]
        assert (await world.request(one.id)).state is R.SENT
        former = (await world.attempts(one))[0]
        assert (former.supplier_state, former.open) == (U.UNFILLED, False)
    assert await asked_of(world, lent) == ["near"]
    assert (await world.request(lent.id)).state is R.RECEIVED, "what is lent stays lent"
    lent = await world.borrow(await world.request(lent.id), Step.GIVE_BACK)
    lent = await world.borrow(lent, Step.SHIP_BACK)
    away = await world.attempt(away.id)
    assert away.supplier_state is U.RETURN_IN_TRANSIT
    await lend.step(world.services, lend.RULE, Side.SUPPLIER, away.id, Step.CHECKED_IN, world.now)
    assert (await world.deliver(lent)).state is R.COMPLETED, "until it is home"
    (entry,) = [one for one in await audit.entries(world.services) if one.action == "library.left"]
    assert entry.detail == {"requests": "0", "supplies": "2", "consignments": "0", "why": "closed"}


async def test_what_a_library_that_leaves_asked_for_is_cancelled(world: World) -> None:
    sent = await world.ask()
    on_loan = await another(world, "2")
    (attempt,) = await world.attempts(on_loan)
    await world.supply(attempt, Step.LOANED, items=("B1",))
    on_loan = await world.borrow(on_loan, Step.RECEIVED)
    waiting = await world.ask(wanted=world.wanted(volume="4"))
    (first,) = await world.attempts(waiting)
    await world.supply(first, Step.CONDITIONS, conditions=("LibraryUseOnly",))
    await leave(world, "home")
    for one in (sent, waiting):
        found = await world.request(one.id)
        assert found.state is R.CANCEL_PENDING
        assert (await world.events(one))[-1].why == "the library that asks has left"
    await world.carry()
    for one in (sent, waiting):
        (attempt,) = await world.attempts(one)
        assert attempt.supplier_state is U.CANCELLED, "nothing was promised yet"
        assert (await world.request(one.id)).state is R.CANCELLED
    assert (await world.request(on_loan.id)).state is R.RECEIVED
    (attempt,) = await world.attempts(on_loan)
    await world.supply(attempt, Step.CHECKED_IN)
    assert (await world.request(on_loan.id)).state is R.COMPLETED


async def test_a_library_that_has_left_asks_nobody_any_more(world: World) -> None:
    request = await world.ask()
    (attempt,) = await world.attempts(request)
    await world.supply(attempt, Step.ANSWER_WILL_SUPPLY)
    await leave(world, "home")
    await world.carry()
    await world.supply(attempt, Step.CANCEL_REFUSED)
    assert (await world.request(request.id)).state is R.WILL_SUPPLY
    await world.supply(await world.attempt(attempt.id), Step.UNFILLED, reason="NotOnShelf")
    assert (await world.request(request.id)).state is R.CANCELLED
    assert await asked_of(world, request) == ["near"]
    world.now += timedelta(days=30)
    await lending_timers.run(world.services, world.now)
    assert (await world.request(request.id)).state is R.CANCELLED


async def test_a_list_in_somebodys_order_forgets_a_library_that_left(world: World) -> None:
    request = await world.ask()
    async with world.services.db.begin() as conn:
        await locate.reorder(conn, request, ["near", "nlv", "region"], "gọi điện", "a@b.vn", world.now)
    await leave(world, "nlv")
    async with world.services.db.begin() as conn:
        found = await locate.shown(conn, request.id)
        assert found is not None
        assert "nlv" not in repr(found)
    (attempt,) = await world.attempts(request)
    await world.supply(attempt, Step.UNFILLED, reason="NotOnShelf")
    assert await asked_of(world, request) == ["near", "region"]
    request = await world.request(request.id)
    async with world.services.db.begin() as conn:
        with pytest.raises(Unknown, match="there is no library 'nlv'"):
            await locate.reorder(conn, request, ["nlv"], "thử", "a@b.vn", world.now)


async def test_consignments_of_a_library_that_leaves_end_in_order(world: World) -> None:
    services, books = world.services, (Item("Dế Mèn phiêu lưu ký", 3),)

    async def pack(owner: str, *stops: Stop) -> str:
        plan = Plan(ConsignmentKind.ROTATION, "Sách hè", books, stops)
        return await consign.begin(services, owner, plan, f"{owner}@example.vn", world.now)

    async def state(number: str) -> str:
        return str((await consign.show(services, somebody("home", Role.LENDING), number)).one.state)

    packed = await pack("near", Stop("home", "home"))
    away = await pack("home", Stop("near", "near"), Stop("region", "region"))
    home = somebody("home", Role.LENDING)
    await consign.step(services, home, away, Move.SEND, world.now)
    await leave(world, "near")
    async with services.db.as_service() as conn:
        assert await consignments.packed_by(conn, "near") == []
    with pytest.raises(Unknown):
        await state(packed)
    await consign.step(services, home, away, Move.RECEIVE, world.now)
    shown = await consign.step(services, home, away, Move.SEND_ON, world.now)
    assert (shown.one.place, shown.one.stops[1].library) == (2, "region"), "the way goes on"
    left = [one for one in await audit.entries(services) if one.action == "library.left"]
    assert left[0].detail["consignments"] == "2"
