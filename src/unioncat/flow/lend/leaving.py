"""A library leaves: what it asked for and was asked for ends in order, in the transaction by which it leaves.

What has left a lender's house stays as it is, at both sides, until it is home again.
"""

from uuid import UUID

from unioncat.domain.lending import Attempt, Facts, Request, RequesterState, Side, Step, SupplierState
from unioncat.flow import deliver
from unioncat.flow.lend import acting, locating, supplier
from unioncat.flow.lend.turn import Turn
from unioncat.lending.machine import allowed
from unioncat.lending.supplier import BEFORE_SENDING
from unioncat.store import lending_parties, lending_requests, lending_supplies

WHY_ASKED = "the library that was asked has left"
REASON = "NotAvailableForILL"
_OF_OTHERS = {
    RequesterState.SENT: Step.NO_ANSWER,
    RequesterState.EXPECTED: Step.NO_ANSWER,
    RequesterState.CONDITIONAL: Step.REFUSE_CONDITIONS,
    RequesterState.RETRY_OFFERED: Step.REFUSE_RETRY,
}
"""How others turn away from a library that left with a system of its own, which may still answer."""


async def leave(turn: Turn, library: str) -> tuple[int, int]:
    """End what can end; give how many of its own requests, and how many that others sent to it."""
    requests, supplies = await lending_parties.open_of(turn.conn, library)
    asked = [number for number in requests if await _no_longer_asks(turn, number)]
    served = [number for number in supplies if await _no_longer_lends(turn, number)]
    await turn.queue_locating()
    await deliver.ask(turn.conn)
    return len(asked), len(served)


async def _no_longer_asks(turn: Turn, number: UUID) -> bool:
    """Cancel a request: at once where nobody was asked, else by asking the lender to let it go."""
    request = await lending_requests.read(turn.conn, number, lock=True)
    pending = request.state is RequesterState.CANCEL_PENDING
    if pending or Step.CANCEL not in allowed(Side.REQUESTER, request.state, request.flags):
        return False
    await acting.act(turn, request, Step.CANCEL, Facts(), locating.WHY_LEFT)
    return True


async def _no_longer_lends(turn: Turn, number: UUID) -> bool:
    """Answer for a library that left: it is not supplied, and whoever asked goes on to the next."""
    attempt = await lending_supplies.read(turn.conn, number, lock=True)
    if attempt.supplier_state is None:
        return await _turn_away(turn, attempt)
    if attempt.supplier_state is SupplierState.CANCEL_REQUESTED:
        await supplier.move(turn, attempt, Step.CANCELLED, why=WHY_ASKED)
        return True
    if attempt.supplier_state in BEFORE_SENDING:
        await supplier.move(turn, attempt, Step.UNFILLED, Facts(reason=REASON), why=WHY_ASKED)
        return True
    return False


async def _turn_away(turn: Turn, attempt: Attempt) -> bool:
    """Ask the next instead of a library with a system of its own; what goes to a desk is refused there."""
    party = await turn.known(attempt.supplier)
    if attempt.request is None or not attempt.open or party.partner is None:
        return False
    request: Request = await lending_requests.read(turn.conn, attempt.request, lock=True)
    step = _OF_OTHERS.get(request.state)
    if step is None:
        return False
    await acting.act(turn, request, step, Facts(), WHY_ASKED, attempt=attempt)
    return True
