"""A repository in memory, for collections of some ten thousand records.

Records may change while harvests run: each change takes the item out of its old place in every list and puts
it at its new key, so the lists stay in key order.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from unioncat_api.protocols.oaipmh.datestamps import moment
from unioncat_api.protocols.oaipmh.repository import Format, Identity, Item, Key, Selection, SetInfo


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item with its metadata in every format, by prefix; none when deleted."""

    identifier: str
    datestamp: str
    deleted: bool = False
    sets: tuple[str, ...] = ()
    metadata: tuple[tuple[str, bytes], ...] = ()


def check_element(xml: bytes) -> None:
    """Raise `ValueError` unless the bytes are one XML element that can stand inside another document."""
    if not xml.startswith(b"<") or xml.startswith((b"<?", b"<!")):
        raise ValueError("metadata are one element, without declaration or DOCTYPE")
    try:
        etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError as problem:
        raise ValueError(f"metadata are no well-formed XML: {problem}") from None


class MemoryRepository:
    """Items of one audience in memory."""

    def __init__(self, identity: Identity, formats: Sequence[Format], sets: Sequence[SetInfo] = ()) -> None:
        self._identity = identity
        self._formats = tuple(formats)
        self._sets = tuple(sets)
        self._items: dict[str, StoredItem] = {}
        self._metadata: dict[str, Mapping[str, bytes]] = {}
        self._keys: defaultdict[tuple[str, str | None], list[Key]] = defaultdict(list)

    def put(self, items: Iterable[StoredItem]) -> None:
        """Add items or put them in place of older ones; raise `ValueError` for what no list could carry."""
        for item in items:
            moment(item.datestamp)
            for _, xml in item.metadata:
                check_element(xml)
            old = self._items.get(item.identifier)
            if old is not None:
                self._take_out(old)
            self._items[item.identifier] = item
            self._metadata[item.identifier] = {} if item.deleted else dict(item.metadata)
            for place in self._places(item):
                insort(self._keys[place], Key(item.datestamp, item.identifier))

    def rename(self, identity: Identity) -> None:
        """Give the repository another description, for example a new address."""
        self._identity = identity

    def _take_out(self, item: StoredItem) -> None:
        key = Key(item.datestamp, item.identifier)
        for place in self._places(item):
            keys = self._keys[place]
            del keys[bisect_left(keys, key)]

    def _places(self, item: StoredItem) -> list[tuple[str, str | None]]:
        """Name the lists that hold an item: for each prefix all items, and each set with its ancestors."""
        specs: set[str | None] = {None}
        for spec in item.sets:
            steps = spec.split(":")
            specs.update(":".join(steps[: depth + 1]) for depth in range(len(steps)))
        present = {prefix for prefix, _ in item.metadata}
        prefixes = [each.prefix for each in self._formats if item.deleted or each.prefix in present]
        return [(prefix, spec) for prefix in prefixes for spec in specs]

    async def identity(self) -> Identity:
        """Describe the repository."""
        return self._identity

    async def formats(self, identifier: str | None = None) -> Sequence[Format] | None:
        """Give the formats of the repository, or of one item; `None` if there is no such item."""
        if identifier is None:
            return self._formats
        item = self._items.get(identifier)
        if item is None:
            return None
        return [each for each in self._formats if item.deleted or each.prefix in self._metadata[identifier]]

    async def sets(self) -> Sequence[SetInfo]:
        """Give all sets."""
        return self._sets

    async def get(self, prefix: str, identifier: str) -> Item | None:
        """Give one item in one format."""
        item = self._items.get(identifier)
        if item is None or not (item.deleted or prefix in self._metadata[identifier]):
            return None
        return self._item(prefix, identifier)

    async def page(self, selection: Selection, after: Key | None, limit: int) -> Sequence[Item]:
        """Give up to `limit` items in key order, beginning after `after`."""
        keys, first, last = self._range(selection)
        if after is not None:
            first = max(first, bisect_right(keys, after))
        return [
            self._item(selection.prefix, key.identifier) for key in keys[first : min(last, first + limit)]
        ]

    async def count(self, selection: Selection) -> int:
        """Count the items of a selection."""
        _, first, last = self._range(selection)
        return max(0, last - first)

    def _range(self, selection: Selection) -> tuple[list[Key], int, int]:
        keys = self._keys.get((selection.prefix, selection.set), [])
        first = bisect_left(keys, selection.since, key=_datestamp) if selection.since else 0
        last = bisect_right(keys, selection.until, key=_datestamp) if selection.until else len(keys)
        return keys, first, last

    def _item(self, prefix: str, identifier: str) -> Item:
        item = self._items[identifier]
        metadata = self._metadata[identifier].get(prefix, b"")
        return Item(identifier, item.datestamp, item.deleted, item.sets, metadata)


def _datestamp(key: Key) -> str:
    return key.datestamp


def tombstone(item: StoredItem, datestamp: str) -> StoredItem:
    """Make the tombstone of an item that was deleted at `datestamp`."""
    return replace(item, datestamp=datestamp, deleted=True, metadata=())
