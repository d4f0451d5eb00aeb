"""A member library on an SRU server: what is on the shelf now, its deletions left out as SRU knows none."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import overload

from tests.contracts.oai_member import Shelf
from tests.harvester.sru.rig import Item, serving

OPTIONS = (("changed", "rec.lastModificationDate"),)


class _Shelved(Sequence[Item]):
    """The live records of a shelf, read anew each time."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def _items(self) -> list[Item]:
        return [
            Item(identifier.rpartition(":")[2], xml, stamp.strftime("%Y%m%d"), identifier)
            for identifier, (stamp, deleted, xml) in self._shelf.records.items()
            if not deleted
        ]

    @overload
    def __getitem__(self, place: int) -> Item: ...
    @overload
    def __getitem__(self, place: slice) -> list[Item]: ...
    def __getitem__(self, place: int | slice) -> Item | list[Item]:
        return self._items()[place]

    def __len__(self) -> int:
        return len(self._items())

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items())


@contextmanager
def sru_server(shelf: Shelf) -> Iterator[str]:
    """Serve a shelf; gives its address."""
    with serving(_Shelved(shelf), title="Kệ sách") as server:
        yield server.base
