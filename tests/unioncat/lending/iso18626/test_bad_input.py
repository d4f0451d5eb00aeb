"""Messages that break a rule are told which, by the errorType and errorValue of the answer policy."""

import contextlib
import os
import random
from decimal import Decimal

import pytest

from tests.unioncat.lending.iso18626 import made
from unioncat.lending.iso18626 import model as m
from unioncat.lending.iso18626.answer import POLICY, STATUS, confirm, fault, is_xml
from unioncat.lending.iso18626.codes import Action, ErrorType, MessageStatus, Reason, Status, Version
from unioncat.lending.iso18626.read import MAX_BYTES, NotReadable, Reading, read, read_confirmation
from unioncat.lending.iso18626.write import write, write_confirmation

NS = "http://illtransactions.org/2013/iso18626"
HEADER = """<header><supplyingAgencyId><agencyIdType>ISIL</agencyIdType><agencyIdValue>VN-NLV</agencyIdValue>
</supplyingAgencyId><requestingAgencyId><agencyIdType>ISIL</agencyIdType><agencyIdValue>VN-TVHP</agencyIdValue>
</requestingAgencyId><multipleItemRequestId/><timestamp>2026-03-02T08:35:00Z</timestamp>
<requestingAgencyRequestId>YC-1/1</requestingAgencyRequestId></header>"""
SERVICE = "<serviceInfo><serviceType>Loan</serviceType></serviceInfo>"
ITEM = "<bibliographicInfo><title>Truyện Kiều</title></bibliographicInfo>"
STATUSES = "<statusInfo><status>Loaned</status><lastChange>2026-03-02T08:35:00Z</lastChange></statusInfo>"
INFO = "<messageInfo><reasonForMessage>StatusChange</reasonForMessage></messageInfo>"


def message(inside: str, version: str = ' ill:version="1.2"') -> bytes:
    """Put a message into its envelope."""
    return f'<ISO18626Message xmlns="{NS}" xmlns:ill="{NS}"{version}>{inside}</ISO18626Message>'.encode()


def request(inside: str = ITEM + SERVICE, header: str = HEADER, version: str = ' ill:version="1.2"') -> bytes:
    return message(f"<request>{header}{inside}</request>", version)


def supplying(inside: str) -> bytes:
    return message(f"<supplyingAgencyMessage>{HEADER}{inside}</supplyingAgencyMessage>")


def requesting(inside: str) -> bytes:
    return message(f"<requestingAgencyMessage>{HEADER}{inside}</requestingAgencyMessage>")


def said(reading: Reading) -> m.Fault:
    """Give the fault that is answered."""
    confirmation = confirm(reading.beginning, made.NOW, *reading.faults)
    assert reading.message is None
    assert confirmation.status is MessageStatus.ERROR
    if made.SCHEMAS.is_dir():
        for version in Version:
            assert made.complaints(write_confirmation(confirmation), version) == []
    return confirmation.faults[0]


def test_a_plain_request_is_read() -> None:
    reading = read(request())
    assert isinstance(reading.message, m.RequestMessage)
    assert reading.message.item.title == "Truyện Kiều"
    assert reading.version == "1.2"
    assert reading.repaired == ()


NOT_READABLE = {
    "no XML": (b"hello", 400),
    "nothing": (b"", 400),
    "cut off": (request()[:-10], 400),
    "another root": (b"<hello/>", 400),
    "no namespace": (b"<ISO18626Message><request/></ISO18626Message>", 400),
    "empty envelope": (message(""), 400),
    "unknown message": (message("<patronMessage/>"), 400),
    "two messages": (message(f"<request>{HEADER}{ITEM}</request>" * 2), 400),
    "no header": (message("<request><bibliographicInfo/></request>"), 400),
    "a confirmation": (
        message(
            "<requestConfirmation><confirmationHeader><timestamp>2026-03-02T08:35:00Z</timestamp>"
            "<timestampReceived>2026-03-02T08:35:00Z</timestampReceived><messageStatus>OK</messageStatus>"
            "</confirmationHeader></requestConfirmation>"
        ),
        400,
    ),
    "DTD": (b"<!DOCTYPE x [<!ELEMENT x ANY>]>" + request(), 400),
    "entity": (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + request(), 400),
    "billion laughs": (b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + request(), 400),
    "unknown entity": (request("<bibliographicInfo><title>&tac-gia;</title></bibliographicInfo>"), 400),
    "UTF-16": (request().decode().encode("utf-16"), 400),
    "DTD in UTF-16": (("<!DOCTYPE x>" + request().decode()).encode("utf-16"), 400),
    "not UTF-8": (request().decode().encode("utf-8").replace("Truyện".encode(), b"Truy\xffn"), 400),
    "too large": (
        request("<bibliographicInfo><title>" + "a" * MAX_BYTES + "</title></bibliographicInfo>"),
        413,
    ),
    "too deep": (
        request("<bibliographicInfo>" + "<title>" * 20 + "</title>" * 20 + "</bibliographicInfo>"),
        400,
    ),
    "too many": (request("<supplierInfo/>" * 6000), 400),
    "a null": (request().replace("Kiều".encode(), b"\x00"), 400)
    if b"Kiu" in request()
    else (b"\x00" + request(), 400),
}


