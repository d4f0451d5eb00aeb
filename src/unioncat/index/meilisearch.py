"""The search engine of larger installations: a Meilisearch server.

Meilisearch folds accents away and cannot rank by them, so the port re-ranks the first hits. It takes ten
words of a query; the rest is cut. A write is a task of the server: `commit` returns when all have succeeded.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from meilisearch_python_sdk import AsyncClient, AsyncIndex
from meilisearch_python_sdk.errors import MeilisearchError
from meilisearch_python_sdk.models.search import SearchParams

from unioncat.domain.search import IndexDocument, Sort
from unioncat.index.generations import IndexBusy
from unioncat.index.meilisearch_fields import MOST_COUNTED, SETTINGS, body, one_of, quoted
from unioncat.index.port import IndexHealth, IndexReadOnly, IndexWriter, Packed, SearchIndex, with_hidden
from unioncat.index.prepare import Asked, Wanted
from unioncat.index.rows import Page, Row
from unioncat.index.suggest import Completion, Typed

MOST_QUERY_WORDS = 10
"""Words of a query that the server reads."""

_MOST_KEYS = 1_000
"""Hits of one field's words that are carried over into a search in several fields at once."""

_BATCH = 2_000
_SHOWN = ["id", "order", "title", "author"]
_SORTS = {
    Sort.TITLE: ["order:asc"],
    Sort.NEWEST: ["year:desc", "order:asc"],
    Sort.OLDEST: ["year:asc", "order:asc"],
}


@dataclass(frozen=True, slots=True)
class _Ready:
    """A search in the server's words."""

    text: str
    filters: tuple[str, ...]
    fields: tuple[str, ...] = ()


