"""A library's way in: it tells what it is, its catalogue is looked at, the federation decides.

An applicant has a private link and nothing else. What is refused or found says nothing of libraries that the
public may not know of.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import msgspec

from unioncat.domain.errand import Errand, ErrandState
from unioncat.domain.onboarding import Expected
from unioncat.domain.registration import (
    OPEN,
    Facts,
    Letter,
    Registration,
    RegistrationState,
)
from unioncat.domain.software import BY_CODE, Way, candidates
from unioncat.domain.source import Protocol, Source
from unioncat.flow.services import Services
from unioncat.normalise import PROFILES, profile_for
from unioncat.store import errands, onboarding, registrations
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, TooMany, Unknown

PROBE = "probe"
EACH_HOUR = 10
"""Registrations that one network may begin in an hour."""
ALL_HOUR = 200
MOST_WAITING = 1000
"""Registrations that may wait for the federation at a time."""
MOST_LOOKS = 12
"""Looks at a catalogue that one registration may ask for."""
MOST_LOOKING = 10
MOST_LETTERS = 40
LONGEST_LETTER = 4000
_LONGEST_CODE = 48


@dataclass(frozen=True, slots=True)
class Shown:
    """A registration with the look at its catalogue that is under way, if one is."""

    registration: Registration
    errand: Errand | None = None

    @property
    def looking(self) -> bool:
        """Whether a look is under way, or has just ended and is being read."""
        if self.errand is None or self.registration.appraisal is not None:
            return False
        return self.errand.state is not ErrandState.FAILED


async def begin(
    services: Services, software: str, address: str, *, origin: bytes | None, invitation: str = ""
) -> str:
    """Begin a registration and have the catalogue looked at; give the secret of its private link.

    Raises `AddressError`, `Unknown` for software that is not known, `TooMany`.
    """
    if software not in BY_CODE:
        raise Unknown(f"there is no software {software!r}", "Choose one of the list.")
    address = address.strip()
    if address or BY_CODE[software].way is Way.WEB:
        candidates(BY_CODE[software], address)
    token = secrets.token_urlsafe(24)
    since = datetime.now(UTC) - timedelta(hours=1)
    async with services.db.as_service() as conn:
        if origin is not None and await registrations.begun_since(conn, since, origin) >= EACH_HOUR:
            raise TooMany("too many registrations were begun from this network in an hour")
        if await registrations.begun_since(conn, since, None) >= ALL_HOUR:
            raise TooMany("too many registrations were begun in an hour")
        invited = await onboarding.by_invitation(conn, invitation) if invitation else None
        made = await registrations.add(
            conn,
            token,
            software=software,
            address=address,
            origin=origin,
            expected=invited.code if invited else None,
        )
        if invited:
            await registrations.update_one(conn, made.id, facts=_invited(invited))
        if address:
            await _look(conn, made)
    return token


def _invited(one: Expected) -> Facts:
    facts = Facts(one.name_vi, one.name_en, one.type, one.level, one.province)
    return replace(facts, contact=replace(facts.contact, email=one.email))


async def _look(conn: Connection, registration: Registration) -> None:
    """Ask for a look at a registration's catalogue. Raises `TooMany`, `AddressError`."""
    software = BY_CODE[registration.software]
    under_way, all_looks = await errands.count(conn, PROBE, registration=registration.id)
    if under_way:
        raise TooMany("a look at this catalogue is under way already", "Wait until it has ended.")
    if all_looks >= MOST_LOOKS:
        raise TooMany("this registration has had its catalogue looked at too often", "Write to the operator.")
    if (await errands.count(conn, PROBE))[0] >= MOST_LOOKING:
        raise TooMany("too many catalogues are being looked at now", "Try again in some minutes.")
    named = software.profile if software.profile in PROFILES else "marc21"
    profile = profile_for(Source("probe", "", Protocol.OAI_PMH, "", profile=named))
    asked = await errands.ask(
        conn,
        PROBE,
        {
            "registration": registration.id,
            "places": [
                {"protocol": one.protocol, "address": one.address}
                for one in candidates(software, registration.address)
            ],
            "set": registration.set,
            "profile_name": named,
            "profile": msgspec.to_builtins(profile),
        },
        priority=1,
    )
    await registrations.update_one(conn, registration.id, errand_id=asked.id, appraisal=None)


