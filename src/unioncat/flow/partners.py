"""Partner systems: entered and changed, recognised by token or certificate, given tokens and credentials."""

import secrets
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from unioncat.domain.credentials import Credentials
from unioncat.domain.partner import TOKEN_BEGINNING, Partner
from unioncat.domain.partner import fingerprint as plain
from unioncat.domain.target import TargetRules
from unioncat.flow import audit, deliver
from unioncat.flow.credentials import keyring
from unioncat.flow.services import Services
from unioncat.lending.iso18626.codes import Action, Version
from unioncat.lending.iso18626.model import Agency, Code, Header, RequestingMessage
from unioncat.lending.iso18626.quirks import Quirk
from unioncat.lending.iso18626.write import write
from unioncat.store import partners as store
from unioncat.store.errors import Conflict

LONGEST_TOKEN = 100


async def save(services: Services, by: str, partner: Partner) -> Partner:
    """Enter or change a partner. Raises `Conflict`, `Unknown`."""
    odd = set(partner.quirks) - {str(one) for one in Quirk}
    if odd:
        raise Conflict(
            f"there is no quirk {sorted(odd)[0]!r}", f"There are: {', '.join(str(one) for one in Quirk)}."
        )
    if partner.certificate is not None:
        partner = replace(partner, certificate=plain(partner.certificate))
    async with services.db.as_service() as conn:
        saved = await store.save(conn, partner)
        detail = {"address": saved.address or "", "version": saved.version, "active": str(saved.active)}
        detail["agencies"] = " ".join(sorted(saved.symbols))
        await audit.write(services, conn, by, "partner.saved", saved.code, detail)
    return saved


async def listed(services: Services) -> list[Partner]:
    """Give all partners."""
    async with services.db.as_service() as conn:
        return await store.listed(conn)


async def read(services: Services, code: str) -> Partner:
    """Give a partner. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        return await store.read(conn, code)


async def new_token(services: Services, by: str, code: str) -> str:
    """Give a partner a new token, shown this once; an earlier one no longer opens. Raises `Unknown`."""
    token = TOKEN_BEGINNING + secrets.token_urlsafe(32)
    async with services.db.as_service() as conn:
        await store.set_token(conn, code, _hash(token))
        await audit.write(services, conn, by, "partner.token", code)
    return token


async def give_credentials(services: Services, by: str, code: str, given: Credentials | None) -> None:
    """Keep, sealed, what a partner is written to with; none takes it away. Raises `Unknown`, `Conflict`."""
    async with services.db.as_service() as conn:
        await store.put_credentials(conn, keyring(services.settings), code, given)
        await audit.write(services, conn, by, "partner.credentials", code, {"given": str(given is not None)})


async def test(services: Services, code: str, now: datetime) -> deliver.Result:
    """Ask a partner after a request that does not exist. Raises `Unknown`, `Conflict`."""
    partner = await read(services, code)
    if partner.address is None:
        raise Conflict(f"partner {code!r} has no address", f"`unioncat partner add {code} --address …`")
    theirs = partner.agencies[0]
    header = Header(
        requesting_agency=Agency("test", Code("UNIONCAT")),
        supplying_agency=Agency(theirs.value, Code(theirs.type)),
        timestamp=now,
        requesting_request_id=f"test-{secrets.token_hex(8)}",
    )
    message = RequestingMessage(header, Action.STATUS_REQUEST)
    settings = services.settings
    rules = TargetRules.of(settings.allow_targets, settings.allow_ports)
    body = write(message, Version(partner.version))
    return deliver.judged(await deliver.post(services, rules, partner, body), message, partner)


async def whose_token(services: Services, token: str, user: str | None = None) -> Partner | None:
    """Recognise a partner by its token; with HTTP Basic the user's name must be its code."""
    if not token.startswith(TOKEN_BEGINNING) or len(token) > LONGEST_TOKEN:
        return None
    async with services.db.as_service() as conn:
        found = await store.by_token(conn, _hash(token))
    return found if found is not None and user in (None, found.code) else None


async def whose_certificate(services: Services, fingerprint: str) -> Partner | None:
    """Recognise a partner by the SHA-256 of the certificate that the proxy has verified."""
    async with services.db.as_service() as conn:
        return await store.by_certificate(conn, plain(fingerprint)[:64])


def _hash(token: str) -> bytes:
    """Hash a token: made by us of 256 bits by chance, it needs no slow hash."""
    return sha256(token.encode()).digest()
