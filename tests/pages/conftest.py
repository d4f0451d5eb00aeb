"""The pages over the catalogue in memory; for browsers on a real port."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from starlette.testclient import TestClient

from tests.api.conftest import application, visiting
from tests.api.double import Double
from tests.pages.browsing import FLAGS, PATIENCE
from tests.pages.living import serving

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture
def catalogue() -> Double:
    return Double()


@pytest.fixture
def client(catalogue: Double) -> Iterator[TestClient]:
    with visiting(catalogue) as client:
        yield client


@pytest.fixture(scope="session")
def chromium() -> str:
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    pytest.skip(
        "NO CHROMIUM ON THIS MACHINE: the pages were not tried in a browser (apt-get install chromium)"
    )


@pytest.fixture(scope="package")
def running(chromium: str) -> Iterator[Browser]:
    """One browser for all pages; it keeps an event loop in this thread as long as it lives."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def browser(running: Browser) -> Iterator[Browser]:
    """The browser, with no page of another test."""
    yield running
    for context in running.contexts:
        context.close()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a running server."""
    with serving(lambda _: application(Double())) as address:
        yield address
