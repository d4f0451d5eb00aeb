"""The fence around a harvest run: only its present owner may write (DESIGN invariant 3)."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.source import Run, RunState
from unioncat.store.errors import RunLost
from unioncat.store.tables import harvest_run


async def fence(conn: AsyncConnection, run: Run, owner: UUID) -> None:
    """Lock the run's row and make sure that it is still ours. Raises `RunLost`."""
    row = (
        await conn.execute(
            select(harvest_run.c.owner, harvest_run.c.state)
            .where(harvest_run.c.id == run.id)
            .with_for_update()
        )
    ).one()
    if row.owner != owner or row.state != RunState.RUNNING:
        raise RunLost(f"run {run.id} of source {run.source_code} was taken over or closed")
