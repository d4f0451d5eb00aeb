"""A message from another library: read, checked, carried out and confirmed, and logged with its bytes.

One transaction holds what it changes, its line in the log and its answer. The same bytes again get the same
answer and do nothing. What is answered with an error has changed nothing but the log: its transaction is
taken back whole, and its line written in one of its own.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from unioncat.domain.partner import Outcome, Partner, Said, Way
from unioncat.flow.services import Services
from unioncat.lending.iso18626.answer import STATUS, Situation, Transport, confirm, fault, is_xml
from unioncat.lending.iso18626.codes import Kind, MessageStatus, Version
from unioncat.lending.iso18626.model import (
    Confirmation,
    Fault,
    Message,
    RequestingMessage,
    RequestMessage,
    SupplyingMessage,
    kind_of,
)
from unioncat.lending.iso18626.quirks import understood
from unioncat.lending.iso18626.read import NotReadable, Reading, read
from unioncat.lending.iso18626.write import write_confirmation
from unioncat.store import messages
from unioncat.store.database import Connection
from unioncat.telemetry import logger

PLAIN, XML = "text/plain; charset=utf-8", "application/xml; charset=utf-8"
PATIENCE = 20
"""Seconds that a message may wait for another about the same thing."""
log = logger(__name__)


class Receive(Protocol):
    """Carries out a message that was understood (`flow.lend.receive`)."""

    async def __call__(
        self,
        services: Services,
        conn: Connection,
        message: Message,
        *,
        sender: Partner | None,
        now: datetime,
        message_id: str,
    ) -> Confirmation:
        """Change what it says and confirm it; none as sender is a library of this federation."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered over HTTP."""

    status: int
    body: bytes
    type: str = XML


async def answer(
    services: Services,
    body: bytes,
    content_type: str,
    *,
    sender: Partner | None,
    now: datetime,
    receive: Receive,
) -> Answer:
    """Answer a message of a partner (none: of a library here). Raises what `receive` raises: then 500."""
    said = Said(
        way=Way.INSIDE if sender is None else Way.IN,
        hash=sha256(body).digest(),
        outcome=Outcome.REFUSED,
        body=body,
        partner=sender.id if sender else None,
        at=now,
    )
    try:
        if not is_xml(content_type):
            raise NotReadable(STATUS[Transport.TYPE], "a message is sent as application/xml or text/xml")
        reading = read(body)
    except NotReadable as refused:
        async with services.db.as_service() as conn:
            await messages.add(conn, replace(said, status=refused.status, error_value=str(refused)))
        return Answer(refused.status, f"{refused}\n".encode(), PLAIN)
    said = described(said, reading)
    try:
        return await _answered(services, said, reading, sender, now, receive)
    except Exception as error:
        log.error("a message could not be carried out", request=said.request, error=type(error).__name__)
        failed = replace(said, outcome=Outcome.FAILED, status=500, error_value=type(error).__name__)
        with suppress(Exception):
            async with services.db.as_service() as conn:
                await messages.add(conn, failed)
        raise


class _Refused(Exception):
    """A message that breaks a rule: what was begun for it is taken back."""

    def __init__(self, confirmation: Confirmation) -> None:
        super().__init__()
        self.confirmation = confirmation


async def _answered(
    services: Services,
    said: Said,
    reading: Reading,
    sender: Partner | None,
    now: datetime,
    receive: Receive,
) -> Answer:
    version = Version(sender.version) if sender else Version.V2021
    try:
        async with services.db.as_service() as conn:
            again = await _once(conn, said)
            if again is not None:
                return again
            confirmation = await _confirmation(services, conn, said, reading, sender, now, receive)
            return await _confirmed(conn, said, confirmation, version)
    except _Refused as refused:
        async with services.db.as_service() as conn:
            # The same bytes may have come again, and been answered, since the lock was given up.
            again = await _once(conn, said)
            return again or await _confirmed(conn, said, refused.confirmation, version)


