"""Every page in both languages: sound HTML that a screen reader can find its way in."""

import re
from collections import Counter
from itertools import pairwise

import pytest
from lxml import html
from starlette.testclient import TestClient

from tests.api.double import Double
from tests.api.onboarding_double import TOKEN
from tests.support.people import SESSION
from unioncat.domain.audience import Viewer
from unioncat.flow.status import Overview

PAGES = {
    "/": 200,
    "/search": 200,
    "/search?q=viet&library=tvqg&year_from=1990&author=du&sort=title": 200,
    "/search?q=zzzz&format=map": 200,
    "/search?size=10&cursor=at-10&page=2": 200,
    "/search?cursor=nonsense&page=7": 200,
    "/search?year_from=abc&size=9999&sort=best&q=de": 200,
    "/search?q=de+mem": 200,
    "/records/demen": 200,
    "/records/kieu": 200,
    "/records/evil": 200,
    "/records/old-both": 300,
    "/records/old-gone": 410,
    "/records/none": 404,
    "/libraries": 200,
    "/libraries?by=province": 200,
    "/libraries/ha-giang": 200,
    "/libraries/tvqg": 200,
    "/sources": 200,
    "/sources/hcm": 200,
    "/sources/tvqg": 200,
    "/join": 200,
    "/join?invite=stale": 200,
    "/join/new?software=koha": 200,
    "/join/new?software=libol": 200,
    "/join/new?software=excel": 200,
    f"/join/r/{TOKEN}": 200,
    "/join/r/0000000000000000000000000": 404,
    "/status": 200,
    "/nothing": 404,
}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


def read(client: TestClient, address: str, lang: str) -> tuple[str, html.HtmlElement]:
    answer = client.get(address, params=None, headers={"Cookie": f"lang={lang}"})
    assert answer.status_code == PAGES[address]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text, html.document_fromstring(answer.text)


def balanced(text: str) -> None:
    """Every tag that is opened is closed, in order: browsers mend what is not, each in its way."""
    text = re.sub(r"<!.*?>|<script[^>]*></script>", "", text, flags=re.S)
    open_tags: list[str] = []
    for closing, name, rest in re.findall(r"<(/?)([a-z][a-z0-9]*)\b((?:[^>\"]|\"[^\"]*\")*)>", text):
        if name in VOID or rest.endswith("/"):
            continue
        if closing:
            assert open_tags, f"</{name}> closes nothing"
            assert open_tags.pop() == name
        else:
            open_tags.append(name)
    assert not open_tags


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_sound(client: TestClient, address: str, lang: str) -> None:
    text, tree = read(client, address, lang)
    sound(text, tree, lang)


def sound(text: str, tree: html.HtmlElement, lang: str) -> None:
    """Hold what every page keeps to."""
    balanced(text)
    assert text.startswith("<!doctype html>")
    assert tree.get("lang") == lang
    ids = Counter(tree.xpath("//@id"))
    assert [name for name, n in ids.items() if n > 1] == []
    assert len(tree.xpath("//h1")) == 1
    assert tree.xpath("//h1")[0].text_content().strip()
    assert len(tree.xpath("//main")) == 1
    assert all(tree.xpath(f"//{landmark}") for landmark in ("header", "footer", "nav"))
    assert tree.xpath("string(//title)").strip()
    levels = [int(e.tag[1]) for e in tree.xpath("//h1|//h2|//h3|//h4")]
    assert all(b - a <= 1 for a, b in pairwise(levels)), levels
    for control in tree.xpath("//input[not(@type='hidden')]|//select|//textarea"):
        assert tree.xpath(f"//label[@for='{control.get('id')}']"), control.attrib
    for reference in tree.xpath("//@aria-labelledby|//@aria-controls|//label/@for"):
        assert reference in ids
    for nav in tree.xpath("//nav"):
        assert nav.get("aria-label") or nav.get("aria-labelledby")
    for link in tree.xpath("//a"):
        assert link.text_content().strip() or link.get("aria-label"), html.tostring(link)
    for image in tree.xpath("//img"):
        assert image.get("alt") is not None
    assert tree.xpath("//a[@class='skip']/@href") == ["#content"]


@pytest.mark.parametrize("address", PAGES)
def test_no_page_has_scripts_or_styles_inside_it_or_from_elsewhere(client: TestClient, address: str) -> None:
    text, tree = read(client, address, "vi")
    assert tree.xpath("//@style|//style|//script[not(@src)]") == []
    assert [name for e in tree.iter() for name in e.attrib if name.lower().startswith("on")] == []
    for loaded in tree.xpath("//script/@src|//img/@src|//link[@rel='stylesheet' or @rel='icon']/@href"):
        assert loaded.startswith("/"), loaded
    for link in tree.xpath("//a/@href|//form/@action"):
        assert re.match(r"/|https?://|#", link), link
    assert "{{" not in text.replace("{{7*7}}", "")


