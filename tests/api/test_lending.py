"""Requests by JSON: who may ask for whom, what is refused, what nobody learns."""

import pytest
from starlette.testclient import TestClient

from tests.api.double import Double
from tests.api.lending_double import LendingDouble
from tests.api.people_double import PeopleDouble
from unioncat.domain.people import Right, Role
from unioncat_api.places import place_of, written_place
from unioncat_api.problems import ProblemError

NOBODYS = "/api/v1/requests/00000000-0000-0000-0000-000000000001"


def key(catalogue: Double, role: Role, library: str | None, **more: frozenset[Right]) -> dict[str, str]:
    people = catalogue.people
    assert isinstance(people, PeopleDouble)
    return {"Authorization": f"Bearer {people.key(role, library, **more)}"}


def test_a_reader_asks_through_the_own_library_only(client: TestClient, catalogue: Double) -> None:
    headers = key(catalogue, Role.READER, "tvqg")
    made = client.post("/api/v1/requests", json={"home": "tvqg", "title": "Kiều"}, headers=headers)
    assert made.status_code == 201, made.text
    assert made.headers["location"].startswith("/api/v1/requests/")
    assert made.json()["wanted"] == {"title": "Kiều"}
    other = client.post("/api/v1/requests", json={"home": "hcm", "title": "Kiều"}, headers=headers)
    assert other.status_code == 404
    staff = {"home": "tvqg", "title": "Kiều", "reader_card": "TV-1"}
    assert client.post("/api/v1/requests", json=staff, headers=headers).status_code == 404
    lending = catalogue.lending
    assert isinstance(lending, LendingDouble)
    assert [(home, staff) for home, _, staff in lending.asked] == [("tvqg", False)]


def test_faults_are_named_by_field(client: TestClient, catalogue: Double) -> None:
    headers = key(catalogue, Role.LENDING, "tvqg")
    body = {"home": "tvqg", "title": "", "isbn": "1", "needed_by": "2020-01-01"}
    answer = client.post("/api/v1/requests", json=body, headers=headers)
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["errors"]} == {"title", "isbn", "needed_by"}
    odd = client.post("/api/v1/requests", json={"home": "tvqg", "title": "x", "reader": 1}, headers=headers)
    assert odd.status_code == 422


def test_a_key_without_the_scope_is_refused(client: TestClient, catalogue: Double) -> None:
    headers = key(catalogue, Role.LENDING, "tvqg", scopes=frozenset({Right.JUDGE}))
    assert client.get("/api/v1/requests", headers=headers).status_code == 403
    assert client.get("/api/v1/lending/libraries/tvqg/desk", headers=headers).status_code == 403
    assert client.get("/api/v1/requests").status_code == 401


def test_nobody_learns_of_others_requests(client: TestClient, catalogue: Double) -> None:
    headers = key(catalogue, Role.LENDING, "tvqg")
    assert client.get(NOBODYS, headers=headers).status_code == 404
    steps = client.post(f"{NOBODYS}/steps", json={"step": "cancel"}, headers=headers)
    assert steps.status_code == 404
    assert client.post(f"{NOBODYS}/steps", json={"step": "?"}, headers=headers).status_code == 422
    assert client.get("/api/v1/lending/libraries/hcm/desk", headers=headers).status_code == 403
    assert client.get("/api/v1/lending/libraries/tvqg/desk", headers=headers).json()["lists"]["approve"] == 0
    assert client.get("/api/v1/lending/libraries/tvqg/desk/approve", headers=headers).json() == {"items": []}


def test_cursors_are_opaque_and_checked(client: TestClient, catalogue: Double) -> None:
    headers = key(catalogue, Role.READER, "tvqg")
    for cursor in ("x", "%%%", "MjAyNg", "a" * 121):
        assert client.get("/api/v1/requests", params={"cursor": cursor}, headers=headers).status_code in (
            400,
            422,
        )
    assert written_place(None) == ""
    with pytest.raises(ProblemError):
        place_of("MjAyNi0wMS0wMSAw")


@pytest.mark.parametrize("method", ["get", "post"])
def test_false_links_answer_alike(client: TestClient, method: str) -> None:
    answers = [
        client.request(method, f"/l/{token}", data={"step": "unfilled"} if method == "post" else None)
        for token in ("a", "b" * 32, "c" * 300)
    ]
    assert {one.status_code for one in answers} == {404}
    assert len({one.text.replace("a", "").replace("b", "").replace("c", "") for one in answers}) == 1
    assert {one.headers["referrer-policy"] for one in answers} == {"no-referrer"}
