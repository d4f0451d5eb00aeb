"""People's pages over a real database, in a real browser: invitation, second factor, keys, the log."""

import base64
import csv
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from tests.pages.browsing import CONTRAST, SIZES, open_page
from tests.pages.living import Living, living
from tests.support.people import PASSWORD, SECRET, add, carry, known_session, letters
from unioncat.domain import totp
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.people import Role
from unioncat.flow import audit, people
from unioncat.flow.services import Services
from unioncat.store import libraries

pytestmark = pytest.mark.browser
LINK = re.compile(r"(/link/\S+)")


@pytest.fixture(scope="module")
def service(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(server, template, tmp_path_factory.mktemp("people")) as running:
        running.ask(library)
        yield running


async def library(services: Services) -> None:
    async with services.db.begin() as conn:
        await libraries.save_library(conn, Library("truong", "Trường Hoa Sen", "School", LibraryType.SCHOOL))


def code(secret: bytes) -> str:
    return totp.code(secret, totp.step_at(time.time()))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_invited_administrator_sets_up_the_second_factor_and_works(
    browser: Browser, service: Living, scripts: bool
) -> None:
    desk = open_page(browser, service.address)
    carry(desk)
    email = f"thu.{scripts}@example.vn"
    desk.goto("/people?library=truong")
    desk.get_by_label("Thư điện tử").fill(email)
    desk.get_by_label("Với vai trò").select_option("library-admin")
    desk.get_by_role("button", name="Mời", exact=True).click()
    expect(desk.get_by_role("status")).to_contain_text("chưa có máy chủ thư")
    link = LINK.findall(desk.get_by_role("status").inner_text())[0]
    desk.goto("/people?library=")
    expect(desk.get_by_text("Muốn mời người của một thư viện")).to_be_visible()
    assert any(email in one and link in one for one in letters(service.home))

    page = open_page(browser, service.address, "phone", java_script_enabled=scripts)
    page.goto(link)
    expect(page.get_by_text("Trường Hoa Sen")).to_be_visible()
    page.get_by_label("Họ và tên").fill("Thu")
    page.get_by_label("Mật khẩu mới").fill("matkhau123456")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("alert")).to_contain_text("quá dễ đoán")
    page.get_by_label("Mật khẩu mới").fill(PASSWORD)
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("status")).to_contain_text("Đã mở tài khoản")
    expect(page.get_by_label("Thư điện tử")).to_have_value(email)
    page.get_by_label("Mật khẩu").fill("sai " + PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("alert")).to_contain_text("không đúng")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tài khoản")
    expect(page.get_by_role("link", name="Trường Hoa Sen")).to_be_visible()
    before = page.context.cookies()[0]["value"]

    page.goto("/people")
    expect(page.get_by_role("alert")).to_contain_text("chỉ có hiệu lực khi đăng nhập với yếu tố thứ hai")
    expect(page.get_by_role("img", name="Mã QR")).to_be_visible()
    secret = base64.b32decode(page.locator("input[name=secret]").input_value())
    href = page.get_by_role("link", name="Mở trong ứng dụng").get_attribute("href")
    assert href == totp.link(secret, email, "Mục lục liên hợp")
    page.get_by_label("Mã sáu chữ số").fill(code(secret))
    page.get_by_role("button", name="Xác nhận").click()
    expect(page.get_by_role("status")).to_contain_text("Đã thiết lập yếu tố thứ hai")
    expect(page.locator(".codes code")).to_have_count(10)
    spare = page.locator(".codes code").first.inner_text()
    shown = page.evaluate("document.querySelector('form[action=\"/sign-out\"] [name=token]').value")
    cookie = page.context.cookies()[0]
    assert cookie["value"] != before
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    page.goto("/people")
    expect(page.get_by_text(email)).to_be_visible()
    page.goto("/account")
    held = page.evaluate("document.querySelector('form[action=\"/sign-out\"] [name=token]').value")
    assert shown == held, "the forms beside the codes belong to the new session"
    expect(page.get_by_text("Còn 10 mã dự phòng.")).to_be_visible()
    expect(page.get_by_role("region", name="Phiên đăng nhập")).to_contain_text("Chrome trên")
    page.get_by_role("button", name="Đăng xuất").click()
    page.goto("/people")
    page.get_by_label("Thư điện tử").fill(email)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("Không có điện thoại bên mình?").click()
    page.get_by_label("Mã dự phòng").fill(spare.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_text(email)).to_be_visible()
    for place in ("/people?library=khac", "/federation/registrations", "/audit"):
        answer = page.goto(place)
        assert answer is not None
        assert answer.status == 403


def test_signing_in_asks_for_the_code_and_leads_back(browser: Browser, service: Living) -> None:
    service.ask(lambda services: add(services, "kiem@example.vn", Role.AUDITOR, name="Kiểm", second=True))
    page = open_page(browser, service.address, "phone")
    page.goto("/audit?action=people")
    page.get_by_label("Thư điện tử").fill("kiem@example.vn")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mã xác thực")
    page.goto("/audit")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đăng nhập")
    page.goto("/sign-in/code?back=/audit")
    page.get_by_label("Mã sáu chữ số").fill(code(SECRET))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nhật ký")
    expect(page.get_by_text("sign-in").first).to_be_visible()
    page.get_by_role("button", name="Đăng xuất").click()
    page.goto("/audit")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đăng nhập")


