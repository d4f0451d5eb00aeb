"""Consignments: the table has no dead end, and no book appears or vanishes on any way."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unioncat.domain.consignment import OWNER, Consignment, Difference, Item, Kind, State, Step, Stop
from unioncat.lending.consignment import (
    ENDS,
    TABLE,
    NotAllowed,
    Tally,
    actor_of,
    allowed,
    complaint,
    counted,
    moved,
    tallies,
)


def box(kind: Kind = Kind.ROTATION, stops: int = 2, **facts: Any) -> Consignment:
    ways = tuple(Stop(f"điểm {n}", f"lib-{n}") for n in range(1, stops + 1))
    return Consignment(
        "LC-1", kind, "owner", "Sách lên bản", (Item("Dế Mèn", 3), Item("Số đỏ")), ways, **facts
    )


def walk(one: Consignment, *steps: Step) -> Consignment:
    for step in steps:
        state, place, _ = moved(one, step)
        one = replace(one, state=state, place=place)
    return one


def test_a_rotation_goes_along_its_stops_and_home() -> None:
    one = walk(box(), Step.SEND, Step.RECEIVE, Step.SEND_ON, Step.RECEIVE)
    assert (one.state, one.place) == (State.AT_STOP, 2)
    assert allowed(one) == (Step.SEND_BACK,), "there is no stop behind the last"
    with pytest.raises(NotAllowed, match="send_on is not possible in at_stop; possible: send_back"):
        moved(one, Step.SEND_ON)
    home = walk(one, Step.SEND_BACK, Step.CHECK_IN)
    assert (home.state, home.place, allowed(home)) == (State.RETURNED, OWNER, ())


def test_a_gift_ends_with_its_receipt() -> None:
    one = walk(box(Kind.GIFT, 1), Step.SEND, Step.RECEIVE)
    assert (one.state, allowed(one)) == (State.HANDED_OVER, ())


def test_who_does_a_step() -> None:
    one = walk(box(), Step.SEND)
    assert (actor_of(box(), Step.SEND), actor_of(one, Step.RECEIVE)) == ("owner", "lib-1")
    assert actor_of(walk(one, Step.RECEIVE), Step.SEND_ON) == "lib-1"
    assert actor_of(walk(one, Step.SEND_BACK), Step.CHECK_IN) == "owner"
    station = replace(one, stops=(Stop("Trạm sách bản Pá Hộc"), *one.stops[1:]))
    assert actor_of(station, Step.RECEIVE) is None


def test_the_table_has_no_dead_end_and_no_row_twice() -> None:
    keys = [(row.kind, row.state, row.step) for row in TABLE]
    assert len(keys) == len(set(keys))
    for kind in Kind:
        reached = {State.PACKING}
        for _ in State:
            reached |= {row.to for row in TABLE if row.kind is kind and row.state in reached}
        for state in reached - ENDS:
            assert any(row.kind is kind and row.state is state for row in TABLE), state


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        (Tally(5), Difference(0, missing=1, damaged=2), Tally(2, 2, 1)),
        (Tally(2, 2, 1), Difference(0, found=1), Tally(3, 2, 0)),
        (Tally(0, 2), Difference(0, missing=1), Tally(0, 1, 1)),
        (Tally(1, 1), Difference(0, missing=2), Tally(0, 0, 2)),
    ],
)
def test_counting(before: Tally, said: Difference, after: Tally) -> None:
    assert counted(before, said) == after


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (Tally(1), Difference(0, missing=2)),
        (Tally(1), Difference(0, damaged=1, missing=1)),
        (Tally(1), Difference(0, found=1)),
        (Tally(1), Difference(0, missing=-1)),
        (Tally(0, 1), Difference(0, damaged=1)),
    ],
)
def test_what_does_not_add_up_is_refused(before: Tally, said: Difference) -> None:
    with pytest.raises(ValueError, match=r"."):
        counted(before, said)


def test_complaints_of_new_ones() -> None:
    items = (Item("Dế Mèn", 3),)
    assert complaint(items, 2, Kind.ROTATION) == ""
    assert complaint((), 2, Kind.ROTATION) == "items"
    assert complaint((Item("", 1),), 1, Kind.ROTATION) == "copies"
    assert complaint(items, 0, Kind.ROTATION) == "stops"
    assert complaint(items, 2, Kind.GIFT) == "gift_stops"


@given(st.sampled_from(Kind), st.integers(1, 4), st.data())
def test_books_balance_on_every_way(kind: Kind, stops: int, data: st.DataObject) -> None:
    copies = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
    one = replace(
        box(kind, 1 if kind is Kind.GIFT else stops),
        items=tuple(Item(f"{n}", count) for n, count in enumerate(copies)),
    )
    differences: dict[int, tuple[Difference, ...]] = {}
    for _ in range(3 * stops + 5):
        steps = allowed(one)
        if not steps:
            break
        step = data.draw(st.sampled_from(steps))
        state, place, counts = moved(one, step)
        one = replace(one, state=state, place=place)
        if counts:
            said = []
            for position, tally in enumerate(tallies(one.items, differences)):
                found = data.draw(st.integers(0, tally.missing))
                damaged = data.draw(st.integers(0, tally.good + found))
                missing = data.draw(st.integers(0, tally.good + found - damaged + tally.damaged))
                said.append(Difference(position, missing, damaged, found))
            differences[place] = tuple(said)
        now = tallies(one.items, differences)
        assert [tally.copies for tally in now] == copies
        assert all(min(tally.good, tally.damaged, tally.missing) >= 0 for tally in now)
        assert 0 <= one.place <= len(one.stops)
    assert one.state in ENDS, "every way ends"
