"""Weights of another version: read without being run, held within their limits, named by what they are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unioncat.matching.records import book
from unioncat.domain.match import Verdict
from unioncat.matching import INSTALLED, RULES, WeightsError, extract, judge, read_weights, weigh
from unioncat.matching.grades import GRADES
from unioncat.matching.learn import table
from unioncat.matching.scale import Scale, scale_of
from unioncat.matching.weights import POINTS

OURS = book("Dế Mèn phiêu lưu ký", "Tô Hoài", 2001, "Kim Đồng", 180)
THEIRS = book("Dế Mèn phiêu lưu kí", "Tô Hoài", 2001, "Trẻ", 184)


def other(**points: float) -> str:
    """The file of weights with some moved."""
    return table(dict(POINTS) | {name.replace("_", "."): value for name, value in points.items()})


def test_the_programs_own_weights_are_the_installed_ones() -> None:
    assert read_weights(table(POINTS)) is INSTALLED
    assert INSTALLED.version == RULES


def test_equal_weights_have_one_name_and_others_another() -> None:
    one = read_weights(other(year_supposed=-2.0))
    assert one.version == read_weights("# of another library\n" + other(year_supposed=-2.0)).version
    assert one.version != read_weights(other(year_supposed=-3.0)).version
    assert one.version.startswith(f"{RULES}-")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no table"),
        ("POINTS = {", "holds no weights"),
        ("POINTS = __import__('os').getcwd()", "holds no weights"),
        ("POINTS = {1: 2}", "no table"),
        ("POINTS = {'title.equal': True}", "no table"),
        ("POINTS = {'title.equal': 20.0}", "is missing"),
        ("POINTS = {}\nPOINTS = {}", "no table"),
        ("x" * 200_000, "too long"),
        (other(title_equal=40.0), "outside 28.5 to 29"),
        (other(pages_equal=8.0, pages_next=9.0), "weighs more than pages.equal"),
        (
            table(POINTS).replace('"title.equal"', '"title.even"'),
            "title.even is unknown, title.equal is missing",
        ),
        (other(title_equal=float("nan")).replace("nan", "1e999"), "outside"),
    ],
)
def test_a_file_that_holds_no_weights_is_refused_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(WeightsError, match=said) as refused:
        read_weights(text)
    assert refused.value.remedy


@settings(max_examples=60)
@given(st.text(max_size=300))
def test_whatever_stands_in_a_file_it_is_read_or_refused(text: str) -> None:
    for file in (text, "POINTS = " + text):
        with pytest.raises(WeightsError):
            read_weights(file)


def test_a_pair_is_judged_by_the_weights_given() -> None:
    left, right = extract(OURS), extract(THEIRS)
    plain = judge(left, right)
    copy = Scale("a copy", dict(POINTS))
    said = judge(left, right, scale=copy)
    assert (said.verdict, said.score, said.evidence) == (plain.verdict, plain.score, plain.evidence)
    assert (plain.rules, said.rules) == (RULES, "a copy")
    assert weigh(left, right, scale=copy) == weigh(left, right)
    least = scale_of({name: grade.least for name, grade in GRADES.items()})
    low = judge(left, left, scale=least)
    assert low.score < judge(left, left).score
    assert low.score == sum(one.points for one in low.evidence)
    assert judge(left, left).verdict is Verdict.SAME
