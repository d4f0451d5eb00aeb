"""Letters of lending: a borrower without a desk hears what is on its way; what came back is sent again."""

from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.support import people
from tests.support.lending import World, somebody
from unioncat.config import Settings
from unioncat.domain.lending import Step
from unioncat.domain.lending_member import LendingMember, Way
from unioncat.domain.people import Role
from unioncat.domain.worklists import ESCALATED
from unioncat.flow import correspondence, deliver, desk, lend, lending_timers, lendinglink, letters, post
from unioncat.flow.services import Services, open_services
from unioncat.store import lending_parties
from unioncat.store.errors import Conflict

POST = deliver.Desk(lend.receive, lend.undeliverable, letters.carry)


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1), url) as opened:
        yield opened


@pytest.fixture
async def world(services: Services) -> World:
    """A borrower that gets letters, a lender with a desk."""
    made = await World.begin(services)
    async with services.db.as_service() as conn:
        await lending_parties.save_member(conn, LendingMember("home", Way.LETTER, "muon@example.vn"))
    return made


async def posted(world: World) -> dict[str, str]:
    """Carry what waits; give the letters in the folder by subject."""
    await deliver.deliver(world.services, POST, world.now)
    found = {}
    for path in world.services.settings.mail_dir.glob("*.eml"):
        letter = message_from_bytes(path.read_bytes(), policy=default)
        found[str(letter["Subject"])] = str(letter.get_content())  # type: ignore[attr-defined]
    return found


async def test_a_borrower_without_a_desk_hears_what_is_on_its_way_and_says_that_it_came(world: World) -> None:
    request = await world.ask(actor=lend.link("home"))
    attempt = (await world.attempts(request))[0]
    await world.supply(attempt, Step.ANSWER_WILL_SUPPLY)
    await world.supply(attempt, Step.LOANED)
    subject = f"Tài liệu đang gửi đến thư viện: {request.number}"
    text = (await posted(world))[subject]
    token = text.partition("/l/")[2].split()[0]
    opened = await lendinglink.opened(world.services, token, world.now)
    assert opened.steps[0] is Step.RECEIVED
    more = [one for one in await posted(world) if "đang gửi đến" in one]
    assert more == [subject], "told once"


async def test_a_letter_that_no_mail_server_took_is_sent_again_by_staff(world: World) -> None:
    request = await world.ask(actor=lend.link("home"))
    attempt = (await world.attempts(request))[0]
    await world.supply(attempt, Step.LOANED)
    await posted(world)
    folder = world.services.settings.mail_dir
    (path,) = [one for one in folder.glob("*.eml") if "muon@example.vn" in one.read_text()]
    aside = folder / post.ASIDE
    aside.mkdir()
    path.replace(aside / path.name)

    assert await letters.came_back(world.services) == 1
    assert not list(aside.iterdir()), "its link lies nowhere"
    (dead,) = await correspondence.undelivered(world.services, {"home"})
    assert (dead.letter, dead.state, dead.to, dead.kind) == (True, "dead", "home", "shipped")
    assert dict(dead.about)["home"] == request.id
    assert await correspondence.undelivered(world.services, {"far"}) == []

    await correspondence.resend(world.services, dead.id, {"home"}, "quan.tri@example.vn", world.now)
    assert [one for one in await posted(world) if "đang gửi đến" in one]
    with pytest.raises(Conflict):
        await correspondence.resend(world.services, dead.id, {"home"}, "quan.tri@example.vn", world.now)


async def test_what_a_desk_lets_lie_comes_first_and_administrators_hear_of_it(world: World) -> None:
    services = world.services
    await people.add(services, "quan.tri@near.vn", Role.LIBRARY_ADMIN, "near")
    request = await world.ask(actor=lend.link("home"))
    (near,) = await world.attempts(request)
    await world.supply(near, Step.ANSWER_WILL_SUPPLY)
    staff = somebody("near")
    for reminder in range(1, 4):
        world.later(days=9)
        await lending_timers.run(services, world.now)
        counts = await desk.counts(services, staff, "near", world.now)
        assert counts["urgent"] == (reminder >= ESCALATED)
        told = any("lần nhắc thứ 3" in one for one in (await posted(world)).values())
        assert told == (reminder >= ESCALATED)
    to = [one.read_text() for one in services.settings.mail_dir.glob("*.eml")]
    assert [one for one in to if "To: quan.tri@near.vn" in one]
    late = await desk.listed(services, staff, "near", "late", world.now)
    assert late.lines[0].reminders == ESCALATED
