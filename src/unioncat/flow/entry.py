"""Signing in and out, the second factor, passwords, keys: how somebody proves who he or she is.

Every refusal says the same and takes as long, whatever was wrong; guesses are counted before judged.
"""

import secrets as chance
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from unioncat.domain import recovery, totp
from unioncat.domain.audience import Viewer
from unioncat.domain.people import (
    ALL_AUDIENCES,
    Account,
    LinkKind,
    Right,
    SignedIn,
    email_key,
    password_complaint,
)
from unioncat.flow import audit, post
from unioncat.flow.credentials import keyring
from unioncat.flow.services import Services
from unioncat.store import passwords, people, sessions
from unioncat.store import recovery as kept_codes
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, TooMany
from unioncat.store.sessions import PASSWORD, SECOND, WAITING, Key, Session

LASTS = timedelta(hours=12)
CODE_LASTS = timedelta(minutes=10)
RESET_LASTS = timedelta(hours=1)
FREE_GUESSES, FREE_GUESSES_OF_ADDRESS = 5, 20
LONGEST_PAUSE = timedelta(minutes=15)
FORGET_FAILURES = timedelta(days=1)
KEY_BEGINNING = "uck_"
LONGEST_KEY = timedelta(days=366)
MOST_KEYS = 20


class Refused(Exception):
    """Nobody is let in; why is not said."""


@dataclass(frozen=True, slots=True)
class Entered:
    """A session was begun; `waiting` when the code of the second factor is still to come."""

    token: str
    waiting: bool
    name: str


def _who(kind: str, text: str) -> bytes:
    return totp.fingerprint(f"{kind}\n{text}")


async def count_guess(services: Services, email: str | None, address: str | None) -> None:
    """Count a guess before it is judged: for the account, and for where it comes from. Raises `TooMany`."""
    asked = [(_who("account", email_key(email)), FREE_GUESSES)] if email is not None else []
    if address:
        asked.append((_who("address", address), FREE_GUESSES_OF_ADDRESS))
    async with services.db.as_service() as conn:
        waits = [0.0] + [await sessions.wait_for(conn, who, free, LONGEST_PAUSE) for who, free in asked]
        if max(waits) > 0:
            raise TooMany(
                "too many attempts to sign in failed",
                f"Wait {int(max(waits)) + 1} seconds, or have the password reset.",
                seconds=int(max(waits)) + 1,
            )
        for who, _ in asked:
            await sessions.failed(conn, who, FORGET_FAILURES)


async def guessed_right(conn: Connection, email: str, address: str | None) -> None:
    """Forget the guesses that led to a right one."""
    await sessions.succeeded(conn, _who("account", email_key(email)))
    if address:
        await sessions.succeeded(conn, _who("address", address))


async def sign_in(
    services: Services, email: str, password: str, *, address: str | None, device: str
) -> Entered:
    """Begin a session with a password. Raises `Refused`, `TooMany`."""
    await count_guess(services, email, address)
    async with services.db.as_service() as conn:
        found = await people.by_email(conn, email)
        kept = (await people.locks(conn, found.id)).password if found else None
    right = await passwords.fits(kept, password)
    if found is None or not right or not found.active or found.demo:
        await audit.note(services, email_key(email)[:254], "sign-in.refused", detail=came_from(address))
        raise Refused
    async with services.db.as_service() as conn:
        stage = WAITING if found.second_factor else PASSWORD
        token = await begin(conn, found.id, stage, device)
        if stage == PASSWORD:
            await guessed_right(conn, email, address)
            await audit.write(services, conn, found.email, "sign-in", detail=came_from(address))
    return Entered(token, stage == WAITING, found.name)


async def begin(conn: Connection, account: int, stage: str, device: str) -> str:
    """Begin a session; give its token, which nobody has seen before."""
    token = chance.token_urlsafe(32)
    await sessions.begin(conn, token, account, stage, device[:200], CODE_LASTS if stage == WAITING else LASTS)
    if stage != WAITING:
        await people.change(conn, account, signed_in_at=datetime.now(UTC))
    return token


def came_from(address: str | None) -> dict[str, str]:
    """Name the address of a request, for the log."""
    return {"address": address} if address else {}


