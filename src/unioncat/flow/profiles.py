"""Profiles for people: which there are, what they say, adding one, and trying one on a file of records.

Trying changes nothing and writes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from unioncat.domain.bib import Normalised
from unioncat.domain.source import Profile, Quarantined, RawRecord
from unioncat.flow.services import Services
from unioncat.normalise import (
    PROFILE_TEXTS,
    PROFILES,
    ProfileError,
    divide,
    load_profile,
    normalise,
    profile_name,
    written,
)
from unioncat.normalise.gate import Gate
from unioncat.store import jobs
from unioncat.store import profiles as store
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.sources import PURGE


@dataclass(frozen=True, slots=True)
class Listed:
    """A profile in a list; `shipped` ones cannot be changed."""

    name: str
    about: str
    shipped: bool
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """One record of a file under a profile: as it came, what the gate did, what it became."""

    number: int
    before: tuple[str, ...]
    """The fields as they came, as lines."""
    shut_out: bool
    removed: tuple[str, ...]
    """Lines that the gate cut out."""
    after: Normalised | None


async def list_profiles(services: Services) -> list[Listed]:
    """Give the shipped profiles and the federation's own."""
    async with services.db.as_service() as conn:
        own = await store.profiles(conn)
        names = [(name, True) for name in PROFILES] + [(name, False) for name in own]
        return [
            Listed(name, await _about(conn, name), shipped, tuple(await store.sources_with(conn, name)))
            for name, shipped in names
        ]


async def _about(conn: Connection, name: str) -> str:
    try:
        return (await known_profile(conn, name)).about
    except Conflict as fault:
        return str(fault)


async def profile_text(services: Services, name: str) -> str:
    """Give the TOML text of a profile. Raises `Unknown`."""
    if name in PROFILE_TEXTS:
        return PROFILE_TEXTS[name]
    async with services.db.as_service() as conn:
        text = await store.profile_text(conn, name)
    if text is None:
        raise Unknown(f"there is no profile {name!r}", "`unioncat profile list` shows their names.")
    return text


async def add_profile(services: Services, text: str) -> Profile:
    """Add a profile, or put another text in its place. Raises `Conflict`; then nothing has changed.

    Its rules are asked of what is kept of the sources that it is the profile of.
    """
    profile = read(text)
    async with services.db.as_service() as conn:
        await store.save_profile(conn, profile.name, text)
        for code in await store.sources_with(conn, profile.name):
            await jobs.enqueue(conn, PURGE, code)
    return profile


async def remove_profile(services: Services, name: str) -> None:
    """Remove a profile that no source uses. Raises `Unknown`, `Conflict`."""
    async with services.db.as_service() as conn:
        using = await store.sources_with(conn, name)
        if using:
            raise Conflict(
                f"profile {name!r} is used by: {', '.join(using)}",
                "Give these sources another profile first.",
            )
        if not await store.delete_profile(conn, name):
            raise Unknown(
                f"there is no profile {name!r} of the federation's own", "Shipped profiles cannot be removed."
            )


def read(text: str) -> Profile:
    """Read the text of an own profile, which names itself. Raises `Conflict`."""
    try:
        return load_profile(text, profile_name(text))
    except ProfileError as fault:
        raise Conflict(fault.message, fault.remedy) from None


async def known_profile(conn: Connection, name: str) -> Profile:
    """Give a profile by its name. Raises `Conflict` where there is none, or where its text is wrong."""
    if name in PROFILES:
        return PROFILES[name]
    text = await store.profile_text(conn, name)
    if text is None:
        names = sorted({*PROFILES, *await store.profiles(conn)})
        raise Conflict(f"there is no profile {name!r}", f"Use one of {', '.join(names)}.")
    try:
        return load_profile(text, name)
    except ProfileError as fault:
        raise Conflict(fault.message, fault.remedy) from None


def try_profile(profile: Profile, data: bytes, *, table: bool, limit: int) -> Iterator[Tried]:
    """Run the first records of a file through a profile. Raises `Unreadable` where nothing can be divided."""
    gate = Gate(profile)
    for number, (payload, format) in enumerate(islice(divide(data, table), limit), 1):
        before = written(payload, format)
        admitted = gate.admit(RawRecord(str(number), None, False, payload, format, ()))
        if isinstance(admitted, RawRecord):
            after = written(admitted.payload, format)
            removed = tuple([line for line in before if line not in after and not line.startswith("LDR")])
            yield Tried(number, before, False, removed, normalise(admitted.payload, format, profile))
        elif isinstance(admitted, Quarantined):
            yield Tried(number, before, True, (f"{admitted.code}: {admitted.detail}",), None)
        else:
            yield Tried(number, before, True, (), None)
