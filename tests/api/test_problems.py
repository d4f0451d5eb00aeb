import pytest
from starlette.testclient import TestClient

from tests.api.conftest import OPERATOR
from tests.api.double import Double
from unioncat_api.middleware import MAX_BODY, MAX_TARGET
from unioncat_api.problems import KINDS

API_PROBLEMS = [
    ("GET", "/api/v1/nothing", 404, "not-found"),
    ("DELETE", "/api/v1/libraries", 405, "method-not-allowed"),
    ("GET", "/api/v1/search?size=x", 422, "invalid-parameter"),
    ("GET", "/api/v1/records/old-gone", 410, "gone"),
    ("POST", "/api/v1/groups", 401, "unauthorised"),
    ("GET", "/api/v1/search?q=" + "a" * MAX_TARGET, 414, "uri-too-long"),
]


@pytest.mark.parametrize(("method", "address", "status", "kind"), API_PROBLEMS)
def test_problems_of_the_interface(
    client: TestClient, method: str, address: str, status: int, kind: str
) -> None:
    answer = client.request(method, address)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == f"/api/v1/problems/{kind}"
    assert body["status"] == status
    assert all(body[name] for name in ("title", "detail", "remedy"))
    assert client.get(body["type"]).json()["title"] == body["title"]


def test_every_kind_is_explained(client: TestClient) -> None:
    for kind in KINDS:
        assert client.get(f"/api/v1/problems/{kind}").json()["remedy"] == KINDS[kind].remedy
    assert client.get("/api/v1/problems/none").status_code == 404


def test_a_crash_shows_a_number_and_nothing_else(client: TestClient, catalogue: Double) -> None:
    catalogue.broken = RuntimeError("secret words")
    answer = client.get("/api/v1/records/demen")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["number"] in answer.json()["detail"]
    page = client.get("/records/demen")
    assert page.status_code == 500
    assert "secret" not in page.text
    assert "<h1" in page.text


def test_a_database_that_is_away_is_no_crash(client: TestClient, catalogue: Double) -> None:
    catalogue.broken = ConnectionRefusedError(111, "refused")
    answer = client.get("/api/v1/records/demen")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"
    assert client.get("/records/demen").status_code == 503


@pytest.mark.parametrize(
    ("state", "status"), [("57P03", 503), ("53300", 503), ("08006", 503), ("23505", 500)]
)
def test_a_database_that_starts_or_is_full_is_no_crash(
    client: TestClient, catalogue: Double, state: str, status: int
) -> None:
    class Cause(Exception):
        sqlstate = state

    class Wrapped(Exception):
        orig = Cause()

    catalogue.broken = Wrapped()
    assert client.get("/api/v1/records/demen").status_code == status


def test_a_large_body_is_refused_by_its_header_and_by_its_bytes(client: TestClient) -> None:
    announced = client.post("/api/v1/groups", content=b"x" * (MAX_BODY + 1), headers=OPERATOR)
    assert announced.status_code == 413

    def pieces() -> object:
        for _ in range(MAX_BODY // 1024 + 2):
            yield b" " * 1024

    streamed = client.post("/api/v1/groups", content=pieces(), headers=OPERATOR)  # type: ignore[arg-type]
    assert streamed.status_code == 413


@pytest.mark.parametrize(
    "address", ["/", "/search", "/api/v1/search", "/nothing", "/api/v1/nothing", "/static/style.css"]
)
def test_every_answer_has_the_security_headers(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "referrer-policy" in headers


def test_other_sites_may_read_the_interface_and_no_more(client: TestClient) -> None:
    assert client.get("/api/v1/libraries").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in client.get("/").headers
    assert "access-control-allow-origin" not in client.post("/api/v1/groups", json={}).headers


def test_health(client: TestClient, catalogue: Double) -> None:
    assert client.get("/healthz").json() == {"ok": True}
    assert client.get("/readyz").status_code == 200
    catalogue.healthy = False
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"][0]["detail"] == "the index is not whole"


def test_measurements_name_routes_not_addresses(client: TestClient) -> None:
    client.get("/api/v1/records/demen")
    client.request("BREW", "/api/v1/nothing-at-all")
    text = client.get("/metrics").text
    assert 'unioncat_http_requests_total{method="GET",route="/api/v1/records/{id}",status="200"}' in text
    assert "nothing-at-all" not in text
    assert "BREW" not in text
