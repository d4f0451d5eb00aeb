"""Reading a target that caps its result sets: every record once, from any place on, or a clear error."""

import bisect
import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unioncat_harvester.cuts import Prefixes, ScannedTerms, days, numbers, strategies
from unioncat_harvester.slices import (
    Condition,
    Conditions,
    Relation,
    Slice,
    SliceError,
    Slices,
    Strategy,
    SumsDiffer,
)

TODAY = dt.date(2026, 3, 1)
FIRST = dt.date(2000, 1, 1)


@dataclass(frozen=True)
class Record:
    """One record; an index may have no value, one, or several."""

    id: int
    values: dict[str, tuple[str, ...]]


@dataclass
class Target:
    """A server of records, which counts what it is asked."""

    records: Sequence[Record]
    bend: Callable[[Conditions, int], int] = lambda conditions, hits: hits
    """A lie about a count."""
    asked: int = 0
    index: dict[str, list[str]] = field(default_factory=dict)

    def find(self, conditions: Conditions) -> list[Record]:
        return [one for one in self.records if all(holds(one, each) for each in conditions)]

    def count(self, conditions: Conditions) -> int:
        self.asked += 1
        return self.bend(conditions, len(self.find(conditions)))

    def terms(self, index: str, start: str, number: int) -> list[tuple[str, int | None]]:
        self.asked += 1
        found = Counter(value for one in self.records for value in set(one.values.get(index, ())))
        listed = sorted(found)
        place = bisect.bisect_left(listed, start)
        return [(term, found[term]) for term in listed[place : place + number]]


def holds(record: Record, condition: Condition) -> bool:
    values = record.values.get(condition.index, ())
    match condition.relation:
        case Relation.UPTO:
            bound = condition.values[0]
            # dates are of one length, so they compare as texts; numbers as numbers
            true = any(
                int(value) <= int(bound) if value.isdigit() and bound.isdigit() else value <= bound
                for value in values
            )
        case Relation.PREFIX:
            true = any(value.startswith(condition.values[0]) for value in values)
        case Relation.TERMS:
            true = not set(values).isdisjoint(condition.values)
    return true is condition.wanted


def read(target: Target, cap: int, ways: Sequence[Strategy], token: str | None = None) -> list[Slice]:
    return list(Slices(cap, ways, target.count, target.terms).slices(token))


def brought(target: Target, slices: Sequence[Slice]) -> list[int]:
    return [record.id for one in slices for record in target.find(one.conditions)]


def library(entered: Sequence[int | None], names: Sequence[str]) -> Target:
    """Records with their own numbers and names, entered on a day or on none."""
    return Target(
        [
            Record(
                number,
                {
                    "id": (str(number * 7),),
                    "name": (names[number % len(names)] + f"{number:03d}",),
                    "day": () if day is None else ((FIRST + dt.timedelta(day)).strftime("%Y%m%d"),),
                },
            )
            for number, day in enumerate(entered)
        ]
    )


BY_DAY = days("day", low=FIRST, high=TODAY)
WAYS: dict[str, Sequence[Strategy]] = {
    "days, then numbers": (BY_DAY, numbers("id")),
    "numbers": (numbers("id"),),
    "prefixes": (Prefixes("name"),),
    "terms": (ScannedTerms("id"),),
    "days, then terms": (BY_DAY, ScannedTerms("id")),
    "days, then prefixes": (BY_DAY, Prefixes("name")),
}
entered = st.lists(st.one_of(st.none(), st.just(5), st.integers(0, 20), st.integers(0, 9000)), max_size=120)
some_names = st.lists(st.text("ab1 ", max_size=3), min_size=1, max_size=5)


