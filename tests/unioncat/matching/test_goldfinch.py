"""The judge on labelled pairs of English monographs: a floor under precision and recall.

Only the part for tuning is looked at; the other is kept for reports.
"""

import pytest

from tests.support.data import DATA, needs_data
from unioncat.domain.match import Verdict
from unioncat.flow.evaluate import Judged, judge_all
from unioncat.flow.pairs import Named, Part, read
from unioncat.matching.measure import Scored, quality

FOLDER = DATA / "dedup" / "goldfinch-val"
pytestmark = [needs_data, pytest.mark.data]


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return judge_all(read(Named(FOLDER, Part.TUNE)))


def test_precision_and_recall_keep_their_floor(judged: list[Judged]) -> None:
    figures = quality(
        [Scored(one.pair.same, one.verdict is Verdict.SAME, one.score, one.pair.group) for one in judged],
        resamples=0,
    )
    assert figures.precision.value >= 0.999
    assert figures.recall.value >= 0.935
    assert figures.recall_at["0.997"].value >= 0.965
    assert figures.best_f1.value >= 0.987


def test_true_pairs_meet_under_a_common_key(judged: list[Judged]) -> None:
    met = [one.met for one in judged if one.pair.same]
    assert sum(met) / len(met) >= 0.995
