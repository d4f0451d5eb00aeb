"""A library's way in: it tells what it is, its catalogue is looked at, the federation decides.

An applicant has a private link and nothing else. What is refused or found says nothing of libraries that the
public may not know of.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import msgspec

from unioncat.domain.errand import Errand, ErrandState
from unioncat.domain.onboarding import Expected
from unioncat.domain.registration import (
    OPEN,
    Appraisal,
    Facts,
    Letter,
    Registration,
    RegistrationState,
    Wish,
)
from unioncat.domain.software import BY_CODE, AddressError, Way, candidates
from unioncat.domain.source import Protocol, Source
from unioncat.domain.switches import Suggestion, applied
from unioncat.flow import register
from unioncat.flow.register import ContactIn, LibraryIn, MembersFile, ParentIn, SourceIn
from unioncat.flow.services import Services
from unioncat.flow.vetting import vet
from unioncat.flow.work import HARVEST
from unioncat.normalise import PROFILES, profile_for
from unioncat.store import errands, jobs, libraries, onboarding, registrations, sources
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, TooMany, Unknown
from unioncat.text import key_fold

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


@dataclass(frozen=True, slots=True)
class Proposal:
    """What approval would make, for a person to put right."""

    library: LibraryIn
    source: SourceIn | None
    branches: tuple[tuple[str, LibraryIn], ...] = ()
    """(value in the records, library) pairs."""
    suggestions: tuple[Suggestion, ...] = ()
    """Switches of the source that the look at it recommends."""


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
    async with services.db.begin() as conn:
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
    async with services.db.begin() as conn:
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
    async with services.db.begin() as conn:
        found = await registrations.by_token(conn, token)
        return await _with_errand(conn, found) if found else None


async def read(services: Services, number: int) -> Shown:
    """Give a registration, for the federation. Raises `Unknown`."""
    async with services.db.begin() as conn:
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
    async with services.db.begin() as conn:
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
    async with services.db.begin() as conn:
        mine = await _mine(conn, token)
        state = RegistrationState.WAITING if mine.state is RegistrationState.RETURNED else mine.state
        return await registrations.update_one(
            conn, mine.id, state=state, letters=_with_letter(mine, text, None)
        )


async def withdraw(services: Services, token: str) -> Registration:
    """Take a registration back; what was found is forgotten. Raises `Unknown`, `Conflict`."""
    async with services.db.begin() as conn:
        mine = await _mine(conn, token)
        return await registrations.update_one(
            conn, mine.id, state=RegistrationState.WITHDRAWN, appraisal=None, origin=None
        )


def _with_letter(registration: Registration, text: str, by: str | None) -> tuple[Letter, ...]:
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
    async with services.db.begin() as conn:
        return await registrations.listed(conn, tuple(states), limit=limit, before=before)


async def counts(services: Services) -> dict[RegistrationState, int]:
    """Count the registrations in each state."""
    async with services.db.begin() as conn:
        return await registrations.counts(conn)


async def ask_back(services: Services, number: int, text: str, *, by: str) -> Registration:
    """Ask the applicant something; the registration is then theirs again. Raises `Unknown`, `Conflict`."""
    async with services.db.begin() as conn:
        found = await _decidable(conn, number)
        return await registrations.update_one(
            conn, number, state=RegistrationState.RETURNED, letters=_with_letter(found, text, by)
        )


async def refuse(services: Services, number: int, reason: str, *, by: str) -> Registration:
    """Refuse a registration with a reason that the applicant sees. Raises `Unknown`, `Conflict`."""
    if not reason.strip():
        raise Conflict("a refusal needs a reason", "Say why: the applicant reads it.")
    async with services.db.begin() as conn:
        await _decidable(conn, number)
        return await registrations.update_one(
            conn,
            number,
            state=RegistrationState.REFUSED,
            reason=reason.strip()[:LONGEST_LETTER],
            decided_by=by,
            decided_at=datetime.now(UTC),
            appraisal=None,
            origin=None,
        )


async def _decidable(conn: Connection, number: int) -> Registration:
    found = await registrations.read(conn, number, lock=True)
    if found.state not in (RegistrationState.WAITING, RegistrationState.RETURNED):
        raise Conflict(f"registration {number} is {found.state}: there is nothing to decide")
    return found


async def propose(services: Services, number: int) -> Proposal:
    """Put together what approval would make of a registration. Raises `Unknown`, `Conflict` without facts."""
    async with services.db.begin() as conn:
        found = await registrations.read(conn, number)
        taken = set(await libraries.owners(conn)) | {one.code for one in await sources.all_sources(conn)}
        if found.facts is None:
            raise Conflict(f"registration {number} has no facts yet", "Wait until the applicant has sent it.")
        return _proposal(found, found.facts, taken)


def _proposal(found: Registration, facts: Facts, taken: set[str]) -> Proposal:
    code = found.expected or ""
    if not code or code in taken:
        code = free_code(facts.name_vi, taken)
    taken = taken | {code}
    library = LibraryIn(
        code=code,
        name_vi=facts.name_vi,
        name_en=facts.name_en or facts.name_vi,
        type=facts.type,
        level=facts.level,
        province=facts.province,
        contact=ContactIn(
            email=facts.contact.email,
            phone=facts.contact.phone,
            address=facts.contact.address,
            website=facts.contact.website,
        ),
        # Nobody's records become public by default: a person chooses where the applicant did not.
        audience="public" if facts.wish is Wish.PUBLIC else "",
    )
    branches = []
    for one in facts.branches:
        name = free_code(one.name, taken)
        taken.add(name)
        made = library.model_copy(
            update={
                "code": name,
                "name_vi": one.name,
                "name_en": one.name,
                "parents": [ParentIn(code=code)],
                "contact": ContactIn(),
            }
        )
        branches.append((one.value, made))
    seen = found.appraisal
    source = _source(code, found, seen) if seen is not None and seen.format else None
    return Proposal(library, source, tuple(branches), seen.suggestions if source and seen else ())


def _source(code: str, found: Registration, seen: Appraisal) -> SourceIn:
    least = seen.size // 2 if seen.size and seen.size > 100 else 0
    return SourceIn(
        code=code,
        library=code,
        protocol=Protocol(seen.protocol),
        address=seen.address,
        format=seen.format,
        set=found.set,
        profile=seen.profile,
        options={},
        assertions=register.AssertionsIn(min_records=least),
    )


def free_code(name: str, taken: set[str]) -> str:
    """Make a code out of a name: letters without marks, "tv" for "thư viện", and a number if it is taken."""
    words = key_fold(name).replace("thu vien", "tv", 1).replace("truong", "tr", 1)
    base = re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:_LONGEST_CODE].strip("-") or "thu-vien"
    code, number = base, 2
    while code in taken:
        code, number = f"{base}-{number}", number + 1
    return code


async def approve(services: Services, number: int, wanted: Proposal, *, by: str) -> Registration:
    """Make library, branches and source of a registration and ask for the first harvest, all or nothing.

    Raises `Unknown`, `Conflict`.
    """
    async with services.db.begin() as conn:
        await _decidable(conn, number)
        made = [wanted.library, *(library for _, library in wanted.branches)]
        taken = set(await libraries.owners(conn))
        for one in made:
            if one.code in taken:
                raise Conflict(f"there is a library {one.code!r} already", "Choose another code.")
            taken.add(one.code)
        source = wanted.source
        if source is not None:
            if source.code in {one.code for one in await sources.all_sources(conn)}:
                raise Conflict(f"there is a source {source.code!r} already", "Choose another code.")
            mapped = {f"branch:{value}": library.code for value, library in wanted.branches}
            source = source.model_copy(update={"options": source.options | mapped})
        await register.enter(
            services, conn, MembersFile(library=made, source=[source] if source is not None else [])
        )
        if source is not None:
            await _apply(services, conn, source.code, wanted.suggestions)
        if source is not None and source.protocol is not Protocol.FILES:
            await jobs.enqueue(conn, HARVEST, source.code, priority=1)
        return await registrations.update_one(
            conn,
            number,
            state=RegistrationState.APPROVED,
            library_code=wanted.library.code,
            source_code=source.code if source is not None else None,
            decided_by=by,
            decided_at=datetime.now(UTC),
            appraisal=None,
            origin=None,
        )


async def _apply(services: Services, conn: Connection, code: str, suggestions: Sequence[Suggestion]) -> None:
    """Set what the look at a source recommended and a person chose."""
    source = next(one for one in await sources.all_sources(conn) if one.code == code)
    for one in suggestions:
        try:
            source = applied(source, one)
        except ValueError as error:
            raise Conflict(f"suggestion {one.name!r} cannot be applied: {error}", "Leave it out.") from error
    vet(services.settings, source.code, source.protocol, source.address, dict(source.options))
    if suggestions:
        await sources.save_source(conn, source)


__all__ = ["AddressError", "Proposal", "Shown"]
