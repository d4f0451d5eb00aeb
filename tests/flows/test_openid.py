"""Signing in by a provider of identities that lies in every way it can: nothing false lets anybody in."""

import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.people import add, administrator
from tests.support.provider import CLIENT, Crooked, ECKey, OctKey, crooked, rsa
from unioncat.config import ConfigError, Settings
from unioncat.domain.openid import Attempt, Identity
from unioncat.domain.people import Role
from unioncat.domain.target import TargetRules
from unioncat.flow import audit, entry, identities, people
from unioncat.flow.entry import Refused
from unioncat.flow.fetching import FetchError, fetch_json
from unioncat.flow.openid import PAUSE_SECONDS, NotBelieved, Provider
from unioncat.flow.services import Services, open_services

BACK = "http://127.0.0.1:8000/sign-in/openid/back"
ATTEMPT = Attempt("a-token-of-the-browser")
HERE = TargetRules.of("127.0.0.1, ::1")


class Clock:
    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def told() -> Iterator[Crooked]:
    with crooked() as said:
        said.nonce = ATTEMPT.nonce
        yield said


def settings(told: Crooked, home: Path, **more: Any) -> Settings:
    return Settings(home=home, oidc_issuer=told.address, oidc_client_id=CLIENT, **more)


async def who(told: Crooked, home: Path, **more: Any) -> Identity:
    return await Provider(settings(told, home)).who(ATTEMPT, "code", BACK, more.get("named"))


