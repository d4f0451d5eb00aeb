"""Who takes part: invitations by one-time links, roles, hand-over, leaving, the first administrator.

Nobody gives a role that is not his or hers to give; the federation is never without an administrator.
"""

import secrets as chance
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from unioncat.domain.people import (
    Account,
    LinkKind,
    Right,
    Role,
    SignedIn,
    email_complaint,
    email_key,
    password_complaint,
)
from unioncat.flow import audit, post
from unioncat.flow.services import Services
from unioncat.store import libraries, passwords, people, recovery, sessions, sources
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.people import Link
from unioncat.store.sessions import SECOND

INVITATION_LASTS = timedelta(days=7)
LONGEST_NAME = 80
FIRST = "first-administrator@unioncat.invalid"
"""Stands for the address of a first administrator who has not said it yet."""


class Forbidden(Exception):
    """The person may not do this to that person or at that place."""


async def listed(services: Services, person: SignedIn, library: str | None) -> Sequence[Account]:
    """Give the people at a library, or all of them. Raises `Forbidden`."""
    if not person.may(Right.PEOPLE, library):
        raise Forbidden
    async with services.db.as_service() as conn:
        return await people.listed(conn, None if library is None else {library})


async def invitations(services: Services, person: SignedIn, library: str | None) -> Sequence[Link]:
    """Give the invitations to a place that are still open. Raises `Forbidden`."""
    if not person.may(Right.PEOPLE, library):
        raise Forbidden
    async with services.db.as_service() as conn:
        return [
            one
            for one in await people.open_links(conn)
            if library in (None, one.library) and one.email != FIRST
        ]


async def invite(
    services: Services,
    person: SignedIn,
    email: str,
    role: Role,
    library: str | None,
    base_url: str,
    *,
    hands_over: bool = False,
) -> str:
    """Invite somebody to a role by a one-time link, which is sent and given back.

    With `hands_over` the inviter's own role at that place goes over to whoever takes it up.
    Raises `Forbidden`, `Conflict`, `Unknown`.
    """
    if not person.may_grant(role, library) or (hands_over and not person.account.holds(role, library)):
        raise Forbidden
    complaint = email_complaint(email)
    if complaint:
        raise Conflict(f"{email.strip()[:100]!r}: {complaint}", "Correct the address.")
    token = chance.token_urlsafe(24)
    async with services.db.as_service() as conn:
        await people.add_link(
            conn,
            token,
            LinkKind.INVITATION,
            email.strip(),
            datetime.now(UTC) + INVITATION_LASTS,
            role=role,
            library=library,
            made_by=person.account.id,
            hands_over=hands_over,
        )
        await audit.write(
            services, conn, person.account.email, "people.invited", email.strip(), _place(role, library)
        )
    link = f"{base_url}/link/{token}"
    await post.send(
        services.settings,
        email.strip(),
        "Lời mời tham gia mục lục liên hợp – Invitation to the union catalogue",
        f"{person.name} mời bạn tham gia mục lục liên hợp. Liên kết dùng một lần, trong bảy ngày:\n{link}\n\n"
        f"{person.name} invites you to the union catalogue. The link above works once, within seven days.\n",
    )
    return link


def _place(role: Role, library: str | None) -> dict[str, str]:
    return {"role": role, "library": library or "*"}


async def end_invitation(services: Services, person: SignedIn, number: int) -> None:
    """Take an invitation back. Raises `Unknown`, also where it is not the person's to take back."""
    async with services.db.as_service() as conn:
        found = next((one for one in await people.open_links(conn) if one.id == number), None)
        if found is None or found.role is None or not person.may_grant(found.role, found.library):
            raise Unknown("there is no such invitation")
        await people.end_link(conn, number)
        await audit.write(services, conn, person.account.email, "people.invitation-ended", found.email)


async def link(services: Services, token: str) -> tuple[Link, Account | None] | None:
    """Give a one-time link that holds, and whose account it is for, if there is one."""
    async with services.db.as_service() as conn:
        found = await people.link(conn, token)
        return (found, await people.by_email(conn, found.email)) if found else None


