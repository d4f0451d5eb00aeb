"""Errands: asked by a page, taken by the harvester, answered once.

The job is queued in the caller's transaction: an errand without a job, or a job without one, cannot be.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.errand import Errand, ErrandState
from unioncat.store import jobs
from unioncat.store.codec import plain
from unioncat.store.errors import Unknown
from unioncat.store.tables import errand

JOB = "errand"
"""Kind of the job that does an errand; its key is the errand's number."""
MAX_ATTEMPTS = 3
"""Times that an errand is begun: one that kills its process each time must not come back for ever."""
KEEP = timedelta(days=30)
OPEN = (ErrandState.ASKED, ErrandState.RUNNING)


async def ask(conn: AsyncConnection, kind: str, subject: Mapping[str, Any], *, priority: int = 5) -> Errand:
    """Ask for an errand and queue its job; nobody can guess its number. Strangers' errands ask for less."""
    number = uuid4()
    await conn.execute(
        errand.insert().values(id=number, kind=kind, subject=plain(subject), state=ErrandState.ASKED)
    )
    await jobs.enqueue(conn, JOB, str(number), priority=priority)
    return await read(conn, number)


async def read(conn: AsyncConnection, number: UUID) -> Errand:
    """Give an errand. Raises `Unknown`."""
    row = (await conn.execute(select(errand).where(errand.c.id == number))).one_or_none()
    if row is None:
        raise Unknown(f"there is no errand {number}", "Ask for it again; errands are kept for 30 days.")
    return _errand(row)


async def take(conn: AsyncConnection, number: UUID) -> Errand | None:
    """Begin an errand; none when it has ended, is not there, or was begun too often (then it has failed)."""
    row = (
        await conn.execute(
            update(errand)
            .where(errand.c.id == number, errand.c.state.in_(OPEN), errand.c.attempts < MAX_ATTEMPTS)
            .values(state=ErrandState.RUNNING, attempts=errand.c.attempts + 1, progress={})
            .returning(errand)
        )
    ).one_or_none()
    if row is None:
        await fail(
            conn,
            number,
            f"it was begun {MAX_ATTEMPTS} times and never ended",
            "Tell the operator; see the log.",
        )
        return None
    return _errand(row)


async def tell(conn: AsyncConnection, number: UUID, progress: Mapping[str, Any]) -> None:
    """Say how far a running errand is."""
    await conn.execute(
        update(errand)
        .where(errand.c.id == number, errand.c.state == ErrandState.RUNNING)
        .values(progress=plain(progress))
    )


async def answer(conn: AsyncConnection, number: UUID, result: Mapping[str, Any]) -> bool:
    """End an errand with its result; false when it had ended before."""
    return await _end(conn, number, state=ErrandState.DONE, result=plain(result))


async def fail(conn: AsyncConnection, number: UUID, error: str, remedy: str) -> bool:
    """End an errand with what went wrong; false when it had ended before."""
    return await _end(conn, number, state=ErrandState.FAILED, error=error, remedy=remedy)


async def count(conn: AsyncConnection, kind: str, **subject: Any) -> tuple[int, int]:
    """Count the errands of a kind on a subject: those that have not ended, and all that are kept."""
    still = func.count().filter(errand.c.state.in_(OPEN))
    query = select(still, func.count()).where(errand.c.kind == kind, errand.c.subject.contains(subject))
    row = (await conn.execute(query)).one()
    return int(row[0]), int(row[1])


async def tidy(conn: AsyncConnection) -> int:
    """Forget errands of long ago; give their number."""
    gone = await conn.execute(errand.delete().where(errand.c.asked_at < func.now() - KEEP))
    return gone.rowcount


async def _end(conn: AsyncConnection, number: UUID, **values: Any) -> bool:
    done = await conn.execute(
        update(errand)
        .where(errand.c.id == number, errand.c.state.in_(OPEN))
        .values(done_at=func.now(), **values)
    )
    return done.rowcount > 0


def _errand(row: Row[Any]) -> Errand:
    return Errand(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        state=ErrandState(row.state),
        asked=row.asked_at,
        progress=row.progress,
        result=row.result,
        error=row.error,
        remedy=row.remedy,
        done=row.done_at,
    )
