"""A restricted holding in lending, through the real web: its circle asks for it, outside it is not there.

Two federations that are equal but for the restricted library do the same, and answer the same.
"""

import hmac
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import uuid4

import httpx2
from sqlalchemy import text

from tests.api.conftest import TOKEN
from tests.flows.test_join import book, put
from tests.flows.test_locate import BOOK, federation, shelve
from tests.support import people
from tests.support.database import execute, named
from unioncat.config import Settings
from unioncat.domain.bib import Holding
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.people import Right, Role
from unioncat.domain.source import Protocol, Source
from unioncat.domain.worklists import WORKLISTS
from unioncat.flow import deliver, entry, lend, pipeline
from unioncat.flow.deliver import Desk
from unioncat.flow.letters import carry as carry_letter
from unioncat.flow.services import Services, open_services
from unioncat.store import libraries, sources
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue
from unioncat_api.rights import routes_of
from unioncat_api.session import CSRF_FIELD

KIN = "zzkin"
"""Code of the restricted library, and a word that only its material has."""
ONLY = f"Nghiệp vụ {KIN} tập một"
ONE = Holding(copies=1, status="available")
DESK = Desk(lend.receive, lend.undeliverable, carry_letter)
PEOPLE = {
    "reader": (Role.READER, "home"),
    "desk": (Role.LENDING, "home"),
    "near": (Role.LENDING, "near"),
    "inside-reader": (Role.READER, "academy"),
    "inside": (Role.LENDING, "academy"),
    KIN: (Role.LENDING, KIN),
}
MOVING = re.compile(
    r"YC-\d{4}-\d{6}-\d+-[0-9a-f]{12}|name=\"token\" value=\"[^\"]*\"|\"csrf\":\"[^\"]*\"|nonce-[\w-]+"
    r"|\d\d:\d\d(?::\d\d)?|\d{4}-\d\d-\d\dT[\d:.]+Z?|/l/[\w-]+|[0-9a-f]{64}"
    r"|\d+ (?:giây|phút) trước|vừa xong"
)
NUMBERS = tuple(map(str, range(1, 8)))


@dataclass
class Place:
    """A federation behind its web: `twin` is the record that others have too, `only` the restricted one."""

    services: Services
    client: httpx2.AsyncClient
    app: object
    twin: str
    only: str
    sessions: dict[str, tuple[str, str]]
    requests: list[str] = field(default_factory=list)

    async def ask(self, who: str, method: str, address: str, **more: object) -> httpx2.Response:
        """Ask as somebody: pages by the session, the interface by the key."""
        session, key = self.sessions[who]
        self.client.cookies.clear()
        if address.startswith("/api/"):
            headers = {"Authorization": f"Bearer {key}"}
        else:
            headers = {"Cookie": f"session={session}", "Origin": "http://web"}
            if method == "POST":
                word = hmac.new(session.encode(), b"form", "sha256").hexdigest()
                more["data"] = {CSRF_FIELD: word, **(more.get("data") or {})}  # type: ignore[dict-item]
        return await self.client.request(method, address, headers=headers, **more)  # type: ignore[arg-type]

    async def wish(self, who: str, home: str, union_id: str, title: str) -> str:
        """Place a request on the reader's page; give its id."""
        form = {"home": home, "title": title, "union_id": union_id, "service": "loan", "level": "standard"}
        answer = await self.ask(who, "POST", "/requests/new", data=form)
        assert answer.status_code == 303, answer.text
        number = answer.headers["location"].split("/")[2].partition("?")[0]
        self.requests.append(number)
        return number

    async def step(self, who: str, subject: str, step: str, **fields: str) -> httpx2.Response:
        """Do a step by the interface."""
        return await self.ask(
            who, "POST", f"/api/v1/requests/{subject}/steps", json={"step": step, "fields": fields}
        )

    async def carry(self) -> None:
        """Bring what waits in the outbox, and find libraries, as the worker does."""
        for _ in range(6):
            await deliver.deliver(self.services, DESK, datetime.now(UTC))
            async with self.services.db.as_service() as conn:
                rows = await conn.execute(text("SELECT id FROM lending_request WHERE state = 'locating'"))
                waiting = list(rows.scalars())
            for number in waiting:
                await lend.locate(self.services, number, datetime.now(UTC))

    async def asked(self, request: str) -> list[str]:
        """Name the libraries that a request was sent to."""
        async with self.services.db.as_service() as conn:
            query = text("""
                SELECT l.code FROM lending_supply s JOIN library l ON l.id = s.supplier_id
                WHERE s.request_id = :request ORDER BY s.number
            """)
            return list((await conn.execute(query, {"request": request})).scalars())

    async def supply(self, request: str) -> str:
        """Give the id of the newest supply of a request."""
        async with self.services.db.as_service() as conn:
            query = text(
                "SELECT id FROM lending_supply WHERE request_id = :request ORDER BY number DESC LIMIT 1"
            )
            return str((await conn.execute(query, {"request": request})).scalar_one())

    def masked(self, said: str) -> str:
        """Take out what differs between two federations that did the same: ids, moments, words of forms."""
        for place, one in enumerate(self.requests):
            said = said.replace(one, f"<request {place}>")
        said = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>", said)
        return MOVING.sub("", said)

    async def all_of_it(self, who: str) -> dict[str, str]:
        """Ask for every address of lending, and of requests, as somebody."""
        pools = {
            "code": ("home", "near", KIN, "missing"),
            "number": (*self.requests, *NUMBERS),
            "id": (*self.requests, "00000000-0000-0000-0000-000000000007"),
            "name": (*WORKLISTS, "missing"),
            "list": (*WORKLISTS, "missing"),
            "token": ("nonsense",),
        }
        found = {}
        for path, route in routes_of(self.app):  # type: ignore[arg-type]
            if "GET" not in route.methods or not re.search(r"/lending|/requests|/l/", path):
                continue
            if path.endswith(".xlsx"):
                continue  # the same figures as .csv, in a file that names its moment
            names = re.findall(r"{(\w+)(?::\w+)?}", path)
            for values in product(*(pools[name] for name in names)):
                address = path
                for name, value in zip(names, values, strict=True):
                    address = re.sub(rf"{{{name}(:\w+)?}}", value, address)
                found[address] = address
        for address in ("/requests/new?record=", "/lending/new?record=", "/records/", "/api/v1/records/"):
            for one in (self.twin, self.only):
                found[f"{address}{one}"] = f"{address}{one}"
        answers = {}
        for address in found:
            answer = await self.ask(who, "GET", address)
            assert answer.status_code < 500, f"{address}: {answer.text[:300]}"
            answers[self.masked(address)] = self.masked(f"{answer.status_code} {answer.text}")
        return answers

    def letters(self) -> list[str]:
        """Give the letters that went out."""
        return sorted(self.masked(one) for one in people.letters(self.services.settings.home))


