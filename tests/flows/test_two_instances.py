"""Installations that lend to each other over real HTTP, across losses, doubles and sudden deaths."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn

from tests.flows.test_locate import federation
from tests.support.database import copy, drop
from tests.support.lending import World
from unioncat.config import Settings
from unioncat.domain.credentials import Credentials
from unioncat.domain.lending import Attempt, Flag, Request, RequesterState, Step, SupplierState
from unioncat.domain.partner import AgencyOf, Outcome, Partner, Said
from unioncat.flow import partners
from unioncat.flow.services import Services, open_services
from unioncat.store import lending_supplies, messages
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue
from unioncat_api.protocols.iso18626.sender import peered

R, U = RequesterState, SupplierState
KILLED = Path(__file__).parents[1] / "support" / "killed.py"


class Living(World):
    """A world whose clock runs; it can be moved ahead."""

    ahead = timedelta(0)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @now.setter
    def now(self, moment: datetime) -> None:
        pass

    def later(self, **span: float) -> None:
        self.ahead += timedelta(**span)


class Instance:
    """One installation: its name, its database, its web service, its world."""

    def __init__(self, code: str, services: Services, port: int, world: Living) -> None:
        self.code, self.services, self.port, self.world = code, services, port, world

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/iso18626"

    async def meet(self, other: "Instance", code: str, *agencies: AgencyOf, by: str = "") -> None:
        """Enter the other installation as partner, and exchange what opens the two doors."""
        address = by or other.address
        await partners.save(self.services, "test", Partner(code, code, address, agencies=agencies))
        other_token = await partners.new_token(other.services, "test", self.code)
        given = Credentials(headers=(("Authorization", f"Bearer {other_token}"),))
        await partners.give_credentials(self.services, "test", code, given)

    async def supplies(self) -> list[Attempt]:
        """Everything that this installation's libraries were asked for."""
        async with self.services.db.begin() as conn:
            lines = await messages.listed(conn, limit=200)
            ids = {one.request for one in lines if one.request and one.way == "in"}
            found = [await lending_supplies.by_protocol_id(conn, "unioncat:home", one) for one in sorted(ids)]
        return [one for one in found if one is not None and one.supplier_state is not None]

    async def said(self) -> list[Said]:
        async with self.services.db.begin() as conn:
            return (await messages.listed(conn, limit=200))[::-1]


@asynccontextmanager
async def instance(server: str, template: str, home: Path, code: str) -> AsyncIterator[Instance]:
    url = await copy(server, template)
    # Only C stands behind a proxy that verifies certificates.
    proxies = "127.0.0.1" if code == "c" else ""
    settings = Settings.load(home=home / code, allow_targets="127.0.0.1", certificate_proxies=proxies)
    try:
        async with open_services(settings, url) as services:

            @asynccontextmanager
            async def opening() -> AsyncIterator[Catalogue]:
                yield Catalogue(services)

            app = create_app(opening, operator_token="t" * 40, base_url="http://127.0.0.1")
            serving = uvicorn.Server(
                uvicorn.Config(
                    peered(app, "127.0.0.1"),
                    port=0,
                    log_config=None,
                    proxy_headers=False,
                    timeout_graceful_shutdown=1,
                )
            )
            task = asyncio.create_task(serving.serve())
            while not serving.started:
                await asyncio.sleep(0.01)
            port = serving.servers[0].sockets[0].getsockname()[1]
            if code == "a":
                world = await Living.begin(services)
                assert isinstance(world, Living)
            else:
                await federation(services.db)
                world = Living(services, "")
            yield Instance(code, services, port, world)
            serving.should_exit = True
            await task
    finally:
        await drop(server, url)


class Relay:
    """A road between two installations, that can lose and double what goes over it."""

    def __init__(self) -> None:
        self.to, self.port = "", 0
        self.plan: list[str] = []
        """For each message to come: pass, lose, lose-answer, twice."""
        self.passed: list[bytes] = []

    def carry(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes] | None:
        what = self.plan.pop(0) if self.plan else "pass"
        if what == "lose":
            return None
        kept = {name: headers[name] for name in ("Content-Type", "Authorization") if name in headers}
        answer = (500, b"")
        for _ in range(2 if what == "twice" else 1):
            self.passed.append(body)
            asked = urllib.request.Request(self.to, body, kept)
            try:
                with urllib.request.urlopen(asked, timeout=10) as reply:
                    answer = (reply.status, reply.read())
            except urllib.error.HTTPError as error:
                answer = (error.code, error.read())
        return None if what == "lose-answer" else answer


@pytest.fixture
def relay() -> Iterator[Relay]:
    road = Relay()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = road.carry(dict(self.headers), body)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer[0])
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1])

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    road.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield road
    server.shutdown()
    server.server_close()


