"""The log of who did what: written with what was done, and verified from its first entry to its last.

The key and the last verified head lie outside of the database: who can change only that is found out. Whom
its pseudonyms stand for can be forgotten, and nothing else.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from unioncat.config import Settings, write_secret
from unioncat.domain.audit import CUT, FORGOTTEN, START, Entry, Head, Summary, pseudonym
from unioncat.flow.services import Services
from unioncat.store import audit as store
from unioncat.store.database import Connection
from unioncat.telemetry import logger

log = logger(__name__)


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


async def forget(
    services: Services, conn: Connection, names: Collection[str], detail: Mapping[str, str]
) -> Mapping[str, str]:
    """Let nobody read any more whom the log means by these names, as the last thing in a transaction.

    Give name -> what stands for it from now on.
    """
    return await store.forget(conn, _key(services.settings), names, detail)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are wanted: of actions that begin so, of somebody, about something, in a time."""

    action: str = ""
    actor: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


async def entries(
    services: Services, wanted: Wanted | None = None, *, limit: int = 100, before: int | None = None
) -> Sequence[Entry]:
    """Give entries, newest first."""
    asked = wanted or Wanted()
    async with services.db.as_service() as conn:
        return await store.entries(
            conn,
            limit=limit,
            before=before,
            action=asked.action,
            actor=asked.actor,
            subject=asked.subject,
            since=asked.since,
            until=asked.until,
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """What verifying found; nothing wrong is no faults."""

    head: Head
    faults: tuple[str, ...]
    since: Head
    """The head that an earlier verification saw, and that had to be found again."""


async def _beginning(conn: Connection) -> tuple[int, bytes]:
    """Give number and seal after which the log begins: of nothing, or of the last entry that was cut.

    The entry that says so is part of the chain, and verified with it.
    """
    first = await store.first_number(conn)
    for one in await store.cuts(conn):
        try:
            summary = Summary.of(one.detail)
        except (ValueError, KeyError):
            continue
        if summary.up_to == first - 1:
            return summary.up_to, summary.seal
    return 0, START


async def cut(services: Services, now: datetime) -> int:
    """Cut entries that are older than the settings keep them, all but a sealed summary; give how many.

    A log that does not verify is not touched.
    """
    days = services.settings.audit_keep_days
    if not days:
        return 0
    before = now - timedelta(days=days)
    async with services.db.as_service() as conn:
        if await store.summary(conn, before) is None:
            return 0
    faults = (await verify(services)).faults
    if faults:
        log.error("the log of who did what is not cut: it does not verify", faults=list(faults))
        return 0
    async with services.db.as_service() as conn:
        summary = await store.summary(conn, before)
        if summary is None:
            return 0
        await write(services, conn, "unioncat", CUT, str(summary.up_to), summary.detail())
        return await store.cut(conn, summary.up_to)


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
    mentioned: set[str] = set()
    forgotten: set[str] = set()
    async with services.db.as_service() as conn:
        await conn.execute(store.ONE_MOMENT)
        number, seal = await _beginning(conn)
        passed = since.number < number or since == Head(number, seal)
        async for entry in store.whole(conn):
            if entry.number != number + 1:
                gap = f"entry {number + 1}" + (f" to {entry.number - 1}" if entry.number > number + 2 else "")
                faults.append(f"{gap}: missing")
            elif entry.sealed(key, seal) != entry.seal:
                faults.append(f"entry {entry.number}: it, or the one before it, was changed")
            number, seal = entry.number, entry.seal
            called = store.mentioned_in(entry)
            mentioned |= called
            if entry.action == FORGOTTEN:
                forgotten |= called
            if number == since.number:
                passed = True
                if seal != since.seal:
                    faults.append(f"entry {number}: it is not the one that an earlier verification saw")
        async for known_as, name, salt in store.names(conn):
            if pseudonym(name, salt) != known_as:
                faults.append(f"{known_as}: the name that it stands for was changed")
            mentioned.discard(known_as)
    faults += [f"{one}: whom it stands for was taken out" for one in sorted(mentioned - forgotten)]
    if not passed:
        faults.append(f"entry {since.number}: an earlier verification saw it, the log ends with {number}")
    head = Head(number, seal)
    if not faults:
        write_secret(path, str(head), replace=True)
    return Proof(head, tuple(faults[:20]), since)