def test_hostile_text_stays_text(client: TestClient) -> None:
    for address in (
        "/records/evil",
        "/search?q=script",
        "/sources/tvqg",
        "/search?q=%22%3E%3Cscript%3Ex",
        "/",
    ):
        answer = client.get(address)
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        tree = html.document_fromstring(answer.text)
        assert all(src.startswith("/static/") for src in tree.xpath("//script/@src"))
        assert tree.xpath("//img[@src='x']") == []
    page = client.get("/records/evil")
    assert "&lt;script&gt;alert(1)" in page.text
    assert "49" not in html.document_fromstring(page.text).xpath("string(//h1)")


def test_only_web_addresses_become_links(client: TestClient) -> None:
    for address in ("/records/evil", "/records/demen"):
        links = html.document_fromstring(client.get(address).text).xpath("//a/@href")
        assert not [link for link in links if "javascript" in link.lower() or "[bad" in link]


def test_the_language_switch_keeps_the_page_and_is_remembered(client: TestClient) -> None:
    answer = client.get("/search?q=kieu&type=national")
    (switch,) = html.document_fromstring(answer.text).xpath("//a[@class='tongue']/@href")
    assert switch == "/search?q=kieu&type=national&lang=en"
    assert "Sort by" in client.get(switch).text
    assert "Sort by" in client.get("/search?q=kieu").text  # by the cookie
    assert "Sắp xếp theo" in client.get("/search?q=kieu&lang=vi").text
    assert client.get("/?lang=fr").status_code == 200


def test_results_lead_to_every_record_page_by_page(client: TestClient) -> None:
    address, seen = "/search?sort=title", []
    for _ in range(10):
        tree = html.document_fromstring(client.get(address).text)
        seen += tree.xpath("//ol[@class='hits']//h3/a/@href")
        following = tree.xpath("//a[@rel='next nofollow']/@href")
        if not following:
            break
        address = following[0]
    assert len(seen) == len(set(seen)) == 49


def test_facets_put_filters_in_and_chips_take_them_out(client: TestClient) -> None:
    tree = html.document_fromstring(client.get("/search?q=viet").text)
    (facet,) = [a for a in tree.xpath("//nav[@class='facets']//a") if "Luận văn" in a.text_content()]
    filtered = html.document_fromstring(client.get(facet.get("href")).text)
    assert filtered.xpath("//nav[@class='facets']//a[@aria-current='true']")
    (chip,) = filtered.xpath("//ul[@class='chips']//a")
    assert chip.get("aria-label") == "Bỏ: Kiểu tài liệu: Luận văn, luận án"
    assert chip.get("href") == "/search?q=viet"


def test_a_page_without_its_cursor_is_the_first(client: TestClient) -> None:
    assert client.get("/search?page=7").text.count("Trang 7") == 0
    assert "Trang 7" in client.get("/search?size=10&cursor=at-10&page=7").text


def test_an_expired_page_of_results_begins_anew_with_a_word(client: TestClient) -> None:
    text = client.get("/search?cursor=nonsense&page=7").text
    assert "đã hết hạn" in text
    assert "Trang 7" not in text


def test_what_is_not_valid_in_an_address_is_passed_over_with_a_word(client: TestClient) -> None:
    text = client.get("/search?year_from=abc&q=de+men").text
    assert "không hợp lệ và đã được bỏ qua" in text
    assert "Dế Mèn phiêu lưu ký" in text


def test_the_operators_pages_refresh_without_scripts(client: TestClient) -> None:
    for address in ("/sources", "/sources/hcm"):
        assert '<noscript><meta http-equiv="refresh"' in client.get(address).text


def test_static_files_are_kept_for_long_by_their_hash(client: TestClient) -> None:
    tree = html.document_fromstring(client.get("/").text)
    for address in tree.xpath("//link[@rel='stylesheet']/@href|//script/@src"):
        assert "immutable" in client.get(address).headers["cache-control"]
    for address in ("/favicon.ico", "/robots.txt", "/manifest.webmanifest", "/opensearch.xml"):
        assert client.get(address).status_code == 200, address


def test_a_catalogue_that_is_being_built_says_so(client: TestClient, catalogue: Double) -> None:
    held, catalogue.all_records = catalogue.all_records, []
    try:
        overview = Overview(2, 2, 1200, 0, 0, 0, 1200, ())

        async def building(viewer: Viewer) -> Overview:
            return overview

        catalogue.overview = building  # type: ignore[method-assign]
        text = client.get("/").text
    finally:
        catalogue.all_records = held
    assert "Mục lục đang được lập: đã nhận 1.200 biểu ghi" in text
    assert "Mục lục chưa có biểu ghi" not in text


def test_the_home_page_leads_to_joining(client: TestClient) -> None:
    tree = html.document_fromstring(client.get("/").text)
    assert tree.xpath("//main//a[@href='/join']")
    assert tree.xpath("//header//a[@href='/join']")


def test_who_has_signed_in_stands_on_every_page(client: TestClient) -> None:
    client.cookies.set("session", SESSION)
    for address in (
        "/",
        "/search?q=kieu",
        "/libraries",
        "/sources",
        "/status",
        "/join",
        "/records/nowhere",
        "/account",
    ):
        tree = html.document_fromstring(client.get(address).text)
        assert len(tree.xpath("//form[@action='/sign-out']//button")) == 1, address
        assert tree.xpath("//header//a[@href='/account']"), address