class Three:
    """A asks; the library `near` has installation B as its system, `region` has C."""

    def __init__(self, a: Instance, b: Instance, c: Instance) -> None:
        self.a, self.b, self.c = a, b, c

    async def carry(self) -> None:
        """Empty all outboxes until nothing is left."""
        for _ in range(4):
            for one in (self.a, self.b, self.c):
                await one.world.carry()

    async def asked(self) -> Request:
        request = await self.a.world.ask()
        await self.carry()
        return await self.a.world.request(request.id)

    async def here(self, request: Request) -> Request:
        return await self.a.world.request(request.id)


@pytest.fixture
async def three(server: str, template: str, home: Path, relay: Relay) -> AsyncIterator[Three]:
    async with AsyncExitStack() as stack:
        a, b, c = [
            await stack.enter_async_context(instance(server, template, home, code))
            for code in ("a", "b", "c")
        ]
        relay.to = b.address
        asks = AgencyOf("UNIONCAT", "home")
        for other in (b, c):
            await partners.save(other.services, "test", Partner("a", "a", a.address, agencies=(asks,)))
        for code in ("b", "c"):
            agency = AgencyOf("UNIONCAT", "near" if code == "b" else "region")
            await partners.save(a.services, "test", Partner(code, code, b.address, agencies=(agency,)))
        near, region = AgencyOf("UNIONCAT", "near", "near"), AgencyOf("UNIONCAT", "region", "region")
        await a.meet(b, "b", near, by=f"http://127.0.0.1:{relay.port}/iso18626")
        await a.meet(c, "c", region)
        await b.meet(a, "a", asks)
        await c.meet(a, "a", asks)
        # The older version has to do as well.
        c_at_a = Partner("c", "c", c.address, version="1.2", agencies=(region,))
        await partners.save(a.services, "test", c_at_a)
        a_at_c = Partner("a", "a", a.address, version="1.2", agencies=(asks,))
        await partners.save(c.services, "test", a_at_c)
        yield Three(a, b, c)


async def lend(three: Three, lender: Instance, request: Request) -> Request:
    """Take a request from the lender's yes to the book's return."""
    a = three.a.world
    (attempt,) = [one for one in await lender.supplies() if one.supplier_state is U.RECEIVED]
    attempt = await lender.world.supply(attempt, Step.ANSWER_WILL_SUPPLY)
    await three.carry()
    assert (await three.here(request)).state is R.WILL_SUPPLY
    attempt = await lender.world.supply(attempt, Step.PRINT_SLIP)
    attempt = await lender.world.supply(attempt, Step.PICK, items=("B1",))
    attempt = await lender.world.supply(attempt, Step.LOANED, items=("B1",))
    await three.carry()
    request = await three.here(request)
    assert request.state is R.SHIPPED
    assert request.loan.items == ("B1",)
    request = await a.borrow(request, Step.RECEIVED)
    request = await a.borrow(request, Step.LEND_OUT)
    request = await a.borrow(request, Step.RENEW)
    attempt = await lender.world.attempt(attempt.id)
    assert Flag.RENEW_PENDING in attempt.supplier_flags
    await lender.world.supply(attempt, Step.RENEWED)
    await three.carry()
    request = await three.here(request)
    assert request.flags == frozenset()
    request = await a.borrow(request, Step.GIVE_BACK)
    request = await a.borrow(request, Step.SHIP_BACK)
    await three.carry()
    attempt = await lender.world.attempt(attempt.id)
    assert attempt.supplier_state is U.RETURN_IN_TRANSIT
    await lender.world.supply(attempt, Step.CHECKED_IN)
    await three.carry()
    return await three.here(request)


async def only_oks(three: Three) -> None:
    """No installation has called anything of another an error."""
    for one in (three.a, three.b, three.c):
        assert [line.error_value for line in await one.said() if line.outcome is Outcome.ERROR] == []


async def test_a_book_goes_and_comes_back_between_two_installations(three: Three) -> None:
    request = await three.asked()
    assert request.state is R.SENT
    request = await lend(three, three.b, request)
    assert request.state is R.COMPLETED
    assert await three.c.supplies() == []
    await only_oks(three)


async def test_a_third_is_asked_after_the_second_declines(three: Three) -> None:
    request = await three.asked()
    (attempt,) = await three.b.supplies()
    await three.b.world.supply(attempt, Step.UNFILLED, reason="NotOnShelf")
    await three.carry()
    request = await three.here(request)
    assert request.attempt == 2
    request = await lend(three, three.c, request)
    assert request.state is R.COMPLETED
    (first, second) = await three.a.world.attempts(request)
    assert (first.open, first.status_seen) == (False, "Unfilled")
    assert first.protocol_id != second.protocol_id
    await only_oks(three)


