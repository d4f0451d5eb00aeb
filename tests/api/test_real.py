"""The web over the real store and index: what the catalogue in memory cannot show."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from tests.api.conftest import OPERATOR, TOKEN
from tests.support.database import execute
from unioncat.config import Settings
from unioncat.domain.audience import Audience
from unioncat.domain.library import Group, Province
from unioncat.flow.services import open_services
from unioncat.store import libraries
from unioncat.store.database import Database
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue

LIBRARY = {
    "code": "a",
    "name_vi": "Thư viện A",
    "name_en": "Library A",
    "type": "public",
    "province": "2025-01",
}
SOURCE = {"code": "a", "library": "a", "address": "https://a.example.vn/oai"}


@pytest.fixture
async def web(url: str, db: Database, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with db.begin() as conn:
        await libraries.save_province(conn, Province("2025-01", "01", "Hà Nội", "Hanoi"))
        await libraries.save_group(conn, Group("g", "Nhóm", "Group"))
        await libraries.save_audience(conn, Audience(0, "closed", "Kín", "Closed", "g"))

    @asynccontextmanager
    async def opening() -> AsyncIterator[Catalogue]:
        async with open_services(Settings(home=tmp_path), url, guarded=True) as services:
            yield Catalogue(services)

    app = create_app(opening, operator_token=TOKEN, base_url="http://union.example")
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False), base_url="http://web"
        ) as client,
    ):
        yield client


async def test_an_empty_catalogue_answers_everywhere(web: httpx2.AsyncClient) -> None:
    for address in (
        "/",
        "/search",
        "/search?q=a",
        "/libraries",
        "/sources",
        "/healthz",
        "/readyz",
        "/metrics",
    ):
        assert (await web.get(address)).status_code == 200, address
    for address in (
        "search?q=a&facets=library,year",
        "suggest?q=a",
        "libraries",
        "sources",
        "runs",
        "status",
    ):
        assert (await web.get(f"/api/v1/{address}")).status_code == 200, address
    for address in (
        "/records/abc",
        "/api/v1/records/abc",
        "/api/v1/libraries/a",
        "/api/v1/runs/1",
        "/sources/a",
    ):
        assert (await web.get(address)).status_code == 404, address


async def test_registering_and_steering(web: httpx2.AsyncClient) -> None:
    async def post(address: str, body: object = None) -> httpx2.Response:
        return await web.post(f"/api/v1/{address}", json=body, headers=OPERATOR)

    assert (await post("sources", SOURCE)).status_code == 404
    assert (await post("libraries", {**LIBRARY, "province": "x"})).status_code == 404
    assert (await post("libraries", {**LIBRARY, "audience": "x"})).status_code == 409
    made = await post("libraries", {**LIBRARY, "groups": ["g"], "contact": {"email": "a@a.example.vn"}})
    assert made.status_code == 201
    assert (await web.get("/api/v1/libraries/a")).json()["contact"] == {"email": "a@a.example.vn"}
    assert (await post("libraries", LIBRARY)).status_code == 409
    assert (await post("sources", {**SOURCE, "profile": "x"})).status_code == 409
    assert (await post("sources", SOURCE)).status_code == 201
    assert (await post("sources/a/pause")).json()["state"] == "paused"
    assert (await post("sources/a/resume")).json()["state"] == "active"
    assert (await post("sources/a/harvest")).status_code == 202
    assert (await post("sources/a/harvest")).status_code == 409
    assert (await post("sources/a/accept")).status_code == 409
    for page in ("/sources/a", "/libraries/a", "/libraries"):
        assert "Thư viện A" in (await web.get(page)).text


async def test_a_closed_library_is_the_operators_alone(web: httpx2.AsyncClient) -> None:
    body = {**LIBRARY, "audience": "closed"}
    assert (await web.put("/api/v1/libraries/a", json=body, headers=OPERATOR)).status_code == 201
    source = {**SOURCE, "audience": "closed"}
    assert (await web.put("/api/v1/sources/a", json=source, headers=OPERATOR)).status_code == 201
    for address in ("/api/v1/libraries/a", "/api/v1/sources/a", "/libraries/a", "/sources/a"):
        assert (await web.get(address)).status_code == 404, address
    assert (await web.get("/api/v1/libraries/a", headers=OPERATOR)).status_code == 200
    assert (await web.get("/api/v1/sources/a", headers=OPERATOR)).status_code == 200


async def test_a_connection_that_was_cut_off_is_no_crash(
    web: httpx2.AsyncClient, server: str, url: str
) -> None:
    assert (await web.get("/api/v1/records/abc")).status_code == 404
    name = url.partition("?")[0].rpartition("/")[2]
    await execute(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    answers = [(await web.get("/api/v1/records/abc")).status_code for _ in range(4)]
    assert set(answers) <= {404, 503}
    assert answers[-1] == 404