class MeilisearchIndex(SearchIndex):
    """The port over one index of a server."""

    ranks_accents = False
    lists_words = False

    def __init__(self, url: str, *, write: bool = False) -> None:
        """Open `http://:KEY@host:7700#index-name`; the key and the name may be left out."""
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        address = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
        self._client = AsyncClient(address + parts.path.rstrip("/"), parts.password)
        self._name = parts.fragment or "records"
        self._write_allowed = write
        self._filling: _Filling | None = None
        self._building: _Filling | None = None
        self._newer: set[str] = set()

    async def commit(self) -> None:
        """Wait until the server has done all that was written."""
        await (await self._own()).commit()

    async def count(self) -> int:
        """Count the records in the index, whoever may see them."""
        return await _count(self._client, self._name)

    def rebuild(self) -> AbstractAsyncContextManager[IndexWriter]:
        """Give a writer of a new index beside the old one, which it replaces at a good end."""
        return self._rebuild()

    async def health(self) -> IndexHealth:
        """Tell how the index is; never raises."""
        try:
            documents = await self.count()
        except MeilisearchError as error:
            detail = f"the server does not answer for the index {self._name} ({error}): start it, or rebuild"
            return IndexHealth("meilisearch", False, 0, self._name, detail=detail)
        return IndexHealth("meilisearch", True, documents, self._name)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _page(self, asked: Asked, offset: int, size: int, anchor: str) -> Page:
        ready = await self._ready(asked)
        sort = _SORTS.get(asked.sort)
        hits, counted = await self._ask(
            self._params(ready, offset=offset, limit=size, sort=sort, show_ranking_score=True, shown=_SHOWN),
            self._params(ready, page=1, hits_per_page=0),
        )
        rows = tuple(
            Row(
                hit["id"],
                0.0 if sort else float(hit["_rankingScore"]),
                hit["order"],
                " ".join(hit["title"][:1]),
                tuple(hit["author"]),
            )
            for hit in hits.hits
        )
        total = counted.total_hits or 0
        return Page(total, rows, total_exact=total < MOST_COUNTED)

    async def _count(self, searches: Sequence[Asked]) -> Sequence[int]:
        if not searches:
            return ()
        ready = [await self._ready(asked) for asked in searches]
        answers = await self._ask(*(self._params(one, page=1, hits_per_page=0) for one in ready))
        return [answer.total_hits or 0 for answer in answers]

    async def _facet_counts(
        self, asked: Asked, names: Sequence[str], size: int
    ) -> Mapping[str, Sequence[tuple[str, int]]]:
        ready = await self._ready(asked)
        (answer,) = await self._ask(self._params(ready, limit=0, facets=[f"facet_{name}" for name in names]))
        counted = answer.facet_distribution or {}
        return {name: Counter(counted.get(f"facet_{name}", {})).most_common(size) for name in names}

    async def _complete(self, audiences: tuple[int, ...], typed: Typed) -> Sequence[Completion]:
        seen = _visible(audiences)
        text = " ".join(word.folded for word in typed.words[:MOST_QUERY_WORDS]) + (" " if typed.ended else "")
        titles, authors = await self._ask(
            *(
                self._params(_Ready(text, seen, (field,)), limit=40, shown=[field])
                for field in ("title", "author")
            )
        )
        offered = Counter(title for hit in titles.hits for title in hit["title"][:1])
        writers = Counter(author for hit in authors.hits for author in hit["author"])
        return [
            *(Completion(title, count) for title, count in offered.items()),
            *(Completion(author, count, author=True) for author, count in writers.items()),
        ]

    async def _known(self, audiences: tuple[int, ...], words: Sequence[str]) -> Mapping[str, int]:
        """The server does not tell its words."""
        return {}

    @staticmethod
    def pack(documents: Iterable[IndexDocument]) -> list[Packed]:
        """Write documents as bodies."""
        return [
            Packed(document.id, orjson.dumps(body(document, hidden)).decode(), document.audience)
            for document, hidden in with_hidden(documents)
        ]

    async def _write(self, documents: Sequence[Packed], deleted: Sequence[str]) -> None:
        await (await self._own()).put(documents, deleted)
        if self._building is not None:
            self._newer.update(document.id for document in documents)
            self._newer.update(deleted)
            await self._building.put(documents, deleted)

    async def _own(self) -> "_Filling":
        if not self._write_allowed:
            raise IndexReadOnly(
                "this index was opened for reading: open it with write=True in the index writer"
            )
        if self._filling is None:
            self._filling = await _Filling.open(self._client, self._name)
        return self._filling

    @asynccontextmanager
    async def _rebuild(self) -> AsyncIterator[IndexWriter]:
        if self._building is not None:
            raise IndexBusy("this index is being rebuilt already: wait for the end of it")
        beside = f"{self._name}-next"
        await self._client.delete_index_if_exists(beside)
        self._building = filling = await _Filling.open(self._client, beside)
        try:
            yield _Rebuilding(filling, self._newer)
            await filling.commit()
            await _Filling.open(self._client, self._name)  # both sides of a swap must exist
            task = await self._client.swap_indexes([(self._name, beside)])
            await self._client.wait_for_task(task.task_uid, timeout_in_ms=None, raise_for_status=True)
        finally:
            self._building = None
            self._newer = set()
            await self._client.delete_index_if_exists(beside)

    async def _ready(self, asked: Asked) -> _Ready:
        """Write a search for the server: text for one field or all, the rest as filters."""
        filters = [
            *_visible(asked.audiences),
            *(one_of(f"facet_{name}", values) for name, values in asked.filters),
        ]
        if asked.year_from is not None:
            filters.append(f"year >= {asked.year_from}")
        if asked.year_to is not None:
            filters.append(f"year <= {asked.year_to}")
        texts: dict[str | None, list[str]] = {}
        room = MOST_QUERY_WORDS
        for item in asked.wanted:
            if item.numbers:
                numbers = " OR ".join(_number(*number) for number in item.numbers)
                if item.negated:
                    filters.append(f"NOT ({numbers})")
                    continue
                if not item.words or await self._any((*filters, numbers)):
                    filters.append(numbers)
                    continue
            if item.negated and item.accented:
                every = " AND ".join(
                    f"exact = {quoted(word.exact)}" for word in item.words if word.exact != word.folded
                )
                filters.append(f"NOT ({every})")
            elif room > 0:
                texts.setdefault(item.field, []).append(_text(item, room))
                room -= len(item.words)
        if not texts:
            return _Ready("", tuple(filters))
        field = None if None in texts else next(iter(texts))
        for other in texts:
            if other != field and other is not None:
                filters.append(await self._keys(_Ready(" ".join(texts[other]), tuple(filters), (other,))))
        return _Ready(" ".join(texts[field]), tuple(filters), (field,) if field else ())

    async def _any(self, filters: tuple[str, ...]) -> bool:
        (answer,) = await self._ask(self._params(_Ready("", filters), limit=1, shown=["id"]))
        return bool(answer.hits)

    async def _keys(self, ready: _Ready) -> str:
        """Return the filter for what another field's words find: one query searches one set of fields."""
        (answer,) = await self._ask(self._params(ready, limit=_MOST_KEYS, shown=["key"]))
        return one_of("key", (hit["key"] for hit in answer.hits))

    def _params(self, ready: _Ready, shown: list[str] | None = None, **more: Any) -> SearchParams:
        fields: dict[str, Any] = {"attributes_to_search_on": list(ready.fields)} if ready.fields else {}
        return SearchParams(
            index_uid=self._name,
            q=ready.text,
            filter=[f"({condition})" for condition in ready.filters],
            matching_strategy="all",
            attributes_to_retrieve=shown or ["id"],
            **fields,
            **more,
        )

    async def _ask(self, *queries: SearchParams) -> Sequence[Any]:
        answer: Any = await self._client.multi_search(list(queries))
        return list(answer)


