"""Consignments over a real database: moved by those at whose place they are, seen by nobody else, counted."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.flows.test_locate import federation
from unioncat.config import Settings
from unioncat.domain.audience import Viewer
from unioncat.domain.consignment import Difference, Item, Kind, State, Step, Stop
from unioncat.domain.people import Account, Grant, Role, SignedIn
from unioncat.flow import consign
from unioncat.flow.consign import Plan, items_of, stops_of
from unioncat.flow.lending_figures import Wish, figures
from unioncat.flow.people import Forbidden
from unioncat.flow.services import Services
from unioncat.store.database import Database
from unioncat.store.errors import Conflict, Unknown

NOW = datetime(2026, 3, 11, 3, tzinfo=UTC)
ALL = Viewer(frozenset({0, 1}))


@pytest.fixture
async def services(db: Database, tmp_path: Path) -> Services:
    await federation(db)
    return Services(db, None, Settings(home=tmp_path))  # type: ignore[arg-type]


def at(library: str, number: int = 1) -> SignedIn:
    grant = Grant(Role.LENDING, library, frozenset({library}))
    return SignedIn(Account(number, f"{library}@example.vn", library, True, (grant,)), viewer=ALL)


def plan(kind: Kind = Kind.ROTATION) -> Plan:
    stops = [Stop("Gần", "near"), Stop("Trạm sách")] if kind is Kind.ROTATION else [Stop("Gần", "near")]
    return Plan(kind, "Sách lên bản", [Item("Dế Mèn", 3, value=45_000), Item("Số đỏ")], stops)


async def test_a_rotation_is_moved_by_those_at_whose_place_it_is(services: Services) -> None:
    number = await consign.begin(services, "home", plan(), "home@example.vn", NOW)
    assert number.startswith("LC-2026-")
    home, near = at("home"), at("near", 2)
    with pytest.raises(Unknown):
        await consign.show(services, near, number)  # what is still packed is the owner's
    await consign.step(services, home, number, Step.SEND, NOW)
    with pytest.raises(Unknown):
        await consign.step(services, at("far", 3), number, Step.RECEIVE, NOW)
    with pytest.raises(Forbidden):
        await consign.step(services, home, number, Step.RECEIVE, NOW)
    with pytest.raises(Conflict, match="do not add up"):
        await consign.step(services, near, number, Step.RECEIVE, NOW, differences=[Difference(0, missing=4)])
    said = [Difference(0, missing=1, note="hộp rách")]
    found = await consign.step(services, near, number, Step.RECEIVE, NOW, differences=said)
    assert (found.one.state, found.tallies[0].missing) == (State.AT_STOP, 1)
    with pytest.raises(Conflict, match="only a receipt"):
        await consign.step(services, near, number, Step.SEND_ON, NOW, differences=said)
    await consign.step(services, near, number, Step.SEND_ON, NOW)
    await consign.step(services, home, number, Step.RECEIVE, NOW)  # a stop that is no library
    await consign.step(services, home, number, Step.SEND_BACK, NOW)
    again = [Difference(0, found=1), Difference(1, damaged=1)]
    done = await consign.step(services, home, number, Step.CHECK_IN, NOW, differences=again)
    assert (done.one.state, done.steps, len(done.one.history)) == (State.RETURNED, (), 6)
    assert [(one.good, one.damaged, one.missing) for one in done.tallies] == [(3, 0, 0), (0, 1, 0)]
    assert [one.number for one in await consign.listed(services, ALL, ["near"])] == [number]
    assert await consign.listed(services, ALL, ["far"]) == []


async def test_a_step_that_two_do_at_once_is_done_once(services: Services) -> None:
    number = await consign.begin(services, "home", plan(), "home@example.vn", NOW)
    both = (consign.step(services, at("home"), number, Step.SEND, NOW) for _ in range(2))
    done = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "Shown"]


async def test_a_restricted_librarys_consignments_are_no_ones_outside(services: Services) -> None:
    number = await consign.begin(services, "closed", plan(), "closed@example.vn", NOW)
    await consign.step(services, at("closed"), number, Step.SEND, NOW)
    outside = Viewer()
    assert await consign.listed(services, outside, None) == []
    stranger = SignedIn(at("near").account, viewer=outside)
    with pytest.raises(Unknown):
        await consign.show(services, stranger, number)


async def test_both_kinds_are_counted(services: Services) -> None:
    for kind in Kind:
        number = await consign.begin(services, "home", plan(kind), "home@example.vn", NOW)
        await consign.step(services, at("home"), number, Step.SEND, NOW)
        said = [Difference(0, missing=1)]
        await consign.step(services, at("near", 2), number, Step.RECEIVE, NOW, differences=said)
    await consign.begin(services, "home", plan(), "home@example.vn", NOW)  # only packed: not counted
    found = await figures(services, ALL, Wish(date(2026, 1, 1), date(2026, 12, 31)))
    assert [(one.kind, one.consignments, one.copies, one.missing, one.value) for one in found.moved] == [
        ("gift", 1, 4, 1, 135_000),
        ("rotation", 1, 4, 1, 135_000),
    ]
    theirs = await figures(services, ALL, Wish(date(2026, 1, 1), date(2026, 12, 31), library="near"))
    assert theirs.moved == []
    assert [(one.kind, one.consignments, one.copies, one.missing) for one in theirs.received] == [
        ("gift", 1, 4, 1),
        ("rotation", 1, 4, 1),
    ]
    owner = await figures(services, ALL, Wish(date(2026, 1, 1), date(2026, 12, 31), library="home"))
    assert owner.received == [], "what the owner sent is not received"


async def test_what_cannot_be_packed(services: Services) -> None:
    with pytest.raises(Conflict, match="nothing in it"):
        await consign.begin(services, "home", Plan(Kind.GIFT, "x", [], [Stop("a")]), "a", NOW)
    with pytest.raises(Unknown):
        await consign.begin(services, "none", plan(), "a", NOW)


def test_lists_are_read_line_by_line() -> None:
    assert items_of("Dế Mèn | Tô Hoài | VV1 | 3 | 45.000đ\n\nSố đỏ\n") == (
        Item("Dế Mèn", 3, "Tô Hoài", "VV1", 45_000),
        Item("Số đỏ"),
    )
    assert items_of("Dế Mèn\tTô Hoài\t\t2") == (Item("Dế Mèn", 2, "Tô Hoài"),)
    for fault in ("| x", "a | b | c | mười", "a | b | c | 0"):
        with pytest.raises(ValueError, match="line 1"):
            items_of(fault)
    stops = stops_of("near | 2030-03-31\nTrạm sách", {"near": "Thư viện Gần"})
    assert stops == (Stop("Thư viện Gần", "near", leave_by=date(2030, 3, 31)), Stop("Trạm sách"))
    with pytest.raises(ValueError, match="line 1"):
        stops_of("near | mai", {})
