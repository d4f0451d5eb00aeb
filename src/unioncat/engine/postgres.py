"""The built-in PostgreSQL: one server for each home folder, run as a direct child of whoever starts it first.

Never trust the pid file or `pg_ctl status`: only `pg_isready` on the socket says that a server lives, and
only the parent of the server stops it. Start it from the main thread. See docs/decisions/0001.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil

from unioncat.config import Settings
from unioncat.engine import binaries, place, process, tuning
from unioncat.engine.binaries import CLEAN, Binaries
from unioncat.engine.errors import EngineError
from unioncat.telemetry import logger

DATABASE = "unioncat"
PORT = 5432
"""Part of the socket's name only; the server listens on no network port."""
LOG_LIMIT = 10 * 1024 * 1024
OTHER_SECONDS = 5.0
"""After how long it is said that another process's server, which recovers or ends, is waited for."""
STARTING = ("pre-existing shared memory block", "is being used by another", "lock file")
"""What the server says while the last backends of a killed one are still going away."""

REMEDIES = (
    ("No space left on device", "the disk is full: free some space, then start again"),
    ("Disk quota exceeded", "the disk quota is used up: free some space, then start again"),
    ("Cannot allocate memory", "set UNIONCAT_DATABASE_MEMORY_MB to a smaller number"),
    ("could not map anonymous shared memory", "set UNIONCAT_DATABASE_MEMORY_MB to a smaller number"),
    ("Permission denied", "give the database folder back to the user that the server runs as"),
    ("invalid checkpoint record", "the database files are damaged: restore the last backup"),
    ("could not locate a valid checkpoint", "the database files are damaged: restore the last backup"),
)

log = logger(__name__)


