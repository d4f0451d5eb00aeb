"""Credentials through the API: written by operators, never read by anyone."""

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import OPERATOR

ADDRESS = "/api/v1/sources/tvqg/credentials"
WORD = "mat-khau-khong-ai-biet"


def test_they_are_for_operators(client: TestClient) -> None:
    body = {"user": "a", "password": WORD}
    assert client.put(ADDRESS, json=body).status_code == 401
    assert client.get(ADDRESS).status_code == 401
    assert client.delete(ADDRESS).status_code == 401
    assert client.get(ADDRESS, headers=OPERATOR).json() == {"given": False}


def test_they_go_in_and_never_come_out(client: TestClient) -> None:
    sent = client.put(ADDRESS, json={"user": "a", "password": WORD}, headers=OPERATOR)
    assert sent.status_code == 200
    assert sent.json()["given"] is True
    assert sent.json()["place"] == "https://tvqg.example.vn:443"
    answers = [sent] + [
        client.get(address, headers=OPERATOR)
        for address in (ADDRESS, "/api/v1/sources/tvqg", "/api/v1/sources", "/sources/tvqg", "/metrics")
    ]
    for answer in answers:
        assert WORD not in answer.text
    assert client.delete(ADDRESS, headers=OPERATOR).json() == {"given": False}


@pytest.mark.parametrize(
    "body",
    [
        {"password": WORD},
        {"user": "a", "password": [WORD]},
        {"user": "a", "password": WORD * 1000},
        {"user": "a", "secret": WORD},
        {"user": "a", "password": {"x": WORD}},
        {"headers": {"X-Key": WORD + "\r\nHost: x"}},
        {"headers": {"Host": WORD}},
        {"headers": {f"X-{n}": WORD for n in range(20)}},
        {"user": f"a:{WORD}"},
        [WORD],
    ],
)
def test_a_wrong_body_is_explained_without_what_it_held(client: TestClient, body: object) -> None:
    answer = client.put(ADDRESS, json=body, headers=OPERATOR)
    assert answer.status_code in (409, 422), answer.text
    assert WORD not in answer.text
    assert answer.json()["remedy"]


def test_a_source_that_is_not_there(client: TestClient) -> None:
    address = "/api/v1/sources/nobody/credentials"
    assert client.put(address, json={"user": "a"}, headers=OPERATOR).status_code == 404
    assert client.get(address, headers=OPERATOR).status_code == 404
