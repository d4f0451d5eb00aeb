"""What an attacker tries on the web service, one try a test; docs/security.md names them."""

import hmac
import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.api.conftest import TOKEN
from tests.api.double import Double
from tests.api.people_double import PeopleDouble, somebody
from tests.support.people import PASSWORD, SESSION, add, code, letters, session, signed_in
from unioncat import telemetry
from unioncat.config import Settings
from unioncat.domain.people import Right, Role
from unioncat.flow import entry, people
from unioncat.flow.people import Forbidden
from unioncat.flow.services import Services, open_services
from unioncat.store.errors import Unknown
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue
from unioncat_api.pages.review import here
from unioncat_api.rights import OPEN, routes_of


def test_no_body_takes_a_field_that_it_does_not_know(client: TestClient) -> None:
    tree = client.get("/api/v1/openapi.json").json()
    seen: set[str] = set()

    def follow(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(schema, dict):
            if (name := str(schema.get("$ref", "")).rpartition("/")[2]) and name not in seen:
                seen.add(name)
                yield name, tree["components"]["schemas"][name]
                yield from follow(tree["components"]["schemas"][name])
            for value in schema.values():
                yield from follow(value)
        elif isinstance(schema, list):
            for value in schema:
                yield from follow(value)

    count = 0
    for methods in tree["paths"].values():
        for operation in methods.values():
            for name, schema in follow(operation.get("requestBody", {})):
                if schema.get("type") == "object":
                    count += 1
                    assert schema.get("additionalProperties") is False, name
    assert count > 8


def test_a_form_gives_nobody_what_it_is_not_for(client: TestClient, catalogue: Double) -> None:
    asked = catalogue.people
    assert isinstance(asked, PeopleDouble)
    asked.sessions_known["here"] = somebody(Role.READER, "tvqg")
    client.cookies.set("session", "here")
    page = client.get("/account")
    token = re.findall(r'name="token" value="([^"]+)"', page.text)[0]
    extra = {
        "role": "federation-admin",
        "grants": "federation-admin",
        "active": "true",
        "second": "true",
        "id": "1",
    }
    answer = client.post("/account", data={"token": token, "word": "part", "issuer": "x", **extra})
    assert answer.status_code in (303, 500), "the double keeps no identities"
    assert client.get("/people").status_code == 403
    assert client.get("/audit").status_code == 403


@pytest.mark.parametrize("kind", ["libraries", "sources"])
@pytest.mark.parametrize("prefix", ["/", "/api/v1/"])
def test_what_is_restricted_and_what_is_missing_answer_alike(
    client: TestClient, kind: str, prefix: str
) -> None:
    hidden, missing = client.get(f"{prefix}{kind}/kin"), client.get(f"{prefix}{kind}/kim")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text.replace("kin", "?") == missing.text.replace("kim", "?")
    same = [
        {name: value for name, value in answer.headers.items() if name not in ("content-length", "date")}
        for answer in (hidden, missing)
    ]
    assert same[0] == same[1]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../session.py",
        "/static/%2e%2e/%2e%2e/app.py",
        "/static/..%2f..%2fapp.py",
        "/static/....//app.py",
        "/static//etc/passwd",
        "/static/%00",
        "/static/..\\..\\app.py",
        "/records/..%2f..%2fetc%2fpasswd",
        "/api/v1/profiles/..%2f..%2fpyproject.toml",
        "/link/..%2f..%2faudit",
    ],
)
def test_no_path_leads_out_of_its_folder(client: TestClient, catalogue: Double, path: str) -> None:
    async def nothing(token: str) -> None:
        return None

    catalogue.people.link = nothing  # type: ignore[method-assign,assignment]
    answer = client.get(path)
    assert answer.status_code in (400, 404, 405), answer.status_code
    assert "import" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/api/v1/nothing", "/static/style.css", "/healthz", "/account"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "TRACE", "X-EVIL"])
