"""What is kept from somebody turns nothing that a search engine tells: no order, no proposal, no page.

Two indexes that differ in restricted documents only are asked the same.
"""

import random

import pytest

from tests.contracts.search_engines import ARMY, CAND, ENGINES, Engine, book
from tests.unioncat.index.synthetic import Synthetic
from unioncat.domain.audience import ANONYMOUS, Viewer
from unioncat.domain.search import FACETS, IndexDocument, SearchQuery, Sort
from unioncat.index import SearchIndex, open_index, parse

BOTH = Viewer(frozenset({CAND, ARMY}))


def public() -> list[IndexDocument]:
    """Books in words of which all others have many."""
    chance = random.Random(2)
    words = "sông núi biển đảo làng phố".split()  # noqa: SIM905
    made = [
        book(
            f"p{n:03}", " ".join(chance.choices(words, k=chance.randint(1, 7))), chance.choice(words).title()
        )
        for n in range(150)
    ]
    return [*made, *Synthetic(seed=9).documents(150)]


def restricted(audience: int, letter: str) -> list[IndexDocument]:
    """Books that use some of these words all the time, to make them common."""
    chance = random.Random(letter)
    return [
        book(
            f"{letter}{n:03}",
            " ".join(["sông"] * chance.randint(1, 9) + ["núi"] * (n % 3)),
            audience=audience,
        )
        for n in range(120)
    ]


@pytest.fixture(params=[engine for engine in ENGINES if engine.local], ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Engine:
    given: Engine = request.param
    return given


async def told(index: SearchIndex, viewer: Viewer) -> list[object]:
    """Everything that it says to many questions."""
    said: list[object] = []
    for text in ("", "sông", "song", "nui bien", "lang pho song", "sonh", "bieen", "núi -làng", '"sông núi"'):
        for sort in Sort:
            cursor: str | None = None
            for _ in range(40):
                query = SearchQuery(
                    clauses=parse(text), sort=sort, size=17, cursor=cursor, facets=FACETS, facet_size=9
                )
                answer = await index.search(viewer, query)
                said.append(answer)
                cursor = answer.next_cursor
                if cursor is None:
                    break
        said.append(await index.suggest(viewer, text, 30))
    return said


async def test_restricted_documents_turn_nothing_for_others(engine: Engine, tmp_path: object) -> None:
    plain = open_index(engine.target(tmp_path), write=True)  # type: ignore[arg-type]
    mixed = open_index(engine.target(tmp_path), write=True)  # type: ignore[arg-type]
    try:
        documents = public()
        await plain.write(documents)
        await mixed.write(restricted(CAND, "c"))
        for begin in range(0, len(documents), 40):
            await mixed.write(documents[begin : begin + 40])
            await mixed.commit()
        await mixed.write(restricted(ARMY, "a"))
        await mixed.write(documents)  # as when holdings that nobody else sees change: written, not changed
        for index in (plain, mixed):
            await index.commit()
        assert await told(mixed, ANONYMOUS) == await told(plain, ANONYMOUS)
        await plain.write(restricted(CAND, "c"))
        await plain.commit()
        inside = Viewer(frozenset({CAND}))
        assert await told(mixed, inside) == await told(plain, inside)
        assert await mixed.count() == len(documents) + 240
    finally:
        await plain.close()
        await mixed.close()


@pytest.mark.parametrize("sort", Sort)
async def test_pages_over_several_audiences_give_each_record_once(
    engine: Engine, tmp_path: object, sort: Sort
) -> None:
    index = open_index(engine.target(tmp_path), write=True)  # type: ignore[arg-type]
    try:
        documents = [*public(), *restricted(CAND, "c"), *restricted(ARMY, "a")]
        for _ in range(2):  # records that some of the audiences see otherwise
            documents.append(book(f"p{len(documents) % 100:03}", "Sông của ngành", audience=CAND))
        by_id: dict[str, list[IndexDocument]] = {}
        for document in documents:
            by_id.setdefault(document.id, []).append(document)
        await index.write([one for same in by_id.values() for one in same])
        await index.commit()
        whole = await index.search(BOTH, SearchQuery(sort=sort, size=200))
        seen: list[str] = []
        cursor: str | None = None
        while True:
            answer = await index.search(BOTH, SearchQuery(sort=sort, size=23, cursor=cursor))
            seen += [hit.id for hit in answer.hits]
            cursor = answer.next_cursor
            if cursor is None:
                break
        assert sorted(seen) == sorted(by_id)
        assert seen[:200] == [hit.id for hit in whole.hits]
        assert answer.total == len(by_id)
    finally:
        await index.close()
