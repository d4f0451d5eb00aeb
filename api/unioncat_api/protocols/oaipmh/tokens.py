"""Resumption tokens: everything needed to go on, signed, so that nothing is kept between requests.

A token that was not signed with this secret for this repository and audience is never read, and an expired
one never gives a page: both are badResumptionToken. Tokens survive a restart as long as the secret does.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

from unioncat_api.protocols.oaipmh.errors import ErrorCode, OaiError
from unioncat_api.protocols.oaipmh.repository import Identity, Key, Selection

_SIGNATURE = 16
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Token:
    """Where a list stands: `cursor` items were handed out before, of `size` when the list began.

    `expires` is in seconds since 1970.
    """

    verb: str
    selection: Selection
    after: Key
    cursor: int
    size: int
    expires: int


def seal(token: Token, secret: bytes, identity: Identity) -> str:
    """Write a token as URL-safe text."""
    selection = token.selection
    body = json.dumps(
        [
            _VERSION,
            token.verb,
            selection.prefix,
            selection.since,
            selection.until,
            selection.set,
            *token.after,
            token.cursor,
            token.size,
            token.expires,
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    return base64.urlsafe_b64encode(_sign(body, secret, identity) + body).rstrip(b"=").decode()


def unseal(text: str, secret: bytes, identity: Identity, now: int) -> Token:
    """Read a token; raise badResumptionToken for one that is not ours, or no longer good at `now`."""
    wrong = OaiError(ErrorCode.BAD_RESUMPTION_TOKEN, "The resumptionToken is not one of this repository.")
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise wrong from None
    signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _sign(body, secret, identity)):
        raise wrong
    version, verb, prefix, since, until, set_, datestamp, identifier, cursor, size, expires = json.loads(body)
    if version != _VERSION:
        raise wrong
    if expires <= now:
        raise OaiError(
            ErrorCode.BAD_RESUMPTION_TOKEN, "The resumptionToken has expired; begin the list anew."
        )
    selection = Selection(prefix, since, until, set_)
    return Token(verb, selection, Key(datestamp, identifier), cursor, size, expires)


def _sign(body: bytes, secret: bytes, identity: Identity) -> bytes:
    scope = json.dumps([identity.base_url, identity.audience]).encode()
    return hmac.new(secret, scope + b"\0" + body, hashlib.sha256).digest()[:_SIGNATURE]
