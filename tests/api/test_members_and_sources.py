from starlette.testclient import TestClient

from tests.api.conftest import OPERATOR


def test_libraries_with_their_places_groups_and_counts(client: TestClient) -> None:
    body = client.get("/api/v1/libraries").json()
    by_code = {item["code"]: item for item in body["items"]}
    assert by_code["ha-giang"]["groups"] == ["mien-nui"]
    assert by_code["tvqg"]["records"] > 0
    assert {place["key"] for place in body["provinces"]} == {"2025-01", "2025-79", "2008-02"}
    assert [group["code"] for group in body["groups"]] == ["mien-nui"]


def test_libraries_can_be_narrowed(client: TestClient) -> None:
    def codes(query: str) -> set[str]:
        return {item["code"] for item in client.get(f"/api/v1/libraries?{query}").json()["items"]}

    assert codes("type=public") == {"hcm", "ha-giang", "quan-ba"}
    assert codes("province=2008-02") == {"ha-giang", "quan-ba"}
    assert codes("group=mien-nui") == {"ha-giang"}
    assert client.get("/api/v1/libraries?type=private").status_code == 422


def test_what_the_public_may_not_see_is_not_there(client: TestClient) -> None:
    assert "kin" not in client.get("/api/v1/libraries").text
    assert client.get("/api/v1/libraries/kin").status_code == 404
    assert client.get("/api/v1/sources/kin").status_code == 404
    assert client.get("/api/v1/runs?source=kin").status_code == 404
    assert client.get("/api/v1/runs/5").status_code == 404
    assert '"kin"' not in client.get("/api/v1/status").text
    for page in ("/", "/libraries", "/sources"):
        assert "Thư viện nội bộ" not in client.get(page).text
    for page in ("/libraries/kin", "/sources/kin"):
        assert client.get(page).status_code == 404


def test_the_operator_sees_all_and_nothing_of_it_is_kept_by_caches(client: TestClient) -> None:
    for address in ("/api/v1/libraries/kin", "/api/v1/sources/kin", "/api/v1/runs/5"):
        answer = client.get(address, headers=OPERATOR)
        assert answer.status_code == 200, address
        assert answer.headers["cache-control"] == "private, no-store"
        assert "access-control-allow-origin" not in answer.headers
    assert client.get("/api/v1/libraries/kin").status_code == 404


def test_sources_hide_passwords_and_options(client: TestClient) -> None:
    public = client.get("/api/v1/sources/tvqg")
    assert public.json()["address"] == "https://tvqg.example.vn/oai"
    assert "s3cret" not in public.text + client.get("/sources/tvqg").text + client.get("/api/v1/sources").text
    assert "options" not in public.json()
    private = client.get("/api/v1/sources/tvqg", headers=OPERATOR)
    assert private.json()["options"] == {"branch:QB": "quan-ba"}
    assert "s3cret" not in private.text


def test_runs_and_status(client: TestClient) -> None:
    outside = client.get("/api/v1/runs").json()["items"]
    assert len(outside) == 4
    assert not any("id" in run for run in outside), "numbers tell of hidden sources"
    assert client.get("/api/v1/runs/3").status_code == 404
    runs = client.get("/api/v1/runs", headers=OPERATOR).json()["items"]
    assert [run["id"] for run in runs if run["source"] != "kin"] == [4, 3, 2, 1]
    runs = outside
    assert runs[0]["share"] == 0.3433
    assert client.get("/api/v1/runs/3", headers=OPERATOR).json()["remedy"].startswith("Look at")
    assert client.get("/api/v1/runs?source=tvqg", headers=OPERATOR).json()["items"][0]["id"] == 2
    assert client.get("/api/v1/runs/99", headers=OPERATOR).status_code == 404
    assert client.get("/api/v1/runs?source=nothing").status_code == 404
    status = client.get("/api/v1/status").json()
    assert (status["libraries"], status["sources"], status["union_records"]) == (6, 4, 49)
    detail = client.get("/api/v1/sources/hcm").json()
    assert detail["state"] == "held"
    assert detail["issues"][0]["code"] == "title-missing"
