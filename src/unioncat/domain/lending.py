"""Lending as people speak of it: sides, services, states, steps, requests, supply attempts, events.

States and flags are told by events alone; nothing else may set them (DESIGN invariant 13).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID


class Side(StrEnum):
    """Which of the two libraries is spoken of."""

    REQUESTER = "requester"
    SUPPLIER = "supplier"


class Service(StrEnum):
    """What is asked for."""

    LOAN = "loan"
    COPY = "copy"
    EITHER = "either"


class ServiceLevel(StrEnum):
    """How fast; the open codes of ISO 18626."""

    STANDARD = "standard"
    NORMAL = "normal"
    SECONDARY_MAIL = "secondary_mail"
    EXPRESS = "express"
    RUSH = "rush"
    URGENT = "urgent"


class EditionWish(StrEnum):
    """Which edition will do."""

    THIS = "this"
    ANY = "any"
    NEWEST = "newest"


class RequesterState(StrEnum):
    """Where a request stands at the library that asks."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PATRON_INVALID = "patron_invalid"
    OVER_LIMIT = "over_limit"
    DUPLICATE_REVIEW = "duplicate_review"
    STAFF_REVIEW = "staff_review"
    LOCATING = "locating"
    LOCAL_REVIEW = "local_review"
    SENT = "sent"
    EXPECTED = "expected"
    WILL_SUPPLY = "will_supply"
    CONDITIONAL = "conditional"
    RETRY_OFFERED = "retry_offered"
    CANCEL_PENDING = "cancel_pending"
    SHIPPED = "shipped"
    RECEIVED = "received"
    ON_LOAN = "on_loan"
    RETURNED_BY_READER = "returned_by_reader"
    RETURN_SHIPPED = "return_shipped"
    LOST = "lost"
    COMPLETED = "completed"
    COPY_DELIVERED = "copy_delivered"
    COMPLETED_WITHOUT_RETURN = "completed_without_return"
    UNFILLED = "unfilled"
    CANCELLED = "cancelled"
    CLOSED_MANUALLY = "closed_manually"
    SUPERSEDED = "superseded"


class SupplierState(StrEnum):
    """Where a supply stands at the library that is asked."""

    RECEIVED = "received"
    CONDITION_SENT = "condition_sent"
    RETRY_SENT = "retry_sent"
    TO_PULL = "to_pull"
    PULLED_LIST = "pulled_list"
    PICKED = "picked"
    CANCEL_REQUESTED = "cancel_requested"
    SHIPPED = "shipped"
    WITH_REQUESTER = "with_requester"
    RETURN_IN_TRANSIT = "return_in_transit"
    LOST = "lost"
    COMPLETED = "completed"
    COPY_SENT = "copy_sent"
    COMPLETED_WITHOUT_RETURN = "completed_without_return"
    UNFILLED = "unfilled"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    CLOSED_MANUALLY = "closed_manually"


State = RequesterState | SupplierState


class Flag(StrEnum):
    """What holds beside a state of a loan, so that nothing is lost when two hold at once."""

    OVERDUE = "overdue"
    RECALLED = "recalled"
    RENEW_PENDING = "renew_pending"
    HOLD_RETURN = "hold_return"
    DAMAGED = "damaged"


