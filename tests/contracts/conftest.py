"""Fixtures of the search contract: each engine that is here, with a filled and with an empty index."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contracts.search_engines import ENGINES, Engine, catalogue
from unioncat.index import SearchIndex, open_index


async def fill(target: str) -> None:
    index = open_index(target, write=True)
    documents = list(catalogue())
    random.Random(3).shuffle(documents)
    documents.sort(key=lambda document: document.id == "both")  # documents of one record come in one call
    await index.write(documents)
    await index.commit()
    await index.close()


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Engine:
    engine: Engine = request.param
    if engine.missing:
        pytest.skip(engine.missing)
    return engine


@pytest.fixture(scope="module")
def filled(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    target = engine.target(tmp_path_factory.mktemp("search"))
    asyncio.run(fill(target))
    return target


@pytest.fixture
async def index(filled: str) -> AsyncIterator[SearchIndex]:
    index = open_index(filled)
    yield index
    await index.close()


@pytest.fixture
def proposals(engine: Engine) -> None:
    if not engine.proposes:
        pytest.skip(f"{engine.name} does not tell its words")


@pytest.fixture
def target(engine: Engine, tmp_path: Path) -> str:
    return engine.target(tmp_path)


@pytest.fixture
async def empty(target: str) -> AsyncIterator[SearchIndex]:
    index = open_index(target, write=True)
    yield index
    await index.close()
