from starlette.testclient import TestClient

from tests.api.double import Double
from unioncat.domain.search import Clause, Sort


def test_words_fields_filters_and_order_reach_the_catalogue(client: TestClient, catalogue: Double) -> None:
    params = [
        ("q", 'dế "phiêu lưu"'),
        ("author", "tô hoài"),
        ("library", "tvqg"),
        ("library", "hcm"),
        ("heading", "Văn học thiếu nhi"),
        ("year_from", "1990"),
        ("sort", "title"),
        ("size", "5"),
        ("facets", "library,type"),
        ("facets", "year"),
    ]
    answer = client.get("/api/v1/search", params=params)
    assert answer.status_code == 200
    asked = catalogue.queries[-1]
    assert Clause("phiêu lưu", None, phrase=True) in asked.clauses
    assert Clause("tô hoài", "author") in asked.clauses
    assert dict(asked.filters) == {"library": ("tvqg", "hcm"), "subject": ("Văn học thiếu nhi",)}
    assert (asked.year_from, asked.year_to) == (1990, None)
    assert asked.sort is Sort.TITLE
    assert asked.size == 5
    assert asked.facets == ("library", "type", "year")


def test_an_answer_has_records_facets_with_names_and_the_way_on(client: TestClient) -> None:
    body = client.get("/api/v1/search?size=10&facets=library,type&sort=newest").json()
    assert body["total"] == 49
    assert body["total_exact"] is True
    assert len(body["items"]) == 10
    library = next(facet for facet in body["facets"] if facet["name"] == "library")
    named = {value["value"]: value.get("name_vi") for value in library["values"]}
    assert named["tvqg"] == "Thư viện Quốc gia Việt Nam"
    seen = {item["id"] for item in body["items"]}
    while "next" in body:
        assert "sort=newest" in body["next"]
        body = client.get(body["next"]).json()
        page = {item["id"] for item in body["items"]}
        assert not page & seen
        seen |= page
    assert len(seen) == 49


def test_a_brief_record_counts_libraries_and_copies(client: TestClient) -> None:
    (item,) = client.get("/api/v1/search?q=de+men").json()["items"]
    assert item["title"]["main"] == "Dế Mèn phiêu lưu ký"
    assert item["libraries"] == 5  # the member without a holding of its own counts as one
    assert item["copies"] == 6
    assert item["full_text"] is True
    assert item["isbn"] == ["9786042189606"]


def test_did_you_mean(client: TestClient) -> None:
    assert client.get("/api/v1/search?q=de+mem").json()["did_you_mean"] == "dế mèn"


def test_an_unknown_parameter_is_refused_by_name(client: TestClient) -> None:
    answer = client.get("/api/v1/search?tilte=x")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == "tilte"


def test_limits(client: TestClient) -> None:
    for query in (
        "size=101",
        "size=0",
        "facets=colour",
        "year_from=x",
        "sort=best",
        "format=ebook",
        "type=university&type=nhà sách",
        "year=1994",
        "q=" + "x" * 1001,
        "&".join(["library=a"] * 51),
    ):
        assert client.get(f"/api/v1/search?{query}").status_code == 422, query
    assert client.get("/api/v1/search?size=100").status_code == 200
    refused = client.get("/api/v1/search?format=ebook").json()
    assert "choose from book, " in str(refused["errors"])
    assert client.get("/api/v1/search?format=map&type=university&year=1990").status_code == 200


def test_a_foreign_cursor_is_a_problem_of_its_own(client: TestClient) -> None:
    answer = client.get("/api/v1/search?cursor=nonsense")
    assert answer.status_code == 400
    assert answer.json()["type"] == "/api/v1/problems/bad-cursor"


def test_suggestions(client: TestClient) -> None:
    assert client.get("/api/v1/suggest?q=de").json() == {"q": "de", "items": ["Dế Mèn phiêu lưu ký"]}
    assert client.get("/api/v1/suggest?q=%20").json()["items"] == []
    assert client.get("/api/v1/suggest").status_code == 422
    assert client.get("/api/v1/suggest?q=a&limit=21").status_code == 422
