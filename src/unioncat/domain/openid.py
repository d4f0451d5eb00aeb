"""What a provider of identities says of somebody, and when it is believed (OpenID Connect Core §3.1.3.7).

Pure: signatures are checked elsewhere, before anything here is asked.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

SKEW = 120
"""Seconds by which the provider's clock may differ from ours."""
OLDEST = 600
"""Seconds after which a token is not taken any more, whatever it says of its end."""
STRONG = frozenset({"mfa"})
"""Methods (`amr`, RFC 8176) that say that more than one factor was given."""


class NotBelieved(ValueError):
    """A provider's answer is not what it promised, or not meant for us; the words are for the log."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as a provider knows him or her; `subject` is never given to anybody else."""

    issuer: str
    subject: str
    email: str = ""
    verified: bool = False
    """Whether the provider says that the address is this person's."""
    name: str = ""
    strong: bool = False
    """Whether more than one factor was given there."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to a provider and back: all of it follows from a random token that only the browser has."""

    token: str

    def _made(self, what: str) -> str:
        digest = hmac.digest(self.token.encode("utf-8", "replace"), what.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    @property
    def state(self) -> str:
        """Bind the answer to the browser that asked (RFC 6749 §10.12)."""
        return self._made("state")

    @property
    def nonce(self) -> str:
        """Bind the token to this very attempt."""
        return self._made("nonce")

    @property
    def verifier(self) -> str:
        """Show that who brings the code is who asked for it (RFC 7636)."""
        return self._made("verifier")

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier beforehand (S256)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a provider says of itself (OpenID Connect Discovery 1.0, §3)."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str = ""
    basic: bool = True
    """Whether it takes the client's secret in the head of a request; else in its body."""
    names_itself: bool = False
    """Whether it says who it is beside each code (RFC 9207)."""

    @classmethod
    def of(cls, tree: Mapping[str, Any], issuer: str) -> Self:
        """Read the document of `issuer`. Raises `NotBelieved`."""
        if tree.get("issuer") != issuer:
            raise NotBelieved("the provider calls itself otherwise than UNIONCAT_OIDC_ISSUER")
        found = {}
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            value = tree.get(name)
            if not isinstance(value, str) or not value.startswith(("https://", "http://")):
                raise NotBelieved(f"the provider names no {name}")
            found[name] = value
        info = tree.get("userinfo_endpoint")
        methods = tree.get("token_endpoint_auth_methods_supported")
        return cls(
            issuer,
            found["authorization_endpoint"],
            found["token_endpoint"],
            found["jwks_uri"],
            info if isinstance(info, str) and info.startswith(("https://", "http://")) else "",
            not isinstance(methods, list) or "client_secret_basic" in methods,
            tree.get("authorization_response_iss_parameter_supported") is True,
        )


def believe(claims: Mapping[str, Any], *, issuer: str, client: str, nonce: str, now: float) -> Identity:
    """Judge what a signed token says. Raises `NotBelieved`."""
    audience = claims.get("aud")
    meant = [audience] if isinstance(audience, str) else audience
    if claims.get("iss") != issuer:
        raise NotBelieved("the token is another provider's")
    if not isinstance(meant, list) or client not in meant:
        raise NotBelieved("the token is meant for somebody else")
    if (len(meant) > 1 or "azp" in claims) and claims.get("azp") != client:
        raise NotBelieved("the token was made for somebody else")
    ends, made = _moment(claims, "exp"), _moment(claims, "iat")
    if ends is None or now >= ends + SKEW:
        raise NotBelieved("the token has ended; or the clocks differ by more than two minutes")
    if made is None or made > now + SKEW or made < now - OLDEST - SKEW:
        raise NotBelieved("the token was not made now; or the clocks differ by more than two minutes")
    begins = _moment(claims, "nbf")
    if begins is not None and begins > now + SKEW:
        raise NotBelieved("the token does not hold yet")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(
        given.encode("utf-8", "replace"), nonce.encode()
    ):
        raise NotBelieved("the token answers another attempt")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise NotBelieved("the token names nobody")
    methods = claims.get("amr")
    strong = isinstance(methods, list) and any(one in STRONG for one in methods if isinstance(one, str))
    return described(claims, Identity(issuer, subject, strong=strong))


def described(claims: Mapping[str, Any], who: Identity) -> Identity:
    """Add address and name, as a token or the provider's page of the person gives them."""
    email, name = claims.get("email"), claims.get("name")
    sound = isinstance(email, str) and len(email) <= 254
    return Identity(
        who.issuer,
        who.subject,
        str(email).strip() if sound else "",
        sound and claims.get("email_verified") in (True, "true"),
        "".join(sign for sign in name if sign.isprintable()).strip()[:80] if isinstance(name, str) else "",
        who.strong,
    )


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e11:
        return None
    return float(value)