async def test_messages_lost_and_doubled_end_right(three: Three, relay: Relay) -> None:
    relay.plan = ["lose", "lose-answer", "twice"]
    request = await three.a.world.ask()
    assert await three.b.supplies() == []
    for _ in range(3):
        three.a.world.later(minutes=11)
        await three.carry()
    assert len(await three.b.supplies()) == 1
    relay.plan = ["twice"] * 20
    request = await lend(three, three.b, await three.here(request))
    assert request.state is R.COMPLETED
    assert len(relay.passed) > len(set(relay.passed))
    assert [one.supplier_state for one in await three.b.supplies()] == [U.COMPLETED]
    await only_oks(three)


async def test_a_system_that_is_down_for_long_loses_its_turn_only(three: Three, relay: Relay) -> None:
    relay.plan = ["lose"] * 50
    request = await three.a.world.ask()
    for _ in range(4):
        three.a.world.later(minutes=11)
        await three.carry()
    request = await three.here(request)
    assert request.attempt == 2
    request = await lend(three, three.c, request)
    assert request.state is R.COMPLETED


@pytest.mark.parametrize("moment", ["before sending", "after sending"])
async def test_a_killed_process_loses_nothing(three: Three, moment: str) -> None:
    """Between state and sending, or between sending and remembering it."""
    request = await three.asked()
    (attempt,) = await three.b.supplies()
    await asyncio.to_thread(killed, three.b, attempt.id, moment)
    assert (await three.b.world.attempt(attempt.id)).supplier_state is U.TO_PULL
    heard = (await three.here(request)).state
    assert heard is (R.SENT if moment == "before sending" else R.WILL_SUPPLY)
    three.b.world.later(minutes=5)
    await three.carry()
    assert (await three.here(request)).state is R.WILL_SUPPLY
    lines = [one for one in await three.a.said() if one.way == "in"]
    assert len(lines) == (1 if moment == "before sending" else 2)
    assert len({one.answer for one in lines}) == 1
    await only_oks(three)


def killed(lender: Instance, attempt: UUID, moment: str) -> None:
    """Say yes in a process that is killed at a moment."""
    settings = lender.services.settings
    done = subprocess.run(
        [sys.executable, str(KILLED), lender.services.db.url, str(attempt), moment],
        env={**os.environ, "UNIONCAT_HOME": str(settings.home), "PYTHONPATH": str(KILLED.parents[2])},
        timeout=60,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


async def test_strangers_and_others_names_are_refused(three: Three) -> None:
    body = (await three.asked(), [one for one in await three.b.said() if one.way == "in"])[1][0].body
    assert body is not None

    def post(address: str, headers: dict[str, str], method: str, data: bytes | None) -> int:
        asked = urllib.request.Request(address, data, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=10) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as error:
            return error.code

    xml = {"Content-Type": "application/xml"}
    token = await partners.new_token(three.b.services, "test", "a")
    known = {**xml, "Authorization": f"Bearer {token}"}
    address = three.b.address
    expected = {
        "nobody": ((xml, "POST", body), 401),
        "a wrong token": (({**xml, "Authorization": "Bearer ucp_x"}, "POST", body), 401),
        "a certificate told by anybody": (
            ({**xml, "X-Client-Certificate-SHA256": "ab" * 32}, "POST", body),
            401,
        ),
        "get": ((known, "GET", None), 405),
        "json": (({**known, "Content-Type": "application/json"}, "POST", body), 415),
        "no XML": ((known, "POST", b"<"), 400),
        "too large": ((known, "POST", b"<" * 300_000), 413),
        "known": ((known, "POST", body), 200),
    }
    for name, ((headers, method, data), status) in expected.items():
        found = await asyncio.to_thread(post, address, headers, method, data)
        assert found == status, name
    assert len(await three.b.supplies()) == 1


async def test_a_certificate_counts_where_a_trusted_proxy_tells_of_it(three: Three) -> None:
    asks = AgencyOf("UNIONCAT", "home")
    for one in (three.b, three.c):
        known = Partner("a", "a", three.a.address, agencies=(asks,), certificate="ab" * 32)
        await partners.save(one.services, "test", known)

    def post(address: str, certificate: str, **more: str) -> int:
        headers = {"Content-Type": "application/xml", "X-Client-Certificate-SHA256": certificate, **more}
        asked = urllib.request.Request(address, b"<x/>", headers)
        try:
            with urllib.request.urlopen(asked, timeout=10) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as error:
            return error.code

    # 400: let in, and told that this is no message.
    assert await asyncio.to_thread(post, three.c.address, "AB:" * 31 + "AB") == 400
    forwarded = {"X-Forwarded-For": "198.51.100.7"}
    assert await asyncio.to_thread(post, three.c.address, "ab" * 32, **forwarded) == 400
    assert await asyncio.to_thread(post, three.c.address, "cd" * 32) == 401
    assert await asyncio.to_thread(post, three.b.address, "ab" * 32) == 401
    assert (
        await asyncio.to_thread(post, three.b.address, "ab" * 32, **{"X-Forwarded-For": "127.0.0.1"}) == 401
    )
