"""Times the search engine by hand: `python -m tests.unioncat.index.timing 250000`. No test, and not in CI."""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.unioncat.index.synthetic import Synthetic
from unioncat.domain.audience import ANONYMOUS, Viewer
from unioncat.domain.search import SearchQuery, Sort
from unioncat.index import SearchIndex, open_index, parse

FACETS = ("library", "type", "format", "language", "year")


async def time_one(name: str, ask: Callable[[], Awaitable[object]], times: int = 30) -> None:
    await ask()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - begun) * 1_000)
    taken.sort()
    print(
        f"{name:44s} p50 {statistics.median(taken):8.2f}  p95 {taken[int(len(taken) * 0.95)]:8.2f} ms",
        flush=True,
    )


async def time_many(name: str, asks: list[Callable[[], Awaitable[object]]]) -> None:
    """Time different searches once each, so that no cache helps."""
    taken = []
    for ask in asks:
        begun = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - begun) * 1_000)
    taken.sort()
    print(
        f"{name:44s} p50 {statistics.median(taken):8.2f}  p95 {taken[int(len(taken) * 0.95)]:8.2f} ms",
        flush=True,
    )


async def queries(index: SearchIndex, titles: list[str]) -> None:
    words = sorted({word for title in titles[:60] for word in title.split()})
    pairs = [" ".join(title.split()[1:3]) for title in titles[:200]]

    def search(text: str, viewer: Viewer = ANONYMOUS, **more: object) -> Callable[[], Awaitable[object]]:
        return lambda: index.search(viewer, SearchQuery(parse(text), **more))  # type: ignore[arg-type]

    common = "giao"
    first = await index.search(ANONYMOUS, SearchQuery(parse(common)))
    print("hits of the common word", first.total)
    await time_many("one word, 5 facets, each once", [search(word, facets=FACETS) for word in words])
    await time_one("common word, 20 hits", search(common))
    await time_one("common word with accents, 5 facets (cached)", search("giáo", facets=FACETS))
    await time_many("two words, each once", [search(pair) for pair in pairs])
    await time_many("phrase, each once", [search(f'"{pair}"') for pair in pairs])
    await time_many("slip, each once", [search(pair + "u") for pair in pairs[:60]])
    await time_many(
        "multi-select facets, each once",
        [
            search(w, facets=FACETS, filters=(("language", ("vie",)), ("type", ("public",))))
            for w in words[:60]
        ],
    )
    await time_one("everything, 5 facets (cached)", search("", facets=FACETS))
    await time_one("everything, subject facet (cached)", search("", facets=("subject",)))
    for sort in (Sort.TITLE, Sort.NEWEST, Sort.OLDEST):
        await time_one(f"common word by {sort}", search(common, sort=sort))
    typed = [title[:length] for title in titles[:60] for length in range(2, min(len(title), 16))]
    await time_many("as you type, with accents", [lambda t=t: index.suggest(ANONYMOUS, t) for t in typed])  # type: ignore[misc]
    for text in ("gi", "gia", "giao tr", "ngu", "an", "li", "th"):
        await time_one(f"as you type {text!r}", lambda t=text: index.suggest(ANONYMOUS, t), 10)  # type: ignore[misc]
    for sort in Sort:
        cursor, begun, pages = None, time.perf_counter(), 0
        while pages < 40:
            answer = await index.search(
                ANONYMOUS, SearchQuery(parse(common), sort=sort, size=100, cursor=cursor)
            )
            cursor, pages = answer.next_cursor, pages + 1
            if cursor is None:
                break
        print(f"{pages} pages of 100 by {sort}: {(time.perf_counter() - begun) / pages * 1e3:.1f} ms a page")


async def main(count: int) -> None:
    documents = list(Synthetic().documents(count, restricted=0.02))
    with tempfile.TemporaryDirectory() as folder:
        index = open_index(Path(folder), write=True)
        begun = time.perf_counter()
        for start in range(0, count, 5_000):
            await index.write(documents[start : start + 5_000])
        await index.commit()
        taken = time.perf_counter() - begun
        print(f"{count} documents written and committed in {taken:.1f} s: {count / taken:.0f}/s", flush=True)
        print(await index.health())
        begun = time.perf_counter()
        await index.write(documents[:1])
        await index.commit()
        print(f"one document, commit {(time.perf_counter() - begun) * 1e3:.0f} ms")
        await queries(index, [document.title[0] for document in documents[:2_000]])
        await index.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000))