async def take_up(services: Services, token: str, *, email: str, name: str, password: str) -> str:
    """Use a one-time link: who is new chooses name and password, who is known gets a role or a new password.

    Give the complaint, empty when it is done. Raises `Unknown` when the link does not hold.
    """
    async with services.db.as_service() as conn:
        shown = await people.link(conn, token)
        if shown is None:
            raise Unknown("this link does not hold", "Links work once and for some days. Ask for a new one.")
        first = shown.email == FIRST
        address = email.strip() if first else shown.email
        known = await people.by_email(conn, address)
    if first and email_complaint(address):
        return "email"
    if first and known is not None:
        return "taken"
    needs = known is None or shown.kind is LinkKind.RESET
    name = (known.name if known else name.strip())[:LONGEST_NAME]
    if not name:
        return "name"
    complaint = password_complaint(password, email=address, name=name) if needs else ""
    if complaint:
        return complaint
    made = await passwords.hashed(password) if needs else None
    async with services.db.as_service() as conn:
        used = await people.link(conn, token, use=True)
        if used is None:
            raise Unknown("this link does not hold", "Links work once and for some days. Ask for a new one.")
        if used.kind is LinkKind.RESET:
            if known is None or not known.active:
                raise Unknown("this link does not hold", "Ask for a new one.")
            await people.change(conn, known.id, password=made)
            await sessions.end_all(conn, known.id)
            await audit.write(services, conn, known.email, "password.reset")
            return ""
        account = await people.add(conn, address, name)
        if known is not None and not known.active:
            raise Conflict("this person was let go", "A federation administrator can bring the person back.")
        if known is None:
            await people.change(conn, account.id, password=made)
        if used.role is not None:
            await _give_invited(conn, used, account)
        detail = _place(used.role, used.library) if used.role else {}
        await audit.write(services, conn, account.email, "people.joined", account.email, detail)
    return ""


async def _give_invited(conn: Connection, used: Link, account: Account) -> None:
    """Give the role of an invitation, if who invited may still give it; with a hand-over it changes hands."""
    assert used.role is not None  # noqa: S101 - the caller looked
    if not await _may_still_give(conn, used):
        raise Conflict("the invitation no longer holds", "Ask for a new one.")
    await people.grant(conn, account.id, used.role, used.library)
    if used.hands_over and used.made_by is not None and used.made_by != account.id:
        await people.revoke(conn, used.made_by, used.role, used.library)
        await sessions.end_all(conn, used.made_by)


async def join_invited(services: Services, conn: Connection, email: str, name: str) -> Account | None:
    """Take up the open invitations to an address that a provider of identities has verified.

    None where there is none that still holds.
    """
    found = [
        one
        for one in await people.open_links(conn)
        if email_key(one.email) == email_key(email) and one.email != FIRST and one.role is not None
    ]
    joined: Account | None = None
    for one in found:
        if not await _may_still_give(conn, one):
            continue
        account = joined or await people.add(conn, one.email, name or email_key(email).partition("@")[0])
        if not account.active or account.demo:
            return None
        await people.end_link(conn, one.id)
        await _give_invited(conn, one, account)
        detail = _place(one.role or Role.READER, one.library) | {"by": "openid"}
        await audit.write(services, conn, account.email, "people.joined", account.email, detail)
        joined = account
    return joined


async def _may_still_give(conn: Connection, used: Link) -> bool:
    """Tell whether who invited may still give what the invitation gives."""
    if used.made_by is None or used.role is None:
        return used.role is not None
    giver = SignedIn(await people.read(conn, used.made_by), second=True)
    return giver.may_grant(used.role, used.library)


