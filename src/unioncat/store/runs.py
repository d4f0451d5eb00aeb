"""Reading harvest runs, and a person's word on a held one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.source import (
    Assertions,
    Checkpoint,
    Counters,
    Run,
    RunMode,
    RunState,
    SourceState,
)
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.tables import harvest_run, source


def columns() -> list[Any]:
    """Columns that `as_run` needs."""
    return [*harvest_run.c, source.c.code.label("source_code")]


def as_run(row: Row[Any]) -> Run:
    """Turn a row into a run."""
    return Run(
        id=row.id,
        source_id=row.source_id,
        source_code=row.source_code,
        mode=RunMode(row.mode),
        state=RunState(row.state),
        started=row.started_at,
        since=row.since,
        finished=row.finished_at,
        heartbeat=row.heartbeat_at,
        checkpoint=Checkpoint(
            token=row.token,
            cursor=row.cursor,
            list_size=row.list_size,
            response_date=row.response_date,
            finished=row.list_finished,
        ),
        counters=Counters(**{name: getattr(row, name) for name in Counters.__dataclass_fields__}),
        error=row.error,
        remedy=row.remedy,
    )


async def read_run(conn: AsyncConnection, run_id: int) -> Run:
    """Give one run. Raises `Unknown`."""
    row = (
        await conn.execute(select(*columns()).join(source).where(harvest_run.c.id == run_id))
    ).one_or_none()
    if row is None:
        raise Unknown(f"there is no harvest run {run_id}")
    return as_run(row)


async def runs(
    conn: AsyncConnection,
    source_code: str | None = None,
    *,
    limit: int = 50,
    codes: Sequence[str] | None = None,
) -> list[Run]:
    """Give the latest runs, newest first; of one source, or of those in `codes`."""
    query = select(*columns()).join(source).order_by(harvest_run.c.id.desc()).limit(limit)
    if codes is not None:
        query = query.where(source.c.code.in_(codes))
    if source_code is not None:
        query = query.where(source.c.code == source_code)
    return [as_run(row) for row in await conn.execute(query)]


async def last_runs(conn: AsyncConnection) -> dict[int, Run]:
    """Give the newest run of each source, by the source's number."""
    newest = select(func.max(harvest_run.c.id)).group_by(harvest_run.c.source_id)
    query = select(*columns()).join(source).where(harvest_run.c.id.in_(newest))
    return {row.source_id: as_run(row) for row in await conn.execute(query)}


async def live_records(conn: AsyncConnection, source_id: int) -> int:
    """Count a source's records that are not deleted in published runs."""
    query = text("""
        SELECT count(*) FILTER (WHERE NOT deleted) FROM (
          SELECT DISTINCT ON (w.local_id) w.deleted FROM raw_record w JOIN harvest_run r ON r.id = w.run_id
          WHERE w.source_id = :source AND r.state = 'published'
          ORDER BY w.local_id DESC, w.run_id DESC) latest
    """)
    return int((await conn.execute(query, {"source": source_id})).scalar_one())


@dataclass(slots=True)
class Fall:
    """How a run would change a source. Counting the whole source is put off until someone asks."""

    rules: Assertions
    gone: int
    """Live records that the run deletes."""
    new: int
    """Records that it brings to life."""
    _conn: AsyncConnection
    _source: int
    _live: int | None = None

    async def before(self) -> int:
        """Count the source's live records without the run."""
        if self._live is None:
            self._live = await live_records(self._conn, self._source)
        return self._live

    async def after(self) -> int:
        """Count the source's live records with the run."""
        return await self.before() - self.gone + self.new


async def fall(conn: AsyncConnection, run: Run) -> Fall:
    """Tell what `run` would take away and bring, from its own records alone."""
    row = (await conn.execute(select(source.c.assertions).where(source.c.id == run.source_id))).scalar_one()
    rules = msgspec.convert(row, Assertions)
    published = await conn.execute(
        select(harvest_run.c.id)
        .where(harvest_run.c.source_id == run.source_id, harvest_run.c.state == RunState.PUBLISHED)
        .limit(1)
    )
    if published.first() is None:
        return Fall(rules, 0, run.counters.created, conn, run.source_id)
    query = text("""
        SELECT count(*) FILTER (WHERE n.deleted AND NOT coalesce(old.deleted, true)) AS gone,
               count(*) FILTER (WHERE NOT n.deleted AND coalesce(old.deleted, true)) AS new
        FROM raw_record n LEFT JOIN LATERAL (
          SELECT w.deleted FROM raw_record w JOIN harvest_run r ON r.id = w.run_id
          WHERE w.source_id = n.source_id AND w.local_id = n.local_id AND r.state = 'published'
          ORDER BY w.run_id DESC LIMIT 1) old ON true
        WHERE n.run_id = :run
    """)
    found = (await conn.execute(query, {"run": run.id})).one()
    return Fall(rules, found.gone, found.new, conn, run.source_id)


async def decide(conn: AsyncConnection, run_id: int, *, accept: bool) -> Run:
    """Publish or reject a held run; its source goes on. Raises `Unknown`, `Conflict`."""
    run = await read_run(conn, run_id)
    if run.state is not RunState.HELD:
        raise Conflict(f"run {run_id} is {run.state}, not held", "Only a held run waits for a decision.")
    await conn.execute(
        update(harvest_run)
        .where(harvest_run.c.id == run_id)
        .values(state=RunState.PUBLISHED if accept else RunState.REJECTED, remedy=None)
    )
    await conn.execute(update(source).where(source.c.id == run.source_id).values(state=SourceState.ACTIVE))
    return await read_run(conn, run_id)
