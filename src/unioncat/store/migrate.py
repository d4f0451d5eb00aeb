"""Brings a database to the schema of this version; refuses one that a newer version has touched."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from unioncat.store.errors import StoreError

OLDEST_SERVER = 150000
_LOCK = 7_114_203_001


def folder() -> Path:
    """Where the migrations lie: inside the wheel, or beside the sources."""
    packaged = Path(__file__).parent.parent / "_migrations"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "migrations"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder()))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> bool:
    version = connection.execute(text("SELECT current_setting('server_version_num')::int")).scalar_one()
    if version < OLDEST_SERVER:
        raise StoreError(
            f"PostgreSQL {version // 10000} is too old", "Use PostgreSQL 15 or newer, or the embedded one."
        )
    connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    config = _config(connection)
    script = ScriptDirectory.from_config(config)
    present = MigrationContext.configure(connection).get_current_revision()
    if present is not None and present not in {step.revision for step in script.walk_revisions()}:
        raise StoreError(
            f"the database is at step {present}, which this version does not know",
            "Start the newer version of unioncat that made it.",
        )
    command.upgrade(config, "head")
    return present != script.get_current_head()


async def upgrade(url: str) -> bool:
    """Run what is missing, in one transaction; tell whether anything was. Several processes may call it."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(_upgrade)
    except DBAPIError as error:
        # A step that needs an administrator says so with a hint of its own.
        cause: Any = getattr(error.orig, "__cause__", None)
        if getattr(cause, "hint", None) and cause.sqlstate == "P0001":
            raise StoreError(str(cause.args[0]), cause.hint) from error
        raise
    finally:
        await engine.dispose()
