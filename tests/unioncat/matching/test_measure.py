"""Figures of quality: worked examples, and intervals that are the same each time."""

import pytest

from unioncat.matching.measure import Scored, b_cubed, quality


def scored(*rows: tuple[bool, bool, float]) -> list[Scored]:
    return [Scored(same, joined, score, f"g{place}") for place, (same, joined, score) in enumerate(rows)]


MIXED = scored(
    (True, True, 90),
    (True, True, 80),
    (True, False, 40),
    (False, True, 70),
    (False, False, 10),
    (True, True, 85),
)


def test_precision_recall_and_f1_follow_the_verdicts() -> None:
    figures = quality(MIXED)
    assert figures.precision.value == 0.75
    assert figures.recall.value == 0.75
    assert figures.f1.value == 0.75


def test_along_the_scores_the_best_place_is_found() -> None:
    figures = quality(MIXED)
    # above 70: three right of three, of four; with the next two: four right of five
    assert figures.best_f1.value == pytest.approx(8 / 9)
    assert figures.recall_at["0.997"].value == 0.75


def test_pairs_of_one_score_stand_on_one_side() -> None:
    tied = scored((True, True, 50), (False, True, 50))
    figures = quality(tied)
    assert figures.recall_at["0.99"].value == 0.0
    assert figures.best_f1.value == pytest.approx(2 / 3)


def test_intervals_hold_the_figure_and_do_not_change() -> None:
    many = MIXED * 30
    many = [Scored(one.same, one.joined, one.score, f"g{place}") for place, one in enumerate(many)]
    first, again = quality(many, seed=7), quality(many, seed=7)
    assert first == again
    assert first.precision.low < first.precision.value < first.precision.high
    assert quality(many, seed=8) != first


def test_pairs_that_hang_together_are_drawn_together() -> None:
    alone = [Scored(one.same, one.joined, one.score, f"g{n}") for n, one in enumerate(MIXED * 30)]
    bound = [Scored(one.same, one.joined, one.score, f"g{n // 30}") for n, one in enumerate(MIXED * 30)]
    narrow, wide = quality(alone).precision, quality(bound).precision
    assert narrow.value == wide.value
    assert (narrow.low, narrow.high) != (wide.low, wide.high)


def test_without_pairs_there_is_nothing_to_tell() -> None:
    figures = quality([])
    assert (figures.recall.value, figures.best_f1.value) == (0.0, 0.0)


def test_b_cubed_of_a_worked_example() -> None:
    truth = [{"a", "b", "c"}, {"d", "e"}]
    assert b_cubed(truth, truth) == (1.0, 1.0, 1.0)
    precision, recall, _ = b_cubed(truth, [{"a", "b"}, {"c", "d", "e"}])
    # a, b: 1; c: 1/3; d, e: 2/3 — and a, b: 2/3; c: 1/3; d, e: 1
    assert precision == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
