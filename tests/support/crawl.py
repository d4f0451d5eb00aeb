"""Asks a federation for everything that its route table offers, as one viewer; compares what two answered.

An address with a parameter that `asked` does not know fails: whoever adds one says here what to ask it.
"""

import io
import re
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import UUID, uuid4

import httpx2
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import text

from tests.api.conftest import TOKEN
from tests.flows.circles import CIRCLES, MARK
from tests.support import asgi, people
from tests.support.database import execute, named
from unioncat.config import Settings
from unioncat.domain.hours import VIET_NAM
from unioncat.domain.people import Right, Role
from unioncat.flow import entry
from unioncat.flow.services import Services, open_services
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue
from unioncat_api.rights import routes_of

Answers = dict[tuple[str, str], object]
Fill = Callable[[Services, tuple[str, ...]], Awaitable[object]]


@dataclass
class World:
    """A federation behind its web, asked as one viewer after another."""

    app: FastAPI
    ids: tuple[str, ...]
    """Public ids of all clusters, the hidden ones included."""
    records: tuple[int, ...]
    sessions: Mapping[str, tuple[str, str]]
    """Session and key of a reader of each circle's library, and of the lending desk of a public one."""
    who: str = "public"
    seconds: list[float] = field(default_factory=list)

    def look_as(self, who: str) -> None:
        """Ask from now on as the public, or as somebody who has signed in."""
        self.who = who
        self.app.state.directories.forget()

    async def ask(self, method: str, address: str) -> tuple[int, list[tuple[str, str]], str]:
        """Give status, headers and text of an answer."""
        begun = perf_counter()
        answer = await asgi.ask(self.app, method, address, self.papers(address))
        self.seconds.append(perf_counter() - begun)
        given = sorted((n, v) for n, v in answer.headers if n != "x-request-id")
        return answer.status_code, given, _body(answer)

    def papers(self, address: str) -> dict[str, str]:
        """Give the headers by which who asks is known: pages by the session, the interface by the key."""
        if self.who == "public":
            return {}
        session, key = self.sessions[self.who]
        api = address.startswith("/api/")
        return {"Authorization": f"Bearer {key}"} if api else {"Cookie": f"session={session}"}


def _body(answer: asgi.Answer) -> str:
    """Give what an answer says; of a spreadsheet all but the moment at which it was made."""
    if not answer.content.startswith(b"PK"):
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        return repr([(n, book.read(n)) for n in sorted(book.namelist()) if not n.startswith("docProps")])


@asynccontextmanager
async def world(
    server: str, template: str, home: Path, present: tuple[str, ...], fill: Fill
) -> AsyncIterator[World]:
    """Make a federation with the material of these circles, and open its web."""
    name = f"leaks_{uuid4().hex[:12]}"
    await execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    url = named(server, name)
    settings = Settings(home=home, workers=1)

    @asynccontextmanager
    async def opening() -> AsyncIterator[Catalogue]:
        async with open_services(settings, url, guarded=True) as services:
            yield Catalogue(services)

    try:
        async with open_services(settings, url) as services:
            await fill(services, present)
            sessions = {"desk": await _person(services, "desk", "pub-a", Role.LENDING)}
            for circle in present:
                sessions[circle] = await _person(services, circle, f"{MARK}-{circle}")
            async with services.db.as_service() as conn:
                ids = tuple((await conn.execute(text("SELECT public_id FROM cluster ORDER BY 1"))).scalars())
                records = tuple((await conn.execute(text("SELECT id FROM bib_record ORDER BY 1"))).scalars())
        app = create_app(opening, operator_token=TOKEN, base_url="http://union.example")
        async with app.router.lifespan_context(app):
            yield World(app, ids, records, sessions)
    finally:
        await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _person(services: Services, name: str, library: str, role: Role = Role.READER) -> tuple[str, str]:
    email = f"{name}@example.vn"
    await people.add(services, email, role, library)
    session = await people.session(services, email)
    person = await entry.whose(services, session)
    assert person is not None
    rights = [one for one in Right if person.may_somewhere(one)]
    return session, await entry.make_key(services, person, "a program", rights, timedelta(days=1))


