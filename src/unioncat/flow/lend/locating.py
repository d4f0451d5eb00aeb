"""From LOCATING to a library that is asked: the list is ranked, and the first that is left gets the request.

What the requesting library may not know of never comes near this: the list is made of what it may see.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from unioncat.domain.lending import Attempt, Facts, Request, RequesterState, Side, Step
from unioncat.flow import deliver
from unioncat.flow import locate as rotas
from unioncat.flow.lend import requester
from unioncat.flow.lend.turn import RULE, Turn
from unioncat.flow.services import Services
from unioncat.store import lending_events, lending_parties, lending_requests, lending_supplies, libraries
from unioncat.store.errors import Conflict, Unknown

WHY_LEFT = "the library that asks has left"


async def wake(services: Services) -> None:
    """Have the outbox emptied soon: apart from what filled it, so that nobody waits for that."""
    async with services.db.as_service() as conn:
        await deliver.ask(conn)


async def locate(services: Services, number: UUID, now: datetime) -> Request:
    """Send a request that looks for a library on its way; one that does not is left alone."""
    async with services.db.as_service() as conn:
        turn = Turn(services, conn, now, RULE)
        request = await lending_requests.read(conn, number, lock=True)
        if request.state is not RequesterState.LOCATING:
            return request
        return await place(turn, request)


async def place(turn: Turn, request: Request) -> Request:
    """Choose whom to ask next, and ask; a library that has left asks nobody any more."""
    if await lending_parties.has_left(turn.conn, request.home):
        return await requester.move(turn, request, Step.CANCEL, why=WHY_LEFT)
    rota = await rotas.rank(turn.conn, request, turn.now)
    own = [one.library for one in rota.entries if one.keys.own == 0]
    others = [one.library for one in rota.entries if one.keys.own != 0]
    if own and not await _tried_at_home(turn, request):
        return await requester.move(turn, request, Step.OWN_COPY, more={"branches": ",".join(own)})
    if others:
        return await ask(turn, request, others[0])
    asked = await lending_supplies.of_request(turn.conn, request.id)
    if not asked and not request.wanted.union_id:
        return await requester.move(turn, request, Step.REVIEW, Facts(reason="nobody_known"))
    return await requester.move(turn, request, Step.EXHAUST, Facts(reason="nobody_left"))


async def _tried_at_home(turn: Turn, request: Request) -> bool:
    steps = (Step.NOT_LOCAL,)
    return await lending_events.last_of(turn.conn, request.id, Side.REQUESTER, steps) is not None


async def ask(turn: Turn, request: Request, supplier: str, *, why: str = "") -> Request:
    """Ask a library. Raises `Conflict` for one that was asked before or is the request's own."""
    viewer = await rotas.viewer_of(turn.conn, request.home)
    if await libraries.library(turn.conn, viewer, supplier) is None:
        raise Unknown(f"there is no library {supplier!r}", "Name libraries by their codes.")
    if supplier == request.home:
        raise Conflict("a library does not ask itself", "Fill the request from your own shelves.")
    party = await turn.library(supplier)
    attempt = await requester.begin_attempt(turn, request, party)
    return await requester.move(turn, request, Step.SEND, Facts(supplier=supplier), attempt=attempt, why=why)


async def retry(turn: Turn, request: Request, former: Attempt, facts: Facts) -> Request:
    """Ask the same library again, on what it offered."""
    party = await turn.known(former.supplier)
    editions = former.offer.editions if former.offer else ()
    await lending_supplies.save_requester(turn.conn, replace(former, open=False), now=turn.now)
    attempt = await requester.begin_attempt(
        turn, request, party, retry_of=former, wanted_edition=editions[0] if editions else ""
    )
    return await requester.move(turn, request, Step.ACCEPT_RETRY, facts, attempt=attempt, former=former)
