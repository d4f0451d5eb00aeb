"""What people look at when they lend and borrow: desks, lists, one request with all its facts, one's own.

Whoever may not lend at a library learns nothing of its requests, not even that one is there. Who a reader is,
is told on asking only, and every telling stands in the log.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from unioncat.domain.bib import Holding
from unioncat.domain.lending import (
    Attempt,
    Event,
    Note,
    ReaderRef,
    Request,
    RequesterState,
    Side,
    Step,
)
from unioncat.domain.lending_member import Party
from unioncat.domain.people import Right, SignedIn
from unioncat.domain.worklists import WORKLISTS
from unioncat.flow import audit, locate
from unioncat.flow.locate import Located
from unioncat.flow.services import Services
from unioncat.lending import machine
from unioncat.store import (
    lending_desk,
    lending_events,
    lending_parties,
    lending_requests,
    lending_supplies,
    libraries,
)
from unioncat.store.database import Connection
from unioncat.store.errors import Unknown
from unioncat.store.lending_desk import Line, Search

PAGE = 50
"""Lines on one page of a list."""
BEFORE = frozenset(
    {
        *(RequesterState.STAFF_REVIEW, RequesterState.PATRON_INVALID),
        *(RequesterState.OVER_LIMIT, RequesterState.DUPLICATE_REVIEW),
    }
)
"""States in which somebody decides whether a request leaves."""
CROSSING = ("unread", "late")
HISTORY = {"history-requester": Side.REQUESTER, "history-supplier": Side.SUPPLIER}


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list, and the line that the next page begins behind."""

    lines: tuple[Line, ...]
    after: tuple[datetime, UUID] | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """One request or supply with all that its library's staff may know of it, but who the reader is."""

    side: Side
    library: str
    request: Request | None
    """None on the lending side: what the borrower's own page says is not the lender's."""
    supply: Attempt | None
    """On the borrowing side the present attempt, if one is open."""
    line: Line
    events: tuple[Event, ...]
    notes: tuple[Note, ...]
    steps: tuple[Step, ...]
    undoable: Event | None
    attempts: tuple[Attempt, ...] = ()
    located: Located | None = None
    foreseen: Located | None = None
    """Before it leaves: whom it would be sent to, as things are now."""
    shelf: tuple[Holding, ...] = ()
    parties: Mapping[str, Party] = field(default_factory=dict)
    """Who a symbol means."""
    has_reader: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """One's own request: what a reader may know of it."""

    request: Request
    events: tuple[Event, ...]
    may_cancel: bool
    may_renew: bool


def may_lend(person: SignedIn, library: str) -> None:
    """Let only those pass who lend at a library. Raises `Unknown`, as if it were not there."""
    if not person.may(Right.LEND, library):
        raise Unknown("there is no such lending desk", "Choose a library at which you lend.")


async def _number(conn: Connection, library: str) -> int:
    return await libraries.library_id(conn, library)


async def counts(services: Services, person: SignedIn, library: str, now: datetime) -> Mapping[str, int]:
    """Tell how much lies in each list of a library. Raises `Unknown`."""
    may_lend(person, library)
    async with services.db.as_service() as conn:
        return await lending_desk.counts(conn, await _number(conn, library), now)


async def listed(
    services: Services,
    person: SignedIn,
    library: str,
    name: str,
    now: datetime,
    *,
    search: Search | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = PAGE,
) -> Listed:
    """Give a page of a list. Raises `Unknown`."""
    may_lend(person, library)
    async with services.db.as_service() as conn:
        number = await _number(conn, library)
        if name in WORKLISTS:
            lines = await lending_desk.listed(
                conn, number, WORKLISTS[name], now, search=search, after=after, limit=limit + 1
            )
        elif name in HISTORY:
            lines = await lending_desk.history(
                conn, number, HISTORY[name], search=search, after=after, limit=limit + 1
            )
        elif name in CROSSING:
            return Listed(tuple(await lending_desk.crossing(conn, number, name, now)))
        else:
            raise Unknown(f"there is no list {name!r}", "Choose one of the desk's lists.")
    more = len(lines) > limit
    return Listed(tuple(lines[:limit]), lines[limit - 1].place if more else None)


async def chosen(
    services: Services, person: SignedIn, library: str, side: Side, numbers: Iterable[UUID]
) -> Sequence[Line]:
    """Give the lines of a library with these ids. Raises `Unknown`."""
    may_lend(person, library)
    async with services.db.as_service() as conn:
        return await lending_desk.of_numbers(conn, await _number(conn, library), side, numbers)


async def scanned(services: Services, person: SignedIn, library: str, code: str) -> Sequence[Line]:
    """Give what a scanned code stands on. Raises `Unknown`."""
    may_lend(person, library)
    async with services.db.as_service() as conn:
        return await lending_desk.scanned(conn, await _number(conn, library), code.strip()[:100])


async def place(services: Services, person: SignedIn, number: UUID) -> tuple[Side, str]:
    """Tell whose desk an id belongs to. Raises `Unknown`, also for those who may not know."""
    async with services.db.as_service() as conn:
        found = await lending_desk.side_of(conn, number)
    if found is None or not person.may(Right.LEND, found[1]):
        raise Unknown("there is no such request", "Look it up by its number.")
    return found


