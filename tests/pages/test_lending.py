"""A loan in a real browser: a reader asks, staff approve, a lender answers by letter, it comes and goes."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from tests.pages.browsing import CONTRAST, SIZES, open_page
from tests.pages.living import Living, living
from tests.support.lending import TITLE, World
from tests.support.people import add, carry, letters, session
from unioncat.domain.lending import Facts, ReaderRef, Request, Side, Step
from unioncat.domain.lending_member import LendingMember, Way
from unioncat.domain.people import Role
from unioncat.flow import deliver, lend
from unioncat.flow.deliver import Desk
from unioncat.flow.letters import carry as carry_letter
from unioncat.flow.services import Services
from unioncat.store import lending_parties

pytestmark = pytest.mark.browser
LINK = re.compile(r"(/l/[\w-]+)")
EVERYBODY = {
    "reader": ("ban.doc@example.vn", Role.READER, "home"),
    "desk": ("quay@example.vn", Role.LENDING, "home"),
    "lender": ("cho.muon@example.vn", Role.LENDING, "region"),
    "stranger": ("la@example.vn", Role.LENDING, "far"),
}
DESK = Desk(lend.receive, lend.undeliverable, carry_letter)


@pytest.fixture(scope="module")
def service(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(server, template, tmp_path_factory.mktemp("lending")) as running:
        running.ask(prepare)
        yield running


async def prepare(services: Services) -> None:
    """Two libraries have the book: one is reached by letters, one has a desk."""
    await World.begin(services, "near", "region")
    async with services.db.as_service() as conn:
        await lending_parties.save_member(conn, LendingMember("near", Way.LETTER, "gan@example.vn"))
    for email, role, library in EVERYBODY.values():
        await add(services, email, role, library, name=email.partition("@")[0])


def moved(service: Living) -> None:
    """Carry what waits in the outbox, as the worker does."""

    async def all_of_it(services: Services) -> None:
        await deliver.deliver(services, DESK, datetime.now(UTC))

    service.ask(all_of_it)


def sit(browser: Browser, service: Living, who: str, size: str = "desktop", **options: object) -> Page:
    """Open a browser of somebody who has signed in."""
    page = open_page(browser, service.address, size, **options)
    carry(page, service.ask(lambda services: session(services, EVERYBODY[who][0])))
    return page


def link_in(service: Living, to: str) -> str:
    """The link of the newest letter to somebody."""
    found = [one for one in letters(service.home) if f"To: {to}" in one and LINK.search(one)]
    assert found
    by_age = sorted((service.home / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime)
    for path in reversed(by_age):
        import email
        from email.policy import default

        message = email.message_from_bytes(path.read_bytes(), policy=default)
        match = LINK.search(message.get_content())
        if message["To"] == to and match:
            return match[1]
    raise AssertionError(to)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_loan_from_the_wish_to_the_return(browser: Browser, service: Living, scripts: bool) -> None:
    reader = sit(browser, service, "reader", "phone", java_script_enabled=scripts)
    reader.goto("/search")
    record = service.ask(union_id)
    reader.goto(f"/records/{record}")
    reader.get_by_role("link", name="Mượn liên thư viện").click()
    expect(reader.get_by_label("Nhan đề", exact=False).first).to_have_value(TITLE)
    reader.get_by_label("Ghi chú").fill("Cần cho buổi học")
    reader.get_by_role("button", name="Gửi yêu cầu").click()
    expect(reader.get_by_role("status")).to_contain_text("Đã nhận yêu cầu của bạn")
    expect(reader.locator(".here")).to_contain_text("Cán bộ thư viện của bạn đang xem")
    own = reader.url.partition("?")[0]
    number = reader.locator("code").first.inner_text()

    desk = sit(browser, service, "desk", java_script_enabled=scripts)
    desk.goto("/lending")
    desk.get_by_role("link", name="Chờ duyệt").click()
    desk.get_by_role("checkbox", name=TITLE).first.check()
    desk.get_by_role("button", name="Duyệt và gửi đi").click()
    expect(desk.get_by_role("status")).to_contain_text("Đã làm 1 yêu cầu")
    moved(service)
    reader.goto(own)
    expect(reader.locator(".here")).to_contain_text("Đã hỏi một thư viện")

    lender = open_page(browser, service.address, "phone", java_script_enabled=scripts)
    first = link_in(service, "gan@example.vn")
    answer = lender.goto(first)
    assert answer is not None
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "no-store" in answer.headers["cache-control"]
    assert "ban.doc" not in lender.content()
    lender.get_by_role("button", name="Chúng tôi có và sẽ gửi").click()
    expect(lender.get_by_role("status")).to_contain_text("Cảm ơn bạn")
    assert httpx2.get(service.address + first).status_code == 404
    moved(service)
    lender.goto(link_in(service, "gan@example.vn"))
    lender.get_by_label("Mã vạch tài liệu").fill("VV-0001")
    lender.get_by_role("button", name="Đã gửi", exact=True).click()
    expect(lender.get_by_role("status")).to_contain_text("Cảm ơn bạn")
    moved(service)
    reader.goto(own)
    expect(reader.locator(".here")).to_contain_text("đang trên đường")

    desk.goto("/lending/scan")
    desk.locator("#code").fill(number)
    desk.keyboard.press("Enter")
    desk.get_by_role("button", name="Xác nhận đã nhận").click()
    expect(desk.get_by_role("status")).to_contain_text("Đã nhận")
    moved(service)
    assert any("đã đến" in one for one in letters(service.home))
    for code, button in (("VV-0001", "Giao cho bạn đọc"),):
        desk.locator("#code").fill(code)
        desk.keyboard.press("Enter")
        desk.get_by_role("button", name=button).click()
        expect(desk.get_by_role("status")).to_contain_text("Giao cho bạn đọc")
    reader.goto(own)
    expect(reader.locator(".here")).to_contain_text("Bạn đang mượn")
    reader.get_by_role("button", name="Xin gia hạn").click()
    expect(reader.locator(".here")).to_contain_text("Chờ gia hạn")
    moved(service)
    lender.goto(link_in(service, "gan@example.vn"))
    lender.get_by_role("button", name="Cho gia hạn").first.click()
    expect(lender.get_by_role("status")).to_contain_text("Cảm ơn bạn")
    moved(service)
    reader.goto(own)
    expect(reader.locator(".here")).not_to_contain_text("Chờ gia hạn")

    service.ask(lambda services: overdue(services, number))
    moved(service)
    reader.goto(own)
    expect(reader.locator(".here")).to_contain_text("Quá hạn")
    desk.goto(f"/lending/scan?code={number}")
    desk.get_by_role("button", name="Bạn đọc đã trả").click()
    desk.goto(f"/lending/scan?code={number}")
    desk.get_by_label("Mã vận đơn").fill("EV1")
    desk.get_by_role("button", name="Đánh dấu đã gửi trả").click()
    moved(service)
    lender.goto(link_in(service, "gan@example.vn"))
    lender.get_by_role("button", name="Đã nhận lại").first.click()
    expect(lender.get_by_role("heading", level=1)).to_contain_text("Cảm ơn bạn")
    moved(service)
    reader.goto(own)
    expect(reader.locator(".here")).to_contain_text("Hoàn tất")
    for page in (reader, desk, lender):
        page.context.close()


async def union_id(services: Services) -> str:
    from sqlalchemy import text

    async with services.db.as_service() as conn:
        return str((await conn.execute(text("SELECT public_id FROM cluster LIMIT 1"))).scalar_one())


async def overdue(services: Services, number: str) -> None:
    """What the clock does when the day has passed."""
    found = text("SELECT id FROM lending_request WHERE number = :number")
    async with services.db.as_service() as conn:
        request = (await conn.execute(found, {"number": number})).scalar_one()
    await lend.step(
        services, lend.CLOCK, Side.REQUESTER, request, Step.OVERDUE, datetime.now(UTC) + timedelta(days=90)
    )


def placed(service: Living, **facts: object) -> Request:
    """Place a request at the desk of home, and carry it."""

    facts.setdefault("reader", ReaderRef(name="Bạn đọc Thử", card=f"TV-{uuid4().hex[:8]}"))

    async def all_of_it(services: Services) -> Request:
        world = World(services, await union_id(services))
        world.now = datetime.now(UTC)
        request = await world.ask("home", **facts)
        await deliver.deliver(services, DESK, world.now)
        return request

    return service.ask(all_of_it)


def test_strangers_learn_nothing(browser: Browser, service: Living) -> None:
    request = placed(service)
    stranger = sit(browser, service, "stranger")
    reader = sit(browser, service, "reader")
    for page in (stranger, reader):
        for address in (f"/lending/r/{request.id}", f"/requests/{request.id}", "/lending?library=home"):
            answer = page.goto(address)
            assert answer is not None
            assert answer.status in (403, 404), address
            assert TITLE not in page.content()
    for token in ("x", "a" * 32, "%00", "a" * 500):
        for answer in (
            httpx2.get(f"{service.address}/l/{token}"),
            httpx2.post(f"{service.address}/l/{token}", data={"step": "unfilled"}),
        ):
            assert answer.status_code == 404
            assert "Liên kết này không còn dùng được" in answer.text
            assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_lender_at_a_desk_prints_fetches_and_writes(browser: Browser, service: Living) -> None:
    request = placed(service)

    async def to_region(services: Services) -> None:
        from unioncat.store import lending_supplies

        async with services.db.as_service() as conn:
            current = await lending_supplies.current(conn, request.id)
        assert current is not None
        actor = lend.link("near")
        if current.supplier.endswith("near"):
            await lend.step(
                services,
                actor,
                Side.SUPPLIER,
                current.id,
                Step.UNFILLED,
                datetime.now(UTC),
                Facts(reason="NotOnShelf"),
            )
            await deliver.deliver(services, DESK, datetime.now(UTC))

    service.ask(to_region)
    service.ask(looked_for)
    moved(service)
    lender = sit(browser, service, "lender")
    lender.goto("/lending/list/answer")
    lender.get_by_role("checkbox", name=TITLE).first.check()
    lender.get_by_role("button", name="Chấp nhận").click()
    expect(lender.get_by_role("status")).to_contain_text("Đã làm 1 yêu cầu")
    lender.goto("/lending/list/pull")
    token = lender.locator("input[name=token]").first.input_value()
    chosen = lender.locator("input[name=chosen]").first.input_value()
    for sheet in ("slips", "pull"):
        made = lender.request.post(
            f"{service.address}/lending/list/pull",
            form={"token": token, "library": "region", "chosen": chosen, "print": sheet},
        )
        assert made.status == 200, made.text()
        assert made.body().startswith(b"%PDF-")
    lender.goto("/lending/list/pull")
    expect(lender.locator(".status").first).to_contain_text("Đã in phiếu lấy")
    lender.get_by_role("link", name=TITLE).first.click()
    lender.get_by_label("Tin nhắn").last.fill("Bản này hơi cũ, được không?")
    lender.get_by_role("button", name="Gửi tin").click()
    expect(lender.locator(".letters .ours")).to_contain_text("hơi cũ")
    lender.get_by_label("Ghi chú riêng").fill("Kệ trên cùng")
    lender.get_by_role("button", name="Lưu ghi chú").click()
    expect(lender.locator(".letters .private")).to_contain_text("Kệ trên cùng")
    moved(service)
    desk = sit(browser, service, "desk")
    desk.goto("/lending")
    desk.get_by_role("link", name="Tin nhắn chưa đọc").click()
    desk.get_by_role("link", name=TITLE).first.click()
    expect(desk.locator(".letters .theirs")).to_contain_text("hơi cũ")
    assert "Kệ trên cùng" not in desk.content()
    expect(desk.get_by_text("Bạn đọc Thử")).to_have_count(0)
    lender.context.close()
    desk.context.close()


async def looked_for(services: Services) -> None:
    from unioncat.store import lending_requests

    async with services.db.as_service() as conn:
        waiting = await lending_requests.looking(conn)
    for number in waiting:
        await lend.locate(services, number, datetime.now(UTC))


def test_a_sheet_brings_many_requests(browser: Browser, service: Living, tmp_path: Path) -> None:
    sheet = tmp_path / "yeu-cau.csv"
    sheet.write_text("Nhan đề,Tác giả,Số thẻ,Cần trước ngày\nKiều,Du,TV-7,\n,Ai,TV-8,\n", encoding="utf-8")
    desk = sit(browser, service, "desk")
    desk.goto("/lending/batch")
    desk.get_by_label("Bảng tính").set_input_files(sheet)
    desk.get_by_role("button", name="Đọc bảng").click()
    expect(desk.locator("main")).to_contain_text("1 dòng gửi được")
    expect(desk.locator(".fault-text")).to_contain_text("Nhan đề: Hãy ghi nhan đề")
    desk.get_by_role("button", name="Gửi 1 yêu cầu").click()
    expect(desk.get_by_role("status")).to_contain_text("Đã lập 1 yêu cầu")
    desk.context.close()


def test_a_look_at_a_reader_is_logged(browser: Browser, service: Living) -> None:
    request = placed(service, reader=ReaderRef(name="Bạn đọc Thử", card="TV-12345"))
    desk = sit(browser, service, "desk")
    desk.goto(f"/lending/r/{request.id}")
    assert "TV-12345" not in desk.content()
    desk.get_by_role("button", name="Xem bạn đọc").click()
    expect(desk.get_by_text("TV-12345")).to_be_visible()

    async def logged(services: Services) -> int:
        from sqlalchemy import text

        async with services.db.as_service() as conn:
            query = text("SELECT count(*) FROM audit_entry WHERE action = 'lending.reader-seen'")
            return int((await conn.execute(query)).scalar_one())

    assert service.ask(logged) == 1
    desk.context.close()


def test_the_pages_fit_every_screen_and_can_be_read(browser: Browser, service: Living) -> None:
    request = placed(service)
    addresses = {
        "desk": (
            "/lending",
            "/lending/list/asked",
            "/lending/list/unread",
            "/lending/undelivered",
            "/lending/list/history-requester",
            "/lending/scan",
            f"/lending/scan?code={request.number}",
            "/lending/new",
            "/lending/batch",
            f"/lending/r/{request.id}",
        ),
        "reader": ("/requests", "/requests/new"),
    }
    for size in SIZES:
        for scheme in ("light", "dark"):
            for who, pages in addresses.items():
                page = sit(browser, service, who, size, color_scheme=scheme)
                complaints: list[str] = []
                page.on("console", lambda message, into=complaints: into.append(message.text))
                for address in pages:
                    page.goto(address)
                    assert page.evaluate(CONTRAST) == [], address
                    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    assert wide <= 0, f"{address} at {size}"
                assert complaints == []
                page.context.close()
