"""A provider of identities that says what a test wants it to say: real HTTP, real keys, any lie."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

CLIENT = "unioncat"


def rsa(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": name, "use": "sig"})


@dataclass
class Crooked:
    """What the provider says; each part can be made false."""

    address: str = ""
    published: list[Key] = field(default_factory=lambda: [rsa("one")])
    signer: Key | None = None
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    described: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] | None = None
    """In place of a token."""
    person: dict[str, Any] | None = None
    raw: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    """Answers to addresses as they are."""
    nonce: str = ""
    asked: list[tuple[str, dict[str, str], dict[str, list[str]]]] = field(default_factory=list)

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "userinfo_endpoint": f"{self.address}/person",
            **self.described,
        }

    def token(self) -> str:
        now = int(time.time())
        said = {
            "iss": self.address,
            "sub": "s-1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            **self.claims,
        }
        said = {name: value for name, value in said.items() if name not in self.missing}
        key = self.signer or self.published[0]
        head = {"alg": self.algorithm, "kid": key.kid}
        if self.algorithm == "none":
            import base64

            parts = [json.dumps(one).encode() for one in (head, said)]
            return ".".join(base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts) + "."
        return jwt.encode(head, said, key, algorithms=[self.algorithm])

    def say(self, path: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            return self.description()
        if path == "/keys":
            return {
                "keys": [one.as_dict(private=False) for one in self.published if not isinstance(one, OctKey)]
            }
        if path == "/token":
            return self.answer or {"id_token": self.token(), "access_token": "access", "token_type": "Bearer"}
        if path == "/person":
            return self.person
        return None


@contextmanager
def crooked() -> Iterator[Crooked]:
    """Run such a provider on this machine."""
    said = Crooked()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            form = parse_qs(self.rfile.read(length).decode())
            said.asked.append((self.path, dict(self.headers), form))
            if self.path in said.raw:
                status, headers, body = said.raw[self.path]
            else:
                tree = said.say(self.path)
                status, headers, body = (
                    (404, {}, b"") if tree is None else (200, {}, json.dumps(tree).encode())
                )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if status == 299:  # drips without end
                for _ in range(100):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.05)
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    said.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield said
    finally:
        server.shutdown()
        server.server_close()


__all__ = ["CLIENT", "Crooked", "ECKey", "OctKey", "crooked", "rsa"]