async def give_code(services: Services, token: str, code: str, *, address: str | None) -> Entered:
    """Give a code of the second factor, or one for recovery: the waiting session ends, a new one begins.

    Raises as `sign_in`.
    """
    async with services.db.as_service() as conn:
        session = await sessions.read(conn, token)
        if session is None or session.stage != WAITING:
            raise Refused
        found = await people.read(conn, session.account)
    await count_guess(services, found.email, address)
    async with services.db.as_service() as conn:
        spare = recovery.read(code)
        if spare is None:
            said = {"by": "code"}
            right = found.active and await _use_code(services, conn, found, code)
        else:
            right = found.active and found.second_factor and await kept_codes.use(conn, found.id, spare)
            said = {"by": "recovery", "left": str(await kept_codes.left(conn, found.id))}
        if right:
            await sessions.end(conn, token)
            made = await begin(conn, found.id, SECOND, session.device)
            await guessed_right(conn, found.email, address)
        action = "sign-in" if right else "sign-in.refused"
        await audit.write(services, conn, found.email, action, detail={**said, **came_from(address)})
    if not right:
        raise Refused
    return Entered(made, False, found.name)


async def _use_code(services: Services, conn: Connection, account: Account, code: str) -> bool:
    locks = await people.locks(conn, account.id)
    if locks.totp_sealed is None:
        return False
    secret = keyring(services.settings).open(locks.totp_sealed, _place(account))
    step = totp.matching_step(secret, code, time.time(), after=locks.totp_step)
    return step is not None and await people.use_step(conn, account.id, step)


def _place(account: Account) -> tuple[str, ...]:
    return ("second factor", str(account.id))


async def sign_out(services: Services, token: str) -> None:
    """End a session."""
    async with services.db.as_service() as conn:
        session = await sessions.read(conn, token)
        if session is None:
            return
        await sessions.end(conn, token)
        found = await people.read(conn, session.account)
        await audit.write(services, conn, found.email, "sign-out")


async def whose(services: Services, token: str) -> SignedIn | None:
    """Tell whose session it is, and what counts of the person's roles; none where it does not hold."""
    async with services.db.as_service() as conn:
        session = await sessions.read(conn, token)
        if session is None:
            return None
        found = await people.read(conn, session.account)
        if not found.active or (found.demo and not services.settings.is_demo):
            return None
        plain = SignedIn(found, second=session.stage == SECOND, waiting=session.stage == WAITING)
        return await _seeing(conn, plain)


async def whose_key(services: Services, token: str) -> SignedIn | None:
    """Tell for whom a program asks, and what its key may be used for."""
    async with services.db.as_service() as conn:
        key = await sessions.key(conn, token)
        if key is None:
            return None
        found = await people.read(conn, key.account)
        if not found.active or (found.demo and not services.settings.is_demo):
            return None
        second = found.second_factor or found.demo
        return await _seeing(conn, SignedIn(found, second=second, scopes=key.scopes, until=key.expires))


async def _seeing(conn: Connection, person: SignedIn) -> SignedIn:
    """Add whose audiences the person belongs to."""
    held = person.grants()
    everything = any(one.library is None and one.role in ALL_AUDIENCES for one in held)
    libraries = frozenset(code for one in held for code in one.covers)
    if not everything and not libraries:
        return person
    circles = await people.audiences(conn, None if everything else libraries)
    return replace(person, viewer=Viewer(circles))


async def sessions_of(services: Services, account: int) -> list[Session]:
    """Give somebody's sessions that hold."""
    async with services.db.as_service() as conn:
        return await sessions.listed(conn, account)


async def end_others(services: Services, person: SignedIn, token: str) -> None:
    """End all sessions of somebody but the present one."""
    async with services.db.as_service() as conn:
        await sessions.end_all(conn, person.account.id, but=token)
        await audit.write(services, conn, person.account.email, "sign-out.others")


async def change_password(services: Services, person: SignedIn, token: str, old: str, new: str) -> str:
    """Change one's own password; other sessions end. Give the complaint, empty when it is done.

    Raises `TooMany`.
    """
    account = person.account
    await count_guess(services, account.email, None)
    async with services.db.as_service() as conn:
        kept = (await people.locks(conn, account.id)).password
    if not await passwords.fits(kept, old):
        return "old"
    complaint = password_complaint(new, email=account.email, name=account.name)
    made = await passwords.hashed(new) if not complaint else ""
    async with services.db.as_service() as conn:
        await sessions.succeeded(conn, _who("account", email_key(account.email)))
        if not complaint:
            await people.change(conn, account.id, password=made)
            await sessions.end_all(conn, account.id, but=token)
            await audit.write(services, conn, account.email, "password.changed")
    return complaint