def test_a_key_is_made_used_and_removed(browser: Browser, service: Living) -> None:
    page = open_page(browser, service.address)
    carry(page)
    page.goto("/account")
    page.get_by_label("Tên khóa").fill("máy quét")
    page.get_by_label("Duyệt đăng ký").check()
    page.get_by_role("button", name="Tạo khóa").click()
    key = page.get_by_role("status").locator("code").inner_text()
    headers = {"Authorization": f"Bearer {key}"}

    def ask(path: str) -> int:
        return httpx2.get(f"{service.address}/api/v1/{path}", headers=headers).status_code

    assert (ask("registrations"), ask("onboarding"), ask("libraries")) == (200, 403, 200)
    page.goto("/account")
    assert key not in page.content()
    page.get_by_role("button", name="Xóa: máy quét").click()
    expect(page.get_by_role("status")).to_contain_text("Đã xóa khóa")
    assert ask("libraries") == 401


def test_auditors_sieve_the_log_and_take_it_away(browser: Browser, service: Living, tmp_path: Path) -> None:
    service.ask(lambda services: audit.note(services, "=cmd()", "people.invited", "@hoa", {"role": "reader"}))
    page = open_page(browser, service.address, "phone")
    carry(page)
    page.goto("/audit")
    page.locator("summary", has_text="Lọc").click()
    page.get_by_label("Với").fill("@hoa")
    page.get_by_label("Từ ngày").fill("2020-01-01")
    page.get_by_role("button", name="Lọc").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_label("Với")).to_have_value("@hoa")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Tải về (CSV)").click()
    text = taken.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert [row[2:5] for row in rows[1:]] == [["'=cmd()", "people.invited", "'@hoa"]]
    page.goto("/audit?action=exported")
    expect(page.get_by_text("/audit/log.csv?").first).to_be_visible()
    page.goto("/audit?to=2020-01-01")
    expect(page.locator("tbody tr")).to_have_count(0)
    for wrong in ("from=x", "to=9999-12-31", "from=-1", "before=x", "before=99999999999999999999"):
        answer = page.goto(f"/audit?{wrong}")
        assert answer is not None
        assert answer.status == 200, wrong


def test_a_forgotten_password_answers_everybody_alike(service: Living) -> None:
    service.ask(lambda services: add(services, "quen@example.vn"))

    def ask(email: str) -> str:
        answer = httpx2.post(f"{service.address}/forgotten", data={"email": email})
        assert answer.status_code == 200
        return answer.text

    assert ask("quen@example.vn") == ask("khong-co@example.vn")
    deadline = time.monotonic() + 20
    while not any("quen@example.vn" in one for one in letters(service.home)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [one for one in letters(service.home) if "quen@example.vn" in one]
    assert not [one for one in letters(service.home) if "khong-co" in one]


def test_guesses_are_slowed_down_and_told_when_to_come_back(service: Living) -> None:
    service.ask(lambda services: add(services, "doan@example.vn"))

    def guess(password: str) -> httpx2.Response:
        form = {"email": "doan@example.vn", "password": password}
        return httpx2.post(f"{service.address}/sign-in", data=form, timeout=30)

    assert [guess("sai").status_code for _ in range(5)] == [403] * 5
    slowed = guess("sai")
    assert slowed.status_code == 429
    wait = int(slowed.headers["retry-after"])
    assert 0 < wait <= 6
    assert str(wait) in slowed.text
    assert guess(PASSWORD).status_code == 429, "a right one is not looked at"
    time.sleep(wait + 0.1)
    assert guess(PASSWORD).status_code == 303, "the wait was honest"


def test_nobody_is_led_elsewhere_after_signing_in(service: Living) -> None:
    service.ask(lambda services: add(services, "dan@example.vn"))
    for back in ("//evil.example", "https://evil.example", "/review//evil", "/people\\evil", "javascript:1"):
        form = {"email": "dan@example.vn", "password": PASSWORD, "back": back}
        answer = httpx2.post(f"{service.address}/sign-in", data=form)
        assert answer.headers["location"] == "/account", back


def test_links_that_do_not_hold_and_sample_people_are_not_there(service: Living) -> None:
    assert httpx2.get(f"{service.address}/link/nothing").status_code == 404
    assert httpx2.post(f"{service.address}/link/nothing", data={"password": PASSWORD}).status_code == 404
    form = {"role": "federation-admin"}
    assert httpx2.post(f"{service.address}/sign-in/sample", data=form).status_code == 404


def test_the_pages_fit_every_screen_and_can_be_read(
    browser: Browser, service: Living, tmp_path: Path
) -> None:
    link = service.ask(lambda services: people.rescue(services, "lan@example.vn", ""))
    service.ask(lambda services: known_session(services, "for-looking"))
    for size in SIZES:
        for scheme in ("light", "dark"):
            page = open_page(browser, service.address, size, color_scheme=scheme)
            complaints: list[str] = []
            page.on("console", lambda message, into=complaints: into.append(message.text))
            for address in ("/sign-in", "/forgotten", link):
                page.goto(address)
                assert page.evaluate(CONTRAST) == [], address
            carry(page, "for-looking")
            for address in (
                "/account",
                "/account/second-factor",
                "/people",
                "/people?library=truong",
                "/audit",
            ):
                page.goto(address)
                assert page.evaluate(CONTRAST) == [], address
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, f"{address} at {size}"
            assert complaints == []
