"""What the adapter asks of a Meilisearch server: shapes of requests, against a double that records them."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from meilisearch_python_sdk.errors import MeilisearchError

from tests.contracts.search_engines import book
from tests.unioncat.index.meilisearch_double import Double, running
from unioncat.domain.audience import ANONYMOUS, Viewer
from unioncat.domain.search import SearchQuery, Sort
from unioncat.index import IndexReadOnly, SearchIndex, open_index, parse

PUBLIC_ONLY = "(audience IN [0])"


@pytest.fixture
def double() -> Iterator[Double]:
    with running() as double:
        yield double


@pytest.fixture
async def index(double: Double) -> AsyncIterator[SearchIndex]:
    index = open_index(double.url, write=True)
    yield index
    await index.close()


def hit(id: str, title: str, score: float = 0.5) -> dict[str, Any]:
    return {"id": id, "order": id, "title": [title], "author": [], "_rankingScore": score}


async def test_every_search_carries_the_audience(index: SearchIndex, double: Double) -> None:
    viewer = Viewer(frozenset({4}))
    await index.search(viewer, SearchQuery(parse("kiều tác giả: du"), facets=("library",)))
    await index.suggest(viewer, "kieu")
    searches = double.searches()
    assert len(searches) > 4
    for query in searches:
        assert query["filter"][:2] == ["(audience IN [0, 4])", "(NOT hidden IN [4])"]
    double.requests.clear()
    await index.search(ANONYMOUS, SearchQuery())
    assert all(query["filter"] == [PUBLIC_ONLY] for query in double.searches())
    assert all(key == "Bearer secret" for *_, key in double.requests)


async def test_words_phrases_exclusions_and_filters(index: SearchIndex, double: Double) -> None:
    clauses = parse('truyện kiều "thơ nôm" -nai -kiếu')
    filters = (("library", ("nlv", 'a"b')),)
    await index.search(ANONYMOUS, SearchQuery(clauses, filters=filters, year_from=1900, year_to=1950))
    query = double.searches()[0]
    assert query["q"] == 'truyen kieu "tho nom" -nai'
    assert query["matchingStrategy"] == "all"
    assert query["filter"] == [
        PUBLIC_ONLY, '(facet_library IN ["a\\"b", "nlv"])', "(year >= 1900)", "(year <= 1950)",
        '(NOT (exact = "kie^u5"))',
    ]  # fmt: skip


async def test_ten_words_are_sent(index: SearchIndex, double: Double) -> None:
    await index.search(ANONYMOUS, SearchQuery(parse("mot hai ba bon nam sau bay tam chin muoi chuc")))
    assert double.searches()[0]["q"].split()[-1] == "muoi"


async def test_one_field(index: SearchIndex, double: Double) -> None:
    await index.search(ANONYMOUS, SearchQuery(parse("nhan đề: kiều")))
    assert double.searches()[0]["attributesToSearchOn"] == ["title"]


async def test_several_fields_are_joined_by_keys(index: SearchIndex, double: Double) -> None:
    double.answers = [{"hits": [{"key": "k1"}, {"key": "k2"}]}]
    await index.search(ANONYMOUS, SearchQuery(parse("nhan đề: kiều tác giả: du")))
    first, second = double.searches()[:2]
    assert (first["q"], first["attributesToSearchOn"]) == ("du", ["author"])
    assert (second["q"], second["attributesToSearchOn"]) == ("kieu", ["title"])
    assert second["filter"][-1] == '(key IN ["k1", "k2"])'


async def test_numbers_are_filters_where_they_are_known(index: SearchIndex, double: Double) -> None:
    double.answers = [{"hits": [{"id": "x"}]}]
    await index.search(ANONYMOUS, SearchQuery(parse("978-604-1-23456-3")))
    known = double.searches()[1]
    assert known["q"] == ""
    assert known["filter"][-1] == '(isbn = "9786041234563" OR identifier = "9786041234563")'
    double.requests.clear()
    await index.search(ANONYMOUS, SearchQuery(parse("VN00123456")))
    assert double.searches()[1]["q"] == "vn00123456"
    double.requests.clear()
    await index.search(ANONYMOUS, SearchQuery(parse("shelf_mark: 895.9 T1")))
    assert double.searches()[0]["filter"][-1] == '(shelf_mark STARTS WITH "8959t1")'


async def test_orders(index: SearchIndex, double: Double) -> None:
    for sort, expected in ((Sort.TITLE, ["order:asc"]), (Sort.NEWEST, ["year:desc", "order:asc"])):
        double.requests.clear()
        await index.search(ANONYMOUS, SearchQuery(parse("kiều"), sort=sort))
        assert double.searches()[0]["sort"] == expected


async def test_typed_accents_come_first_and_pages_go_on(index: SearchIndex, double: Double) -> None:
    hits = [hit("1", "Truyện kiếu nại", 0.9), hit("2", "Truyện Kiều", 0.8), hit("3", "Truyện Kiều", 0.9)]
    counted = {"totalHits": 3}
    double.answers = [{"hits": hits}, counted, {"hits": hits}, counted]
    first = await index.search(ANONYMOUS, SearchQuery(parse("truyện kiều"), size=2))
    assert [found.id for found in first.hits] == ["3", "2"]
    assert first.total == 3
    second = await index.search(
        ANONYMOUS, SearchQuery(parse("truyện kiều"), size=2, cursor=first.next_cursor)
    )
    assert [found.id for found in second.hits] == ["1"]
    assert second.next_cursor is None


async def test_facets_after_all_filters_but_their_own(index: SearchIndex, double: Double) -> None:
    distribution = {"facetDistribution": {"facet_library": {"nlv": 3, "hcm": 5}}}
    double.answers = [{"hits": [hit("1", "Kiều")] * 3}, {"totalHits": 3}, distribution]
    query = SearchQuery(parse("kiều"), filters=(("library", ("nlv",)),), facets=("library",))
    answer = await index.search(ANONYMOUS, query)
    asked = double.searches()[2]
    assert asked["facets"] == ["facet_library"]
    assert asked["filter"] == [PUBLIC_ONLY]
    assert [(v.value, v.count, v.selected) for v in dict(answer.facets)["library"]] == [
        ("hcm", 5, False), ("nlv", 3, True),
    ]  # fmt: skip


async def test_suggestions(index: SearchIndex, double: Double) -> None:
    double.answers = [
        {"hits": [{"title": ["Truyện Kiều", "Kim Vân Kiều"]}, {"title": ["Truyện Kiều"]}]},
        {"hits": [{"author": ["Lê Truyện"]}]},
    ]
    assert await index.suggest(ANONYMOUS, "truyện k") == ("Truyện Kiều",)
    assert [query["attributesToSearchOn"] for query in double.searches()] == [["title"], ["author"]]


async def test_writing_waits_for_its_tasks(index: SearchIndex, double: Double) -> None:
    await index.write(
        [book("a", "Quê mẹ", isbn=("978-1",)), book("a", "Quê mẹ", audience=4)], deleted_ids=["b"]
    )
    await index.commit()
    assert double.sent("POST", "/indexes") == [{"primaryKey": "key", "uid": "records"}]
    (settings,) = double.sent("PATCH", "/indexes/records/settings")
    assert settings["rankingRules"][0] == "sort"
    assert {"audience", "hidden", "id", "key", "facet_library"} <= set(settings["filterableAttributes"])
    assert double.sent("POST", "/indexes/records/documents/delete") == [{"filter": 'id IN ["a", "b"]'}]
    ((public, inner),) = double.sent("POST", "/indexes/records/documents")
    assert (public["audience"], public["hidden"], public["last"]) == (0, [4], False)
    assert (inner["audience"], inner["hidden"], inner["last"]) == (4, [], True)
    assert public["key"] != inner["key"]
    assert public["isbn"] == ["9781"]
    assert public["exact"] == ["me6", "que^"]
    waited = [
        int(path.rpartition("/")[2]) for method, path, *_ in double.requests if path.startswith("/tasks/")
    ]
    assert set(waited) >= set(range(2, double.tasks + 1))


async def test_a_failed_task_fails_the_commit(index: SearchIndex, double: Double) -> None:
    await index.write([book("a", "Quê mẹ")])
    double.failing_tasks.add(double.tasks)
    with pytest.raises(MeilisearchError):
        await index.commit()


async def test_rebuild_swaps(index: SearchIndex, double: Double) -> None:
    async with index.rebuild() as fresh:
        await index.write([book("b", "Mới hơn")])
        await fresh.write([book("a", "Quê mẹ"), book("b", "Cũ hơn")])
        assert await fresh.count() == 7
    assert double.sent("POST", "/swap-indexes") == [[{"indexes": ["records", "records-next"]}]]
    copied = [one["id"] for batch in double.sent("POST", "/indexes/records-next/documents") for one in batch]
    assert copied == ["b", "a"]
    assert double.indexes == {"records"}


async def test_a_failed_rebuild_does_not_swap(index: SearchIndex, double: Double) -> None:
    async def fail() -> None:
        async with index.rebuild():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert not double.sent("POST", "/swap-indexes")
    assert "records-next" not in double.indexes


async def test_readers_do_not_write(double: Double) -> None:
    reader = open_index(double.url)
    with pytest.raises(IndexReadOnly):
        await reader.write([book("a", "Quê mẹ")])
    assert not double.requests
    await reader.close()


async def test_health(index: SearchIndex, double: Double) -> None:
    assert (await index.health()).documents == await index.count() == 7
    away = open_index("http://127.0.0.1:9#records")
    health = await away.health()
    assert not health.ok
    assert "start it" in health.detail
    await away.close()
