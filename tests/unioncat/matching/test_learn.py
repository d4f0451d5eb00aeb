"""Learning the weights: within limits, in order, the same whatever the order of the pairs."""

import random
import runpy
from pathlib import Path

import pytest

from unioncat.matching import judge, weights
from unioncat.matching.facts import Features
from unioncat.matching.grades import GRADES, LADDERS
from unioncat.matching.learn import learn, table
from unioncat.matching.rules import SAME_FROM, UNSURE_FROM
from unioncat.matching.weights import POINTS

PAIRS = (
    [(("title.equal", "year.equal", "pages.equal"), True, 1.0)] * 60
    + [(("title.equal", "year.differs", "pages.differ"), False, 1.0)] * 40
    + [(("title.equal", "year.equal", "pages.differ"), False, 1.0)] * 10
    + [(("title.differs", "year.equal"), False, 1.0)] * 40
)


def test_every_grade_has_a_weight_within_its_limits() -> None:
    assert POINTS.keys() == GRADES.keys()
    for name, grade in GRADES.items():
        assert grade.least <= grade.start <= grade.most, name
        assert grade.least <= POINTS[name] <= grade.most, name


def test_a_closer_agreement_never_weighs_less() -> None:
    for ladder in LADDERS:
        points = [POINTS[name] for name, _ in ladder]
        assert points == sorted(points, reverse=True), ladder


def test_the_order_of_pairs_is_nothing() -> None:
    shuffled = list(PAIRS)
    random.Random(3).shuffle(shuffled)
    assert learn(shuffled) == learn(PAIRS)


def test_what_the_pairs_show_moves_the_weight_the_right_way() -> None:
    learned = learn(PAIRS)
    assert learned["pages.differ"] < GRADES["pages.differ"].start
    assert learned["isbn.equal"] == GRADES["isbn.equal"].start


def test_a_pair_that_counts_nothing_teaches_nothing() -> None:
    noise = [(("pages.differ",), True, 0.0)] * 50
    assert learn([*PAIRS, *noise]) == learn(PAIRS)


def test_no_lesson_breaks_a_limit() -> None:
    upside_down = [(grades, not same, 50.0) for grades, same, _ in PAIRS]
    learned = learn(upside_down)
    for ladder in LADDERS:
        points = [learned[name] for name, _ in ladder]
        assert points == sorted(points, reverse=True)
        assert all(grade.least <= learned[name] <= grade.most for name, grade in ladder)


def test_the_table_is_a_module(tmp_path: Path) -> None:
    learned = learn(PAIRS)
    path = tmp_path / "weights.py"
    path.write_text(table(learned), encoding="utf-8")
    assert runpy.run_path(str(path))["POINTS"] == learned


def test_the_module_is_as_the_command_writes_it() -> None:
    assert Path(weights.__file__).read_text(encoding="utf-8") == table(POINTS)


def test_points_add_up_without_a_rest() -> None:
    assert all((2 * points).is_integer() for points in POINTS.values())


THIN = Features(title="bao cao tong ket cong tac nam", title_exact="bao cao tong ket cong tac nam", year=2001)


@pytest.mark.parametrize(
    "more", [{}, {"places": ("ha noi",)}, {"publishers": ("giao duc",), "places": ("ha noi",), "height": 21}]
)
def test_title_and_imprint_alone_never_join(more: dict[str, object]) -> None:
    facts = Features(title=THIN.title, title_exact=THIN.title_exact, year=THIN.year, **more)  # type: ignore[arg-type]
    assert judge(facts, facts).score < SAME_FROM


def test_the_band_of_doubt_is_there() -> None:
    assert 0 < UNSURE_FROM < SAME_FROM