@pytest.mark.parametrize("way", WAYS)
@given(entered=entered, names=some_names, cap=st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_every_record_comes_once_in_slices_that_are_shown(
    way: str, entered: list[int | None], names: list[str], cap: int
) -> None:
    target = library(entered[:60] if "prefixes" in way else entered, names)
    slices = read(target, cap, WAYS[way])
    assert sorted(brought(target, slices)) == [record.id for record in target.records]
    assert all(0 < one.hits <= cap and one.hits == len(target.find(one.conditions)) for one in slices)


@pytest.mark.parametrize("way", WAYS)
@given(entered=entered, cap=st.integers(2, 20), data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_harvest_goes_on_from_any_slice(
    way: str, entered: list[int | None], cap: int, data: st.DataObject
) -> None:
    target = library(entered, ["a", "b"])
    slices = read(target, cap, WAYS[way])
    if not slices:
        return
    place = data.draw(st.integers(0, len(slices) - 1))
    rest = read(target, cap, WAYS[way], slices[place].token)
    assert [one.conditions for one in rest] == [one.conditions for one in slices[place:]]
    assert [one.token for one in rest] == [one.token for one in slices[place:]]
    assert len({one.token for one in slices}) == len(slices)


@given(entered=entered, cap=st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_questions_are_few(entered: list[int | None], cap: int) -> None:
    target = library(entered, ["a"])
    slices = read(target, cap, (BY_DAY, numbers("id")))
    depth = 14 + 40  # bits of the days since 2000 and of the largest number
    assert target.asked <= 1 + 2 * depth * max(1, len(slices))


def test_scanning_asks_about_each_group_of_terms_once() -> None:
    target = library([None] * 1000, ["a"])
    slices = read(target, 50, WAYS["terms"])
    assert len(slices) == 51
    assert target.asked <= 51 + 12 + 2


def test_names_in_letters_that_nobody_tried_stay_together() -> None:
    target = library([None] * 40, ["a", "đ", "ê"])
    slices = read(target, 30, WAYS["prefixes"])
    assert sorted(brought(target, slices)) == list(range(40))
    with pytest.raises(SliceError, match="not name prefix a has 26 and cannot be cut further"):
        read(target, 10, WAYS["prefixes"])


def test_what_is_small_enough_is_one_slice_without_conditions() -> None:
    target = library([1, 2, 3], ["a"])
    assert [(one.conditions, one.hits) for one in read(target, 3, ())] == [((), 3)]
    assert target.asked == 1
    assert read(library([], ["a"]), 3, ()) == []


def test_a_record_with_several_values_comes_once_by_days() -> None:
    target = library([1, 2, 3, 4, 5, 6], ["a"])
    target.records[0].values["day"] = ("20000102", "20010101", "20200101")
    slices = read(target, 2, (BY_DAY,))
    assert sorted(brought(target, slices)) == [0, 1, 2, 3, 4, 5]


def test_a_lower_cap_found_on_the_way_goes_on_from_the_same_slice() -> None:
    target = library(list(range(40)), ["a"])
    before = read(target, 20, (BY_DAY,))
    after = read(target, 7, (BY_DAY,), before[1].token)
    assert all(one.hits <= 7 for one in after)
    assert sorted(brought(target, [before[0], *after])) == list(range(40))


def test_a_slice_that_has_grown_is_cut_again() -> None:
    target = library(list(range(40)), ["a"])
    before = read(target, 20, (BY_DAY,))
    more = library([*range(40), *range(10)], ["a"])
    plan = Slices(20, (BY_DAY,), more.count)
    after = list(plan.slices(before[0].token, now=len(more.find(before[0].conditions))))
    assert all(one.hits <= 20 for one in after[:2])
    assert sorted(brought(more, after)) == list(range(50))


def test_a_part_that_cannot_be_cut_is_named() -> None:
    target = library([5] * 30, ["a"])
    with pytest.raises(SliceError, match=r"30 and cannot be cut further \(indexes tried: day\)") as caught:
        read(target, 10, (BY_DAY,))
    assert caught.value.remedy


def test_records_without_a_value_are_a_part_of_their_own() -> None:
    target = library([None] * 11 + [3] * 5, ["a"])
    with pytest.raises(SliceError, match="not day upto 20260301 has 11"):
        read(target, 10, (BY_DAY,))
    assert sorted(brought(target, read(target, 11, (BY_DAY,)))) == list(range(16))


@pytest.mark.parametrize(
    ("ways", "bend"),
    [
        ((BY_DAY,), lambda conditions, hits: 1000 if not conditions else hits),
        ((BY_DAY,), lambda conditions, hits: hits // 2 if conditions else hits),
        ((numbers("id"),), lambda conditions, hits: 100),
        ((Prefixes("name"),), lambda conditions, hits: min(hits, 12)),
        ((ScannedTerms("id"),), lambda conditions, hits: hits + 1),
        ((ScannedTerms("id"),), lambda conditions, hits: hits // 2 if conditions else hits),
        ((numbers("id"),), lambda conditions, hits: -1 if conditions else hits),
    ],
)
def test_a_target_that_lies_is_a_clear_error(
    ways: Sequence[Strategy], bend: Callable[[Conditions, int], int]
) -> None:
    target = library(list(range(100)), ["a", "b"])
    target.bend = bend
    with pytest.raises(SliceError) as caught:
        read(target, 10, ways)
    assert any(str(number) in str(caught.value) for number in (100, 1000, 12, -1, 50))
    assert caught.value.remedy
    assert target.asked < 5000


def test_an_index_with_several_values_cannot_be_scanned() -> None:
    target = library([None] * 50, ["a"])
    for record in target.records:
        record.values["id"] = (f"{record.id:03d}", f"{record.id + 1:03d}")
    with pytest.raises(SumsDiffer, match="several terms in index id"):
        read(target, 10, (ScannedTerms("id"),))


def test_records_without_a_term_are_missed_loudly() -> None:
    target = library([None] * 50, ["a"])
    target.records[7].values["id"] = ()
    with pytest.raises(SumsDiffer, match="1 records have no term in index id"):
        read(target, 10, (ScannedTerms("id"),))


@pytest.mark.parametrize("way", ["days, then numbers", "numbers", "prefixes", "days, then prefixes"])
@given(entered=entered, names=some_names, cap=st.integers(2, 40))
@settings(max_examples=30, deadline=None)
def test_a_target_that_counts_no_further_than_its_cap_is_read_whole(
    way: str, entered: list[int | None], names: list[str], cap: int
) -> None:
    target = library(entered[:60] if "prefixes" in way else entered, names)
    target.bend = lambda conditions, hits: min(hits, cap)
    slices = list(Slices(cap, WAYS[way], target.count, target.terms, count_capped=True).slices())
    assert sorted(brought(target, slices)) == [record.id for record in target.records]
    assert all(0 < one.hits < cap for one in slices)


def test_terms_are_not_scanned_where_counts_are_capped() -> None:
    target = library([None] * 9, ["a"])
    target.bend = lambda conditions, hits: min(hits, 3)
    plan = Slices(3, WAYS["terms"], target.count, target.terms, count_capped=True)
    with pytest.raises(SliceError, match="does not count beyond"):
        list(plan.slices())


def test_a_target_that_changes_between_two_questions_is_asked_again() -> None:
    target = library(list(range(100)), ["a"])

    def once(conditions: Conditions, hits: int) -> int:
        return hits - 1 if target.asked == 2 else hits

    target.bend = once
    assert sorted(brought(target, read(target, 10, (BY_DAY,)))) == list(range(100))


def test_a_list_of_terms_without_end_is_an_error() -> None:
    def terms(index: str, start: str, number: int) -> list[tuple[str, int | None]]:
        first = int(start or 0)
        return [(str(one), 1) for one in range(first + 1, first + number + 1)]

    plan = Slices(10, (ScannedTerms("id"),), lambda conditions: 0 if conditions else 100, terms)
    with pytest.raises(SliceError, match="not led to a single slice"):
        list(plan.slices())


def test_a_list_of_terms_that_begins_again_is_an_error() -> None:
    target = library([None] * 300, ["a"])

    def terms(index: str, start: str, number: int) -> list[tuple[str, int | None]]:
        return target.terms(index, start, number) if start < "70" else target.terms(index, "", number)

    plan = Slices(10, (ScannedTerms("id"),), target.count, terms)
    with pytest.raises(SumsDiffer, match="several terms"):
        list(plan.slices())


@pytest.mark.parametrize("token", ["", "{}", "[1]", '[1,[[[["i","like",["x"]]],1]]]', "null"])
def test_a_token_of_something_else_is_refused(token: str) -> None:
    with pytest.raises(SliceError, match="cannot be read"):
        read(library([1], ["a"]), 10, (), token)


def test_the_option_of_a_source_names_its_strategies() -> None:
    made = strategies(
        "days dc.date from=1999-12-31 form=%Y-%m-%d; numbers 1=12 to=99 width=5; terms x", TODAY
    )
    assert [one.index for one in made] == ["dc.date", "1=12", "x"]
    target = library([], ["a"])
    target.bend = lambda conditions, hits: 100 if not conditions else 50
    shown = next(Slices(50, made, target.count).slices())
    assert shown.conditions[0].values == ("2013-01-30",)
    assert strategies(" ; ", TODAY) == ()


@pytest.mark.parametrize(
    "text",
    [
        "days",
        "weeks x",
        "numbers x from=a",
        "numbers x from=9 to=3",
        "days x from=2030-01-01",
        "days x form=%d",
        "terms x y",
        "terms x y=1",
    ],
)
def test_an_option_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(SliceError, match="does not say how to slice") as caught:
        strategies(text, TODAY)
    assert "numbers INDEX" in caught.value.remedy