class EmbeddedPostgres:
    """Starts, or finds running, the server of a home folder."""

    def __init__(self, home: Path, *, memory_mb: int | None = None) -> None:
        self.home = home.expanduser().absolute()
        self.memory_mb = memory_mb
        self.child: subprocess.Popen[bytes] | None = None
        self._users: int | None = None

    def start(self, database: str = DATABASE) -> str:
        """Make sure that the server runs and holds `database`; give its address for SQLAlchemy.

        The first start makes the data folder. After a kill the server recovers by itself, however long it
        takes. Raises EngineError with the server's last words and a remedy.
        """
        if self.child is not None and self.child.poll() is not None:
            self.child = None
        self.home.mkdir(parents=True, exist_ok=True)
        self.place = place.find(self.home)
        self.data = self.place / "data"
        self.account = place.account(self.place)
        self.log = self.home / "log" / "postgres.log"
        self.log.parent.mkdir(exist_ok=True)
        with self._only_one():
            self.programs = self._programs()
            self.socket = place.socket_folder(self.place, self.account)
            if not self.ready():
                place.check_space(self.place)
                self._initialise()
                self._check_major()
                self._await_other()
                if not self.ready():
                    self._start()
            self._create(database)
            self._join()
        return self.url(database)

    def url(self, database: str = DATABASE) -> str:
        """Give the address of a database of this server."""
        return f"postgresql+asyncpg://postgres@/{database}?host={quote(str(self.socket))}&port={PORT}"

    @property
    def owned(self) -> bool:
        """Whether this process started the server, and so stops it."""
        return self.child is not None

    def alive(self) -> bool:
        """Tell cheaply whether the server lives; of another process's server, ask the socket."""
        return self.child.poll() is None if self.child is not None else self.ready()

    def ready(self) -> bool:
        """Ask the server itself whether it takes connections."""
        answer = self.programs.run(
            "pg_isready", "-q", "-t", "5", "-h", self.socket, "-p", str(PORT), account=self.account
        )
        return answer.returncode == 0

    def stop(self, patience: float = 60.0, *, wait_for_others: bool = False) -> None:
        """Stop the server if it is ours: in order, then after `patience` seconds at once (it recovers later).

        With `wait_for_others`, let other processes that use it finish first.
        """
        if self._users is not None:
            if self.child is not None and wait_for_others:
                self._await_users(self._users)
            os.close(self._users)
            self._users = None
        if self.child is not None:
            process.end(self.child, patience, gentle=signal.SIGINT, rough=signal.SIGQUIT)
            self.child = None

    def _await_users(self, handle: int) -> None:
        """Wait for the other processes that use the server; say so, or it would look like a standstill."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.warning(
                "the work is done; this command ends when others that use its database server have ended"
            )
            fcntl.flock(handle, fcntl.LOCK_EX)

    def destroy(self) -> None:
        """Stop the server and delete its data: for tests and for trying things out."""
        self.stop(0.5)
        shutil.rmtree(self.place)
        (self.home / place.RECORD).unlink(missing_ok=True)

    def _programs(self) -> Binaries:
        found = binaries.find()
        if binaries.usable(found, self.account):
            return found
        return binaries.copied(found, self.place)

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        """Let one process at a time look at the server and start it."""
        try:
            handle = os.open(self.place / "start.lock", os.O_RDWR | os.O_CREAT, 0o644)
        except PermissionError:
            raise EngineError(
                f"the database folder {self.place} belongs to another user",
                "start the service as the user who made it, or set UNIONCAT_HOME to a folder of your own",
            ) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _join(self) -> None:
        """Be counted among the users of the server, so that its owner can wait for us."""
        if self._users is None:
            self._users = os.open(self.place / "users.lock", os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(self._users, fcntl.LOCK_SH)

    def _initialise(self) -> None:
        """Make the data folder, whole or not at all."""
        if self.data.exists():
            return
        draft = self.place / "data.new"
        if draft.exists():
            shutil.rmtree(draft)
        place.own(draft, self.account)
        made = self.programs.run(
            "initdb", "-D", draft, "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums", "--no-instructions",
            account=self.account,
        )  # fmt: skip
        if made.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise self._failure("the database could not be made", made.stdout + made.stderr)
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"\ninclude_if_exists = '{tuning.FILE}'\n")
        draft.rename(self.data)

    def _check_major(self) -> None:
        """Refuse data of another major version: PostgreSQL cannot read them."""
        found = (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        ours = self.programs.major(self.account)
        if found != ours:
            raise EngineError(
                f"the database in {self.data} was written by PostgreSQL {found}, this is PostgreSQL {ours}",
                f"dump it with the release that wrote it (`unioncat backup`), move {self.data} away, start, "
                "and load the dump with `unioncat restore`",
            )

    def _await_other(self) -> None:
        """Wait while any process works on the data, then drop the lock files of a dead server.

        After a kill, a reboot or a container's restart the pid in those files may be a zombie's or somebody
        else's, and PostgreSQL would refuse to start. They may go only when no process works in the data
        folder: a backend that outlived its server would otherwise damage the data.
        """
        locks = [self.data / "postmaster.pid", self.socket / f"{place.SOCKET_NAME}.lock"]
        if not any(lock.exists() for lock in locks):
            return
        told = time.monotonic() + OTHER_SECONDS
        while (other := self._in_use()) is not None:
            if self.ready():
                return
            if time.monotonic() > told:
                log.warning("waiting for a database server that does not answer yet", process=other)
                told = time.monotonic() + 60
            time.sleep(0.1)
        for lock in locks:
            lock.unlink(missing_ok=True)

    def _in_use(self) -> int | None:
        """Name a server process, which always works inside its data folder, that is still there."""
        data = os.path.realpath(self.data)
        for found in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if found.cwd() == data and found.status() != psutil.STATUS_ZOMBIE:
                    return found.pid
        return None

    def _start(self) -> None:
        tuning.write(self.data, self.socket, self.memory_mb, self.account)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        deadline = time.monotonic() + 20
        while True:
            begin = self.log.stat().st_size if self.log.exists() else 0
            with self.log.open("ab") as output:
                self.child = process.spawn(
                    [self.programs / "postgres", "-D", self.data],
                    output=output,
                    environment=CLEAN,
                    account=self.account,
                    cwd="/",
                    death_signal=signal.SIGINT,
                )
            try:
                while self.child.poll() is None:
                    if self.ready():
                        return
                    time.sleep(0.02)
            except BaseException:
                process.end(self.child, 5, gentle=signal.SIGINT, rough=signal.SIGQUIT)
                self.child = None
                raise
            self.child = None
            said = self._said(begin)
            if not any(sign in said for sign in STARTING) or time.monotonic() > deadline:
                raise self._failure("the database server does not start", said)
            time.sleep(0.2)

    def _said(self, begin: int) -> str:
        with self.log.open("rb") as file:
            file.seek(begin)
            return file.read().decode("utf-8", "replace")

    def _failure(self, what: str, said: str) -> EngineError:
        lines = [line for line in said.strip().splitlines() if line.strip()][-15:]
        remedy = next((cure for sign, cure in REMEDIES if sign in said), f"see {self.log}")
        return EngineError(f"{what}; it said:\n  " + "\n  ".join(lines or ["(nothing)"]), remedy)

    def _create(self, database: str) -> None:
        address = ("-h", self.socket, "-p", str(PORT), "-U", "postgres")
        query = f"SELECT 1 FROM pg_database WHERE datname = '{database}'"
        found = self.programs.run("psql", *address, "-XAtc", query, "postgres", account=self.account)
        if found.returncode == 0 and found.stdout.strip() == "1":
            return
        made = self.programs.run("createdb", *address, database, account=self.account)
        if made.returncode and "already exists" not in made.stderr:
            raise self._failure(f"the database {database} could not be made", made.stderr)


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Give the address of the database for the time of one command: the configured one, else the built-in.

    A built-in server that this started is stopped at the end, after other commands that use it.
    """
    if settings.database_url:
        yield settings.database_url
        return
    server = EmbeddedPostgres(settings.home, memory_mb=settings.database_memory_mb)
    url = server.start()
    try:
        yield url
    finally:
        server.stop(wait_for_others=True)