async def dossier(services: Services, person: SignedIn, number: UUID, now: datetime) -> Dossier:
    """Give one request or supply with all its facts; messages in it count as read. Raises `Unknown`."""
    side, library = await place(services, person, number)
    async with services.db.as_service() as conn:
        found = await (
            _of_request(conn, library, number, now)
            if side is Side.REQUESTER
            else _of_supply(conn, library, number)
        )
        await lending_events.mark_read(conn, side, number, now)
    return found


async def _of_request(conn: Connection, library: str, number: UUID, now: datetime) -> Dossier:
    side = Side.REQUESTER
    request = await lending_requests.read(conn, number)
    attempts = await lending_supplies.of_request(conn, number)
    events = await lending_events.of(conn, number, side)
    owner = await _number(conn, library)
    located = await locate.shown(conn, number)
    waits = located is None and request.state in BEFORE
    return Dossier(
        side=side,
        library=library,
        request=request,
        supply=next((one for one in reversed(attempts) if one.open), None),
        line=(await lending_desk.of_numbers(conn, owner, side, [number]))[0],
        events=tuple(events),
        notes=tuple(await lending_events.notes(conn, side, number)),
        steps=machine.allowed(side, request.state, request.flags),
        undoable=machine.undoable(events),
        attempts=tuple(attempts),
        located=located,
        foreseen=await locate.foreseen(conn, request, now) if waits else None,
        shelf=await _shelf(conn, owner, request.wanted.union_id),
        parties=await _parties(conn, {one.supplier for one in attempts}),
        has_reader=await lending_requests.reader(conn, number) is not None,
    )


async def _of_supply(conn: Connection, library: str, number: UUID) -> Dossier:
    side = Side.SUPPLIER
    supply = await lending_supplies.read(conn, number)
    events = await lending_events.of(conn, number, side)
    owner = await _number(conn, library)
    state = supply.supplier_state
    assert state is not None  # noqa: S101 - `side_of` gives only those whose lending side is here
    return Dossier(
        side=side,
        library=library,
        request=None,
        supply=supply,
        line=(await lending_desk.of_numbers(conn, owner, side, [number]))[0],
        events=tuple(events),
        notes=tuple(await lending_events.notes(conn, side, number)),
        steps=machine.allowed(side, state, supply.supplier_flags),
        undoable=machine.undoable(events),
        shelf=await _shelf(conn, owner, supply.wanted.union_id),
        parties=await _parties(conn, {supply.requester}),
    )


async def _shelf(conn: Connection, owner: int, union_id: str | None) -> tuple[Holding, ...]:
    if not union_id:
        return ()
    return (await lending_desk.shelves(conn, owner, [union_id])).get(union_id, ())


async def _parties(conn: Connection, symbols: Iterable[str]) -> dict[str, Party]:
    found = {one: await lending_parties.of_symbol(conn, one) for one in sorted(symbols)}
    return {name: one for name, one in found.items() if one is not None}


async def shelves(
    services: Services, person: SignedIn, library: str, lines: Sequence[Line]
) -> Mapping[str, tuple[Holding, ...]]:
    """Tell where a library keeps what lines ask for, by public id. Raises `Unknown`."""
    may_lend(person, library)
    ids = [str(one.wanted["union_id"]) for one in lines if one.wanted.get("union_id")]
    if not ids:
        return {}
    async with services.db.as_service() as conn:
        return await lending_desk.shelves(conn, await _number(conn, library), ids)


async def readers(
    services: Services, person: SignedIn, library: str, numbers: Sequence[UUID], why: str
) -> Mapping[UUID, ReaderRef]:
    """Tell who requests of a library are for; that it was told stands in the log. Raises `Unknown`."""
    may_lend(person, library)
    async with services.db.as_service() as conn:
        lines = await lending_desk.of_numbers(conn, await _number(conn, library), Side.REQUESTER, numbers)
        found = {}
        for one in lines:
            reader = await lending_requests.reader(conn, one.id)
            if reader is not None:
                found[one.id] = await lending_desk.named(conn, reader)
                await audit.write(
                    services, conn, person.account.email, "lending.reader-seen", one.number, {"for": why[:40]}
                )
    return found


async def mine(
    services: Services, person: SignedIn, *, after: tuple[datetime, UUID] | None = None, limit: int = PAGE
) -> Listed:
    """Give a page of one's own requests."""
    async with services.db.as_service() as conn:
        lines = await lending_desk.mine(conn, person.account.id, after=after, limit=limit + 1)
    more = len(lines) > limit
    last = lines[limit - 1] if more else None
    return Listed(tuple(lines[:limit]), (last.created, last.id) if last else None)


async def own(services: Services, person: SignedIn, number: UUID) -> Own:
    """Give one's own request. Raises `Unknown` for anybody else's."""
    async with services.db.as_service() as conn:
        reader = await lending_requests.reader(conn, number)
        if reader is None or reader.account != person.account.id:
            raise Unknown("there is no such request", "See the list of your requests.")
        request = await lending_requests.read(conn, number)
        events = await lending_events.of(conn, number, Side.REQUESTER)
    steps = machine.allowed(Side.REQUESTER, request.state, request.flags)
    return Own(
        request,
        tuple(events),
        may_cancel=Step.CANCEL in steps,
        may_renew=Step.RENEW in steps and request.state == "on_loan",
    )
