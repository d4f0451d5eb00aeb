"""How a library is reached: at its desk, by letters while nobody there has an account, or as it says."""

import email
import re
from collections.abc import AsyncIterator
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.support.lending import World
from tests.support.people import add
from unioncat.config import Settings
from unioncat.domain.lending import Facts, ReaderRef, RequesterState, Step, SupplierState
from unioncat.domain.lending_member import Way
from unioncat.domain.people import Role
from unioncat.flow import deliver, lend, lendinglink, reach
from unioncat.flow.deliver import Desk
from unioncat.flow.letters import carry as carry_letter
from unioncat.flow.reach import ReachIn
from unioncat.flow.services import Services, open_services
from unioncat.store import tables as t
from unioncat.store.errors import Conflict

R, U = RequesterState, SupplierState
DESK = Desk(lend.receive, lend.undeliverable, carry_letter)
LINK = re.compile(r"/l/([\w-]+)")


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home), url) as opened:
        yield opened


async def gives_address(services: Services, code: str, address: str) -> None:
    async with services.db.as_service() as conn:
        change = update(t.library).where(t.library.c.code == code)
        await conn.execute(change.values(contact={"email": address}))


async def found(services: Services, code: str) -> reach.Reach:
    return await reach.reach_of(services, code)


async def test_a_library_without_accounts_gets_letters_until_somebody_works_there(services: Services) -> None:
    await World.begin(services)
    silent = (await found(services, "near")).party
    assert silent.way is Way.DESK
    assert silent.silent
    await gives_address(services, "near", "gan@example.vn")
    assert (await found(services, "near")).party.way is Way.LETTER
    await add(services, "doc@example.vn", Role.READER, "near")
    assert (await found(services, "near")).party.way is Way.LETTER
    await add(services, "quay@example.vn", Role.LENDING, "near")
    party = (await found(services, "near")).party
    assert party.way is Way.DESK
    assert party.staffed
    assert not party.silent


async def test_letters_need_an_address(services: Services) -> None:
    await World.begin(services)
    with pytest.raises(Conflict, match="no address"):
        await reach.set_reach(services, "near", ReachIn(way=Way.LETTER), "lan@example.vn")
    assert (await found(services, "near")).set.way is Way.DESK
    wanted = ReachIn(way=Way.LETTER, email="muon@example.vn", two_approvals=True)
    after = await reach.set_reach(services, "near", wanted, "lan@example.vn")
    assert (after.party.way, after.party.email, after.set.two_approvals) == (
        Way.LETTER,
        "muon@example.vn",
        True,
    )


def newest(home: Path, to: str) -> str:
    """The link of the newest letter to somebody."""
    for path in sorted((home / "mail").glob("*.eml"), key=lambda one: one.stat().st_mtime_ns, reverse=True):
        letter = email.message_from_bytes(path.read_bytes(), policy=default)
        link = LINK.search(letter.get_content())
        if letter["To"] == to and link:
            return link[1]
    raise AssertionError(to)


async def test_a_loan_from_a_library_that_has_nothing_but_an_address(services: Services, home: Path) -> None:
    world = await World.begin(services, "near")
    await gives_address(services, "near", "gan@demo.invalid")
    request = await world.ask(reader=ReaderRef(name="Lan", email="lan@demo.invalid"))

    async def answered(step: Step) -> SupplierState | None:
        await deliver.deliver(services, DESK, world.now)
        await lendinglink.answer(services, newest(home, "gan@demo.invalid"), step, Facts(), "", world.now)
        await deliver.deliver(services, DESK, world.now)
        return (await world.attempts(request))[0].supplier_state

    assert await answered(Step.ANSWER_WILL_SUPPLY) is U.TO_PULL
    assert await answered(Step.LOANED) is U.SHIPPED
    request = await world.request(request.id)
    assert request.state is R.SHIPPED
    for step in (Step.RECEIVED, Step.LEND_OUT, Step.GIVE_BACK, Step.SHIP_BACK):
        request = await world.borrow(request, step)
    assert await answered(Step.CHECKED_IN) is U.COMPLETED
    assert (await world.request(request.id)).state is R.COMPLETED
    sent = [path.read_text() for path in (home / "mail").glob("*.eml")]
    assert len([one for one in sent if "To: lan@demo.invalid" in one]) >= 2  # sent, and arrived
