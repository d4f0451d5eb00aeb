"""The figures of lending for a library, a group, a province or all, in a period of days.

A library sees its own, the federation all; what stays inside a circle is counted for that circle alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from unioncat.domain.audience import Viewer
from unioncat.domain.hours import VIET_NAM
from unioncat.domain.library import Library
from unioncat.flow.services import Services
from unioncat.store import lending_figures as store
from unioncat.store import libraries
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.lending_figures import Answered, Asked, Balance, Month, Moved, Pair, Scope

LONGEST = timedelta(days=20 * 366)


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose figures are wanted, and of which days (both included); one of the three, or none for all."""

    first: date
    last: date
    library: str | None = None
    group: str | None = None
    province: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a wish."""

    wish: Wish
    asked: Asked
    answered: Answered
    unfilled: Sequence[tuple[str, int]]
    refused: Sequence[tuple[str, int]]
    months: Sequence[Month]
    balances: Sequence[Balance]
    pairs: Sequence[Pair]
    forms: Sequence[tuple[str, int]]
    moved: Sequence[Moved]
    """Consignments sent out."""
    received: Sequence[Moved] = ()
    """Consignments of others taken in."""
    kinds: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)

    @property
    def fill_rate(self) -> float | None:
        """Share of the requests that have ended which were filled."""
        ended = self.asked.filled + self.asked.unfilled
        return self.asked.filled / ended if ended else None


def this_year(now: datetime) -> tuple[date, date]:
    """Give the first day of the year, and today."""
    day = now.astimezone(VIET_NAM).date()
    return day.replace(month=1, day=1), day


def moments(first: date, last: date) -> tuple[datetime, datetime]:
    """Give the moment at which the first day begins and the one at which the last has ended, in Viet Nam."""
    begin = datetime.combine(first, time(), VIET_NAM)
    return begin, datetime.combine(last, time(), VIET_NAM) + timedelta(days=1)


async def figures(services: Services, viewer: Viewer, wish: Wish) -> Figures:
    """Count. Raises `Unknown`, `Conflict`."""
    if wish.last < wish.first or wish.last - wish.first > LONGEST:
        raise Conflict("the period ends before it begins, or is too long", "Give the first day first.")
    first, last = moments(wish.first, wish.last)
    async with services.db.as_service() as conn:
        scope = Scope(viewer, first, last, await _numbers(conn, viewer, wish))
        await store.choose(conn, scope)
        return Figures(
            wish=wish,
            asked=await store.asked(conn, scope),
            answered=await store.answered(conn, scope),
            unfilled=await store.unfilled(conn, scope),
            refused=await store.reasons(conn, scope),
            months=await store.months(conn, scope),
            balances=await store.balances(conn, scope),
            pairs=await store.pairs(conn, scope),
            forms=await store.forms(conn, scope),
            moved=await store.moved(conn, scope),
            received=await store.received(conn, scope),
            kinds=await store.kinds(conn, scope),
        )


async def _numbers(conn: Connection, viewer: Viewer, wish: Wish) -> tuple[int, ...] | None:
    """Give the numbers of the libraries that are meant; none where all are. Raises `Unknown`."""
    if not (wish.library or wish.group or wish.province):
        return None
    every = await libraries.libraries(conn, viewer, include_ended=True)
    chosen = [one for one in every if _meant(one, wish)]
    if not chosen:
        named = wish.library or wish.group or wish.province
        raise Unknown(
            f"there is no library of {named!r}", "Give the code of a library, a group or a province."
        )
    return tuple(one.id for one in chosen)


def _meant(one: Library, wish: Wish) -> bool:
    if wish.library:
        return one.code == wish.library
    if wish.group and wish.group not in one.groups:
        return False
    return not wish.province or one.province == wish.province
