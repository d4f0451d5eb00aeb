"""Lending on a real database: from the reader's wish to the book's return, between libraries of one federation."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.lending import World
from unioncat.config import Settings
from unioncat.domain.lending import Flag, Request, RequesterState, Side, Step, SupplierState
from unioncat.flow.services import Services, open_services
from unioncat.lending.facts import fold_loan
from unioncat.lending.machine import consistent, fold

R, U = RequesterState, SupplierState


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home), url) as opened:
        yield opened


@pytest.fixture
async def world(services: Services) -> World:
    return await World.begin(services)


async def sound(world: World, request: Request) -> None:
    """States are the folds of their events, on both sides."""
    request = await world.request(request.id)
    events = await world.events(request)
    assert consistent(Side.REQUESTER, events)
    standing = fold(Side.REQUESTER, events)
    assert (standing.state, standing.flags) == (request.state, request.flags)
    assert [event.seq for event in events] == list(range(1, request.version + 1))
    for attempt in await world.attempts(request):
        theirs = await world.events(attempt)
        if attempt.supplier_state is not None:
            standing = fold(Side.SUPPLIER, theirs)
            assert (standing.state, standing.flags) == (attempt.supplier_state, attempt.supplier_flags)
            assert fold_loan(theirs) == attempt.loan


async def test_from_the_wish_to_the_books_return(world: World) -> None:
    request = await world.ask()
    assert request.number == "YC-2026-000001"
    assert request.state is R.SENT
    (attempt,) = await world.attempts(request)
    assert attempt.supplier == "unioncat:near"
    assert attempt.supplier_state is U.RECEIVED
    attempt = await world.supply(attempt, Step.ANSWER_WILL_SUPPLY)
    assert (await world.request(request.id)).state is R.WILL_SUPPLY
    attempt = await world.supply(attempt, Step.PRINT_SLIP)
    attempt = await world.supply(attempt, Step.PICK, items=("B1",))
    attempt = await world.supply(attempt, Step.LOANED, items=("B1",))
    request = await world.request(request.id)
    assert request.state is R.SHIPPED
    assert request.loan.items == ("B1",)
    assert request.loan.due == attempt.loan.due
    request = await world.borrow(request, Step.RECEIVED)
    assert (await world.attempt(attempt.id)).supplier_state is U.WITH_REQUESTER
    request = await world.borrow(request, Step.LEND_OUT)
    world.later(days=3)
    request = await world.borrow(request, Step.RENEW)
    assert request.flags == {Flag.RENEW_PENDING}
    attempt = await world.supply(attempt, Step.RENEWED)
    request = await world.request(request.id)
    assert request.flags == frozenset()
    assert request.loan.renewals == attempt.loan.renewals == 1
    assert request.loan.due == attempt.loan.due
    request = await world.borrow(request, Step.GIVE_BACK)
    request = await world.borrow(request, Step.SHIP_BACK)
    attempt = await world.attempt(attempt.id)
    assert attempt.supplier_state is U.RETURN_IN_TRANSIT
    attempt = await world.supply(attempt, Step.CHECKED_IN)
    assert attempt.supplier_state is U.COMPLETED
    request = await world.request(request.id)
    assert request.state is R.COMPLETED
    assert request.closed is not None
    await sound(world, request)
