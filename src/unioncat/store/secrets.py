"""Credentials of sources: put in and taken out, never listed.

They are bound to the source and to the scheme, host and port of its address: a source that is moved to
another server, or a row copied to another source, has none.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.credentials import Credentials, place_of
from unioncat.domain.source import Source
from unioncat.store import tables as t
from unioncat.store.errors import Conflict
from unioncat.store.sealing import Keyring, Locked


@dataclass(frozen=True, slots=True)
class Kept:
    """That a source has credentials; nothing of what they are."""

    place: str
    """Scheme, host and port for which they were given."""
    set_at: datetime
    fitting: bool
    """Whether the source is still at that place."""


async def put(conn: AsyncConnection, keyring: Keyring, source: Source, credentials: Credentials) -> None:
    """Seal the credentials of a source, in place of those it had. Raises `Conflict` for unusable ones."""
    place = place_of(source.address)
    complaint = credentials.complaint()
    if complaint or not place:
        raise Conflict(
            f"credentials of source {source.code!r}: {complaint or 'its address names no server'}",
            "Give a user's name and a password, or a header with its value.",
        )
    sealed = keyring.seal(msgspec.json.encode(asdict(credentials)), _binding(source.id, source.code, place))
    values = {"place": place, "sealed": sealed, "set_at": func.now()}
    await conn.execute(
        insert(t.source_secret)
        .values(source_id=source.id, **values)
        .on_conflict_do_update(index_elements=["source_id"], set_=values)
    )


async def take(conn: AsyncConnection, keyring: Keyring | None, source: Source) -> Credentials:
    """Open the credentials of a source, for its reader alone; empty where it has none. Raises `Locked`."""
    row = (
        await conn.execute(select(t.source_secret).where(t.source_secret.c.source_id == source.id))
    ).one_or_none()
    if row is None:
        return Credentials()
    if keyring is None:
        raise Locked(f"source {source.code!r} has credentials, and there is no key to open them")
    place = place_of(source.address)
    if row.place != place:
        raise Locked(
            f"the credentials of source {source.code!r} were given for {row.place}; it is now at {place}",
            f"Set them anew (`unioncat source credentials {source.code}`), or remove them.",
        )
    try:
        return msgspec.json.decode(
            keyring.open(row.sealed, _binding(source.id, source.code, place)), type=Credentials
        )
    except Locked as error:
        raise Locked(f"the credentials of source {source.code!r} do not open: {error}") from None


async def has(conn: AsyncConnection, source: Source) -> Kept | None:
    """Tell whether a source has credentials."""
    row = (
        await conn.execute(
            select(t.source_secret.c.place, t.source_secret.c.set_at).where(
                t.source_secret.c.source_id == source.id
            )
        )
    ).one_or_none()
    return Kept(row.place, row.set_at, row.place == place_of(source.address)) if row else None


async def remove(conn: AsyncConnection, source: Source) -> bool:
    """Forget the credentials of a source; false where it had none."""
    gone = await conn.execute(delete(t.source_secret).where(t.source_secret.c.source_id == source.id))
    return gone.rowcount > 0


async def reseal(conn: AsyncConnection, keyring: Keyring) -> int:
    """Seal with the present key whatever an earlier one has sealed; give their number. Raises `Locked`."""
    rows = await conn.execute(
        select(t.source_secret, t.source.c.code)
        .join(t.source, t.source.c.id == t.source_secret.c.source_id)
        .with_for_update(of=t.source_secret)
    )
    done = 0
    for row in rows.all():
        if keyring.is_present(row.sealed):
            continue
        binding = _binding(row.source_id, row.code, row.place)
        try:
            content = keyring.open(row.sealed, binding)
        except Locked as error:
            raise Locked(f"the credentials of source {row.code!r} do not open: {error}") from None
        await conn.execute(
            update(t.source_secret)
            .where(t.source_secret.c.source_id == row.source_id)
            .values(sealed=keyring.seal(content, binding))
        )
        done += 1
    return done


def _binding(number: int, code: str, place: str) -> tuple[str, ...]:
    return ("source", str(number), code, place)
