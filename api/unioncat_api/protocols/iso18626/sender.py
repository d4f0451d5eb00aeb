"""Who sends a message: a partner known by its token, or by a certificate that a trusted proxy has verified.

The header that tells of a certificate counts only from the addresses that the operator named: anybody can
write a header.
"""

import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from unioncat.domain.partner import Partner
from unioncat_api.problems import ProblemError

if TYPE_CHECKING:  # whoever starts the service needs `peered` alone
    from unioncat_api.exchanging import Exchanging

PEER = "unioncat.peer"
"""Where in the scope the address stands that really connected, before any header was believed."""
ASKS = 'Bearer realm="unioncat", Basic realm="unioncat", charset="UTF-8"'


async def sender_of(request: Request, exchange: "Exchanging") -> Partner:
    """Tell which partner sends. Raises a problem (401)."""
    header = request.headers.get("authorization")
    found = None
    if header is not None:
        found = await _by_token(header, exchange)
    elif (certificate := _certificate(request, exchange)) is not None:
        found = await exchange.whose_certificate(certificate)
    if found is None:
        raise ProblemError(
            "unauthorised",
            "This address is for partner systems.",
            remedy="Send the token that the operator gave you, as Bearer or as password of Basic.",
            headers={"WWW-Authenticate": ASKS},
        )
    return found


async def _by_token(header: str, exchange: "Exchanging") -> Partner | None:
    scheme, _, given = header.partition(" ")
    given = given.strip()
    if scheme.lower() == "bearer":
        return await exchange.whose_token(given)
    if scheme.lower() != "basic" or len(given) > 500:
        return None
    try:
        user, mark, password = b64decode(given, validate=True).decode().partition(":")
    except (NotBase64, ValueError):
        return None
    return await exchange.whose_token(password, user) if mark else None


def _certificate(request: Request, exchange: "Exchanging") -> str | None:
    """Give the fingerprint that a trusted proxy tells of."""
    peer = request.scope.get(PEER)
    if not peer or not any(hmac.compare_digest(str(peer), one) for one in exchange.certificate_proxies):
        return None
    return request.headers.get(exchange.certificate_header)


def peered(app: Any, trusted_proxies: str) -> Any:
    """Note which address really connects, before headers of trusted proxies say for whom."""
    inner = ProxyHeadersMiddleware(app, trusted_hosts=trusted_proxies)

    async def noted(scope: Any, receive: Any, send: Any) -> None:
        client = scope.get("client")
        if client:
            scope = {**scope, PEER: str(client[0])}
        await inner(scope, receive, send)

    return noted
