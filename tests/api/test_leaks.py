"""What a viewer may not see changes no answer: federations equal but for what is restricted are compared.

Every address of the route table is asked for; an address that this test does not know how to ask fails it.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
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
from tests.flows.circles import CIRCLES, MARK, fill
from tests.flows.conftest import execute, named, server, template
from unioncat.config import Settings
from unioncat.domain.audience import Viewer
from unioncat.flow.services import open_services
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import viewer
from unioncat_api.session import page_viewer

__all__ = ["server", "template"]


@dataclass(frozen=True)
class World:
    """A federation behind its web, asked as one viewer after another."""

    app: FastAPI
    client: httpx2.AsyncClient
    viewers: dict[str, Viewer]
    ids: tuple[str, ...]
    """Public ids of all clusters, the hidden ones included."""
    records: tuple[int, ...]

    def look_as(self, who: str) -> None:
        """Ask from now on as this viewer."""
        self.app.dependency_overrides = {one: lambda: self.viewers[who] for one in (viewer, page_viewer)}
        self.app.state.directories.forget()

    async def ask(self, method: str, address: str) -> tuple[int, list[tuple[str, str]], str]:
        """Give status, headers and text of an answer."""
        self.client.cookies.clear()  # an answer to a question of another language sets one
        answer = await self.client.request(method, address)
        headers = sorted((n, v) for n, v in answer.headers.items() if n != "x-request-id")
        return answer.status_code, headers, answer.text


@asynccontextmanager
async def world(server: str, template: str, home: Path, present: tuple[str, ...]) -> AsyncIterator[World]:
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
            viewers = await fill(services, present)
            async with services.db.as_service() as conn:
                ids = tuple((await conn.execute(text("SELECT public_id FROM cluster ORDER BY 1"))).scalars())
                records = tuple((await conn.execute(text("SELECT id FROM bib_record ORDER BY 1"))).scalars())
        app = create_app(opening, operator_token=TOKEN, base_url="http://union.example")
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False), base_url="http://web"
            ) as client,
        ):
            yield World(app, client, viewers, ids, records)
    finally:
        await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


WORDS = (
    "", "song nui", "sông núi xưa", "nguyen van a", "noi", "pho", f"{MARK}", f"{MARK}cand",
    f"{MARK}candtacgia", "giao trinh", "sogn nui", "bien dao nya", "trruyen co ba", "9786041157910",
    "title:song", "mới -núi",    '"làng nghề"', "cau noi", "x", "zzmatkand", "sông sông",
)  # fmt: skip
SEARCHES = (
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


def asked(route: APIRoute, ids: tuple[str, ...], records: tuple[int, ...]) -> list[tuple[str, str]]:
    """Give all requests to one address: every value of its parameters that could tell something."""
    codes = ("pub-a", "pub-b", *(f"{MARK}-{one}" for one in CIRCLES), "missing")
    small = tuple(str(one) for one in range(1, 9))
    pools = {
        "code": codes,
        "kind": ("not-found", "x"),
        "id": (*ids, "000000000000") if "/records/" in route.path else (*small, str(UUID(int=7))),
        "number": (*small, str(UUID(int=7))),
        "token": ("nonsense",),
        "scheme": ("isbn",),
        "value": ("9786041157910",),
    }
    names = re.findall(r"{(\w+)(?::\w+)?}", route.path)
    unknown = set(names) - set(pools)
    assert not unknown, f"{route.path}: give this test values for {unknown}"
    found: list[tuple[str, str]] = []
    for values in product(*(pools[name] for name in names)):
        address = route.path
        for name, value in zip(names, values, strict=True):
            address = re.sub(rf"{{{name}(:\w+)?}}", value, address)
        found += [(method, address) for method in sorted(route.methods - {"HEAD"})]
    if route.path in ("/search", "/api/v1/search"):
        found += [("GET", f"{route.path}?{httpx2.QueryParams(one)}") for one in SEARCHES]
    if route.path in ("/suggest", "/api/v1/suggest"):
        found += [
            ("GET", f"{route.path}?{httpx2.QueryParams({'q': one})}") for one in (*WORDS, "sô", "ngu", "gi")
        ]
    if route.path == "/api/v1/records/explain":
        pairs = [(records[0], one) for one in (*records[1:], 7)]
        found += [("GET", f"{route.path}?left={left}&right={right}") for left, right in pairs]
        found += [("GET", f"{route.path}?left=pub-a:t0&right={MARK}-cand:{MARK}cand1")]
    if route.path.startswith("/records/{"):
        found += [("GET", f"/records/{one}?lang=en") for one in ids]
    if route.path in ("/api/v1/runs", "/api/v1/sources"):
        found += [("GET", f"{route.path}?source={code}") for code in codes]
    return found


def routes(app: FastAPI) -> list[APIRoute]:
    """Give the application's whole route table, what was included in it too."""
    found: list[APIRoute] = []
    todo = list(app.routes)
    while todo:
        one = todo.pop(0)
        if isinstance(one, APIRoute):
            found.append(one)
        elif hasattr(one, "original_router"):
            todo += one.original_router.routes
    return found


