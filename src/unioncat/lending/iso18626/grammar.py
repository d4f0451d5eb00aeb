"""Which elements each message of ISO 18626 holds, in the order of each version: the one table for both ways.

Read by name, whatever the order and version; written in exactly the order of one version. An element that a
version lacks stands in the other version's list alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from unioncat.lending.iso18626 import model as m
from unioncat.lending.iso18626.codes import (
    Action,
    Book,
    ErrorType,
    MessageStatus,
    PreferredEdition,
    Reason,
    RequestSubType,
    RequestType,
    ServiceType,
    Status,
    Version,
)
from unioncat.lending.iso18626.primitives import (
    BOOLEAN,
    DECIMAL,
    ID,
    INTEGER,
    MOMENT,
    REGION,
    TEXT,
    YES,
    Primitive,
    closed,
    opened,
)


@dataclass(frozen=True, slots=True)
class Field:
    """An element: its name, the attribute of the block that holds it, its type."""

    element: str
    attribute: str
    type: "Primitive | Block"
    many: bool = False
    """Whether the attribute is a tuple; a version may still write the first alone (`one`)."""
    required: bool = False
    one: bool = False
    empty: bool = False
    """Whether it is written even when there is nothing to say."""
    blank: bool = False
    """Whether others, too, send it empty by the rules."""


@dataclass(frozen=True, slots=True)
class Block:
    """An element that holds others, and what it becomes."""

    becomes: type[Any]
    old: tuple[Field, ...]
    """In the order of version 1.2."""
    new: tuple[Field, ...]
    """In the order of version 2021."""
    names: Mapping[str, Field] = field(init=False, repr=False, compare=False)
    """The elements of both versions."""
    required: tuple[Field, ...] = field(init=False, repr=False, compare=False)
    """Those without which a message of neither version is whole."""

    def fields(self, version: Version) -> tuple[Field, ...]:
        """Give the elements in the order of a version."""
        return self.old if version is Version.V1_2 else self.new

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", {one.element: one for one in (*self.old, *self.new)})
        olds = {one.element for one in self.old if one.required}
        object.__setattr__(self, "required", tuple(f for f in self.new if f.required and f.element in olds))


def _both(becomes: type[Any], *fields: Field) -> Block:
    return Block(becomes, fields, fields)


def _code(element: str, attribute: str, book: Book, **more: bool) -> Field:
    return Field(element, attribute, opened(book), **more)


def _text(element: str, attribute: str) -> Field:
    return Field(element, attribute, TEXT)


def _moment(element: str, attribute: str, **more: bool) -> Field:
    return Field(element, attribute, MOMENT, **more)


AGENCY = _both(
    m.Agency,
    _code("agencyIdType", "type", Book.AGENCY_TYPE, required=True),
    Field("agencyIdValue", "value", ID, required=True),
)
COSTS = _both(
    m.Costs,
    _code("currencyCode", "currency", Book.CURRENCY, required=True),
    Field("monetaryValue", "amount", DECIMAL, required=True),
)
_LINES = (
    _text("line1", "line1"),
    _text("line2", "line2"),
    _text("locality", "locality"),
    _text("postalCode", "postal_code"),
)
_COUNTRY = _code("country", "country", Book.COUNTRY)
PHYSICAL = Block(
    m.PhysicalAddress,
    old=(*_LINES, _code("region", "region", Book.REGION), _COUNTRY),
    new=(*_LINES, Field("region", "region", REGION), _COUNTRY),
)
ELECTRONIC = _both(
    m.ElectronicAddress,
    _code("electronicAddressType", "type", Book.ADDRESS, required=True),
    Field("electronicAddressData", "data", TEXT, required=True),
)
ADDRESS = _both(
    m.Address,
    Field("electronicAddress", "electronic", ELECTRONIC),
    Field("physicalAddress", "physical", PHYSICAL),
)

_SUPPLYING = Field("supplyingAgencyId", "supplying_agency", AGENCY, required=True)
_SUPPLYING_OR_NOT = Field("supplyingAgencyId", "supplying_agency", AGENCY)
_REQUESTING = Field("requestingAgencyId", "requesting_agency", AGENCY, required=True)
_CONSORTIUM = Field("consortialId", "consortium", AGENCY)
_MULTIPLE = Field("multipleItemRequestId", "multiple_item_id", ID, blank=True)
_MULTIPLE_ALWAYS = Field("multipleItemRequestId", "multiple_item_id", ID, empty=True, blank=True)
_TIMESTAMP = _moment("timestamp", "timestamp", required=True)
_ID = Field("requestingAgencyRequestId", "requesting_request_id", ID, required=True)
_SUPPLYING_ID = Field("supplyingAgencyRequestId", "supplying_request_id", ID)
_ACCOUNT = Field(
    "requestingAgencyAuthentication",
    "",
    _both(dict, Field("accountId", "account_id", ID), Field("securityCode", "security_code", ID)),
)
_OLD_HEADER = (
    _SUPPLYING,
    _REQUESTING,
    _MULTIPLE_ALWAYS,
    _TIMESTAMP,
    _ID,
    _SUPPLYING_ID,
    _ACCOUNT,
)


def _header(*fields: Field) -> Field:
    return Field("header", "header", Block(m.Header, _OLD_HEADER, fields), required=True)


ITEM_ID_CODE = _code("bibliographicItemIdentifierCode", "code", Book.ITEM_ID, required=True)
ITEM_ID_VALUE = Field("bibliographicItemIdentifier", "value", ID, required=True)
ITEM_ID = Block(m.Identifier, old=(ITEM_ID_VALUE, ITEM_ID_CODE), new=(ITEM_ID_CODE, ITEM_ID_VALUE))
RECORD_ID = _both(
    m.Identifier,
    _code("bibliographicRecordIdentifierCode", "code", Book.RECORD_ID, required=True),
    Field("bibliographicRecordIdentifier", "value", ID, required=True),
)
_TITLE = (
    Field("supplierUniqueRecordId", "supplier_record_id", ID),
    _text("title", "title"),
    _text("author", "author"),
)
_SERIES = (
    _text("subtitle", "subtitle"),
    _text("seriesTitle", "series"),
    _text("edition", "edition"),
    _text("titleOfComponent", "component_title"),
    _text("authorOfComponent", "component_author"),
)
_PAGES = (
    _text("issue", "issue"),
    _text("pagesRequested", "pages"),
    _text("estimatedNoPages", "estimated_pages"),
    Field("bibliographicItemId", "item_ids", ITEM_ID, many=True),
    _text("sponsor", "sponsor"),
    _text("informationSource", "information_source"),
    Field("bibliographicRecordId", "record_ids", RECORD_ID, many=True),
)
BIBLIOGRAPHIC = Block(
    m.BibliographicInfo,
    old=(*_TITLE, *_SERIES, Field("volume", "volumes", TEXT, many=True, one=True), *_PAGES),
    new=(
        *_TITLE,
        Field("authorId", "author_id", ID),
        *_SERIES,
        Field("volume", "volumes", TEXT, many=True),
        *_PAGES,
    ),
)
_PUBLISHED = (
    _code("publicationType", "type", Book.PUBLICATION),
    _text("publicationDate", "date"),
    _text("placeOfPublication", "place"),
)
PUBLICATION = Block(
    m.PublicationInfo,
    old=(_text("publisher", "publisher"), *_PUBLISHED),
    new=(_text("publisher", "publisher"), Field("publisherId", "publisher_id", ID), *_PUBLISHED),
)
_SERVICE = (
    Field("requestType", "type", closed(RequestType)),
    Field("requestSubType", "subtypes", closed(RequestSubType), many=True),
    Field("requestingAgencyPreviousRequestId", "previous_request_id", ID),
    Field("serviceType", "service", closed(ServiceType), required=True),
    _code("serviceLevel", "level", Book.LEVEL),
)
_WHEN = (
    _moment("needBeforeDate", "need_before"),
    _code("copyrightCompliance", "copyright_compliance", Book.COPYRIGHT),
    Field("anyEdition", "any_edition", YES),
)
_PERIOD = (_moment("startDate", "start"), _moment("endDate", "end"), _text("note", "note"))
_CONDITIONS = _code("loanCondition", "loan_conditions", Book.CONDITION, many=True)
SERVICE = Block(
    m.ServiceInfo,
    old=(*_SERVICE, _code("preferredFormat", "format", Book.FORMAT), *_WHEN, *_PERIOD),
    new=(
        *_SERVICE,
        _code("itemFormat", "format", Book.FORMAT),
        *_WHEN,
        Field("preferredEdition", "preferred_edition", closed(PreferredEdition)),
        _CONDITIONS,
        *_PERIOD,
    ),
)
_ORDER = Field("sortOrder", "order", INTEGER)
SUPPLIER = _both(
    m.SupplierInfo,
    _ORDER,
    Field("supplierCode", "agency", AGENCY),
    _text("supplierDescription", "description"),
    Field("bibliographicRecordId", "record_id", RECORD_ID),
    _text("callNumber", "call_number"),
    _text("summaryHoldings", "holdings"),
    _text("availabilityNote", "availability"),
)
_TO = (_ORDER, Field("address", "address", ADDRESS))
_COURIER = _code("courierName", "courier", Book.COURIER)
DELIVERY_WANTED = Block(
    m.RequestedDelivery, old=_TO, new=(*_TO, _code("deliveryMethod", "method", Book.DELIVERY), _COURIER)
)
_ADDRESSES = Field("address", "addresses", ADDRESS, many=True)
REQUESTER = _both(m.RequestingAgencyInfo, _text("name", "name"), _text("contactName", "contact"), _ADDRESSES)
PATRON = _both(
    m.PatronInfo,
    Field("patronId", "id", ID),
    _text("surname", "surname"),
    _text("givenName", "given_name"),
    _code("patronType", "type", Book.PATRON),
    Field("sendToPatron", "send_to_patron", YES),
    _ADDRESSES,
)
BILLING = _both(
    m.BillingInfo,
    _code("paymentMethod", "payment", Book.PAYMENT),
    Field("maximumCosts", "maximum", COSTS),
    _code("billingMethod", "method", Book.BILLING),
    _text("billingName", "name"),
    Field("address", "address", ADDRESS),
)


def _request(service: Field, header: Field) -> tuple[Field, ...]:
    return (
        header,
        Field("bibliographicInfo", "item", BIBLIOGRAPHIC, required=True, empty=True),
        Field("publicationInfo", "publication", PUBLICATION),
        service,
        Field("supplierInfo", "suppliers", SUPPLIER, many=True),
        Field("requestedDeliveryInfo", "deliveries", DELIVERY_WANTED, many=True),
        Field("requestingAgencyInfo", "requester", REQUESTER),
        Field("patronInfo", "patron", PATRON),
        Field("billingInfo", "billing", BILLING),
    )


_REQUEST_HEADER = _header(_SUPPLYING_OR_NOT, _REQUESTING, _CONSORTIUM, _MULTIPLE, _TIMESTAMP, _ID, _ACCOUNT)
REQUEST = Block(
    m.RequestMessage,
    old=_request(Field("serviceInfo", "service", SERVICE), _REQUEST_HEADER),
    new=_request(Field("serviceInfo", "service", SERVICE, required=True), _REQUEST_HEADER),
)

_BEFORE, _AFTER = _moment("retryBefore", "before"), _moment("retryAfter", "after")
RETRY = _both(
    m.RetryInfo,
    _CONDITIONS,
    Field("edition", "editions", TEXT, many=True),
    _code("itemFormat", "formats", Book.FORMAT, many=True),
    Field("volume", "volumes", TEXT, many=True),
    Field("serviceType", "service", closed(ServiceType)),
    _code("serviceLevel", "levels", Book.LEVEL, many=True),
    _code("deliveryMethod", "delivery_methods", Book.DELIVERY, many=True),
    _code("courierName", "couriers", Book.COURIER, many=True),
    Field("offeredCosts", "costs", COSTS, many=True),
    _code("paymentMethod", "payments", Book.PAYMENT, many=True),
    _BEFORE,
    _AFTER,
)
REASON = Field("reasonForMessage", "reason", closed(Reason), required=True)
_SAID = (
    REASON,
    Field("answerYesNo", "answer", YES),
    _text("note", "note"),
    _code("reasonUnfilled", "reason_unfilled", Book.UNFILLED),
    _code("reasonRetry", "reason_retry", Book.RETRY),
)
MESSAGE_INFO = Block(
    dict,
    old=(
        *_SAID,
        Field("offeredCosts", "retry.costs", COSTS, many=True, one=True),
        _moment("retryAfter", "retry.after"),
        _moment("retryBefore", "retry.before"),
    ),
    new=_SAID,
)
STATUS_INFO = _both(
    dict,
    Field("status", "status", closed(Status), required=True),
    _moment("expectedDeliveryDate", "expected_delivery"),
    _moment("dueDate", "due"),
    _moment("lastChange", "last_change", required=True),
)
_SENT = _moment("dateSent", "sent", required=True)
_TO_PATRON = Field("sentToPatron", "sent_to_patron", BOOLEAN)
DELIVERY = Block(
    m.DeliveryInfo,
    old=(
        _SENT,
        Field("itemId", "item_ids", ID, many=True, one=True),
        _code("sentVia", "method", Book.DELIVERY),
        _TO_PATRON,
        _code("loanCondition", "loan_conditions", Book.CONDITION, many=True, one=True),
        _code("deliveredFormat", "format", Book.FORMAT),
        Field("deliveryCosts", "costs", COSTS, many=True, one=True),
    ),
    new=(
        _SENT,
        Field("itemId", "item_ids", ID, many=True),
        _text("URL", "url"),
        _code("deliveryMethod", "method", Book.DELIVERY),
        Field("address", "address", ADDRESS),
        _TO_PATRON,
        _CONDITIONS,
        _code("itemFormat", "format", Book.FORMAT),
        Field("serviceType", "service", closed(ServiceType)),
        Field("deliveryCosts", "costs", COSTS, many=True),
        _code("paymentMethod", "payment", Book.PAYMENT),
    ),
)
SHIPPING = _both(
    m.ShippingInfo,
    _COURIER,
    Field("trackingId", "tracking_ids", ID, many=True),
    Field("insurance", "insurance", YES),
    Field("insuranceThirdParty", "insurance_third_party", YES),
    _text("thirdPartyName", "third_party"),
    Field("insuranceCosts", "insurance_costs", COSTS, many=True),
)
RETURN = _both(
    m.ReturnInfo,
    Field("returnAgencyId", "agency", AGENCY),
    _text("name", "name"),
    Field("physicalAddress", "address", PHYSICAL),
)
_INFO = (
    _header(_SUPPLYING, _REQUESTING, _TIMESTAMP, _ID, _SUPPLYING_ID),
    Field("messageInfo", "", MESSAGE_INFO, required=True),
    Field("statusInfo", "", STATUS_INFO, required=True),
)
_DELIVERED = Field("deliveryInfo", "delivery", DELIVERY)
_RETURN_TO = Field("returnInfo", "return_to", RETURN)
SUPPLYING = Block(
    m.SupplyingMessage,
    old=(*_INFO, _DELIVERED, _RETURN_TO),
    new=(
        *_INFO,
        Field("retryInfo", "retry", RETRY),
        _DELIVERED,
        Field("shippingInfo", "shipping", SHIPPING),
        _RETURN_TO,
    ),
)
ACTION = Field("action", "action", closed(Action), required=True)
REQUESTING = _both(
    m.RequestingMessage,
    _header(_SUPPLYING, _REQUESTING, _CONSORTIUM, _TIMESTAMP, _ID, _SUPPLYING_ID, _ACCOUNT),
    ACTION,
    _text("note", "note"),
)

_CONFIRMED = Field(
    "confirmationHeader",
    "",
    # Common to both versions: without multipleItemRequestId, which 2021 does not have.
    Block(
        dict,
        old=(
            _SUPPLYING_OR_NOT,
            Field("requestingAgencyId", "requesting_agency", AGENCY),
            _TIMESTAMP,
            Field("requestingAgencyRequestId", "requesting_request_id", ID),
            _MULTIPLE,
            _moment("timestampReceived", "timestamp_received", required=True),
            Field("messageStatus", "status", closed(MessageStatus), required=True),
        ),
        new=(
            _SUPPLYING_OR_NOT,
            Field("requestingAgencyId", "requesting_agency", AGENCY),
            _TIMESTAMP,
            Field("requestingAgencyRequestId", "requesting_request_id", ID),
            _moment("timestampReceived", "timestamp_received", required=True),
            Field("messageStatus", "status", closed(MessageStatus), required=True),
        ),
    ),
    required=True,
)
_FAULT = Field(
    "errorData",
    "faults",
    _both(
        m.Fault, Field("errorType", "type", closed(ErrorType), required=True), _text("errorValue", "value")
    ),
    many=True,
    one=True,
)
CONFIRMATION = _both(
    m.Confirmation,
    _CONFIRMED,
    Field("reasonForMessage", "reason", closed(Reason)),
    Field("action", "action", closed(Action)),
    _FAULT,
)
