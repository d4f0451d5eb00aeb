"""Steps as messages of ISO 18626; `lending.hearing` reads them as steps again.

Written in the form of 2021; what a partner's version needs otherwise is done when a message leaves
(`iso18626.quirks`). A reader's data are in a message only where the lender must know them.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time

from unioncat.domain.hours import VIET_NAM
from unioncat.domain.lending import (
    Attempt,
    EditionWish,
    Facts,
    Flag,
    Kind,
    Loan,
    Money,
    Service,
    ServiceLevel,
    SupplierState,
)
from unioncat.lending.iso18626 import model as iso
from unioncat.lending.iso18626.codes import (
    Action,
    PreferredEdition,
    Reason,
    RequestSubType,
    RequestType,
    ServiceType,
    Status,
)
from unioncat.lending.iso18626.quirks import ACCEPT, MUST_MEET

DAMAGED = "DAMAGED"
"""How a notification begins that tells of damage."""
OWN_AGENCIES = "UNIONCAT"
"""Kind of the identifier of a library that has no ISIL: its code here."""
SHIPPED_STATES = frozenset(
    {SupplierState.SHIPPED, SupplierState.WITH_REQUESTER, SupplierState.RETURN_IN_TRANSIT, SupplierState.LOST}
)


def agency(code: str, isil: str | None) -> iso.Agency:
    """Name a library as the protocol does: by its ISIL, else by its code here."""
    return iso.Agency(isil) if isil else iso.Agency(code, iso.Code(OWN_AGENCIES))


def agency_of(symbol: str) -> iso.Agency:
    """Read a symbol such as `isil:vn-nlv`; the case of the value is as it was written."""
    kind, _, value = symbol.partition(":")
    named = "ISIL" if kind.lower() == "isil" else kind.upper()
    return iso.Agency(value, iso.Code(named))


def header(attempt: Attempt, requester: iso.Agency, supplier: iso.Agency, now: datetime) -> iso.Header:
    """Write the header of every message about an attempt."""
    return iso.Header(
        requesting_agency=requester,
        supplying_agency=supplier,
        timestamp=now,
        requesting_request_id=attempt.protocol_id,
        supplying_request_id=attempt.supplier_id,
    )


SERVICES = {
    Service.LOAN: ServiceType.LOAN,
    Service.COPY: ServiceType.COPY,
    Service.EITHER: ServiceType.COPY_OR_LOAN,
}
LEVELS = {
    ServiceLevel.STANDARD: "Standard",
    ServiceLevel.NORMAL: "Normal",
    ServiceLevel.SECONDARY_MAIL: "SecondaryMail",
    ServiceLevel.EXPRESS: "Express",
    ServiceLevel.RUSH: "Rush",
    ServiceLevel.URGENT: "Urgent",
}
_WISHES = {
    EditionWish.THIS: PreferredEdition.THIS,
    EditionWish.ANY: PreferredEdition.ANY,
    EditionWish.NEWEST: PreferredEdition.MOST_RECENT,
}


def request(
    attempt: Attempt,
    head: iso.Header,
    *,
    wish: EditionWish = EditionWish.THIS,
    retry_of: str | None = None,
    offer: Facts | None = None,
    requester: iso.RequestingAgencyInfo | None = None,
    delivery: iso.Address | None = None,
    patron: iso.PatronInfo | None = None,
) -> iso.RequestMessage:
    """Write a request, or the retry of an earlier one on what its supplier offered."""
    wanted = attempt.wanted
    codes = (("ISBN", wanted.isbn), ("ISSN", wanted.issn))
    needed = datetime.combine(attempt.needed_by, time(23, 59, 59), VIET_NAM) if attempt.needed_by else None
    return iso.RequestMessage(
        header=head,
        item=iso.BibliographicInfo(
            title=wanted.title,
            author=wanted.author,
            series=wanted.series,
            edition=wanted.edition,
            component_title=wanted.component_title,
            component_author=wanted.component_author,
            volumes=(wanted.volume,) if wanted.volume else (),
            issue=wanted.issue,
            pages=wanted.pages,
            item_ids=tuple(iso.Identifier(value, iso.Code(code)) for code, value in codes if value),
            information_source=f"unioncat {wanted.union_id}" if wanted.union_id else None,
        ),
        publication=iso.PublicationInfo(publisher=wanted.publisher, date=wanted.year, place=wanted.place),
        service=iso.ServiceInfo(
            service=SERVICES[attempt.service],
            type=RequestType.RETRY if retry_of else RequestType.NEW,
            subtypes=(RequestSubType.PATRON,) if patron else (),
            previous_request_id=retry_of,
            level=iso.Code(LEVELS[attempt.level]),
            need_before=needed,
            preferred_edition=_WISHES[wish],
            loan_conditions=tuple(map(iso.Code, offer.conditions)) if offer else (),
            note=attempt.requester_note or None,
        ),
        requester=requester,
        deliveries=(iso.RequestedDelivery(order=1, address=delivery),) if delivery else (),
        patron=patron,
        billing=iso.BillingInfo(maximum=_costs(attempt.max_cost)) if attempt.max_cost else None,
    )


def _costs(money: Money) -> iso.Costs:
    return iso.Costs(money.amount, iso.Code(money.currency))


_ACTIONS: Mapping[Kind, Action] = {
    Kind.STATUS_REQUEST: Action.STATUS_REQUEST,
    Kind.RECEIVED: Action.RECEIVED,
    Kind.CANCEL: Action.CANCEL,
    Kind.RENEW: Action.RENEW,
    Kind.SHIPPED_RETURN: Action.SHIPPED_RETURN,
    Kind.LOST: Action.LOST,
    Kind.ACCEPT: Action.NOTIFICATION,
    Kind.DAMAGED: Action.NOTIFICATION,
    Kind.NOTIFICATION: Action.NOTIFICATION,
}
_MARKS = {Kind.ACCEPT: ACCEPT, Kind.DAMAGED: DAMAGED}


def requesting(kind: Kind, head: iso.Header, note: str = "") -> iso.RequestingMessage:
    """Write what the requesting library does or asks."""
    words = f"{_MARKS[kind]} {note}".strip() if kind in _MARKS else note
    return iso.RequestingMessage(head, _ACTIONS[kind], words or None)


_STATUSES: Mapping[Kind, Status] = {
    Kind.EXPECT: Status.EXPECT_TO_SUPPLY,
    Kind.WILL_SUPPLY: Status.WILL_SUPPLY,
    Kind.CONDITIONS: Status.RETRY_POSSIBLE,
    Kind.RETRY: Status.RETRY_POSSIBLE,
    Kind.UNFILLED: Status.UNFILLED,
    Kind.LOANED: Status.LOANED,
    Kind.COPY: Status.COPY_COMPLETED,
    Kind.OVERDUE: Status.OVERDUE,
    Kind.RECALL: Status.RECALLED,
    Kind.HOLD_RETURN: Status.HOLD_RETURN,
    Kind.RELEASE_HOLD: Status.RELEASE_HOLD_RETURN,
    Kind.CANCEL_AGREED: Status.CANCELLED,
    Kind.LOAN_COMPLETED: Status.LOAN_COMPLETED,
    Kind.WITHOUT_RETURN: Status.COMPLETED_WITHOUT_RETURN,
}
_ANSWERS: Mapping[Kind, tuple[Reason, bool]] = {
    Kind.CANCEL_AGREED: (Reason.CANCEL_RESPONSE, True),
    Kind.CANCEL_REFUSED: (Reason.CANCEL_RESPONSE, False),
    Kind.RENEWED: (Reason.RENEW_RESPONSE, True),
    Kind.NOT_RENEWED: (Reason.RENEW_RESPONSE, False),
}
_ENDS = frozenset({Status.COPY_COMPLETED, Status.LOAN_COMPLETED, Status.COMPLETED_WITHOUT_RETURN})
_WITH_DELIVERY = _ENDS | {Status.LOANED, Status.OVERDUE, Status.RECALLED}
"""What was sent, and its cost, are said until the end: the first message of it may have been lost."""
_FIRST = frozenset({Kind.EXPECT, Kind.CONDITIONS, Kind.RETRY})
"""What answers the request itself, whenever it is said."""


def status_of(
    state: SupplierState, flags: frozenset[Flag], saved: SupplierState | None = None, *, shipped: bool = False
) -> Status:
    """Say where a supply stands in the words of ISO 18626."""
    if state is SupplierState.CANCEL_REQUESTED:
        return status_of(saved or SupplierState.RECEIVED, flags)
    if state in SHIPPED_STATES:
        if Flag.RECALLED in flags:
            return Status.RECALLED
        return Status.OVERDUE if Flag.OVERDUE in flags else Status.LOANED
    if state is SupplierState.CLOSED_MANUALLY:
        return Status.LOAN_COMPLETED if shipped else Status.UNFILLED
    return {
        SupplierState.RECEIVED: Status.REQUEST_RECEIVED,
        SupplierState.CONDITION_SENT: Status.RETRY_POSSIBLE,
        SupplierState.RETRY_SENT: Status.RETRY_POSSIBLE,
        SupplierState.TO_PULL: Status.WILL_SUPPLY,
        SupplierState.PULLED_LIST: Status.WILL_SUPPLY,
        SupplierState.PICKED: Status.WILL_SUPPLY,
        SupplierState.COMPLETED: Status.LOAN_COMPLETED,
        SupplierState.COPY_SENT: Status.COPY_COMPLETED,
        SupplierState.COMPLETED_WITHOUT_RETURN: Status.COMPLETED_WITHOUT_RETURN,
        SupplierState.UNFILLED: Status.UNFILLED,
        SupplierState.CANCELLED: Status.CANCELLED,
        SupplierState.SUPERSEDED: Status.UNFILLED,
    }[state]


def supplying(
    kind: Kind,
    head: iso.Header,
    attempt: Attempt,
    facts: Facts,
    *,
    changed: datetime,
    before: SupplierState | None = None,
    offered: Facts | None = None,
) -> iso.SupplyingMessage:
    """Write what the supplying library says of an attempt as it is after a step; `before` was its state.

    `offered` is what it offered last, for the answer to a question after the status.
    """
    state = attempt.supplier_state or SupplierState.RECEIVED
    status = _STATUSES.get(kind) or status_of(
        state, attempt.supplier_flags, attempt.supplier_saved, shipped=attempt.loan.shipped is not None
    )
    reason, answer = _ANSWERS.get(kind, (Reason.STATUS_CHANGE, None))
    if kind is Kind.NOTIFICATION:
        reason = Reason.NOTIFICATION
    elif kind is Kind.STATUS:
        reason = Reason.STATUS_REQUEST_RESPONSE
    elif kind in _FIRST or (
        before is SupplierState.RECEIVED and kind in (Kind.WILL_SUPPLY, Kind.UNFILLED, Kind.LOANED, Kind.COPY)
    ):
        reason = Reason.REQUEST_RESPONSE
    said = offered if status is Status.RETRY_POSSIBLE and kind is Kind.STATUS and offered else facts
    message = iso.SupplyingMessage(
        header=head,
        reason=reason,
        status=status,
        last_change=changed,
        answer=answer,
        note=facts.note or None,
        expected_delivery=facts.expected,
    )
    if reason is Reason.NOTIFICATION:
        return message
    if status is Status.UNFILLED:
        code = facts.reason or attempt.reason or "NotAvailableForILL"
        return replace(message, reason_unfilled=iso.Code(code))
    if status is Status.RETRY_POSSIBLE:
        conditions = kind is Kind.CONDITIONS or state is SupplierState.CONDITION_SENT
        why, retry = _retry(said, conditions=conditions)
        return replace(message, reason_retry=why, retry=retry)
    if status in _WITH_DELIVERY:
        return _with_delivery(message, attempt.loan, changed)
    return message


def _retry(offer: Facts, *, conditions: bool) -> tuple[iso.Code, iso.RetryInfo | None]:
    code = MUST_MEET if conditions else offer.reason or "NotCurrentAvailableForILL"
    retry = iso.RetryInfo(
        loan_conditions=tuple(map(iso.Code, offer.conditions)),
        editions=offer.editions,
        volumes=offer.volumes,
        costs=(_costs(offer.cost),) if offer.cost else (),
        before=offer.retry_before,
        after=offer.retry_after,
    )
    return iso.Code(code), None if retry == iso.RetryInfo() else retry


def _with_delivery(message: iso.SupplyingMessage, loan: Loan, changed: datetime) -> iso.SupplyingMessage:
    shipping = iso.ShippingInfo(tracking_ids=(loan.tracking,)) if loan.tracking else None
    return replace(
        message,
        due=None if message.status in _ENDS else loan.due,
        delivery=iso.DeliveryInfo(
            sent=loan.shipped or changed,
            item_ids=loan.items,
            url=loan.url,
            method=iso.Code(loan.sent_via) if loan.sent_via else None,
            loan_conditions=tuple(map(iso.Code, loan.conditions)),
            costs=(_costs(loan.cost),) if loan.cost else (),
        ),
        shipping=shipping,
        return_to=iso.ReturnInfo(name=loan.return_to) if loan.return_to else None,
    )
