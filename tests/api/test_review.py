"""Decisions and explanations by JSON, over the real store: for operators, and what everybody may know."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.api.conftest import OPERATOR, TOKEN
from tests.flows.conftest import add_source
from tests.flows.test_join import book, put, sets, state
from unioncat.config import Settings
from unioncat.domain.audience import Audience
from unioncat.flow import pipeline
from unioncat.flow.services import Services, open_services
from unioncat.store import libraries
from unioncat.store.database import Database
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue

SHARED = "9786041157910"


@pytest.fixture
async def services(url: str, tmp_path: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=tmp_path, workers=1), url) as opened:
        yield opened


@pytest.fixture
async def web(services: Services, url: str, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    source = await add_source(services.db, "lib-a")
    bare = book(isbn=SHARED, author=None, year=None, pages=None)
    records = {"a": book("Truyện cô Ba"), "b": book("Truyện cô Bà"), "x": bare, "y": bare}
    await put(services.db, source, records)
    await pipeline.process(services)

    @asynccontextmanager
    async def opening() -> AsyncIterator[Catalogue]:
        async with open_services(Settings(home=tmp_path, workers=1), url, guarded=True) as guarded:
            yield Catalogue(guarded)

    app = create_app(opening, operator_token=TOKEN, base_url="http://union.example")
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False), base_url="http://web"
        ) as client,
    ):
        yield client


async def explained(web: httpx2.AsyncClient, **headers: str) -> dict[str, Any]:
    query = {"left": "lib-a:a", "right": "lib-a:b"}
    answer = await web.get("/api/v1/records/explain", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_pair_is_explained_decided_explained_and_undone(
    web: httpx2.AsyncClient, services: Services
) -> None:
    before = await explained(web)
    assert (before["outcome"], before["verdict"], before["path"]) == ("unsure", "unsure", [])
    assert before["evidence"][-1]["feature"] == "doubt"
    assert before["stored"]["rules"] == before["rules"]
    assert before["left"]["local_id"] == "a"
    pairs = (await web.get("/api/v1/review/pairs", headers=OPERATOR)).json()
    assert (pairs["total"], pairs["more"], len(pairs["items"])) == (1, False, 1)
    body = {"left": "lib-a:a", "right": before["right"]["record"], "verdict": "same", "by": "Lan"}
    made = await web.post("/api/v1/review/decisions", json={**body, "reason": "đã xem"}, headers=OPERATOR)
    assert made.status_code == 201
    assert made.json()["left_ref"].startswith("lib-a:")
    assert (await explained(web))["waiting"]
    await pipeline.process(services)
    public = await explained(web)
    assert public["outcome"] == "person-joined"
    assert (public["decisions"], "by" in public["path"][0], public["path"][0]["person"]) == ([], False, True)
    private = await explained(web, **OPERATOR)
    assert private["decisions"][0]["reason"] == "đã xem"
    assert private["path"][0]["by"] == "Lan"
    assert sets("ab") <= set((await state(services.db)).values())
    number = made.json()["id"]
    undo = f"/api/v1/review/decisions/{number}/undo"
    assert (await web.post(undo, json={"by": "Minh"}, headers=OPERATOR)).json()["items"][0][
        "undone_by"
    ] == "Minh"
    assert (await web.post(undo, json={"by": "Minh"}, headers=OPERATOR)).status_code == 409
    listed = (await web.get("/api/v1/review/decisions", headers=OPERATOR)).json()["items"]
    assert [(one["id"], one["counts"]) for one in listed] == [(number, False)]
    older = await web.get("/api/v1/review/decisions", params={"before": number}, headers=OPERATOR)
    assert older.json() == {"items": []}


async def test_identifiers_by_json(web: httpx2.AsyncClient, services: Services) -> None:
    assert sets("xy") <= set((await state(services.db)).values())
    body = {"scheme": "isbn", "value": "978-604-1-15791-0", "reason": "in nhầm", "by": "Lan"}
    made = await web.post("/api/v1/review/distrusted", json=body, headers=OPERATOR)
    assert made.status_code == 201
    assert [one["value"] for one in made.json()["items"]] == [SHARED]
    await pipeline.process(services)
    assert sets("x", "y") <= set((await state(services.db)).values())
    gone = await web.delete(f"/api/v1/review/distrusted/isbn/{SHARED}", headers=OPERATOR)
    assert gone.status_code == 204
    assert (await web.get("/api/v1/review/distrusted", headers=OPERATOR)).json() == {"items": []}
    again = await web.delete(f"/api/v1/review/distrusted/isbn/{SHARED}", headers=OPERATOR)
    assert again.status_code == 404


async def test_only_operators_read_and_write_decisions(web: httpx2.AsyncClient) -> None:
    body = {"left": "lib-a:a", "right": "lib-a:b", "verdict": "same", "by": "Lan"}
    asked: list[tuple[str, str, Any]] = [
        ("GET", "pairs", None),
        ("GET", "decisions", None),
        ("POST", "decisions", body),
        ("POST", "decisions/1/undo", {"by": "Lan"}),
        ("GET", "distrusted", None),
        ("POST", "distrusted", {"scheme": "isbn", "value": SHARED, "by": "Lan"}),
        ("DELETE", f"distrusted/isbn/{SHARED}", None),
    ]
    for method, path, json in asked:
        assert (await web.request(method, f"/api/v1/review/{path}", json=json)).status_code == 401, path
    listed = await web.get("/api/v1/review/decisions", headers=OPERATOR)
    assert listed.json() == {"items": []}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"by": ""}, 422),
        ({"by": " "}, 422),
        ({"verdict": "maybe"}, 422),
        ({"reason": "a\u0000"}, 422),
        ({"extra": 1}, 422),
        ({"right": "lib-a:a"}, 409),
        ({"right": "a"}, 409),
        ({"right": "lib-a:q"}, 404),
    ],
)
async def test_a_decision_that_is_not_sound_is_refused(
    web: httpx2.AsyncClient, change: dict[str, Any], status: int
) -> None:
    body = {"left": "lib-a:a", "right": "lib-a:b", "verdict": "same", "by": "Lan", **change}
    answer = await web.post("/api/v1/review/decisions", json=body, headers=OPERATOR)
    assert answer.status_code == status
    assert answer.json()["remedy"]


async def test_a_hidden_record_is_explained_to_nobody_else(
    web: httpx2.AsyncClient, services: Services, db: Database
) -> None:
    closed = await add_source(db, "closed")
    async with db.begin() as conn:
        circle = await libraries.save_audience(conn, Audience(0, "cand", "CAND", "CAND"))
    await put(db, closed, {"a": book("Truyện cô Ba")}, audience=circle.id)
    await pipeline.process(services)
    query = {"left": "lib-a:a", "right": "closed:a"}
    hidden = await web.get("/api/v1/records/explain", params=query)
    missing = await web.get("/api/v1/records/explain", params={**query, "right": "closed:q"})
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert set(hidden.json()) == set(missing.json())
    shown = await web.get("/api/v1/records/explain", params=query, headers=OPERATOR)
    assert shown.json()["outcome"] == "other-audience"
