"""What is peculiar to each partner, in one place: its version, and habits that differ from the standard.

Everything else of unioncat speaks the form of 2021. `suited` turns a message of ours into what the partner
understands, `understood` what it says into that form; neither changes which request it is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from unioncat.lending.iso18626.codes import Action, PreferredEdition, Reason, ServiceType, Status, Version
from unioncat.lending.iso18626.model import (
    Agency,
    Code,
    DeliveryInfo,
    Message,
    RequestingMessage,
    RequestMessage,
    RetryInfo,
    ServiceInfo,
    SupplierInfo,
    SupplyingMessage,
)

ACCEPT = "ACCEPT"
"""How a notification begins that accepts a supplier's conditions."""
MUST_MEET = "MustMeetLoanCondition"
_MARKS = {
    "#ReShareLoanConditionAgreeResponse#": ACCEPT,
    "#ReShareSupplierConditionsAssumedAgreed#": "",
    "#ReShareAddLoanCondition#": "",
}
"""Words in notes by which ReShare says what the standard has no place for, and what they are here."""
_AGREED, _CONDITION = "#ReShareLoanConditionAgreeResponse#", "#ReShareAddLoanCondition#"


class Quirk(StrEnum):
    """A habit of a partner."""

    NOTE_MARKS = "note-marks"
    """Conditions are told and accepted by marks in notes, as ReShare does."""
    NO_RENEW = "no-renew"
    """It does not know the action Renew; a renewal is asked for by a notification."""
    NO_CONFIRMATION_BODY = "bare-confirmation"
    """A status of 2xx without a readable confirmation is taken for OK."""


class Mode(StrEnum):
    """How a partner that speaks for several libraries names them."""

    TRANSPARENT = "transparent"
    """Each by its own agency."""
    OPAQUE = "opaque"
    """All by its own; the library wished for stands in supplierInfo."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a partner is spoken to."""

    version: Version = Version.V2021
    mode: Mode = Mode.TRANSPARENT
    quirks: frozenset[Quirk] = frozenset()
    agency: Agency | None = None
    """The partner's own agency, which an opaque one uses for all."""


def suited(message: Message, profile: Profile) -> Message:
    """Turn a message into what the partner understands."""
    if profile.mode is Mode.OPAQUE and profile.agency is not None:
        message = _opaque(message, profile.agency)
    if isinstance(message, RequestingMessage):
        message = _requesting(message, profile)
    elif isinstance(message, SupplyingMessage):
        message = _supplying(message, profile)
    if profile.version is not Version.V1_2:
        return message
    if isinstance(message, RequestMessage):
        return _old_request(message)
    return _old_supplying(message) if isinstance(message, SupplyingMessage) else message


def understood(message: Message) -> Message:
    """Turn what a partner says into the form of 2021."""
    if isinstance(message, RequestMessage):
        return _new_request(message)
    if isinstance(message, RequestingMessage):
        return _new_requesting(message)
    return _new_supplying(message)


def _opaque(message: Message, agency: Agency) -> Message:
    """Name the broker instead of a library behind it; only what goes to a supplier does so."""
    named = message.header.supplying_agency
    if isinstance(message, SupplyingMessage) or named is None or named == agency:
        return message
    header = replace(message.header, supplying_agency=agency)
    if isinstance(message, RequestMessage):
        wished = SupplierInfo(order=1, agency=named)
        return replace(message, header=header, suppliers=(wished, *message.suppliers))
    return replace(message, header=header)


def _requesting(message: RequestingMessage, profile: Profile) -> RequestingMessage:
    if Quirk.NOTE_MARKS in profile.quirks and accepts(message):
        rest = (message.note or "")[len(ACCEPT) :].strip()
        return replace(message, note=f"{_AGREED} {rest}".strip())
    if message.action is Action.RENEW and Quirk.NO_RENEW in profile.quirks:
        return replace(message, action=Action.NOTIFICATION, note=_marked(Action.RENEW, message.note))
    if profile.version is Version.V1_2 and message.action in (Action.LOST, Action.HOLD_RETURN):
        return replace(message, action=Action.NOTIFICATION, note=_marked(message.action, message.note))
    return message


def _marked(action: Action | Status, note: str | None) -> str:
    return f"[{action}] {note or ''}".strip()


def _supplying(message: SupplyingMessage, profile: Profile) -> SupplyingMessage:
    retry = message.retry
    if not (Quirk.NOTE_MARKS in profile.quirks and _sets_conditions(message) and retry):
        return message
    # ReShare's requester reads conditions from deliveryInfo of a notification, beside the promise.
    return replace(
        message,
        reason=Reason.NOTIFICATION,
        status=Status.WILL_SUPPLY,
        reason_retry=None,
        retry=None,
        note=f"{_CONDITION} {message.note or ''}".strip(),
        delivery=DeliveryInfo(message.last_change, loan_conditions=retry.loan_conditions, costs=retry.costs),
    )


def _sets_conditions(message: SupplyingMessage) -> bool:
    return (
        message.status is Status.RETRY_POSSIBLE
        and message.reason_retry is not None
        and message.reason_retry.value == MUST_MEET
    )


