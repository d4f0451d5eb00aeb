"""People for tests: made as people are made, with a password, a role and a second factor."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from unioncat.domain import totp
from unioncat.domain.people import Role, SignedIn
from unioncat.flow import entry
from unioncat.flow.credentials import keyring
from unioncat.flow.services import Services
from unioncat.store import passwords, people, sessions

PASSWORD = "con cò bay lả bay la"
SECRET = b"12345678901234567890"
SESSION = "a-session-of-tests"
_HASHES: dict[str, str] = {}


async def add(
    services: Services,
    email: str,
    role: Role | None = None,
    library: str | None = None,
    *,
    name: str = "Lan",
    second: bool = False,
) -> int:
    """Make somebody who can sign in; `second` sets up the second factor with `SECRET`."""
    if PASSWORD not in _HASHES:
        _HASHES[PASSWORD] = await passwords.hashed(PASSWORD)
    async with services.db.as_service() as conn:
        account = await people.add(conn, email, name)
        await people.change(conn, account.id, password=_HASHES[PASSWORD])
        if role is not None:
            await people.grant(conn, account.id, role, library)
        if second:
            sealed = keyring(services.settings).seal(SECRET, ("second factor", str(account.id)))
            await people.change(conn, account.id, totp_sealed=sealed)
    return account.id


def code(steps: int = 0) -> str:
    """Give the code of now, or of a step before or after."""
    return totp.code(SECRET, totp.step_at(time.time()) + steps)


async def session(services: Services, email: str) -> str:
    """Sign somebody in with all that he or she has; give the session's token."""
    entered = await entry.sign_in(services, email, PASSWORD, address=None, device="test")
    if entered.waiting:
        async with services.db.as_service() as conn:
            found = await people.by_email(conn, email)
            assert found is not None
            await people.change(conn, found.id, totp_step=None)
        entered = await entry.give_code(services, entered.token, code(), address=None)
    return entered.token


async def signed_in(services: Services, email: str) -> SignedIn:
    """Sign somebody in; give the person at work."""
    found = await entry.whose(services, await session(services, email))
    assert found is not None
    return found


async def administrator(services: Services, email: str = "lan@example.vn", name: str = "Lan") -> str:
    """Make a federation administrator and give a session of theirs."""
    await add(services, email, Role.FEDERATION_ADMIN, name=name, second=True)
    return await session(services, email)


def letters(home: Path) -> list[str]:
    """Give the letters that were written, in no order."""
    import email
    from email.policy import default

    found = []
    for path in sorted((home / "mail").glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=default)
        found.append(f"To: {message['To']}\n{message.get_content()}")
    return found


async def known_session(services: Services, token: str = SESSION, name: str = "Lan") -> None:
    """Make a federation administrator who has signed in with both factors already."""
    number = await add(services, "lan@example.vn", Role.FEDERATION_ADMIN, name=name, second=True)
    async with services.db.as_service() as conn:
        await sessions.begin(conn, token, number, sessions.SECOND, "test", timedelta(hours=1))


def carry(page: Any, token: str = SESSION) -> None:
    """Give a browser the session."""
    page.goto("/sign-in")
    page.context.add_cookies([{"name": "session", "value": token, "url": page.url}])
