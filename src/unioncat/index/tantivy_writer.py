"""The writing end of one tantivy generation: an index of its own for each audience.

What is kept from somebody must not turn the order of what he finds: frequencies of words are an index's, so
documents for different audiences never share one. One process at a time: tantivy gives the writer of a folder
to one, and what is not committed dies with it.
"""

import threading
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

import orjson
import tantivy

from unioncat.index.generations import Hold, IndexBusy
from unioncat.index.port import Packed
from unioncat.index.tantivy_fields import register_tokenizers, schema

DEFAULT_HEAP = 200_000_000
"""Bytes that the writer may use before it writes a segment.

One thread uses them all: few large segments are quicker to search, and need no merging, than many small ones;
the other processors are busy making documents.
"""

_CIRCLE_HEAP = 20_000_000
"""The same for the documents of an audience that is not everybody."""

PUBLIC = 0
_NAME = "audience-"


def circles_in(folder: Path) -> dict[int, Path]:
    """Give the indexes of a generation by their audiences."""
    found = folder.glob(f"{_NAME}*")
    return {int(path.name.removeprefix(_NAME)): path for path in found if (path / "meta.json").exists()}


class Pen:
    """Writes documents into one generation. Its methods may be called from any thread."""

    def __init__(self, folder: Path, hold: Hold, heap: int = DEFAULT_HEAP) -> None:
        """Open the generation for writing. `hold` keeps it from being swept. Raises `IndexBusy`."""
        self._lock = threading.Lock()
        self._hold = hold
        self._folder = folder
        self._heap = heap
        self._circles: dict[int, _Circle] = {}
        for audience in sorted({PUBLIC, *circles_in(folder)}):
            self._circle(audience)

    def put(
        self,
        documents: Iterable[Packed],
        deleted: Iterable[str] = (),
        but_not: Collection[str] = (),
    ) -> None:
        """Replace records by their documents and take others out, except the records `but_not`."""
        ids: dict[str, None] = {}
        placed: dict[int, dict[str, str]] = defaultdict(dict)
        for document in documents:
            if document.id not in but_not:
                ids[document.id] = None
                placed[document.audience][document.id] = document.text
        ids.update(dict.fromkeys(id for id in deleted if id not in but_not))
        with self._lock:
            for audience in placed:
                self._circle(audience)
            for audience, circle in self._circles.items():
                circle.put(ids, placed[audience])

    def commit(self) -> None:
        """Make what was put visible to every reader; the public's first, which only ever gives away."""
        with self._lock:
            for circle in self._circles.values():
                circle.commit()

    def close(self) -> None:
        """Give the folder free as soon as the merges of segments that were begun are done."""
        with self._lock:
            for circle in self._circles.values():
                circle.close()
            self._circles.clear()
            self._hold.release()

    def _circle(self, audience: int) -> "_Circle":
        if audience not in self._circles:
            folder = self._folder / f"{_NAME}{audience}"
            folder.mkdir(exist_ok=True)
            heap = self._heap if audience == PUBLIC else min(_CIRCLE_HEAP, self._heap)
            self._circles[audience] = _Circle(folder, heap)
        return self._circles[audience]


class _Circle:
    """Writes the documents of one audience."""

    def __init__(self, folder: Path, heap: int) -> None:
        self._uncommitted: set[str] = set()
        self._index = index = tantivy.Index(schema(), path=str(folder))
        register_tokenizers(index)
        try:
            self._writer = index.writer(heap, 1)
        except ValueError as error:
            if "LockBusy" in str(error):
                raise IndexBusy(f"another process writes the index in {folder}: stop it first") from error
            raise

    def put(self, ids: Iterable[str], texts: dict[str, str]) -> None:
        """Give each of these records its text, or none. One that stands there already is left alone."""
        delete, add = self._writer.delete_documents_by_term, self._writer.add_json
        searcher = self._index.searcher()
        for id in ids:
            text = texts.get(id)
            if id in self._uncommitted:
                delete("id", id)
            # Each deletion is looked up in each segment at each merge: only where there is something.
            elif searcher.doc_freq("id", id):
                if text is not None and self._stands(searcher, text):
                    continue
                delete("id", id)
            if text is not None:
                add(text)
                self._uncommitted.add(id)

    def _stands(self, searcher: tantivy.Searcher, text: str) -> bool:
        digest = orjson.loads(text)["digest"]
        query = tantivy.Query.term_query(self._index.schema, "digest", digest, index_option="basic")
        return bool(searcher.doc_freq("digest", digest)) and bool(searcher.search(query, 1, count=False).hits)

    def commit(self) -> None:
        self._writer.commit()
        self._index.reload()
        self._uncommitted.clear()

    def close(self) -> None:
        self._writer.wait_merging_threads()
        del self._writer
