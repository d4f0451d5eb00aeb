"""What partners say in words of their own is understood, and anything else is left as it was said."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from unioncat.lending.iso18626.codes import Action, PreferredEdition, Reason, ServiceType, Status, Version
from unioncat.lending.iso18626.model import (
    Agency,
    BibliographicInfo,
    Code,
    Costs,
    DeliveryInfo,
    Header,
    RequestingMessage,
    RequestMessage,
    RetryInfo,
    ServiceInfo,
    SupplyingMessage,
)
from unioncat.lending.iso18626.quirks import Profile, Quirk, accepts, suited, understood

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HEAD = Header(Agency("VN-A"), NOW, "YC-1", Agency("VN-B"))
OLD = Profile(Version.V1_2)
CONDITIONS = (Code("LibraryUseOnly"), Code("NoReproduction"))
COSTS = (Costs(Decimal(20000), Code("VND")),)


def supplying(status: Status, reason: Reason = Reason.STATUS_CHANGE, **more: object) -> SupplyingMessage:
    return replace(SupplyingMessage(HEAD, reason, status, last_change=NOW), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("any_edition", "preferred", "wish"),
    [
        (True, None, PreferredEdition.ANY),
        (False, None, PreferredEdition.THIS),
        (None, None, None),
        (True, PreferredEdition.MOST_RECENT, PreferredEdition.MOST_RECENT),
    ],
)
def test_the_edition_wished_for_in_words_of_2017(
    any_edition: bool | None, preferred: PreferredEdition | None, wish: PreferredEdition | None
) -> None:
    service = ServiceInfo(ServiceType.LOAN, any_edition=any_edition, preferred_edition=preferred)
    found = understood(RequestMessage(HEAD, BibliographicInfo(title="Sách"), service=service))
    assert isinstance(found, RequestMessage)
    assert found.service is not None
    assert found.service.preferred_edition is wish


def test_a_request_without_service_is_left() -> None:
    message = RequestMessage(HEAD, BibliographicInfo(title="Sách"))
    assert understood(message) == message


@pytest.mark.parametrize(
    ("note", "action", "rest"),
    [
        ("[Lost] Không tìm thấy", Action.LOST, "Không tìm thấy"),
        ("[HoldReturn]", Action.HOLD_RETURN, None),
        ("[Renew] Xin thêm một tuần", Action.RENEW, "Xin thêm một tuần"),
        ("Sách [Lost] rồi", Action.NOTIFICATION, "Sách [Lost] rồi"),
        ("[Received]", Action.NOTIFICATION, "[Received]"),
        ("#ReShareLoanConditionAgreeResponse# vâng", Action.NOTIFICATION, "ACCEPT vâng"),
        ("#ReShareSupplierConditionsAssumedAgreed#", Action.NOTIFICATION, None),
        ("", Action.NOTIFICATION, ""),
        (None, Action.NOTIFICATION, None),
    ],
)
def test_actions_told_in_a_note(note: str | None, action: Action, rest: str | None) -> None:
    found = understood(RequestingMessage(HEAD, Action.NOTIFICATION, note))
    assert found == RequestingMessage(HEAD, action, rest)


def test_marks_in_the_note_of_another_action_mean_nothing() -> None:
    message = RequestingMessage(HEAD, Action.RECEIVED, "[Lost] tờ bìa")
    assert understood(message) == message


@pytest.mark.parametrize(
    ("note", "yes"),
    [("ACCEPT", True), ("ACCEPT: đồng ý", True), ("ACCEPTABLE?", False), ("We ACCEPT", False), (None, False)],
)
def test_conditions_are_accepted_by_the_first_word(note: str | None, yes: bool) -> None:
    assert accepts(RequestingMessage(HEAD, Action.NOTIFICATION, note)) is yes
    assert accepts(RequestingMessage(HEAD, Action.RECEIVED, note)) is False


@pytest.mark.parametrize("status", [Status.HOLD_RETURN, Status.RELEASE_HOLD_RETURN])
def test_a_hold_told_in_a_note(status: Status) -> None:
    found = understood(supplying(Status.LOANED, Reason.NOTIFICATION, note=f"[{status}] xin chờ"))
    assert found == supplying(status, note="xin chờ")
    elsewhere = supplying(Status.LOANED, note=f"[{status}] xin chờ")
    assert understood(elsewhere) == elsewhere


def test_conditions_sent_with_a_yes_are_conditions() -> None:
    terms = DeliveryInfo(NOW, loan_conditions=CONDITIONS, costs=COSTS)
    found = understood(supplying(Status.WILL_SUPPLY, delivery=terms))
    wanted = supplying(
        Status.RETRY_POSSIBLE,
        Reason.REQUEST_RESPONSE,
        reason_retry=Code("MustMeetLoanCondition"),
        retry=RetryInfo(loan_conditions=CONDITIONS, costs=COSTS),
    )
    assert found == wanted


def test_conditions_told_by_a_mark_are_conditions() -> None:
    marked = supplying(Status.WILL_SUPPLY, Reason.NOTIFICATION, note="#ReShareAddLoanCondition# đọc tại chỗ")
    found = understood(marked)
    assert isinstance(found, SupplyingMessage)
    assert (found.status, found.note) == (Status.RETRY_POSSIBLE, "đọc tại chỗ")
    assert found.reason_retry == Code("MustMeetLoanCondition")


def test_conditions_of_a_thing_that_was_sent_stay_what_they_are() -> None:
    sent = supplying(Status.LOANED, delivery=DeliveryInfo(NOW, loan_conditions=CONDITIONS))
    assert understood(sent) == sent


def test_the_word_of_another_system_for_conditions() -> None:
    """One in use, though in no list."""
    found = understood(supplying(Status.RETRY_POSSIBLE, reason_retry=Code("LoanCondition", "http://other")))
    assert isinstance(found, SupplyingMessage)
    assert found.reason_retry == Code("MustMeetLoanCondition", "http://other")
    cost = supplying(Status.RETRY_POSSIBLE, reason_retry=Code("CostExceedsMaxCost"))
    assert understood(cost) == cost


@pytest.mark.parametrize("action", [Action.LOST, Action.HOLD_RETURN])
def test_what_1_2_cannot_say_comes_back_as_it_was_meant(action: Action) -> None:
    message = RequestingMessage(HEAD, action, "xin lỗi")
    assert understood(suited(message, OLD)) == message


@pytest.mark.parametrize("status", [Status.HOLD_RETURN, Status.RELEASE_HOLD_RETURN])
def test_a_hold_over_1_2_comes_back_as_it_was_meant(status: Status) -> None:
    message = supplying(status, note="xin chờ")
    assert understood(suited(message, OLD)) == message


def test_conditions_by_marks_come_back_as_they_were_meant() -> None:
    terms = RetryInfo(loan_conditions=CONDITIONS, costs=COSTS)
    reason = Code("MustMeetLoanCondition")
    message = supplying(Status.RETRY_POSSIBLE, Reason.REQUEST_RESPONSE, reason_retry=reason, retry=terms)
    marked = suited(message, Profile(quirks=frozenset({Quirk.NOTE_MARKS})))
    assert marked != message
    assert understood(marked) == message


def test_a_renewal_for_a_partner_that_knows_none_comes_back_as_it_was_meant() -> None:
    message = RequestingMessage(HEAD, Action.RENEW, "xin thêm")
    asked = suited(message, Profile(quirks=frozenset({Quirk.NO_RENEW})))
    assert isinstance(asked, RequestingMessage)
    assert asked.action is Action.NOTIFICATION
    assert understood(asked) == message
