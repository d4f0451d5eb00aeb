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


class Book(StrEnum):
    """The lists of open codes, by the element that they are for."""

    AGENCY_TYPE = "agencyIdType"
    ITEM_ID = "bibliographicItemIdentifierCode"
    RECORD_ID = "bibliographicRecordIdentifierCode"
    UNFILLED = "reasonUnfilled"
    RETRY = "reasonRetry"
    CONDITION = "loanCondition"
    LEVEL = "serviceLevel"
    DELIVERY = "deliveryMethod"
    COURIER = "courierName"
    FORMAT = "format"
    PUBLICATION = "publicationType"
    PATRON = "patronType"
    BILLING = "billingMethod"
    PAYMENT = "paymentMethod"
    ADDRESS = "electronicAddressType"
    COPYRIGHT = "copyrightCompliance"
    CURRENCY = "currencyCode"
    COUNTRY = "country"
    REGION = "region"


def _words(text: str) -> dict[str, str]:
    return {word.replace("_", " ").lower(): word.replace("_", " ") for word in text.split()}


OPEN: dict[Book, dict[str, str]] = {
    Book.AGENCY_TYPE: _words("ISIL DNUCNI"),
    Book.ITEM_ID: _words("ISBN ISSN ISMN"),
    Book.RECORD_ID: _words("AMICUS BL FAUST JNB LA LCCN Medline NCID OCLC PID PMID TP"),
    Book.UNFILLED: _words(
        "NonCirculating NotAvailableForILL NotHeld NotOnShelf PolicyProblem PoorCondition Duplicate transfer"
    ),
    Book.RETRY: _words(
        "AtBindery CostExceedsMaxCost LoanPossible NotCurrentAvailableForILL NotFoundAsCited OnLoan OnOrder"
        " ReqDelDateNotPossible ReqDelMethodNotSupp CourierNotSupp MultiVolAvail MustMeetLoanCondition"
        " ReqEditionNotPossible ReqFormatNotPossible ReqPayMethodNotSupported ReqServLevelNotSupp"
        " ReqServTypeNotPossible LoanCondition"
    ),
    Book.CONDITION: _words(
        "LibraryUseOnly NoReproduction SignatureRequired SpecCollSupervReq WatchLibraryUseOnly other"
    ),
    Book.LEVEL: _words("Express Normal Rush SecondaryMail Standard Urgent"),
    Book.DELIVERY: _words("ArticleExchange Ariel Courier Email FTP Mail Odyssey URL"),
    Book.COURIER: _words("DB_Schenker DHL Fedex PostNord_AB UPS"),
    Book.FORMAT: _words(
        "Blu-ray Braille CassetteTape CD CD-ROM Daisy-ROM DVD EPUB EPUB2 EPUB3 JPEG LargePrint LP Microform"
        " MP3 Multimedia PaperCopy PDF Printed Tape TIFF UltraHD VHS"
    ),
    Book.PUBLICATION: _words(
        "ArchiveMaterial Article AudioBook Book Chapter ConferenceProc Game GovernmentPubl Image Journal"
        " Manuscript Map Movie MusicRecording MusicScore Newspaper Patent Report SoundRecording Thesis"
    ),
    Book.PATRON: _words("Adult Child Faculty GraduateStudent Researcher Staff Student UnderGraduateStudent"),
    Book.BILLING: _words("Account FreeOfCharge Invoice Other ReciprocityAgreement"),
    Book.PAYMENT: _words("BankTransfer CreditCard DebitCard EFTS IBS IIBS IFLAVoucher IFM LAPS Paypal"),
    Book.ADDRESS: _words("Chat Email FTP Skype"),
}
"""Open codes of 2017 and 2021, and the few that other systems send although they are in no list."""

STANDARD_SCHEMES = ("http://illtransactions.org/", "https://illtransactions.org/")
"""How the addresses of the standard's own lists begin."""
STEERING = frozenset({Book.UNFILLED, Book.RETRY, Book.CONDITION, Book.LEVEL})
"""Lists that decide what is done: without a scheme, too, they hold nothing but the standard's words."""


def known(book: Book, word: str, scheme: str | None) -> str | None:
    """Give an open code as its list has it; none where it belongs to the standard's list and is not in it.

    Other systems write `book` for `Book`: capitals are not what a library means. A word that steers nothing
    and names no scheme is taken as it is: a request is not refused for an odd kind of reader.
    """
    listed = OPEN.get(book)
    if listed is None:
        return word
    official = scheme is not None and scheme.lower().startswith(STANDARD_SCHEMES)
    if scheme and not official:
        return word
    found = listed.get(word.lower())
    if found is None and not official and book not in STEERING:
        return word
    return found
