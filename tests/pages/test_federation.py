"""Pages of joining over the catalogue in memory: who may see them, forms, hostile text, spreadsheets."""

import io
import re
from dataclasses import replace

import pytest
from lxml import html
from python_calamine import load_workbook
from starlette.testclient import TestClient

from tests.api import shelf
from tests.api.double import Double
from tests.api.onboarding_double import TOKEN, OnboardingDouble
from tests.api.people_double import SESSION
from tests.pages.test_html import sound
from tests.unioncat.flow.test_lines import workbook
from unioncat.domain.onboarding import Expected
from unioncat.domain.registration import RegistrationState
from unioncat.flow.lines import COLUMNS, read_lines

PAGES = (
    "/federation/registrations",
    "/federation/registrations/7",
    "/federation/members",
    "/federation/onboarding",
    "/federation/onboarding?group=mien-nui&stage=expected",
    "/libraries/tvqg/quality",
    "/sources/tvqg",
    "/sources/hcm",
    "/status",
)
ROWS = [["Tên thư viện", "Loại"], ["Thư viện Trường THPT số 1", "Trường học"]]
GOOD = workbook([list[object](row) for row in ROWS])
SHEET = workbook([*(list[object](row) for row in ROWS), [f"Xã {shelf.HOSTILE}", "Nhà hát"]])


def enter(client: TestClient) -> str:
    """Sign in; give the token that forms bring back."""
    client.cookies.set("session", SESSION)
    tree = html.document_fromstring(client.get("/federation/members").text)
    return str(tree.xpath("//input[@name='token']/@value")[0])


def double(catalogue: Double) -> OnboardingDouble:
    assert isinstance(catalogue.onboarding, OnboardingDouble)
    return catalogue.onboarding


PRIVATE = [one for one in PAGES if not one.startswith(("/sources", "/status"))]


