"""What is written validates in its version and is read back the same; the schemas are oracles, never code."""

from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings

from tests.unioncat.lending.iso18626 import made
from unioncat.lending.iso18626 import model as m
from unioncat.lending.iso18626.codes import Action, Kind, MessageStatus, Reason, ServiceType, Status, Version
from unioncat.lending.iso18626.primitives import write_moment
from unioncat.lending.iso18626.quirks import Profile, suited
from unioncat.lending.iso18626.read import read, read_confirmation
from unioncat.lending.iso18626.stored import pack, unpack
from unioncat.lending.iso18626.write import write, write_confirmation

HERE = m.Agency("VN-NLV")
THERE = m.Agency("VN-TVHP")
HEADER = m.Header(THERE, made.NOW, "YC-2026-000123/1", HERE)


@made.needs_schemas
@settings(max_examples=60, deadline=None)
@given(made.MESSAGES)
def test_every_message_validates_in_both_versions(message: m.Message) -> None:
    for version in Version:
        body = write(suited(message, Profile(version)), version)
        assert made.complaints(body, version) == [], body.decode()


@settings(max_examples=60, deadline=None)
@given(made.MESSAGES)
def test_what_was_written_is_read_back_the_same(message: m.Message) -> None:
    reading = read(write(message, Version.V2021))
    assert reading.faults == ()
    assert reading.message == _as_2021_has_it(message)


@settings(max_examples=40, deadline=None)
@given(made.MESSAGES)
def test_what_waits_is_kept_whole(message: m.Message) -> None:
    assert unpack(pack(message)) == message


@made.needs_schemas
@settings(max_examples=30, deadline=None)
@given(made.CONFIRMATIONS)
def test_a_confirmation_is_valid_in_both_versions(confirmation: m.Confirmation) -> None:
    for named in Version:
        body = write_confirmation(confirmation, named)
        for version in Version:
            assert made.complaints(body, version) == []


@settings(max_examples=30, deadline=None)
@given(made.CONFIRMATIONS)
def test_a_confirmation_is_read_back_the_same(confirmation: m.Confirmation) -> None:
    assert read_confirmation(write_confirmation(confirmation)) == confirmation


def _as_2021_has_it(message: m.Message) -> m.Message:
    """Leave out what version 2021 has no place for."""
    header = message.header
    header = replace(header, supplying_request_id=None) if isinstance(message, m.RequestMessage) else header
    if not isinstance(message, m.RequestMessage):
        header = replace(header, multiple_item_id=None)
    if isinstance(message, m.SupplyingMessage):
        header = replace(header, consortium=None, account_id=None, security_code=None)
    return replace(message, header=header)


def test_vietnamese_arrives_in_one_form_whatever_was_sent() -> None:
    wanted = m.BibliographicInfo(title="Truyện Kiều")
    message = m.RequestMessage(HEADER, wanted, service=m.ServiceInfo(ServiceType.LOAN))
    for version in Version:
        body = write(message, version)
        assert "Truyện Kiều".encode() in body
        read_back = read(body).message
        assert isinstance(read_back, m.RequestMessage)
        assert read_back.item.title == "Truyện Kiều"


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    note = "sách\x00 cũ\x0b\ufffe\ud800"
    body = write(m.RequestingMessage(HEADER, Action.NOTIFICATION, note), Version.V1_2)
    message = read(body).message
    assert isinstance(message, m.RequestingMessage)
    assert message.note == "sách cũ"


def test_version_1_2_carries_what_2021_says_elsewhere() -> None:
    message = m.SupplyingMessage(
        HEADER,
        Reason.REQUEST_RESPONSE,
        Status.RETRY_POSSIBLE,
        made.NOW,
        reason_retry=m.Code("CostExceedsMaxCost"),
        retry=m.RetryInfo(costs=(m.Costs(Decimal("15000")),), before=made.NOW, editions=("2", "3")),
    )
    body = write(suited(message, Profile(Version.V1_2)), Version.V1_2)
    again = read(body).message
    assert isinstance(again, m.SupplyingMessage)
    assert again.retry == m.RetryInfo(costs=(m.Costs(Decimal("15000")),), before=made.NOW)
    assert again.note == "edition: 2, 3"


@pytest.mark.parametrize("action", [Action.LOST, Action.HOLD_RETURN])
def test_what_version_1_2_does_not_know_is_never_written(action: Action) -> None:
    with pytest.raises(ValueError, match=r"1\.2 does not know"):
        write(m.RequestingMessage(HEADER, action), Version.V1_2)


def test_moments_are_written_in_utc_to_the_millisecond() -> None:
    local = made.NOW.astimezone(timezone(timedelta(hours=7)))
    assert write_moment(local) == "2026-03-02T08:35:00.000Z"


def test_the_answer_names_what_it_answers() -> None:
    confirmation = m.Confirmation(
        Kind.REQUESTING, made.NOW, made.NOW, MessageStatus.OK, HERE, THERE, "1", action=Action.RENEW
    )
    text = write_confirmation(confirmation).decode()
    assert "<ill:action>Renew</ill:action>" in text
    assert "multipleItemRequestId" not in text