WORDS = (
    "", "song nui", "sông núi xưa", "nguyen van a", "noi", "pho", f"{MARK}", f"{MARK}cand",
    f"{MARK}candtacgia", "giao trinh", "sogn nui", "bien dao nya", "trruyen co ba", "9786041157910",
    "title:song", "mới -núi",    '"làng nghề"', "cau noi", "x", "zzmatkand", "sông sông",
)  # fmt: skip
SEARCHES: tuple[dict[str, str], ...] = (
    *({"q": one} for one in WORDS),
    *(
        {"q": one, "sort": sort}
        for one in ("", "sông")
        for sort in ("relevance", "title", "newest", "oldest")
    ),
    {"q": "", "size": "3"},
    {"q": "", "library": "pub-a"},
    {"q": "", "library": f"{MARK}-cand"},
    {"q": "", "group": "forces"},
    {"q": "song", "year_from": "1990", "year_to": "2004"},
    {"q": "", "facets": "library,province,type,group,format,language,year,subject"},
    {"q": "sông", "cursor": "x"},
)
CODES = ("pub-a", "pub-b", *(f"{MARK}-{one}" for one in CIRCLES), "missing")
SMALL = tuple(str(one) for one in range(1, 9))
POOLS: Mapping[str, tuple[str, ...]] = {
    "code": CODES,
    "kind": ("not-found", "x"),
    "id": (*SMALL, str(UUID(int=7))),
    "number": (*SMALL, str(UUID(int=7))),
    "token": ("nonsense",),
    "scheme": ("isbn",),
    "value": ("9786041157910",),
    "name": ("waiting", "missing"),
    "list": ("approve", "missing"),
}


def asked(
    path: str,
    route: APIRoute,
    ids: Sequence[str],
    records: Sequence[int],
    searches: Iterable[Mapping[str, str]] = SEARCHES,
) -> list[tuple[str, str]]:
    """Give all requests to one address: every value of its parameters that could tell something."""
    searches = list(searches)
    pools = {**POOLS, "id": (*ids, "000000000000")} if "/records/" in path else POOLS
    names = re.findall(r"{(\w+)(?::\w+)?}", path)
    unknown = set(names) - set(pools)
    assert not unknown, f"{path}: give tests/support/crawl.py values for {unknown}"
    found: list[tuple[str, str]] = []
    for values in product(*(pools[name] for name in names)):
        address = path
        for name, value in zip(names, values, strict=True):
            address = re.sub(rf"{{{name}(:\w+)?}}", value, address)
        found += [(method, address) for method in sorted(route.methods - {"HEAD"})]
    if path in ("/search", "/api/v1/search"):
        found += [("GET", f"{path}?{httpx2.QueryParams(one)}") for one in searches]
    if path in ("/suggest", "/api/v1/suggest"):
        typed = {one["q"]: None for one in searches} | dict.fromkeys(("sô", "ngu", "gi"))
        found += [("GET", f"{path}?{httpx2.QueryParams({'q': one})}") for one in typed]
    if path == "/api/v1/records/explain":
        pairs = [(records[0], one) for one in (*records[1:], 7)]
        found += [("GET", f"{path}?left={left}&right={right}") for left, right in pairs]
        found += [("GET", f"{path}?left=pub-a:t0&right={MARK}-cand:{MARK}cand1")]
    if path in ("/requests/new", "/lending/new"):
        found += [("GET", f"{path}?record={one}") for one in (*ids, "000000000000")]
    if path.startswith("/records/{"):
        found += [("GET", f"/records/{one}?lang=en") for one in ids]
    if path in ("/api/v1/runs", "/api/v1/sources"):
        found += [("GET", f"{path}?source={code}") for code in CODES]
    return found


MOMENT = re.compile(
    r"(?P<page>\d\d:\d\d, \d\d/\d\d/\d{4})|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)"
)
BUSY = 3
"""So often a service that has no time is asked again: it says so, and that is no answer to compare."""
MOVING = re.compile(
    r'name="token" value="[^"]*"|"csrf":"[^"]*"|nonce-[\w-]+|uck_[\w-]+|(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}'
    r'|otpauth://[^"]*|name="secret" value="[^"]*"|(?<=<div class="qr" )[^\n]*'
)
"""What differs from answer to answer in the same federation too."""


