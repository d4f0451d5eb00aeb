"""Signing in by a provider of identities: who it says somebody is, linked to the account of that person.

An account is reached by the provider's own name for the person, or, once, by an address that the provider
has verified and that an account or an open invitation has. Nobody comes in uninvited.
"""

from unioncat.domain.openid import Identity
from unioncat.domain.people import Account, SignedIn, email_complaint, email_key
from unioncat.flow import audit, entry, people
from unioncat.flow.entry import Entered, Refused
from unioncat.flow.services import Services
from unioncat.store import identities
from unioncat.store import people as store
from unioncat.store.database import Connection
from unioncat.store.identities import Linked
from unioncat.store.sessions import PASSWORD, SECOND, WAITING
from unioncat.telemetry import logger

log = logger(__name__)


async def sign_in(services: Services, who: Identity, *, address: str | None, device: str) -> Entered:
    """Begin a session for whom the provider has named. Raises `Refused`."""
    try:
        async with services.db.as_service() as conn:
            found = await _account(services, conn, who)
            strong = who.strong and services.settings.oidc_second_factor
            stage = SECOND if strong else WAITING if found.second_factor else PASSWORD
            token = await entry.begin(conn, found.id, stage, device)
            if stage != WAITING:
                await entry.guessed_right(conn, found.email, address)
                said = {"by": "openid", **entry.came_from(address)}
                await audit.write(services, conn, found.email, "sign-in", detail=said)
    except Refused:
        await refused(services, address, who.email or who.subject)
        raise
    return Entered(token, stage == WAITING, found.name)


async def refused(services: Services, address: str | None, who: str = "") -> None:
    """Log that somebody was not let in who came from the provider."""
    said = {"by": "openid", **entry.came_from(address)}
    await audit.note(services, email_key(who)[:254] or "somebody", "sign-in.refused", detail=said)


async def _account(services: Services, conn: Connection, who: Identity) -> Account:
    """Find the account, by the provider's name for the person first; link it at the first time.

    Raises `Refused`.
    """
    number = await identities.account_of(conn, who.issuer, who.subject)
    if number is not None:
        return _working(await store.read(conn, number))
    if not who.verified or email_complaint(who.email):
        raise Refused
    found = await store.by_email(conn, who.email)
    if found is not None:
        _working(found)
    found = _working(await people.join_invited(services, conn, who.email, who.name) or found)
    if not await identities.link(conn, who.issuer, who.subject, found.id):
        log.warning("a provider gave an address to somebody else; nobody was let in", account=found.id)
        raise Refused
    await audit.write(services, conn, found.email, "identity.linked", who.issuer)
    return found


def _working(account: Account | None) -> Account:
    if account is None or not account.active or account.demo:
        raise Refused
    return account


async def linked(services: Services, account: int) -> list[Linked]:
    """Give somebody's identities at providers."""
    async with services.db.as_service() as conn:
        return await identities.linked(conn, account)


async def part(services: Services, person: SignedIn, issuer: str) -> None:
    """Part one's own account from a provider."""
    async with services.db.as_service() as conn:
        if await identities.unlink(conn, person.account.id, issuer):
            await audit.write(services, conn, person.account.email, "identity.parted", issuer)
