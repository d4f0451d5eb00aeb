"""Codes of the second factor, as authenticators show them: RFC 6238 over RFC 4226, SHA-1, six digits.

A step that was used once is never right again (RFC 6238 §5.2): the caller keeps it.
"""

import base64
import hashlib
import hmac
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
DRIFT = 1
"""Steps that a clock may be early or late."""
SECRET_BYTES = 20


def code(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """Compute the code of a step of time (RFC 4226 §5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 15
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_at(unix_seconds: float) -> int:
    """Give the step of time that a moment lies in."""
    return int(unix_seconds // STEP_SECONDS)


def matching_step(secret: bytes, given: str, unix_seconds: float, *, after: int = -1) -> int | None:
    """Find the step whose code was given, among those near the moment and after the last one used."""
    digits = "".join(given.split())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    now = step_at(unix_seconds)
    found = None
    for step in range(max(now - DRIFT, 0), now + DRIFT + 1):
        if hmac.compare_digest(code(secret, step), digits) and step > after and found is None:
            found = step
    return found


def shown(secret: bytes) -> str:
    """Write a secret as people type it into an authenticator: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def link(secret: bytes, account: str, issuer: str) -> str:
    """Give the otpauth address that an authenticator opens."""
    plain = shown(secret).replace(" ", "")
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    return f"otpauth://totp/{label}?secret={plain}&issuer={quote(issuer, safe='')}"


def fingerprint(text: str) -> bytes:
    """Hash a secret of full strength for keeping; no salt is needed where nothing can be guessed."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
