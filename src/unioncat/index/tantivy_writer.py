"""The writing end of one tantivy generation.

One at a time: tantivy gives the writer of a folder to one process, and what is not committed dies with it.
"""

import os
import threading
from collections.abc import Collection, Iterable
from pathlib import Path

import tantivy

from unioncat.index.generations import Hold, IndexBusy
from unioncat.index.port import Packed
from unioncat.index.tantivy_fields import register_tokenizers, schema

DEFAULT_HEAP = 200_000_000
"""Bytes that the writer may use before it writes a segment."""

_MOST_THREADS = 4


class Pen:
    """Writes documents into one folder. Its methods may be called from any thread."""

    def __init__(self, folder: Path, hold: Hold, heap: int = DEFAULT_HEAP) -> None:
        """Open the folder for writing. `hold` keeps it from being swept. Raises `IndexBusy`."""
        self._lock = threading.Lock()
        self._hold = hold
        index = tantivy.Index(schema(), path=str(folder))
        register_tokenizers(index)
        threads = max(1, min(_MOST_THREADS, os.cpu_count() or 1))
        try:
            self._writer = index.writer(heap, threads)
        except ValueError as error:
            if "LockBusy" in str(error):
                raise IndexBusy(f"another process writes the index in {folder}: stop it first") from error
            raise

    def put(
        self,
        documents: Iterable[Packed],
        deleted: Iterable[str] = (),
        but_not: Collection[str] = (),
    ) -> None:
        """Replace records by their documents and take others out, except the records `but_not`."""
        documents = [document for document in documents if document.id not in but_not]
        ids = dict.fromkeys(document.id for document in documents)
        ids.update(dict.fromkeys(id for id in deleted if id not in but_not))
        with self._lock:
            delete, add = self._writer.delete_documents_by_term, self._writer.add_json
            for id in ids:
                delete("id", id)
            for document in documents:
                add(document.text)

    def commit(self) -> None:
        """Make what was put visible to every reader."""
        with self._lock:
            self._writer.commit()

    def close(self, *, finish: bool = False) -> None:
        """Give the folder free; with `finish`, first wait until its segments are merged."""
        with self._lock:
            if finish:
                self._writer.wait_merging_threads()
            del self._writer
            self._hold.release()
