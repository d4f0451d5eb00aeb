"""The folders of an index on disk: one a generation, a pointer to the current one, locks that die with us.

A generation that somebody reads or builds is never removed; the pointer is only ever replaced as a whole.
"""

import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

_POINTER = "current"
_IN_USE = "in-use"
_WRITER = "writer"


class IndexBusy(RuntimeError):
    """Another process writes this index."""


@dataclass(slots=True)
class Hold:
    """A lock on an open file; it ends with `release` or with the process, whichever comes first."""

    file: int

    def release(self) -> None:
        """Give the lock back; a second time does nothing."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1


class Generations:
    """All generations of one schema under `folder`; folders of other schemas stand beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stamp(self) -> int:
        """Return a number that changes when the pointer does; 0 when there is none."""
        try:
            facts = (self.folder / _POINTER).stat()
        except FileNotFoundError:
            return 0
        return facts.st_mtime_ns ^ facts.st_ino

    def current(self) -> Path | None:
        """Return the folder that readers are to open."""
        try:
            name = (self.folder / _POINTER).read_text("ascii").strip()
        except FileNotFoundError:
            return None
        return self.folder / name

    def create(self) -> tuple[Path, Hold]:
        """Make the folder of a new generation, held until it is done."""
        self.folder.mkdir(parents=True, exist_ok=True)
        last = max((_number(path) for path in self.folder.iterdir()), default=0)
        path = self.folder / f"generation-{last + 1:06d}"
        path.mkdir()
        return path, self._hold(path)

    def hold(self, path: Path) -> Hold:
        """Keep a generation from being removed. Raises FileNotFoundError if it is gone already."""
        hold = self._hold(path)
        if not path.exists():
            hold.release()
            raise FileNotFoundError(path)
        return hold

    def _hold(self, path: Path) -> Hold:
        file = os.open(path / _IN_USE, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(file, fcntl.LOCK_SH)
        return Hold(file)

    def point(self, path: Path) -> None:
        """Make `path` the current generation, in one step for every reader."""
        draft = self.folder / f".{_POINTER}-{os.getpid()}"
        with draft.open("w", encoding="ascii") as file:
            file.write(path.name)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / _POINTER)

    def lock_writer(self) -> Hold:
        """Become the only writer. Raises `IndexBusy`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = os.open(self.folder / _WRITER, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise IndexBusy(f"another process writes the index in {self.folder}: stop it first") from None
        return Hold(file)

    def sweep(self) -> int:
        """Remove generations that are neither current nor in use, of older schemas too; how many are left."""
        left = 0
        current = self.current()
        folders = [self.folder]
        if current is not None:  # a newer schema has its index: nobody starts on the older ones any more
            folders += [
                path for path in self.folder.parent.iterdir() if path.is_dir() and path != self.folder
            ]
        for folder in folders:
            generations = [path for path in sorted(folder.iterdir()) if _number(path)]
            kept = sum(path == current or not _remove(path) for path in generations)
            left += kept - (folder == self.folder and current in generations)
            if generations and not kept:
                shutil.rmtree(folder, ignore_errors=True)
        return left


def _number(path: Path) -> int:
    """Return the number of a generation's folder, 0 for other names."""
    word, _, digits = path.name.partition("-")
    return int(digits) if word == "generation" and digits.isdigit() else 0


def _remove(path: Path) -> bool:
    """Remove a generation unless somebody holds it."""
    try:
        file = os.open(path / _IN_USE, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        shutil.rmtree(path, ignore_errors=True)
        return not path.exists()
    finally:
        os.close(file)
