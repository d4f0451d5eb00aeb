"""Figures of lending: counted rightly, for those who may know, and for nobody else."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.flows.test_locate import EVERYWHERE, ONE, federation, shelve, supply, wish
from unioncat.config import Settings
from unioncat.domain.audience import ANONYMOUS, Viewer
from unioncat.domain.lending import Request
from unioncat.domain.library import Library, LibraryType
from unioncat.flow import lending_figures, locate
from unioncat.flow.lending_figures import Wish, figures, moments
from unioncat.flow.services import Services
from unioncat.store import libraries
from unioncat.store import tables as t
from unioncat.store.database import Connection, Database
from unioncat.store.errors import Conflict, Unknown

NOW = datetime(2026, 3, 11, 3, tzinfo=UTC)
YEAR = Wish(date(2026, 1, 1), date(2026, 12, 31))
ALL = Viewer(frozenset({0, 1}))


@pytest.fixture
def services(db: Database, tmp_path: Path) -> Services:
    return Services(db, None, Settings(home=tmp_path))  # type: ignore[arg-type]


async def ended(conn: Connection, request: Request, state: str, reason: str = "", days: int = 0) -> None:
    values: dict[str, Any] = {"state": state, "reason": reason}
    if state in ("completed", "unfilled", "cancelled"):
        values["closed_at"] = NOW
    await conn.execute(
        t.lending_request.update().where(t.lending_request.c.id == request.id).values(**values)
    )
    if days:
        await conn.execute(
            t.lending_event.insert().values(
                subject_id=request.id,
                side="requester",
                seq=1,
                request_id=request.id,
                at=NOW + timedelta(days=days),
                actor="a",
                step="received",
                before="shipped",
                after="received",
                flags=[],
            )
        )


async def traffic(db: Database) -> None:
    """Three filled by near and far after 2, 4 and 10 days, one refused and unfilled, one under way."""
    source = await federation(db)
    union_id = await shelve(db, source, EVERYWHERE)
    async with db.begin() as conn:
        for days, lender, cost in ((2, "near", 0), (4, "near", 5000), (10, "far", 20_000)):
            request = await wish(conn, "home", union_id)
            await locate.rank(conn, request, NOW)
            sent = {"answered_at": NOW + timedelta(hours=days), "shipped_at": NOW}
            await supply(conn, request, lender, supplier_state="completed", cost=cost, currency="VND", **sent)
            await ended(conn, request, "completed", days=days)
        request = await wish(conn, "home", union_id)
        await supply(conn, request, "region", reason="NotOnShelf", answered_at=NOW + timedelta(hours=100))
        await ended(conn, request, "unfilled", "exhausted")
        request = await wish(conn, "far", union_id)
        await supply(conn, request, "near", supplier_state="to_pull", open=True, closed_at=None)


async def test_figures_of_all(db: Database, services: Services) -> None:
    await traffic(db)
    found = await figures(services, ALL, YEAR)
    one = found.asked
    assert (one.requests, one.filled, one.unfilled, one.cancelled, one.open, one.other) == (5, 3, 1, 0, 1, 0)
    assert (one.median_days, one.p90_days) == (4.0, 8.8)
    assert found.fill_rate == 0.75
    two = found.answered
    assert (two.requests, two.supplied, two.refused, two.open) == (5, 3, 1, 1)
    assert two.median_hours == 7.0
    assert (two.earned, two.spent) == (25_000, 25_000)
    assert found.unfilled == [("exhausted", 1)]
    assert found.refused == [("NotOnShelf", 1)]
    balances = {
        one.library: (one.lent, one.borrowed, one.balance, one.earned, one.spent) for one in found.balances
    }
    assert balances == {
        "near": (2, 0, 2, 5000, 0),
        "far": (1, 0, 1, 20_000, 0),
        "home": (0, 3, -3, 0, 25_000),
    }
    assert [(one.lender, one.borrower, one.count) for one in found.pairs] == [
        ("near", "home", 2),
        ("far", "home", 1),
    ]
    assert found.forms == [("area", 2), ("-", 1)]
    assert [(one.month, one.requests, one.filled) for one in found.months] == [(date(2026, 3, 1), 5, 3)]
    assert found.kinds["service"] == [("loan", 5)]


async def test_money_and_books_balance(db: Database, services: Services) -> None:
    await traffic(db)
    found = await figures(services, ALL, YEAR)
    assert sum(one.balance for one in found.balances) == 0
    assert sum(one.earned - one.spent for one in found.balances) == 0


async def test_figures_of_one_library_of_a_group_of_a_province(db: Database, services: Services) -> None:
    await traffic(db)
    near = await figures(services, ANONYMOUS, Wish(YEAR.first, YEAR.last, library="near"))
    assert (near.asked.requests, near.answered.requests, near.answered.supplied) == (0, 3, 2)
    assert {one.library for one in near.balances} == {"near"}
    group = await figures(services, ANONYMOUS, Wish(YEAR.first, YEAR.last, group="north"))
    assert (group.asked.requests, group.answered.requests) == (4, 4)
    place = await figures(services, ANONYMOUS, Wish(YEAR.first, YEAR.last, province="2025-79"))
    assert (place.asked.requests, place.answered.supplied) == (1, 1)
    before = await figures(services, ALL, Wish(date(2025, 1, 1), date(2025, 12, 31)))
    assert (before.asked.requests, before.fill_rate, before.months) == (0, None, [])
    with pytest.raises(Unknown, match="no library of 'closed'"):
        await figures(services, ANONYMOUS, Wish(YEAR.first, YEAR.last, library="closed"))
    with pytest.raises(Conflict, match="ends before it begins"):
        await figures(services, ALL, Wish(date(2026, 2, 1), date(2026, 1, 1)))


async def test_what_stays_inside_a_circle_is_counted_for_that_circle_alone(
    db: Database, services: Services
) -> None:
    await traffic(db)
    outside = await figures(services, ANONYMOUS, YEAR)
    source = await federation(db)
    public = await shelve(db, source, {"near": ONE, "academy": ONE, "closed": ONE})
    async with db.begin() as conn:
        # between two of the circle, from a public record, from none, and asked of a library nobody knows of
        second = Library("academy-2", "2", "2", LibraryType.ARMED_FORCES, groups=("cand",))
        await libraries.save_library(conn, second)
        ways = (("closed", "academy"), ("academy", "closed"), ("home", "closed"), ("academy", "academy-2"))
        for home, lender in ways:
            request = await wish(conn, home, public)
            await supply(
                conn, request, lender, supplier_state="completed", shipped_at=NOW, reason=uuid4().hex
            )
            await ended(conn, request, "completed", days=3)
        await ended(conn, await wish(conn, "academy", None), "unfilled", "exhausted")
    again = await figures(services, ANONYMOUS, YEAR)
    assert again.answered == outside.answered
    assert again.pairs == outside.pairs
    assert again.balances == outside.balances
    assert again.unfilled == outside.unfilled
    assert again.asked.requests == outside.asked.requests + 1, "the request of a library outside is its own"
    inside = await figures(services, ALL, YEAR)
    assert inside.answered.supplied == outside.answered.supplied + 4
    assert "closed" in {one.library for one in inside.balances}


def test_days_are_those_of_viet_nam() -> None:
    first, last = moments(date(2026, 1, 1), date(2026, 1, 1))
    assert first.astimezone(UTC) == datetime(2025, 12, 31, 17, tzinfo=UTC)
    assert last - first == timedelta(days=1)
    assert lending_figures.this_year(datetime(2025, 12, 31, 18, tzinfo=UTC)) == (
        date(2026, 1, 1),
        date(2026, 1, 1),
    )