async def look_again(
    services: Services, token: str, *, software: str, address: str, part: str = ""
) -> Registration:
    """Look at another address, another set, or once more. Raises `Unknown`, `Conflict`, `TooMany`."""
    if software not in BY_CODE:
        raise Unknown(f"there is no software {software!r}", "Choose one of the list.")
    address = address.strip()
    if address:
        candidates(BY_CODE[software], address)
    async with services.db.as_service() as conn:
        mine = await _mine(conn, token)
        changed = await registrations.update_one(
            conn, mine.id, software=software, address=address, set_spec=part or None
        )
        if address:
            await _look(conn, changed)
        else:
            await registrations.update_one(conn, mine.id, errand_id=None, appraisal=None)
        return changed


async def shown(services: Services, token: str) -> Shown | None:
    """Give the registration of a private link; none where there is none."""
    async with services.db.as_service() as conn:
        found = await registrations.by_token(conn, token)
        return await _with_errand(conn, found) if found else None


async def read(services: Services, number: int) -> Shown:
    """Give a registration, for the federation. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        return await _with_errand(conn, await registrations.read(conn, number))


async def _with_errand(conn: Connection, found: Registration) -> Shown:
    if found.errand is None:
        return Shown(found)
    try:
        return Shown(found, await errands.read(conn, found.errand))
    except Unknown:  # errands are forgotten before registrations are
        return Shown(found)


async def _mine(conn: Connection, token: str) -> Registration:
    """Give the applicant's registration while something can still be said. Raises `Unknown`, `Conflict`."""
    found = await registrations.by_token(conn, token, lock=True)
    if found is None:
        raise Unknown("there is no such registration", "Use the link that you were given.")
    if found.state not in OPEN:
        raise Conflict(f"this registration is {found.state} already", "Begin a new one to change something.")
    return found


async def send(services: Services, token: str, facts: Facts) -> Registration:
    """Hand a registration in, or put the facts of one that waits right.

    Raises `Unknown`, `Conflict`, `TooMany`.
    """
    now = datetime.now(UTC)
    async with services.db.as_service() as conn:
        mine = await _mine(conn, token)
        waiting = (await registrations.counts(conn)).get(RegistrationState.WAITING, 0)
        if mine.state is RegistrationState.DRAFT and waiting >= MOST_WAITING:
            raise TooMany("too many registrations wait for the federation now", "Try again in some days.")
        return await registrations.update_one(
            conn,
            mine.id,
            facts=facts,
            state=RegistrationState.WAITING,
            submitted_at=mine.submitted or now,
        )


async def reply(services: Services, token: str, text: str) -> Registration:
    """Answer what the federation asked; then the registration waits again. Raises `Unknown`, `Conflict`."""
    async with services.db.as_service() as conn:
        mine = await _mine(conn, token)
        state = RegistrationState.WAITING if mine.state is RegistrationState.RETURNED else mine.state
        return await registrations.update_one(
            conn, mine.id, state=state, letters=with_letter(mine, text, None)
        )


async def withdraw(services: Services, token: str) -> Registration:
    """Take a registration back; what was found is forgotten. Raises `Unknown`, `Conflict`."""
    async with services.db.as_service() as conn:
        mine = await _mine(conn, token)
        return await registrations.update_one(
            conn, mine.id, state=RegistrationState.WITHDRAWN, appraisal=None, origin=None
        )


def with_letter(registration: Registration, text: str, by: str | None) -> tuple[Letter, ...]:
    """Give the letters of a registration with one more. Raises `Conflict`."""
    text = text.strip()
    if not text:
        raise Conflict("the message is empty", "Write what you want to say.")
    if len(registration.letters) >= MOST_LETTERS:
        raise Conflict("there are too many messages on this registration", "Use e-mail or telephone.")
    return (*registration.letters, Letter(datetime.now(UTC), text[:LONGEST_LETTER], by))


async def listed(
    services: Services, states: Sequence[RegistrationState], *, limit: int = 100, before: int | None = None
) -> list[Registration]:
    """Give registrations in these states."""
    async with services.db.as_service() as conn:
        return await registrations.listed(conn, tuple(states), limit=limit, before=before)


async def counts(services: Services) -> dict[RegistrationState, int]:
    """Count the registrations in each state."""
    async with services.db.as_service() as conn:
        return await registrations.counts(conn)