@pytest.mark.parametrize("name", NOT_READABLE)
def test_what_is_no_message_is_refused_by_the_status_of_http(name: str) -> None:
    body, status = NOT_READABLE[name]
    with pytest.raises(NotReadable) as refused:
        read(body)
    assert refused.value.status == status


V, E, B = ErrorType.VALUE, ErrorType.ELEMENT, ErrorType.BADLY_FORMED
FAULTS = {
    "no bibliographicInfo": (request(SERVICE), B, "bibliographicInfo: missing"),
    "no id": (
        request(header=HEADER.replace("<requestingAgencyRequestId>YC-1/1</requestingAgencyRequestId>", "")),
        B,
        "header/requestingAgencyRequestId: missing",
    ),
    "empty id": (
        request(header=HEADER.replace("YC-1/1", "  ")),
        B,
        "header/requestingAgencyRequestId: missing",
    ),
    "no timestamp": (
        request(header=HEADER.replace("<timestamp>2026-03-02T08:35:00Z</timestamp>", "")),
        B,
        "header/timestamp: missing",
    ),
    "no such day": (request(header=HEADER.replace("2026-03-02", "2026-02-30")), V, "timestamp: '2026-02-30T"),
    "a date without time": (
        request(
            ITEM
            + SERVICE.replace("</serviceType>", "</serviceType><needBeforeDate>2026-04-01</needBeforeDate>")
        ),
        V,
        "needBeforeDate: '2026-04-01'",
    ),
    "no agency's value": (
        request(header=HEADER.replace("<agencyIdValue>VN-TVHP</agencyIdValue>", "")),
        B,
        "requestingAgencyId/agencyIdValue: missing",
    ),
    "service type": (request(ITEM + SERVICE.replace("Loan", "Gift")), V, "serviceType: 'Gift'"),
    "no service type": (
        request(ITEM + "<serviceInfo><note>x</note></serviceInfo>"),
        B,
        "serviceInfo/serviceType",
    ),
    "twice": (request(ITEM + ITEM + SERVICE), B, "bibliographicInfo: stands there twice"),
    "unknown element": (request(ITEM + SERVICE + "<colour>red</colour>"), E, "colour"),
    "element of another place": (request(ITEM + SERVICE + "<itemId>1</itemId>"), E, "itemId"),
    "elements in a text": (
        request("<bibliographicInfo><title><b/>Kiều</title></bibliographicInfo>" + SERVICE),
        B,
        "title: holds elements",
    ),
    "level of the standard": (
        request(
            ITEM + SERVICE.replace("</serviceType>", "</serviceType><serviceLevel>Someday</serviceLevel>")
        ),
        V,
        "serviceLevel: 'Someday'",
    ),
    "odd code with the standard's scheme": (
        request(
            ITEM
            + "<publicationInfo><publicationType ill:scheme='http://illtransactions.org/opencode/2017/'>Rune"
            "</publicationType></publicationInfo>" + SERVICE
        ),
        V,
        "publicationType: 'Rune'",
    ),
    "action": (requesting("<action>Dance</action>"), V, "action: 'Dance'"),
    "no action": (requesting("<note>x</note>"), B, "action: missing"),
    "status": (supplying(INFO + STATUSES.replace("Loaned", "Burnt")), V, "status: 'Burnt'"),
    "no status": (supplying(INFO), B, "statusInfo: missing"),
    "no lastChange": (
        supplying(INFO + "<statusInfo><status>Loaned</status></statusInfo>"),
        B,
        "statusInfo/lastChange: missing",
    ),
    "reason": (supplying(INFO.replace("StatusChange", "Whim") + STATUSES), V, "reasonForMessage: 'Whim'"),
    "no messageInfo": (supplying(STATUSES), B, "messageInfo: missing"),
    "reason unfilled": (
        supplying(
            INFO.replace("</messageInfo>", "<reasonUnfilled>Tired</reasonUnfilled></messageInfo>") + STATUSES
        ),
        V,
        "reasonUnfilled: 'Tired'",
    ),
    "answer": (
        supplying(
            INFO.replace("</messageInfo>", "<answerYesNo>maybe</answerYesNo></messageInfo>") + STATUSES
        ),
        V,
        "answerYesNo: 'maybe'",
    ),
    "money": (
        supplying(
            INFO
            + STATUSES
            + "<deliveryInfo><dateSent>2026-03-02T08:35:00Z</dateSent><deliveryCosts><currencyCode>VND"
            "</currencyCode><monetaryValue>much</monetaryValue></deliveryCosts></deliveryInfo>"
        ),
        V,
        "monetaryValue: 'much'",
    ),
    "money without end": (
        supplying(
            INFO
            + STATUSES
            + "<deliveryInfo><dateSent>2026-03-02T08:35:00Z</dateSent><deliveryCosts><currencyCode>VND"
            "</currencyCode><monetaryValue>1e999999</monetaryValue></deliveryCosts></deliveryInfo>"
        ),
        V,
        "monetaryValue: '1e999999'",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_rule_is_named(name: str) -> None:
    body, type, value = FAULTS[name]
    found = said(read(body))
    assert found.type is type
    assert found.value is not None
    assert found.value.startswith(value)


def test_a_broken_message_is_answered_by_what_could_be_read_of_it() -> None:
    reading = read(requesting("<action>Renew</action><colour/>"))
    confirmation = confirm(reading.beginning, made.NOW, *reading.faults)
    assert confirmation.requesting_request_id == "YC-1/1"
    assert confirmation.supplying_agency == m.Agency("VN-NLV")
    assert confirmation.action is Action.RENEW
    assert confirmation.timestamp_received == made.NOW


@pytest.mark.parametrize("version", ['ill:version="2021-3"', 'ill:version="2030"', ""])
def test_a_later_version_may_say_more(version: str) -> None:
    reading = read(request(ITEM + SERVICE + "<colour>red</colour>", version=f" {version}"))
    assert reading.message is not None
    assert reading.unknown == ("request/colour",)


def test_extensions_of_others_are_left_for_the_log() -> None:
    reading = read(request(ITEM + SERVICE + '<x:colour xmlns:x="urn:x">red</x:colour>'))
    assert reading.message is not None
    assert reading.unknown == ("request/colour",)


def test_an_unprefixed_version_is_overlooked() -> None:
    reading = read(request(version=' version="1.2"'))
    assert reading.message is not None
    assert reading.version == "1.2"
    assert reading.repaired == ("version without its prefix",)


def test_empty_elements_say_nothing() -> None:
    body = supplying(
        INFO.replace("</messageInfo>", "<answerYesNo/><retryAfter/></messageInfo>")
        + STATUSES
        + "<returnInfo/>"
    )
    reading = read(body)
    assert isinstance(reading.message, m.SupplyingMessage)
    assert reading.message.answer is None
    assert reading.message.retry is None
    assert len(reading.repaired) == 3


def test_order_means_nothing() -> None:
    turned = (
        "<request><serviceInfo><note>n</note><serviceType>Loan</serviceType></serviceInfo><bibliographicInfo>"
        "<bibliographicItemId><bibliographicItemIdentifierCode>ISBN</bibliographicItemIdentifierCode>"
        "<bibliographicItemIdentifier>9786041234567</bibliographicItemIdentifier></bibliographicItemId>"
        "<bibliographicItemId><bibliographicItemIdentifier>1</bibliographicItemIdentifier>"
        "<bibliographicItemIdentifierCode>ISSN</bibliographicItemIdentifierCode></bibliographicItemId>"
        f"<title>Truyện Kiều</title></bibliographicInfo>{HEADER}</request>"
    )
    reading = read(message(turned))
    assert isinstance(reading.message, m.RequestMessage)
    assert [one.value for one in reading.message.item.item_ids] == ["9786041234567", "1"]


def test_either_version_may_use_the_names_of_the_other() -> None:
    body = supplying(
        "<messageInfo><reasonForMessage>RequestResponse</reasonForMessage><reasonRetry>OnLoan</reasonRetry>"
        "<retryAfter>2026-05-01T00:00:00+07:00</retryAfter></messageInfo>"
        + STATUSES.replace("Loaned", "RetryPossible")
        + "<retryInfo><edition>3</edition></retryInfo>"
    )
    found = read(body).message
    assert isinstance(found, m.SupplyingMessage)
    assert found.status is Status.RETRY_POSSIBLE
    assert found.reason is Reason.REQUEST_RESPONSE
    assert found.retry is not None
    assert found.retry.editions == ("3",)
    assert found.retry.after is not None


def test_codes_of_ones_own_need_an_address_where_they_steer() -> None:
    own = supplying(
        INFO.replace(
            "</messageInfo>",
            '<reasonUnfilled ill:scheme="https://example.vn/r">Tired</reasonUnfilled></messageInfo>',
        )
        + STATUSES
    )
    found = read(own).message
    assert isinstance(found, m.SupplyingMessage)
    assert found.reason_unfilled == m.Code("Tired", "https://example.vn/r")
    odd = read(
        request(ITEM + "<publicationInfo><publicationType>book</publicationType></publicationInfo>" + SERVICE)
    ).message
    assert isinstance(odd, m.RequestMessage)
    assert odd.publication == m.PublicationInfo(type=m.Code("Book"))


def test_every_situation_has_an_answer_of_the_standard() -> None:
    for situation in POLICY:
        found = fault(situation, "one", "two")
        assert found.type in ErrorType
        assert "{" not in (found.value or "")
    assert set(STATUS.values()) == {400, 401, 403, 405, 413, 415, 500}


@pytest.mark.parametrize("type", ["application/xml", "text/xml; charset=utf-8", "Application/SOAP+xml"])
def test_types_of_xml_are_known(type: str) -> None:
    assert is_xml(type)


@pytest.mark.parametrize("type", ["", "application/json", "text/plain", "image/svg+xml", "xml"])
def test_other_types_are_not(type: str) -> None:
    assert not is_xml(type)


def test_a_broken_confirmation_is_no_answer() -> None:
    for body in (b"", b"<html/>", request(), message("<requestConfirmation/>")):
        with pytest.raises(NotReadable):
            read_confirmation(body)


SEEDS = [
    request(),
    requesting("<action>Renew</action><note>gia hạn</note>"),
    supplying(INFO + STATUSES),
    write(
        m.SupplyingMessage(
            m.Header(m.Agency("a"), made.NOW, "1", m.Agency("b")),
            Reason.STATUS_CHANGE,
            Status.LOANED,
            made.NOW,
            retry=m.RetryInfo(costs=(m.Costs(Decimal(1)),)),
            delivery=m.DeliveryInfo(made.NOW, ("1", "2")),
        ),
        Version.V2021,
    ),
]


def test_whatever_comes_is_read_or_refused_in_words() -> None:
    chance = random.Random(18626)
    pieces = [
        b"<",
        b">",
        b"/>",
        b'"',
        b"&",
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"\x00",
        b"\xff",
        b"<?x ?>",
        b"&#0;",
    ]
    pieces += [
        b"<header>",
        b"</header>",
        b"<action/>",
        b' ill:version="',
        b"xmlns=''",
        b"9" * 400,
        b"-",
        b"\xef\xbb\xbf",
    ]
    for _ in range(int(os.environ.get("UNIONCAT_TEST_FUZZ", "1500"))):
        body = bytearray(chance.choice(SEEDS))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(body) + 1)
            kind = chance.randrange(4)
            if kind == 0:
                del body[at : at + chance.randint(1, 60)]
            elif kind == 1:
                body[at:at] = chance.choice(pieces)
            elif kind == 2:
                other = chance.choice(SEEDS)
                begin = chance.randrange(len(other))
                body[at:at] = other[begin : begin + chance.randint(1, 200)]
            else:
                body[at : at + 1] = bytes([chance.randrange(256)])
        try:
            reading = read(bytes(body))
        except NotReadable:
            continue
        assert (reading.message is None) == bool(reading.faults)
        if reading.message is not None:
            for version in Version:
                with contextlib.suppress(ValueError):
                    write(reading.message, version)
        else:
            write_confirmation(confirm(reading.beginning, made.NOW, *reading.faults))
