"""Joining by JSON: for operators alone, all or nothing, with faults that name line and field."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import OPERATOR
from tests.api.double import Double

READS = [
    "/api/v1/registrations",
    "/api/v1/registrations/7",
    "/api/v1/registrations/7/proposal",
    "/api/v1/onboarding",
    "/api/v1/libraries/tvqg/quality",
    "/api/v1/federation",
]


@pytest.mark.parametrize("address", READS)
def test_only_operators_read(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 401
    answer = client.get(address, headers=OPERATOR)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["cache-control"]


def test_a_registration_is_read_and_approved_as_proposed(client: TestClient) -> None:
    (one,) = client.get("/api/v1/registrations", headers=OPERATOR).json()["items"]
    assert (one["id"], one["state"], one["found"]["size"]) == (7, "waiting", 1200)
    wanted = client.get("/api/v1/registrations/7/proposal", headers=OPERATOR).json()
    body = {"library": wanted["library"], "branches": wanted["branches"], "by": "Lan"}
    done = client.post("/api/v1/registrations/7/approve", json=body, headers=OPERATOR)
    assert (done.status_code, done.json()["state"], done.json()["decided_by"]) == (200, "approved", "Lan")
    again = client.post("/api/v1/registrations/7/approve", json=body, headers=OPERATOR)
    assert again.status_code == 409
    assert client.get("/api/v1/registrations/8", headers=OPERATOR).status_code == 404


@pytest.mark.parametrize(("word", "state"), [("ask", "returned"), ("refuse", "refused")])
def test_asking_and_refusing_need_words_and_a_name(client: TestClient, word: str, state: str) -> None:
    address = f"/api/v1/registrations/7/{word}"
    for body in (
        {"text": "", "by": "Lan"},
        {"text": "x"},
        {"text": "x", "by": ""},
        {"text": "a\u0000", "by": "L"},
    ):
        assert client.post(address, json=body, headers=OPERATOR).status_code == 422
    done = client.post(address, json={"text": "Vì sao?", "by": "Lan"}, headers=OPERATOR)
    assert done.json()["state"] == state


def test_lines_are_checked_and_registered_all_or_not(client: TestClient) -> None:
    def send(lines: list[dict[str, str]], **more: Any) -> Any:
        body = {"lines": lines, **more}
        return client.post("/api/v1/members/import", json=body, headers=OPERATOR)

    good = {"name_vi": "Thư viện Trường THPT số 1", "type": "school"}
    assert send([good], dry_run=True).json() == {
        "registered": False,
        "libraries": ["tv-tr-thpt-so-1"],
        "sources": [],
        "faults": [],
    }
    assert send([good]).json()["registered"] is True
    bad = send([good, {"name_vi": "B", "type": "opera"}]).json()
    assert bad["registered"] is False
    assert [(one["line"], one["field"], one["code"]) for one in bad["faults"]] == [
        (2, "type", "type-unknown")
    ]
    assert send([]).status_code == 422
    assert send([{"name_vi": "x" * 3000}]).status_code == 422


def test_the_list_invitations_and_goals(client: TestClient, catalogue: Double) -> None:
    body = {"code": "ca-1", "name_vi": "Công an 1", "type": "armed_forces", "group": "mien-nui"}
    assert client.put("/api/v1/onboarding/expected/ca-1", json=body, headers=OPERATOR).status_code == 204
    assert client.put("/api/v1/onboarding/expected/ca-2", json=body, headers=OPERATOR).status_code == 409
    made = client.post("/api/v1/onboarding/expected/ca-1/invite", headers=OPERATOR)
    assert made.status_code == 201
    assert made.json()["link"].startswith("http://union.example/join?invite=")
    found = client.get("/api/v1/onboarding", headers=OPERATOR).json()
    assert found["standings"][1]["goals"] == [{"due": "2026-12-31", "count": 122}]
    assert client.delete("/api/v1/onboarding/expected/ca-1", headers=OPERATOR).status_code == 204
    assert client.delete("/api/v1/onboarding/expected/ca-1", headers=OPERATOR).status_code == 404
    goal = {"due": "2026-12-31", "count": 5}
    assert client.post("/api/v1/onboarding/goals", json=goal, headers=OPERATOR).status_code == 204
    assert (
        client.post("/api/v1/onboarding/goals", json={**goal, "count": -1}, headers=OPERATOR).status_code
        == 422
    )


def test_a_schedule_is_set_and_shown(client: TestClient) -> None:
    address = "/api/v1/sources/tvqg/schedule"
    done = client.put(address, json={"every_minutes": 720, "hours": "22h00-5:00"}, headers=OPERATOR)
    assert (done.json()["every_minutes"], done.json()["hours"]) == (720, "22:00-05:00")
    assert client.get("/api/v1/sources/tvqg").json()["hours"] == "22:00-05:00"
    for hours in ("22:00", "05:00-05:00", "25:00-26:00"):
        body = {"every_minutes": 720, "hours": hours}
        assert client.put(address, json=body, headers=OPERATOR).status_code == 422
    assert client.put(address, json={"every_minutes": 0}).status_code == 401
    unknown = client.put("/api/v1/sources/nothing/schedule", json={"every_minutes": 5}, headers=OPERATOR)
    assert unknown.status_code == 404


def test_a_report_gives_its_date_and_groups(client: TestClient) -> None:
    found = client.get("/api/v1/libraries/tvqg/quality", headers=OPERATOR).json()
    report = found["reports"][0]
    assert report["at"]
    assert {"code": "isbn-invalid", "group": "numbers", "count": 3} in report["findings"]
    assert client.get("/api/v1/libraries/none/quality", headers=OPERATOR).status_code == 404
