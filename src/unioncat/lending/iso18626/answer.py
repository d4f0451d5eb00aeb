"""How messages are answered: which fault names which situation, and the confirmation that carries it.

The one table of the answer policy. What a confirmation calls an error has changed nothing but the log.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from unioncat.lending.iso18626.codes import ErrorType, MessageStatus
from unioncat.lending.iso18626.model import (
    Beginning,
    Confirmation,
    Fault,
    Message,
    RequestingMessage,
    SupplyingMessage,
    kind_of,
)


class Situation(StrEnum):
    """What can be wrong with a message that was read and understood."""

    UNKNOWN_REQUESTER = "unknown_requester"
    UNKNOWN_SUPPLIER = "unknown_supplier"
    NOT_YOUR_AGENCY = "not_your_agency"
    OTHER_AGENCY = "other_agency"
    """The request exists, between other agencies than the message names: it is as good as unknown."""
    UNKNOWN_REQUEST = "unknown_request"
    DUPLICATE_REQUEST = "duplicate_request"
    PREVIOUS_UNKNOWN = "previous_unknown"
    RETRY_IMPOSSIBLE = "retry_impossible"
    UNSUPPORTED_VALUE = "unsupported_value"
    UNSUPPORTED_ACTION = "unsupported_action"
    UNSUPPORTED_REASON = "unsupported_reason"
    STATUS_NOT_ALLOWED = "status_not_allowed"
    MISSING = "missing"
    MISSING_FOR = "missing_for"
    CREDENTIALS = "credentials"


POLICY: Mapping[Situation, tuple[ErrorType, str]] = {
    Situation.UNKNOWN_REQUESTER: (ErrorType.VALUE, "requestingAgencyId: {0} is not known here"),
    Situation.UNKNOWN_SUPPLIER: (ErrorType.VALUE, "supplyingAgencyId: {0} is not known here"),
    Situation.NOT_YOUR_AGENCY: (ErrorType.VALUE, "{0}: {1} is not an agency of the sender"),
    Situation.OTHER_AGENCY: (ErrorType.VALUE, "requestingAgencyRequestId: there is no request {0}"),
    Situation.UNKNOWN_REQUEST: (ErrorType.VALUE, "requestingAgencyRequestId: there is no request {0}"),
    Situation.DUPLICATE_REQUEST: (ErrorType.VALUE, "requestingAgencyRequestId: {0} has been used before"),
    Situation.PREVIOUS_UNKNOWN: (
        ErrorType.VALUE,
        "requestingAgencyPreviousRequestId: there is no request {0}",
    ),
    Situation.RETRY_IMPOSSIBLE: (ErrorType.VALUE, "requestType: Retry is not possible"),
    Situation.UNSUPPORTED_VALUE: (ErrorType.VALUE, "{0}: {1} is not supported"),
    Situation.UNSUPPORTED_ACTION: (ErrorType.UNSUPPORTED_ACTION, "action: {0} is not possible, it is {1}"),
    Situation.UNSUPPORTED_REASON: (
        ErrorType.UNSUPPORTED_REASON,
        "reasonForMessage: {0} answers nothing that was asked",
    ),
    Situation.STATUS_NOT_ALLOWED: (ErrorType.VALUE, "status: {0} cannot follow {1}"),
    Situation.MISSING: (ErrorType.BADLY_FORMED, "{0}: missing"),
    Situation.MISSING_FOR: (ErrorType.BADLY_FORMED, "{0}: missing, {1} needs it"),
    Situation.CREDENTIALS: (ErrorType.VALUE, "requestingAgencyAuthentication: not accepted"),
}
"""For each situation the errorType and what errorValue says; `{0}` and `{1}` are filled in."""


class Transport(StrEnum):
    """What is wrong before there is a message: told by the status of HTTP alone."""

    METHOD = "method"
    TYPE = "type"
    SIZE = "size"
    UNREADABLE = "unreadable"
    NOBODY = "nobody"
    NOT_THEIRS = "not_theirs"
    FAILURE = "failure"


STATUS: Mapping[Transport, int] = {
    Transport.METHOD: 405,
    Transport.TYPE: 415,
    Transport.SIZE: 413,
    Transport.UNREADABLE: 400,
    Transport.NOBODY: 401,
    Transport.NOT_THEIRS: 403,
    Transport.FAILURE: 500,
}
"""The status of HTTP for each; a failure of ours is never confirmed, so that the message comes again."""

MEDIA_TYPES = ("application/xml", "text/xml")
"""What a message may call itself; `application/…+xml` besides."""


def is_xml(content_type: str) -> bool:
    """Tell whether a Content-Type is one of XML."""
    plain = content_type.partition(";")[0].strip().lower()
    return plain in MEDIA_TYPES or (plain.startswith("application/") and plain.endswith("+xml"))


def fault(situation: Situation, *words: object) -> Fault:
    """Name a situation as the confirmation does."""
    type, text = POLICY[situation]
    return Fault(type, text.format(*(str(word)[:120] for word in words)))


def confirm(about: Message | Beginning, now: datetime, *faults: Fault) -> Confirmation:
    """Confirm a message, or say what is wrong with it; one fault at most, as both versions allow."""
    start = about if isinstance(about, Beginning) else beginning(about)
    return Confirmation(
        kind=start.kind,
        timestamp=now,
        timestamp_received=start.timestamp or now,
        status=MessageStatus.ERROR if faults else MessageStatus.OK,
        supplying_agency=start.supplying_agency,
        requesting_agency=start.requesting_agency,
        requesting_request_id=start.requesting_request_id,
        action=start.action,
        reason=start.reason,
        faults=faults[:1],
    )


def beginning(message: Message) -> Beginning:
    """Give what a confirmation repeats of a message."""
    return Beginning(
        kind=kind_of(message),
        requesting_agency=message.header.requesting_agency,
        supplying_agency=message.header.supplying_agency,
        requesting_request_id=message.header.requesting_request_id,
        timestamp=message.header.timestamp,
        action=message.action if isinstance(message, RequestingMessage) else None,
        reason=message.reason if isinstance(message, SupplyingMessage) else None,
    )