class _Filling:
    """Writes into one index of the server and remembers the tasks."""

    def __init__(self, client: AsyncClient, index: AsyncIndex) -> None:
        self._client = client
        self._index = index
        self._tasks: list[int] = []

    @classmethod
    async def open(cls, client: AsyncClient, name: str) -> "_Filling":
        """Make the index where it is missing, with our settings."""
        index = await client.get_or_create_index(name, "key")
        filling = cls(client, index)
        filling._tasks.append((await index.update_settings(SETTINGS)).task_uid)
        await filling.commit()
        return filling

    async def put(self, documents: Sequence[Packed], deleted: Iterable[str]) -> None:
        """Replace records and take others out; the server keeps the order of what it is told."""
        ids = list(dict.fromkeys([*(document.id for document in documents), *deleted]))
        for start in range(0, len(ids), _BATCH):
            task = await self._index.delete_documents_by_filter(one_of("id", ids[start : start + _BATCH]))
            self._tasks.append(task.task_uid)
        bodies = await asyncio.to_thread(lambda: [orjson.loads(document.text) for document in documents])
        for start in range(0, len(bodies), _BATCH):
            self._tasks.append((await self._index.add_documents(bodies[start : start + _BATCH])).task_uid)

    async def commit(self) -> None:
        """Wait for all tasks; raises if one failed."""
        while self._tasks:
            await self._client.wait_for_task(self._tasks[0], timeout_in_ms=None, raise_for_status=True)
            self._tasks.pop(0)

    async def count(self) -> int:
        """Count the records committed so far."""
        return await _count(self._client, self._index.uid)


class _Rebuilding:
    """The writer of an index that nobody reads yet."""

    def __init__(self, filling: _Filling, newer: set[str]) -> None:
        self._filling = filling
        self._newer = newer
        self.commit = filling.commit
        self.count = filling.count

    async def write(self, documents: Iterable[IndexDocument], deleted_ids: Iterable[str] = ()) -> None:
        """Put documents in and take records out, but what was written newer since the rebuild began."""
        await self.write_packed(MeilisearchIndex.pack(documents), deleted_ids)

    async def write_packed(self, documents: Sequence[Packed], deleted_ids: Iterable[str] = ()) -> None:
        """The same with packed documents."""
        kept = [document for document in documents if document.id not in self._newer]
        await self._filling.put(kept, [id for id in deleted_ids if id not in self._newer])


async def _count(client: AsyncClient, name: str) -> int:
    """Count records by a facet: the numbers of hits are capped, those of facets are not."""
    answer = await client.index(name).search("", limit=0, facets=["last"])
    return int((answer.facet_distribution or {}).get("last", {}).get("true", 0))


def _visible(audiences: tuple[int, ...]) -> tuple[str, ...]:
    """Write the filter that every search carries."""
    inner = [audience for audience in audiences if audience]
    return (one_of("audience", audiences), *([f"NOT {one_of('hidden', inner)}"] if inner else []))


def _number(field: str, value: str) -> str:
    return f"{field} {'STARTS WITH' if field == 'shelf_mark' else '='} {quoted(value)}"


def _text(item: Wanted, room: int) -> str:
    """Write words for the server, which folds them itself; a sign in front excludes."""
    words = " ".join(word.folded for word in item.words[:room])
    whole = f'"{words}"' if item.phrase or (item.negated and len(item.words) > 1) else words
    return f"-{whole}" if item.negated else whole
