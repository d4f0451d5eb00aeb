"""One account has one budget over a real database, however many sessions, keys and addresses it asks by."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from tests.api.conftest import TOKEN
from tests.support.people import add, session, signed_in
from unioncat.config import Settings
from unioncat.domain.people import Right, Role
from unioncat.flow import entry
from unioncat.flow.services import Services, open_services
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue
from unioncat_api.rates import READ, WRITE, Budget, Rates

QUOTA = 6


class Web:
    """The web service, asked from any address."""

    def __init__(self, services: Services, stack: AsyncExitStack) -> None:
        self.services, self._stack = services, stack
        rates = Rates({READ: Budget(QUOTA, 3600), WRITE: Budget(2, 3600)})

        @asynccontextmanager
        async def opening() -> AsyncIterator[Catalogue]:
            yield Catalogue(services)

        self.app = create_app(opening, operator_token=TOKEN, base_url="http://union.example", rates=rates)

    async def browser(self, address: str, token: str = "") -> httpx2.AsyncClient:
        """Ask from an address, with a session if there is one."""
        transport = httpx2.ASGITransport(app=self.app, client=(address, 5))
        cookies = {"session": token} if token else {}
        client = httpx2.AsyncClient(transport=transport, base_url="http://union.example", cookies=cookies)
        return await self._stack.enter_async_context(client)


@pytest.fixture
async def web(url: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with (
        open_services(Settings(home=tmp_path / "home", workers=1), url) as services,
        AsyncExitStack() as stack,
    ):
        made = Web(services, stack)
        async with made.app.router.lifespan_context(made.app):
            await add(services, "lan@example.vn", Role.FEDERATION_ADMIN, second=True)
            await add(services, "thu@example.vn", Role.FEDERATION_ADMIN, second=True)
            yield made


async def test_all_sessions_and_keys_of_an_account_share_its_budget(web: Web) -> None:
    devices = [
        await web.browser(f"113.160.1.{number}", await session(web.services, "lan@example.vn"))
        for number in range(3)
    ]
    person = await signed_in(web.services, "lan@example.vn")
    made = await entry.make_key(web.services, person, "x", (Right.PEOPLE,), timedelta(days=1))
    program = await web.browser("113.160.1.9")
    program.headers["Authorization"] = f"Bearer {made}"
    answers = [await devices[number % 3].get("/account") for number in range(4)]
    answers += [await program.get("/api/v1/people") for _ in range(2)]
    assert [one.status_code for one in answers] == [200] * QUOTA
    # Each of them had asked once or twice; what is left is told of all together.
    left = [one.headers["ratelimit"].partition(";r=")[2].partition(";")[0] for one in answers]
    assert left == ["5", "4", "3", "2", "1", "0"]
    for one, path in ((devices[0], "/account"), (program, "/api/v1/people")):
        refused = await one.get(path)
        assert refused.status_code == 429, path
        assert refused.headers["ratelimit"].startswith('"read";r=0;t=')
        assert refused.headers["ratelimit-policy"] == f'"read";q={QUOTA};w=3600'
        assert 0 < int(refused.headers["retry-after"]) <= 3600 / QUOTA
        assert "lan@example.vn" not in refused.text
    # A cookie beside the session's opens no budget of its own, and a new session neither.
    devices[1].cookies["other"] = "x"
    assert (await devices[1].get("/account")).status_code == 429
    again = await web.browser("113.160.1.77", await session(web.services, "lan@example.vn"))
    assert (await again.get("/account")).status_code == 429


async def test_others_are_not_counted_for_it(web: Web) -> None:
    mine = await web.browser("113.160.1.1", await session(web.services, "lan@example.vn"))
    for number in range(QUOTA + 1):
        answer = await mine.get("/account")
        assert answer.status_code == (200 if number < QUOTA else 429)
    colleague = await web.browser("113.160.1.2", await session(web.services, "thu@example.vn"))
    answer = await colleague.get("/account")
    assert (answer.status_code, answer.headers["ratelimit"][:11]) == (200, '"read";r=5;')
    assert (await (await web.browser("113.160.1.3")).get("/account")).status_code == 403
    # What costs next to nothing is answered still, and signing out is of the budget of changes.
    assert (await mine.get("/healthz")).status_code == 200
    assert (await mine.post("/sign-out")).status_code != 429


async def test_changes_by_several_sessions_share_a_budget_too(web: Web) -> None:
    answers = []
    for number in range(4):
        token = await session(web.services, "lan@example.vn")
        one = await web.browser(f"113.160.1.{number}", token)
        answers.append((await one.post("/account", data={"token": "wrong"})).status_code)
    assert answers[2:] == [429, 429]
    assert 429 not in answers[:2]


async def test_this_machine_is_not_counted(web: Web) -> None:
    here = await web.browser("127.0.0.1", await session(web.services, "lan@example.vn"))
    for _ in range(QUOTA + 2):
        answer = await here.get("/account")
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers
