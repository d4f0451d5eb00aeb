"""Type-1 queries with Bib-1: read from PQF, put together, and written as RPN.

A term is bytes only at the very end: until then it is text, and the target's encoding decides.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unioncat_harvester.readers.z3950 import ber, oids

MAX_TEXT = 8000
"""Characters of a query."""
MAX_NODES_DEEP = 30

AND, OR, NOT = "and", "or", "not"
_OPERATORS: Mapping[str, int] = {AND: 0, OR: 1, NOT: 2}
_SETS: Mapping[str, str] = {"bib-1": oids.BIB1, "bib1": oids.BIB1}
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_ESCAPED = re.compile(r"\\(.)")

USE = 1
INDEXES: Mapping[str, int] = {
    "title": 4,
    "isbn": 7,
    "issn": 8,
    "local-number": 12,
    "date": 30,
    "date-of-publication": 31,
    "language": 54,
    "author": 1003,
    "date-entered": 1011,
    "date-modified": 1012,
    "any": 1016,
    "anywhere": 1035,
}
"""Names that may stand for the number of a use attribute."""


class QueryError(ValueError):
    """A text that is no query we can send."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute; a value that is no number is sent as a string, which some targets understand."""

    type: int
    value: int | str

    def __str__(self) -> str:
        return f"@attr {self.type}={self.value}"


@dataclass(frozen=True, slots=True)
class Term:
    """A term with its attributes."""

    text: str
    attributes: tuple[Attribute, ...] = ()

    def __str__(self) -> str:
        quoted = self.text.replace("\\", "\\\\").replace('"', '\\"')
        return " ".join([*map(str, self.attributes), f'"{quoted}"'])


@dataclass(frozen=True, slots=True)
class Node:
    """Two queries joined by `and`, `or` or `not` (the first without the second)."""

    operator: str
    left: "Query"
    right: "Query"

    def __str__(self) -> str:
        return f"@{self.operator} {self.left} {self.right}"


Query = Term | Node


def attributes(text: str) -> tuple[Attribute, ...]:
    """Read an index as options name it: a name, a use number, or `1=12,4=109`. Raises `QueryError`."""
    if text in INDEXES:
        return (Attribute(USE, INDEXES[text]),)
    if text.isascii() and text.isdigit():
        return (Attribute(USE, int(text)),)
    return tuple(_attribute(one) for one in text.split(","))


def _attribute(text: str) -> Attribute:
    type_, equals, value = text.partition("=")
    if not (equals and type_.isascii() and type_.isdigit() and len(type_) < 9 and value):
        raise QueryError(f"{text!r} is no attribute: write type=value, for example 1=12")
    whole = value.isascii() and value.lstrip("-").isdigit() and len(value) < 10
    return Attribute(int(type_), int(value) if whole else value)


def join(operator: str, queries: Sequence[Query]) -> Query:
    """Join queries by one operator; at least one. As a balanced tree where the order does not matter."""
    if len(queries) == 1:
        return queries[0]
    if operator == NOT:
        return Node(NOT, queries[0], join(OR, queries[1:]))
    half = len(queries) // 2
    return Node(operator, join(operator, queries[:half]), join(operator, queries[half:]))


def parse(text: str) -> Query:
    """Read PQF, the prefix notation in which targets are usually described. Raises `QueryError`."""
    if len(text) > MAX_TEXT:
        raise QueryError(f"the query has more than {MAX_TEXT} characters")
    tokens = [
        (_ESCAPED.sub(r"\1", found[1]), True) if found[1] is not None else (found[2], False)
        for found in _TOKEN.finditer(text)
    ]
    query, rest = _parse(tokens, 0, (), 0)
    if rest != len(tokens):
        raise QueryError(f"the query goes on after its end, with {tokens[rest][0]!r}")
    return query


def _parse(
    tokens: list[tuple[str, bool]], at: int, given: tuple[Attribute, ...], depth: int
) -> tuple[Query, int]:
    """Read one query from `at` on: what it is and where the next thing stands."""
    if depth > MAX_NODES_DEEP:
        raise QueryError(f"the query is nested more than {MAX_NODES_DEEP} deep")
    while True:
        word, quoted = _token(tokens, at)
        at += 1
        if quoted or not word.startswith("@"):
            return Term(word, given), at
        if word == "@attr":
            name, _ = _token(tokens, at)
            if name in _SETS:
                at += 1
                name, _ = _token(tokens, at)
            made = _attribute(name)
            given = (*[one for one in given if one.type != made.type], made)
            at += 1
        elif word == "@attrset":
            if _token(tokens, at)[0].lower() not in _SETS:
                raise QueryError("only the attribute set Bib-1 is understood")
            at += 1
        elif word[1:] in _OPERATORS:
            left, at = _parse(tokens, at, given, depth + 1)
            right, at = _parse(tokens, at, given, depth + 1)
            return Node(word[1:], left, right), at
        else:
            raise QueryError(f"{word} is not understood here")


def _token(tokens: list[tuple[str, bool]], at: int) -> tuple[str, bool]:
    if at >= len(tokens):
        raise QueryError("the query ends where a term should stand")
    return tokens[at]


def type_1(query: Query, encoding: str) -> bytes:
    """Write a query for a search (Z39.50 APDU `Query`, type-1)."""
    return ber.group(21, ber.group(1, ber.oid(ber.Tag.universal(ber.OID), oids.BIB1), _rpn(query, encoding)))


def _rpn(query: Query, encoding: str) -> bytes:
    if isinstance(query, Term):
        return ber.group(0, attributes_plus_term(query, encoding))
    operator = ber.group(46, ber.null(_OPERATORS[query.operator]))
    return ber.group(1, _rpn(query.left, encoding), _rpn(query.right, encoding), operator)


def attributes_plus_term(term: Term, encoding: str) -> bytes:
    """Write a term for a search or a scan."""
    listed = b"".join(_written(attribute) for attribute in term.attributes)
    return ber.group(102, ber.group(44, listed), ber.string(45, term.text.encode(encoding, "replace")))


def _written(attribute: Attribute) -> bytes:
    if isinstance(attribute.value, int):
        value = ber.integer(121, attribute.value)
    else:
        value = ber.group(224, ber.group(1, ber.string(1, attribute.value.encode())))
    return ber.sequence(ber.integer(120, attribute.type), value)