MOVING = re.compile(r'name="token" value="[^"]*"|"csrf":"[^"]*"|nonce-[\w-]+')
"""What differs from answer to answer in the same federation too."""


def differences(ours: dict[tuple[str, str], object], theirs: dict[tuple[str, str], object]) -> list[str]:
    """Name the requests that were answered otherwise, each with the place where the answers part."""
    told = []
    for key, answer in ours.items():
        left, right = repr(answer), repr(theirs[key])
        if left != right:
            place = next(n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b)
            told.append(f"{key}: …{left[place - 60 : place + 60]} … {right[place : place + 60]}")
    return told


async def crawl(
    one: World, who: str, ids: tuple[str, ...], records: tuple[int, ...]
) -> dict[tuple[str, str], object]:
    one.look_as(who)
    answers: dict[tuple[str, str], object] = {}
    table = routes(one.app)
    assert len(table) > 80
    for route in table:
        if route.path == "/metrics":
            continue
        for method, address in asked(route, ids, records):
            status, headers, body = await one.ask(method, address)
            if status >= 500:
                raise AssertionError(f"{method} {address}: {status} {body[:300]}")
            kept = [(n, v) for n, v in headers if n not in ("date", "set-cookie", "content-length")]
            answers[method, address] = (status, kept, MOVING.sub("", body))
    return answers


def marks_in(answers: dict[tuple[str, str], object], marks: tuple[str, ...]) -> list[str]:
    """Name the answers with a mark that was not in the question."""
    return [
        f"{method} {address}: {mark}"
        for (method, address), answer in answers.items()
        for mark in marks
        if mark in repr(answer).casefold() and MARK not in address.casefold()
    ]


async def test_what_is_restricted_changes_no_answer(server: str, template: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        whole = await stack.enter_async_context(world(server, template, tmp_path / "a", CIRCLES))
        bare = await stack.enter_async_context(world(server, template, tmp_path / "b", ()))
        alone = await stack.enter_async_context(world(server, template, tmp_path / "c", ("cand",)))
        assert len(whole.ids) > len(alone.ids) > len(bare.ids)
        with_it = await crawl(whole, "public", whole.ids, whole.records)
        without = await crawl(bare, "public", whole.ids, whole.records)
        assert len(with_it) > 200
        assert marks_in(with_it, (MARK,)) == []
        assert not (parted := differences(with_it, without)), "\n".join(parted)
        group = await crawl(whole, "cand", whole.ids, whole.records)
        group_alone = await crawl(alone, "cand", whole.ids, whole.records)
        assert marks_in(group, tuple(f"{MARK}{one}" for one in CIRCLES if one != "cand")) == []
        assert not (parted := differences(group, group_alone)), "\n".join(parted)
        await restricted_and_missing_ids_take_the_same_time(whole, bare)
        assert sum(f"{MARK}cand" in repr(answer) for answer in group.values()) > 10, "the group sees its own"


async def restricted_and_missing_ids_take_the_same_time(whole: World, bare: World) -> None:
    """Ask for hidden and for missing ids in turn; the medians differ by less than answers of one kind do."""
    whole.look_as("public")
    hidden = sorted(set(whole.ids) - set(bare.ids))[:5]
    missing = [f"{n:012}" for n in range(5)]
    times: dict[str, list[float]] = {"hidden": [], "missing": []}
    for _ in range(40):
        for one, other in zip(hidden, missing, strict=True):
            for kind, name in (("hidden", one), ("missing", other)):
                begun = perf_counter()
                answer = await whole.client.get(f"/api/v1/records/{name}")
                times[kind].append(perf_counter() - begun)
                assert answer.status_code == 404
    apart = abs(median(times["hidden"]) - median(times["missing"]))
    spread = median(abs(one - median(times["missing"])) for one in times["missing"])
    print(f"medians {median(times['hidden']):.5f} {median(times['missing']):.5f} s, spread {spread:.5f} s")
    assert apart < max(2 * spread, 0.0005)
