"""Runs of the harvester: a page and its checkpoint commit together, or not at all (DESIGN invariant 3).

Every write is fenced by the run's owner: a harvester that was taken for dead can no longer write.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.source import (
    Checkpoint,
    Counters,
    Protocol,
    Quarantined,
    RawRecord,
    Run,
    RunMode,
    RunState,
    Source,
    SourceState,
)
from unioncat.store.codec import digest, squeeze, squeeze_all
from unioncat.store.database import Database, copy, driver
from unioncat.store.errors import SourceBusy, SourceNotActive, StoreError, TokenLoop
from unioncat.store.fence import fence
from unioncat.store.promises import complaint
from unioncat.store.runs import as_run, columns, read_run
from unioncat.store.sweep import see
from unioncat.store.tables import harvest_run, harvest_seen, harvest_token, raw_record, source

DEAD_AFTER = timedelta(seconds=60)
MAX_RESTARTS = 3
MAX_PAYLOAD = 16 * 1024 * 1024

_RAW_COLUMNS = (
    "source_id",
    "run_id",
    "deleted",
    "hash",
    "format",
    "datestamp",
    "local_id",
    "place",
    "payload",
)
_LATEST = """
SELECT DISTINCT ON (w.local_id) w.local_id, w.hash, w.deleted, w.run_id, w.id
FROM raw_record w JOIN harvest_run r ON r.id = w.run_id
WHERE w.source_id = $1 AND w.local_id = ANY($2::text[]) AND (r.state = 'published' OR r.id = $3)
ORDER BY w.local_id, w.run_id DESC
"""


async def open_run(db: Database, source_: Source, *, mode: RunMode | None, owner: UUID, now: datetime) -> Run:
    """Resume the interrupted run of a source, or begin a new one.

    Without `mode`: incremental after a first good run, else full; a comparison of identifiers that failed is
    not resumed then. Raises `SourceBusy` while another owner's heartbeat is fresh, `SourceNotActive` for a
    paused or held source.
    """
    async with db.begin() as conn:
        state = (
            await conn.execute(select(source.c.state).where(source.c.id == source_.id).with_for_update())
        ).scalar_one_or_none()
        if state != SourceState.ACTIVE:
            raise SourceNotActive(f"source {source_.code} is {state or 'not registered'}")
        open_ = (
            await conn.execute(
                select(*columns())
                .join(source)
                .where(harvest_run.c.source_id == source_.id, harvest_run.c.state.in_(("running", "failed")))
            )
        ).one_or_none()
        if open_ is not None:
            fresh = open_.heartbeat_at is not None and now - open_.heartbeat_at < DEAD_AFTER
            if (
                open_.state == RunState.RUNNING
                and open_.owner != owner
                and fresh
                and await _lives(conn, open_.session)
            ):
                raise SourceBusy(f"source {source_.code} is being harvested by another process")
            given_up = open_.mode == RunMode.RECONCILE and open_.state == RunState.FAILED
            if open_.mode == mode or (mode is None and not given_up):
                await _take(conn, open_.id, owner, db.name, now)
                return replace(as_run(open_), state=RunState.RUNNING, heartbeat=now, error=None, remedy=None)
            await _abandon(conn, open_.id, now)
        since = await _since(conn, source_)
        wanted = mode or (RunMode.INCREMENTAL if since else RunMode.FULL)
        if wanted is not RunMode.INCREMENTAL:
            since = None
        row = (
            await conn.execute(
                harvest_run.insert()
                .values(
                    source_id=source_.id,
                    mode=wanted,
                    state=RunState.RUNNING,
                    owner=owner,
                    session=db.name,
                    started_at=now,
                    heartbeat_at=now,
                    since=since,
                )
                .returning(harvest_run.c.id)
            )
        ).scalar_one()
        return await read_run(conn, row)


async def _lives(conn: AsyncConnection, session: str | None) -> bool:
    """Tell whether a harvester's process still has a session: a killed one is taken over at once."""
    query = text("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = :name)")
    return session is not None and bool((await conn.execute(query, {"name": session})).scalar_one())


async def _take(conn: AsyncConnection, run_id: int, owner: UUID, session: str, now: datetime) -> None:
    await conn.execute(
        update(harvest_run)
        .where(harvest_run.c.id == run_id)
        .values(
            state=RunState.RUNNING, owner=owner, session=session, heartbeat_at=now, error=None, remedy=None
        )
    )


async def _abandon(conn: AsyncConnection, run_id: int, now: datetime) -> None:
    """Close an unfinished run for good: what it brought is never published."""
    await conn.execute(
        update(harvest_run)
        .where(harvest_run.c.id == run_id)
        .values(state=RunState.SUPERSEDED, owner=None, finished_at=now)
    )


