"""Files by JSON: only for the operator, limited in size, steered by words, described as they stand."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import OPERATOR, TOKEN
from tests.api.double import Double
from unioncat.domain.source import Protocol, Source
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue

NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def catalogue() -> Double:
    made = Double()
    made.all_sources["truong"] = Source("truong", "tvqg", Protocol.FILES, "files:")
    return made


def brought(client: TestClient, data: bytes = b"Nhan de\nA\n", **query: str) -> str:
    answer = client.post("/api/v1/sources/truong/uploads", params=query, content=data, headers=OPERATOR)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/api/v1/uploads/{answer.json()['id']}"
    return str(answer.json()["id"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/sources/truong/uploads"),
        ("GET", f"/api/v1/uploads/{NOBODY}"),
        ("GET", f"/api/v1/uploads/{NOBODY}/lines"),
        ("GET", f"/api/v1/uploads/{NOBODY}/errors.xlsx"),
        ("PUT", f"/api/v1/uploads/{NOBODY}/correction"),
        ("POST", f"/api/v1/uploads/{NOBODY}/accept"),
        ("POST", f"/api/v1/uploads/{NOBODY}/reject"),
        ("POST", f"/api/v1/uploads/{NOBODY}/undo"),
    ],
)
def test_only_the_operator_may(client: TestClient, catalogue: Double, method: str, path: str) -> None:
    assert client.request(method, path, content=b"x").status_code == 401
    assert (
        client.request(method, path, content=b"x", headers={"Authorization": "Bearer x"}).status_code == 401
    )
    assert catalogue.uploads.received == []
    if "uploads/" in path:
        body = {} if method == "PUT" else None
        assert client.request(method, path, json=body, headers=OPERATOR).status_code == 404


def test_a_file_is_brought_described_and_accepted(client: TestClient, catalogue: Double) -> None:
    data = "Tên sách\nTắt đèn\n".encode() * 100
    number = brought(client, data, name="C:\\sách.csv", mode="incremental")
    assert catalogue.uploads.received == [data]
    shown = client.get(f"/api/v1/uploads/{number}", headers=OPERATOR).json()
    assert (shown["name"], shown["mode"], shown["state"], shown["size"]) == (
        "sách.csv",
        "incremental",
        "ready",
        len(data),
    )
    assert list(shown["columns"].values()) == ["title", "author"]
    assert shown["preview"]["records"] == 2
    assert shown["preview"]["repaired"] == [["T¾t ®Ìn", "Tắt đèn"]]
    lines = client.get(f"/api/v1/uploads/{number}/lines", params={"after": 0}, headers=OPERATOR).json()
    assert [one["code"] for one in lines["items"]] == ["isbn-invalid"]
    catalogue.uploads.complaint = "400 of 500 records would go"
    refused = client.post(f"/api/v1/uploads/{number}/accept", headers=OPERATOR)
    assert refused.status_code == 409
    assert "400 of 500" in refused.json()["detail"]
    accepted = client.post(f"/api/v1/uploads/{number}/accept", params={"despite": "true"}, headers=OPERATOR)
    assert accepted.json()["state"] == "accepted"
    assert accepted.json()["can_undo"] is True
    assert client.post(f"/api/v1/uploads/{number}/undo", headers=OPERATOR).json()["state"] == "undone"


def test_a_file_is_corrected_or_rejected(client: TestClient) -> None:
    number = brought(client)
    address = f"/api/v1/uploads/{number}/correction"
    body = {"columns": {"Lạ": "note"}, "heading_row": 2, "mode": "full"}
    answer = client.put(address, json=body, headers=OPERATOR)
    assert (answer.status_code, answer.json()["state"], answer.json()["mode"]) == (202, "reading", "full")
    assert answer.json()["columns"]["Lạ"] == "note"
    for wrong in ({"columns": {"Lạ": "titel"}}, {"delimiter": ",,"}, {"mode": "reconcile"}, {"no": 1}):
        assert client.put(address, json=wrong, headers=OPERATOR).status_code == 422, wrong
    assert client.put(address, json={"encoding": "klingon"}, headers=OPERATOR).status_code == 409
    assert client.post(f"/api/v1/uploads/{number}/reject", headers=OPERATOR).status_code == 204
    assert client.get(f"/api/v1/uploads/{number}", headers=OPERATOR).status_code == 404


def test_the_list_of_errors_says_why_in_both_languages(client: TestClient) -> None:
    number = brought(client, name="sổ.xlsx")
    answer = client.get(f"/api/v1/uploads/{number}/errors.xlsx", headers=OPERATOR)
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    assert "s%E1%BB%95-errors.xlsx" in answer.headers["content-disposition"]
    assert answer.content.decode().splitlines()[0] == "Không có nhan đề"
    english = client.get(f"/api/v1/uploads/{number}/errors.xlsx", params={"lang": "en"}, headers=OPERATOR)
    assert english.content.decode().splitlines()[0] == "No title"


def test_sizes_are_limited_here_and_everywhere_else_as_before(catalogue: Double) -> None:
    @asynccontextmanager
    async def opening() -> AsyncIterator[Catalogue]:
        yield catalogue

    app = create_app(opening, operator_token=TOKEN, base_url="http://union.example", file_bytes=1_500_000)
    address = "/api/v1/sources/truong/uploads"
    with TestClient(app, raise_server_exceptions=False) as client:
        large = b"x" * 1_000_000
        assert client.post(address, content=large, headers=OPERATOR).status_code == 202
        assert client.post(address, content=large * 2, headers=OPERATOR).status_code == 413
        assert client.post("/api/v1/sources", content=large, headers=OPERATOR).status_code == 413
        assert client.put(address, content=large, headers=OPERATOR).status_code == 413

        def trickled() -> Iterator[bytes]:
            for _ in range(20):
                yield b"y" * 100_000

        assert client.post(address, content=trickled(), headers=OPERATOR).status_code == 413


def test_an_empty_file_and_a_wrong_mode_are_refused(client: TestClient) -> None:
    address = "/api/v1/sources/truong/uploads"
    assert client.post(address, content=b"", headers=OPERATOR).status_code == 409
    for mode in ("reconcile", "half"):
        answer = client.post(address, params={"mode": mode}, content=b"x", headers=OPERATOR)
        assert answer.status_code == 422, mode
    assert client.post("/api/v1/sources/none/uploads", content=b"x", headers=OPERATOR).status_code == 404
