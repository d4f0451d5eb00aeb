"""The log of who did what: written with what was done, and verified from its first entry to its last.

The key and the last verified head lie outside of the database: who can change only that is found out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from unioncat.config import Settings, write_secret
from unioncat.domain.audit import START, Entry, Head
from unioncat.flow.services import Services
from unioncat.store import audit as store
from unioncat.store.database import Connection


def _key(settings: Settings) -> bytes:
    return settings.secret("audit_key").encode()


async def write(
    services: Services,
    conn: Connection,
    actor: str,
    action: str,
    subject: str = "",
    detail: Mapping[str, str] | None = None,
) -> None:
    """Log something in the transaction that does it, as its last statement."""
    await store.append(
        conn, _key(services.settings), actor=actor, action=action, subject=subject, detail=detail
    )


async def note(
    services: Services, actor: str, action: str, subject: str = "", detail: Mapping[str, str] | None = None
) -> None:
    """Log something in a transaction of its own."""
    async with services.db.as_service() as conn:
        await write(services, conn, actor, action, subject, detail)


async def entries(
    services: Services, *, limit: int = 100, before: int | None = None, action: str = "", actor: str = ""
) -> Sequence[Entry]:
    """Give entries, newest first."""
    async with services.db.as_service() as conn:
        return await store.entries(conn, limit=limit, before=before, action=action, actor=actor)


@dataclass(frozen=True, slots=True)
class Proof:
    """What verifying found; nothing wrong is no faults."""

    head: Head
    faults: tuple[str, ...]
    since: Head
    """The head that an earlier verification saw, and that had to be found again."""


def head_file(settings: Settings) -> Path:
    """Name the file of the last verified head."""
    return settings.home / "audit" / "head"


async def verify(services: Services, *, known: Head | None = None) -> Proof:
    """Read the whole log and compute every seal anew; then remember its head beside the earlier ones.

    `known` is a head that somebody kept elsewhere. At most twenty faults are told.
    """
    settings = services.settings
    path = head_file(settings)
    faults: list[str] = []
    since = known
    if since is None:
        try:
            since = Head.of(path.read_text(encoding="utf-8")) if path.exists() else Head()
        except ValueError:
            since = Head()
            faults.append(f"{path}: the remembered head cannot be read")
    key = _key(settings)
    number, seal = 0, START
    passed = since.number == 0
    async with services.db.as_service() as conn:
        async for entry in store.whole(conn):
            if entry.number != number + 1:
                gap = f"entry {number + 1}" + (f" to {entry.number - 1}" if entry.number > number + 2 else "")
                faults.append(f"{gap}: missing")
            elif entry.sealed(key, seal) != entry.seal:
                faults.append(f"entry {entry.number}: it, or the one before it, was changed")
            number, seal = entry.number, entry.seal
            if number == since.number:
                passed = True
                if seal != since.seal:
                    faults.append(f"entry {number}: it is not the one that an earlier verification saw")
    if not passed:
        faults.append(f"entry {since.number}: an earlier verification saw it, the log ends with {number}")
    head = Head(number, seal)
    if not faults:
        write_secret(path, str(head), replace=True)
    return Proof(head, tuple(faults[:20]), since)