@asynccontextmanager
async def place(server: str, template: str, home: Path, *, whole: bool) -> AsyncIterator[Place]:
    """Make the federation, with or without what the restricted library has."""
    name = f"kin_{uuid4().hex[:12]}"
    await execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    url = named(server, name)
    settings = Settings(home=home, workers=1)

    @asynccontextmanager
    async def opening() -> AsyncIterator[Catalogue]:
        async with open_services(settings, url, guarded=True) as services:
            yield Catalogue(services)

    try:
        async with open_services(settings, url) as services:
            twin, only = await filled(services, whole)
            sessions = {}
            for who, (role, library) in PEOPLE.items():
                if whole or library != KIN:
                    await people.add(services, f"{who}@example.vn", role, library, name=who)
                    session = await people.session(services, f"{who}@example.vn")
                    person = await entry.whose(services, session)
                    assert person is not None
                    rights = [one for one in Right if person.may_somewhere(one)]
                    key = await entry.make_key(services, person, "test", rights, timedelta(days=1))
                    sessions[who] = (session, key)
            app = create_app(opening, operator_token=TOKEN, base_url="http://union.example")
            transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
            async with (
                app.router.lifespan_context(app),
                httpx2.AsyncClient(transport=transport, base_url="http://web") as client,
            ):
                yield Place(services, client, app, twin, only, sessions)
    finally:
        await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


async def filled(services: Services, whole: bool) -> tuple[str, str]:
    """Put a book on public shelves; with `whole` also on restricted ones, beside one of their own."""
    async with services.db.begin() as conn:
        await conn.execute(text("UPDATE meta SET value = 'one and the same key' WHERE key = 'public_id_key'"))
    shared = await federation(services.db)
    held = {"near": ONE}
    only = "000000000000"
    if whole:
        async with services.db.begin() as conn:
            circle = {one.code: one.id for one in await libraries.audiences(conn)}["cand"]
            kind = LibraryType.ARMED_FORCES
            place, groups = "2025-40", ("cand",)
            kin = Library(KIN, f"Thư viện {KIN}", f"Library {KIN}", kind, province=place, groups=groups)
            await libraries.save_library(conn, replace(kin, audience=circle))
        held[KIN] = ONE
    twin = await shelve(services.db, shared, held)
    if whole:
        async with services.db.begin() as conn:
            address = f"https://{KIN}.example.vn/oai"
            own = await sources.save_source(
                conn, Source(KIN, KIN, Protocol.OAI_PMH, address=address, audience=circle)
            )
        records = {"same": BOOK, "only": book(ONLY, f"{KIN}tacgia", 2021)}
        await put(services.db, own, records, audience=circle, library=KIN)
        await pipeline.process(services)
        async with services.db.begin() as conn:
            query = text("""
                SELECT c.public_id FROM cluster c JOIN cluster_member m ON m.cluster_id = c.id
                JOIN bib_record b ON b.id = m.record_id WHERE b.local_id = 'only' AND c.live
            """)
            only = str((await conn.execute(query)).scalar_one())
    await pipeline.process(services)
    return twin, only


