"""Home folders that every user can reach, and servers that leave nothing behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import room
from unioncat.engine.postgres import EmbeddedPostgres


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder whose parents everybody can enter; pytest's own folders are private."""
    with room.open_folder() as folder:
        yield folder


@pytest.fixture
def server() -> Iterator[Callable[[Path], EmbeddedPostgres]]:
    """Make servers; all are stopped and deleted at the end."""
    made: list[EmbeddedPostgres] = []

    def make(home: Path) -> EmbeddedPostgres:
        made.append(EmbeddedPostgres(home, memory_mb=32))
        return made[-1]

    yield make
    for one in made:
        one.stop(1)
    for one in made:
        if hasattr(one, "place") and one.place.exists():
            one.destroy()
