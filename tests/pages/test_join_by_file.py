"""A library that has nothing but an Excel sheet joins, and brings its own file, in a real browser."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Browser, Page, expect

from tests.pages.browsing import PATIENCE, open_page
from tests.pages.english import english_on
from tests.pages.living import Living, living
from tests.pages.test_join import provinces, sign_in

pytestmark = pytest.mark.browser
NAME = "Thư viện Trường THPT Hoa Sen"
PASSWORD = "sen trong đầm 2026"


def pictures() -> bytes:
    """A zip of pictures."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("anh1.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 2000)
    return body.getvalue()


NO_CATALOGUES = (
    ("anh.zip", pictures(), "Tệp này là hình ảnh."),
    ("du-toan.csv", "Khoản chi,Số tiền\nSửa mái,120\nMua bàn,45\n".encode(), "Trong tệp không có gì"),
    ("bao-cao.pdf", b"%PDF-1.7 ...", "Tệp này là văn bản PDF."),
)


@pytest.fixture(scope="module")
def service(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(server, template, tmp_path_factory.mktemp("living")) as running:
        running.ask(provinces)
        yield running


def register_book(into: Path) -> Path:
    """Write the register of a school library: what it lists first is no heading that we know."""
    book = xlsxwriter.Workbook(into)
    sheet = book.add_worksheet()
    rows = [
        ["STT", "Nhan đề", "Tác giả", "NXB", "Năm", "Ngăn", "Ghi gì đó"],
        *[
            [str(n), f"Sen hồng đất Tháp tập {n}", "Nguyễn Văn A", "Giáo dục", "2019", f"N{n}", "x"]
            for n in range(1, 31)
        ],
    ]
    for number, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            sheet.write_string(number, column, cell)
    book.close()
    return into


@pytest.mark.slow
def test_a_library_with_a_sheet_registers_brings_it_and_is_found(
    browser: Browser, service: Living, tmp_path: Path
) -> None:
    expect.set_options(timeout=PATIENCE)
    sheet = register_book(tmp_path / "so-dang-ky.xlsx")
    with service.working():
        page = open_page(browser, service.address, "phone")
        page.set_default_timeout(PATIENCE)
        link = handed_in(page)
        desk = open_page(browser, service.address, "desktop")
        sign_in(desk)
        desk.get_by_role("link", name=NAME).click()
        expect(desk.get_by_role("button", name="Duyệt", exact=True)).to_be_visible()
        desk.get_by_role("button", name="Duyệt", exact=True).click()
        expect(desk.get_by_role("status")).to_contain_text("Thư viện tự mang tệp")
        desk.context.close()

        page.goto(link)
        expect(page.get_by_role("heading", name="Thư viện đã là thành viên")).to_be_visible()
        page.get_by_role("button", name="Mở tài khoản").click()
        page.get_by_label("Họ và tên").fill("Lan")
        page.get_by_label("Mật khẩu mới").fill(PASSWORD)
        page.get_by_role("button", name="Lưu").click()
        page.get_by_label("Thư điện tử").fill("thuvien@hoasen.example.vn")
        page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        page.get_by_role("link", name=NAME).first.click()

        page.set_input_files("#file", sheet)
        page.get_by_label(re.compile("^Toàn bộ")).check()
        page.get_by_role("button", name="Tải lên và xem trước").click()
        expect(page.get_by_role("button", name="Chấp nhận")).to_be_visible()
        assert page.locator(".c-records dd").inner_text() == "30"
        expect(page.locator(".unused")).to_contain_text("Ghi gì đó")
        page.get_by_label("Có nghĩa là: Ngăn").select_option("shelf_mark")
        page.get_by_role("button", name="Đọc lại").click()
        expect(page.locator(".samples")).to_contain_text("N1")
        page.get_by_role("button", name="Chấp nhận").click()
        expect(page.get_by_role("status").last).to_be_visible()
        for _ in range(60):
            page.goto("/search?q=sen hồng đất tháp")
            if page.locator(".hits h3 a").count():
                break
            page.wait_for_timeout(1000)
        expect(page.locator(".hits h3 a").first).to_contain_text("Sen hồng")
        page.goto(link)
        expect(page.get_by_role("button", name="Mở tài khoản")).to_have_count(0)
        expect(page.get_by_role("link", name="Mang tệp vào mục lục")).to_be_visible()
        page.get_by_role("link", name="Mang tệp vào mục lục").click()
        for name, content, reason in NO_CATALOGUES:
            refused(page, tmp_path / name, content, reason)
        source = page.get_by_role("link", name=NAME).first.get_attribute("href") or ""
        for address in (source, "/sources", "/status", "/account", f"{source}/upload", link):
            page.goto(address)
            assert english_on(page.content()) == [], address
            expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()
        page.goto(source)
        expect(page.locator(".runs")).to_contain_text("Đã đọc lại lần khác")
        expect(page.locator(".runs")).not_to_contain_text("Bị từ chối")
        page.context.close()


def refused(page: Page, file: Path, content: bytes, reason: str) -> None:
    """Bring what is no catalogue: it is refused, in Vietnamese, with what to do."""
    file.write_bytes(content)
    page.set_input_files("#file", file)
    page.get_by_label(re.compile("^Phần bổ sung")).check()
    page.get_by_role("button", name="Tải lên và xem trước").click()
    expect(page.locator(".alarm")).to_contain_text(reason)
    assert english_on(page.content()) == []
    page.get_by_role("button", name="Từ chối và xóa tệp").click()
    expect(page.get_by_role("status").first).to_be_visible()


def handed_in(page: Page) -> str:
    """Register with no address at all; give the private link."""
    page.goto("/")
    page.locator(".invite").get_by_role("link", name="Tham gia mục lục liên hợp").click()
    page.get_by_role("link", name=re.compile("^Excel")).click()
    page.get_by_role("button", name="Tiếp tục").click()
    link = page.url.partition("?")[0]
    page.get_by_label("Tên thư viện").fill(NAME)
    page.get_by_label("Loại thư viện").select_option("school")
    page.get_by_label("Mọi người").check()
    page.get_by_label("Thư điện tử").fill("thuvien@hoasen.example.vn")
    page.get_by_role("button", name="Gửi đăng ký").click()
    expect(page.get_by_role("heading", name="Đang chờ duyệt")).to_be_visible()
    return link
