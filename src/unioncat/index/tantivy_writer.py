"""The writing end of one tantivy generation.

One at a time: tantivy gives the writer of a folder to one process, and what is not committed dies with it.
"""

import threading
from collections.abc import Collection, Iterable
from pathlib import Path

import tantivy

from unioncat.index.generations import Hold, IndexBusy
from unioncat.index.port import Packed
from unioncat.index.tantivy_fields import register_tokenizers, schema

DEFAULT_HEAP = 200_000_000
"""Bytes that the writer may use before it writes a segment.

One thread uses them all: few large segments are quicker to search, and need no merging, than many small ones;
the other processors are busy making documents.
"""


class Pen:
    """Writes documents into one folder. Its methods may be called from any thread."""

    def __init__(self, folder: Path, hold: Hold, heap: int = DEFAULT_HEAP) -> None:
        """Open the folder for writing. `hold` keeps it from being swept. Raises `IndexBusy`."""
        self._lock = threading.Lock()
        self._hold = hold
        self._uncommitted: set[str] = set()
        self._index = index = tantivy.Index(schema(), path=str(folder))
        register_tokenizers(index)
        try:
            self._writer = index.writer(heap, 1)
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
            known = self._index.searcher().doc_freq
            for id in ids:
                # Each deletion is looked up in each segment at each merge: only where there is something.
                if id in self._uncommitted or known("id", id):
                    delete("id", id)
            self._uncommitted.update(ids)
            for document in documents:
                add(document.text)

    def commit(self) -> None:
        """Make what was put visible to every reader."""
        with self._lock:
            self._writer.commit()
            self._index.reload()
            self._uncommitted.clear()

    def close(self) -> None:
        """Give the folder free as soon as the merges of segments that were begun are done."""
        with self._lock:
            self._writer.wait_merging_threads()
            del self._writer
            self._hold.release()
