"""Signing in by a real provider of identities, in a real browser: there, back, and what goes wrong."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from tests.pages.browsing import CONTRAST, open_page
from tests.pages.living import Living, living
from tests.support.people import add, administrator
from unioncat.config import write_secret
from unioncat.domain.openid import Attempt
from unioncat.domain.people import Role
from unioncat.flow import entry, people
from unioncat.flow.services import Services

pytestmark = pytest.mark.browser


@contextmanager
def provider() -> Iterator[str]:
    """Run the provider; it is told of people by the test."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    from oidc_provider_mock import app
    from werkzeug.serving import make_server

    running = make_server("127.0.0.1", 0, app(require_nonce=True), threaded=True)
    thread = threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        running.server_close()


@pytest.fixture(scope="module")
def there() -> Iterator[str]:
    with provider() as address:
        yield address


@pytest.fixture(scope="module")
def service(
    server: str, template: str, there: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Living]:
    home = tmp_path_factory.mktemp("openid")
    write_secret(home / "secrets" / "oidc_client_secret", "a secret between the two")
    settings = {"oidc_issuer": there, "oidc_client_id": "unioncat", "oidc_label": "Cổng ngành"}
    with living(server, template, home, **settings) as running:
        yield running


def know(there: str, who: str, **claims: Any) -> None:
    httpx2.put(f"{there}/users/{who}", json=claims).raise_for_status()


async def invite(services: Services) -> None:
    boss = await entry.whose(services, await administrator(services, "chu@example.vn"))
    assert boss is not None
    await people.invite(services, boss, "thu@example.vn", Role.CATALOGUER, None, "http://x")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_invited_person_comes_in_by_the_provider(
    browser: Browser, service: Living, there: str, scripts: bool
) -> None:
    if scripts:
        service.ask(invite)
    know(there, "thu-1", email="thu@example.vn", email_verified=True, name="Nguyễn Thu")
    page = open_page(browser, service.address, "phone", java_script_enabled=scripts)
    page.goto("/review")
    page.get_by_role("link", name="Đăng nhập bằng Cổng ngành").click()
    page.get_by_placeholder("sub").fill("thu-1")
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(f"{service.address}/review")
    page.goto("/account")
    expect(page.get_by_text("Nguyễn Thu").first).to_be_visible()
    expect(page.get_by_text(there)).to_be_visible()
    names = {one["name"] for one in page.context.cookies(service.address)}
    assert names == {"session"}
    if scripts:
        assert page.evaluate(CONTRAST) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_strangers_and_refusals_are_told_alike(browser: Browser, service: Living, there: str) -> None:
    know(there, "ai", email="lan@example.vn", email_verified=False)
    for way in ("Authorize", "Deny"):
        page = open_page(browser, service.address)
        page.goto("/sign-in")
        page.get_by_role("link", name="Đăng nhập bằng Cổng ngành").click()
        if way == "Authorize":
            page.get_by_placeholder("sub").fill("ai")
        page.get_by_role("button", name=way).click()
        expect(page.get_by_role("alert")).to_contain_text("Không đăng nhập được bằng nhà cung cấp")
        assert page.context.cookies(service.address) == []


def test_an_answer_is_worth_something_only_in_the_browser_that_asked(service: Living, there: str) -> None:
    """Forged and stolen answers, and ones that are used again."""
    service.ask(lambda services: add(services, "mai@example.vn", Role.READER))
    know(there, "mai", email="mai@example.vn", email_verified=True)

    def leave(client: httpx2.Client, back: str = "/review") -> str:
        away = client.get("/sign-in/openid", params={"back": back})
        assert away.status_code == 303
        asked = parse_qs(urlsplit(away.headers["location"]).query)
        token = client.cookies["openid"].partition(".")[0]
        assert asked["state"] == [Attempt(token).state]
        assert asked["code_challenge_method"] == ["S256"]
        assert "HttpOnly" in away.headers["set-cookie"]
        assert "SameSite=lax" in away.headers["set-cookie"]
        given = httpx2.post(away.headers["location"], data={"sub": "mai"})
        assert given.status_code == 302
        return str(given.headers["location"])

    with httpx2.Client(base_url=service.address) as victim, httpx2.Client(base_url=service.address) as thief:
        stolen = leave(victim)
        leave(thief)
        for client in (thief, httpx2.Client(base_url=service.address)):
            refused = client.get(stolen)
            assert refused.status_code == 403
            assert "session" not in client.cookies
        state = parse_qs(urlsplit(stolen).query)["state"][0]
        for query in ({}, {"code": "x"}, {"state": state}, {"code": "wrong", "state": state}):
            leave(victim)
            assert victim.get("/sign-in/openid/back", params=query).status_code == 403
        good = leave(victim, "//evil.example")
        cookie = victim.cookies["openid"]
        came = victim.get(good)
        assert (came.status_code, came.headers["location"]) == (303, "/account")
        assert victim.cookies["session"]
        again = httpx2.get(good, headers={"cookie": f"openid={cookie}"})
        assert again.status_code == 403, "a code is right once"


def test_a_session_that_was_planted_is_not_the_one_that_goes_on(service: Living, there: str) -> None:
    service.ask(lambda services: add(services, "vy@example.vn", Role.READER))
    know(there, "vy", email="vy@example.vn", email_verified=True)
    with httpx2.Client(base_url=service.address, cookies={"session": "planted"}) as client:
        away = client.get("/sign-in/openid").headers["location"]
        client.get(httpx2.post(away, data={"sub": "vy"}).headers["location"])
        assert [one.value for one in client.cookies.jar if one.name == "session"][-1] != "planted"
    assert httpx2.get(f"{service.address}/account", headers={"cookie": "session=planted"}).status_code == 403


def test_a_provider_that_does_not_answer_is_an_honest_503(
    server: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("away")
    with living(server, template, home, oidc_issuer="http://127.0.0.1:9", oidc_client_id="x") as running:
        assert httpx2.get(f"{running.address}/sign-in/openid").status_code == 503
        assert httpx2.get(f"{running.address}/sign-in").status_code == 200
        assert "127.0.0.1:9" not in httpx2.get(f"{running.address}/sign-in/openid").text
