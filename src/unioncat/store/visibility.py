"""The one place where what a viewer may not see is taken out of a query (DESIGN invariant 12)."""

from typing import Any

from sqlalchemy import ColumnElement

from unioncat.domain.audience import Viewer


def visible(column: ColumnElement[Any], viewer: Viewer) -> ColumnElement[bool]:
    """Condition that keeps rows whose audience column lets `viewer` see them."""
    return column.in_(sorted(viewer.audiences))


def seen(column: str, place: str) -> str:
    """The same as `visible` for a statement in words, with `viewer.audiences` as a list at `place` (`$2`)."""
    return f"{column} = ANY({place}::smallint[])"
