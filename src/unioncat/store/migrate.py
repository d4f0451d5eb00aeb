"""Brings a database to the schema of this version; refuses one that a newer version has touched."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from unioncat.store.database import READER
from unioncat.store.errors import StoreError

T = TypeVar("T")

OLDEST_SERVER = 150000
_LOCK = 7_114_203_001
_MAKE_READER = f"""
DO $$
BEGIN
  BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN
      CREATE ROLE {READER} NOLOGIN NOINHERIT;
    END IF;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this server was first
  END;
  -- Since PostgreSQL 16 who makes a role may give it to others, but not yet take it up.
  IF current_setting('server_version_num')::int >= 160000 THEN
    IF NOT pg_has_role(current_user, '{READER}', 'SET') THEN
      EXECUTE format('GRANT {READER} TO %I WITH INHERIT FALSE, SET TRUE', current_user);
    END IF;
  ELSIF NOT pg_has_role(current_user, '{READER}', 'MEMBER') THEN
    EXECUTE format('GRANT {READER} TO %I', current_user);
  END IF;
EXCEPTION
  WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'the user % may not make the role {READER}, or not read as it', current_user
      USING HINT = format('As an administrator of the server: CREATE ROLE {READER} NOLOGIN NOINHERIT; '
        'GRANT {READER} TO %I; then start again.', current_user);
END $$
"""


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
    _make_reader(connection)
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


def _make_reader(connection: Connection) -> None:
    connection.exec_driver_sql(_MAKE_READER)


async def prepare(url: str) -> None:
    """Make what a database needs of its server and no dump contains: the role that reads for viewers."""
    await _do(url, _make_reader)


async def upgrade(url: str) -> bool:
    """Run what is missing, in one transaction; tell whether anything was. Several processes may call it."""
    return await _do(url, _upgrade)


async def _do(url: str, step: Callable[[Connection], T]) -> T:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(step)
    except DBAPIError as error:
        # A step that needs an administrator says so with a hint of its own.
        cause: Any = getattr(error.orig, "__cause__", None)
        if getattr(cause, "hint", None) and cause.sqlstate == "P0001":
            raise StoreError(str(cause.args[0]), cause.hint) from error
        raise
    finally:
        await engine.dispose()
