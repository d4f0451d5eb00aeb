"""Who is asked and why: every filter by its code, every key in its turn, and what must hold of any list."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unioncat.domain.bib import Holding
from unioncat.domain.lending import Money, Service, ServiceLevel
from unioncat.domain.lending_policy import (
    Agreement,
    Avoidance,
    Avoids,
    Closure,
    Delivery,
    OpenTo,
    Participant,
    Policy,
)
from unioncat.domain.library import GroupMode, Library, LibraryType
from unioncat.lending.regions import REGIONS, Band, band
from unioncat.lending.rota import (
    Available,
    Dropped,
    Entry,
    Facts,
    Lender,
    Load,
    Question,
    Reason,
    Rota,
    decided_by,
    fits,
    numbers,
    order,
    rank,
    score,
)

DAY = date(2026, 3, 11)
"""A Wednesday."""
HELD = (Holding(copies=2, status="available"),)
ALL = Agreement("all", "Tất cả", "All", GroupMode.AREA, (Participant(group="g"),), date(2026, 1, 1))


def library(code: str, type_: LibraryType = LibraryType.PUBLIC, groups: tuple[str, ...] = ("g",)) -> Library:
    return Library(code, code, code, type_, groups=groups)


def lender(code: str, terms: Mapping[str, Any] | None = None, **facts: Any) -> Lender:
    return Lender(
        **{
            "library": library(code),
            "policy": Policy(code, **(terms or {})),
            "holdings": HELD,
            "province": "40",
            **facts,
        }
    )


def question(**facts: Any) -> Question:
    mine = library("me")
    return Question(
        **{
            "request": UUID(int=7),
            "requester": mine,
            "policy": Policy("me"),
            "day": DAY,
            "own": frozenset({"me"}),
            "province": "40",
            **facts,
        }
    )


def asked(*lenders: Lender, facts: Facts | None = None, **about: Any) -> list[str]:
    return [one.library for one in rank(question(**about), lenders, facts or Facts((ALL,))).entries]


def reason(one: Lender, facts: Facts | None = None, **about: Any) -> tuple[Reason, str] | None:
    found = rank(question(**about), [one], facts or Facts((ALL,)))
    return None if found.entries else (found.dropped[0].reason, found.dropped[0].detail)


def dong(amount: int) -> Money:
    return Money(Decimal(amount))


def test_each_filter_drops_with_its_code() -> None:
    assert reason(lender("a")) is None
    assert reason(lender("a", holdings=())) == (Reason.NOT_HELD, "")
    assert reason(lender("a", holdings=(Holding(volume="T.1"),)), volume="T.2") == (Reason.NOT_HELD, "volume")
    assert reason(lender("a", active=False)) == (Reason.INACTIVE, "")
    assert reason(lender("a", {"lends": False})) == (Reason.INACTIVE, "loan")
    assert reason(lender("a", {"lends": False}), service=Service.COPY) is None
    assert reason(lender("a", tried=True)) == (Reason.TRIED, "")
    reading = (Holding(status="reference"), Holding(status="lost"))
    assert reason(lender("a", holdings=reading)) == (Reason.RESTRICTED, "reference")
    assert reason(lender("a", holdings=reading), service=Service.COPY) is None
    rare = {"locations_kept": frozenset({"Kho quý hiếm"})}
    assert reason(lender("a", rare, holdings=(Holding(location="Kho quý hiếm"),))) == (
        Reason.RESTRICTED,
        "location",
    )
    maps = {"materials_kept": frozenset({"map"})}
    assert reason(lender("a", maps, material="map")) == (Reason.RESTRICTED, "material")
    assert reason(lender("a"), Facts()) == (Reason.NO_AGREEMENT, "")
    assert reason(lender("a", {"open_to": OpenTo.FEDERATION}), Facts()) is None
    slow = {"levels": frozenset({ServiceLevel.STANDARD})}
    assert reason(lender("a", slow), level=ServiceLevel.RUSH) == (Reason.NO_AGREEMENT, "level")
    dear = {"cost_loan": dong(20_000)}
    assert reason(lender("a", dear), max_cost=dong(10_000)) == (Reason.NO_AGREEMENT, "20000")
    assert reason(lender("a", dear), max_cost=dong(20_000)) is None
    assert reason(lender("a", {"delivery": frozenset({Delivery.VAN})})) == (Reason.DELIVERY, "")
    today = Facts((ALL,), closures=(Closure(DAY, DAY, "a"),))
    assert reason(lender("a"), today) == (Reason.CLOSED, "")
    assert reason(lender("b"), today) is None
    assert reason(lender("a", {"max_open_lent": 3}, load=Load(open=3))) == (Reason.CAP, "3")
    each = {"max_open_each": 2}
    assert reason(lender("a", each, load=Load(open_for_requester=2))) == (Reason.CAP, "each:2")
    assert reason(lender("a", available=Available.NO)) == (Reason.UNAVAILABLE, "")
    assert reason(lender("a", available=Available.UNKNOWN)) is None


@pytest.mark.parametrize("side", list(Avoids))
def test_both_lists_keep_two_libraries_apart_while_they_stand(side: Avoids) -> None:
    pair = ("me", "a") if side is Avoids.ASK else ("a", "me")
    line = Avoidance(*pair, side, "đang kiểm kê", date(2026, 3, 1), date(2026, 3, 31))
    facts = Facts((ALL,), avoidances=(line,))
    assert reason(lender("a"), facts) == (Reason.BLOCKED, str(side))
    assert reason(lender("a"), facts, day=date(2026, 4, 1)) is None
    assert reason(lender("b"), facts) is None


def test_a_lender_that_serves_a_group_only_is_kept_from_those_outside() -> None:
    found = rank(question(), [lender("a", {"restricted_to": "cand"})], Facts((ALL,)))
    assert found.dropped == (Dropped("a", Reason.RESTRICTED, "class", hidden=True),)
    inside = question(requester=library("me", groups=("g", "cand")))
    assert rank(inside, [lender("a", {"restricted_to": "cand"})], Facts((ALL,))).entries
    only = {"types": frozenset({LibraryType.UNIVERSITY})}
    assert rank(question(), [lender("a", only)], Facts((ALL,))).dropped[0].hidden


def test_a_weekend_of_all_stops_nobody() -> None:
    saturday = date(2026, 3, 14)
    assert reason(lender("a"), day=saturday) is None


def test_a_library_that_is_closed_until_the_answer_is_due_is_not_asked() -> None:
    tet = frozenset(date(2026, 2, day) for day in range(16, 21))
    away = Closure(date(2026, 2, 23), date(2026, 3, 6), "a", "sửa nhà")
    facts = Facts((ALL,), closures=(away,), holidays=tet)
    assert reason(lender("a"), facts, day=date(2026, 2, 14)) == (Reason.CLOSED, "")
    assert reason(lender("b"), facts, day=date(2026, 2, 14)) is None
    back = replace(away, end=date(2026, 2, 24))
    assert reason(lender("a"), Facts((ALL,), closures=(back,), holidays=tet), day=date(2026, 2, 14)) is None


def agreement(code: str, form: GroupMode, *members: str, cost: int | None = None) -> Agreement:
    parties = tuple(Participant(library=one) for one in members)
    money = None if cost is None else dong(cost)
    return Agreement(code, code, code, form, parties, date(2026, 1, 1), cost=money)


def test_keys_decide_one_after_the_other() -> None:
    forms = Facts(
        tuple(
            agreement(form, form, "me", name)
            for form, name in zip(GroupMode, ("w-area", "x-function", "y-field", "z-across"), strict=True)
        )
    )
    free = lender("a-open", {"open_to": OpenTo.FEDERATION}, library=library("a-open", groups=()))
    names = ("z-across", "y-field", "x-function", "w-area")
    # the form outranks availability, cost, distance, load and reply
    others = [
        lender(
            name,
            {"cost_loan": dong(90_000)} if name == "w-area" else None,
            library=library(name, groups=()),
            province="79",
            available=Available.UNKNOWN if name == "w-area" else Available.YES,
        )
        for name in names
    ]
    outside = question(requester=library("me", groups=()))
    found = rank(outside, [free, *others], forms)
    assert [one.library for one in found.entries] == ["w-area", "x-function", "y-field", "z-across", "a-open"]
    assert [one.keys.group for one in found.entries] == [0, 1, 2, 3, 4]

    assert asked(lender("a"), lender("b", {"cost_loan": dong(9)}, available=Available.YES)) == ["b", "a"]
    assert asked(lender("a", {"cost_loan": dong(9)}), lender("b", province="79")) == ["b", "a"]
    near = [
        lender("a", province="79"),
        lender("b", province="38", load=Load(lent=99)),
        lender("c", load=Load(lent=99)),
    ]
    assert asked(*near) == ["c", "b", "a"]
    busy = [lender("a", load=Load(lent=9, borrowed=1)), lender("b", load=Load(lent=2, borrowed=9))]
    assert asked(*busy) == ["b", "a"]
    slow = [lender("a", reply_hours=100.0), lender("b"), lender("c", reply_hours=5.0)]
    assert asked(*slow) == ["c", "b", "a"]
    entries = rank(question(), slow, Facts((ALL,))).entries
    assert decided_by(entries[0], entries[1]) == "reply"


def test_own_branches_first_and_the_national_library_last() -> None:
    every = [
        lender("nlv", library=library("nlv", LibraryType.NATIONAL), available=Available.YES),
        lender("south", {"last_resort": 20}),
        lender("north", {"last_resort": 10, "cost_loan": dong(5)}, province="79"),
        lender("me-branch", {"lends": False}, available=Available.UNKNOWN),
        lender("far", {"cost_loan": dong(99_000)}, province="96", load=Load(lent=50)),
    ]
    own = frozenset({"me", "me-branch"})
    assert asked(*every, own=own) == ["me-branch", "far", "north", "south", "nlv"]
    entries = rank(question(own=own), every, Facts((ALL,))).entries
    why = [decided_by(one, after) for one, after in pairwise(entries)]
    assert why == ["own", "last", "last-place", "last-place"]


def test_the_references_figures_of_load() -> None:
    # one that borrows 10 and lends 4 goes before one that borrows 2 and lends 9
    first, second = Load(lent=4, borrowed=10), Load(lent=9, borrowed=2)
    assert score(first) < score(second)
    assert asked(lender("a", load=second), lender("b", load=first)) == ["b", "a"]
    # small noise does not decide: both are in the band from 1.00 to 1.25
    even = [lender(code, load=Load(lent=n, borrowed=10)) for code, n in (("a", 10), ("b", 11))]
    assert len({one.keys.load for one in rank(question(), even, Facts((ALL,))).entries}) == 1


def test_a_lender_over_four_fifths_of_its_cap_drops_one_band() -> None:
    cap = {"max_open_lent": 10}
    found = rank(
        question(),
        [lender("a", cap, load=Load(open=8)), lender("b", cap, load=Load(open=9))],
        Facts((ALL,)),
    ).entries
    assert [(one.library, one.nearly_full) for one in found] == [("a", False), ("b", True)]
    assert found[1].keys.load == found[0].keys.load + 1


def test_equal_lenders_share_the_work_and_a_rerun_is_the_same() -> None:
    codes = [f"lib-{number}" for number in range(4)]
    firsts = set()
    for number in range(40):
        lenders = [lender(code) for code in codes]
        about = question(request=UUID(int=number))
        once = rank(about, lenders, Facts((ALL,)))
        assert once == rank(about, reversed(lenders), Facts((ALL,)))
        firsts.add(once.entries[0].library)
    assert firsts == set(codes)


def test_an_agreements_own_cost_outranks_the_policy() -> None:
    facts = Facts((agreement("x", GroupMode.AREA, "me", "a", cost=0), ALL))
    found = rank(question(), [lender("a", {"cost_loan": dong(7000)})], facts).entries[0]
    assert (found.keys.cost, found.agreement) == (0, "x")
    copy = rank(
        question(service=Service.COPY, pages=12),
        [lender("a", {"cost_copy": dong(5000), "cost_page": dong(500)})],
        Facts((ALL,)),
    )
    assert copy.entries[0].keys.cost == 11_000


def test_agreements_hold_on_their_days_and_one_way() -> None:
    one_way = Agreement(
        "w",
        "w",
        "w",
        GroupMode.FIELD,
        (Participant("a", borrows=False), Participant("me", lends=False)),
        date(2026, 1, 1),
        date(2026, 6, 30),
    )
    facts = Facts((one_way,))
    mine = library("me", groups=())
    theirs = lender("a", library=library("a", groups=()))
    assert reason(theirs, facts, requester=mine) is None
    assert reason(theirs, facts, requester=mine, day=date(2026, 7, 1)) == (Reason.NO_AGREEMENT, "")
    back = lender("me", library=mine)
    swapped = question(requester=theirs.library, own=frozenset({"a"}))
    assert rank(swapped, [back], facts).dropped[0].reason is Reason.NO_AGREEMENT


def test_every_province_has_one_region() -> None:
    codes = [code for region in REGIONS.values() for code in region]
    assert len(codes) == len(set(codes)) == 34
    assert band("40", "40") is Band.PROVINCE
    assert band("40", "38") is Band.REGION
    assert band("40", "79") is band("40", None) is band(None, None) is Band.FAR


@pytest.mark.parametrize(
    ("held", "wanted", "fit"),
    [
        ("T.1", "1", True),
        ("T.1-3, 5", "Tập 2", True),
        ("T.1-3, 5", "Tập 4", False),
        ("T.1", "T.1-2", False),
        (None, "T.9", True),
        ("T.1", None, True),
        ("Quyển thượng", "quyển thượng", True),
        ("Quyển thượng", "Quyển hạ", False),
    ],
)
def test_volumes(held: str | None, wanted: str | None, fit: bool) -> None:
    assert fits(Holding(volume=held), wanted) is fit


def test_a_range_of_volumes_is_bounded() -> None:
    assert numbers("1-999999999999") == {1, 999_999_999}
    assert numbers("9-3") == {9, 3}


holdings = st.builds(
    Holding,
    volume=st.sampled_from([None, "T.1", "T.2"]),
    status=st.sampled_from(["available", "on-loan", "reference", "lost", "unknown"]),
    copies=st.integers(1, 3),
)
policies = st.builds(
    Policy,
    library=st.just(""),
    lends=st.booleans(),
    copies=st.booleans(),
    open_to=st.sampled_from(OpenTo),
    restricted_to=st.sampled_from([None, None, "cand", "g"]),
    max_open_lent=st.sampled_from([None, 2, 20]),
    cost_loan=st.sampled_from([None, dong(1000), dong(50_000)]),
    delivery=st.sets(st.sampled_from(Delivery), min_size=1).map(frozenset),
    last_resort=st.sampled_from([None, None, None, 1, 2]),
)
lenders = st.builds(
    lambda number, policy, held, **facts: Lender(
        library(f"lib-{number:02}"), replace(policy, library=f"lib-{number:02}"), tuple(held), **facts
    ),
    st.integers(0, 30),
    policies,
    st.lists(holdings, max_size=3),
    province=st.sampled_from([None, "40", "38", "79"]),
    active=st.booleans(),
    tried=st.booleans(),
    load=st.builds(Load, st.integers(0, 9), st.integers(0, 9), st.integers(0, 20)),
    reply_hours=st.sampled_from([None, 3.0, 50.0, 200.0]),
    available=st.sampled_from(Available),
)
crowds = st.lists(lenders, max_size=12, unique_by=lambda one: one.library.code)
FACTS = Facts((ALL,), (Avoidance("me", "lib-03", Avoids.ASK, "x", date(2026, 1, 1)),))


def same(one: Rota, other: Rota) -> bool:
    return (one.entries, one.dropped) == (other.entries, other.dropped)


@given(crowds, st.randoms(use_true_random=False), st.sampled_from([None, "1", "2"]))
def test_what_holds_of_any_list(crowd: list[Lender], dice: Any, volume: str | None) -> None:
    about = question(volume=volume, max_cost=dong(20_000))
    found = rank(about, crowd, FACTS)
    shuffled = list(crowd)
    dice.shuffle(shuffled)
    assert same(found, rank(about, shuffled, FACTS))  # the order of arrival is nothing
    places = [one.library for one in found.entries] + [one.library for one in found.dropped]
    assert sorted(places) == sorted(one.library.code for one in crowd)  # each in one place
    assert [order(one) for one in found.entries] == sorted({order(one) for one in found.entries})  # total
    kept = [one for one in crowd if one.library.code in {entry.library for entry in found.entries}]
    assert rank(about, kept, FACTS).entries == found.entries  # the dropped bear on nothing
    by_code = {one.library.code: one for one in crowd}
    last = [bool(one.keys.last) for one in found.entries]
    assert last == sorted(last)  # those asked last come last
    for entry in found.entries:
        one = by_code[entry.library]
        assert not one.tried
        assert one.active
        assert one.available is not Available.NO
        assert one.policy.restricted_to in (None, "g")
        assert entry.keys.cost <= 20_000
    for entry, after in zip(found.entries, found.entries[1:], strict=False):
        assert decided_by(entry, after)


@given(crowds)
def test_a_refusal_changes_no_other_place(crowd: list[Lender]) -> None:
    found = rank(question(), crowd, FACTS).entries
    if found:
        refused = found[0].library
        again = [replace(one, tried=one.library.code == refused or one.tried) for one in crowd]
        assert rank(question(), again, FACTS).entries == found[1:]


def test_entries_and_reasons_are_what_the_store_keeps() -> None:
    entry = rank(question(), [lender("a")], Facts((ALL,))).entries[0]
    assert isinstance(entry, Entry)
    assert entry.copies == 2
