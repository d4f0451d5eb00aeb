"""Messages of ISO 18626 as steps, each with its facts; pure, and blind to where a request stands.

What a message may do now is the tables' to say; here is only what it says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from unioncat.domain.lending import Facts, Money, Service, ServiceLevel, Step, Wanted
from unioncat.lending.exchange import DAMAGED, LEVELS, SERVICES
from unioncat.lending.iso18626 import model as iso
from unioncat.lending.iso18626.answer import Situation
from unioncat.lending.iso18626.codes import Action, Reason, RequestType, Status
from unioncat.lending.iso18626.quirks import MUST_MEET, accepts


class Unclear(Exception):
    """A message that says nothing that can be done; `situation` and `words` name the fault."""

    def __init__(self, situation: Situation, *words: object) -> None:
        super().__init__(f"{situation}: {', '.join(map(str, words))}")
        self.situation, self.words = situation, words


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message does: steps in order, each with its facts."""

    steps: tuple[tuple[Step, Facts], ...]
    note: str = ""
    status: str = ""
    """The supplier's status as it names it."""
    changed: datetime | None = None
    """When that status came about."""
    previous: str | None = None
    """The request that a retry follows."""


def asked(message: iso.RequestMessage) -> tuple[Wanted, Service, ServiceLevel, Money | None]:
    """Read what a request asks for. Raises `Unclear` for what we do not do."""
    item, publication, service = message.item, message.publication, message.service
    if service is not None and service.type is RequestType.REMINDER:
        raise Unclear(Situation.UNSUPPORTED_VALUE, "requestType", service.type)
    numbers = {one.code.value.upper(): one.value for one in reversed(item.item_ids)}
    title = item.title or item.component_title or numbers.get("ISBN") or numbers.get("ISSN")
    if not title:
        raise Unclear(Situation.MISSING, "title")
    if item.subtitle:
        title = f"{title}: {item.subtitle}"
    wanted = Wanted(
        title=title,
        author=item.author,
        edition=item.edition,
        volume=", ".join(item.volumes) or None,
        issue=item.issue,
        year=publication.date if publication else None,
        publisher=publication.publisher if publication else None,
        place=publication.place if publication else None,
        isbn=numbers.get("ISBN"),
        issn=numbers.get("ISSN"),
        pages=item.pages,
        component_title=item.component_title,
        component_author=item.component_author,
        series=item.series,
        union_id=_union_id(item.information_source),
    )
    kinds = {value: key for key, value in SERVICES.items()}
    levels = {value: key for key, value in LEVELS.items()}
    level = levels.get(service.level.value, ServiceLevel.STANDARD) if service and service.level else None
    costs = message.billing.maximum if message.billing else None
    return (
        wanted,
        kinds[service.service] if service else Service.LOAN,
        level or ServiceLevel.STANDARD,
        Money(costs.amount, costs.currency.value) if costs else None,
    )


def _union_id(source: str | None) -> str | None:
    head, _, rest = (source or "").partition(" ")
    return rest.strip() or None if head == "unioncat" else None


_DONE: Mapping[Action, Step] = {
    Action.STATUS_REQUEST: Step.STATUS_REQUEST,
    Action.RECEIVED: Step.RECEIVED,
    Action.CANCEL: Step.CANCEL,
    Action.RENEW: Step.RENEW,
    Action.SHIPPED_RETURN: Step.SHIP_BACK,
    Action.SHIPPED_FORWARD: Step.SHIP_BACK,
    Action.LOST: Step.LOST,
    Action.HOLD_RETURN: Step.HOLD_RETURN,
}


def heard_requesting(message: iso.RequestingMessage) -> Heard:
    """Read what the requesting library did or asks."""
    note = message.note or ""
    if message.action is Action.NOTIFICATION:
        if accepts(message):
            return Heard(((Step.ACCEPT_CONDITIONS, Facts(note=_rest(note))),), _rest(note))
        if note.split()[:1] == [DAMAGED]:
            return Heard(((Step.DAMAGED, Facts(note=_rest(note), damaged=True)),), _rest(note))
        return Heard(((Step.NOTIFY, Facts(note=note)),), note)
    return Heard(((_DONE[message.action], Facts(note=note)),), note)


