"""The pages over the catalogue in memory; for browsers on a real port."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.testclient import TestClient

from tests.api.conftest import application
from tests.api.double import Double

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture
def catalogue() -> Double:
    return Double()


@pytest.fixture
def client(catalogue: Double) -> Iterator[TestClient]:
    with TestClient(application(catalogue), follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def chromium() -> str:
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    pytest.skip(
        "NO CHROMIUM ON THIS MACHINE: the pages were not tried in a browser (apt-get install chromium)"
    )


@contextmanager
def serving(catalogue: Double) -> Iterator[str]:
    """Run a server over a catalogue; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(application(catalogue), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.started
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a running server."""
    with serving(Double()) as address:
        yield address
