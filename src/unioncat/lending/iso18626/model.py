"""The messages of ISO 18626 as the union of its versions 1.2 and 2021: what they say, free of order and XML.

Plain facts only: a message is never judged here. Texts are in NFC, times carry a zone, open codes keep their
scheme. What one version lacks stays empty when it is read, and is left out when it is written.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from unioncat.lending.iso18626.codes import (
    Action,
    ErrorType,
    Kind,
    MessageStatus,
    PreferredEdition,
    Reason,
    RequestSubType,
    RequestType,
    ServiceType,
    Status,
)


@dataclass(frozen=True, slots=True)
class Code:
    """An open code: a word and the address of the list it is from; none for the standard's own list."""

    value: str
    scheme: str | None = None


@dataclass(frozen=True, slots=True)
class Agency:
    """A library as the protocol names it: a kind of identifier and the identifier."""

    value: str
    type: Code = Code("ISIL")

    @property
    def symbol(self) -> str:
        """Name it in one word, alike however it is capitalised: `isil:vn-nlv`."""
        return f"{self.type.value}:{self.value}".lower()


@dataclass(frozen=True, slots=True)
class Costs:
    """An amount of money; the currency by ISO 4217."""

    amount: Decimal
    currency: Code = Code("VND")


@dataclass(frozen=True, slots=True)
class ElectronicAddress:
    """An address such as that of e-mail."""

    data: str
    type: Code = Code("Email")


