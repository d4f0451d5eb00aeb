"""Credentials of sources: set, forgotten, sealed with a new key. They are never given out."""

import secrets as chance
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unioncat.config import ConfigError, Settings, write_secret
from unioncat.domain.credentials import Credentials, without_credentials
from unioncat.domain.source import Source
from unioncat.store import partners, secrets, sources
from unioncat.store.database import Connection, Database
from unioncat.store.errors import Unknown
from unioncat.store.sealing import Keyring

if TYPE_CHECKING:  # the harvester needs the keys alone, and starts often
    from unioncat.flow.services import Services

KEY = "secret_key"


def keyring(settings: Settings) -> Keyring:
    """Read the keys, anew each time: they may have been changed meanwhile. Raises `ConfigError`."""
    return _keyring(settings.secret("secret_key"))


def _keyring(text: str) -> Keyring:
    try:
        return Keyring.of(text)
    except ValueError as error:
        raise ConfigError(
            f"the secret {KEY}: {error}", "make one with `openssl rand -base64 32`; see docs/security.md"
        ) from None


async def _source(conn: Connection, code: str) -> Source:
    for one in await sources.all_sources(conn):
        if one.code == code:
            return one
    raise Unknown(f"there is no source {code!r}", "`unioncat source list` shows what there is.")


async def give(services: "Services", code: str, credentials: Credentials) -> None:
    """Keep the credentials of a source, sealed. Raises `Unknown`, `Conflict`, `ConfigError`."""
    async with services.db.as_service() as conn:
        await secrets.put(conn, keyring(services.settings), await _source(conn, code), credentials)


async def forget(services: "Services", code: str) -> bool:
    """Remove the credentials of a source; false where it had none. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        return await secrets.remove(conn, await _source(conn, code))


async def kept(services: "Services", code: str) -> secrets.Kept | None:
    """Tell whether a source has credentials, for which server and since when. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        return await secrets.has(conn, await _source(conn, code))


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a change of the key did."""

    sealed: int
    """Credentials that are sealed with the present key now and were not before."""
    made: bool
    """Whether a new key was made; one that comes from outside is changed outside."""


async def rotate(services: "Services") -> Rotated:
    """Make a new key, where it is ours to make, and seal all credentials with it; then the old one is gone.

    A crash in between loses nothing: until all is sealed anew, both keys stand in the file.
    """
    settings = services.settings
    own = not settings.is_given(KEY)
    if own:
        old = settings.secret(KEY)
        _keyring(old)
        path = settings.secret_file(KEY)
        write_secret(path, f"{chance.token_urlsafe(32)} {old}", replace=True)
    text = settings.secret(KEY)
    async with services.db.as_service() as conn:
        sealed = await secrets.reseal(conn, _keyring(text))
        sealed += await partners.reseal(conn, _keyring(text))
    if own:
        write_secret(settings.secret_file(KEY), text.split()[0], replace=True)
    return Rotated(sealed, own)


async def seal_open_ones(db: Database, settings: Settings) -> list[str]:
    """Seal credentials that an earlier version kept in options and addresses; give the sources' codes."""
    moved = []
    async with db.begin() as conn:
        for source in await sources.all_sources(conn):
            bare, found = without_credentials(source)
            if bare == source:
                continue
            saved = await sources.save_source(conn, bare)
            if found is not None and found.complaint() is None:
                await secrets.put(conn, keyring(settings), saved, found)
            moved.append(source.code)
    return moved
