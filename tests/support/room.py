"""Where tests keep databases: in memory where the machine has room, for none of them outlives its test.

Every user can enter these folders, unlike pytest's own: PostgreSQL does not run as root.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
NEEDED = 4 * 1024**3
"""Bytes that must be free there: a test server and its log take less than one gigabyte."""


def place() -> Path | None:
    """Give the folder that lies in memory; none where there is too little of it, or no such thing."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > NEEDED else None


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that everybody can enter; at the end it is deleted."""
    folder = Path(tempfile.mkdtemp(prefix="unioncat-test-", dir=place()))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