@dataclass(frozen=True, slots=True)
class PhysicalAddress:
    """An address by post; the country by ISO 3166-1. The region's scheme is of version 1.2 only."""

    line1: str | None = None
    line2: str | None = None
    locality: str | None = None
    postal_code: str | None = None
    region: Code | None = None
    country: Code | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """An address: one of the two."""

    electronic: ElectronicAddress | None = None
    physical: PhysicalAddress | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """Who writes to whom about which request."""

    requesting_agency: Agency
    timestamp: datetime
    requesting_request_id: str
    supplying_agency: Agency | None = None
    """None only in requests of 2021 that name no supplier."""
    supplying_request_id: str | None = None
    consortium: Agency | None = None
    multiple_item_id: str | None = None
    account_id: str | None = None
    security_code: str | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier of a publication or of a record, with its kind: ISBN, ISSN; LCCN, OCLC …"""

    value: str
    code: Code


@dataclass(frozen=True, slots=True)
class BibliographicInfo:
    """What is wanted."""

    supplier_record_id: str | None = None
    title: str | None = None
    author: str | None = None
    author_id: str | None = None
    subtitle: str | None = None
    series: str | None = None
    edition: str | None = None
    component_title: str | None = None
    component_author: str | None = None
    volumes: tuple[str, ...] = ()
    issue: str | None = None
    pages: str | None = None
    estimated_pages: str | None = None
    item_ids: tuple[Identifier, ...] = ()
    sponsor: str | None = None
    information_source: str | None = None
    record_ids: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicationInfo:
    """How what is wanted was published."""

    publisher: str | None = None
    publisher_id: str | None = None
    type: Code | None = None
    date: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """What is to be done, how fast and until when."""

    service: ServiceType
    type: RequestType | None = None
    subtypes: tuple[RequestSubType, ...] = ()
    previous_request_id: str | None = None
    level: Code | None = None
    format: Code | None = None
    need_before: datetime | None = None
    copyright_compliance: Code | None = None
    any_edition: bool | None = None
    preferred_edition: PreferredEdition | None = None
    loan_conditions: tuple[Code, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SupplierInfo:
    """A library that has what is wanted, as far as the requester knows."""

    order: int | None = None
    agency: Agency | None = None
    description: str | None = None
    record_id: Identifier | None = None
    call_number: str | None = None
    holdings: str | None = None
    availability: str | None = None


@dataclass(frozen=True, slots=True)
class RequestedDelivery:
    """Where what is wanted should go."""

    order: int | None = None
    address: Address | None = None
    method: Code | None = None
    courier: Code | None = None


@dataclass(frozen=True, slots=True)
class RequestingAgencyInfo:
    """The requesting library in words."""

    name: str | None = None
    contact: str | None = None
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class PatronInfo:
    """The reader: sent only where the supplier needs it."""

    id: str | None = None
    surname: str | None = None
    given_name: str | None = None
    type: Code | None = None
    send_to_patron: bool | None = None
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class BillingInfo:
    """What may be asked for it, and how it is paid."""

    payment: Code | None = None
    maximum: Costs | None = None
    method: Code | None = None
    name: str | None = None
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class RequestMessage:
    """A request: from the requesting library to a supplying one."""

    header: Header
    item: BibliographicInfo = BibliographicInfo()
    publication: PublicationInfo | None = None
    service: ServiceInfo | None = None
    """None only in version 1.2."""
    suppliers: tuple[SupplierInfo, ...] = ()
    deliveries: tuple[RequestedDelivery, ...] = ()
    requester: RequestingAgencyInfo | None = None
    patron: PatronInfo | None = None
    billing: BillingInfo | None = None


@dataclass(frozen=True, slots=True)
class RetryInfo:
    """What would have to be otherwise; version 1.2 has costs and dates only, elsewhere in the message."""

    loan_conditions: tuple[Code, ...] = ()
    editions: tuple[str, ...] = ()
    formats: tuple[Code, ...] = ()
    volumes: tuple[str, ...] = ()
    service: ServiceType | None = None
    levels: tuple[Code, ...] = ()
    delivery_methods: tuple[Code, ...] = ()
    couriers: tuple[Code, ...] = ()
    costs: tuple[Costs, ...] = ()
    payments: tuple[Code, ...] = ()
    before: datetime | None = None
    after: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryInfo:
    """What was sent. In version 1.2 one item, condition and cost; `sentVia` is `method`."""

    sent: datetime
    item_ids: tuple[str, ...] = ()
    url: str | None = None
    method: Code | None = None
    address: Address | None = None
    sent_to_patron: bool | None = None
    loan_conditions: tuple[Code, ...] = ()
    format: Code | None = None
    service: ServiceType | None = None
    costs: tuple[Costs, ...] = ()
    payment: Code | None = None


@dataclass(frozen=True, slots=True)
class ShippingInfo:
    """By whom it was sent (2021)."""

    courier: Code | None = None
    tracking_ids: tuple[str, ...] = ()
    insurance: bool | None = None
    insurance_third_party: bool | None = None
    third_party: str | None = None
    insurance_costs: tuple[Costs, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnInfo:
    """Where the item goes back to, if not to the supplier."""

    agency: Agency | None = None
    name: str | None = None
    address: PhysicalAddress | None = None


@dataclass(frozen=True, slots=True)
class SupplyingMessage:
    """A message of the supplying library about a request."""

    header: Header
    reason: Reason
    status: Status
    last_change: datetime
    answer: bool | None = None
    note: str | None = None
    reason_unfilled: Code | None = None
    reason_retry: Code | None = None
    expected_delivery: datetime | None = None
    due: datetime | None = None
    retry: RetryInfo | None = None
    delivery: DeliveryInfo | None = None
    shipping: ShippingInfo | None = None
    return_to: ReturnInfo | None = None


@dataclass(frozen=True, slots=True)
class RequestingMessage:
    """A message of the requesting library about its request."""

    header: Header
    action: Action
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a message: `errorType`, and in `errorValue` which element or value."""

    type: ErrorType
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The answer to a message, in the same exchange; what an error names has changed nothing."""

    kind: Kind
    """What it confirms."""
    timestamp: datetime
    """When the confirmation was written."""
    timestamp_received: datetime
    """That of the message confirmed."""
    status: MessageStatus
    supplying_agency: Agency | None = None
    requesting_agency: Agency | None = None
    requesting_request_id: str | None = None
    multiple_item_id: str | None = None
    action: Action | None = None
    """The action of a requesting library's message, given back."""
    reason: Reason | None = None
    """The reason of a supplying library's message, given back."""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Beginning:
    """What could be read of who writes about what, however broken the rest is."""

    kind: Kind
    requesting_agency: Agency | None = None
    supplying_agency: Agency | None = None
    requesting_request_id: str | None = None
    timestamp: datetime | None = None
    action: Action | None = None
    reason: Reason | None = None


Message = RequestMessage | SupplyingMessage | RequestingMessage
Anything = Message | Confirmation


def kind_of(message: Message) -> Kind:
    """Name what a message is."""
    if isinstance(message, RequestMessage):
        return Kind.REQUEST
    return Kind.SUPPLYING if isinstance(message, SupplyingMessage) else Kind.REQUESTING
