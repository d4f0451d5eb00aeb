"""What must be sent to other libraries leaves the outbox: at least once, in order, and never for ever.

A message is written from what waits, the same bytes each time: whoever got it already answers the same.
Between libraries of this federation it takes the same way, without the network.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from unioncat.domain.credentials import Credentials
from unioncat.domain.lending import Outgoing, OutgoingKind
from unioncat.domain.partner import Outcome, Partner
from unioncat.domain.target import TargetRules
from unioncat.flow.answering import Receive, answer, outgoing_line
from unioncat.flow.credentials import keyring
from unioncat.flow.fetching import FetchError, exchange
from unioncat.flow.services import Services
from unioncat.lending.iso18626.codes import Action, Kind, MessageStatus, Version
from unioncat.lending.iso18626.model import (
    Agency,
    Code,
    Confirmation,
    Message,
    RequestingMessage,
    SupplyingMessage,
    kind_of,
)
from unioncat.lending.iso18626.quirks import Mode, Profile, Quirk, suited
from unioncat.lending.iso18626.read import NotReadable, read_confirmation
from unioncat.lending.iso18626.stored import unpack
from unioncat.lending.iso18626.write import write
from unioncat.store import deliveries, jobs, messages, partners
from unioncat.store.database import Connection
from unioncat.store.sealing import Locked
from unioncat.telemetry import logger

JOB = "lending-deliver"
TRIES = 3
INTERVAL = timedelta(minutes=10)
PATIENCE = 20.0
"""Seconds for one exchange with a partner."""
AT_ONCE = 10
KEEP_BODIES = timedelta(days=30)
log = logger(__name__)

Failed = Callable[[Services, Connection, Outgoing, str, datetime], Awaitable[None]]
"""Told, in the transaction that gives up, what could not be delivered or was answered with an error."""
Letter = Callable[[Services, Outgoing, datetime], Awaitable[None]]
"""Writes and sends a letter. Raises OSError where it should be tried again."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the sender needs of those whose messages it carries."""

    receive: Receive
    failed: Failed
    letter: Letter | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one exchange."""

    confirmation: Confirmation | None = None
    error: str = ""
    """Why there is no confirmation, or what it calls wrong."""
    status: int | None = None
    body: bytes | None = None
    taken: bool = False
    """Whether it counts as delivered."""

    @property
    def refused(self) -> bool:
        """Whether the partner understood and said no: no further try would mend that."""
        return self.confirmation is not None and self.confirmation.status is MessageStatus.ERROR


@dataclass(slots=True)
class _Round:
    """One run of the sender."""

    services: Services
    desk: Desk
    now: datetime
    rules: TargetRules
    down: dict[int, str] = field(default_factory=dict)
    """Partners that did not answer in this run: one wait for each is enough."""


async def ask(conn: Connection) -> None:
    """Have the outbox emptied soon, once this transaction is committed."""
    await jobs.enqueue(conn, JOB, "all")


async def deliver(services: Services, desk: Desk, now: datetime) -> int:
    """Send what is due until nothing is; give the number of tries. Several may run at once."""
    settings = services.settings
    rules = TargetRules.of(settings.allow_targets, settings.allow_ports)
    run = _Round(services, desk, now, rules)
    kinds = [OutgoingKind.MESSAGE] + [OutgoingKind.LETTER] * (desk.letter is not None)
    count = 0
    while True:
        batch: list[Outgoing] = []
        async with services.db.as_service() as conn:
            for kind in kinds:
                batch += await deliveries.claim(conn, kind, now, AT_ONCE)
        if not batch:
            return count
        await asyncio.gather(*(_safely(run, one) for one in batch))
        count += len(batch)


async def _safely(run: _Round, out: Outgoing) -> None:
    """Handle one; a failure of ours is a try like another, and never stops the rest."""
    try:
        await (_message(run, out) if out.kind is OutgoingKind.MESSAGE else _letter(run, out))
    except Exception as error:
        log.error("the outbox: something could not be sent", key=out.key, exc_info=error)
        await _again_or_dead(run, out, f"a failure here: {type(error).__name__}")


async def _letter(run: _Round, out: Outgoing) -> None:
    assert run.desk.letter is not None  # noqa: S101 - letters are claimed only where they can be written
    try:
        await run.desk.letter(run.services, out, run.now)
    except OSError as error:
        await _again_or_dead(run, out, f"the letter could not be sent: {type(error).__name__}")
        return
    async with run.services.db.as_service() as conn:
        await deliveries.sent(conn, out.id, run.now)


async def _message(run: _Round, out: Outgoing) -> None:
    try:
        message = unpack(out.body)
    except ValueError as error:
        await _give_up(run, out, str(error))
        return
    async with run.services.db.as_service() as conn:
        partner = await partners.by_symbol(conn, out.to)
    if partner is not None and (partner.address is None or not partner.active):
        await _give_up(run, out, f"partner {partner.code} is not active or has no address")
        return
    result = await _exchange(run, partner, message, out.id)
    if result.taken:
        async with run.services.db.as_service() as conn:
            await deliveries.sent(conn, out.id, run.now)
    elif result.refused:
        await _refused(run, out, result.error)
    elif out.tries + 1 < TRIES or partner is None:
        await _again_or_dead(run, out, result.error)
    else:
        await _last_chance(run, partner, out, message, result.error)


async def _last_chance(run: _Round, partner: Partner, out: Outgoing, message: Message, error: str) -> None:
    """Ask after the request before giving up: perhaps only an answer was lost, or the partner is back."""
    if isinstance(message, SupplyingMessage) or message.header.supplying_agency is None or out.tries >= TRIES:
        await _give_up(run, out, error)
        return
    header = replace(message.header, timestamp=run.now, multiple_item_id=None)
    asked = await _exchange(run, partner, RequestingMessage(header, Action.STATUS_REQUEST), None, fresh=True)
    if asked.taken and kind_of(message) is Kind.REQUEST:
        async with run.services.db.as_service() as conn:
            await deliveries.sent(conn, out.id, run.now)
    elif asked.confirmation is not None:
        async with run.services.db.as_service() as conn:
            await deliveries.again(conn, out.id, run.now, error)
    else:
        await _give_up(run, out, error)


async def _refused(run: _Round, out: Outgoing, error: str) -> None:
    async with run.services.db.as_service() as conn:
        await deliveries.sent(conn, out.id, run.now, error)
        await run.desk.failed(run.services, conn, out, error, run.now)


async def _again_or_dead(run: _Round, out: Outgoing, error: str) -> None:
    if out.tries + 1 >= TRIES:
        await _give_up(run, out, error)
        return
    async with run.services.db.as_service() as conn:
        await deliveries.again(conn, out.id, run.now + INTERVAL, error)


async def _give_up(run: _Round, out: Outgoing, error: str) -> None:
    log.error("a message or letter could not be delivered", key=out.key, to=out.to, error=error)
    async with run.services.db.as_service() as conn:
        await deliveries.dead(conn, out.id, error)
        if out.kind is OutgoingKind.MESSAGE:
            await run.desk.failed(run.services, conn, out, error, run.now)


async def _exchange(
    run: _Round, partner: Partner | None, message: Message, outbox: int | None, *, fresh: bool = False
) -> Result:
    """Send a message and read its confirmation; log both."""
    if partner is None:
        return await _inside(run, message)
    body = write(suited(_named(message, partner), profile_of(partner)), Version(partner.version))
    if partner.id in run.down and not fresh:
        result = Result(error=run.down[partner.id])
    else:
        result = await post(run.services, run.rules, partner, body)
        result = judged(result, message, partner)
        if result.status is None and result.error:
            run.down[partner.id] = result.error
    first = result.confirmation.faults[0] if result.confirmation and result.confirmation.faults else None
    line = replace(
        outgoing_line(message, body, run.now),
        partner=partner.id,
        outbox=outbox,
        version=partner.version,
        outcome=Outcome.OK if result.taken else Outcome.ERROR if result.refused else Outcome.FAILED,
        status=result.status,
        answer=result.body,
        error_type=str(first.type) if first else None,
        error_value=(first.value if first else result.error) or None,
    )
    async with run.services.db.as_service() as conn:
        await messages.add(conn, line)
    return result


async def _inside(run: _Round, message: Message) -> Result:
    """Hand a message to the other library here, by the same door that partners use."""
    body = write(message, Version.V2021)
    said = await answer(
        run.services, body, "application/xml", sender=None, now=run.now, receive=run.desk.receive
    )
    return judged(Result(status=said.status, body=said.body), message, None)


async def post(services: Services, rules: TargetRules, partner: Partner, body: bytes) -> Result:
    """Post bytes to a partner, with its credentials, within limits of target, size and time."""
    assert partner.address is not None  # noqa: S101 - the caller has looked
    try:
        async with services.db.as_service() as conn:
            given = await partners.take_credentials(conn, keyring(services.settings), partner)
        reply = await asyncio.to_thread(
            exchange, partner.address, rules, body=body, headers=_headers(given), patience=PATIENCE
        )
    except (FetchError, Locked) as error:
        return Result(error=str(error))
    return Result(status=reply.status, body=reply.content)


def _headers(given: Credentials) -> dict[str, str]:
    return {"Content-Type": "application/xml; charset=utf-8", "Accept": "application/xml", **given.http}


def judged(result: Result, message: Message, partner: Partner | None) -> Result:
    """Read what was answered: confirmed, refused, or nothing of use."""
    if result.status is None:
        return result
    fine = 200 <= result.status < 300
    try:
        confirmation = read_confirmation(result.body or b"")
    except NotReadable as error:
        if fine and partner is not None and Quirk.NO_CONFIRMATION_BODY in partner.quirks:
            return replace(result, taken=True)
        return replace(result, error=f"HTTP {result.status} and no confirmation: {error}")
    named = confirmation.requesting_request_id
    about = confirmation.kind is kind_of(message) and named in (None, message.header.requesting_request_id)
    if not about:
        return replace(result, error="the confirmation is about something else")
    if confirmation.status is MessageStatus.ERROR:
        fault = confirmation.faults[0] if confirmation.faults else None
        words = f"{fault.type}: {fault.value or ''}" if fault else "an error without words"
        return replace(result, confirmation=confirmation, error=words)
    if not fine:
        return replace(result, error=f"HTTP {result.status} beside a confirmation")
    return replace(result, confirmation=confirmation, taken=True)


def profile_of(partner: Partner) -> Profile:
    """Say how a partner is spoken to."""
    own = next((one for one in partner.agencies if one.library is None), None) or partner.agencies[0]
    return Profile(
        Version(partner.version),
        Mode(partner.mode),
        frozenset(Quirk(one) for one in partner.quirks),
        Agency(own.value, Code(own.type)),
    )


def _named(message: Message, partner: Partner) -> Message:
    """Write the partner's agencies as it writes them itself, capitals and all."""
    header = message.header
    for one in partner.agencies:
        agency = Agency(one.value, Code(one.type))
        if header.supplying_agency is not None and header.supplying_agency.symbol == one.symbol:
            header = replace(header, supplying_agency=agency)
        if header.requesting_agency.symbol == one.symbol:
            header = replace(header, requesting_agency=agency)
    return replace(message, header=header)


async def tidy(services: Services, now: datetime) -> None:
    """Empty the bodies of old messages."""
    async with services.db.as_service() as conn:
        await messages.tidy(conn, now - KEEP_BODIES)
