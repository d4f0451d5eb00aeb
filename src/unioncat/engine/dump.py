"""Backups: everything that cannot be made again, in one folder.

The search index is not part of it: it is made anew from the database.
"""

import os
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from unioncat.config import SECRETS, Settings, write_secret
from unioncat.engine import binaries
from unioncat.engine.binaries import CLEAN
from unioncat.engine.errors import EngineError

FILE = "unioncat.dump"


def backup(settings: Settings, url: str, folder: Path) -> None:
    """Write a dump of the database and the secrets into `folder`, which must be new or empty."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise EngineError(f"{folder} is not empty", "name a new folder")
    draft = folder / f".{FILE}"
    try:
        with draft.open("wb") as output:
            os.fchmod(output.fileno(), 0o600)
            _run(url, "pg_dump", "-Fc", output=output.fileno())
            os.fsync(output.fileno())
    except BaseException:
        draft.unlink()
        raise
    for name in SECRETS:
        write_secret(folder / "secrets" / name, settings.secret(name))
    draft.rename(folder / FILE)


def restore(settings: Settings, url: str, folder: Path) -> None:
    """Load a dump into an empty database, all or nothing, and put the secrets in their place."""
    source = folder / FILE
    if not source.exists():
        raise EngineError(f"{folder} holds no backup", "name the folder that `unioncat backup` wrote")
    if _run(url, "psql", "-XAtc", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") != "0":
        raise EngineError("the database is not empty", "set UNIONCAT_HOME to a new folder and restore there")
    for saved in sorted((folder / "secrets").iterdir()):
        target = settings.home / "secrets" / saved.name
        value = saved.read_text(encoding="utf-8").strip()
        if target.exists() and target.read_text(encoding="utf-8").strip() != value:
            target.unlink()
        write_secret(target, value)
    with source.open("rb") as dump:
        _run(url, "pg_restore", "--single-transaction", "--no-owner", given=dump.fileno())


def _run(
    url: str, program: str, *arguments: str, output: int = subprocess.PIPE, given: int = subprocess.DEVNULL
) -> str:
    """Run a program of the wheel on the database, as ourselves; a password goes by the environment only."""
    parts = urlsplit(url.replace("postgresql+asyncpg://", "postgresql://", 1))
    login, mark, server = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    address = urlunsplit(parts._replace(netloc=f"{user}{mark}{server}"))
    done = subprocess.run(
        [str(binaries.find() / program), *arguments, "-d", address],
        stdin=given,
        stdout=output,
        stderr=subprocess.PIPE,
        env={**CLEAN, "PGPASSWORD": unquote(password)} if password else CLEAN,
        check=False,
    )
    if done.returncode:
        raise EngineError(
            f"{program} failed: {done.stderr.decode('utf-8', 'replace').strip()}",
            "see what it says; a server newer than PostgreSQL 18 needs its own tools",
        )
    return done.stdout.decode().strip() if done.stdout else ""
