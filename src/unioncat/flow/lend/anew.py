"""Placing a request again, private notes, and the one door to who a reader is.

Every look of staff through that door is logged.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from unioncat.domain.lending import (
    Note,
    ReaderRef,
    Request,
    Side,
    Step,
)
from unioncat.domain.people import Right
from unioncat.flow.lend import asking, requester
from unioncat.flow.lend.acting import may_touch
from unioncat.flow.lend.turn import Actor, Turn
from unioncat.flow.services import Services
from unioncat.lending.asking import Asking
from unioncat.store import lending_events, lending_requests, lending_supplies
from unioncat.store.errors import Conflict, Unknown


async def again(
    services: Services, actor: Actor, subject: UUID, now: datetime, asked: Asking | None = None
) -> Request:
    """Place a request again, changed or as it was; the old one is superseded, and each names the other.

    Raises `Forbidden`, `Unknown`, `NotAllowed`.
    """
    async with services.db.as_service() as conn:
        turn = Turn(services, conn, now, actor)
        old = await lending_requests.read(conn, subject, lock=True)
        await may_touch(turn, old, Step.CANCEL if actor.reader is not None else Step.SUPERSEDE)
        who = await lending_requests.reader(conn, old.id)
        asked = asked or Asking(
            old.wanted,
            old.service,
            old.level,
            old.edition_wish,
            old.pick_up,
            old.needed_by if old.needed_by and old.needed_by >= now.date() else None,
            old.max_cost,
            old.reader_note,
        )
        if asked.reader == ReaderRef() and who is not None:
            asked = replace(asked, reader=who)
        attempt = await lending_supplies.current(conn, old.id, lock=True)
        gone = await requester.move(turn, old, Step.SUPERSEDE, attempt=attempt)
        request = await asking.new(turn, old.home, asked, origin=old.origin, previous=old.id, again=True)
        await lending_requests.link(conn, gone.id, request.id)
        await turn.done("lending.asked-again", request.number, library=old.home, former=old.number)
    return await asking.located(services, turn, request)


async def note(services: Services, actor: Actor, side: Side, subject: UUID, text: str, now: datetime) -> None:
    """Keep a private note of one side. Raises `Forbidden`, `Unknown`, `Conflict`."""
    if not text.strip():
        raise Conflict("the note is empty", "Write something.")
    async with services.db.as_service() as conn:
        turn = Turn(services, conn, now, actor)
        kept = Note(0, side, text.strip()[:4000], actor.name, now, private=True)
        if side is Side.REQUESTER:
            request = await lending_requests.read(conn, subject)
            actor.must(Right.LEND, request.home)
            await lending_events.add_note(conn, kept, request=subject)
        else:
            attempt = await lending_supplies.read(conn, subject)
            party = await turn.known(attempt.supplier)
            actor.must(Right.LEND, party.library)
            await lending_events.add_note(conn, kept, supply=subject)


async def reader_of(services: Services, actor: Actor, subject: UUID, now: datetime) -> ReaderRef | None:
    """Show who a request is for, to staff of its home library; every look is logged. Raises `Forbidden`."""
    async with services.db.as_service() as conn:
        turn = Turn(services, conn, now, actor)
        request = await lending_requests.read(conn, subject)
        if actor.reader is None:
            actor.must(Right.LEND, request.home)
        who = await lending_requests.reader(conn, subject)
        if actor.reader is not None and (who is None or who.account != actor.reader):
            raise Unknown("there is no such request", "Look at the list of your requests.")
        if who is not None and actor.reader is None:
            await turn.done("lending.reader-seen", request.number, library=request.home)
        return who