async def _since(conn: AsyncConnection, source_: Source) -> datetime | None:
    """Server time of the last good run's first answer, less the overlap (protocols: increments).

    A comparison of identifiers fetches no changes, so it does not count.
    """
    last: datetime | None = (
        await conn.execute(
            select(func.max(harvest_run.c.response_date)).where(
                harvest_run.c.source_id == source_.id,
                harvest_run.c.state == RunState.PUBLISHED,
                harvest_run.c.mode != RunMode.RECONCILE,
            )
        )
    ).scalar_one()
    return last - timedelta(seconds=source_.overlap_seconds) if last else None


class Page:
    """One page being saved; made by `page`."""

    def __init__(self, conn: AsyncConnection, run: Run) -> None:
        self._conn = conn
        self._added = Counters()
        self._point: Checkpoint | None = None
        self.run = run
        self.fresh = 0
        """Records of this page that the run had not met before."""

    async def save(self, records: Sequence[RawRecord]) -> None:
        """Keep records of this page that are new or changed; the same hash costs one look-up only.

        A record sent twice in a run counts once with its last content.
        """
        if not records:
            return
        unique = {record.local_id: record for record in records}
        raw = await driver(self._conn)
        known = {
            row["local_id"]: row
            for row in await raw.fetch(_LATEST, self.run.source_id, list(unique), self.run.id)
        }
        rows: list[tuple[object, ...]] = []
        payloads: list[bytes] = []
        seen, stale = [], []
        again = 0
        created = changed = deleted = 0
        for record in unique.values():
            fingerprint = digest(record.payload)
            old = known.get(record.local_id)
            if old is not None and old["deleted"] == record.deleted and old["hash"] == fingerprint:
                if old["run_id"] != self.run.id:
                    seen.append(record.local_id)
                else:
                    again += 1
                continue
            if old is not None and old["run_id"] == self.run.id:
                stale.append(old["id"])
                again += 1
            if record.deleted:
                deleted += 1
            elif old is None:
                created += 1
            else:
                changed += 1
            payloads.append(record.payload)
            rows.append(
                (
                    self.run.source_id,
                    self.run.id,
                    record.deleted,
                    fingerprint,
                    record.format,
                    record.datestamp,
                    record.local_id,
                    record.place,
                )
            )
        if stale:
            await self._conn.execute(raw_record.delete().where(raw_record.c.id.in_(stale)))
        squeezed = await asyncio.to_thread(squeeze_all, payloads)
        rows = [(*row, payload) for row, payload in zip(rows, squeezed, strict=True)]
        await copy(self._conn, "raw_record", _RAW_COLUMNS, rows)
        again += len(seen) - await see(self._conn, self.run.id, seen)
        self.fresh += len(unique) - again
        self._add(
            received=len(records),
            created=created,
            changed=changed,
            deleted=deleted,
            unchanged=len(records) - created - changed - deleted,
        )

    async def quarantine(self, items: Sequence[Quarantined]) -> None:
        """Put aside pieces that are no usable records; they count as received.

        One that has a name counts as seen, so that no sweep takes the older good version away.
        """
        named = list(dict.fromkeys(item.local_id for item in items if item.local_id))
        self.fresh += await see(self._conn, self.run.id, named) + sum(not item.local_id for item in items)
        rows = [
            (
                self.run.source_id,
                self.run.id,
                "harvest",
                item.code,
                item.detail,
                item.local_id,
                squeeze(item.payload),
            )
            for item in items
        ]
        names = ("source_id", "run_id", "stage", "code", "detail", "local_id", "payload")
        await copy(self._conn, "issue", names, rows)
        self._add(received=len(items), quarantined=len(items))

    async def listed(self, local_ids: Sequence[str], deleted: int) -> None:
        """Remember the live records of a list of identifiers; `deleted` others were marked as deleted."""
        self.fresh += await see(self._conn, self.run.id, list(dict.fromkeys(local_ids))) + deleted
        self._add(received=len(local_ids) + deleted, unchanged=len(local_ids))

    async def shut_out(self, refused: Sequence[RawRecord]) -> None:
        """Write nothing of what the gate refuses; what an earlier version of it left here is deleted."""
        if not refused:
            return
        raw = await driver(self._conn)
        known = await raw.fetch(
            _LATEST, self.run.source_id, [record.local_id for record in refused], self.run.id
        )
        live = {row["local_id"] for row in known if not row["deleted"]}
        gone = [replace(one, deleted=True, payload=b"") for one in refused if one.local_id in live]
        await self.save(gone)
        self.fresh += len(refused) - len(gone)
        self._add(received=len(refused) - len(gone), shut_out=len(refused))

    def note(self, *, pages: int = 0, bytes: int = 0, repaired: int = 0) -> None:
        """Add to the run's counters."""
        self._add(pages=pages, bytes=bytes, repaired=repaired)

    async def checkpoint(self, point: Checkpoint) -> None:
        """Remember where the list goes on. Raises `TokenLoop` for a token handed out before in this run."""
        if point.token is not None:
            fresh = await self._conn.execute(
                text(
                    "INSERT INTO harvest_token (run_id, hash) VALUES (:run, :hash)"
                    " ON CONFLICT DO NOTHING RETURNING 1"
                ),
                {"run": self.run.id, "hash": hashlib.blake2b(point.token.encode(), digest_size=16).digest()},
            )
            if fresh.first() is None:
                raise TokenLoop(
                    f"source {self.run.source_code} handed out the same resumption token twice"
                    f" after {self.run.counters.received} records"
                )
        self._point = point

    def _add(self, **more: int) -> None:
        self._added = replace(
            self._added, **{name: getattr(self._added, name) + value for name, value in more.items()}
        )

    async def _close(self) -> None:
        table = harvest_run.c
        values: dict[str, object] = {
            name: getattr(table, name) + getattr(self._added, name)
            for name in Counters.__dataclass_fields__
            if getattr(self._added, name)
        }
        if self._point is not None:
            values |= {
                "token": self._point.token,
                "cursor": self._point.cursor,
                "list_size": func.coalesce(self._point.list_size, table.list_size),
                "response_date": func.coalesce(table.response_date, self._point.response_date),
                "list_finished": self._point.finished,
            }
        values["heartbeat_at"] = func.clock_timestamp()
        await self._conn.execute(update(harvest_run).where(table.id == self.run.id).values(**values))
        self.run = await read_run(self._conn, self.run.id)


