"""Who may see what, in a real browser: kept for a circle, a record taken back, the proof; one's own data."""

import os
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flows.conftest import add_source
from tests.flows.test_join import book, put
from tests.pages.browsing import CONTRAST, SIZES, open_page
from tests.pages.living import Living, living
from tests.support.people import carry
from unioncat.domain.audience import Audience
from unioncat.domain.library import Group, Library, LibraryType
from unioncat.flow import pipeline
from unioncat.flow.services import Services
from unioncat.store import libraries

pytestmark = pytest.mark.browser
PAGE = "/libraries/hoc-vien/sharing"


@pytest.fixture(scope="module")
def service(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(server, template, tmp_path_factory.mktemp("sharing")) as running:
        running.ask(stocked)
        yield running


async def stocked(services: Services) -> None:
    """A library of a circle with three books."""
    source = await add_source(services.db, "hoc-vien")
    async with services.db.as_service() as conn:
        await libraries.save_group(conn, Group("cand", "Công an nhân dân", "People's Police"))
        await libraries.save_audience(conn, Audience(0, "cand", "Công an nhân dân", "Police", "cand"))
        academy = Library(
            "hoc-vien", "Học viện Sông Hồng", "Academy", LibraryType.ARMED_FORCES, groups=("cand",)
        )
        await libraries.save_library(conn, academy)
    books = {"VL-001": book("Giáo trình nghiệp vụ", "Khoa Luật"), "VL-002": book("Sông Đông êm đềm")}
    books["VL-003"] = book("Đất nước đứng lên", "Nguyên Ngọc", 1956)
    await put(services.db, source, books, library="hoc-vien")
    await pipeline.process(services)


async def followed(services: Services) -> None:
    """What the worker does after a change."""
    await pipeline.process(services)


def fits(page: Page) -> None:
    """Nothing is wider than the screen, and all can be read."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.evaluate(CONTRAST) == []


def comes_true(public: Page, address: str, holds: Callable[[Page], bool]) -> None:
    """The public sees it, within the minute that a change may take."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        public.goto(address)
        if holds(public):
            return
        time.sleep(0.5)
    pytest.fail(f"{address} says: {public.locator('main').inner_text()[:200]}")


def shows(public: Page, count: int) -> None:
    """The public finds so many of the library's."""
    comes_true(public, "/search?library=hoc-vien", lambda page: page.locator(".hits > li").count() == count)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_administrator_keeps_takes_back_and_sees_the_proof(
    browser: Browser, service: Living, scripts: bool
) -> None:
    page = open_page(browser, service.address, java_script_enabled=scripts)
    carry(page)
    public = open_page(browser, service.address, java_script_enabled=scripts)
    public.goto("/search?library=hoc-vien")
    had, gone = public.locator(".hits > li").count(), f"VL-00{1 + scripts}"
    assert had > 1
    public.goto("/libraries/hoc-vien")
    assert public.locator(f"a[href='{PAGE}']").count() == 0
    page.goto("/libraries/hoc-vien")
    page.locator(f"a[href='{PAGE}']").click()
    for circle, seen in (("cand", 0), ("public", had)):
        page.locator("#all").select_option(circle)
        page.locator("#who ~ form button").first.click()
        expect(page.get_by_role("status")).to_be_visible()
        service.ask(followed)
        page.goto(PAGE)
        expect(page.locator("#proof ~ table tbody tr").first).to_contain_text("hoc-vien")
        shows(public, seen)
    page.locator("#record").fill(gone)
    page.locator("button[value=withdraw]").click()
    expect(page.get_by_role("status")).to_be_visible()
    service.ask(followed)
    page.goto(PAGE)
    expect(page.locator("#take ~ table")).to_contain_text(gone)
    shows(public, had - 1)
    page.locator("#take ~ table button").first.click()
    expect(page.get_by_role("status")).to_be_visible()
    page.locator("#sure").fill("another")
    page.locator("button[value=leave]").click()
    expect(page.get_by_role("alert")).to_contain_text("code")
    comes_true(public, "/libraries/hoc-vien", lambda page: "Sông Hồng" in page.locator("h1").inner_text())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", [PAGE, "/account"])
def test_the_pages_fit_every_screen(browser: Browser, service: Living, size: str, path: str) -> None:
    page = open_page(browser, service.address, size)
    carry(page)
    page.goto(path)
    fits(page)
    if shots := os.environ.get("UNIONCAT_SHOTS"):
        page.screenshot(path=f"{shots}/{path.split('/')[-1]}-{size}.png", full_page=True)
