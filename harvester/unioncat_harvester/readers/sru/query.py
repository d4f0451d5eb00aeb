"""Queries in CQL: the base query narrowed by the conditions of a slice and by dates.

Booleans of CQL have one rank and go from left to right (CQL 1.2 §2), so what is excluded comes last.
"""

import re

from unioncat_harvester.slices import Condition, Conditions, Relation

ALL_RECORDS = "cql.allRecords=1"
USUAL = (
    ALL_RECORDS,
    "cql.anywhere=*",
    "cql.serverChoice=*",
    "rec.identifier=*",
    "rec.id=*",
    "dc.title=*",
    "title=*",
    "*",
)
"""Ways to ask for everything, best first."""
EXACT = ("==", "exact", "=")
"""Ways to say that a term is the whole value, best first: `==` since CQL 1.2, `exact` before."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_SPECIAL = re.compile(r'([\\"*?^])')
_WORDS = frozenset({"and", "or", "not", "prox", "sortby"})
_BOOLEAN = re.compile(r"\b(and|or|not|prox)\b", re.IGNORECASE)
_INDEX = re.compile(r"[A-Za-z][\w-]*(\.[A-Za-z_][\w.-]*)?")


def quoted(text: str, *, tail: str = "") -> str:
    """Write a term so that nothing in it is taken for a sign of CQL; `tail` is put behind it as it is."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text + tail
    return '"' + _SPECIAL.sub(r"\\\1", text) + tail + '"'


def is_index(name: str) -> bool:
    """Tell whether a name can stand as an index."""
    return _INDEX.fullmatch(name) is not None and name.lower() not in _WORDS


def together(base: str, part: str | None) -> str:
    """Narrow a query by another one."""
    return f"{_grouped(base)} and {_grouped(part)}" if part else base


def since(base: str, index: str, day: str) -> str:
    """Narrow a query to what was changed on a day or later."""
    return f"{_grouped(base)} and {index} >= {quoted(day)}"


def narrowed(base: str, conditions: Conditions, exact: str = EXACT[0]) -> str:
    """Narrow a query by the conditions of a slice; `exact` is the relation for a whole value."""
    if not conditions:
        return base
    parts = [_grouped(base)]
    parts += [f"and {_condition(one, exact)}" for one in conditions if one.wanted]
    parts += [f"not {_condition(one, exact)}" for one in conditions if not one.wanted]
    return " ".join(parts)


def _condition(condition: Condition, exact: str) -> str:
    index = condition.index
    if condition.relation is Relation.UPTO:
        return f"{index} <= {quoted(condition.values[0])}"
    if condition.relation is Relation.PREFIX:
        return f"{index} = {quoted(condition.values[0], tail='*')}"
    any_ = " or ".join(f"{index} {exact} {quoted(value)}" for value in condition.values)
    return f"({any_})" if len(condition.values) > 1 else any_


def _grouped(query: str) -> str:
    return f"({query})" if _BOOLEAN.search(query) else query