def _but_now(found: re.Match[str]) -> str:
    """Take out moments of the asking itself, as of a session's last use, and the end of a key made for it."""
    if found["page"]:
        said = datetime.strptime(found[0], "%H:%M, %d/%m/%Y").replace(tzinfo=VIET_NAM)
    else:
        said = datetime.fromisoformat(found[0])
    ago = datetime.now(VIET_NAM) - said
    return "" if -timedelta(hours=25) < ago < timedelta(hours=3) else found[0]


async def crawl(
    one: World,
    who: str,
    ids: Sequence[str],
    records: Sequence[int],
    searches: Iterable[Mapping[str, str]] = SEARCHES,
) -> Answers:
    """Ask for everything as one viewer; an answer of the kind 5xx fails."""
    one.look_as(who)
    answers: Answers = {}
    table = list(routes_of(one.app))
    assert len(table) > 80
    for path, route in table:
        if path in ("/metrics", "/sign-out"):
            continue
        for method, address in asked(path, route, ids, records, searches):
            status, headers, body = await one.ask(method, address)
            for _ in range(BUSY):
                if status != 503:
                    break
                status, headers, body = await one.ask(method, address)
            if status >= 500:
                raise AssertionError(f"{method} {address}: {status} {body[:300]}")
            kept = [(n, v) for n, v in headers if n not in ("date", "set-cookie", "content-length")]
            answers[method, address] = (status, kept, MOMENT.sub(_but_now, MOVING.sub("", body)))
    return answers


def differences(ours: Answers, theirs: Answers) -> list[str]:
    """Name the requests that were answered otherwise, each with the place where the answers part."""
    told = []
    for key, answer in ours.items():
        left, right = repr(answer), repr(theirs[key])
        if left != right:
            pairs = zip(left, right, strict=False)
            place = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))
            told.append(f"{key}: …{left[max(0, place - 60) : place + 60]} … {right[place : place + 60]}")
    return told


def marks_in(answers: Answers, marks: tuple[str, ...]) -> list[str]:
    """Name the answers with a mark that was not in the question."""
    return [
        f"{method} {address}: {mark}"
        for (method, address), answer in answers.items()
        for mark in marks
        if mark in repr(answer).casefold() and MARK not in address.casefold()
    ]


@dataclass(frozen=True)
class Times:
    """How long answers to two kinds of questions took, asked in turn."""

    what: str
    hidden: tuple[float, ...]
    missing: tuple[float, ...]

    @property
    def longer(self) -> float:
        """How often a hidden one takes longer than a missing one; a half where time tells nothing."""
        ranked = sorted([(one, 0) for one in self.hidden] + [(one, 1) for one in self.missing])
        ranks = sum(place for place, (_, kind) in enumerate(ranked, 1) if kind == 0)
        count = len(self.hidden)
        return (ranks - count * (count + 1) / 2) / (count * len(self.missing))

    @property
    def noise(self) -> float:
        """The standard deviation that `longer` has where both are alike (Mann and Whitney)."""
        one, other = len(self.hidden), len(self.missing)
        return float(((one + other + 1) / (12 * one * other)) ** 0.5)

    def __str__(self) -> str:
        hidden, missing = median(self.hidden) * 1000, median(self.missing) * 1000
        return (
            f"{self.what}: {len(self.hidden)} + {len(self.missing)} answers, medians {hidden:.3f} and"
            f" {missing:.3f} ms, hidden longer in {self.longer:.3f} of pairs (noise ±{self.noise:.3f})"
        )


async def timed(one: World, what: str, hidden: Sequence[str], missing: Sequence[str], rounds: int) -> Times:
    """Ask for hidden and for missing addresses in turn, as the public; all are answered by 404."""
    one.look_as("public")
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds):
        for pair in zip(hidden, missing, strict=True):
            order = (0, 1) if turn % 2 else (1, 0)
            for kind in order:
                status, _, _ = await one.ask("GET", pair[kind])
                times[kind].append(one.seconds[-1])
                assert status == 404, pair[kind]
    return Times(what, tuple(times[0]), tuple(times[1]))
