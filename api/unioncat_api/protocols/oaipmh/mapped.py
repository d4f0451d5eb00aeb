"""A repository in one file, mapped into memory, for millions of records in one format.

The file is never changed after it was built: the bytes of all records in order of arrival, then columns
in key order (datestamp, offset, lengths, state), then identifier hashes in their order for look-ups.
"""

import hashlib
import json
import mmap
import os
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from unioncat_api.protocols.oaipmh.datestamps import moment, stamp
from unioncat_api.protocols.oaipmh.memory import check_element
from unioncat_api.protocols.oaipmh.repository import Format, Identity, Item, Key, Selection, SetInfo

_MAGIC = b"unioncat-oai-1\n"
_COLUMNS = ("moments", "offsets", "names", "lengths", "deleted", "hashes", "rows")


def build_mapped(path: Path, records: Iterable[tuple[str, str, bool, bytes]], *, check: bool = True) -> int:
    """Write (identifier, datestamp, deleted, XML) records to a file in place of an older one; count them.

    Identifiers must not repeat. `check` parses each record's XML and refuses what is not well-formed.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            count = _write(file, records, check)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return count


def _write(file: BinaryIO, records: Iterable[tuple[str, str, bool, bytes]], check: bool) -> int:
    rows: list[tuple[int, bytes, int, int, bool]] = []
    offset = file.write(_MAGIC)
    for identifier, datestamp, deleted, xml in records:
        if check and not deleted:
            check_element(xml)
        name, body = identifier.encode(), b"" if deleted else xml
        rows.append((int(moment(datestamp).timestamp()), name, offset, len(body), deleted))
        offset += file.write(name) + file.write(body)
    if len({row[1] for row in rows}) != len(rows):
        raise ValueError("identifiers repeat; each record is given once")
    rows.sort()
    hashed = sorted((_hash(row[1]), number) for number, row in enumerate(rows))
    columns: tuple[array[int], ...] = (
        array("q", (row[0] for row in rows)),
        array("Q", (row[2] for row in rows)),
        array("I", (len(row[1]) for row in rows)),
        array("I", (row[3] for row in rows)),
        array("B", (row[4] for row in rows)),
        array("Q", (pair[0] for pair in hashed)),
        array("I", (pair[1] for pair in hashed)),
    )
    places = {}
    for name_, column in zip(_COLUMNS, columns, strict=True):
        offset += file.write(b"\0" * (-offset % 8))
        places[name_] = [column.typecode, offset, len(column)]
        offset += file.write(column.tobytes())
    footer = json.dumps({"order": sys.byteorder, "columns": places}).encode()
    file.write(footer + len(footer).to_bytes(8, "big"))
    return len(rows)


class MappedRepository:
    """The records of a built file; no sets."""

    def __init__(self, path: Path, identity: Identity, format: Format) -> None:
        self._identity = identity
        self._format = format
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        footer_length = int.from_bytes(self._map[-8:], "big")
        if self._map[: len(_MAGIC)] != _MAGIC:
            raise ValueError(f"{path} is no file of OAI records; build it anew")
        footer = json.loads(self._map[-8 - footer_length : -8])
        if footer["order"] != sys.byteorder:
            raise ValueError(f"{path} was built on a machine of other byte order; build it anew")
        self._view = memoryview(self._map)
        self._columns = {
            name: self._view[offset : offset + count * array(code).itemsize].cast(code)
            for name, (code, offset, count) in footer["columns"].items()
        }

    def close(self) -> None:
        """Let go of the file."""
        for column in self._columns.values():
            column.release()
        self._view.release()
        self._map.close()

    def __len__(self) -> int:
        return len(self._columns["moments"])

    async def identity(self) -> Identity:
        """Describe the repository."""
        return self._identity

    async def formats(self, identifier: str | None = None) -> Sequence[Format] | None:
        """Give the one format; `None` if there is no such item."""
        if identifier is not None and self._row_of(identifier) is None:
            return None
        return (self._format,)

    async def sets(self) -> Sequence[SetInfo]:
        """Give no sets."""
        return ()

    async def get(self, prefix: str, identifier: str) -> Item | None:
        """Give one item."""
        row = self._row_of(identifier)
        return None if row is None or prefix != self._format.prefix else self._item(row)

    async def page(self, selection: Selection, after: Key | None, limit: int) -> Sequence[Item]:
        """Give up to `limit` items in key order, beginning after `after`."""
        first, last = self._range(selection)
        if after is not None:
            key = (int(moment(after.datestamp).timestamp()), after.identifier.encode())
            first = max(first, bisect_right(range(len(self)), key, key=self._key))
        return [self._item(row) for row in range(first, min(last, first + limit))]

    async def count(self, selection: Selection) -> int:
        """Count the items of a selection."""
        first, last = self._range(selection)
        return max(0, last - first)

    def _range(self, selection: Selection) -> tuple[int, int]:
        moments = self._columns["moments"]
        first, last = 0, len(moments)
        if selection.prefix != self._format.prefix or selection.set is not None:
            return 0, 0
        if selection.since:
            first = bisect_left(moments, int(moment(selection.since).timestamp()))
        if selection.until:
            last = bisect_right(moments, int(moment(selection.until).timestamp()))
        return first, last

    def _key(self, row: int) -> tuple[int, bytes]:
        return self._columns["moments"][row], self._name(row)

    def _name(self, row: int) -> bytes:
        offset = self._columns["offsets"][row]
        return self._map[offset : offset + self._columns["names"][row]]

    def _row_of(self, identifier: str) -> int | None:
        with suppress(UnicodeEncodeError):
            name = identifier.encode()
            hashes, rows = self._columns["hashes"], self._columns["rows"]
            place = bisect_left(hashes, wanted := _hash(name))
            while place < len(hashes) and hashes[place] == wanted:
                if self._name(rows[place]) == name:
                    return int(rows[place])
                place += 1
        return None

    def _item(self, row: int) -> Item:
        columns = self._columns
        begin = columns["offsets"][row] + columns["names"][row]
        return Item(
            self._name(row).decode(),
            stamp(datetime.fromtimestamp(columns["moments"][row], UTC)),
            bool(columns["deleted"][row]),
            (),
            self._map[begin : begin + columns["lengths"][row]],
        )


def _hash(name: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big")
