"""The port of search: what every engine does alike, over a few primitive steps that each does in its way.

Preparation, the audience filter, order within equal scores, cursors, multi-select facets, forgiven slips and
"did you mean" are here; an engine never sees a viewer or a query that was not prepared.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from unioncat.domain.audience import Viewer
from unioncat.domain.search import FacetValue, Hit, IndexDocument, SearchQuery, SearchResult, Sort
from unioncat.index import cursor as cursors
from unioncat.index.cursor import Place
from unioncat.index.prepare import Asked, prepare
from unioncat.index.query import unparse
from unioncat.index.rows import TIE_WINDOW, Page, Row, accents, in_order
from unioncat.index.spelling import (
    Vocabulary,
    better_words,
    is_correctable,
    is_named,
    near_words,
    replaced,
    rewritten,
    with_near,
)
from unioncat.index.suggest import Completion, Typed, read_typed, select

MOST_HITS = 200
"""Hits of one page."""

MOST_FACET_VALUES = 300
FEW = 3
"""Fewer hits than this, and slips of the pen are forgiven and other words proposed."""

_LOOK_AHEAD = 12
_RERANKED = 200


Placed = tuple[IndexDocument, tuple[int, ...]]
"""A document and the audiences from which it is hidden, because they have a fuller one."""


class Packed(NamedTuple):
    """A document in the form in which an engine takes it: JSON text."""

    id: str
    text: str
    audience: int = 0


Facets = tuple[tuple[str, tuple[FacetValue, ...]], ...]


class IndexReadOnly(RuntimeError):
    """This index was opened for reading."""


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """How an index is. `detail` says what is wrong and what to do."""

    engine: str
    ok: bool
    documents: int
    generation: str = ""
    bytes: int = 0
    detail: str = ""


class IndexWriter(Protocol):
    """What can be filled: an index, or the new generation beside it."""

    async def write(self, documents: Iterable[IndexDocument], deleted_ids: Iterable[str] = ()) -> None:
        """Put documents in and take records out."""

    async def write_packed(self, documents: Sequence[Packed], deleted_ids: Iterable[str] = ()) -> None:
        """The same with documents that `SearchIndex.pack` made, perhaps in another process."""

    async def commit(self) -> None:
        """Make all that was written visible."""

    async def count(self) -> int:
        """Count the records written and committed."""


class SearchIndex(ABC):
    """An index of union records."""

    ranks_accents = True
    """Whether the engine itself puts exact accents first; if not, the first 200 hits are re-ranked here."""

    lists_words = True
    """Whether the engine can tell its words; if not, forgiving slips is its own affair."""

    async def search(self, viewer: Viewer, query: SearchQuery) -> SearchResult:
        """Answer a search with what `viewer` may see.

        All words must match, without regard to accents; hits with the accents typed come first. The order is
        that of (score, title in Vietnamese order, id). Raises `BadQuery` and, for cursors, `BadCursor`.
        """
        asked = prepare(viewer, query)
        place = cursors.decode(asked, query.cursor)
        size = min(max(query.size, 0), MOST_HITS)
        if asked.impossible:
            return SearchResult(0, (), facets=tuple((name, ()) for name in query.facets))
        meant: str | None = None
        vocabulary = Vocabulary(partial(self._known, asked.audiences))
        used = await _loosened(asked, vocabulary) if place.loose else asked
        page, rows, following = await self._rows(used, place, size)
        strict = page.total
        doubtful = strict < FEW and is_correctable(asked) and not is_named(asked, _texts(rows))
        if self.lists_words and query.cursor is None and doubtful:
            loose = await _loosened(asked, vocabulary)
            if loose != asked:
                found = await self._rows(loose, replace(place, loose=True), size)
                if found[0].total > strict:
                    used = loose
                    page, rows, following = found
            meant = await self._did_you_mean(query, asked, strict, vocabulary)
        more = place.offset + len(rows) < page.total and bool(rows)
        return SearchResult(
            total=page.total,
            hits=tuple(Hit(row.id, row.score) for row in rows),
            total_exact=page.total_exact,
            facets=await self._facets(used, query),
            next_cursor=cursors.encode(asked, following) if more else None,
            did_you_mean=meant,
        )

    async def suggest(self, viewer: Viewer, text: str, limit: int = 10) -> tuple[str, ...]:
        """Complete what somebody is typing with titles and authors of records that `viewer` may see."""
        typed = read_typed(text)
        if typed is None or limit < 1:
            return ()
        audiences = tuple(sorted(viewer.audiences))
        return select(typed, await self._complete(audiences, typed), min(limit, 50))

    async def write(self, documents: Iterable[IndexDocument], deleted_ids: Iterable[str] = ()) -> None:
        """Replace the documents of records, and take out those of `deleted_ids`.

        All documents of one record must come in one call, each for another audience: who belongs to several
        of them is shown the one with the highest number only. Visible after `commit`.
        """
        await self.write_packed(await asyncio.to_thread(self.pack, list(documents)), deleted_ids)

    async def write_packed(self, documents: Sequence[Packed], deleted_ids: Iterable[str] = ()) -> None:
        """Do what `write` does with documents that `pack` made, perhaps in another process."""
        await self._write(documents, list(deleted_ids))

    @staticmethod
    @abstractmethod
    def pack(documents: Iterable[IndexDocument]) -> list[Packed]:
        """Bring documents into the engine's form, all of one record at once; needs no open index."""

    @abstractmethod
    async def commit(self) -> None:
        """Make all that was written visible, to other processes as well."""

    @abstractmethod
    async def count(self) -> int:
        """Count the records in the index, whoever may see them."""

    @abstractmethod
    def rebuild(self) -> AbstractAsyncContextManager[IndexWriter]:
        """Give a writer of a new generation beside the old one; at a good end it takes the old one's place.

        What is written to this index meanwhile is in the new generation too, and outranks it.
        """

    @abstractmethod
    async def health(self) -> IndexHealth:
        """Tell how the index is; never raises."""

    @abstractmethod
    async def close(self) -> None:
        """Give everything back. What was not committed is lost."""

    @abstractmethod
    async def _page(self, asked: Asked, offset: int, size: int, anchor: str) -> Page:
        """Return `size` hits after `offset` others, best first. `anchor` is that of the page before, if any.

        Orders other than relevance are complete: (year, title, id) or (title, id).
        """

    @abstractmethod
    async def _count(self, searches: Sequence[Asked]) -> Sequence[int]:
        """Count what matches each of some searches."""

    @abstractmethod
    async def _facet_counts(
        self, asked: Asked, names: Sequence[str], size: int
    ) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Count the `size` most frequent values of each facet over all that matches."""

    @abstractmethod
    async def _complete(self, audiences: tuple[int, ...], typed: Typed) -> Sequence[Completion]:
        """Return titles and authors that may complete what was typed."""

    @abstractmethod
    async def _known(self, audiences: tuple[int, ...], words: Sequence[str]) -> Mapping[str, int]:
        """Return those of the folded words that documents for these audiences hold, and how many do."""

    @abstractmethod
    async def _write(self, documents: Sequence[Packed], deleted: Sequence[str]) -> None:
        """Replace documents."""

    async def _rows(self, asked: Asked, place: Place, size: int) -> tuple[Page, tuple[Row, ...], Place]:
        """Return a page, its rows in the final order, and where the next one begins."""
        if asked.sort is not Sort.RELEVANCE:
            page = await self._page(asked, place.offset, max(size, 1), place.anchor)
            rows = page.rows[:size]
            offset = place.offset + len(rows)
            return page, rows, Place(offset, offset, anchor=page.anchor, loose=place.loose)
        if not self.ranks_accents and place.offset < _RERANKED:
            return await self._reranked(asked, place, size)
        begin = place.offset if place.score is not None else place.group
        wanted = place.offset - begin + size
        fetch = wanted + _LOOK_AHEAD
        while True:
            page = await self._page(asked, begin, max(fetch, 1), "")
            found = list(page.rows)
            last = found[wanted - 1].score if 0 < wanted <= len(found) else None
            open_end = len(found) == fetch and last is not None and found[-1].score == last
            first_of_last = next((i for i, row in enumerate(found) if row.score == last), 0)
            if not open_end or fetch - first_of_last > TIE_WINDOW:
                break
            fetch = first_of_last + TIE_WINDOW + 1
        ordered, long_scores = in_order(found, place.score)
        rows = tuple(ordered[place.offset - begin : wanted])
        offset = place.offset + len(rows)
        if not rows:
            return page, rows, replace(place, offset=offset)
        score = rows[-1].score
        group = begin + next(i for i, row in enumerate(ordered) if row.score == score)
        following = Place(offset, group, score if score in long_scores else None, loose=place.loose)
        return page, rows, following

    async def _reranked(self, asked: Asked, place: Place, size: int) -> tuple[Page, tuple[Row, ...], Place]:
        """Put hits with the accents typed first among the first 200, for engines that cannot."""
        page = await self._page(asked, 0, max(_RERANKED, place.offset + size), "")
        head = sorted(page.rows[:_RERANKED], key=lambda row: (-accents(asked, row), -row.score, row.order))
        rows = tuple((*head, *page.rows[_RERANKED:])[place.offset : place.offset + size])
        offset = place.offset + len(rows)
        return page, rows, Place(offset, offset, loose=place.loose)

    async def _facets(self, asked: Asked, query: SearchQuery) -> Facets:
        """Count each facet after all filters but its own; what is selected is always listed."""
        size = min(max(query.facet_size, 1), MOST_FACET_VALUES)
        names = tuple(dict.fromkeys(query.facets))
        free = tuple(name for name in names if not asked.selected(name))
        counted = dict(await self._facet_counts(asked, free, size)) if free else {}
        result: list[tuple[str, tuple[FacetValue, ...]]] = []
        for name in names:
            selected = asked.selected(name)
            if selected:
                others = asked.without(name)
                counted.update(await self._facet_counts(others, (name,), size))
            listed = dict(counted.get(name, ()))
            missing = [value for value in selected if value not in listed]
            if missing:
                counts = await self._count([asked.only(name, value) for value in missing])
                listed.update(zip(missing, counts, strict=True))
            values = sorted(listed.items(), key=lambda item: (-item[1], item[0]))
            result.append(
                (name, tuple(FacetValue(value, count, value in selected) for value, count in values))
            )
        return tuple(result)

    async def _did_you_mean(
        self, query: SearchQuery, asked: Asked, found: int, vocabulary: Vocabulary
    ) -> str | None:
        """Propose other words, written as in a record that the viewer may see."""
        better = await better_words(asked, found, vocabulary, self._count)
        if not better:
            return None
        # In the order of hits, not in the engine's: that is the order in which records were written.
        meant = replaced(asked, better)
        _, rows, _ = await self._rows(meant, cursors.decode(meant, None), 1)
        return unparse(rewritten(query.clauses, better, _texts(rows)))


def _texts(rows: Iterable[Row]) -> list[str]:
    return [text for row in rows for text in (row.title, *row.authors)]


async def _loosened(asked: Asked, vocabulary: Vocabulary) -> Asked:
    """Accept words one letter away where the word itself is rare; nothing changes where none is known."""
    near = await near_words(asked, vocabulary)
    return with_near(asked, near) if near else asked


def with_hidden(documents: Iterable[IndexDocument]) -> list[Placed]:
    """Find the audiences for which another document of the same record stands in a document's place."""
    listed = list(documents)
    audiences: dict[str, list[int]] = {}
    for document in listed:
        audiences.setdefault(document.id, []).append(document.audience)
    return [
        (document, tuple(sorted(other for other in audiences[document.id] if other > document.audience)))
        for document in listed
    ]