def _old_request(message: RequestMessage) -> RequestMessage:
    item, service = message.item, message.service or ServiceInfo(ServiceType.LOAN)
    notes = [service.note or ""]
    if service.loan_conditions:
        notes.append("loanCondition: " + ", ".join(one.value for one in service.loan_conditions))
    edition = service.any_edition
    if service.preferred_edition is not None and edition is None:
        edition = service.preferred_edition is PreferredEdition.ANY
        if service.preferred_edition is PreferredEdition.MOST_RECENT:
            notes.append("preferredEdition: MostRecentEdition")
    return replace(
        message,
        item=replace(item, volumes=(", ".join(item.volumes),) if item.volumes else ()),
        service=replace(
            service,
            any_edition=edition,
            subtypes=service.subtypes[:3],
            note="\n".join(filter(None, notes)) or None,
        ),
    )


def _old_supplying(message: SupplyingMessage) -> SupplyingMessage:
    notes = [message.note or ""]
    reason, status = message.reason, message.status
    if status in (Status.HOLD_RETURN, Status.RELEASE_HOLD_RETURN):
        notes.insert(0, f"[{status}]")
        reason, status = Reason.NOTIFICATION, Status.LOANED
    if message.retry is not None:
        notes += _in_words(message.retry)
    delivery = message.delivery
    if delivery is not None:
        notes += _more("itemId", delivery.item_ids[1:])
        notes += _more("loanCondition", [one.value for one in delivery.loan_conditions[1:]])
        notes += _more("URL", [delivery.url] if delivery.url else [])
    if message.shipping is not None:
        notes += _more("trackingId", message.shipping.tracking_ids)
    return replace(message, reason=reason, status=status, note="\n".join(filter(None, notes)) or None)


def _in_words(retry: RetryInfo) -> list[str]:
    """Say in a note what version 1.2 has no place for; costs and dates have one."""
    said = (
        ("loanCondition", [one.value for one in retry.loan_conditions]),
        ("edition", retry.editions),
        ("itemFormat", [one.value for one in retry.formats]),
        ("volume", retry.volumes),
        ("serviceType", [str(retry.service)] if retry.service else []),
        ("serviceLevel", [one.value for one in retry.levels]),
        ("deliveryMethod", [one.value for one in retry.delivery_methods]),
        ("courierName", [one.value for one in retry.couriers]),
        ("offeredCosts", [f"{one.amount} {one.currency.value}" for one in retry.costs[1:]]),
        ("paymentMethod", [one.value for one in retry.payments]),
    )
    return [line for name, values in said for line in _more(name, values)]


def _more(name: str, values: Sequence[str]) -> list[str]:
    return [f"{name}: {', '.join(values)}"] if values else []


def accepts(message: RequestingMessage) -> bool:
    """Tell whether a message accepts the supplier's conditions."""
    words = (message.note or "").split()
    return message.action is Action.NOTIFICATION and bool(words) and words[0].strip(".:,;") == ACCEPT


def _new_request(message: RequestMessage) -> RequestMessage:
    service = message.service
    if service is None or service.any_edition is None or service.preferred_edition is not None:
        return message
    wish = PreferredEdition.ANY if service.any_edition else PreferredEdition.THIS
    return replace(message, service=replace(service, preferred_edition=wish))


def _new_requesting(message: RequestingMessage) -> RequestingMessage:
    note = message.note or ""
    if message.action is not Action.NOTIFICATION:
        return message
    for mark, word in _MARKS.items():
        if note.startswith(mark):
            return replace(message, note=f"{word} {note[len(mark) :].strip()}".strip() or None)
    for action in (Action.LOST, Action.HOLD_RETURN, Action.RENEW):
        if note.startswith(f"[{action}]"):
            rest = note[len(action) + 2 :].strip()
            return replace(message, action=action, note=rest or None)
    return message


def _new_supplying(message: SupplyingMessage) -> SupplyingMessage:
    note, delivery = message.note or "", message.delivery
    if message.reason is Reason.NOTIFICATION:
        for status in (Status.RELEASE_HOLD_RETURN, Status.HOLD_RETURN):
            if note.startswith(f"[{status}]"):
                rest = note[len(status) + 2 :].strip()
                return replace(message, reason=Reason.STATUS_CHANGE, status=status, note=rest or None)
    on_terms = message.status in (Status.WILL_SUPPLY, Status.EXPECT_TO_SUPPLY) and (
        note.startswith(_CONDITION) or (delivery is not None and bool(delivery.loan_conditions))
    )
    if on_terms:
        return replace(
            message,
            reason=Reason.REQUEST_RESPONSE,
            status=Status.RETRY_POSSIBLE,
            reason_retry=Code(MUST_MEET),
            retry=replace(
                message.retry or RetryInfo(),
                loan_conditions=delivery.loan_conditions if delivery else (),
                costs=delivery.costs if delivery else (),
            ),
            delivery=None,
            note=note.removeprefix(_CONDITION).strip() or None,
        )
    if message.reason_retry is not None and message.reason_retry.value == "LoanCondition":
        return replace(message, reason_retry=replace(message.reason_retry, value=MUST_MEET))
    return message
