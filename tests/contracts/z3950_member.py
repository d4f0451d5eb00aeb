"""A member library on a Z39.50 server (Perl's SimpleServer), without deletions as Z39.50 knows none."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from tests.contracts.oai_member import Shelf
from tests.support.z3950 import Book, needs_simpleserver, simpleserver

OPTIONS = (("changed", "date-modified"), ("present", "20"))


def _books(shelf: Shelf) -> list[Book]:
    """The live records of a shelf, by their numbers."""
    return [
        Book(int(identifier.rpartition(":")[2]), "", f"{stamp:%Y%m%d}", xml=xml.encode())
        for identifier, (stamp, deleted, xml) in shelf.records.items()
        if not deleted
    ]


@contextmanager
def z3950_server(shelf: Shelf) -> Iterator[str]:
    """Serve a shelf; gives its address. Skips where the server is not installed."""
    if needs_simpleserver.args[0]:
        pytest.skip(needs_simpleserver.kwargs["reason"])
    put = shelf.put
    with (
        tempfile.TemporaryDirectory() as folder,
        simpleserver(Path(folder), _books(shelf), name="Kệ sách") as server,
    ):

        def put_here_too(
            number: int, stamp: datetime, *, deleted: bool = False, title: str = "Đất rừng"
        ) -> None:
            put(number, stamp, deleted=deleted, title=title)
            server.books = _books(shelf)
            server.write()

        shelf.put = put_here_too  # type: ignore[method-assign]
        yield server.address
