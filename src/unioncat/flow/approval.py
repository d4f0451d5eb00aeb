"""The federation's answer to a library that asks to join: what would be made of it, and the decision.

Approval makes library, branches and source and asks for the first harvest in one transaction.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from unioncat.domain.registration import Appraisal, Facts, Registration, RegistrationState, Wish
from unioncat.domain.software import BY_CODE
from unioncat.domain.source import Protocol
from unioncat.domain.switches import Suggestion, applied
from unioncat.flow import admission, audit, register
from unioncat.flow.register import ContactIn, LibraryIn, MembersFile, ParentIn, SourceIn
from unioncat.flow.registration import LONGEST_LETTER, with_letter
from unioncat.flow.services import Services
from unioncat.flow.vetting import vet
from unioncat.flow.work import HARVEST
from unioncat.normalise import PROFILES
from unioncat.store import jobs, libraries, registrations, sources
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict
from unioncat.text import key_fold

_LONGEST_CODE = 48


@dataclass(frozen=True, slots=True)
class Proposal:
    """What approval would make, for a person to put right."""

    library: LibraryIn
    source: SourceIn | None
    branches: tuple[tuple[str, LibraryIn], ...] = ()
    """(value in the records, library) pairs."""
    suggestions: tuple[Suggestion, ...] = ()
    """Switches of the source that the look at it recommends."""


async def ask_back(services: Services, number: int, text: str, *, by: str) -> Registration:
    """Ask the applicant something; the registration is then theirs again. Raises `Unknown`, `Conflict`."""
    async with services.db.as_service() as conn:
        found = await _decidable(conn, number)
        done = await registrations.update_one(
            conn, number, state=RegistrationState.RETURNED, letters=with_letter(found, text, by)
        )
        await audit.write(services, conn, by, "registration.asked-back", str(number))
        return done


async def refuse(services: Services, number: int, reason: str, *, by: str) -> Registration:
    """Refuse a registration with a reason that the applicant sees. Raises `Unknown`, `Conflict`."""
    if not reason.strip():
        raise Conflict("a refusal needs a reason", "Say why: the applicant reads it.")
    async with services.db.as_service() as conn:
        await _decidable(conn, number)
        done = await registrations.update_one(
            conn,
            number,
            state=RegistrationState.REFUSED,
            reason=reason.strip()[:LONGEST_LETTER],
            decided_by=by,
            decided_at=datetime.now(UTC),
            appraisal=None,
            origin=None,
        )
        await audit.write(services, conn, by, "registration.refused", str(number))
        return done


async def _decidable(conn: Connection, number: int) -> Registration:
    found = await registrations.read(conn, number, lock=True)
    if found.state not in (RegistrationState.WAITING, RegistrationState.RETURNED):
        raise Conflict(f"registration {number} is {found.state}: there is nothing to decide")
    return found


async def propose(services: Services, number: int) -> Proposal:
    """Put together what approval would make of a registration. Raises `Unknown`, `Conflict` without facts."""
    async with services.db.as_service() as conn:
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
    source: SourceIn | None = None
    if seen is not None and seen.format:
        source = _source(code, found, seen)
    elif not found.address:
        source = _by_files(code, found)
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


def _by_files(code: str, found: Registration) -> SourceIn:
    software = BY_CODE.get(found.software)
    profile = software.profile if software and software.profile in PROFILES else "marc21"
    return SourceIn(
        code=code,
        library=code,
        protocol=Protocol.FILES,
        address=register.FILES_ADDRESS,
        format="auto",
        profile=profile,
        every_minutes=0,
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

    The address that the applicant named gets an invitation to the library's account. Raises `Unknown`,
    `Conflict`.
    """
    async with services.db.as_service() as conn:
        found = await _decidable(conn, number)
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
        done = await registrations.update_one(
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
        detail = {"library": wanted.library.code, "audience": wanted.library.audience}
        await audit.write(services, conn, by, "registration.approved", str(number), detail)
        email = found.facts.contact.email or "" if found.facts else ""
        token = await admission.offer(services, conn, wanted.library.code, email, by=by)
    if token is not None:
        await admission.write_letter(services, wanted.library.name_vi, email, token)
    return done


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
