from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import OPERATOR
from tests.api.double import Double

LIBRARY = {"code": "moi", "name_vi": "Thư viện mới", "name_en": "New library", "type": "school"}
SOURCE = {"code": "moi", "library": "tvqg", "address": "https://moi.example.vn/oai"}
GROUP = {"code": "nhom", "name_vi": "Nhóm", "name_en": "Group"}
WRITES = [
    ("POST", "/api/v1/libraries", LIBRARY),
    ("PUT", "/api/v1/libraries/moi", LIBRARY),
    ("POST", "/api/v1/groups", GROUP),
    ("PUT", "/api/v1/groups/nhom", GROUP),
    ("POST", "/api/v1/sources", SOURCE),
    ("PUT", "/api/v1/sources/moi", SOURCE),
    *(
        ("POST", f"/api/v1/sources/hcm/{word}", None)
        for word in ("pause", "resume", "harvest", "accept", "reject")
    ),
]


@pytest.mark.parametrize(("method", "address", "body"), WRITES)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic a-token-of-tests"},
        {"Authorization": "Bearer "},
    ],
)
def test_nothing_changes_without_the_token(
    client: TestClient, catalogue: Double, method: str, address: str, body: Any, headers: dict[str, str]
) -> None:
    before = (dict(catalogue.by_code), dict(catalogue.all_sources), list(catalogue.all_runs))
    answer = client.request(method, address, json=body, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert (dict(catalogue.by_code), dict(catalogue.all_sources), list(catalogue.all_runs)) == before
    assert catalogue.asked_harvests == []


def test_a_wrong_token_is_refused_even_where_none_is_needed(client: TestClient) -> None:
    assert client.get("/api/v1/libraries", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_an_empty_token_opens_nothing(client: TestClient) -> None:
    client.app.state.operator_token = ""  # type: ignore[attr-defined]
    answer = client.post("/api/v1/groups", json=GROUP, headers={"Authorization": "Bearer "})
    assert answer.status_code == 401


def test_libraries(client: TestClient) -> None:
    made = client.post("/api/v1/libraries", json=LIBRARY, headers=OPERATOR)
    assert made.status_code == 201
    assert made.headers["location"] == "/api/v1/libraries/moi"
    assert client.get("/api/v1/libraries/moi").json()["name_vi"] == "Thư viện mới"
    again = client.post("/api/v1/libraries", json=LIBRARY, headers=OPERATOR)
    assert again.status_code == 409
    changed = {**LIBRARY, "name_en": "Newer"}
    assert client.put("/api/v1/libraries/moi", json=changed, headers=OPERATOR).status_code == 200
    assert client.get("/api/v1/libraries/moi").json()["name_en"] == "Newer"
    other = {**LIBRARY, "code": "khac"}
    assert client.put("/api/v1/libraries/khac", json=other, headers=OPERATOR).status_code == 201
    assert client.put("/api/v1/libraries/moi", json=other, headers=OPERATOR).status_code == 409


def test_groups(client: TestClient) -> None:
    assert client.post("/api/v1/groups", json=GROUP, headers=OPERATOR).status_code == 201
    assert client.post("/api/v1/groups", json=GROUP, headers=OPERATOR).status_code == 409
    assert (
        client.put("/api/v1/groups/nhom", json={**GROUP, "mode": "area"}, headers=OPERATOR).status_code == 200
    )
    assert {"nhom", "mien-nui"} == {group["code"] for group in client.get("/api/v1/groups").json()}


def test_sources(client: TestClient) -> None:
    made = client.post("/api/v1/sources", json=SOURCE, headers=OPERATOR)
    assert made.status_code == 201
    assert made.json()["address"] == SOURCE["address"]
    assert client.post("/api/v1/sources", json=SOURCE, headers=OPERATOR).status_code == 409
    assert (
        client.put("/api/v1/sources/moi", json={**SOURCE, "set": "sach"}, headers=OPERATOR).json()["set"]
        == "sach"
    )
    stray = {**SOURCE, "code": "lac", "library": "nowhere"}
    refused = client.post("/api/v1/sources", json=stray, headers=OPERATOR)
    assert refused.status_code == 404
    assert refused.json()["remedy"] == "Add the library first, or correct its code."


def test_a_source_states_the_licence_of_its_records(client: TestClient) -> None:
    address = "/api/v1/sources/moi"

    def put(licence: object) -> Any:
        return client.put(address, json={**SOURCE, "licence": licence}, headers=OPERATOR)

    assert client.put(address, json=SOURCE, headers=OPERATOR).json()["licence"] == {"code": "unknown"}
    cc0 = {"code": "CC0-1.0", "url": "https://creativecommons.org/publicdomain/zero/1.0/"}
    assert put({"code": "CC0-1.0"}).json()["licence"] == cc0
    own = {"code": "stated", "words": "Ghi rõ nguồn."}
    assert put(own).json()["licence"] == own
    for wrong in ({"code": "MIT"}, {"code": "stated"}, {"words": "Ghi rõ nguồn."}, {**own, "url": "x"}):
        assert put(wrong).status_code == 422
    assert client.get(address).json()["licence"] == own


def test_steering(client: TestClient, catalogue: Double) -> None:
    def post(word: str, code: str = "tvqg") -> Any:
        return client.post(f"/api/v1/sources/{code}/{word}", headers=OPERATOR)

    assert post("pause").json()["state"] == "paused"
    assert post("resume").json()["state"] == "active"
    assert post("harvest").status_code == 202
    assert catalogue.asked_harvests == ["tvqg"]
    assert post("harvest").status_code == 409
    assert post("accept").status_code == 409
    assert post("resume", "hcm").status_code == 409
    assert post("accept", "hcm").json()["last"]["state"] == "published"
    assert post("reject", "hcm").status_code == 409
    assert post("pause", "nothing").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"name_vi": ""},
        {"name_vi": "a\u0000b"},
        {"type": "private"},
        {"code": "../x"},
        {"lat": 91},
        {"contact": {"email": "a\u0007"}},
    ],
)
def test_a_library_that_is_not_sound_is_refused(client: TestClient, change: dict[str, Any]) -> None:
    answer = client.post("/api/v1/libraries", json={**LIBRARY, **change}, headers=OPERATOR)
    assert answer.status_code == 422
    assert answer.json()["remedy"]


@pytest.mark.parametrize(
    "change",
    [
        {"address": "ftp://x"},
        {"every_minutes": 2**31},
        {"every_minutes": -1},
        {"options": {"a\u0000": "b"}},
        {"assertions": {"max_fall": 2}},
        {"protocol": "gopher"},
    ],
)
def test_a_source_that_is_not_sound_is_refused(client: TestClient, change: dict[str, Any]) -> None:
    assert client.post("/api/v1/sources", json={**SOURCE, **change}, headers=OPERATOR).status_code == 422


def test_numbers_without_end_and_depth_without_end_are_refused(client: TestClient) -> None:
    headers = {**OPERATOR, "Content-Type": "application/json"}
    for body in (
        '{"code":"moi","library":"tvqg","address":"https://x.vn","politeness":{"max_seconds":Infinity}}',
        '{"code":"moi","library":"tvqg","address":"https://x.vn","options":' + '{"a":' * 20 + "1" + "}" * 21,
        "{",
        "[]",
    ):
        assert client.post("/api/v1/sources", content=body, headers=headers).status_code == 422, body