async def _once(conn: Connection, said: Said) -> Answer | None:
    """Let nobody else handle these bytes until the end; give the answer that they got before, if they did."""
    await messages.hold(conn, said.hash, PATIENCE)
    before = await messages.answered(conn, said.partner, said.hash)
    if before is None or before.answer is None:
        return None
    again = replace(said, outcome=before.outcome, status=200, answer=before.answer)
    await messages.add(conn, replace(again, error_type=before.error_type, error_value=before.error_value))
    return Answer(200, before.answer)


async def _confirmed(conn: Connection, said: Said, confirmation: Confirmation, version: Version) -> Answer:
    """Write the confirmation, and the line in the log."""
    written = write_confirmation(confirmation, version)
    outcome = Outcome.OK if confirmation.status is MessageStatus.OK else Outcome.ERROR
    done = replace(said, outcome=outcome, status=200, answer=written)
    if confirmation.faults:
        first = confirmation.faults[0]
        done = replace(done, error_type=str(first.type), error_value=first.value)
    await messages.add(conn, done)
    return Answer(200, written)


async def _confirmation(
    services: Services,
    conn: Connection,
    said: Said,
    reading: Reading,
    sender: Partner | None,
    now: datetime,
    receive: Receive,
) -> Confirmation:
    """Carry a message out. Raises `_Refused` where something may have been written that must not stay."""
    if reading.message is None:
        return confirm(reading.beginning, now, *reading.faults)
    wrong = speaks_for_others(reading.message, sender)
    if wrong is not None:
        return confirm(reading.message, now, wrong)
    message = understood(reading.message)
    confirmation = await receive(services, conn, message, sender=sender, now=now, message_id=said.hash.hex())
    # What is repeated is what was said, not how it was understood.
    confirmation = confirm(reading.message, now, *confirmation.faults)
    if confirmation.status is not MessageStatus.OK:
        raise _Refused(confirmation)
    return confirmation


def speaks_for_others(message: Message, sender: Partner | None) -> Fault | None:
    """Say what is wrong where a partner writes in the name of an agency that is not its own."""
    if sender is None:
        return None
    header = message.header
    supplying = isinstance(message, SupplyingMessage)
    agency = header.supplying_agency if supplying else header.requesting_agency
    if agency is None or agency.symbol in sender.symbols:
        return None
    element = "supplyingAgencyId" if supplying else "requestingAgencyId"
    return fault(Situation.NOT_YOUR_AGENCY, element, agency.value)


def word_of(message: Message) -> str:
    """Say in a word or two what a message is about."""
    if isinstance(message, RequestMessage):
        return str(message.service.type or "New") if message.service else "New"
    if isinstance(message, RequestingMessage):
        return str(message.action)
    return f"{message.reason} {message.status}"


def described(said: Said, reading: Reading) -> Said:
    """Note in the log's line what a message is about."""
    start = reading.beginning
    word = word_of(reading.message) if reading.message else str(start.action or start.reason or "")
    return replace(
        said,
        kind=str(start.kind),
        version=reading.version,
        word=word or None,
        requesting_agency=start.requesting_agency.symbol if start.requesting_agency else None,
        supplying_agency=start.supplying_agency.symbol if start.supplying_agency else None,
        request=start.requesting_request_id,
        unknown=(*reading.unknown, *reading.repaired),
    )


def outgoing_line(message: Message, body: bytes, now: datetime) -> Said:
    """Begin the log's line of a message of ours."""
    header = message.header
    kind: Kind = kind_of(message)
    return Said(
        way=Way.OUT,
        hash=sha256(body).digest(),
        outcome=Outcome.FAILED,
        body=body,
        kind=str(kind),
        word=word_of(message),
        requesting_agency=header.requesting_agency.symbol,
        supplying_agency=header.supplying_agency.symbol if header.supplying_agency else None,
        request=header.requesting_request_id,
        at=now,
    )