def test_every_answer_to_every_method_tells_browsers_what_not_to_do(
    client: TestClient, path: str, method: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code < 500
    for name in ("content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy"):
        assert answer.headers.get(name), (method, path, name)


def test_a_crash_says_nothing_of_what_it_held(client: TestClient, catalogue: Double) -> None:
    said = io.StringIO()
    telemetry.configure("info", "console", said)
    catalogue.broken = RuntimeError("connection to postgresql://unioncat:geheim@db/x failed; token=abcdef123")
    try:
        answer = client.get("/api/v1/search?q=x", headers={"Authorization": f"Bearer {TOKEN}"})
    finally:
        telemetry.configure()
    assert answer.status_code == 500
    assert "geheim" not in answer.text
    text = said.getvalue()
    assert "Traceback" in text
    for secret in ("geheim", "abcdef123", TOKEN):
        assert secret not in text


async def test_numbers_of_people_and_invitations_tell_a_library_nothing(url: str, tmp_path: Path) -> None:
    from unioncat.domain.library import Library, LibraryType
    from unioncat.store import libraries

    async with open_services(Settings(home=tmp_path / "home"), url) as services:
        async with services.db.begin() as conn:
            for one in ("truong", "khac"):
                await libraries.save_library(conn, Library(one, one, one, LibraryType.SCHOOL))
        await add(services, "lan@example.vn", Role.FEDERATION_ADMIN, second=True)
        boss = await signed_in(services, "lan@example.vn")
        await add(services, "thu@example.vn", Role.LIBRARY_ADMIN, "truong", second=True)
        person = await signed_in(services, "thu@example.vn")
        there = await add(services, "xa@example.vn", Role.READER, "khac")
        await people.invite(services, boss, "moi@example.vn", Role.READER, "khac", "http://x")
        (invited,) = await people.invitations(services, boss, "khac")
        for number in (there, there + 1000):
            for task in (people.let_go, people.bring_back, people.forget_second_factor):
                with pytest.raises(Forbidden):
                    await task(services, person, number)
            for change in (people.give_role, people.take_role):
                with pytest.raises(Forbidden):
                    await change(services, person, number, Role.READER, "truong")
        for number in (invited.id, invited.id + 1000):
            with pytest.raises(Unknown):
                await people.end_invitation(services, person, number)


@pytest.mark.parametrize("form", ["console", "json"])
async def test_no_secret_of_signing_in_reaches_a_log(url: str, tmp_path: Path, form: str) -> None:
    """A whole life at the pages: refused, let in, code, key, reset, link; and each step once with a fault."""
    said = io.StringIO()
    secrets: set[str] = {PASSWORD, "sai " + PASSWORD, TOKEN}
    async with open_services(
        Settings(home=tmp_path / "home", smtp_url="smtp://u:hush@127.0.0.1:9"), url
    ) as services:
        await add(services, "lan@example.vn", Role.FEDERATION_ADMIN, second=True)
        boss = await signed_in(services, "lan@example.vn")

        @asynccontextmanager
        async def opening() -> AsyncIterator[Catalogue]:
            yield Catalogue(services)

        app = create_app(opening, operator_token=TOKEN, base_url="http://union.example")
        telemetry.configure("debug", form, said)
        try:
            async with app.router.lifespan_context(app):
                transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
                async with httpx2.AsyncClient(transport=transport, base_url="http://union.example") as client:
                    for password in ("sai " + PASSWORD, PASSWORD):
                        form_of = {"email": "lan@example.vn", "password": password}
                        answer = await client.post("/sign-in", data=form_of)
                    secrets.add(client.cookies["session"])
                    async with services.db.begin() as conn:
                        from unioncat.store import people as store

                        await store.change(conn, boss.account.id, totp_step=None)
                    secrets.add(code())
                    answer = await client.post("/sign-in/code", data={"code": code()})
                    assert answer.status_code == 303
                    secrets.add(client.cookies["session"])
                    page = await client.get("/account")
                    csrf = re.findall(r'name="token" value="([^"]+)"', page.text)[0]
                    secrets.add(csrf)
                    made = await client.post(
                        "/account",
                        data={"token": csrf, "word": "key", "name": "x", "days": "30", "scope": "people"},
                    )
                    key = re.findall(r"uck_[\w-]+", made.text)[0]
                    secrets.add(key)
                    head = {"Authorization": f"Bearer {key}"}
                    wanted = {"email": "moi@example.vn", "role": "auditor"}
                    invited = await client.post("/api/v1/people/invitations", json=wanted, headers=head)
                    secrets.add(invited.json()["link"].rpartition("/")[2])
                    await client.post("/forgotten", data={"email": "lan@example.vn"})
                    await services.db.close()
                    for path in ("/account", "/api/v1/people", "/link/" + invited.json()["link"][-32:]):
                        await client.get(path, headers=head)
        finally:
            telemetry.configure()
    for letter in letters(tmp_path / "home"):
        secrets.update(re.findall(r"/link/(\S+)", letter))
    secrets.add("hush")
    text = said.getvalue()
    assert "a letter" in text, "the log was caught"
    for secret in secrets:
        if len(secret) > 6:
            assert secret not in text, secret
            assert json.dumps(secret).strip('"') not in text


def test_what_a_key_may_is_never_more_than_its_person(client: TestClient, catalogue: Double) -> None:
    """A key of somebody whose role was taken is worth nothing although it lists the scope."""
    asked = catalogue.people
    assert isinstance(asked, PeopleDouble)
    key = asked.key(Role.LIBRARY_ADMIN, "tvqg")
    held = asked.keys_known[key]
    asked.keys_known[key] = replace(held, account=replace(held.account, grants=()), scopes=frozenset(Right))
    answer = client.post("/api/v1/sources/tvqg/harvest", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 403


def test_no_form_of_another_site_is_taken_anywhere(client: TestClient) -> None:
    client.cookies.set("session", SESSION)
    word = hmac.new(SESSION.encode(), b"form", "sha256").hexdigest()
    telemetry.configure("error", "json", io.StringIO())  # what the double cannot do is told at length
    taken, asked = 0, 0
    for path, route in routes_of(client.app):  # type: ignore[arg-type]
        if "POST" in route.methods and not path.startswith("/api/") and path != "/sign-out":
            asked += 1
            for head in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
                assert client.post(address_of(path), data={"token": word}, headers=head).status_code == 403, (
                    path
                )
            own = client.post(
                address_of(path), data={"token": word}, headers={"Sec-Fetch-Site": "same-origin"}
            )
            taken += own.status_code != 403
    telemetry.configure()
    assert taken == asked > 40, "each of them is taken from our own pages"


def test_no_form_without_the_word_of_its_session_is_taken(client: TestClient, catalogue: Double) -> None:
    """Also where whoever has signed in may: one's own account, second factor, keys."""
    client.cookies.set("session", SESSION)
    asked = 0
    for path, route in routes_of(client.app):  # type: ignore[arg-type]
        if "POST" in route.methods and not path.startswith("/api/") and path not in OPEN:
            asked += 1
            for word in ("", "0" * 64, hmac.new(b"another", b"form", "sha256").hexdigest()):
                answer = client.post(address_of(path), data={"token": word, "word": "end-others"})
                assert answer.status_code == 403, path
    assert asked > 25


def address_of(path: str) -> str:
    """Fill an address with something that it can be about."""
    path = path.replace("{number}", "00000000-0000-0000-0000-000000000000" if "/r/" in path else "7")
    if path.startswith(("/requests/7", "/sources/{code}/uploads/7")):
        path = path.replace("7", "00000000-0000-0000-0000-000000000000")
    return re.sub(r"{[^}]*}", "tvqg", path)


@given(
    st.text(max_size=60)
    | st.builds(
        "{}{}".format,
        st.sampled_from(
            ["/", "//", "/review", "/people", "/account", "\\", "/%2f", "https:", "/search?q=", "/\t/"]
        ),
        st.text("/\\.:@%?#evil\t\n ", max_size=30),
    )
)
def test_no_address_to_go_back_to_leads_elsewhere(back: str) -> None:
    kept = here(back)
    assert kept.startswith("/")
    browsers = kept.replace("\\", "/")  # browsers read it so, and leave out tabs and ends of lines
    browsers = re.sub(r"[\t\r\n]", "", browsers)
    assert urlsplit(urljoin("http://union.example/x", browsers)).netloc == "union.example"
    assert not browsers.startswith("//")


async def test_a_session_that_was_planted_is_never_the_one_that_is_signed_in(
    url: str, tmp_path: Path
) -> None:
    """Made up, waiting for its code, or whole: it goes on being worth what it was, and no more."""
    async with open_services(Settings(home=tmp_path / "home"), url) as services:
        await add(services, "lan@example.vn", Role.FEDERATION_ADMIN, second=True)
        await add(services, "evil@example.vn", Role.FEDERATION_ADMIN, second=True)
        waiting = await entry.sign_in(services, "evil@example.vn", PASSWORD, address=None, device="")
        whole = await session(services, "evil@example.vn")

        @asynccontextmanager
        async def opening() -> AsyncIterator[Catalogue]:
            yield Catalogue(services)

        app = create_app(opening, operator_token=TOKEN, base_url="http://union.example")
        async with app.router.lifespan_context(app):
            for planted in ("made-up", waiting.token, whole):
                await forget_step(services, "lan@example.vn")
                transport = httpx2.ASGITransport(app=app)
                async with httpx2.AsyncClient(transport=transport, base_url="http://union.example") as client:
                    client.cookies.set("session", planted, domain="union.example", path="/")
                    form = {"email": "lan@example.vn", "password": PASSWORD}
                    await client.post("/sign-in", data=form)
                    half = client.cookies["session"]
                    await client.post("/sign-in/code", data={"code": code()})
                    full = client.cookies["session"]
                assert len({planted, half, full}) == 3
                known = [await entry.whose(services, one) for one in (planted, half, full)]
                assert known[2] is not None
                assert known[2].account.email == "lan@example.vn"
                assert known[1] is None, "a session that waited ends with the code"
                assert known[0] is None or known[0].account.email == "evil@example.vn"


async def forget_step(services: Services, email: str) -> None:
    """Let the code of this moment be right once more."""
    from unioncat.store import people as store

    async with services.db.begin() as conn:
        found = await store.by_email(conn, email)
        assert found is not None
        await store.change(conn, found.id, totp_step=None)
