"""A new request: written down, checked, and sent on its way or put before staff.

A reader's request always starts at a home library, the one that issued the card (Decree 93/2020).
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from unioncat.domain.lending import Facts, ReaderRef, Request, Step
from unioncat.domain.people import Right
from unioncat.flow import locate as rotas
from unioncat.flow.lend import requester
from unioncat.flow.lend.checks import check
from unioncat.flow.lend.locating import locate, wake
from unioncat.flow.lend.turn import Actor, Turn
from unioncat.flow.services import Services
from unioncat.lending.asking import Asking
from unioncat.lending.calendar import day_of
from unioncat.lending.same import same_key
from unioncat.store import clusters, lending_requests, libraries
from unioncat.store.errors import Conflict, Unknown


async def ask(
    services: Services,
    actor: Actor,
    home: str,
    asked: Asking,
    now: datetime,
    *,
    origin: str = "page",
    previous: UUID | None = None,
) -> Request:
    """Place a request at a home library, by a reader for himself or by staff for somebody.

    Raises `Forbidden`, `Unknown` for a library that is not there, `Conflict` for a date that has passed.
    """
    by_staff = actor.reader is None
    actor.must(Right.LEND if by_staff else Right.BORROW, home)
    if asked.needed_by is not None and asked.needed_by < day_of(now):
        raise Conflict("the day by which it is needed has passed", "Give a later day, or none.")
    async with services.db.as_service() as conn:
        turn = Turn(services, conn, now, actor)
        request = await new(turn, home, asked, origin=origin, previous=previous)
        await turn.done("lending.asked", request.number, library=home)
    return await located(services, turn, request)


async def new(
    turn: Turn, home: str, asked: Asking, *, origin: str, previous: UUID | None = None, again: bool = False
) -> Request:
    """Write a request down, submit it and check it."""
    actor = turn.actor
    who = asked.reader
    if actor.reader is not None:
        person = actor.person.account if actor.person else None
        who = replace(who, account=actor.reader, name=who.name or (person.name if person else ""))
        who = replace(who, email=who.email or (person.email if person else ""))
    if asked.pick_up and asked.pick_up != home:
        await _must_be_branch(turn, home, asked.pick_up)
    wanted = asked.wanted
    if wanted.union_id and not await _may_know(turn, home, wanted.union_id):
        wanted = replace(wanted, union_id=None)
    request = Request(
        id=uuid4(),
        number=await lending_requests.next_number(turn.conn, day_of(turn.now).year),
        home=home,
        wanted=wanted,
        service=asked.service,
        level=asked.level,
        edition_wish=asked.edition_wish,
        pick_up=asked.pick_up if asked.pick_up != home else None,
        needed_by=asked.needed_by,
        max_cost=asked.max_cost,
        reader_note=asked.note,
        reader=None if who == ReaderRef() else who,
        origin=origin,
        made_by=actor.name,
        previous=previous,
        created=turn.now,
        changed=turn.now,
    )
    await lending_requests.add(turn.conn, request, same_key(request.wanted, request.service))
    request = await requester.move(turn, request, Step.SUBMIT)
    return await checked(turn, request, again=again)


async def _must_be_branch(turn: Turn, home: str, pick_up: str) -> None:
    """Let readers fetch things at the home library and its branches. Raises `Unknown` for all else alike."""
    viewer = await rotas.viewer_of(turn.conn, home)
    every = await libraries.libraries(turn.conn, viewer)
    if pick_up not in rotas.own_branches(home, every, day_of(turn.now)):
        raise Unknown(f"there is no branch {pick_up!r}", "Choose the home library or one of its branches.")


async def _may_know(turn: Turn, home: str, union_id: str) -> bool:
    """Tell whether a library may see a union record; ids of hidden ones are dropped like those of none."""
    viewer = await rotas.viewer_of(turn.conn, home)
    return await clusters.resolve(turn.conn, viewer, union_id) is not None


async def checked(turn: Turn, request: Request, *, again: bool = False) -> Request:
    """Run the checks on a submitted request, and do what they say."""
    by_staff = turn.actor.reader is None and not turn.actor.automatic
    verdict = await check(turn, request, by_staff=by_staff, again=again)
    more = {"about": verdict.about} if verdict.about else None
    return await requester.move(turn, request, verdict.step, Facts(reason=verdict.reason), more=more)


async def located(services: Services, turn: Turn, request: Request) -> Request:
    """After the transaction: find a library at once, and have sent what waits; the queue would do both."""
    for number in dict.fromkeys(turn.locate):
        found = await locate(services, number, turn.now)
        if number == request.id:
            request = found
    await wake(services)
    return request
