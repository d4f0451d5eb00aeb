"""Lending on a real database: from the wish to the book's return, between libraries of one federation."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.support.lending import World, somebody, staff
from tests.support.people import add
from unioncat.config import Settings
from unioncat.domain.lending import (
    Attempt,
    Flag,
    Money,
    ReaderRef,
    Request,
    RequesterState,
    Side,
    Step,
    SupplierState,
    Wanted,
)
from unioncat.domain.lending_member import LendingMember
from unioncat.domain.people import Account, Grant, Role
from unioncat.flow import audit, desk, lend, lending_timers
from unioncat.flow.services import Services, open_services
from unioncat.lending.asking import Asking
from unioncat.lending.facts import fold_loan
from unioncat.lending.machine import fold
from unioncat.store import agreements, lending_events, lending_parties, tables
from unioncat.store.errors import Conflict, Unknown

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
    assert [event.before for event in events[1:]] == [event.after for event in events[:-1]]
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


def account(number: int, library: str) -> Account:
    return Account(number, f"reader-{number}@{library}.vn", "Lan", True, (Grant(Role.READER, library),))


async def lent(world: World, **facts: object) -> tuple[Request, Attempt]:
    """A request whose thing is with the reader, and its supply."""
    request = await world.ask(**facts)
    attempt = (await world.attempts(request))[-1]
    attempt = await world.supply(attempt, Step.ANSWER_WILL_SUPPLY)
    attempt = await world.supply(attempt, Step.LOANED, items=("B1",))
    request = await world.borrow(await world.request(request.id), Step.RECEIVED)
    request = await world.borrow(request, Step.LEND_OUT)
    return request, await world.attempt(attempt.id)


async def test_the_next_is_asked_when_one_says_no_and_a_late_answer_moves_nothing(world: World) -> None:
    request = await world.ask()
    (near,) = await world.attempts(request)
    world.later(days=8)
    done = await lending_timers.run(world.services, world.now)
    assert done.steps == 1
    request = await world.deliver(request)
    assert request.state is R.SENT
    near, region = await world.attempts(request)
    assert (near.open, region.open) == (False, True)
    assert near.supplier_state is U.CANCELLED, "nothing was done yet: the cancel is agreed to at once"
    assert near.protocol_id != region.protocol_id
    assert len(near.protocol_id.rpartition("-")[2]) == 12
    await world.supply(region, Step.UNFILLED, reason="NotOnShelf")
    request = await world.request(request.id)
    assert (request.state, request.reason) == (R.UNFILLED, "nobody_left")
    await sound(world, request)


async def test_what_a_former_supplier_sends_after_all_is_marked_and_sent_back(world: World) -> None:
    request = await world.ask()
    (near,) = await world.attempts(request)
    near = await world.supply(near, Step.ANSWER_WILL_SUPPLY)
    near = await world.supply(near, Step.PICK)
    await world.borrow(await world.request(request.id), Step.CANCEL, why="mua được rồi")
    near = await world.attempt(near.id)
    assert near.supplier_state is U.CANCEL_REQUESTED
    request = await world.request(request.id)
    assert request.state is R.CANCEL_PENDING
    near = await world.supply(near, Step.CANCEL_REFUSED)
    request = await world.request(request.id)
    assert request.state is R.WILL_SUPPLY, "a refused cancel gives the former state back"
    again = await lend.again(world.services, staff("home"), request.id, world.now)
    request = await world.deliver(request)
    assert request.state is R.SUPERSEDED
    assert request.successor == again.id
    assert again.previous == request.id
    near = await world.attempt(near.id)
    await world.supply(near, Step.LOANED)
    request, near = await world.request(request.id), await world.attempt(near.id)
    assert request.state is R.SUPERSEDED
    assert near.stray
    assert (await world.events(request))[-1].step is Step.LATE
    await world.borrow(request, Step.STRAY_BACK)
    near = await world.attempt(near.id)
    assert near.supplier_state is U.RETURN_IN_TRANSIT
    await world.supply(near, Step.CHECKED_IN)
    assert not (await world.attempt(near.id)).stray
    await sound(world, request)


async def test_conditions_are_put_and_accepted(world: World) -> None:
    request = await world.ask()
    (near,) = await world.attempts(request)
    with pytest.raises(Conflict, match="no condition"):
        await world.supply(near, Step.CONDITIONS)
    near = await world.supply(near, Step.CONDITIONS, conditions=("LibraryUseOnly",))
    request = await world.request(request.id)
    assert request.state is R.CONDITIONAL
    assert request.loan.conditions == ("LibraryUseOnly",)
    request = await world.borrow(request, Step.ACCEPT_CONDITIONS)
    assert request.state is R.WILL_SUPPLY
    assert (await world.attempt(near.id)).supplier_state is U.TO_PULL
    await sound(world, request)


async def test_a_retry_that_is_accepted_is_a_new_attempt_on_the_terms_offered(world: World) -> None:
    request = await world.ask(max_cost=Money(Decimal(5000)))
    (near,) = await world.attempts(request)
    cost = Money(Decimal(30000))
    await world.supply(near, Step.RETRY_OFFERED, reason="CostExceedsMaxCost", cost=cost)
    request = await world.request(request.id)
    assert request.state is R.RETRY_OFFERED
    request = await world.borrow(request, Step.ACCEPT_RETRY)
    near, again = await world.attempts(request)
    assert (near.supplier_state, again.supplier_state) == (U.RETRY_SENT, U.RECEIVED)
    assert again.retry_of == near.id
    assert again.max_cost == cost
    assert (request.attempt, again.open, near.open) == (2, True, False)
    await sound(world, request)


async def test_overdue_recall_loss_and_payment(world: World) -> None:
    request, attempt = await lent(world)
    world.later(days=20)
    await lending_timers.run(world.services, world.now)
    again = await lending_timers.run(world.services, world.now)
    assert again.overdue == again.letters == 0, "once each"
    request, attempt = await world.deliver(request), await world.attempt(attempt.id)
    assert Flag.OVERDUE in request.flags
    assert Flag.OVERDUE in attempt.supplier_flags
    attempt = await world.supply(attempt, Step.RECALL)
    request = await world.request(request.id)
    assert request.flags == {Flag.OVERDUE, Flag.RECALLED}
    request = await world.borrow(request, Step.LOST, why="ướt mưa")
    attempt = await world.attempt(attempt.id)
    assert attempt.supplier_state is U.LOST
    attempt = await world.supply(attempt, Step.SETTLED, cost=Money(Decimal(150000)))
    request = await world.request(request.id)
    assert request.state is R.COMPLETED_WITHOUT_RETURN
    assert request.loan.cost == attempt.loan.cost == Money(Decimal(150000))
    request = await world.borrow(request, Step.SHIP_BACK)
    await world.supply(attempt, Step.CHECKED_IN)
    assert (await world.request(request.id)).state is R.COMPLETED, "it was found after all"


async def test_an_undo_takes_back_what_sent_nothing(world: World) -> None:
    request = await world.ask()
    (near,) = await world.attempts(request)
    near = await world.supply(near, Step.ANSWER_WILL_SUPPLY)
    with pytest.raises(Conflict, match="left the house"):
        await world.supply(near, Step.UNDO)
    near = await world.supply(near, Step.PRINT_SLIP)
    near = await world.supply(near, Step.PICK)
    near = await world.supply(near, Step.UNDO)
    assert near.supplier_state is U.PULLED_LIST
    near = await world.supply(near, Step.UNDO)
    assert near.supplier_state is U.TO_PULL
    await sound(world, request)
    request, _ = await lent(world, wanted=world.wanted(volume="2"))
    request = await world.borrow(request, Step.UNDO)
    assert request.state is R.RECEIVED
    await sound(world, request)


async def test_who_may_do_what(world: World) -> None:
    request = await world.ask()
    (near,) = await world.attempts(request)
    with pytest.raises(lend.Forbidden):
        await world.borrow(request, Step.CANCEL, actor=staff("near"))
    with pytest.raises(lend.Forbidden):
        await world.supply(near, Step.UNFILLED, actor=staff("home"))
    with pytest.raises(lend.Forbidden):
        await world.borrow(request, Step.CLOSE, why="treo")
    admin = lend.staff(somebody("home", Role.LIBRARY_ADMIN))
    with pytest.raises(Conflict, match="reason"):
        await world.borrow(request, Step.CLOSE, actor=admin)
    request = await world.borrow(request, Step.CLOSE, actor=admin, why="treo")
    assert request.state is R.CLOSED_MANUALLY
    with pytest.raises(lend.Forbidden):
        await world.supply(near, Step.UNFILLED, actor=lend.link("region"))
    await world.supply(near, Step.UNFILLED, actor=lend.link("near"))
    with pytest.raises(lend.NotAllowed):
        await world.supply(near, Step.LOANED)


async def test_readers_ask_follow_and_cancel_their_own_and_nobody_elses(world: World) -> None:
    services = world.services
    number = await add(services, "doc@example.vn", Role.READER, "home")
    mine = lend.reader(replace(somebody("home", Role.READER), account=account(number, "home")))
    other = lend.reader(somebody("home", Role.READER, number + 1))
    request = await world.ask(actor=mine)
    assert request.state is R.STAFF_REVIEW, "staff look at it first"
    assert request.made_by == "reader"
    with pytest.raises(Unknown):
        await world.borrow(request, Step.CANCEL, actor=other)
    with pytest.raises(lend.Forbidden):
        await world.borrow(request, Step.APPROVE, actor=mine)
    twin = await world.ask(actor=mine)
    assert twin.state is R.DUPLICATE_REVIEW
    for volume in "23":
        last = await world.ask(actor=mine, wanted=world.wanted(volume=volume))
    assert last.state is R.OVER_LIMIT
    request = await world.borrow(request, Step.CANCEL, actor=mine, why="con tôi ốm")
    assert request.state is R.CANCELLED
    assert (await world.request(last.id)).state is not R.OVER_LIMIT, "one that ended makes place"
    with pytest.raises(lend.Forbidden):
        await lend.ask(services, mine, "near", Asking(world.wanted()), world.now)
    events = await world.events(request)
    assert {event.actor for event in events} <= {"reader", "unioncat"}
    assert "con tôi ốm" in [event.why for event in events]
    world.later(days=91)
    await lending_timers.run(services, world.now)
    assert {event.why for event in await world.events(request)} == {""}, "a reader's own words go too"


async def test_looks_at_a_readers_data_are_logged_and_they_go_after_a_time(world: World) -> None:
    who = ReaderRef(name="Nguyễn Thị Mẫu", card="T-1", email="mau@example.vn")
    request = await world.ask(reader=who, note="cho lớp 5A")
    (near,) = await world.attempts(request)
    async with world.services.db.begin() as conn:
        waiting = [row.body for row in await conn.execute(select(tables.lending_outbox))]
    assert "Mẫu" not in str(waiting), "the lender learns nothing of the reader"
    assert "5A" not in str(near)
    assert await lend.reader_of(world.services, staff("home"), request.id, world.now) == who
    with pytest.raises(lend.Forbidden):
        await lend.reader_of(world.services, staff("near"), request.id, world.now)
    seen = await audit.entries(world.services, audit.Wanted(action="lending.reader-seen"))
    assert [entry.subject for entry in seen] == [request.number]
    await world.borrow(request, Step.CANCEL)
    await world.carry()
    world.later(days=89)
    assert (await lending_timers.run(world.services, world.now)).readers == 0
    world.later(days=2)
    assert (await lending_timers.run(world.services, world.now)).readers == 1
    assert await lend.reader_of(world.services, staff("home"), request.id, world.now) is None
    assert (await world.request(request.id)).reader_note == ""


async def test_two_people_approve_where_the_library_wants_it(world: World) -> None:
    async with world.services.db.begin() as conn:
        await lending_parties.save_member(conn, LendingMember("home", two_approvals=True))
    request = await world.ask(wanted=Wanted("Sách không có biểu ghi"))
    assert request.state is R.STAFF_REVIEW
    request = await world.borrow(request, Step.APPROVE)
    assert request.state is R.STAFF_REVIEW
    with pytest.raises(Conflict, match="approved it already"):
        await world.borrow(request, Step.APPROVE)
    request = await world.borrow(request, Step.APPROVE, actor=staff("home", 2))
    assert (request.state, request.reason) == (R.STAFF_REVIEW, "nobody_known"), "no record: staff choose"
    request = await world.borrow(request, Step.SEND, supplier="far")
    assert request.state is R.SENT


async def test_ones_own_copy_comes_first(services: Services) -> None:
    world = await World.begin(services, "home", "near")
    request = await world.ask()
    assert request.state is R.LOCAL_REVIEW
    request = await world.borrow(request, Step.NOT_LOCAL)
    assert request.state is R.SENT
    assert [one.supplier for one in await world.attempts(request)] == ["unioncat:near"]


async def test_what_is_kept_from_a_library_is_neither_asked_nor_hinted_at(services: Services) -> None:
    world = await World.begin(services, "closed", audience=1)
    request = await world.ask()
    assert (request.state, request.reason) == (R.STAFF_REVIEW, "no_record"), "as for an id that there is not"
    told = [event.data for event in await world.events(request)]
    assert "closed" not in str(told)
    wished = await world.ask(wanted=Wanted("Sách khác"))
    with pytest.raises(Unknown, match="there is no library 'closed'"):
        await world.borrow(wished, Step.SEND, supplier="closed")
    with pytest.raises(Unknown, match="there is no library 'nowhere'"):
        await world.borrow(wished, Step.SEND, supplier="nowhere")


async def test_what_is_needed_no_more_is_called_off(world: World) -> None:
    request = await world.ask(needed_by=date(2026, 3, 12))
    (near,) = await world.attempts(request)
    world.later(days=2)
    done = await lending_timers.run(world.services, world.now)
    assert done.expired == 1
    request = await world.deliver(request)
    assert request.state is R.CANCELLED
    assert (await world.attempt(near.id)).supplier_state is U.CANCELLED
    assert not await lending_timers.run(world.services, world.now)


async def test_desks_are_reminded_every_so_often_and_once_each(world: World) -> None:
    request = await world.ask()
    (near,) = await world.attempts(request)
    near = await world.supply(near, Step.ANSWER_WILL_SUPPLY)
    world.later(days=9)
    runs = await asyncio.gather(*(lending_timers.run(world.services, world.now) for _ in range(3)))
    assert sum(one.reminders for one in runs) == 2, "the lender that does not send, and the one that waits"
    world.later(days=1)
    assert (await lending_timers.run(world.services, world.now)).reminders == 0
    world.later(days=3)
    assert (await lending_timers.run(world.services, world.now)).reminders == 2


async def test_several_workers_do_each_thing_once(world: World) -> None:
    requests = [await world.ask(wanted=world.wanted(volume=str(number))) for number in range(8)]
    world.later(days=8)
    runs = await asyncio.gather(*(lending_timers.run(world.services, world.now) for _ in range(4)))
    assert sum(one.steps for one in runs) == len(requests)
    for request in requests:
        events = await world.events(await world.request(request.id))
        assert [event.step for event in events].count(Step.NO_ANSWER) == 1


async def test_a_step_on_what_has_changed_is_refused(world: World) -> None:
    request = await world.ask()
    await world.borrow(request, Step.STATUS_REQUEST)
    with pytest.raises(Conflict, match="changed since"):
        await lend.step(
            world.services,
            staff("home"),
            Side.REQUESTER,
            request.id,
            Step.CANCEL,
            world.now,
            version=request.version,
        )


async def test_messages_between_libraries_and_private_notes(world: World) -> None:
    request = await world.ask()
    (near,) = await world.attempts(request)
    await world.borrow(request, Step.NOTIFY, note="Cần bìa cứng, nếu có")
    await world.supply(near, Step.NOTIFY, note="Có bìa cứng")
    await lend.note(world.services, staff("near"), Side.SUPPLIER, near.id, "kệ trên", world.now)
    async with world.services.db.begin() as conn:
        theirs = await lending_events.notes(conn, Side.SUPPLIER, near.id)
        mine = await lending_events.notes(conn, Side.REQUESTER, request.id)
    assert [(one.text, one.incoming, one.private) for one in theirs] == [
        ("Cần bìa cứng, nếu có", True, False),
        ("Có bìa cứng", False, False),
        ("kệ trên", False, True),
    ]
    assert [(one.text, one.incoming) for one in mine] == [
        ("Cần bìa cứng, nếu có", False),
        ("Có bìa cứng", True),
    ]


async def test_things_are_fetched_at_the_home_library_or_a_branch_of_it(world: World) -> None:
    for place in ("near", "closed", "nowhere"):
        with pytest.raises(Unknown, match=f"there is no branch '{place}'"):
            await world.ask(pick_up=place)
    assert (await world.ask(pick_up="home")).pick_up is None


async def test_the_barcode_of_what_was_fetched_travels_with_it(world: World) -> None:
    request = await world.ask()
    (attempt,) = await world.attempts(request)
    for step, facts in (
        (Step.ANSWER_WILL_SUPPLY, {}),
        (Step.PRINT_SLIP, {}),
        (Step.PICK, {"items": ("B7",)}),
        (Step.LOANED, {}),
    ):
        attempt = await world.supply(attempt, step, **facts)
        if step is Step.PICK:
            (held,) = await desk.scanned(world.services, somebody("near"), "near", "B7")
            assert held.items == ("B7",)
    assert (await world.request(request.id)).loan.items == ("B7",)
    for step in (Step.RECEIVED, Step.LEND_OUT):
        request = await world.borrow(request, step)
    for library, subject in (("near", attempt.id), ("home", request.id)):
        (found,) = await desk.scanned(world.services, somebody(library), library, "B7")
        assert found.id == subject
    for step in (Step.GIVE_BACK, Step.SHIP_BACK):
        request = await world.borrow(request, step)
    await world.supply(attempt, Step.CHECKED_IN)
    await sound(world, request)
    ended = await desk.listed(world.services, somebody("home"), "home", "history-requester", world.now)
    assert [one.other for one in ended.lines] == ["near"]  # who was asked is said of what has ended, too


async def test_whoever_approves_sees_first_who_would_be_asked(world: World) -> None:
    number = await add(world.services, "doc@example.vn", Role.READER, "home")
    async with world.services.db.as_service() as conn:
        kept = await agreements.policy(conn, "home")
        await agreements.save_policy(conn, replace(kept, mediated=True), "test")
    at_work = replace(somebody("home", Role.READER), account=account(number, "home"))
    request = await world.ask(actor=lend.reader(at_work))
    assert request.state is R.STAFF_REVIEW
    found = await desk.dossier(world.services, somebody("home"), request.id, world.now)
    assert found.located is None
    assert found.foreseen is not None
    first = found.foreseen.rota.entries[0].library
    again = await desk.dossier(world.services, somebody("home"), request.id, world.now)
    assert again.located is None  # nothing was kept
    request = await world.borrow(request, Step.APPROVE)
    assert (await world.attempts(request))[0].supplier == f"unioncat:{first}"