@pytest.mark.parametrize(
    "address", [*PRIVATE, "/libraries/tvqg/quality.xlsx", "/federation/members/template.xlsx"]
)
def test_without_a_session_a_page_asks_to_sign_in_and_leads_back(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 403
    assert "no-store" in answer.headers["cache-control"]
    tree = html.document_fromstring(answer.text)
    sound(answer.text, tree, "vi")
    assert tree.xpath("//input[@name='back']/@value") == [address]
    assert "Thư viện mới" not in answer.text


@pytest.mark.parametrize(
    "address",
    ["/federation/registrations/7", "/federation/members", "/federation/onboarding", "/sources/tvqg"],
)
def test_a_form_needs_session_and_token(client: TestClient, catalogue: Double, address: str) -> None:
    body = {"word": "refuse", "text": "x"}
    assert client.post(address, data=body).status_code == 403
    enter(client)
    assert client.post(address, data=body).status_code == 403
    assert client.post(address, data={**body, "token": "x"}).status_code == 403
    assert double(catalogue).one.state is RegistrationState.WAITING


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_sound_and_hostile_text_stays_text(client: TestClient, address: str, lang: str) -> None:
    enter(client)
    client.cookies.set("lang", lang)
    answer = client.get(address)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["cache-control"]
    sound(answer.text, html.document_fromstring(answer.text), lang)
    assert shelf.HOSTILE not in answer.text


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("state", list(RegistrationState))
def test_the_way_of_an_applicant_is_sound_in_every_state(
    client: TestClient, catalogue: Double, state: RegistrationState, lang: str
) -> None:
    double(catalogue).one = replace(double(catalogue).one, state=state, library="tvqg", reason="Vì sao?")
    client.cookies.set("lang", lang)
    answer = client.get(f"/join/r/{TOKEN}")
    assert answer.status_code == 200
    sound(answer.text, html.document_fromstring(answer.text), lang)
    assert shelf.HOSTILE not in answer.text
    for name, value in (
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
    ):
        assert value in answer.headers[name]


def test_what_was_typed_stays_where_something_is_missing(client: TestClient) -> None:
    form = {"name_vi": "Thư viện <b>", "type": "public", "email": "khong-phai", "branches": "SP = A\nSP = B"}
    answer = client.post(f"/join/r/{TOKEN}/send", data=form)
    assert answer.status_code == 422
    tree = html.document_fromstring(answer.text)
    sound(answer.text, tree, "vi")
    assert tree.xpath("//input[@id='name_vi']/@value") == ["Thư viện <b>"]
    wrong = tree.xpath("//*[@aria-invalid]/@id")
    assert sorted(wrong) == ["branches", "email"]
    for one in wrong:
        described = tree.xpath(f"string(//*[@id='{one}']/@aria-describedby)")
        assert f"{one}-fault" in described
        assert tree.xpath(f"//*[@id='{one}-fault']")
    assert {one.strip("#") for one in tree.xpath("//div[@role='alert']//a/@href")} == set(wrong)


@pytest.mark.parametrize("address", ["", "javascript:alert(1)", "https://a:b@tv.vn", "x" * 700])
def test_an_address_that_is_none_is_said_beside_its_field(client: TestClient, address: str) -> None:
    answer = client.post("/join/new", data={"software": "koha", "address": address})
    assert answer.status_code == 422
    tree = html.document_fromstring(answer.text)
    sound(answer.text, tree, "vi")
    assert tree.xpath("//*[@id='address-fault' and @role='alert']")


def test_somebody_without_a_link_learns_nothing(client: TestClient) -> None:
    for word in ("look", "send", "reply", "withdraw"):
        assert client.get(f"/join/r/{TOKEN}/{word}").status_code in (404, 405)
    assert client.get("/join/r/" + "a" * 32).status_code == 404
    assert client.post("/join/new", data={"software": "no-such"}).status_code == 400


def test_decisions_by_the_page(client: TestClient, catalogue: Double) -> None:
    token = enter(client)
    address = "/federation/registrations/7"
    ask = client.post(address, data={"token": token, "word": "ask", "text": "Bao nhiêu?"})
    assert (ask.status_code, double(catalogue).one.state) == (303, RegistrationState.RETURNED)
    form = {"token": token, "word": "approve", "code": "../x", "name_vi": "A", "audience": "public"}
    slip = client.post(address, data=form)
    assert slip.status_code == 422
    sound(slip.text, html.document_fromstring(slip.text), "vi")
    done = client.post(address, data={**form, "code": "tv-moi", "hours": "22:00-05:00", "source_address": ""})
    assert (done.status_code, double(catalogue).one.state) == (303, RegistrationState.APPROVED)
    late = client.post(address, data={"token": token, "word": "refuse", "text": "x"})
    assert late.status_code == 409
    assert client.post(address, data={"token": token, "word": "dance"}).status_code == 400
    assert client.get("/federation/registrations/99999999999").status_code == 404


def test_approval_states_the_licence_of_the_records(client: TestClient, catalogue: Double) -> None:
    token = enter(client)
    form = {"token": token, "word": "approve", "code": "tv-moi", "name_vi": "A", "audience": "public"}
    form |= {"source_address": "https://moi.example/oai", "licence": "stated", "licence_words": ""}
    address = "/federation/registrations/7"
    assert client.post(address, data=form).status_code == 422
    assert client.post(address, data={**form, "licence": "MIT"}).status_code == 422
    assert client.post(address, data={**form, "licence_words": "Ghi rõ nguồn."}).status_code == 303
    (made,) = double(catalogue).approved
    assert made.source is not None
    assert (made.source.licence.code, made.source.licence.words) == ("stated", "Ghi rõ nguồn.")


def test_a_sheet_with_faults_comes_back_to_be_corrected(client: TestClient) -> None:
    token = enter(client)
    sent = client.post("/federation/members", data={"token": token}, files={"file": ("bảng.xlsx", SHEET)})
    assert sent.headers["location"] == "/federation/members/1"
    shown = client.get("/federation/members/1")
    tree = html.document_fromstring(shown.text)
    sound(shown.text, tree, "vi")
    assert shelf.HOSTILE not in shown.text
    assert not tree.xpath("//form[@action='/federation/members/1']"), (
        "nothing to register while it has faults"
    )
    assert client.post("/federation/members/1", data={"token": token}).status_code == 409
    book = client.get("/federation/members/1/faults.xlsx").content
    lines, unknown = read_lines(book)
    assert [line.cells["name_vi"] for line in lines] == ["Thư viện Trường THPT số 1", f"Xã {shelf.HOSTILE}"]
    assert unknown == ("Lỗi",)
    rows = load_workbook(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert rows[2][-1] == "Loại: không có loại thư viện này (Nhà hát)"


def test_a_sound_sheet_is_registered_from_its_preview(client: TestClient) -> None:
    token = enter(client)
    client.post("/federation/members", data={"token": token}, files={"file": ("a.xlsx", GOOD)})
    assert "Đăng ký 1 thư viện" in client.get("/federation/members/1").text
    assert client.post("/federation/members/1", data={"token": token}).status_code == 303
    assert "Đã đăng ký tất cả." in client.get("/federation/members/1").text


def test_no_file_and_a_file_that_is_none_are_said_in_words(client: TestClient) -> None:
    token = enter(client)
    for files in ({}, {"file": ("a.xlsx", b"")}, {"file": ("a.pdf", b"%PDF-1.4 \x00")}):
        answer = client.post("/federation/members", data={"token": token}, files=files)
        assert answer.status_code == 422
        assert html.document_fromstring(answer.text).xpath("//*[@role='alert']")
        listed = client.post("/federation/onboarding", data={"token": token, "word": "list"}, files=files)
        assert listed.status_code == 422


def test_the_empty_sheet_has_headings_that_are_understood(client: TestClient) -> None:
    enter(client)
    for lang in ("vi", "en"):
        client.cookies.set("lang", lang)
        data = client.get("/federation/members/template.xlsx").content
        (heads,) = load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()
        lines, unknown = read_lines(workbook([heads, ["a"] * len(heads)]))
        assert unknown == ()
        assert set(lines[0].cells) == set(COLUMNS)


def test_the_report_is_a_spreadsheet_without_formulas(client: TestClient) -> None:
    enter(client)
    answer = client.get("/libraries/tvqg/quality.xlsx")
    assert answer.headers["content-disposition"] == 'attachment; filename="quality-tvqg.xlsx"'
    book = load_workbook(io.BytesIO(answer.content))
    figures, mends = (book.get_sheet_by_index(n).to_python() for n in (0, 1))
    assert figures[4][:3] == ["tvqg", "ISBN sai số kiểm tra", 3.0] or any(
        row[:3] == ["tvqg", "ISBN sai số kiểm tra", 3.0] for row in figures
    )
    assert mends[1][4].startswith("=HYPERLINK("), "it stands there as text"


def test_an_invitation_is_shown_once_and_goals_are_set(client: TestClient, catalogue: Double) -> None:
    token = enter(client)
    page = client.post("/federation/onboarding", data={"token": token, "word": "invite", "code": "cu"})
    assert "http://union.example/join?invite=ssss" in page.text
    assert "invite=" not in client.get("/federation/onboarding").text
    form = {"token": token, "word": "goal", "group": "", "due": "2026-12-31", "count": "63"}
    assert client.post("/federation/onboarding", data=form).status_code == 303
    assert double(catalogue).goals[-1].count == 63
    for bad in ({"due": "mai"}, {"count": "nhiều"}):
        assert client.post("/federation/onboarding", data={**form, **bad}).status_code == 422
    struck = client.post("/federation/onboarding", data={"token": token, "word": "strike", "code": "none"})
    assert struck.status_code == 422


def test_a_source_is_steered_by_who_may_and_by_nobody_else(client: TestClient, catalogue: Double) -> None:
    assert "Thu thập ngay" not in client.get("/sources/tvqg").text
    token = enter(client)
    assert "Thu thập ngay" in client.get("/sources/tvqg").text
    assert "Công bố đợt đang chờ" in client.get("/sources/hcm").text

    def post(code: str, **form: str) -> int:
        return client.post(f"/sources/{code}", data={"token": token, **form}).status_code

    assert post("tvqg", word="harvest") == 303
    assert post("tvqg", word="harvest") == 409
    assert post("tvqg", word="schedule", every="12", unit="hours", hours="22:00-05:00") == 303
    found = catalogue.all_sources["tvqg"]
    assert (found.every_minutes, str(found.hours)) == (720, "22:00-05:00")
    assert re.search(r"22:00-05:00", client.get("/sources/tvqg").text)
    assert post("tvqg", word="schedule", every="-1", unit="hours", hours="") == 422
    assert post("tvqg", word="schedule", every="1", unit="days", hours="mai") == 422
    assert post("tvqg", word="pause") == 303
    assert "Tiếp tục" in client.get("/sources/tvqg").text
    assert post("hcm", word="accept") == 303
    assert post("nothing", word="pause") == 404


def test_the_public_sees_figures_and_operators_what_to_do(client: TestClient) -> None:
    public = client.get("/status").text
    assert "Cần làm" not in public
    assert "run 3 failed" not in public
    enter(client)
    private = client.get("/status").text
    assert "1 đăng ký chờ duyệt" in private
    assert "run 3 failed" in private


@pytest.mark.parametrize(
    ("number", "ways"), [(1, ["next nofollow"]), (2, ["prev nofollow", "next nofollow"])]
)
def test_a_long_list_of_libraries_is_divided_into_pages(
    client: TestClient, catalogue: Double, number: int, ways: list[str]
) -> None:
    known = double(catalogue).listed_ones
    known.update({f"x{one}": Expected(f"x{one}", f"Thư viện {one}") for one in range(54)})
    enter(client)
    answer = client.get(f"/federation/onboarding?page={number}")
    assert answer.status_code == 200
    tree = html.document_fromstring(answer.text)
    assert tree.xpath("//nav[@class='pages']//a/@rel") == ways


def test_the_last_page_and_a_short_list_lead_no_further(client: TestClient, catalogue: Double) -> None:
    enter(client)
    assert 'class="pages"' not in client.get("/federation/onboarding").text
    known = double(catalogue).listed_ones
    known.update({f"x{one}": Expected(f"x{one}", f"Thư viện {one}") for one in range(54)})
    tree = html.document_fromstring(client.get("/federation/onboarding?page=9").text)
    assert tree.xpath("//nav[@class='pages']//a/@rel") == ["prev nofollow"]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_library_with_files_is_told_that_it_brings_them_itself(
    client: TestClient, catalogue: Double, lang: str
) -> None:
    double(catalogue).one = replace(
        double(catalogue).one, state=RegistrationState.WAITING, address="", appraisal=None
    )
    client.cookies.set("lang", lang)
    said = client.get(f"/join/r/{TOKEN}").text
    assert ("tự tải lên" if lang == "vi" else "files itself") in said
    assert "cho người phụ trách; trước" not in said
    assert "files to the administrator" not in said
