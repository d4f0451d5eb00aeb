"""Terms, lists of whom to ask, figures and consignments in a real browser over a real database."""

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect
from python_calamine import CalamineWorkbook

from tests.api.conftest import TOKEN
from tests.flows.test_lending_figures import traffic
from tests.flows.test_locate import EVERYWHERE, NOW, shelve, supply, wish
from tests.pages.browsing import CONTRAST, open_page
from tests.pages.living import Living, living
from tests.support.people import add, carry, session
from unioncat.domain.people import Role
from unioncat.flow import locate
from unioncat.flow.services import Services
from unioncat.store import sources

pytestmark = pytest.mark.browser
HOME = "/lending/libraries/home"
REQUEST: list[str] = []


@pytest.fixture(scope="module")
def service(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(server, template, tmp_path_factory.mktemp("terms")) as running:
        running.ask(prepare)
        yield running


async def prepare(services: Services) -> None:
    """Libraries that have lent, one request under way, people of two of them."""
    await traffic(services.db)
    async with services.db.as_service() as conn:
        source = next(one for one in await sources.all_sources(conn) if one.code == "shared")
    union_id = await shelve(services.db, source, EVERYWHERE)
    async with services.db.as_service() as conn:
        request = await wish(conn, "home", union_id)
        await locate.rank(conn, request, NOW)
        await supply(conn, request, "near", supplier_state="unfilled", reason="NotOnShelf")
        REQUEST[:] = [str(request.id)]
    for email, role, library in (
        ("quay@example.vn", Role.LENDING, "home"),
        ("tram@example.vn", Role.LENDING, "near"),
        ("la@example.vn", Role.LENDING, "far"),
    ):
        await add(services, email, role, library, name=email.partition("@")[0])


def as_somebody(browser: Browser, service: Living, email: str = "", size: str = "desktop") -> Page:
    """Open a page as the federation's administrator, or as somebody."""
    page = open_page(browser, service.address, size)
    if email:
        carry(page, service.ask(lambda services: session(services, email)))
    else:
        carry(page)
    return page


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("UNIONCAT_TEST_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def sound(page: Page) -> None:
    """Nothing is wider than the screen, everything can be read, every field has a name."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    assert page.evaluate(CONTRAST) == []
    unnamed = page.evaluate(
        "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]"
        ".filter(e => !e.labels.length && !e.getAttribute('aria-label')).map(e => e.name)"
    )
    assert unnamed == []


def test_an_administrator_changes_the_terms_and_they_are_kept(browser: Browser, service: Living) -> None:
    page = as_somebody(browser, service)
    page.goto(f"{HOME}/terms")
    expect(page.get_by_role("heading", level=1)).to_have_text("Điều kiện cho mượn liên thư viện")
    page.get_by_label("Thời hạn mượn (ngày)").fill("21")
    page.get_by_label("Phí một lần mượn (đồng)").fill("15.000")
    page.get_by_label("Cho ai mượn").select_option("federation")
    page.get_by_text("Thêm lựa chọn").click()
    page.get_by_label("Xe thư viện").check()
    page.get_by_label("Kho không cho mượn").fill("Kho quý hiếm\nPhòng đọc")
    page.get_by_role("button", name="Lưu", exact=True).first.click()
    expect(page.get_by_role("status")).to_have_text("Đã lưu.")
    expect(page.get_by_label("Thời hạn mượn (ngày)")).to_have_value("21")
    expect(page.get_by_label("Phí một lần mượn (đồng)")).to_have_value("15000")
    page.get_by_label("Thời hạn mượn (ngày)").fill("0")
    page.get_by_role("button", name="Lưu", exact=True).first.click()
    expect(page.get_by_role("alert")).to_contain_text("loan_days")
    page.goto(f"{HOME}/terms")
    page.get_by_text("Ghi ngày nghỉ hoặc ngày làm bù").click()
    page.get_by_label("Từ ngày").first.fill("2030-05-02")
    page.get_by_label("Lý do").first.fill("kiểm kê")
    page.get_by_role("button", name="Ghi ngày nghỉ").click()
    expect(page.get_by_role("cell", name="kiểm kê")).to_be_visible()
    page.get_by_text("Thêm vào danh sách").click()
    page.get_by_label("Thư viện", exact=True).select_option("far")
    page.locator("#a-reason").fill("chưa trả sách cũ")
    page.locator("#a-side").select_option("lend")
    page.get_by_role("button", name="Lưu", exact=True).last.click()
    expect(page.get_by_role("cell", name="Không cho thư viện này mượn")).to_be_visible()
    picture(page, "terms-desktop")
    page.get_by_role("button", name="Hỏi lại bình thường").click()
    expect(page.get_by_text("Không có thư viện nào.")).to_be_visible()
    sound(page)
    page.context.close()


def test_lending_staff_see_the_terms_and_cannot_change_them(browser: Browser, service: Living) -> None:
    page = as_somebody(browser, service, "quay@example.vn", "phone")
    page.goto(f"{HOME}/terms")
    expect(page.get_by_text("quản trị thư viện mới thay đổi được")).to_be_visible()
    expect(page.get_by_label("Thời hạn mượn (ngày)")).to_be_disabled()
    picture(page, "terms-phone")
    sound(page)
    token = page.context.cookies()[0]["value"]
    refused = httpx2.post(
        f"{service.address}{HOME}/terms", data={"word": "policy"}, cookies={"session": token}
    )
    assert refused.status_code == 403
    assert page.goto("/lending/libraries/near/terms").status == 403  # type: ignore[union-attr]
    assert page.goto("/lending/agreements").status == 403  # type: ignore[union-attr]
    assert page.goto("/lending/figures").status == 403  # type: ignore[union-attr]
    page.context.close()


def test_agreements_are_entered_and_ended(browser: Browser, service: Living) -> None:
    page = as_somebody(browser, service)
    page.goto("/lending/agreements")
    page.get_by_text("Thêm hoặc sửa một thỏa thuận").click()
    page.get_by_label("Mã", exact=True).fill("dai-hoc")
    page.get_by_label("Tên thỏa thuận").fill("Liên thông thư viện đại học")
    page.get_by_label("Hình thức").select_option("function")
    page.get_by_label("Các bên").fill("far, [north]")
    page.locator("#g-from").fill("2026-01-01")
    page.get_by_role("button", name="Lưu", exact=True).click()
    row = page.get_by_role("row", name="Liên thông thư viện đại học")
    expect(row).to_contain_text("Theo chức năng")
    picture(page, "agreements-desktop")
    sound(page)
    row.get_by_label("Ngày cuối").fill("2026-06-30")
    row.get_by_role("button", name="Kết thúc").click()
    expect(page.get_by_role("row", name="Liên thông thư viện đại học")).to_contain_text("30/06/2026")
    page.context.close()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_figures_have_plots_tables_and_files(browser: Browser, service: Living, size: str) -> None:
    page = as_somebody(browser, service, size=size)
    page.goto("/lending/figures?from=2026-01-01&to=2026-12-31")
    expect(page.get_by_role("img", name="Theo tháng")).to_be_visible()
    expect(page.get_by_role("table", name="Cân đối giữa các thư viện")).to_contain_text("near")
    picture(page, f"figures-{size}")
    sound(page)
    if size == "desktop":
        query = "from=2026-01-01&to=2026-12-31"
        cookies = {one["name"]: one["value"] for one in page.context.cookies()}
        text = httpx2.get(f"{service.address}/lending/figures.csv?{query}", cookies=cookies)
        rows = list(csv.reader(io.StringIO(text.content.decode("utf-8-sig"))))
        assert ["near", "2", "0", "2", "5000", "0"] in rows
        rate = next(row[1] for row in rows if row and row[0].startswith("Tỷ lệ đáp ứng"))
        assert 0 <= float(rate) <= 1, "a program counts on with it"
        book = httpx2.get(f"{service.address}/lending/figures.xlsx?{query}", cookies=cookies)
        assert "Tóm tắt" in CalamineWorkbook.from_filelike(io.BytesIO(book.content)).sheet_names
    page.context.close()


def test_a_library_sees_its_own_figures(browser: Browser, service: Living) -> None:
    page = as_somebody(browser, service, "tram@example.vn")
    page.goto("/lending/libraries/near/figures?from=2026-01-01&to=2026-12-31")
    expect(page.get_by_text("Yêu cầu nhận được")).to_be_visible()
    table = page.get_by_role("table", name="Cân đối giữa các thư viện")
    expect(table).to_contain_text("near")
    expect(table).not_to_contain_text("far")
    assert page.goto("/lending/libraries/home/figures").status == 403  # type: ignore[union-attr]
    page.context.close()


def test_a_rotation_goes_round_and_comes_home(browser: Browser, service: Living) -> None:
    page = as_somebody(browser, service, "quay@example.vn")
    page.goto(f"{HOME}/consignments")
    page.get_by_label("Tên đợt").fill("Sách lên bản, quý I")
    page.get_by_label("Các điểm dừng").fill("near | 2030-03-31\nTrạm sách bản Pá Hộc")
    page.get_by_label("Tài liệu", exact=True).fill("Dế Mèn phiêu lưu ký | Tô Hoài | VV1 | 3 | 45.000\nSố đỏ")
    page.get_by_role("button", name="Đóng gói").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sách lên bản, quý I")
    address = page.url
    page.get_by_role("button", name="Gửi đi").click()
    assert page.get_by_role("button", name="Xác nhận đã nhận").count() == 0, "the stop's people receive it"

    stop = as_somebody(browser, service, "tram@example.vn", "phone")
    stop.goto("/lending/libraries/near/consignments")
    stop.get_by_role("link", name="LC-").click()
    stop.get_by_label("Mới thiếu: Dế Mèn").fill("9")
    stop.get_by_role("button", name="Xác nhận đã nhận").click()
    expect(stop.get_by_role("alert")).to_contain_text("9")
    stop.get_by_label("Mới thiếu: Dế Mèn").fill("1")
    stop.get_by_label("Ghi chú: Dế Mèn").fill("hộp bị rách")
    picture(stop, "consignment-phone")
    sound(stop)
    stop.get_by_role("button", name="Xác nhận đã nhận").click()
    expect(stop.get_by_role("table", name="Khác biệt khi nhận")).to_contain_text("hộp bị rách")
    stop.get_by_role("button", name="Chuyển đến điểm sau").click()
    stranger = as_somebody(browser, service, "la@example.vn")
    number = address.partition("?")[0].rpartition("/")[2]
    assert stranger.goto(f"/lending/libraries/far/consignments/{number}").status == 404  # type: ignore[union-attr]

    page.goto(address)
    page.get_by_role("button", name="Xác nhận đã nhận").click()
    page.get_by_role("button", name="Gửi về thư viện chủ").click()
    page.get_by_label("Tìm lại được: Dế Mèn").fill("1")
    page.get_by_role("button", name="Nhận lại đủ vòng").click()
    expect(page.get_by_text("Đã về đủ vòng", exact=True).first).to_be_visible()
    picture(page, "consignment-desktop")
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    printed = httpx2.get(f"{address.partition('?')[0]}/list.pdf", cookies=cookies, timeout=60)
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF")
    for one in (page, stop, stranger):
        one.context.close()


def test_the_list_of_whom_to_ask_is_explained_and_reordered(browser: Browser, service: Living) -> None:
    page = as_somebody(browser, service, "quay@example.vn")
    page.goto(f"/lending/r/{REQUEST[0]}")
    page.get_by_text("Vì sao hỏi theo thứ tự này").click()
    first = page.locator(".rota > li").first
    expect(first).to_contain_text("thỏa thuận theo địa bàn")
    expect(first).to_contain_text("cùng tỉnh")
    expect(first).to_contain_text("đã hỏi")
    expect(page.locator(".rota > li").last).to_contain_text("hỏi sau cùng")
    picture(page, "rota-desktop")
    page.get_by_text("Xếp lại thứ tự").click()
    page.get_by_label("Thứ tự của region").fill("3")
    page.get_by_label("Thứ tự của far").fill("1")
    page.locator("#rota-why").fill("đã gọi điện hỏi trước")
    page.get_by_role("button", name="Lưu thứ tự").click()
    page.get_by_text("Vì sao hỏi theo thứ tự này").click()
    expect(page.locator("#rota")).to_contain_text("đã gọi điện hỏi trước")
    codes = page.locator(".rota > li b").all_inner_texts()
    assert codes == ["near", "far", "region", "nlv"]
    page.context.close()


def test_the_same_by_json(service: Living) -> None:
    head = {"Authorization": f"Bearer {TOKEN}"}
    with httpx2.Client(base_url=f"{service.address}/api/v1/lending", headers=head, timeout=60) as asked:
        policy = asked.get("/libraries/region/terms").json()["policy"]
        put = asked.put("/libraries/region/policy", json=policy | {"loan_days": 28, "cost_loan": 9000})
        assert (put.status_code, put.json()["policy"]["loan_days"]) == (200, 28)
        assert asked.put("/libraries/region/policy", json=policy | {"loan_days": 0}).status_code == 422
        assert asked.get("/libraries/nowhere/terms").status_code == 404
        days = {"start": "2030-01-01", "end": "2030-01-02", "why": "kiểm kê"}
        made = asked.post("/libraries/region/closures", json=days)
        assert made.status_code == 201
        number = made.json()["closures"][0]["id"]
        assert asked.delete(f"/libraries/far/closures/{number}").status_code == 404
        assert asked.delete(f"/libraries/region/closures/{number}").status_code == 204
        line = {"other": "far", "side": "ask", "reason": "xa"}
        listed = asked.post("/libraries/region/avoidances", json=line).json()["avoidances"]
        assert asked.delete(f"/libraries/region/avoidances/{listed[0]['id']}").status_code == 204
        agreement = {
            "code": "doi",
            "name_vi": "Song phương",
            "form": "field",
            "valid_from": "2026-01-01",
            "participants": [{"library": "region"}, {"library": "far"}],
        }
        codes = [one["code"] for one in asked.put("/agreements", json=agreement).json()["items"]]
        assert "doi" in codes
        assert asked.put("/agreements", json=agreement | {"participants": [{}]}).status_code == 422
        period = {"first": "2026-01-01", "last": "2026-12-31"}
        found = asked.get("/figures", params=period).json()
        assert found["asked"]["filled"] == 3
        assert asked.get("/libraries/near/figures", params=period).json()["answered"]["supplied"] == 2
        box = {
            "title": "Tặng sách",
            "kind": "gift",
            "items": [{"title": "Số đỏ", "copies": 2}],
            "stops": [{"library": "near"}],
        }
        made = asked.post("/libraries/region/consignments", json=box)
        assert made.status_code == 201
        address = f"/libraries/region/consignments/{made.json()['number']}/steps"
        assert asked.post(address, json={"step": "check_in"}).status_code == 409
        assert asked.post(address, json={"step": "send"}).json()["state"] == "on_the_way"
        took = asked.post(
            address, json={"step": "receive", "differences": [{"item": 0, "missing": 1}]}
        ).json()
        assert (took["state"], took["items"][0]["missing"]) == ("handed_over", 1)
        numbers = [one["number"] for one in asked.get("/libraries/near/consignments").json()["items"]]
        assert made.json()["number"] in numbers
    assert httpx2.get(f"{service.address}/api/v1/lending/figures").status_code == 401
