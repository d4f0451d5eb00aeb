"""Joining again: one changed record in a full catalogue, and everything under new rules."""

import time

from sqlalchemy import text

from unioncat.flow.join import join
from unioncat.flow.rules import reread_stale
from unioncat.store.database import Database

CHANGED = 60


async def measure(db: Database, workers: int) -> dict[str, object]:
    """Measure both in a database whose records are all joined."""
    return {"one_record": await one_record(db), "rejudge": await rejudge(db, workers)}


async def one_record(db: Database) -> dict[str, float]:
    """Join single changed records anew, one after the other: milliseconds for each."""
    async with db.begin() as conn:
        chosen = "SELECT record_id FROM cluster_member ORDER BY hashint8(record_id) LIMIT :n"
        numbers = (await conn.execute(text(chosen), {"n": CHANGED})).scalars().all()
    took = []
    for number in numbers:
        async with db.begin() as conn:
            await conn.execute(text("INSERT INTO pending_join (record_id) VALUES (:n)"), {"n": number})
        begun = time.perf_counter()
        await join(db, workers=1)
        took.append(1000 * (time.perf_counter() - begun))
    took.sort()
    return {"p50_ms": took[len(took) // 2], "p95_ms": took[int(len(took) * 0.95)]}


async def rejudge(db: Database, workers: int) -> dict[str, float]:
    """Read every record again as new rules would, and judge and cluster all anew: records a second."""
    async with db.begin() as conn:
        count = (
            await conn.execute(text("UPDATE bib_record SET rules = 'others' WHERE NOT deleted"))
        ).rowcount
    begun = time.perf_counter()
    await reread_stale(db, workers=workers, progress=lambda done, total: None)
    read = time.perf_counter()
    await join(db, workers=workers)
    joined = time.perf_counter()
    return {
        "read_per_s": count / (read - begun),
        "join_per_s": count / (joined - read),
        "per_s": count / (joined - begun),
    }
