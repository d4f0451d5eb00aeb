"""What people type when they ask for something, and when they do a step."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unioncat.domain.lending import Service, ServiceLevel, Side, Step
from unioncat.lending.asking import LIMITS, chosen, is_isbn, read_asking, read_cost, read_day
from unioncat.lending.filled import read_filled
from unioncat.lending.forms import FIELDS, Field

TODAY = date(2026, 11, 22)


def test_a_form_is_read() -> None:
    asked, _, faults = read_asking(
        {
            "title": "  Dế mèn\nphiêu lưu ký ",
            "isbn": "978-0-8044-2957-3",
            "service": "Sao chép",
            "level": "GẤP",
            "needed_by": "30/11/2026",
            "max_cost": "20.000 đ",
            "reader_card": "TV-1",
        },
        TODAY,
        for_reader=True,
    )
    assert not faults
    assert asked is not None
    assert asked.wanted.title == "Dế mèn phiêu lưu ký"
    assert (asked.service, asked.level) == (Service.COPY, ServiceLevel.RUSH)
    assert asked.needed_by == date(2026, 11, 30)
    assert asked.max_cost is not None
    assert asked.max_cost.amount == Decimal(20000)
    assert asked.reader.card == "TV-1"


def test_faults_stand_beside_their_fields_and_nothing_is_lost() -> None:
    wrong = {
        "title": " ",
        "isbn": "9786042123451",
        "service": "khác",
        "level": "?",
        "edition_wish": "?",
        "needed_by": "1/1/2020",
        "max_cost": "nhiều",
        "reader_email": "a b@c",
    }
    asked, typed, faults = read_asking(wrong, TODAY, for_reader=True)
    assert asked is None
    assert faults == {
        "title": "title",
        "isbn": "isbn",
        "service": "choose",
        "level": "choose",
        "edition_wish": "choose",
        "needed_by": "date",
        "max_cost": "cost",
        "reader_name": "reader",
        "reader_email": "email",
    }
    assert typed["max_cost"] == "nhiều"


def test_a_reader_that_asks_for_himself_names_nobody() -> None:
    asked, _, _ = read_asking({"title": "Kiều", "reader_name": "Somebody else"}, TODAY)
    assert asked is not None
    assert asked.reader.name == ""


@pytest.mark.parametrize(
    ("text", "amount"),
    [("20000", 20000), ("20.000", 20000), ("20,000 VND", 20000), ("1 500 000 đồng", 1500000), ("0", 0)],
)
def test_amounts(text: str, amount: int) -> None:
    found = read_cost(text)
    assert found is not None
    assert found.amount == amount


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "10000000000", "²"])
def test_what_is_no_amount(text: str) -> None:
    assert read_cost(text) is None


def test_days() -> None:
    day = date(2026, 2, 1)
    assert [read_day(one) for one in ("2026-02-01", "1/2/2026", "01.02.2026", "2026-02-01T07:00")] == [
        day
    ] * 4
    assert [read_day(one) for one in ("", "30/2/2026", "1/2", "٢/٢/٢٠٢٦", "2026-13-01")] == [None] * 5


def test_isbns() -> None:
    assert is_isbn("080442957X")
    assert is_isbn("9780804429573")
    assert not is_isbn("9780804429574")
    assert not is_isbn("0804429571")


@given(st.dictionaries(st.sampled_from(sorted(LIMITS)), st.text(max_size=80)))
def test_anything_may_be_typed(given_: dict[str, str]) -> None:
    asked, typed, faults = read_asking(given_, TODAY, for_reader=True)
    assert (asked is None) == bool(faults)
    assert all(len(typed[name]) <= limit for name, limit in LIMITS.items())
    chosen(Service, given_.get("service", ""), Service.LOAN)


def test_a_step_takes_the_facts_that_it_asks_for() -> None:
    filled = read_filled(
        Side.SUPPLIER,
        Step.LOANED,
        {"due": ["2026-12-15"], "item": ["VV1, VV2 VV1"], "cost": ["5.000"], "why": ["x"], "condition": []},
        TODAY,
    )
    assert not filled.faults
    assert filled.facts.due == datetime(2026, 12, 15, 16, 59, 59, tzinfo=UTC)
    assert filled.facts.items == ("VV1", "VV2")
    assert filled.why == ""


def test_what_a_step_needs_is_told() -> None:
    assert read_filled(Side.SUPPLIER, Step.UNFILLED, {}, TODAY).faults == {"reason": "needed"}
    assert read_filled(Side.SUPPLIER, Step.UNFILLED, {"reason": ["Nothing"]}, TODAY).faults == {
        "reason": "wrong"
    }
    assert read_filled(Side.SUPPLIER, Step.LOANED, {"due": ["2026-11-21"]}, TODAY).faults == {"due": "wrong"}
    assert read_filled(Side.REQUESTER, Step.REJECT, {"why": ["không rõ"]}, TODAY).why == "không rõ"


@given(
    st.sampled_from(sorted(FIELDS, key=str)),
    st.dictionaries(st.sampled_from(list(Field)), st.lists(st.text(max_size=60), max_size=3)),
)
def test_anything_may_be_filled_in(key: tuple[Side, Step], fields: dict[Field, list[str]]) -> None:
    read_filled(*key, {str(name): values for name, values in fields.items()}, TODAY)
