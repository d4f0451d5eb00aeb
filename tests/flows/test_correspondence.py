"""Pages of messages: staff read those of their libraries, send again what did not arrive, and are logged."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text

from tests.support import people
from tests.support.lending import World
from unioncat.config import Settings
from unioncat.domain.audit import Entry
from unioncat.domain.lending import Request
from unioncat.domain.partner import AgencyOf, Partner
from unioncat.domain.people import Role
from unioncat.flow import audit, partners
from unioncat.flow.services import Services, open_services
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue
from unioncat_api.directory import Directories

COOKIE = "session"


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    settings = Settings.load(home=home, allow_targets="koha.example.vn")
    async with open_services(settings, url) as opened:
        yield opened


@pytest.fixture
async def asked(services: Services) -> Request:
    """A request that the near library was asked for, and a message to a system that is never there."""
    world = await World.begin(services)
    request = await world.ask()
    elsewhere = Partner(
        "b", "b", "http://127.0.0.1:9/iso18626", agencies=(AgencyOf("UNIONCAT", "near", "near"),)
    )
    await partners.save(services, "test", elsewhere)
    second = await world.ask(wanted=world.wanted(volume="2"))
    for _ in range(4):
        world.later(minutes=11)
        await world.carry()
    assert second.id != request.id
    return request


async def browser(services: Services, email: str, library: str | None) -> httpx2.AsyncClient:
    """Sign somebody in who lends."""
    role = Role.LENDING if library else Role.FEDERATION_ADMIN
    await people.add(services, email, role, library, second=library is None)
    token = await people.session(services, email)

    async def opening() -> None:
        return None

    app = create_app(opening, operator_token="t" * 40, base_url="http://127.0.0.1")  # type: ignore[arg-type]
    app.state.catalogue = Catalogue(services)
    app.state.directories = Directories(app.state.catalogue)
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1", cookies={COOKIE: token}
    )


async def test_staff_read_what_concerns_their_library(services: Services, asked: Request) -> None:
    near, far = await browser(services, "near@x.vn", "near"), await browser(services, "far@x.vn", "far")
    page = await near.get("/lending/messages")
    assert page.status_code == 200
    assert "Thông điệp giữa các thư viện" in page.text
    number = page.text.rpartition('href="/lending/messages/')[2].partition('"')[0]
    one = await near.get(f"/lending/messages/{number}")
    assert "Đất rừng phương Nam" in one.text
    assert "serviceType" in one.text
    assert "/lending/messages/" not in (await far.get("/lending/messages")).text.partition("<table")[2]
    assert (await far.get(f"/lending/messages/{number}")).status_code == 404
    entries = await audit.entries(services)
    looks = [one for one in entries if one.action == "lending.message-read"]
    assert [one.actor for one in looks] == ["near@x.vn"]


async def test_what_did_not_arrive_is_sent_again_by_a_form(services: Services, asked: Request) -> None:
    home, far = await browser(services, "home@x.vn", "home"), await browser(services, "far@x.vn", "far")
    page = await home.get("/lending/undelivered")
    assert "Đã thôi gửi" in page.text
    action = page.text.partition('action="/lending/undelivered/')[2].partition('"')[0]
    token = page.text.partition(f'action="/lending/undelivered/{action}"')[2].partition('value="')[2]
    token = token.partition('"')[0]
    path = f"/lending/undelivered/{action}"
    assert (await home.post(path, data={"token": "wrong"})).status_code == 403
    theirs = (await far.get("/account")).text.partition('name="token" value="')[2].partition('"')[0]
    assert (await far.post(path, data={"token": theirs})).status_code == 404
    assert "Đã thôi gửi" not in (await far.get("/lending/undelivered")).text
    done = await home.post(path, data={"token": token})
    assert (done.status_code, done.headers["location"]) == (303, "/lending/undelivered?library=&done=1")
    async with services.db.begin() as conn:
        dead = text("SELECT count(*) FROM lending_outbox WHERE state = 'dead'")
        assert (await conn.execute(dead)).scalar_one() == 0
    entries: list[Entry] = list(await audit.entries(services))
    assert [one.actor for one in entries if one.action == "lending.message-resent"] == ["home@x.vn"]


async def test_nobody_else_sees_them(services: Services, asked: Request) -> None:
    reader = await browser(services, "quoc@x.vn", None)
    assert (await reader.get("/lending/messages?request=x&before=9999999999999999999")).status_code == 200
    reader.cookies.clear()
    for path in ("/lending/messages", "/lending/messages/1", "/lending/undelivered"):
        answer = await reader.get(path)
        assert answer.status_code == 403
        assert "<table" not in answer.text
