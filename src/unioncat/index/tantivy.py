"""The search engine of the default installation: tantivy, in process, on disk.

Any number of processes read; one writes. Readers look for news twice a second at most and never wait.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import lru_cache
from pathlib import Path

import tantivy

from unioncat.domain.search import IndexDocument, Sort
from unioncat.index.generations import Generations, Hold, IndexBusy
from unioncat.index.port import IndexHealth, IndexReadOnly, IndexWriter, Packed, SearchIndex, with_hidden
from unioncat.index.prepare import Asked
from unioncat.index.rows import Page
from unioncat.index.suggest import Completion, Typed
from unioncat.index.tantivy_fields import LONGEST_START, as_json, schema, stamp
from unioncat.index.tantivy_pages import OrderedPages, best, row, total
from unioncat.index.tantivy_queries import Queries
from unioncat.index.tantivy_reader import Opened, Reader, open_circles
from unioncat.index.tantivy_writer import DEFAULT_HEAP, Pen

_ENOUGH = 20
"""Offers of completions after which no further ones are sought."""

_SEGMENT_VALUES = 2_000
"""Facet values that each segment hands on; more than there are libraries, so that their counts are exact."""


class TantivyIndex(SearchIndex):
    """The port over a folder of tantivy generations."""

    def __init__(self, folder: Path, *, write: bool = False, heap: int = DEFAULT_HEAP) -> None:
        """Open `folder`; with `write`, as its one writer. Raises `IndexBusy`."""
        self._generations = Generations(folder / stamp())
        self._queries = Queries(schema())
        self._heap = heap
        self._cached_counts = lru_cache(maxsize=256)(self._counts)
        self._reader = Reader(self._generations, self._cached_counts.cache_clear)
        self._writer_lock: Hold | None = None
        self._pen: Pen | None = None
        self._building: Pen | None = None
        self._newer: set[str] = set()
        self._switch_lock = threading.Lock()
        self._left_over = True
        if write:
            self._writer_lock = self._generations.lock_writer()
            self._pen = self._open_pen()

    async def commit(self) -> None:
        """Make all that was written visible, to other processes within half a second."""
        await asyncio.to_thread(self._commit)

    async def count(self) -> int:
        """Count the records in the index, whoever may see them."""
        return await asyncio.to_thread(self._count_query, None)

    def rebuild(self) -> AbstractAsyncContextManager[IndexWriter]:
        """Give a writer of a new generation beside the old one, which it replaces at a good end."""
        return self._rebuild()

    async def health(self) -> IndexHealth:
        """Tell how the index is; never raises."""
        return await asyncio.to_thread(self._health)

    async def close(self) -> None:
        """Close files and give locks back. What was not committed is lost."""
        await asyncio.to_thread(self._close)

    async def _page(self, asked: Asked, offset: int, size: int, anchor: str) -> Page:
        return await asyncio.to_thread(self._page_now, asked, offset, size, anchor)

    async def _count(self, searches: Sequence[Asked]) -> Sequence[int]:
        if not searches:
            return ()
        return await asyncio.to_thread(lambda: [self._count_query(asked) for asked in searches])

    async def _facet_counts(
        self, asked: Asked, names: Sequence[str], size: int
    ) -> Mapping[str, Sequence[tuple[str, int]]]:
        opened = self._reader.look()
        return await asyncio.to_thread(self._cached_counts, opened, asked, tuple(names), size)

    async def _complete(self, audiences: tuple[int, ...], typed: Typed) -> Sequence[Completion]:
        return await asyncio.to_thread(self._complete_now, audiences, typed)

    async def _known(self, audiences: tuple[int, ...], words: Sequence[str]) -> Mapping[str, int]:
        return await asyncio.to_thread(self._known_now, audiences, words)

    @staticmethod
    def pack(documents: Iterable[IndexDocument]) -> list[Packed]:
        """Write documents as rows."""
        return [
            Packed(document.id, as_json(document, hidden), document.audience)
            for document, hidden in with_hidden(documents)
        ]

    async def _write(self, documents: Sequence[Packed], deleted: Sequence[str]) -> None:
        await asyncio.to_thread(self._write_now, documents, deleted)

    # Reading

    def _page_now(self, asked: Asked, offset: int, size: int, anchor: str) -> Page:
        searchers = self._reader.look().searchers(asked.audiences)
        if asked.sort is not Sort.RELEVANCE:
            return OrderedPages(searchers, self._queries, asked).page(size, anchor)
        query = self._queries.of(asked)
        if len(searchers) == 1:
            count, hits = best(searchers[0], query, offset, size)
            return Page(count, tuple(row(searchers[0], address, score) for score, address in hits))
        count, found = 0, []
        for searcher in searchers:
            more, hits = best(searcher, query, 0, offset + size)
            count += more
            found += [(score, searcher, address) for score, address in hits]
        found.sort(key=lambda one: -one[0])
        rows = (row(searcher, address, score) for score, searcher, address in found[offset : offset + size])
        return Page(count, tuple(rows))

    def _count_query(self, asked: Asked | None) -> int:
        searchers = self._reader.look().searchers(asked.audiences if asked else None)
        query = self._queries.everything() if asked is None else self._queries.of(asked)
        return sum(total(searcher.search(query, 1)) for searcher in searchers)

    def _counts(
        self, opened: Opened, asked: Asked, names: tuple[str, ...], size: int
    ) -> Mapping[str, tuple[tuple[str, int], ...]]:
        query = self._queries.of(asked)
        fields = {name: f"facet_{name}" for name in names}
        return _counted(opened.searchers(asked.audiences), query, fields, size)

    def _complete_now(self, audiences: tuple[int, ...], typed: Typed) -> list[Completion]:
        searchers = self._reader.look().searchers(audiences)
        offers: dict[tuple[str, bool], Completion] = {}

        def offer(query: tantivy.Query, field: str, size: int) -> None:
            for text, count in _counted(searchers, query, {"of": field}, size)["of"]:
                offers.setdefault(
                    (text, field == "author_shown"), Completion(text, count, field == "author_shown")
                )

        words = typed.words
        if typed.accented:
            offer(self._queries.completing(audiences, "title", words, exact=True), "title_shown", 40)
            offer(self._queries.completing(audiences, "author", words, exact=True), "author_shown", 20)
        if len(offers) < _ENOUGH:
            size = 40 if len(typed.folded) <= LONGEST_START else 200
            start = typed.folded[:LONGEST_START]
            offer(self._queries.beginning_with(audiences, start), "title_shown", size)
        if len(offers) < _ENOUGH and len(words[-1].folded) > 1:
            offer(self._queries.completing(audiences, "title", words), "title_shown", 20)
        if not typed.accented and (len(words[-1].folded) > 1 or len(words) > 1):
            offer(self._queries.completing(audiences, "author", words), "author_shown", 20)
        return list(offers.values())

    def _known_now(self, audiences: tuple[int, ...], words: Sequence[str]) -> dict[str, int]:
        searchers = self._reader.look().searchers(audiences)
        counted: dict[str, int] = {}
        for searcher in searchers:
            frequency = searcher.doc_freq
            for word in words:
                if count := frequency("all_f", word):
                    counted[word] = counted.get(word, 0) + count
        return counted

    def _health(self) -> IndexHealth:
        try:
            opened = self._reader.look(now=True)
            documents = self._count_query(None)
            files = [file for file in opened.folder.rglob("*") if file.is_file()] if opened.folder else []
            detail = "" if files else "there is no index yet: build it"
            size = sum(file.stat().st_size for file in files if file.exists())
            return IndexHealth("tantivy", bool(files), documents, opened.name, size, detail)
        except (OSError, ValueError) as error:
            return IndexHealth("tantivy", False, 0, detail=f"the index cannot be read ({error}): rebuild it")

    # Writing

    def _open_pen(self) -> Pen:
        folder = self._generations.current()
        if folder is not None:
            return Pen(folder, self._generations.hold(folder), self._heap)
        folder, hold = self._generations.create()
        pen = Pen(folder, hold, self._heap)
        self._generations.point(folder)
        return pen

    def _write_now(self, documents: Sequence[Packed], deleted: Sequence[str]) -> None:
        with self._switch_lock:
            pen = self._writing()
            pen.put(documents, deleted)
            if self._building is not None:
                self._building.put(documents, deleted)
                self._newer.update(document.id for document in documents)
                self._newer.update(deleted)

    def _commit(self) -> None:
        with self._switch_lock:
            self._writing().commit()
        self._reader.look(now=True)
        if self._left_over:
            self._left_over = self._generations.sweep() > 0

    def _writing(self) -> Pen:
        if self._pen is None:
            raise IndexReadOnly(
                "this index was opened for reading: open it with write=True in the index writer"
            )
        return self._pen

    @asynccontextmanager
    async def _rebuild(self) -> AsyncIterator[IndexWriter]:
        if self._building is not None:
            raise IndexBusy("this index is being rebuilt already: wait for the end of it")
        own_lock = None if self._writer_lock else await asyncio.to_thread(self._generations.lock_writer)
        folder, hold = await asyncio.to_thread(self._generations.create)
        try:
            pen = await asyncio.to_thread(Pen, folder, hold, self._heap)
            try:
                self._building = pen
                yield _Rebuilding(self, folder, pen)
                await asyncio.to_thread(self._swap, folder, pen)
            except BaseException:
                self._building = None
                await asyncio.to_thread(pen.close)
                raise
        finally:
            self._newer.clear()
            if own_lock is not None:
                own_lock.release()
            self._left_over = await asyncio.to_thread(self._generations.sweep) > 0

    def _swap(self, folder: Path, pen: Pen) -> None:
        """Commit the new generation and make it the current one; go on writing there."""
        with self._switch_lock:
            pen.commit()
            self._generations.point(folder)
            self._building = None
            if self._pen is None:
                pen.close()
            else:
                self._pen.close()
                self._pen = pen
        self._reader.look(now=True)

    def put_in_rebuild(self, pen: Pen, documents: Sequence[Packed], deleted: Iterable[str]) -> None:
        """Write into the generation being built what was not written newer since it was begun."""
        with self._switch_lock:
            pen.put(documents, deleted, but_not=self._newer)

    def _close(self) -> None:
        if self._pen is not None:
            self._pen.close()
            self._pen = None
        if self._writer_lock is not None:
            self._writer_lock.release()
            self._writer_lock = None
        self._reader.close()


class _Rebuilding:
    """The writer of a generation that nobody reads yet."""

    def __init__(self, index: TantivyIndex, folder: Path, pen: Pen) -> None:
        self._index = index
        self._folder = folder
        self._pen = pen

    async def write(self, documents: Iterable[IndexDocument], deleted_ids: Iterable[str] = ()) -> None:
        """Put documents in and take records out."""
        await self.write_packed(await asyncio.to_thread(TantivyIndex.pack, list(documents)), deleted_ids)

    async def write_packed(self, documents: Sequence[Packed], deleted_ids: Iterable[str] = ()) -> None:
        """The same with packed documents."""
        await asyncio.to_thread(self._index.put_in_rebuild, self._pen, documents, list(deleted_ids))

    async def commit(self) -> None:
        """Commit what was written so far; readers still see the old generation."""
        await asyncio.to_thread(self._pen.commit)

    async def count(self) -> int:
        """Count the records committed so far."""
        return await asyncio.to_thread(self._count)

    def _count(self) -> int:
        every = Queries(schema()).everything()
        return sum(total(one.searcher().search(every, 1)) for one in open_circles(self._folder, {}).values())


def _counted(
    searchers: Sequence[tantivy.Searcher], query: tantivy.Query, fields: Mapping[str, str], size: int
) -> dict[str, tuple[tuple[str, int], ...]]:
    """Count the most frequent values of fields, by name, over several indexes."""
    counts: dict[str, dict[str, int]] = {name: {} for name in fields}
    # Those that are few in one index may be many in all, and equal counts are cut off alike everywhere.
    most = max(size, _SEGMENT_VALUES)
    terms = {name: {"field": field, "size": most, "segment_size": most} for name, field in fields.items()}
    wanted = {name: {"terms": asked} for name, asked in terms.items()}
    for searcher in searchers:
        answer = searcher.aggregate(query, wanted)
        for name, counted in counts.items():
            for bucket in answer[name]["buckets"]:
                counted[bucket["key"]] = counted.get(bucket["key"], 0) + int(bucket["doc_count"])
    return {
        name: tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:size])
        for name, counted in counts.items()
    }