class Step(StrEnum):
    """What somebody, a clock or a message does; the same name on both sides where it is the same thing."""

    SUBMIT = "submit"
    PASS = "pass"  # noqa: S105 — the checks let it pass
    REVIEW = "review"
    INVALID = "invalid"
    OVER_LIMIT = "over_limit"
    DUPLICATE = "duplicate"
    RECHECK = "recheck"
    APPROVE = "approve"
    ENDORSE = "endorse"
    """The first of two approvals."""
    REJECT = "reject"
    OWN_COPY = "own_copy"
    FILL_LOCALLY = "fill_locally"
    NOT_LOCAL = "not_local"
    LOCATE = "locate"
    """Build the list of libraries to ask anew, or reorder it."""
    SEND = "send"
    ARRIVE = "arrive"
    """The request reaches the supplier."""
    EXHAUST = "exhaust"
    """Nobody is left to be asked."""
    ANSWER_EXPECTED = "answer_expected"
    ANSWER_WILL_SUPPLY = "answer_will_supply"
    CONDITIONS = "conditions"
    ACCEPT_CONDITIONS = "accept_conditions"
    REFUSE_CONDITIONS = "refuse_conditions"
    RETRY_OFFERED = "retry_offered"
    ACCEPT_RETRY = "accept_retry"
    REFUSE_RETRY = "refuse_retry"
    UNFILLED = "unfilled"
    NO_ANSWER = "no_answer"
    SEND_FAILED = "send_failed"
    PRINT_SLIP = "print_slip"
    PICK = "pick"
    LOANED = "loaned"
    COPY_SENT = "copy_sent"
    RECEIVED = "received"
    LEND_OUT = "lend_out"
    GIVE_BACK = "give_back"
    SHIP_BACK = "ship_back"
    STRAY_BACK = "stray_back"
    """Send back what a former attempt sent after all."""
    CHECKED_IN = "checked_in"
    RENEW = "renew"
    RENEWED = "renewed"
    NOT_RENEWED = "not_renewed"
    OVERDUE = "overdue"
    RECALL = "recall"
    HOLD_RETURN = "hold_return"
    RELEASE_HOLD = "release_hold"
    DAMAGED = "damaged"
    LOST = "lost"
    FOUND = "found"
    SETTLED = "settled"
    CANCEL = "cancel"
    CANCELLED = "cancelled"
    CANCEL_REFUSED = "cancel_refused"
    STATUS_REQUEST = "status_request"
    NOTIFY = "notify"
    LATE = "late"
    """A message that came too late, of a former attempt or behind the present state: kept, not applied."""
    EXPIRE = "expire"
    SUPERSEDE = "supersede"
    CLOSE = "close"
    UNDO = "undo"


class Kind(StrEnum):
    """Protocol messages by what they say; `lending.exchange` writes each as ISO 18626 has it."""

    REQUEST = "request"
    RETRY_REQUEST = "retry_request"
    # from the requester
    STATUS_REQUEST = "status_request"
    RECEIVED = "received"
    CANCEL = "cancel"
    RENEW = "renew"
    SHIPPED_RETURN = "shipped_return"
    LOST = "lost"
    ACCEPT = "accept"
    DAMAGED = "damaged"
    # from the supplier
    EXPECT = "expect"
    WILL_SUPPLY = "will_supply"
    CONDITIONS = "conditions"
    RETRY = "retry"
    UNFILLED = "unfilled"
    LOANED = "loaned"
    COPY = "copy"
    RENEWED = "renewed"
    NOT_RENEWED = "not_renewed"
    OVERDUE = "overdue"
    RECALL = "recall"
    HOLD_RETURN = "hold_return"
    RELEASE_HOLD = "release_hold"
    CANCEL_AGREED = "cancel_agreed"
    CANCEL_REFUSED = "cancel_refused"
    LOAN_COMPLETED = "loan_completed"
    WITHOUT_RETURN = "without_return"
    STATUS = "status"
    # from either
    NOTIFICATION = "notification"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted, as plain strings; `union_id` where it was found in the union catalogue."""

    title: str
    author: str | None = None
    edition: str | None = None
    volume: str | None = None
    issue: str | None = None
    year: str | None = None
    publisher: str | None = None
    place: str | None = None
    isbn: str | None = None
    issn: str | None = None
    pages: str | None = None
    component_title: str | None = None
    component_author: str | None = None
    material: str | None = None
    series: str | None = None
    union_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReaderRef:
    """Who the request is for; kept apart from the request, so that it can be removed.

    With an account id the rest may be empty; a reader without an account is known by name and card.
    """

    account: int | None = None
    name: str = ""
    card: str = ""
    email: str = ""
    phone: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's own unit (đồng for VND)."""

    amount: Decimal
    currency: str = "VND"


