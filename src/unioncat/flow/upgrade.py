"""Bringing a database to this version: its schema, then what a migration cannot do because it has no key."""

from unioncat.config import Settings
from unioncat.flow.credentials import seal_open_ones
from unioncat.store import migrate
from unioncat.store.database import Database
from unioncat.telemetry import logger

log = logger(__name__)


async def upgrade(settings: Settings, url: str) -> bool:
    """Run what is missing; tell whether the schema changed. Several processes may call it."""
    changed = await migrate.upgrade(url)
    db = await Database.connect(url, pool_size=1)
    try:
        moved = await seal_open_ones(db, settings)
    finally:
        await db.close()
    if moved:
        log.warning("credentials that stood open are encrypted now", sources=moved)
    return changed


async def prepare(url: str) -> None:
    """Make what a database needs of its server before a dump is loaded into it."""
    await migrate.prepare(url)