@asynccontextmanager
async def page(db: Database, run: Run, owner: UUID) -> AsyncIterator[Page]:
    """Save one page in one transaction; on any error nothing of it stays."""
    async with db.begin() as conn:
        await conn.execute(text("SET LOCAL synchronous_commit = off"))
        await fence(conn, run, owner)
        current = Page(conn, run)
        yield current
        await current._close()


async def beat(db: Database, run: Run, owner: UUID) -> None:
    """Show that the run is alive while a page takes long. Raises `RunLost`."""
    async with db.begin() as conn:
        await fence(conn, run, owner)
        await conn.execute(
            update(harvest_run).where(harvest_run.c.id == run.id).values(heartbeat_at=func.clock_timestamp())
        )


async def restart_list(db: Database, run: Run, owner: UUID) -> Run:
    """Forget the token and begin the same list again; what was saved stays (saving is idempotent)."""
    async with db.begin() as conn:
        await fence(conn, run, owner)
        restarts = (
            await conn.execute(
                update(harvest_run)
                .where(harvest_run.c.id == run.id)
                .values(token=None, cursor=None, list_finished=False, restarts=harvest_run.c.restarts + 1)
                .returning(harvest_run.c.restarts)
            )
        ).scalar_one()
        if restarts > MAX_RESTARTS:
            raise StoreError(
                f"the list of source {run.source_code} broke off {restarts} times",
                "Its resumption tokens do not live long enough: harvest by sets or in smaller windows.",
            )
        await conn.execute(harvest_token.delete().where(harvest_token.c.run_id == run.id))
        return await read_run(conn, run.id)


async def fail_run(db: Database, run: Run, owner: UUID, error: str, remedy: str, *, final: bool) -> Run:
    """Close a run that could not go on. Unless `final`, the next `open_run` resumes it at its checkpoint."""
    async with db.begin() as conn:
        await fence(conn, run, owner)
        await conn.execute(
            update(harvest_run)
            .where(harvest_run.c.id == run.id)
            .values(
                state=RunState.BROKEN if final else RunState.FAILED,
                owner=None,
                error=error,
                remedy=remedy,
                finished_at=func.clock_timestamp(),
            )
        )
        return await read_run(conn, run.id)


PREVIEW_WAITS = "the file was read, and waits for a person to look at its preview"


async def _preview(conn: AsyncConnection, run: Run) -> str | None:
    """Tell that a run has read a file: only a person's word publishes it."""
    query = select(source.c.protocol).where(source.c.id == run.source_id)
    return PREVIEW_WAITS if (await conn.execute(query)).scalar_one() == Protocol.FILES else None


async def finish_run(db: Database, run: Run, owner: UUID, now: datetime, *, doubt: str | None = None) -> Run:
    """Close a list that ended regularly: published if whole and the assertions hold, else held.

    `doubt` is a reason of the harvester's own to let a person look.
    """
    async with db.begin() as conn:
        await fence(conn, run, owner)
        run = await read_run(conn, run.id)
        if not run.checkpoint.finished:
            raise StoreError(f"run {run.id} of source {run.source_code} has not come to the end of its list")
        broken = doubt or await complaint(conn, run) or await _preview(conn, run)
        state = RunState.HELD if broken else RunState.PUBLISHED
        await conn.execute(
            update(harvest_run)
            .where(harvest_run.c.id == run.id)
            .values(
                state=state,
                owner=None,
                error=broken,
                finished_at=now,
                remedy=broken
                and "Look at the run's counts; accept it if the source is right, else reject it.",
            )
        )
        if broken:
            await conn.execute(
                update(source).where(source.c.id == run.source_id).values(state=SourceState.HELD)
            )
        await conn.execute(harvest_token.delete().where(harvest_token.c.run_id == run.id))
        await conn.execute(harvest_seen.delete().where(harvest_seen.c.run_id == run.id))
        return await read_run(conn, run.id)