async def set_second_factor(
    services: Services, person: SignedIn, token: str, secret: bytes, code: str
) -> tuple[str, tuple[str, ...]]:
    """Set up a second factor with its first code.

    Give the token of the new session, and the recovery codes, which are shown once. Raises `Refused`.
    """
    account = person.account
    step = totp.matching_step(secret, code, time.time())
    if step is None or account.second_factor or person.waiting:
        raise Refused
    sealed = keyring(services.settings).seal(secret, _place(account))
    async with services.db.as_service() as conn:
        await people.change(conn, account.id, totp_sealed=sealed, totp_step=step)
        codes = await _new_codes(conn, account.id)
        session = await sessions.read(conn, token)
        await sessions.end_all(conn, account.id)
        made = await begin(conn, account.id, SECOND, session.device if session else "")
        await audit.write(services, conn, account.email, "second-factor.set")
    return made, codes


async def renew_codes(services: Services, person: SignedIn) -> tuple[str, ...]:
    """Make new recovery codes, which are shown once; the earlier ones end. Raises `Refused`.

    Only in a session with the second factor: whoever holds less would give himself what it stands for.
    """
    if not (person.second and person.account.second_factor) or person.waiting or person.until is not None:
        raise Refused
    async with services.db.as_service() as conn:
        codes = await _new_codes(conn, person.account.id)
        await audit.write(services, conn, person.account.email, "second-factor.codes")
    return codes


async def codes_left(services: Services, account: int) -> int:
    """Count the recovery codes that somebody can still use."""
    async with services.db.as_service() as conn:
        return await kept_codes.left(conn, account)


async def _new_codes(conn: Connection, account: int) -> tuple[str, ...]:
    codes = tuple(recovery.written(chance.token_bytes(recovery.BYTES)) for _ in range(recovery.HOW_MANY))
    await kept_codes.renew(conn, account, codes)
    return codes


async def ask_reset(services: Services, email: str, base_url: str) -> None:
    """Send a link for a new password, where there is somebody; nothing tells whether there was."""
    async with services.db.as_service() as conn:
        found = await people.by_email(conn, email)
        token = chance.token_urlsafe(24)
        if found is not None and found.active and not found.demo:
            expires = datetime.now(UTC) + RESET_LASTS
            await people.add_link(conn, token, LinkKind.RESET, found.email, expires, account=found.id)
            await audit.write(services, conn, found.email, "password.reset-asked")
    if found is not None and found.active and not found.demo:
        await post.send(
            services.settings,
            found.email,
            "Đặt lại mật khẩu – New password",
            f"Đặt mật khẩu mới tại liên kết này (dùng một lần, trong một giờ):\n{base_url}/link/{token}\n"
            "Nếu bạn không yêu cầu, hãy bỏ qua thư này.\n\n"
            "Set a new password at the link above (once, within an hour).\n"
            "If you did not ask for it, ignore this letter.\n",
        )


async def make_key(
    services: Services, person: SignedIn, name: str, scopes: Iterable[Right], lasts: timedelta
) -> str:
    """Make a key for a program; it never may more than the person. Raises `Conflict`."""
    wanted = frozenset(scopes)
    if not name.strip() or not timedelta() < lasts <= LONGEST_KEY:
        raise Conflict("the key needs a name, and an end within a year", "Give both.")
    if not all(person.may_somewhere(one) for one in wanted):
        raise Conflict("a key cannot do what its person may not do", "Choose among your own rights.")
    token = KEY_BEGINNING + chance.token_urlsafe(32)
    async with services.db.as_service() as conn:
        await people.lock(conn, person.account.id)
        if len(await sessions.keys(conn, person.account.id)) >= MOST_KEYS:
            raise Conflict(f"there are {MOST_KEYS} keys already", "Remove one that is no longer used.")
        await sessions.add_key(conn, token, person.account.id, name.strip()[:80], wanted, lasts)
        detail = {"name": name.strip()[:80], "scopes": " ".join(sorted(wanted))}
        await audit.write(services, conn, person.account.email, "key.made", token[:10], detail)
    return token


async def keys_of(services: Services, account: int) -> list[Key]:
    """Give somebody's keys."""
    async with services.db.as_service() as conn:
        return await sessions.keys(conn, account)


async def remove_key(services: Services, person: SignedIn, number: int) -> None:
    """Remove one's own key."""
    async with services.db.as_service() as conn:
        if await sessions.remove_key(conn, person.account.id, number):
            await audit.write(services, conn, person.account.email, "key.removed", str(number))
