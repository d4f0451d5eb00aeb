"""Where the built-in PostgreSQL keeps its data, and which user it runs as.

PostgreSQL refuses to run as root. Then it runs as `postgres` or `nobody`, who must be able to reach the
data: no permission of a folder that is not ours is ever changed, the data move to another place instead.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
from pathlib import Path

from unioncat.engine.errors import EngineError
from unioncat.engine.process import Account

RECORD = "postgres.place"
"""File in the home folder with the path of the data, when they are not in the home folder itself."""
STATE = Path("/var/lib/unioncat")
"""Where the data of a service go that root started in a folder which only root can enter."""
SOCKET_LIMIT = 100
"""Longest path of a socket in bytes; the limit of the system is 107 or 103."""
SOCKET_NAME = ".s.PGSQL.5432"


def find(home: Path) -> Path:
    """Give the folder of the server that belongs to `home`; choose and record it at the first time."""
    record = home / RECORD
    if record.exists():
        place = Path(record.read_text(encoding="utf-8").strip())
        if not place.is_dir():
            raise EngineError(
                f"the database folder {place} of this service is gone",
                f"restore it from a backup, or delete {record} to begin with an empty database",
            )
        return place
    place = home / "postgres"
    if (place / "data").exists() or os.geteuid() != 0:
        place.mkdir(parents=True, exist_ok=True)
        return place
    made = not place.exists()
    place.mkdir(parents=True, exist_ok=True)
    if reachable(place, _unprivileged()):
        return place
    if made:
        place.rmdir()
    place = STATE / secrets.token_hex(4)
    try:
        place.mkdir(parents=True, mode=0o755)
        if not reachable(place, _unprivileged()):
            raise PermissionError(13, "other users cannot enter it", str(STATE))
    except OSError as error:
        raise EngineError(
            f"no place for the database: user {_unprivileged().name} can enter neither {home} nor {STATE}"
            f" ({error.strerror})",
            "start the service as an ordinary user, or set UNIONCAT_HOME to a folder that others can enter",
        ) from None
    (place / "home").write_text(f"{home}\n", encoding="utf-8")
    record.write_text(f"{place}\n", encoding="utf-8")
    return place


def account(place: Path) -> Account | None:
    """Give the user that the server must run as; None: the one who asks."""
    me = os.geteuid()
    data = place / "data"
    owner = data.stat().st_uid if data.exists() else None
    if me != 0:
        if owner not in (None, me):
            raise EngineError(
                f"the database in {data} belongs to user {_name(owner)}",
                f"start the service as that user or as root; or give it to you: chown -R {_name(me)} {data}",
            )
        return None
    if owner:
        return _account(owner)
    return _unprivileged()


def reachable(folder: Path, user: Account | None) -> bool:
    """Tell whether `user` can enter `folder`, by trying: that counts every rule the system may have."""
    try:
        probe = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
            check=False,
        )
    except OSError:
        return False
    return probe.returncode == 0


def socket_folder(place: Path, user: Account | None) -> Path:
    """Make the private folder of the server's socket; elsewhere when its path would be too long."""
    folder = place / "run"
    if len(os.fsencode(folder / SOCKET_NAME)) > SOCKET_LIMIT:
        digest = hashlib.blake2b(os.fsencode(place), digest_size=6).hexdigest()
        folder = Path("/tmp") / f"unioncat-{digest}"  # noqa: S108 — checked below
    uid = user.uid if user else os.geteuid()
    own(folder, user)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != uid or facts.st_mode & 0o077:
        raise EngineError(
            f"the socket folder {folder} is not private to user {_name(uid)}",
            f"remove {folder} and start again",
        )
    return folder


def own(folder: Path, user: Account | None) -> None:
    """Make a folder of mode 0700 that belongs to `user`."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    if user:
        os.chown(folder, user.uid, user.gid)


def abandoned() -> list[Path]:
    """List databases that root once placed outside a home folder which exists no longer.

    Only root is told: nobody else may look into all those homes, or remove anything there.
    """
    if os.geteuid() != 0:
        return []
    found = []
    for note in sorted(STATE.glob("*/home")):
        home = Path(note.read_text(encoding="utf-8").strip())
        record = home / RECORD
        if not record.exists() or record.read_text(encoding="utf-8").strip() != str(note.parent):
            found.append(note.parent)
    return found


def check_space(place: Path, needed: int = 200 * 1024 * 1024) -> None:
    """Refuse to start on a full disk: PostgreSQL would stop in the middle of its work."""
    free = shutil.disk_usage(place).free
    if free < needed:
        raise EngineError(
            f"the disk of {place} is full: {free // 2**20} MB are free, {needed // 2**20} MB are needed",
            "free some space, or set UNIONCAT_HOME to a folder on another disk",
        )


def _unprivileged() -> Account:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, name)
    raise EngineError(
        "PostgreSQL does not run as root, and there is no user postgres or nobody",
        "start the service as an ordinary user: `useradd unioncat`, `su unioncat`",
    )


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(uid, uid, str(uid))
    return Account(uid, entry.pw_gid, entry.pw_name)


def _name(uid: int | None) -> str:
    return _account(uid).name if uid is not None else "?"
