"""The lists of the desks and what they offer, against the state tables."""

import pytest

from unioncat.domain.lending import Side, Step
from unioncat.domain.worklists import WORKLISTS, lists_of
from unioncat.lending.forms import AT_ONCE, BY_LINK, FIELDS, FITS, NEEDED, offered
from unioncat.lending.states import TABLES


@pytest.mark.parametrize("side", list(Side))
def test_every_state_that_goes_on_stands_in_a_list_and_no_end_does(side: Side) -> None:
    table = TABLES[side]
    shown = {state for one in lists_of(side) for state in one.states}
    assert shown == set(table.states) - set(table.terminal)


def test_what_is_offered_is_possible() -> None:
    for (side, state), step in FITS.items():
        assert (state, step) in TABLES[side].own
    for (side, state), steps in BY_LINK.items():
        for step in steps:
            assert (state, step) in TABLES[side].own, (state, step)
    for name, steps in AT_ONCE.items():
        one = WORKLISTS[name]
        own = TABLES[one.side].own
        for step in steps:
            assert any((state, step) in own for state in one.states), (name, step)


def test_what_is_needed_is_asked_for() -> None:
    assert all(set(fields) <= set(FIELDS[key]) for key, fields in NEEDED.items())
    for side, step in FIELDS:
        assert any(key[1] is step for key in TABLES[side].own)
    for name, steps in AT_ONCE.items():
        assert not [step for step in steps if (WORKLISTS[name].side, step) in NEEDED]


def test_a_copy_is_not_lent() -> None:
    assert offered((Step.LOANED, Step.NOTIFY), "copy") == (Step.COPY_SENT, Step.NOTIFY)
    assert offered((Step.LOANED,), "loan") == (Step.LOANED,)
