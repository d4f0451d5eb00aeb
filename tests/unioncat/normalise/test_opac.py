"""OPAC envelopes: the record inside, and holdings as a target tells them."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.z3950 import marc
from unioncat.domain.bib import Holding
from unioncat.domain.source import HoldingMap, Profile
from unioncat.normalise.entry import normalise
from unioncat.normalise.opac import open_envelope
from unioncat.normalise.record import Unreadable

BOOK = marc(31, "Số đỏ", [("852", "  $aTV$bKho Mở$pX1")])
IN_852 = Profile(holdings=(HoldingMap(tag="852", library="a", location="b", item="p"),))
MFHD = b"00094nx  a22000491  4500" + b"852002900000\x1e  \x1faTV\x1fbKho 2\x1fh895.92\x1fpM1\x1e\x1d"


def envelope(*holdings: str, record: bytes = BOOK, syntax: str = "1.2.840.10003.5.10") -> bytes:
    inside = f"<holdings>{''.join(holdings)}</holdings>" if holdings else ""
    return (
        f'<opacRecord xmlns="http://unioncat/opac/1"><bibliographicRecord syntax="{syntax}"'
        f' encoding="base64">{b64encode(record).decode()}</bibliographicRecord>{inside}</opacRecord>'
    ).encode()


def held(*holdings: str, profile: Profile = IN_852) -> tuple[Holding, ...]:
    found = normalise(envelope(*holdings), "opac", profile)
    assert found.bib is not None
    assert found.bib.title.main == "Số đỏ"
    assert found.bib.control_number == "31"
    return found.holdings


def item(available: bool, number: str = "", **more: str) -> str:
    texts = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
    return (
        f"<circulation><availableNow>{str(available).lower()}</availableNow>{texts}"
        f"<itemId>{number}</itemId></circulation>"
    )


def test_without_holdings_of_its_own_the_record_tells() -> None:
    assert held() == (Holding(location="Kho Mở", items=("X1",)),)


def test_holdings_of_the_envelope_outrank_those_of_the_record() -> None:
    one = f"<holding><localLocation>Kho Đọc</localLocation>{item(True, 'A1')}</holding>"
    assert held(one) == (Holding(location="Kho Đọc", items=("A1",), status="available"),)


def test_items_of_one_place_and_status_are_one_holding() -> None:
    items = item(True, "A1") + item(False, "A2", availabilityDate="2026-12-01") + item(True, "A3")
    place = "<localLocation>Kho Đọc</localLocation><callNumber>895.92 / NG-D</callNumber>"
    one = f"<holding>{place}{items}</holding>"
    assert held(one) == (
        Holding(None, "Kho Đọc", "895.92 / NG-D", ("A1", "A3"), 2, status="available"),
        Holding(None, "Kho Đọc", "895.92 / NG-D", ("A2",), 1, status="on-loan"),
    )


def test_what_is_not_available_for_no_known_reason_is_unknown() -> None:
    (only,) = held(f"<holding>{item(False, 'A1')}</holding>")
    assert only.status == "unknown"
    (awaited,) = held(f"<holding>{item(False, 'A1', onHold='true')}</holding>")
    assert awaited.status == "on-loan"


def test_branches_are_found_in_any_of_the_places() -> None:
    branches = Profile(branches=(("TTB", "tv-b"), ("Chi nhánh 2", "tv-2")))
    one = "<holding><nucCode>ttb</nucCode><localLocation>Kho Đọc</localLocation></holding>"
    places = "<localLocation>Chi nhánh 2</localLocation><shelvingLocation>Tầng 3</shelvingLocation>"
    two = f"<holding>{places}</holding>"
    three = "<holding><nucCode>XYZ</nucCode><localLocation>Kho lạ</localLocation></holding>"
    assert held(one, two, three, profile=branches) == (
        Holding("tv-b", "Kho Đọc"),
        Holding("tv-2", "Tầng 3"),
        Holding(None, "XYZ, Kho lạ"),
    )


def test_volumes_notes_and_copies_without_circulation() -> None:
    one = (
        "<holding><volume><enumeration>T.1</enumeration><chronology>1999</chronology></volume>"
        "<volume><enumAndChron>T.2</enumAndChron></volume><publicNote>Đọc tại chỗ</publicNote></holding>"
    )
    assert held(one) == (Holding(volume="T.1 1999; T.2", note="Đọc tại chỗ"),)
    assert held("<holding/>" * 3)[0].copies == 3


def test_marc_holdings_are_read_by_852() -> None:
    data = b64encode(MFHD).decode()
    one = f'<marcHoldingsRecord syntax="1.2.840.10003.5.10" encoding="base64">{data}</marcHoldingsRecord>'
    (found,) = held(one, profile=Profile())
    assert (found.location, found.shelf_mark, found.items) == ("Kho 2", "895.92", ("M1",))


def test_texts_in_an_old_encoding_follow_the_profile() -> None:
    tcvn3 = "Kho §äc".encode("latin-1")
    one = f'<holding><localLocation encoding="base64">{b64encode(tcvn3).decode()}</localLocation></holding>'
    assert held(one, profile=Profile(encoding="tcvn3"))[0].location == "Kho Đọc"
    assert held(one)[0].location is not None


@pytest.mark.parametrize(
    ("record", "syntax", "format"),
    [
        (BOOK, "1.2.840.10003.5.10", "iso2709"),
        (BOOK, "1.2.840.10003.5.1", "unimarc"),
        (b"<record/>", "1.2.840.10003.5.109.10", "xml"),
        (b"Title: x", "1.2.840.10003.5.101", "sutrs"),
    ],
)
def test_an_envelope_gives_back_its_record(record: bytes, syntax: str, format: str) -> None:
    opened = open_envelope(envelope(record=record, syntax=syntax))
    assert (opened.record, opened.format) == (record, format)


@pytest.mark.parametrize(
    "payload",
    [b"<opacRecord/>", b"<other><bibliographicRecord/></other>", b"<!DOCTYPE a><opacRecord/>", b"<opac",
     b"<opacRecord><bibliographicRecord>***</bibliographicRecord></opacRecord>"],
)  # fmt: skip
def test_what_is_no_envelope_is_a_problem(payload: bytes) -> None:
    with pytest.raises(Unreadable):
        open_envelope(payload)
    found = normalise(payload, "opac", Profile())
    assert found.bib is None
    assert found.problems


@given(st.binary(max_size=400), st.text(max_size=40))
def test_nothing_inside_makes_it_fail(record: bytes, text: str) -> None:
    encoded = b64encode(text.encode("utf-8", "surrogatepass")).decode()
    one = f'<holding><callNumber encoding="base64">{encoded}</callNumber></holding>'
    found = normalise(envelope(one, record=record), "opac", Profile())
    assert found.bib is not None or found.problems
    assert not any(problem.code == "normaliser-fault" for problem in found.problems)