async def test_a_true_token_is_believed_and_the_secret_goes_where_it_belongs(
    told: Crooked, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNIONCAT_OIDC_CLIENT_SECRET", "a secret: of ours")
    told.claims = {
        "email": "thu@example.vn",
        "email_verified": True,
        "name": "Thu\u202e\0",
        "amr": ["pwd", "mfa"],
    }
    found = await who(told, home)
    assert found == Identity(told.address, "s-1", "thu@example.vn", True, "Thu", True)
    path, headers, form = told.asked[1]
    assert path == "/token"
    assert headers["Authorization"] == "Basic dW5pb25jYXQ6YSUyMHNlY3JldCUzQSUyMG9mJTIwb3Vycw=="
    assert form == {
        "grant_type": ["authorization_code"],
        "code": ["code"],
        "redirect_uri": [BACK],
        "code_verifier": [ATTEMPT.verifier],
    }
    told.described = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    told.asked.clear()
    await who(told, home)
    assert told.asked[1][2]["client_secret"] == ["a secret: of ours"]
    assert "Authorization" not in told.asked[1][1]


async def test_the_browser_is_sent_with_state_nonce_and_challenge(told: Crooked, home: Path) -> None:
    provider = Provider(settings(told, home))
    away = await provider.address(ATTEMPT, BACK)
    assert away.startswith(f"{told.address}/authorize?response_type=code&client_id=unioncat&")
    for one in (ATTEMPT.state, ATTEMPT.nonce, ATTEMPT.challenge, "code_challenge_method=S256"):
        assert one in away
    assert ATTEMPT.verifier not in away
    assert ATTEMPT.token not in away
    # RFC 7636, appendix B
    from unioncat.domain import openid

    class Known(Attempt):
        verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # type: ignore[assignment]

    assert openid.Attempt.challenge.fget(Known("x")) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # type: ignore[attr-defined]


SECONDS = timedelta(seconds=1)
"""Times in tokens are told from the moment of the test: the list is made long before."""
LIES: dict[str, dict[str, Any]] = {
    "another provider": {"claims": {"iss": "https://evil.example"}},
    "another client": {"claims": {"aud": "other"}},
    "several clients without a party": {"claims": {"aud": [CLIENT, "other"]}},
    "another party": {"claims": {"azp": "other"}},
    "no audience": {"missing": ("aud",)},
    "ended": {"claims": {"exp": -121 * SECONDS}},
    "no end": {"missing": ("exp",)},
    "an end that is no number": {"claims": {"exp": "tomorrow"}},
    "an end that is true": {"claims": {"exp": True}},
    "made long ago": {"claims": {"iat": -3600 * SECONDS}},
    "made in the future": {"claims": {"iat": 600 * SECONDS, "exp": 900 * SECONDS}},
    "not yet": {"claims": {"nbf": 600 * SECONDS}},
    "another attempt": {"claims": {"nonce": "another"}},
    "no attempt": {"missing": ("nonce",)},
    "nobody": {"missing": ("sub",)},
    "an empty name": {"claims": {"sub": ""}},
    "not signed": {"algorithm": "none"},
    "a key of somebody else": {"signer": rsa("one")},
    "a key that is not published": {"signer": rsa("two")},
    "a shared secret": {"algorithm": "HS256", "signer": OctKey.import_key("secret" * 8, {"kid": "one"})},
    "no token": {"answer": {"access_token": "x"}},
    "a token that is none": {"answer": {"id_token": "a.b"}},
    "a token that is no text": {"answer": {"id_token": ["a"]}},
    "a huge token": {"answer": {"id_token": "a" * 20_000}},
    "a page of somebody else": {"person": {"sub": "s-2", "email": "a@example.vn", "email_verified": True}},
    "a description of somebody else": {"described": {"issuer": "https://evil.example"}},
    "no keys": {"described": {"jwks_uri": None}},
    "keys of a file": {"described": {"jwks_uri": "file:///etc/passwd"}},
    "keys without encryption": {"described": {"jwks_uri": "http://127.0.0.2/keys"}},
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
async def test_no_lie_is_believed(told: Crooked, home: Path, lie: str) -> None:
    told.person = {"sub": "s-1"}
    for name, value in LIES[lie].items():
        setattr(told, name, value)
    told.claims = {
        name: int(time.time() + value.total_seconds()) if isinstance(value, timedelta) else value
        for name, value in told.claims.items()
    }
    with pytest.raises((NotBelieved, FetchError)):
        await who(told, home)


async def test_an_answer_that_names_another_provider_is_refused(told: Crooked, home: Path) -> None:
    told.claims = {"email": "a@example.vn"}
    assert (await who(told, home, named=told.address)).subject == "s-1"
    with pytest.raises(NotBelieved):
        await who(told, home, named="https://evil.example")
    told.described = {"authorization_response_iss_parameter_supported": True}
    with pytest.raises(NotBelieved):
        await who(told, home)


async def test_clocks_may_differ_a_little(told: Crooked, home: Path) -> None:
    told.claims = {"iat": int(time.time()) + 100, "exp": int(time.time()) - 100, "email": "a@example.vn"}
    assert (await who(told, home)).subject == "s-1"


async def test_keys_are_changed_without_a_stop_and_are_not_asked_for_at_each_guess(
    told: Crooked, home: Path
) -> None:
    clock = Clock()
    told.claims = {"email": "a@example.vn"}
    provider = Provider(settings(told, home), clock=clock)
    await provider.who(ATTEMPT, "code", BACK, None)
    ec = ECKey.generate_key("P-256", parameters={"kid": "new", "use": "sig"})
    told.published, told.algorithm = [ec, *told.published], "ES256"
    with pytest.raises(NotBelieved):  # just fetched: a stranger's tokens do not make us ask again and again
        await provider.who(ATTEMPT, "code", BACK, None)
    clock.ahead = PAUSE_SECONDS + 1
    assert (await provider.who(ATTEMPT, "code", BACK, None)).subject == "s-1"
    assert sum(path == "/keys" for path, *_ in told.asked) == 2
    assert sum(path.startswith("/.well-known") for path, *_ in told.asked) == 1
    told.published = [rsa("third")]
    told.algorithm = "RS256"
    clock.ahead += PAUSE_SECONDS + 1
    assert (await provider.who(ATTEMPT, "code", BACK, None)).subject == "s-1"


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (302, {"Location": "http://127.0.0.1:1/"}, b""),
        (500, {}, b"{}"),
        (200, {}, b"x" * 300_000),
        (200, {"Content-Encoding": "gzip"}, b"{}"),
        (200, {}, b"[" * 100_000),
        (200, {}, b"[1]"),
        (200, {}, b"\xff"),
        (200, {f"X-{n}": "y" for n in range(200)}, b"{}"),
        (299, {}, b"{}"),
    ],
    ids=("redirect", "crash", "large", "packed", "deep", "list", "bytes", "heads", "drips"),
)
def test_what_is_fetched_has_limits(told: Crooked, status: int, headers: dict[str, str], body: bytes) -> None:
    told.raw["/x"] = (status, headers, body)
    begin = time.monotonic()
    with pytest.raises(FetchError):
        fetch_json(f"{told.address}/x", HERE, patience=0.5)
    assert time.monotonic() - begin < 3
    assert len(told.asked) == 1, "nothing is followed"


