"""The sample's requests: played through the flows of lending, each to its end, and once only."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.flows.test_pipeline import bring
from unioncat.cli.samples import form
from unioncat.config import Settings
from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.lending import Side
from unioncat.domain.people import Right, Role, SignedIn
from unioncat.domain.source import Assertions
from unioncat.domain.worklists import lists_of
from unioncat.flow import consign, demo_lending, desk, people, pipeline, register, terms
from unioncat.flow.services import Services, open_services
from unioncat.sample import loans
from unioncat.sample import terms as lending_terms
from unioncat.sample.federation import federation
from unioncat.sample.generate import records
from unioncat.sample.members import MEMBERS

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    """The sample's libraries, with the editions that the sample's requests are about, wherever they are."""
    async with open_services(Settings(home=home, workers=1, allow_targets="127.0.0.1:9"), url) as opened:
        wanted = federation({member.code: f"http://127.0.0.1:9/{member.code}" for member in MEMBERS})
        few = replace(wanted, sources=tuple(replace(one, assertions=Assertions()) for one in wanted.sources))
        await register.load(opened, form(few))
        open_to_all = [one for one in lending_terms.AGREEMENTS if not one.audience]
        await terms.lay_down(opened, open_to_all, lending_terms.POLICIES, (), (), "sample")
        about = {scene.edition for scene in loans.SCENES}
        await bring(opened, [one for one in records() if one.edition_key in about])
        await pipeline.process(opened)
        yield opened


async def sample_staff(services: Services) -> SignedIn:
    async with services.db.as_service() as conn:
        return SignedIn(await people.sample_person(conn, Role.LENDING), second=True)


async def test_every_scene_is_played_to_its_end_and_none_twice(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await demo_lending.play(services, NOW) == len(loans.SCENES)
    captured = capsys.readouterr()
    assert "the sample lost" not in captured.out + captured.err

    staff = await sample_staff(services)
    assert all(staff.may(Right.LEND, code) for code in loans.DESKS), "one person can try both sides"
    asked = await states(services, staff, Side.REQUESTER)
    ended = ["completed", "copy_delivered", "unfilled"]
    assert asked == sorted([*ended, "conditional", "on_loan", "sent", "sent", "shipped", "staff_review"])
    lent = await states(services, staff, Side.SUPPLIER)
    assert lent == ["received", "shipped", "to_pull", "with_requester"]
    counts = await desk.counts(services, staff, loans.HOME, NOW)
    assert (counts["late-lent"], counts["unread"]) == (1, 2)

    letters = [path.read_text() for path in (services.settings.mail_dir).glob("*.eml")]
    assert [one for one in letters if "To: vn-xa-kim-lien@demo.invalid" in one and "/l/" in one]
    parcels = await consign.listed(services, ANONYMOUS, None)
    assert sorted(str(one.state) for one in parcels) == ["handed_over", "on_the_way"]

    assert await demo_lending.play(services, NOW) == 0


async def states(services: Services, staff: SignedIn, side: Side) -> list[str]:
    """The states of all that the sample's own library asks for, or is asked for."""
    found: dict[object, str] = {}
    for name in (*(one.name for one in lists_of(side)), f"history-{side}"):
        page = await desk.listed(services, staff, loans.HOME, name, NOW)
        found |= {one.id: str(one.state) for one in page.lines}
    return sorted(found.values())
