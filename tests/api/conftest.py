"""The application over the catalogue in memory."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache

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


@cache
def shared() -> tuple[FastAPI, list[Catalogue]]:
    """One application for all tests of a worker, and what it serves.

    The first question to an application builds its routes, which takes many times as long as an answer.
    """
    served: list[Catalogue] = []

    @asynccontextmanager
    async def opening() -> AsyncIterator[Catalogue]:
        yield served[-1]

    return create_app(opening, operator_token=TOKEN, base_url="http://union.example"), served


@contextmanager
def visiting(catalogue: Catalogue) -> Iterator[TestClient]:
    """A visitor of the shared application, which serves this catalogue meanwhile; one at a time."""
    app, served = shared()
    assert not served, "the shared application serves another test"
    served.append(catalogue)
    app.state.operator_token = TOKEN  # a test may have taken it away
    try:
        with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
            yield client
    finally:
        served.clear()
        app.middleware_stack = None  # what it counted and kept is forgotten


@pytest.fixture
def catalogue() -> Double:
    return Double()


@pytest.fixture
def client(catalogue: Double) -> Iterator[TestClient]:
    with visiting(catalogue) as client:
        yield client
