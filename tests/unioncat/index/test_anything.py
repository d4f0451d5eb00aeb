"""Whatever is typed, tantivy must not panic: a panic is no exception that anybody catches."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.search_engines import book
from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.search import FACETS, FIELDS, Clause, SearchQuery, Sort
from unioncat.index import SearchIndex, open_index, parse

typed = st.text(max_size=30) | st.text(
    alphabet='kiêều "-:+#.*?()[]{}^$|\\/~&0123456789Xx\u0301\x00', max_size=30
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchIndex]:
    index = open_index(tmp_path_factory.mktemp("anything"), write=True)
    asyncio.run(
        index.write([book("a", "Truyện Kiều", "Nguyễn Du"), book("b", "C++ (kiếu)"), book("c", ("", "x"))])
    )
    asyncio.run(index.commit())
    yield index
    asyncio.run(index.close())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=typed, field=st.sampled_from((None, *FIELDS)), phrase=st.booleans(), negated=st.booleans())
def test_search(index: SearchIndex, text: str, field: str | None, phrase: bool, negated: bool) -> None:
    asyncio.run(index.search(ANONYMOUS, SearchQuery(parse(text))))
    clause = Clause(text, field, phrase, negated)
    filters = (("library", (text, "nlv")),)
    query = SearchQuery((clause, Clause("kieu")), filters, sort=Sort.NEWEST, facets=FACETS)
    asyncio.run(index.search(ANONYMOUS, query))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=typed)
def test_suggest(index: SearchIndex, text: str) -> None:
    asyncio.run(index.suggest(ANONYMOUS, text))
