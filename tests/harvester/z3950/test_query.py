"""Queries: PQF in, RPN out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unioncat_harvester.readers.z3950 import ber
from unioncat_harvester.readers.z3950.query import (
    AND,
    NOT,
    OR,
    Attribute,
    Node,
    Query,
    QueryError,
    Term,
    attributes,
    join,
    parse,
    type_1,
)

types = st.lists(st.integers(1, 12), max_size=3, unique=True)
values = st.one_of(st.integers(0, 5000), st.from_regex(r"\A_[A-Z]{1,8}\Z"))
terms = st.builds(
    lambda text, made: Term(text, tuple(made)),
    st.text(max_size=12).filter(lambda text: not text.startswith("\x00")),
    types.flatmap(lambda numbers: st.tuples(*[st.builds(Attribute, st.just(n), values) for n in numbers])),
)
queries: st.SearchStrategy[Query] = st.recursive(
    terms, lambda inner: st.builds(Node, st.sampled_from([AND, OR, NOT]), inner, inner), max_leaves=8
)


@given(queries)
@settings(max_examples=50, deadline=None)
def test_a_query_is_read_as_it_was_written(query: Query) -> None:
    assert parse(str(query)) == query


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("kieu", Term("kieu")),
        ('@attr 1=4 "truyện kiều"', Term("truyện kiều", (Attribute(1, 4),))),
        ("@attrset bib-1 @attr bib-1 1=4 kieu", Term("kieu", (Attribute(1, 4),))),
        ('@attr 1=_ALLRECORDS @attr 2=103 ""', Term("", (Attribute(1, "_ALLRECORDS"), Attribute(2, 103)))),
        ("@attr 4=2 @and @attr 1=4 a b", Node(
            AND, Term("a", (Attribute(4, 2), Attribute(1, 4))), Term("b", (Attribute(4, 2),)))),
        ("@attr 1=4 @attr 1=7 a", Term("a", (Attribute(1, 7),))),
        (r'"a \"b\" \\"', Term('a "b" \\')),
    ],
)  # fmt: skip
def test_pqf_as_it_is_written_in_the_wild(text: str, query: Query) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    "text",
    ["", "@and a", "@attr 1=4", "@attr", "@attr x=4 a", "@attr 1= a", "a b", "@prox 0 1 a b", "@set x",
     "@attrset gils a", "@or " * 40 + "a", "x" * 9000],
)  # fmt: skip
def test_what_is_no_query_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12", (Attribute(1, 12),)),
        ("local-number", (Attribute(1, 12),)),
        ("1=12,4=109", (Attribute(1, 12), Attribute(4, 109))),
    ],
)
def test_indexes_as_options_name_them(text: str, found: tuple[Attribute, ...]) -> None:
    assert attributes(text) == found


@pytest.mark.parametrize("text", ["", "twelve", "1=", "=4", "1=2,,"])
def test_what_is_no_index_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        attributes(text)


@given(st.lists(terms, min_size=1, max_size=70), st.sampled_from([AND, OR, NOT]))
@settings(max_examples=20, deadline=None)
def test_many_are_joined_without_depth(made: list[Term], operator: str) -> None:
    def depth(query: Query) -> int:
        return 1 + max(depth(query.left), depth(query.right)) if isinstance(query, Node) else 1

    def leaves(query: Query) -> list[Query]:
        return [query] if isinstance(query, Term) else leaves(query.left) + leaves(query.right)

    joined = join(operator, made)
    assert leaves(joined) == made
    assert depth(joined) <= 9


def test_rpn_has_the_tags_of_the_standard() -> None:
    query = ber.decode(type_1(parse("@not @attr 1=4 kiều @attr 1=_X b"), "utf-8"))
    assert query.is_(21)
    oid, tree = query.only().inside()
    assert oid.oid() == "1.2.840.10003.3.1"
    left, right, operator = tree.inside()
    assert operator.is_(46)
    assert operator.only().is_(2)
    listed, term = left.only().inside()
    assert listed.is_(44)
    assert [one.integer() for one in listed.only()] == [1, 4]
    assert term.is_(45)
    assert term.octets() == "kiều".encode()
    complex_ = right.only().inside()[0].only().inside()[1]
    assert complex_.is_(224)
    assert complex_.need(1).only().octets() == b"_X"