async def give_role(
    services: Services, person: SignedIn, account: int, role: Role, library: str | None
) -> None:
    """Give somebody who is known one more role. Raises `Forbidden`, `Unknown`."""
    if not person.may_grant(role, library):
        raise Forbidden
    async with services.db.as_service() as conn:
        found = await _somebody(conn, person, account)
        await _near(person, found)
        await people.grant(conn, account, role, library)
        await audit.write(
            services, conn, person.account.email, "people.role-given", found.email, _place(role, library)
        )


async def take_role(
    services: Services, person: SignedIn, account: int, role: Role, library: str | None
) -> None:
    """Take a role from somebody, oneself included. Raises `Forbidden`, `Unknown`, `Conflict`."""
    if not person.may_grant(role, library):
        raise Forbidden
    async with services.db.as_service() as conn:
        found = await _somebody(conn, person, account)
        await _near(person, found)
        if role is Role.FEDERATION_ADMIN:
            await _not_the_last(conn, found)
        if not await people.revoke(conn, account, role, library):
            raise Unknown("the person has not this role")
        await sessions.end_all(conn, account) if account != person.account.id else None
        await audit.write(
            services, conn, person.account.email, "people.role-taken", found.email, _place(role, library)
        )


async def _somebody(conn: Connection, person: SignedIn, account: int) -> Account:
    """Give somebody's account. Who may not see everybody does not learn which numbers are anybody's.

    Raises `Forbidden`, `Unknown`.
    """
    try:
        return await people.read(conn, account)
    except Unknown:
        if person.may(Right.PEOPLE):
            raise
        raise Forbidden from None


async def _near(person: SignedIn, other: Account) -> None:
    """Refuse whoever has nothing to do with a person. Raises `Forbidden`."""
    if person.may(Right.PEOPLE):
        return
    if not any(one.library and person.may(Right.PEOPLE, one.library) for one in other.grants):
        raise Forbidden


async def _not_the_last(conn: Connection, account: Account) -> None:
    if (
        account.active
        and account.holds(Role.FEDERATION_ADMIN)
        and not account.demo
        and await people.administrators(conn) < 2
    ):
        raise Conflict(
            "the federation would be left without an administrator", "Invite another one first, or hand over."
        )


def _above(person: SignedIn, other: Account) -> bool:
    """Tell whether everything that another person holds is the person's to give and take."""
    return person.may(Right.PEOPLE) or (
        bool(other.grants) and all(person.may_grant(one.role, one.library) for one in other.grants)
    )


async def let_go(services: Services, person: SignedIn, account: int) -> None:
    """Let somebody go: sessions and keys end at once, the name stays beside what was done.

    Raises `Forbidden`, `Unknown`, `Conflict`.
    """
    async with services.db.as_service() as conn:
        found = await _somebody(conn, person, account)
        if not _above(person, found):
            raise Forbidden
        await _not_the_last(conn, found)
        await people.change(conn, account, active=False)
        await sessions.end_all(conn, account)
        await sessions.remove_keys(conn, account)
        await people.end_links(conn, found.email)
        await audit.write(services, conn, person.account.email, "people.let-go", found.email)


async def bring_back(services: Services, person: SignedIn, account: int) -> None:
    """Let somebody in again who was let go. Raises `Forbidden`, `Unknown`."""
    async with services.db.as_service() as conn:
        found = await _somebody(conn, person, account)
        if not _above(person, found):
            raise Forbidden
        await people.change(conn, account, active=True)
        await audit.write(services, conn, person.account.email, "people.brought-back", found.email)


async def forget_second_factor(services: Services, person: SignedIn, account: int) -> None:
    """Take the second factor from somebody who has lost it. Raises `Forbidden`, `Unknown`."""
    async with services.db.as_service() as conn:
        found = await _somebody(conn, person, account)
        if not _above(person, found) or account == person.account.id:
            raise Forbidden
        await people.change(conn, account, totp_sealed=None, totp_step=None)
        await recovery.renew(conn, account, ())
        await sessions.end_all(conn, account)
        await audit.write(services, conn, person.account.email, "second-factor.forgotten", found.email)


