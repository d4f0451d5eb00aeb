"""Finding out what a target understands: queries for everything, syntaxes, its cap, indexes to cut by.

Each finding is an experiment whose outcome is counted; what a target says of itself is not enough.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unioncat_harvester.cuts import strategies
from unioncat_harvester.reader import SourceError
from unioncat_harvester.readers.z3950 import oids, query
from unioncat_harvester.readers.z3950.ber import Malformed
from unioncat_harvester.readers.z3950.client import Client, QueryRefused
from unioncat_harvester.readers.z3950.opac import OpacRecord
from unioncat_harvester.readers.z3950.query import Query, Term
from unioncat_harvester.readers.z3950.records import kind_of
from unioncat_harvester.readers.z3950.responses import SUBSET, External
from unioncat_harvester.readers.z3950.walk import narrowed
from unioncat_harvester.slices import Condition, Relation

EVERYTHING = (
    '@attr 1=1016 @attr 2=103 ""',
    '@attr 1=_ALLRECORDS @attr 2=103 ""',
    '@attr 1=1035 @attr 2=103 ""',
    '@attr 1=12 @attr 2=4 "0"',
    '@attr 1=12 @attr 2=4 @attr 4=109 "0"',
    '@attr 1=31 @attr 2=4 "0"',
    '@attr 1=12 @attr 2=103 ""',
)
"""Ways to ask for all records, those that mean it first; of those that are answered the largest wins."""
CUTS = (
    "numbers 1=12,4=109",
    "numbers 12",
    "days 1=1011,4=109",
    "days 1=1011,4=5",
    "days 1011",
    "days 1=1012,4=109",
    "days 1012",
    "prefixes 12",
    "prefixes 1=12,4=3",
)
"""Strategies tried on a target, best first."""
CHANGED = ("1=1012,4=109", "1=1012,4=5", "1012", "1=1011,4=109", "1011")
"""Indexes of dates tried for increments: of the last change, else of the entry."""
ROUND = 50
"""A number of hits that this divides may be a cap on counting."""


@dataclass(frozen=True, slots=True)
class Works:
    """How a syntax fared: what came, and with how many holdings."""

    syntax: str
    came: str | None
    holdings: int = 0
    said: str = ""


def everything(client: Client) -> Iterator[tuple[str, int]]:
    """Give the queries that the target answers, with their hits."""
    for text in EVERYTHING:
        try:
            yield text, client.search(query.parse(text)).hits
        except QueryRefused:
            continue


def base_query(client: Client, source: str) -> Query:
    """Find a query for everything. Raises `SourceError` where none finds a record."""
    found = list(everything(client))
    if not any(hits for _, hits in found):
        raise SourceError(
            "none of the usual queries for all records "
            + ("finds anything" if found else "is answered by the target"),
            "Check the database at the end of the address. If it is right, ask the library how to find"
            " everything, and write it as PQF in the option query, for example"
            ' @attr 1=12 @attr 5=1 "b" for record numbers that begin with b.',
            source=source,
        )
    return query.parse(max(found, key=lambda one: one[1])[0])


def syntaxes(client: Client, base: Query) -> list[Works]:
    """Try each record syntax on the first record."""
    return [_try(client, base, name, oid) for name, oid in oids.SYNTAXES.items()]


def _try(client: Client, base: Query, name: str, oid: str) -> Works:
    try:
        got = client.fetch(base, 1, 1, oid)
    except SourceError as error:
        return Works(name, None, said=error.message)
    if not got.records:
        return Works(name, None, said="; ".join(one.text for one in got.diagnostics))
    received = got.records[0]
    if not isinstance(received, External):
        return Works(name, None, said=received.text)
    try:
        kind = kind_of(received)
        if kind is None:
            return Works(name, None, said=f"it comes as {oids.name_of(received.oid)}")
        holdings = OpacRecord(received).holdings if kind.syntax == "opac" else 0
    except Malformed as error:
        return Works(name, None, said=str(error))
    return Works(name, kind.syntax, holdings)


def choose(works: Sequence[Works]) -> str | None:
    """Choose the syntax to ask for: holdings if there are any, else the first that comes as asked."""
    if any(one.came == "opac" and one.holdings for one in works):
        return "opac"
    as_asked = [one.syntax for one in works if one.came == one.syntax != "opac"]
    as_else = [one.syntax for one in works if one.came]
    return next(iter(as_asked + as_else), None)


def shown(client: Client, base: Query, hits: int, syntax: str) -> int:
    """Find how many of the hits the target shows: the last position at which a record comes."""
    if _comes(client, base, hits, syntax):
        return hits
    low, high = 0, hits
    while high - low > 1:
        middle = (low + high) // 2
        if _comes(client, base, middle, syntax):
            low = middle
        else:
            high = middle
    return low


def _comes(client: Client, base: Query, position: int, syntax: str) -> bool:
    return bool(client.fetch(base, position, 1, syntax).records)


def says_subset(client: Client, base: Query) -> bool:
    """Tell whether the target itself calls the result set a part of what it found."""
    return client.search(base).status == SUBSET


def cuts(client: Client, base: Query, hits: int, today: dt.date) -> Iterator[tuple[str, int, bool]]:
    """Give the strategies that add up: their option, the sum of two parts, and whether neither is empty.

    Parts that add up to more than the whole show that the target does not count all.
    """
    for text in CUTS:
        first, second = _halves(text, strategies(text, today)[0].index, today)
        try:
            if client.search(narrowed(base, (first, second))).hits:
                continue  # both at once hold of nothing: the target does not heed them
            halves = [client.search(narrowed(base, (half,))).hits for half in (first, second)]
        except SourceError:
            continue
        if sum(halves) >= hits and max(halves) > 0:
            yield text, sum(halves), min(halves) > 0


def _halves(text: str, index: str, today: dt.date) -> tuple[Condition, Condition]:
    """Make a condition and its contrary."""
    if text.startswith("prefixes"):
        relation, value = Relation.PREFIX, "1"
    else:
        relation = Relation.UPTO
        value = (today - dt.timedelta(3650)).strftime("%Y%m%d") if text.startswith("days") else "1000"
    return Condition(index, relation, (value,)), Condition(index, relation, (value,), wanted=False)


def changed(client: Client, base: Query, hits: int, today: dt.date) -> str | None:
    """Find an index of dates by which increments can be asked: all since long ago, none after tomorrow."""
    for index in CHANGED:
        given = query.attributes(index)
        try:
            old, new = (
                client.search(query.join(query.AND, [base, Term(day, (*given, query.Attribute(2, 4)))])).hits
                for day in ("19000101", (today + dt.timedelta(2)).strftime("%Y%m%d"))
            )
        except SourceError:
            continue
        if 0 < old <= hits and new == 0:
            return index
    return None


def scans(client: Client, index: str) -> int | None:
    """Count terms that the target lists of an index; none where it lists none."""
    try:
        return len(client.scan(Term("", query.attributes(index)), 10).entries)
    except SourceError:
        return None
