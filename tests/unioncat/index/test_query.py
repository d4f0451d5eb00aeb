"""What people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unioncat.domain.search import Clause
from unioncat.index.query import LONGEST_QUERY, parse, unparse


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("truyện kiều", [Clause("truyện kiều")]),
        ("  truyện \t kiều ", [Clause("truyện kiều")]),
        ("", []),
        ('"truyện kiều" nguyễn du', [Clause("truyện kiều", phrase=True), Clause("nguyễn du")]),
        ("“truyện kiều”", [Clause("truyện kiều", phrase=True)]),
        ('truyện "kiều', [Clause("truyện kiều")]),
        ('a "b" c "d', [Clause("a"), Clause("b", phrase=True), Clause("c d")]),
        ('""', []),
        ("title:kiều", [Clause("kiều", "title")]),
        ("Title: Truyện Kiều", [Clause("Truyện Kiều", "title")]),
        ("nhan đề: kiều tác giả: du", [Clause("kiều", "title"), Clause("du", "author")]),
        ("NHAN ĐỀ: kiều", [Clause("kiều", "title")]),
        ("nhan de:kieu", [Clause("kieu", "title")]),
        ("văn học tác giả:du", [Clause("văn học"), Clause("du", "author")]),
        ("title:a title:b", [Clause("a b", "title")]),
        ('author:"nguyễn du"', [Clause("nguyễn du", "author", phrase=True)]),
        ("nxb: trẻ", [Clause("trẻ", "publisher")]),
        ("isbn:978-604-1", [Clause("978-604-1", "isbn")]),
        ("ký hiệu xếp giá: 895.9", [Clause("895.9", "shelf_mark")]),
        ("colour:red", [Clause("colour:red")]),
        ("10:30", [Clause("10:30")]),
        ("http://a.vn/b", [Clause("http://a.vn/b")]),
        ("truyện -kiếu", [Clause("truyện"), Clause("kiếu", negated=True)]),
        ('truyện -"thơ nôm"', [Clause("truyện"), Clause("thơ nôm", phrase=True, negated=True)]),
        ("author:-du", [Clause("du", "author", negated=True)]),
        ("Mác - Lênin", [Clause("Mác Lênin")]),
        ("Mác-Lênin", [Clause("Mác-Lênin")]),
        ("C++ -java", [Clause("C++"), Clause("java", negated=True)]),
    ],
)
def test_parse(text: str, clauses: list[Clause]) -> None:
    assert list(parse(text)) == clauses


def test_a_long_text_is_cut() -> None:
    (clause,) = parse("a " * LONGEST_QUERY)
    assert len(clause.text) <= LONGEST_QUERY


typed = st.text(alphabet=st.sampled_from('abđề:"-  +#.titleaur\u0301'), max_size=40) | st.text(max_size=40)


@given(typed)
def test_anything_can_be_typed(text: str) -> None:
    for clause in parse(text):
        assert clause.text


@given(typed)
def test_what_is_written_out_reads_the_same(text: str) -> None:
    clauses = parse(text)
    again = parse(unparse(clauses))
    assert parse(unparse(again)) == again


@pytest.mark.parametrize("text", ["a b", 'a "b c" -d', 'title: a -"b" author: c', "-a nhan đề: b"])
def test_plain_queries_survive_being_written_out(text: str) -> None:
    assert parse(unparse(parse(text))) == parse(text)