async def first_link(services: Services, base_url: str) -> str | None:
    """Make a one-time link for the first administrator; none where there is one."""
    async with services.db.as_service() as conn:
        if await people.administrators(conn):
            return None
        token = chance.token_urlsafe(24)
        expires = datetime.now(UTC) + INVITATION_LASTS
        await people.add_link(conn, token, LinkKind.INVITATION, FIRST, expires, role=Role.FEDERATION_ADMIN)
        return f"{base_url}/link/{token}"


async def rescue(services: Services, email: str, base_url: str, *, by: str = "server") -> str:
    """Give a link for a new password, and forget the second factor: for whoever runs the server.

    Raises `Unknown`.
    """
    async with services.db.as_service() as conn:
        found = await people.by_email(conn, email)
        if found is None:
            raise Unknown(f"there is nobody with the address {email!r}", "See `unioncat people list`.")
        token = chance.token_urlsafe(24)
        await people.change(conn, found.id, totp_sealed=None, totp_step=None, active=True)
        await recovery.renew(conn, found.id, ())
        await sessions.end_all(conn, found.id)
        expires = datetime.now(UTC) + timedelta(hours=1)
        await people.add_link(conn, token, LinkKind.RESET, found.email, expires, account=found.id)
        await audit.write(services, conn, by, "people.rescued", found.email)
    return f"{base_url}/link/{token}"


async def everybody(services: Services) -> Sequence[Account]:
    """List all people: for whoever runs the server."""
    async with services.db.as_service() as conn:
        return await people.listed(conn, None)


async def owner_of_source(services: Services, code: str) -> str | None:
    """Name the library of a source."""
    async with services.db.as_service() as conn:
        return await people.owner_of_source(conn, code)


async def owner_of_upload(services: Services, number: UUID) -> str | None:
    """Name the library for which a file was brought."""
    async with services.db.as_service() as conn:
        return await people.owner_of_upload(conn, number)


SAMPLES = (
    Role.FEDERATION_ADMIN,
    Role.AUDITOR,
    Role.LIBRARY_ADMIN,
    Role.CATALOGUER,
    Role.LENDING,
    Role.READER,
)
"""Sample people of a demonstration, one for each role."""
SAMPLE_NAMES = {
    Role.FEDERATION_ADMIN: "Quản trị liên hiệp (mẫu)",
    Role.AUDITOR: "Kiểm tra viên (mẫu)",
    Role.LIBRARY_ADMIN: "Quản trị thư viện (mẫu)",
    Role.CATALOGUER: "Cán bộ biên mục (mẫu)",
    Role.LENDING: "Cán bộ mượn trả (mẫu)",
    Role.READER: "Bạn đọc (mẫu)",
}


async def sign_in_sample(services: Services, role: Role, device: str) -> str:
    """Begin a session of a sample person: in a demonstration only. Raises `Forbidden`."""
    if not services.settings.is_demo:
        raise Forbidden
    async with services.db.as_service() as conn:
        account = await sample_person(conn, role)
        token = chance.token_urlsafe(32)
        await sessions.begin(conn, token, account.id, SECOND, device[:200], timedelta(hours=12))
        await audit.write(services, conn, account.email, "sign-in", detail={"by": "demo"})
    return token


async def sample_person(conn: Connection, role: Role, *more: str) -> Account:
    """Give a sample person: with the role at the first source's library, and at those named besides."""
    found = await sources.all_sources(conn)
    every = await libraries.owners(conn)
    library = found[0].library if found else next(iter(every), None)
    federal = role in (Role.FEDERATION_ADMIN, Role.AUDITOR)
    if library is None and not federal:
        raise Unknown("there is no library yet", "Wait until the sample libraries are there.")
    account = await people.add(conn, f"{role}@demo.invalid", SAMPLE_NAMES[role], demo=True)
    for place in dict.fromkeys((None if federal else library, *more)):
        await people.grant(conn, account.id, role, place)
    return await people.read(conn, account.id)
