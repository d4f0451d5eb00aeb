"""Stretches of the complete orders, by title and by year, from any place on.

tantivy orders by one column. By title it is a text column, which holds the id as well and so has no ties; but
tantivy resolves the text of every hit that it passes over. Deep pages are therefore reached by numbers (the
first bytes of the sort key) and only finished by text. Within a year, the order is that of the titles.
"""

from collections.abc import Sequence

import tantivy
from tantivy import Order

from unioncat.domain.search import Sort
from unioncat.index.cursor import BadCursor
from unioncat.index.prepare import Asked
from unioncat.index.rows import Page, Row
from unioncat.index.tantivy_fields import NO_YEAR
from unioncat.index.tantivy_queries import Queries

MOST_SKIPPED = 20_000
"""Hits with the same beginning of the sort key that a page may pass over: each costs some 25 µs."""

Found = tuple[tantivy.Searcher, tantivy.DocAddress]
"""A hit, and where it was found."""

Place = tuple[int, ...]
"""Rank of the year (not in the order of titles), then 16 bytes of the sort key as two numbers."""


class OrderedPages:
    """Pages of one search, at one commit, in the indexes of one audience or more."""

    def __init__(self, searchers: Sequence[tantivy.Searcher], queries: Queries, asked: Asked) -> None:
        self._searchers = searchers
        self._queries = queries
        self._asked = asked

    def page(self, size: int, anchor: str) -> Page:
        """Return `size` hits after `anchor`. Raises `BadCursor` if it is no anchor of such an order."""
        query = self._queries.of(self._asked)
        count = sum(total(searcher.search(query, 1)) for searcher in self._searchers)
        before, skip = _read(anchor, self._asked.sort) if anchor else ((), 0)
        found = self._found(query, size, before, skip)
        rows = tuple(row(*one) for one in found)
        return Page(count, rows, anchor=self._anchor(found, before, skip))

    def _found(self, query: tantivy.Query, size: int, before: Place, skip: int) -> list[Found]:
        if len(self._searchers) == 1:
            return self._in_one(self._searchers[0], query, size, before, skip)
        every: list[Found] = []
        for searcher in self._searchers:
            every += self._in_one(searcher, query, size + skip, before, 0)
        orders = [(place, row(*one).order) for place, one in zip(self._places(every), every, strict=True)]
        placed = sorted(zip(orders, every, strict=True), key=lambda one: one[0])
        return [one for _, one in placed[skip : skip + size]]

    def _in_one(
        self, searcher: tantivy.Searcher, query: tantivy.Query, size: int, before: Place, skip: int
    ) -> list[Found]:
        if self._asked.sort is Sort.TITLE:
            if before:
                query = self._queries.with_filter(query, self._queries.from_key(*before))
            found = _by_title(searcher, query, size, skip)
        else:
            found = self._by_year(searcher, query, size, before, skip)
        return [(searcher, address) for address in found]

    def _by_year(
        self, searcher: tantivy.Searcher, query: tantivy.Query, size: int, before: Place, skip: int
    ) -> list[tantivy.DocAddress]:
        """Take the rest of the year begun, then whole years, then the beginning of the last one."""
        column, rank = self._asked.sort.value, -1
        found: list[tantivy.DocAddress] = []
        if before:
            rank = before[0]
            year = self._queries.with_filter(query, self._queries.between(column, rank, rank))
            year = self._queries.with_filter(year, self._queries.from_key(*before[1:]))
            found = _by_title(searcher, year, size, skip)
        need = size - len(found)
        if need <= 0:
            return found
        later = self._queries.with_filter(query, self._queries.between(column, rank + 1, NO_YEAR))
        hits = searcher.search(later, need + 1, count=False, order_by_field=column, order=Order.Asc).hits
        last = hits[need][0] if len(hits) > need else NO_YEAR + 1
        whole = [(year, row(searcher, address).order, address) for year, address in hits if year < last]
        whole.sort(key=lambda item: item[:2])
        found += [address for _, _, address in whole]
        if len(whole) < need and last <= NO_YEAR:
            begun = self._queries.with_filter(query, self._queries.between(column, last, last))
            found += _by_title(searcher, begun, need - len(whole), 0)
        return found

    def _places(self, found: Sequence[Found]) -> list[Place]:
        """Read where hits stand in the order, as far as numbers tell."""
        columns = ["key_high", "key_low"]
        if self._asked.sort is not Sort.TITLE:
            columns.insert(0, self._asked.sort.value)
        places: list[Place] = [()] * len(found)
        for searcher in self._searchers:
            mine = [number for number, (where, _) in enumerate(found) if where is searcher]
            addresses = [found[number][1] for number in mine]
            values = [searcher.fast_field_values(name, addresses) for name in columns] if mine else []
            for number, place in zip(mine, zip(*values, strict=True), strict=True):
                places[number] = place
        return places

    def _anchor(self, found: Sequence[Found], before: Place, skip: int) -> str:
        """Mark the end of a page: its place, and how many hits with that very place to pass over."""
        if not found:
            return ""
        places = self._places(found)
        same = next((i for i, place in enumerate(reversed(places)) if place != places[-1]), len(places))
        if same == len(places) and places[-1] == before:
            same += skip
        return " ".join(map(str, (*places[-1], same)))


def _by_title(
    searcher: tantivy.Searcher, query: tantivy.Query, size: int, skip: int
) -> list[tantivy.DocAddress]:
    hits = searcher.search(
        query, size, offset=skip, count=False, order_by_field="by_title", order=Order.Asc
    ).hits
    return [address for _, address in hits]


def best(
    searcher: tantivy.Searcher, query: tantivy.Query, offset: int, size: int
) -> tuple[int, Sequence[tuple[float, tantivy.DocAddress]]]:
    """Return the number of all hits, and those of a page by their scores."""
    begin = min(offset, max(searcher.num_docs, 1))  # tantivy reserves room for all that it passes over
    result = searcher.search(query, size, offset=begin, weight_by_field="weight")
    return total(result), result.hits


def row(searcher: tantivy.Searcher, address: tantivy.DocAddress, score: float = 0.0) -> Row:
    """Read what a hit shows."""
    stored = searcher.doc(address).to_dict()
    title = stored.get("title_shown", ("",))[0]
    return Row(stored["id"][0], score, stored["by_title"][0], title, tuple(stored.get("author_shown", ())))


def total(result: tantivy.SearchResult) -> int:
    """Return the number of all hits; tantivy's own type stubs do not know of it."""
    count: int = result.count  # type: ignore[attr-defined]
    return count


def _read(anchor: str, sort: Sort) -> tuple[Place, int]:
    """Read an anchor, which may have been tampered with."""
    try:
        numbers = [int(word) for word in anchor.split()]
    except ValueError:
        numbers = []
    limits = [(1 << 64) - 1, (1 << 64) - 1, MOST_SKIPPED]
    if sort is not Sort.TITLE:
        limits.insert(0, NO_YEAR)
    if len(numbers) != len(limits) or any(not 0 <= n <= m for n, m in zip(numbers, limits, strict=True)):
        raise BadCursor("the list cannot be read on from here: narrow the search, or begin at its first page")
    return tuple(numbers[:-1]), numbers[-1]
