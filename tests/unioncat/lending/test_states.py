"""The state tables: sound as they are, and every way of breaking one is found."""

from dataclasses import replace

import pytest

from tests.properties.test_lending import START
from unioncat.domain.lending import Event, Flag, Kind, RequesterState, Side, Step, SupplierState
from unioncat.lending.deadlines import DEADLINES, UNTIMED
from unioncat.lending.machine import NotAllowed, Standing, allowed, apply, fold, undoable
from unioncat.lending.requester import REQUESTER
from unioncat.lending.states import HEARD_BY_REQUESTER, HEARD_BY_SUPPLIER, TABLES, check
from unioncat.lending.supplier import SUPPLIER
from unioncat.lending.tables import BrokenTable, By, Effect, Row, faults, gather, unheard

R, U = RequesterState, SupplierState


def test_both_tables_are_sound() -> None:
    check()
    assert faults(REQUESTER) == faults(SUPPLIER) == ()


def test_two_rows_for_one_thing_are_refused() -> None:
    row = Row(R.SENT, Step.CANCEL, Effect.STAY)
    with pytest.raises(BrokenTable, match="two rows"):
        gather([row, row])


def test_a_dead_end_an_unreached_state_and_a_deaf_one_are_named() -> None:
    own = {key: row for key, row in REQUESTER.own.items() if row.to is not R.RETURN_SHIPPED}
    assert "return_shipped is never reached" in faults(replace(REQUESTER, own=own))
    gone = {key: row for key, row in SUPPLIER.own.items() if row.state is not U.LOST}
    heard = {key: row for key, row in SUPPLIER.heard.items() if key != (U.LOST, Step.SHIP_BACK)}
    found = faults(replace(SUPPLIER, own=gone, heard=heard))
    assert "lost leads to no end" in found
    assert "lost has no answer to ship_back" in found
    on = {**SUPPLIER.own, (U.COMPLETED, Step.PICK): Row(U.COMPLETED, Step.PICK, Effect.MOVE, U.PICKED)}
    assert any("is an end, but pick goes on" in one for one in faults(replace(SUPPLIER, own=on)))


def test_each_side_hears_all_that_the_other_says() -> None:
    assert unheard(REQUESTER, SUPPLIER, HEARD_BY_SUPPLIER) == ()
    less = {kind: step for kind, step in HEARD_BY_REQUESTER.items() if kind is not Kind.RECALL}
    assert any("recall" in one for one in unheard(SUPPLIER, REQUESTER, less))


@pytest.mark.parametrize("side", Side)
def test_every_state_that_waits_has_a_deadline(side: Side) -> None:
    table = TABLES[side]
    for state in table.states:
        waits = state not in table.terminal and state not in UNTIMED[side]
        assert (state in DEADLINES[side]) == waits, state


@pytest.mark.parametrize("side", Side)
def test_what_the_clock_does_at_a_deadline_is_in_the_table(side: Side) -> None:
    for state, one in DEADLINES[side].items():
        if one.step is not None:
            assert one.step in allowed(side, state, by=By.CLOCK), state


def test_a_cancel_that_is_refused_goes_back_to_where_it_was_even_if_that_moved_meanwhile() -> None:
    standing = apply(Side.REQUESTER, Standing(R.SENT), Step.CANCEL).standing
    assert standing == Standing(R.CANCEL_PENDING, frozenset(), R.SENT)
    standing = apply(Side.REQUESTER, standing, Step.ANSWER_WILL_SUPPLY, heard=True).standing
    assert standing.state is R.CANCEL_PENDING
    back = apply(Side.REQUESTER, standing, Step.CANCEL_REFUSED, heard=True)
    assert back.state is R.WILL_SUPPLY
    shipped = apply(Side.REQUESTER, standing, Step.LOANED, heard=True)
    assert shipped.standing == Standing(R.SHIPPED), "a cancel ends when the thing is sent"


def test_what_comes_after_its_time_changes_nothing() -> None:
    standing = Standing(R.ON_LOAN, frozenset({Flag.RECALLED}))
    for step in (Step.ANSWER_WILL_SUPPLY, Step.UNFILLED, Step.CANCELLED):
        outcome = apply(Side.REQUESTER, standing, step, heard=True)
        assert not outcome.applied
        assert outcome.standing == standing


def test_flags_hold_beside_the_state_and_beside_each_other() -> None:
    standing = Standing(R.ON_LOAN)
    standing = apply(Side.REQUESTER, standing, Step.OVERDUE, heard=True).standing
    standing = apply(Side.REQUESTER, standing, Step.RECALL, heard=True).standing
    standing = apply(Side.REQUESTER, standing, Step.RENEW).standing
    assert standing.flags == {Flag.OVERDUE, Flag.RECALLED, Flag.RENEW_PENDING}
    with pytest.raises(NotAllowed):
        apply(Side.REQUESTER, standing, Step.RENEW)
    standing = apply(Side.REQUESTER, standing, Step.RENEWED, heard=True).standing
    assert standing == Standing(R.ON_LOAN)


def test_what_is_not_allowed_says_what_is() -> None:
    with pytest.raises(NotAllowed, match="lend_out is not possible for the requester in state sent") as found:
        apply(Side.REQUESTER, Standing(R.SENT), Step.LEND_OUT)
    assert Step.CANCEL in found.value.offered
    with pytest.raises(NotAllowed):
        apply(Side.SUPPLIER, Standing(U.TO_PULL), Step.RENEW, heard=True)


def event(seq: int, step: Step, before: str, after: str, **more: object) -> Event:
    return Event(seq, START, "a@b.vn", Side.SUPPLIER, step, before, after, **more)  # type: ignore[arg-type]


def test_an_undo_takes_the_last_step_back_and_only_what_sent_nothing() -> None:
    sent = event(1, Step.ANSWER_WILL_SUPPLY, U.RECEIVED, U.TO_PULL, sent=(Kind.WILL_SUPPLY,))
    printed = event(2, Step.PRINT_SLIP, U.TO_PULL, U.PULLED_LIST)
    picked = event(3, Step.PICK, U.PULLED_LIST, U.PICKED)
    undone = event(4, Step.UNDO, U.PICKED, U.PULLED_LIST)
    assert undoable([sent, printed, picked]) is picked
    assert undoable([sent, printed, picked, undone]) is printed
    assert undoable([sent]) is None
    assert fold(Side.SUPPLIER, [sent, printed, picked, undone]).state is U.PULLED_LIST
    again = event(5, Step.UNDO, U.PULLED_LIST, U.TO_PULL)
    assert fold(Side.SUPPLIER, [sent, printed, picked, undone, again]).state is U.TO_PULL
    late = event(2, Step.LATE, U.TO_PULL, U.TO_PULL, message="m")
    assert fold(Side.SUPPLIER, [sent, late]).state is U.TO_PULL