INSIDE = ("http://127.0.0.1:1/", "http://169.254.169.254/", "ftp://a/", "http://[::1]/", "http://2130706433/")


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_fetched_lies_outside(address: str) -> None:
    with pytest.raises(FetchError):
        fetch_json(address, TargetRules.of(""), patience=1)


def test_the_settings_refuse_a_provider_without_encryption(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wrong in ("http://login.example.vn", "login.example.vn", "https://", "https://a.example.vn/?x"):
        monkeypatch.setenv("UNIONCAT_OIDC_ISSUER", wrong)
        with pytest.raises(ConfigError):
            Settings.load()


@pytest.fixture
async def services(url: str, home: Path, told: Crooked) -> AsyncIterator[Services]:
    async with open_services(settings(told, home), url) as opened:
        yield opened


def known(
    told: Crooked, email: str, *, subject: str = "s-1", verified: bool = True, strong: bool = False
) -> Identity:
    return Identity(told.address, subject, email, verified, "Thu", strong)


async def enter(services: Services, who: Identity) -> Any:
    return await identities.sign_in(services, who, address=None, device="test")


async def test_only_who_is_invited_comes_in_and_is_known_again_by_the_providers_name(
    services: Services, told: Crooked
) -> None:
    boss = await entry.whose(services, await administrator(services))
    assert boss is not None
    await people.invite(services, boss, "Thu@Example.vn", Role.CATALOGUER, None, "http://x")
    for stranger in (
        known(told, "ai@example.vn"),
        known(told, "thu@example.vn", verified=False),
        known(told, ""),
    ):
        with pytest.raises(Refused):
            await enter(services, stranger)
    entered = await enter(services, known(told, "thu@example.vn"))
    person = await entry.whose(services, entered.token)
    assert person is not None
    assert person.account.holds(Role.CATALOGUER)
    assert not person.second
    again = await enter(services, known(told, "married@example.vn"))
    found = await entry.whose(services, again.token)
    assert found is not None
    assert found.account.id == person.account.id
    with pytest.raises(Refused):  # the address went to somebody else there
        await enter(services, known(told, "thu@example.vn", subject="s-2"))
    with pytest.raises(Refused):  # a password that was never set opens nothing
        await entry.sign_in(services, "thu@example.vn", "", address=None, device="")
    said = [(one.actor, one.action) for one in await audit.entries(services)]
    assert ("thu@example.vn", "identity.linked") in said
    assert ("ai@example.vn", "sign-in.refused") in said
    await people.let_go(services, boss, person.account.id)
    assert await entry.whose(services, again.token) is None
    with pytest.raises(Refused):
        await enter(services, known(told, "thu@example.vn"))


async def test_the_first_administrators_place_is_not_taken_by_a_providers_word(
    services: Services, told: Crooked
) -> None:
    await people.first_link(services, "http://x")
    with pytest.raises(Refused):
        await enter(services, known(told, people.FIRST))


async def test_an_invitation_of_somebody_who_may_no_longer_invite_is_worth_nothing(
    services: Services, told: Crooked
) -> None:
    boss = await entry.whose(services, await administrator(services))
    other = await entry.whose(services, await administrator(services, "hoa@example.vn", "Hoa"))
    assert boss is not None
    assert other is not None
    await people.invite(services, other, "thu@example.vn", Role.FEDERATION_ADMIN, None, "http://x")
    await people.take_role(services, boss, other.account.id, Role.FEDERATION_ADMIN, None)
    with pytest.raises(Refused):
        await enter(services, known(told, "thu@example.vn"))


async def test_our_second_factor_is_asked_for_unless_the_provider_is_trusted_with_it(
    url: str, told: Crooked, home: Path
) -> None:
    async with open_services(settings(told, home), url) as services:
        await add(services, "lan@example.vn", Role.FEDERATION_ADMIN, second=True)
        entered = await enter(services, known(told, "lan@example.vn", strong=True))
        assert entered.waiting
        person = await entry.whose(services, entered.token)
        assert person is not None
        assert person.grants() == ()
    async with open_services(settings(told, home, oidc_second_factor=True), url) as services:
        assert (await enter(services, known(told, "lan@example.vn"))).waiting
        entered = await enter(services, known(told, "lan@example.vn", strong=True))
        person = await entry.whose(services, entered.token)
        assert person is not None
        assert person.second
        await identities.part(services, person, told.address)
        assert await identities.linked(services, person.account.id) == []
