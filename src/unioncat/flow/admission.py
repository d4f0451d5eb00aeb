"""The first account of a library that the federation admitted: it comes by letter to the approved address.

Only where letters do not leave this machine does the private link of the registration give it, and only until
somebody at the library has an account: a link in a browser's history must not stay a way in.
"""

import secrets as chance
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from unioncat.domain.people import Grant, LinkKind, Role, email_complaint, email_key
from unioncat.domain.registration import Registration, RegistrationState
from unioncat.flow import audit, post
from unioncat.flow.services import Services
from unioncat.store import people, registrations
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, TooMany, Unknown

LASTS = timedelta(days=30)
PAUSE = timedelta(minutes=1)
"""Time between two letters to one library."""
ROLE = Role.CATALOGUER
"""Brings files, accepts them, sees the reports; giving others a role stays with the federation."""
BY = "private link"


@dataclass(frozen=True, slots=True)
class Access:
    """How a new member gets to its account."""

    email: str
    """Where the letter goes; empty where the applicant has named no address."""
    taken: bool
    """Whether somebody at the library has an account."""
    by_letter: bool
    """Whether letters leave this machine."""


async def access(services: Services, found: Registration) -> Access | None:
    """Tell how the account of a registration stands; none where it was not approved."""
    if found.state is not RegistrationState.APPROVED or found.library is None:
        return None
    async with services.db.as_service() as conn:
        return await _access(services, conn, found, found.library)


async def _access(services: Services, conn: Connection, found: Registration, library: str) -> Access:
    there = [
        one for one in await people.listed(conn, {library}) if one.active and _works(one.grants, library)
    ]
    asked = [one for one in await people.open_links(conn) if one.library == library and one.role is ROLE]
    told = found.facts.contact.email if found.facts else None
    email = asked[0].email if asked else told or ""
    return Access(email, bool(there), services.settings.smtp_url is not None)


def _works(grants: tuple[Grant, ...], library: str) -> bool:
    return any(one.library == library and one.role in (ROLE, Role.LIBRARY_ADMIN) for one in grants)


async def offer(services: Services, conn: Connection, library: str, email: str, *, by: str) -> str | None:
    """Make the invitation of a library that is being admitted; none where the address is none."""
    if email_complaint(email):
        return None
    token = chance.token_urlsafe(24)
    await people.add_link(
        conn,
        token,
        LinkKind.INVITATION,
        email.strip(),
        datetime.now(UTC) + LASTS,
        role=ROLE,
        library=library,
    )
    await audit.write(services, conn, by, "people.invited", email.strip(), {"role": ROLE, "library": library})
    return token


async def write_letter(services: Services, name: str, email: str, token: str) -> None:
    """Send the invitation to a new member."""
    base = services.settings.base_url
    await post.send(
        services.settings,
        email.strip(),
        "Thư viện đã là thành viên của mục lục liên hợp – Your library is a member of the union catalogue",
        f"{name} đã là thành viên của mục lục liên hợp. Mở tài khoản của thư viện tại liên kết này (dùng một"
        f" lần, trong {LASTS.days} ngày):\n{base}/link/{token}\nSau đó đăng nhập và mang tệp vào mục lục ở"
        f" trang tài khoản: {base}/account\n\n"
        f"{name} is a member of the union catalogue. Open your library's account at the link above (it works"
        f" once, within {LASTS.days} days), sign in, and bring your files from {base}/account\n",
    )


async def ask(services: Services, secret: str, email: str) -> str | None:
    """Answer whoever holds the private link: send the letter again, or give the token of a one-time link.

    A token is given only where there is no mail server. Raises `Unknown`, `Conflict`, `TooMany`.
    """
    async with services.db.as_service() as conn:
        found = await registrations.by_token(conn, secret, lock=True)
        if found is None or found.library is None:
            raise Unknown("there is no such registration", "Use the link that you were given.")
        stands = await _access(services, conn, found, found.library)
        if stands.taken:
            raise Conflict("the library has an account already", "Sign in, or write to the federation.")
        told = found.facts.contact.email if found.facts else None
        address = told or email
        complaint = email_complaint(address)
        if complaint:
            raise Conflict(f"{address.strip()[:100]!r}: {complaint}", "Correct the address.")
        open_ = [one for one in await people.open_links(conn) if one.library == found.library]
        fresh = [one for one in open_ if one.expires - LASTS > datetime.now(UTC) - PAUSE]
        if stands.by_letter and any(email_key(one.email) == email_key(address) for one in fresh):
            raise TooMany("a letter was sent a moment ago", "Look into your mailbox; ask again in a minute.")
        for one in open_:
            if one.role is ROLE and one.made_by is None:
                await people.end_link(conn, one.id)
        token = await offer(services, conn, found.library, address, by=BY)
        name = found.facts.name_vi if found.facts else found.library
    if token is None or not stands.by_letter:
        return token
    await write_letter(services, name, address, token)
    return None
