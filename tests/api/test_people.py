"""People and keys by JSON over a real database: what a key of whom may do to whom."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from tests.api.conftest import OPERATOR, TOKEN
from tests.support.people import add, letters, signed_in
from unioncat.config import Settings
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.people import Right, Role
from unioncat.flow import audit, entry
from unioncat.flow.services import Services, open_services
from unioncat.store import libraries
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue


class Web:
    """The interface, and keys of people."""

    def __init__(self, services: Services, client: httpx2.AsyncClient) -> None:
        self.services = services
        self.client = client

    async def key(
        self, email: str, role: Role, library: str | None, *scopes: Right, days: int = 30
    ) -> tuple[int, dict[str, str]]:
        number = await add(self.services, email, role, library, second=True)
        person = await signed_in(self.services, email)
        made = await entry.make_key(
            self.services, person, "x", scopes or (Right.PEOPLE,), timedelta(days=days)
        )
        return number, {"Authorization": f"Bearer {made}"}

    async def ask(self, method: str, path: str, head: dict[str, str], body: object = None) -> httpx2.Response:
        return await self.client.request(method, f"/api/v1/{path}", headers=head, json=body)


@pytest.fixture
async def web(url: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with open_services(Settings(home=tmp_path / "home", workers=1), url) as services:
        async with services.db.begin() as conn:
            for code in ("truong", "khac"):
                await libraries.save_library(conn, Library(code, code, code, LibraryType.SCHOOL))

        @asynccontextmanager
        async def opening() -> AsyncIterator[Catalogue]:
            yield Catalogue(services)

        app = create_app(opening, operator_token=TOKEN, base_url="http://union.example")
        async with app.router.lifespan_context(app):
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://union.example") as client:
                yield Web(services, client)


async def test_people_are_invited_given_roles_and_let_go(web: Web) -> None:
    boss, head = await web.key("lan@example.vn", Role.FEDERATION_ADMIN, None)
    invited = {"email": "thu@example.vn", "role": "reader", "library": "truong"}
    made = await web.ask("POST", "people/invitations", head, invited)
    assert made.status_code == 201
    assert made.json()["link"].startswith("http://union.example/link/")
    assert any(made.json()["link"] in one for one in letters(web.services.settings.home))
    (open_one,) = (await web.ask("GET", "people/invitations", head)).json()["items"]
    assert open_one["role"] == "reader"
    assert "link" not in open_one
    assert (await web.ask("DELETE", f"people/invitations/{open_one['id']}", head)).status_code == 204
    assert (await web.ask("DELETE", f"people/invitations/{open_one['id']}", head)).status_code == 404
    other = await add(web.services, "hoa@example.vn", Role.READER, "truong")
    grant = {"role": "cataloguer", "library": "truong"}
    assert (await web.ask("PUT", f"people/{other}/roles", head, grant)).status_code == 204
    found = (await web.ask("GET", "people?library=truong", head)).json()["items"]
    assert [one["role"] for one in found[0]["roles"]] == ["reader", "cataloguer"]
    assert (await web.ask("POST", f"people/{other}/roles/take", head, grant)).status_code == 204
    assert (await web.ask("POST", f"people/{other}/roles/take", head, grant)).status_code == 404
    for word in ("let-go", "bring-back", "forget-second-factor"):
        assert (await web.ask("POST", f"people/{other}/{word}", head)).status_code == 204
    assert (await web.ask("POST", f"people/{boss}/let-go", head)).status_code == 409
    assert (await web.ask("POST", "people/999/let-go", head)).status_code == 404
    said = [one.action for one in await audit.entries(web.services)]
    assert said[:4] == [
        "second-factor.forgotten",
        "people.brought-back",
        "people.let-go",
        "people.role-taken",
    ]


async def test_a_library_administrators_key_ends_at_the_library(web: Web) -> None:
    await web.key("lan@example.vn", Role.FEDERATION_ADMIN, None)
    _, head = await web.key("thu@example.vn", Role.LIBRARY_ADMIN, "truong")
    both = await add(web.services, "hoa@example.vn", Role.READER, "truong")
    await add(web.services, "hoa@example.vn", Role.FEDERATION_ADMIN)
    there = await add(web.services, "xa@example.vn", Role.READER, "khac")
    assert (await web.ask("GET", "people", head)).status_code == 403
    assert (await web.ask("GET", "people?library=khac", head)).status_code == 403
    assert (await web.ask("GET", "people?library=none", head)).status_code == 403
    assert "federation-admin" not in (await web.ask("GET", "people?library=truong", head)).text
    beyond = (
        ("khac", "reader"),
        (None, "federation-admin"),
        ("truong", "federation-admin"),
        (None, "cataloguer"),
    )
    for place, role in beyond:
        wanted = {"email": "x@example.vn", "role": role, "library": place}
        assert (await web.ask("POST", "people/invitations", head, wanted)).status_code == 403, wanted
        assert (
            await web.ask("PUT", f"people/{both}/roles", head, wanted | {"email": None})
        ).status_code == 422
        del wanted["email"]
        assert (await web.ask("PUT", f"people/{both}/roles", head, wanted)).status_code == 403
    grant = {"role": "lending", "library": "truong"}
    assert (await web.ask("PUT", f"people/{there}/roles", head, grant)).status_code == 403
    for word in ("let-go", "bring-back", "forget-second-factor"):
        for who in (both, there):
            assert (await web.ask("POST", f"people/{who}/{word}", head)).status_code == 403


async def test_keys_never_give_more_than_they_have(web: Web) -> None:
    _, head = await web.key("lan@example.vn", Role.FEDERATION_ADMIN, None, Right.PEOPLE, Right.FILES, days=30)
    wanted = {"name": "máy quét", "scopes": ["files"], "days": 20}
    made = await web.ask("POST", "keys", head, wanted)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "private, no-store"
    assert (await web.ask("POST", "keys", head, wanted | {"scopes": ["audit"]})).status_code == 409
    assert (await web.ask("POST", "keys", head, wanted | {"days": 31})).status_code == 409
    assert (await web.ask("POST", "keys", head, wanted | {"operator": True})).status_code == 422
    child = {"Authorization": f"Bearer {made.json()['key']}"}
    assert (await web.ask("GET", "keys", child)).status_code == 403
    found = (await web.ask("GET", "keys", head)).json()["items"]
    assert [one["name"] for one in found] == ["máy quét", "x"]
    assert made.json()["key"] not in str(found)
    _, other = await web.key("hoa@example.vn", Role.LIBRARY_ADMIN, "truong")
    assert (await web.ask("DELETE", f"keys/{found[0]['id']}", other)).status_code == 204
    assert len((await web.ask("GET", "keys", head)).json()["items"]) == 2, "somebody else's stays"
    assert (await web.ask("DELETE", f"keys/{found[0]['id']}", head)).status_code == 204
    assert (await web.ask("GET", "libraries", child)).status_code == 401


async def test_the_operators_token_is_nobodys_and_a_key_needs_the_scope(web: Web) -> None:
    _, narrow = await web.key("lan@example.vn", Role.FEDERATION_ADMIN, None, Right.FILES)
    _, reader = await web.key("doc@example.vn", Role.CATALOGUER, "truong", Right.FILES)
    for head in (OPERATOR, narrow, reader):
        for method, path in (("GET", "people"), ("GET", "keys"), ("POST", "people/1/let-go")):
            assert (await web.ask(method, path, head)).status_code == 403
    assert (await web.ask("GET", "people", {})).status_code == 401
