"""The application over the catalogue in memory."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.api.double import Double
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue

TOKEN = "a-token-of-tests"
OPERATOR = {"Authorization": f"Bearer {TOKEN}"}


def application(catalogue: Catalogue) -> FastAPI:
    @asynccontextmanager
    async def opening() -> AsyncIterator[Catalogue]:
        yield catalogue

    return create_app(opening, operator_token=TOKEN, base_url="http://union.example")


@pytest.fixture
def catalogue() -> Double:
    return Double()


@pytest.fixture
def client(catalogue: Double) -> Iterator[TestClient]:
    with TestClient(application(catalogue), follow_redirects=False, raise_server_exceptions=False) as client:
        yield client
