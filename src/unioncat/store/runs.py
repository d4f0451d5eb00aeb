"""Reading harvest runs, and a person's word on a held one."""

from collections.abc import Sequence
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


async def live_records(conn: AsyncConnection, source_id: int, *, with_run: int | None = None) -> int:
    """Count a source's records that are not deleted in published runs (and in `with_run`)."""
    query = text("""
        SELECT count(*) FILTER (WHERE NOT deleted) FROM (
          SELECT DISTINCT ON (w.local_id) w.deleted FROM raw_record w JOIN harvest_run r ON r.id = w.run_id
          WHERE w.source_id = :source AND (r.state = 'published' OR r.id = :run)
          ORDER BY w.local_id, w.run_id DESC) latest
    """)
    return int((await conn.execute(query, {"source": source_id, "run": with_run or 0})).scalar_one())


async def fall(conn: AsyncConnection, run: Run) -> tuple[Assertions, int, int]:
    """Give a source's assertions, and its live records before and after `run`."""
    row = (await conn.execute(select(source.c.assertions).where(source.c.id == run.source_id))).scalar_one()
    rules = msgspec.convert(row, Assertions)
    first = await conn.execute(
        select(func.count())
        .select_from(harvest_run)
        .where(harvest_run.c.source_id == run.source_id, harvest_run.c.state == RunState.PUBLISHED)
    )
    if first.scalar_one() == 0:
        return rules, 0, run.counters.created
    if not (run.counters.deleted or run.counters.created):
        before = 0 if rules.max_records is None else await live_records(conn, run.source_id)
        return rules, before, before
    before = await live_records(conn, run.source_id)
    return rules, before, await live_records(conn, run.source_id, with_run=run.id)


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
