from starlette.testclient import TestClient

from tests.api import shelf
from tests.api.double import Double


def test_a_record_has_holdings_provenance_and_members(client: TestClient) -> None:
    body = client.get("/api/v1/records/demen").json()
    assert body["bib"]["title"]["main"] == "Dế Mèn phiêu lưu ký"
    assert body["libraries"] == 5
    first = body["holdings"][0]
    assert first["library"]["name_vi"] == "Thư viện Quốc gia Việt Nam"
    assert first["library"]["province"]["name_en"] == "Hanoi"
    assert first["items"] == ["VN20.01234", "VN20.01235"]
    by_code = {holding["library"]["code"]: holding for holding in body["holdings"]}
    assert (
        by_code["quan-ba"]["library"]["province"]["key"] == "2025-08"
    )  # today's province, not the one of 2008
    assert by_code["hcm"]["copies"] == 0  # the record says no more than that it is there
    assert by_code["thu-vien-la"]["library"]["name_vi"] == "thu-vien-la"
    assert [member["local_id"] for member in body["members"]][:2] == ["tvqg-1", "ha-giang-2"]
    assert body["provenance"][0]["field"] == "title"


def test_record_numbers_travel_as_text(client: TestClient) -> None:
    number = client.get("/api/v1/records/demen").json()["members"][0]["record"]
    assert number == str((1 << 40) + 7)


def test_an_etag_saves_the_body(client: TestClient, catalogue: Double) -> None:
    first = client.get("/api/v1/records/demen")
    tag = first.headers["etag"]
    assert client.get("/api/v1/records/demen", headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/api/v1/records/demen", headers={"If-None-Match": f'"x", W/{tag}'}).status_code == 304
    assert client.get("/api/v1/records/demen", headers={"If-None-Match": '"x"'}).status_code == 200
    catalogue.all_records[0] = shelf.union("demen", *catalogue.all_records[0].members[:1])
    changed = client.get("/api/v1/records/demen", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_a_moved_id_leads_on(client: TestClient) -> None:
    answer = client.get("/api/v1/records/old-demen")
    assert answer.status_code == 308
    assert answer.headers["location"] == "/api/v1/records/demen"
    page = client.get("/records/old-demen")
    assert (page.status_code, page.headers["location"]) == (308, "/records/demen")


def test_a_split_id_gives_choices(client: TestClient) -> None:
    answer = client.get("/api/v1/records/old-both")
    assert answer.status_code == 300
    assert answer.json()["successors"] == ["demen", "kieu"]
    assert '</api/v1/records/kieu>; rel="alternate"' in answer.headers["link"]
    page = client.get("/records/old-both")
    assert page.status_code == 300
    assert 'href="/records/demen"' in page.text
    assert 'href="/records/kieu"' in page.text


def test_a_record_names_those_that_parted_from_it(client: TestClient) -> None:
    assert client.get("/api/v1/records/kieu").json()["successors"] == ["demen"]
    assert client.get("/api/v1/records/demen").json()["successors"] == []
    assert "đã được tách ra" in client.get("/records/kieu").text
    assert "đã được tách ra" not in client.get("/records/demen").text


def test_a_record_of_many_members_shows_some_and_links_to_all(client: TestClient, catalogue: Double) -> None:
    members = [shelf.member(n, "tvqg", shelf.DE_MEN) for n in range(60)]
    catalogue.all_records.append(shelf.union("many", *members))
    assert len(client.get("/api/v1/records/many").json()["members"]) == 60
    assert "Thêm 10 mục" in client.get("/records/many").text


def test_gone_and_unknown_are_told_apart(client: TestClient) -> None:
    gone = client.get("/api/v1/records/old-gone")
    assert gone.status_code == 410
    assert gone.json()["id"] == "old-gone"
    assert client.get("/records/old-gone").status_code == 410
    for strange in ("nothing", "x" * 150, "a%00b", "%F0%9F%98%80", "..%2F"):
        assert client.get(f"/api/v1/records/{strange}").status_code == 404, strange
        assert client.get(f"/records/{strange}").status_code == 404, strange
