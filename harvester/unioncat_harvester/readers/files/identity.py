"""Numbers of records within their source: their own where they have one, else a fingerprint of their content.

No record is lost to another with the same number: the second gets a mark of its own. Memory stays flat.
"""

import hashlib
import sqlite3
from types import TracebackType
from typing import Self

REPEATED = "id-repeated"


class Identities:
    """The numbers that one file has given out so far."""

    def __init__(self) -> None:
        # A database without a name lives in memory first, and in a temporary file of its own beyond.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA cache_size = -8192")
        self._db.execute("CREATE TABLE seen (id BLOB PRIMARY KEY, n INTEGER, content BLOB) WITHOUT ROWID")

    def give(self, own: str | None, content: bytes) -> tuple[str | None, bool]:
        """Give the number of a record, and whether another record of the file has the same.

        None: the very same record with the same number came before. Equal records without a number are copies
        of a book, of which each counts.
        """
        fingerprint = hashlib.blake2b(content, digest_size=12).digest()
        key = b"=" + own.encode() if own else fingerprint
        row = self._db.execute("SELECT n, content FROM seen WHERE id = ?", (key,)).fetchone()
        name = own or fingerprint.hex()
        if row is None:
            self._db.execute("INSERT INTO seen VALUES (?, 1, ?)", (key, fingerprint if own else None))
            return name, False
        if own and row[1] == fingerprint:
            return None, True
        self._db.execute("UPDATE seen SET n = n + 1 WHERE id = ?", (key,))
        return f"{name}~{row[0] + 1}", bool(own)

    def close(self) -> None:
        """Forget everything."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
