"""What of a source can be set where its server does not do what its protocol says, and suggestions of it.

A suggestion is only ever applied by a person; nothing of it touches a source by itself.
"""

from dataclasses import dataclass, fields, replace
from typing import TypeVar

from unioncat.domain.source import Assertions, Politeness, Source

_Group = TypeVar("_Group", Assertions, Politeness)

FIELDS = frozenset({"address", "format", "set", "reconcile_days", "overlap_seconds"})
"""Fields of a source that a suggestion may name; any other name without a dot is one of its options."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A switch that a probe found wanting: what to set, to what, and why.

    `name` is an option of the source, one of `FIELDS`, or `assertions.NAME` or `politeness.NAME`.
    """

    name: str
    value: str
    reason: str


def applied(source: Source, suggestion: Suggestion) -> Source:
    """Give the source as it would be. Raises ValueError for a name or value that means nothing."""
    name, value = suggestion.name, suggestion.value
    group, _, field = name.partition(".")
    if group == "assertions" and field:
        return replace(source, assertions=_with(source.assertions, field, value))
    if group == "politeness" and field:
        return replace(source, politeness=_with(source.politeness, field, value))
    if name in ("reconcile_days", "overlap_seconds"):
        return replace(source, **{name: int(value)})  # type: ignore[arg-type]
    if name in FIELDS:
        return replace(source, **{name: value})  # type: ignore[arg-type]
    options = dict(source.options) | {name: value}
    return replace(source, options=tuple(sorted(options.items())))


def _with(group: _Group, name: str, value: str) -> _Group:
    if name not in {field.name for field in fields(group)}:
        raise ValueError(f"there is nothing called {name!r} to set")
    now = getattr(group, name)
    meant: bool | int | float
    if isinstance(now, bool):
        if value not in ("true", "false"):
            raise ValueError(f"{name} is true or false, not {value!r}")
        meant = value == "true"
    else:
        meant = float(value) if isinstance(now, float) else int(value)
    return replace(group, **{name: meant})  # type: ignore[arg-type]
