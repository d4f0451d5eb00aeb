"""One-time links of lending: what one opens, and the one step that it is good for.

A used, an ended and a false link are told apart by nothing. Looking uses nothing up.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from unioncat.domain.bib import Holding
from unioncat.domain.lending import Attempt, Facts, Flag, Request, Side, State, Step, Wanted
from unioncat.domain.lending_member import Party
from unioncat.flow import lend
from unioncat.flow.letters import new_link
from unioncat.flow.services import Services
from unioncat.lending import machine
from unioncat.lending.forms import BY_LINK, offered
from unioncat.store import lending_desk, lending_links, lending_parties, lending_requests, lending_supplies
from unioncat.store.database import Connection
from unioncat.store.errors import Unknown


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens: who is asked, for what, and the few steps that fit now. It names no reader."""

    side: Side
    subject: UUID
    us: Party
    other: Party | None
    number: str
    wanted: Wanted
    service: str
    state: State
    flags: frozenset[Flag]
    steps: tuple[Step, ...]
    due: datetime | None
    about: Request | Attempt
    expires: datetime
    shelf: tuple[Holding, ...] = ()
    version: int = 0


def _nothing() -> Unknown:
    return Unknown(
        "this link does not hold", "Links work once and for some time. A new letter brings a new one."
    )


async def opened(services: Services, token: str, now: datetime) -> Opened:
    """Show what a link opens. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        return await _opened(conn, token, now)


async def _opened(conn: Connection, token: str, now: datetime) -> Opened:
    link = await lending_links.read(conn, token, now)
    if link is None or link.library is None:
        raise _nothing()
    us = await lending_parties.of_library(conn, link.library)
    if link.supply is not None:
        return await _of_supply(conn, us, link.supply, link.expires)
    if link.request is None:
        raise _nothing()
    request = await lending_requests.read(conn, link.request)
    attempt = await lending_supplies.current(conn, request.id)
    other = await lending_parties.of_symbol(conn, attempt.supplier) if attempt else None
    return Opened(
        Side.REQUESTER,
        request.id,
        us,
        other,
        request.number,
        request.wanted,
        request.service,
        request.state,
        request.flags,
        _steps(Side.REQUESTER, request.state, request.flags, request.service),
        request.loan.due,
        request,
        link.expires,
        version=request.version,
    )


async def _of_supply(conn: Connection, us: Party, number: UUID, expires: datetime) -> Opened:
    supply = await lending_supplies.read(conn, number)
    state = supply.supplier_state
    if state is None:
        raise _nothing()
    asked = await lending_requests.read(conn, supply.request) if supply.request else None
    shelf: tuple[Holding, ...] = ()
    if supply.wanted.union_id and us.library_id is not None:
        held = await lending_desk.shelves(conn, us.library_id, [supply.wanted.union_id])
        shelf = held.get(supply.wanted.union_id, ())
    return Opened(
        Side.SUPPLIER,
        supply.id,
        us,
        await lending_parties.of_symbol(conn, supply.requester),
        asked.number if asked else supply.protocol_id,
        supply.wanted,
        supply.service,
        state,
        supply.supplier_flags,
        _steps(Side.SUPPLIER, state, supply.supplier_flags, supply.service),
        supply.loan.due,
        supply,
        expires,
        shelf,
        supply.version,
    )


def _steps(side: Side, state: State, flags: frozenset[Flag], service: str) -> tuple[Step, ...]:
    possible = machine.allowed(side, state, flags)
    return tuple(one for one in offered(BY_LINK.get((side, state), ()), service) if one in possible)


async def answer(
    services: Services, token: str, step: Step, facts: Facts, why: str, now: datetime
) -> str | None:
    """Do a step by a link, which is used up; give the secret of a link for what comes next, if anything does.

    Raises `Unknown`, `Conflict`, `NotAllowed`; the link still holds where nothing was done.
    """
    async with services.db.as_service() as conn:
        found = await _opened(conn, token, now)
        if step not in found.steps:
            raise _nothing()
        if not await lending_links.use(conn, token, step, now):
            raise _nothing()
    actor = lend.link(found.us.library or "")
    try:
        await lend.step(
            services, actor, found.side, found.subject, step, now, facts, why=why, version=found.version
        )
    except Exception:
        async with services.db.as_service() as conn:
            await lending_links.give_back(conn, token)
        raise
    async with services.db.as_service() as conn:
        await lending_links.end(conn, found.subject)
        return await _next(conn, found, now)


async def _next(conn: Connection, found: Opened, now: datetime) -> str | None:
    """Make a link for whoever has just shown to hold one: the letter with the next may take a while."""
    if found.side is Side.SUPPLIER:
        supply = await lending_supplies.read(conn, found.subject)
        state, due, service = supply.supplier_state, supply.loan.due, supply.service
        steps = _steps(found.side, state, supply.supplier_flags, service) if state else ()
        subject = {"supply": supply.id}
    else:
        request = await lending_requests.read(conn, found.subject)
        due = request.loan.due
        steps = _steps(found.side, request.state, request.flags, request.service)
        subject = {"request": request.id}
    if not steps:
        return None
    token, _ = await new_link(conn, found.us, now, due, **subject)
    return token
