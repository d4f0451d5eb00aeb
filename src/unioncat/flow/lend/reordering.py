"""A person's hand on the list of whom to ask: another order, a library more or less, for a reason.

It is a step like any other: an event, a line of the log, and never without a reason.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from unioncat.domain.lending import Step
from unioncat.domain.people import Right, SignedIn
from unioncat.flow import locate
from unioncat.flow.lend import requester
from unioncat.flow.lend.turn import Turn, staff
from unioncat.flow.locate import Located
from unioncat.flow.services import Services
from unioncat.lending.machine import NotAllowed
from unioncat.store import lending_requests
from unioncat.store.errors import Conflict


async def reorder(
    services: Services, person: SignedIn, number: UUID, order: Sequence[str], why: str, now: datetime
) -> Located:
    """Put the list of a request into an order. Raises `Forbidden`, `Unknown`, `Conflict`.

    What is under way goes on: the order counts for the next library that is asked.
    """
    async with services.db.as_service() as conn:
        turn = Turn(services, conn, now, staff(person))
        request = await lending_requests.read(conn, number, lock=True)
        turn.actor.must(Right.LEND, request.home)
        located = await locate.reorder(conn, request, order, why, person.account.email, now)
        try:
            await requester.move(turn, request, Step.LOCATE, why=why.strip(), more={"order": " ".join(order)})
        except NotAllowed as error:
            raise Conflict(
                "nobody is asked any more for this request", "Ask again with a new one."
            ) from error
        await turn.done("lending.reorder", request.number, library=request.home, why=why.strip())
        return located
