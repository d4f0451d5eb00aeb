"""Personal names: order, initials, frequent surnames."""

import pytest

from unioncat.matching.names import Likeness, likeness, persons
from unioncat.text import key_fold


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Nguyễn Du", "Nguyễn, Du", Likeness.EQUAL),
        ("Cong Ngo Van", "Ngô Văn Công", Likeness.EQUAL),
        ("Farrow, Dave", "Dave Farrow", Likeness.EQUAL),
        ("Mac Lear, Martha", "MacLear, Martha", Likeness.EQUAL),
        ("Rowling, J. K.", "Joanne Kathleen Rowling", Likeness.CLOSE),
        ("Nguyễn Đình Trí", "Nguyễn Trí", Likeness.CLOSE),
        ("Dostoevsky, Fyodor", "Dostoevski, Fyodor", Likeness.CLOSE),
        ("Burnham, Geo. P.", "Burnham, George Pickering", Likeness.CLOSE),
        ("Hark, J. Max", "Hark, Joseph Maximilian", Likeness.CLOSE),
        ("Englehardt, F. Rainer", "Engelhardt, F. R.", Likeness.CLOSE),
        ("Englehardt, F. Rainer", "Engelhardt, Otto", Likeness.NONE),
        ("Lê Tha", "Lê Thanh", Likeness.NONE),
        ("Nguyễn Đình Trí", "Nguyễn Thị B", Likeness.UNKNOWN),
        ("Nguyễn Trãi", "Nguyễn Du", Likeness.NONE),
        ("Smith, John", "Smith, Adam", Likeness.NONE),
        ("Nguyễn Văn Hùng", "Nguyễn Văn Dũng", Likeness.NONE),
        ("Võ Quảng", "Vũ Quảng", Likeness.NONE),
        ("Tô Hoài", "Nam Cao", Likeness.NONE),
        ("Rowling, J. K.", "Tolkien, J. R. R.", Likeness.NONE),
    ],
)
def test_likeness(one: str, other: str, expected: Likeness) -> None:
    left, right = key_fold(one), key_fold(other)
    assert likeness(left, right) is expected
    assert likeness(right, left) is expected


def test_a_heading_gives_folded_and_exact_names() -> None:
    assert persons("Nguyễn Dữ") == (("nguyen du", "nguye^n4 du+4"),)


@pytest.mark.parametrize("heading", ["", "   ", "12345", "[?]", "Anonymous"])
def test_a_heading_without_a_person(heading: str) -> None:
    assert persons(heading) == ()
