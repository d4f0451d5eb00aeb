"""The words that ISO 18626 fixes: closed codes as enumerations, open codes as lists with their schemes.

A closed code outside its list is a fault of the message. An open code may be anybody's: it is kept as it is,
and only one that claims the standard's own scheme and is not in its list is a fault (use case 20).
"""

from enum import StrEnum


class Version(StrEnum):
    """The versions of the standard that are written; both are read."""

    V1_2 = "1.2"
    V2021 = "2021-2"


class Kind(StrEnum):
    """What a message is; a confirmation names what it confirms."""

    REQUEST = "request"
    SUPPLYING = "supplyingAgencyMessage"
    REQUESTING = "requestingAgencyMessage"


class Action(StrEnum):
    """What a requesting library does or asks."""

    STATUS_REQUEST = "StatusRequest"
    RECEIVED = "Received"
    CANCEL = "Cancel"
    RENEW = "Renew"
    SHIPPED_RETURN = "ShippedReturn"
    SHIPPED_FORWARD = "ShippedForward"
    NOTIFICATION = "Notification"
    HOLD_RETURN = "HoldReturn"
    LOST = "Lost"


class Status(StrEnum):
    """Where a request stands with the supplying library."""

    REQUEST_RECEIVED = "RequestReceived"
    EXPECT_TO_SUPPLY = "ExpectToSupply"
    WILL_SUPPLY = "WillSupply"
    LOANED = "Loaned"
    OVERDUE = "Overdue"
    RECALLED = "Recalled"
    RETRY_POSSIBLE = "RetryPossible"
    UNFILLED = "Unfilled"
    COPY_COMPLETED = "CopyCompleted"
    LOAN_COMPLETED = "LoanCompleted"
    COMPLETED_WITHOUT_RETURN = "CompletedWithoutReturn"
    CANCELLED = "Cancelled"
    HOLD_RETURN = "HoldReturn"
    RELEASE_HOLD_RETURN = "ReleaseHoldReturn"


class Reason(StrEnum):
    """Why a supplying library writes."""

    REQUEST_RESPONSE = "RequestResponse"
    STATUS_REQUEST_RESPONSE = "StatusRequestResponse"
    RENEW_RESPONSE = "RenewResponse"
    CANCEL_RESPONSE = "CancelResponse"
    STATUS_CHANGE = "StatusChange"
    NOTIFICATION = "Notification"


class ErrorType(StrEnum):
    """What is wrong with a message."""

    UNSUPPORTED_ACTION = "UnsupportedActionType"
    UNSUPPORTED_REASON = "UnsupportedReasonForMessageType"
    ELEMENT = "UnrecognisedDataElement"
    VALUE = "UnrecognisedDataValue"
    BADLY_FORMED = "BadlyFormedMessage"


class MessageStatus(StrEnum):
    """Whether a message was taken."""

    OK = "OK"
    ERROR = "ERROR"


class RequestType(StrEnum):
    """Whether a request is new."""

    NEW = "New"
    RETRY = "Retry"
    REMINDER = "Reminder"


class RequestSubType(StrEnum):
    """What is peculiar to a request."""

    BOOKING = "BookingRequest"
    MULTIPLE_ITEM = "MultipleItemRequest"
    PATRON = "PatronRequest"
    TRANSFER = "TransferRequest"
    SUPPLIERS_CHOICE = "SupplyingLibrarysChoice"


class ServiceType(StrEnum):
    """What is wanted: the thing, a copy, or either."""

    COPY = "Copy"
    LOAN = "Loan"
    COPY_OR_LOAN = "CopyOrLoan"


class PreferredEdition(StrEnum):
    """Which edition will do (2021)."""

    MOST_RECENT = "MostRecentEdition"
    THIS = "ThisEdition"
    ANY = "AnyEdition"


ONLY_2021 = frozenset({Action.HOLD_RETURN, Action.LOST, Status.HOLD_RETURN, Status.RELEASE_HOLD_RETURN})
"""Closed codes that version 1.2 does not know."""
