"""A provider of identities: its description, its keys, and who it says somebody is.

Nothing that it sends is believed before its signature and every claim have been judged.
"""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from unioncat.config import Settings
from unioncat.domain import openid
from unioncat.domain.openid import Attempt, Discovery, Identity, NotBelieved
from unioncat.domain.target import DEFAULT_PORTS, TargetRules, endpoint
from unioncat.flow.fetching import FetchError, fetch_json

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by keys of the provider; none by a shared secret, and never `none`."""
KNOWN_SECONDS = 3600.0
"""How long description and keys are believed to be as they were."""
PAUSE_SECONDS = 30.0
"""How often at most keys are asked for anew because of a token signed by an unknown one."""
SCOPE = "openid email profile"
MOST_TOKEN = 16 * 1024


@dataclass
class Kept:
    """What was fetched of a provider last, and when."""

    discovery: Discovery | None = None
    discovered: float = 0.0
    keys: tuple[Key, ...] = ()
    fetched: float = float("-inf")
    turn: threading.Lock = field(default_factory=threading.Lock)


class Provider:
    """The one provider that the settings name."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        fetch: Callable[..., dict[str, Any]] = fetch_json,
    ) -> None:
        self.issuer = settings.oidc_issuer or ""
        self.label = settings.oidc_label or urlsplit(self.issuer).hostname or ""
        self._client = settings.oidc_client_id or ""
        self._secret = settings.brought("oidc_client_secret")
        self._clock = clock
        self._fetch = fetch
        _, host, port = endpoint(self.issuer)
        self._home = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        allowed = [*settings.allow_targets.split(","), self._home] if host else []
        self._rules = TargetRules.of(allowed, DEFAULT_PORTS)
        self._kept = Kept()

    @property
    def is_there(self) -> bool:
        """Whether a provider is named at all."""
        return bool(self.issuer and self._client)

    async def address(self, attempt: Attempt, back: str) -> str:
        """Give the address to which a browser goes to sign in. Raises `NotBelieved`, `FetchError`."""
        found = await asyncio.to_thread(self._discover)
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": back,
            "scope": SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return f"{found.authorization}{'&' if '?' in found.authorization else '?'}{urlencode(asked)}"

    async def who(self, attempt: Attempt, code: str, back: str, named: str | None) -> Identity:
        """Change a code for a token and judge it; `named` is whom the answer calls its sender.

        Raises `NotBelieved`, `FetchError`.
        """
        return await asyncio.to_thread(self._who, attempt, code, back, named)

    def _who(self, attempt: Attempt, code: str, back: str, named: str | None) -> Identity:
        found = self._discover()
        if named != self.issuer and (named is not None or found.names_itself):
            raise NotBelieved("the answer is another provider's")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": attempt.verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self._secret and found.basic:
            pair = f"{quote(self._client, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = self._client
            if self._secret:
                form["client_secret"] = self._secret
        given = self._fetch(
            self._checked(found.token), self._rules, body=urlencode(form).encode(), headers=headers
        )
        token = given.get("id_token")
        if not isinstance(token, str) or len(token) > MOST_TOKEN:
            raise NotBelieved("the provider gave no token")
        who = openid.believe(
            self._signed(token, found),
            issuer=self.issuer,
            client=self._client,
            nonce=attempt.nonce,
            now=self._clock(),
        )
        access = given.get("access_token")
        if not who.email and found.userinfo and isinstance(access, str) and access.isprintable():
            asked = {"Authorization": f"Bearer {access}"}
            more = self._fetch(self._checked(found.userinfo), self._rules, headers=asked)
            if more.get("sub") != who.subject:
                raise NotBelieved("the page of the person is somebody else's")
            who = openid.described(more, who)
        return who

    def _checked(self, address: str) -> str:
        """Refuse an address that the provider names without encryption, unless it is named so itself."""
        if address.startswith("https://") or _place(address) == _place(self.issuer):
            return address
        raise NotBelieved("the provider names an address without encryption")

    def _discover(self) -> Discovery:
        kept = self._kept
        with kept.turn:
            if kept.discovery is None or self._clock() - kept.discovered > KNOWN_SECONDS:
                address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
                found = Discovery.of(self._fetch(address, self._rules), self.issuer)
                for one in (found.authorization, found.token, found.keys):
                    self._checked(one)
                kept.discovery, kept.discovered = found, self._clock()
            return kept.discovery

    def _signed(self, token: str, found: Discovery) -> dict[str, Any]:
        """Give what a token says, if one of the provider's keys has signed it. Raises `NotBelieved`."""
        claims = self._by_known(token)
        if claims is None and self._renew(found):
            claims = self._by_known(token)
        if claims is None:
            raise NotBelieved("no key of the provider has signed the token")
        return claims

    def _by_known(self, token: str) -> dict[str, Any] | None:
        try:
            asked = jws.extract_compact(token.encode("ascii")).headers().get("kid")
        except (JoseError, ValueError):
            raise NotBelieved("the token cannot be read") from None
        for key in self._kept.keys:
            if asked is not None and key.kid != asked:
                continue
            try:
                read = jws.deserialize_compact(token, key, algorithms=list(ALGORITHMS))
                claims = json.loads(read.payload)
            except (JoseError, ValueError, TypeError, RecursionError):
                continue
            if isinstance(claims, dict):
                return claims
        return None

    def _renew(self, found: Discovery) -> bool:
        """Fetch the keys anew, for they are changed now and then; false where that was done just now."""
        kept = self._kept
        with kept.turn:
            if self._clock() - kept.fetched < PAUSE_SECONDS:
                return False
            tree = self._fetch(self._checked(found.keys), self._rules)
            kept.fetched = self._clock()
            kept.keys = tuple(_keys(tree.get("keys")))
            return True


def _keys(given: Any) -> list[Key]:
    """Read the keys that can check signatures; those of kinds that we do not know are passed over."""
    found: list[Key] = []
    for one in given[:50] if isinstance(given, list) else []:
        if not isinstance(one, dict) or one.get("kty") == "oct" or one.get("use", "sig") != "sig":
            continue
        try:
            found.append(import_key(one))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return found


def _place(address: str) -> tuple[str, str, int | None]:
    return endpoint(address)


__all__ = ["FetchError", "NotBelieved", "Provider"]