@dataclass(frozen=True, slots=True)
class Loan:
    """What is known of the thing lent, by one side: when it is due, which items, on what terms."""

    due: datetime | None = None
    items: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    """Codes of ISO 18626 (LibraryUseOnly, NoReproduction, …) or free words."""
    cost: Money | None = None
    sent_via: str | None = None
    tracking: str | None = None
    return_to: str | None = None
    """Where to send it back, when that is not the supplier."""
    renewals: int = 0
    shipped: datetime | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What comes with a step: only what the step is about is given, all else is empty."""

    note: str = ""
    """Words for the other library, or of it."""
    reason: str = ""
    """A code: why not (NotOnShelf, …), why otherwise (CostExceedsMaxCost, …)."""
    due: datetime | None = None
    items: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    cost: Money | None = None
    sent_via: str | None = None
    tracking: str | None = None
    return_to: str | None = None
    url: str | None = None
    editions: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    retry_before: datetime | None = None
    retry_after: datetime | None = None
    expected: datetime | None = None
    """When it is expected to be sent."""
    supplier: str | None = None
    """Code of the library to ask next, where a person chose it."""
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A request of a reader at his or her home library; `attempt` counts the suppliers asked so far."""

    id: UUID
    number: str
    home: str
    """Code of the library that asks."""
    wanted: Wanted
    service: Service = Service.LOAN
    level: ServiceLevel = ServiceLevel.STANDARD
    edition_wish: EditionWish = EditionWish.THIS
    pick_up: str | None = None
    """Code of the branch where the reader fetches it; none is the home library."""
    needed_by: date | None = None
    max_cost: Money | None = None
    reader_note: str = ""
    state: RequesterState = RequesterState.DRAFT
    flags: frozenset[Flag] = frozenset()
    saved: RequesterState | None = None
    """What a refused cancel goes back to."""
    attempt: int = 0
    loan: Loan = field(default_factory=Loan)
    reader: ReaderRef | None = None
    """None when it was not asked for, or was removed."""
    origin: str = "page"
    """page, desk, batch, api."""
    made_by: str = ""
    previous: UUID | None = None
    successor: UUID | None = None
    created: datetime | None = None
    changed: datetime | None = None
    closed: datetime | None = None
    answer_due: datetime | None = None
    """When whoever must do something next should have done it."""
    reason: str = ""
    """Why it ended, or waits: a code of the last event."""
    version: int = 0
    """Number of events; who acts on an older one is told so."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One supplier asked once. Both sides keep their own view in it; `supplier_state` only where we keep it.

    `protocol_id` is the requesting agency's id of this attempt alone (header requestingAgencyRequestId):
    unguessable, and the same in every message of the attempt.
    """

    id: UUID
    protocol_id: str
    requester: str
    """Symbol of the agency that asks (`Party.symbol`)."""
    supplier: str
    """Symbol of the agency that is asked."""
    wanted: Wanted
    service: Service = Service.LOAN
    level: ServiceLevel = ServiceLevel.STANDARD
    request: UUID | None = None
    """None where the request is kept by another system."""
    number: int = 1
    supplier_id: str | None = None
    """The supplying agency's own id (supplyingAgencyRequestId)."""
    needed_by: date | None = None
    max_cost: Money | None = None
    requester_note: str = ""
    status_seen: str = ""
    """Last status that the requester saw, as ISO 18626 names it."""
    status_at: datetime | None = None
    offer: Facts | None = None
    """Conditions, or what the supplier offers instead, as the requester was told."""
    open: bool = True
    """Whether it is the request's present attempt."""
    stray: bool = False
    """A thing came, or is under way, of an attempt that is no longer the present one."""
    supplier_state: SupplierState | None = None
    """None where another system keeps it."""
    supplier_flags: frozenset[Flag] = frozenset()
    supplier_saved: SupplierState | None = None
    loan: Loan = field(default_factory=Loan)
    """The supplier's view; the requester's stands in the request."""
    retry_of: UUID | None = None
    created: datetime | None = None
    changed: datetime | None = None
    answer_due: datetime | None = None
    reason: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """A step that was done, never changed afterwards. `data` is plain JSON without readers' data."""

    seq: int
    at: datetime
    actor: str
    """E-mail of an account, `partner:SYMBOL`, `link:LIBRARY`, or `clock`."""
    side: Side
    step: Step
    before: str
    after: str
    flags: frozenset[Flag] = frozenset()
    why: str = ""
    message: str | None = None
    """Id of the message that brought it."""
    data: Mapping[str, Any] = field(default_factory=dict)
    sent: tuple[Kind, ...] = ()
    """What it made us send."""
    id: int = 0


class OutgoingKind(StrEnum):
    """What leaves the house."""

    MESSAGE = "message"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Something that must be sent; the same `key` is never queued twice.

    For a message `body` is the ISO 18626 message as plain data (`lending.exchange`); for a letter its
    template's name and facts. `lane` orders: what has the same lane leaves in the order it was written.
    """

    key: str
    kind: OutgoingKind
    to: str
    """Symbol of the partner, or the kind of person written to (`reader`, `home`, `supplier`)."""
    body: Mapping[str, Any]
    lane: str = ""
    request: UUID | None = None
    supply: UUID | None = None
    due: datetime | None = None
    id: int = 0
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """A word on a request: private to one library's staff, or said to the other library."""

    id: int
    side: Side
    text: str
    author: str
    at: datetime
    private: bool
    incoming: bool = False
    read: bool = True