def _rest(note: str) -> str:
    return note.strip().partition(" ")[2].strip()


_SAID: Mapping[Status, Step] = {
    Status.REQUEST_RECEIVED: Step.ANSWER_EXPECTED,
    Status.EXPECT_TO_SUPPLY: Step.ANSWER_EXPECTED,
    Status.WILL_SUPPLY: Step.ANSWER_WILL_SUPPLY,
    Status.LOANED: Step.LOANED,
    Status.OVERDUE: Step.OVERDUE,
    Status.RECALLED: Step.RECALL,
    Status.UNFILLED: Step.UNFILLED,
    Status.COPY_COMPLETED: Step.COPY_SENT,
    Status.LOAN_COMPLETED: Step.CHECKED_IN,
    Status.COMPLETED_WITHOUT_RETURN: Step.SETTLED,
    Status.CANCELLED: Step.CANCELLED,
    Status.HOLD_RETURN: Step.HOLD_RETURN,
    Status.RELEASE_HOLD_RETURN: Step.RELEASE_HOLD,
}


def heard_supplying(message: iso.SupplyingMessage) -> Heard:
    """Read what the supplying library says. Raises `Unclear` for an answer that is neither yes nor no."""
    facts = _facts(message)
    said = (_said(message), facts)
    steps: tuple[tuple[Step, Facts], ...]
    if message.reason is Reason.NOTIFICATION:
        steps = ((Step.NOTIFY, Facts(note=facts.note)),)
    elif message.reason is Reason.CANCEL_RESPONSE:
        if message.answer is None:
            raise Unclear(Situation.MISSING_FOR, "answerYesNo", message.reason)
        agreed = ((Step.CANCELLED, facts),)
        steps = agreed if message.answer else ((Step.CANCEL_REFUSED, Facts(note=facts.note)), said)
    elif message.reason is Reason.RENEW_RESPONSE:
        if message.answer is None:
            raise Unclear(Situation.MISSING_FOR, "answerYesNo", message.reason)
        steps = ((Step.RENEWED if message.answer else Step.NOT_RENEWED, facts),)
    else:
        steps = (said,)
    return Heard(steps, facts.note, message.status, message.last_change)


def _said(message: iso.SupplyingMessage) -> Step:
    if message.status is Status.RETRY_POSSIBLE:
        must = message.reason_retry is not None and message.reason_retry.value == MUST_MEET
        return Step.CONDITIONS if must else Step.RETRY_OFFERED
    return _SAID[message.status]


def _facts(message: iso.SupplyingMessage) -> Facts:
    retry, delivery, shipping = message.retry, message.delivery, message.shipping
    conditions: tuple[iso.Code, ...] = ()
    costs: tuple[iso.Costs, ...] = ()
    if retry is not None:
        conditions, costs = retry.loan_conditions, retry.costs
    if delivery is not None:
        conditions, costs = delivery.loan_conditions or conditions, delivery.costs or costs
    code = message.reason_unfilled or message.reason_retry
    back = message.return_to
    return Facts(
        note=message.note or "",
        reason=code.value if code else "",
        due=message.due,
        items=delivery.item_ids if delivery else (),
        conditions=tuple(one.value for one in conditions),
        cost=Money(costs[0].amount, costs[0].currency.value) if costs else None,
        sent_via=delivery.method.value if delivery and delivery.method else None,
        tracking=shipping.tracking_ids[0] if shipping and shipping.tracking_ids else None,
        return_to=(back.name or (back.agency.value if back.agency else None)) if back else None,
        url=delivery.url if delivery else None,
        editions=retry.editions if retry else (),
        volumes=retry.volumes if retry else (),
        retry_before=retry.before if retry else None,
        retry_after=retry.after if retry else None,
        expected=message.expected_delivery,
    )