async def outside(one: Place, only: str) -> None:
    """A reader of a library outside of the circle asks for both; the desk tries all that a desk can."""
    one.only = only
    first = await one.wish("reader", "home", one.twin, BOOK.title.main)
    await one.step("desk", first, "approve")
    await one.carry()
    assert await one.asked(first) == ["near"]
    second = await one.wish("reader", "home", only, "Nghiệp vụ")
    await one.step("desk", second, "approve")
    await one.carry()
    assert await one.asked(second) == []
    third = await one.ask(
        "reader",
        "POST",
        "/api/v1/requests",
        json={"home": "home", "title": "Nghiệp vụ, tập hai", "union_id": only},
    )
    assert third.status_code == 201
    one.requests.append(third.json()["id"])


async def pressed(one: Place) -> list[str]:
    """Name the restricted library outright, by page and interface, then let the lender refuse."""
    first, second = one.requests[:2]
    said = []
    for request in (first, second):
        for code in (KIN, "missing"):
            form = {"library": "near", "place-near": "1", "add": code, "why": "thử"}
            page = await one.ask("desk", "POST", f"/lending/r/{request}/rota", data=form)
            sent = await one.step("desk", request, "send", supplier=code)
            said += [f"{answer.status_code} {one.masked(answer.text)}" for answer in (page, sent)]
    refused = await one.step("near", await one.supply(first), "unfilled", reason="NotOnShelf")
    assert refused.status_code == 200, refused.text
    await one.carry()
    assert await one.asked(first) == ["near"], "nobody is left"
    return said


def differ(ours: dict[str, str], theirs: dict[str, str]) -> list[str]:
    """Name the addresses that answered otherwise, with the place where they part."""
    told = []
    for address, left in ours.items():
        right = theirs[address]
        if left != right:
            pairs = zip(left, right, strict=False)
            at = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))
            told.append(f"{address}: …{left[max(0, at - 80) : at + 80]} … {right[at : at + 80]}")
    return told


async def test_a_restricted_holding_is_asked_within_its_circle_and_is_not_there_outside(
    server: str, template: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        whole = await stack.enter_async_context(place(server, template, tmp_path / "a", whole=True))
        bare = await stack.enter_async_context(place(server, template, tmp_path / "b", whole=False))
        only = whole.only
        for one in (whole, bare):
            await outside(one, only)
        seen = {}
        for who in ("reader", "desk", "near"):
            seen[who] = await whole.all_of_it(who)
            assert not (parted := differ(seen[who], await bare.all_of_it(who))), "\n".join(parted)
            told = [at for at, said in seen[who].items() if KIN in said.casefold() and KIN not in at]
            assert told == []
        assert "<request 0>" in seen["reader"]["/requests"]
        assert "near" in seen["desk"]["/lending/r/<request 0>"]
        assert await pressed(whole) == await pressed(bare)
        for who in ("reader", "desk", "near"):
            after = await whole.all_of_it(who)
            assert not (parted := differ(after, await bare.all_of_it(who))), "\n".join(parted)
        assert whole.letters() == bare.letters()
        assert KIN not in repr(whole.letters()).casefold()
        async with whole.services.db.as_service() as conn:
            for table in ("lending_rota", "lending_message", "lending_event", "lending_outbox"):
                rows = (await conn.execute(text(f"SELECT to_jsonb(x)::text FROM {table} x"))).scalars()
                assert not [row for row in rows if KIN in row.casefold()], table
        for union_id, title in ((whole.twin, BOOK.title.main), (only, ONLY)):
            request = await whole.wish("inside-reader", "academy", union_id, title)
            await whole.step("inside", request, "approve")
            await whole.carry()
            assert await whole.asked(request) == [KIN], "within the circle it is asked"
            page = await whole.ask("inside", "GET", f"/lending/r/{request}")
            assert f"Thư viện {KIN}" in page.text
        whole.requests = whole.requests[:3]
        for who in ("reader", "desk", "near"):
            told = [
                at
                for at, said in (await whole.all_of_it(who)).items()
                if KIN in said.casefold() and KIN not in at
            ]
            assert told == [], "what lends inside stays inside"
