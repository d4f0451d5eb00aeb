"""A person asks for what is kept of him or her, or for its deletion."""

from datetime import datetime
from typing import Any

from unioncat.domain.people import Role, SignedIn
from unioncat.flow import audit
from unioncat.flow.services import Services
from unioncat.store import passwords, people, personal
from unioncat.store.errors import Conflict


async def copy_of(services: Services, person: SignedIn) -> dict[str, Any]:
    """Give somebody everything that is kept of him or her."""
    async with services.db.as_service() as conn:
        found = await personal.copy_of(conn, person.account.id)
        await audit.write(services, conn, person.account.email, "people.copy-asked")
        return found


async def forget(services: Services, person: SignedIn, password: str, now: datetime) -> None:
    """Delete somebody's account and what belongs to it, for good.

    Raises `Conflict` for a wrong password, open requests, and the last administrator of the federation.
    """
    account = person.account
    async with services.db.as_service() as conn:
        kept = (await people.locks(conn, account.id)).password
    if kept is not None and not await passwords.fits(kept, password):
        raise Conflict("the password is wrong", "Type it again.")
    async with services.db.as_service() as conn:
        await people.lock(conn, account.id)
        open_ = await personal.open_requests(conn, account.id)
        if open_:
            raise Conflict(
                f"{open_} requests have not ended", "Cancel them, or give back what was lent, and ask again."
            )
        chief = any(one.role is Role.FEDERATION_ADMIN for one in account.grants)
        if chief and await people.administrators(conn) < 2:
            raise Conflict(
                "this is the last administrator of the federation", "Hand the role over to somebody first."
            )
        names = await personal.names_of(conn, account.id)
        await personal.forget(conn, account.id, now)
        called = await audit.forget(services, conn, names, {"account": str(account.id)})
        await personal.sign_otherwise(conn, called)
