"""Messages of partners whose every text is hostile, shown in a real browser: none runs."""

import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

import httpx2
import pytest
from playwright.sync_api import Browser, Page

from tests.flows.test_locate import federation, shelve
from tests.pages.hostile import LOOK, TEXTS, poisoned
from tests.pages.living import Living, living
from tests.pages.test_hostile import shown, trapped
from tests.support.database import apart
from tests.support.lending import World
from tests.support.people import carry
from unioncat.config import Settings
from unioncat.domain.bib import Holding
from unioncat.domain.lending import Request, Step
from unioncat.domain.partner import AgencyOf, Partner
from unioncat.flow import partners
from unioncat.flow.services import open_services
from unioncat.lending.iso18626 import model as m
from unioncat.lending.iso18626.answer import confirm
from unioncat.lending.iso18626.codes import (
    Action,
    ErrorType,
    MessageStatus,
    Reason,
    RequestType,
    ServiceType,
    Status,
    Version,
)
from unioncat.lending.iso18626.read import read, read_confirmation
from unioncat.lending.iso18626.write import write, write_confirmation
from unioncat.store import lending_supplies, messages

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("template")]
T = TypeVar("T")
BUNCHES = [TEXTS[place : place + 20] for place in range(0, len(TEXTS), 20)]
"""So many texts in one field at a time."""
EVIL = AgencyOf("ILL", "<img/src=x/onerror=window.__ran=1>")
"""An agency's name is hostile too."""


class Partners:
    """The system of a partner: it takes whatever comes, or answers it with a hostile error."""

    def __init__(self) -> None:
        self.errors = False
        self.answered = 0

    def answer(self, body: bytes) -> bytes:
        message = read(body).message
        assert message is not None
        faults = (m.Fault(ErrorType.VALUE, " ".join(BUNCHES[self.answered])),) if self.errors else ()
        self.answered += bool(faults)
        return write_confirmation(confirm(message, datetime.now(UTC), *faults))


@pytest.fixture(scope="module")
def partner() -> Iterator[tuple[Partners, int]]:
    system = Partners()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = system.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    door = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=door.serve_forever, daemon=True).start()
    yield system, door.server_port
    door.shutdown()
    door.server_close()


@dataclass(frozen=True)
class Place:
    """A service that has a partner, with a request of its own sent there."""

    service: Living
    token: str
    ours: Request
    sent: m.RequestMessage
    system: Partners

    def run(self, task: Callable[[World], Awaitable[T]]) -> T:
        """Do something at the desks, and let the outbox be carried to the partner."""

        async def inside() -> T:
            settings = Settings(home=self.service.home, workers=1, allow_targets="127.0.0.1")
            async with open_services(settings, self.service.url) as services:
                world = World(services, "")
                world.now = datetime.now(UTC)
                return await task(world)

        return apart(inside())

    def post(self, message: m.Message, version: Version = Version.V2021) -> m.Confirmation:
        """Send a message as the partner."""
        head = {"Content-Type": "application/xml", "Authorization": f"Bearer {self.token}"}
        answer = httpx2.post(
            f"{self.service.address}/iso18626", content=write(message, version), headers=head
        )
        assert answer.status_code == 200, answer.text
        return read_confirmation(answer.content)


@pytest.fixture(scope="module")
def place(
    server: str, template: str, partner: tuple[Partners, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    system, port = partner
    with living(server, template, tmp_path_factory.mktemp("messages")) as service:
        rough = Place(service, "", None, None, system)  # type: ignore[arg-type]

        async def begin(world: World) -> tuple[str, Request, bytes]:
            services = world.services
            source = await federation(services.db)
            held = {code: Holding(copies=1, status="available") for code in ("near", "region")}
            world.union_id = await shelve(services.db, source, held)
            near = AgencyOf("UNIONCAT", "near", "near")
            address = f"http://127.0.0.1:{port}/iso18626"
            await partners.save(
                services, "test", Partner("evil", " ".join(BUNCHES[0]), address, agencies=(EVIL, near))
            )
            token = await partners.new_token(services, "test", "evil")
            request = await world.ask()
            async with services.db.begin() as conn:
                (said,) = await messages.listed(conn, limit=10)
            assert said.body is not None
            return token, request, said.body

        token, ours, body = rough.run(begin)
        sent = read(body).message
        assert isinstance(sent, m.RequestMessage)
        yield Place(service, token, ours, sent, system)


def asked(number: int, texts: tuple[str, ...]) -> m.RequestMessage:
    """A request with a hostile text in every field that takes words."""
    code, many = m.Code("x", "x"), ("x", "x")
    post = m.PhysicalAddress("x", "x", "x", "x", None, None)
    addresses = (m.Address(electronic=m.ElectronicAddress("x", code)), m.Address(physical=post))
    identifiers = (m.Identifier("x", code),)
    full = m.RequestMessage(
        header=m.Header(
            m.Agency(EVIL.value, m.Code(EVIL.type)),
            datetime.now(UTC),
            f"{number}-<img src=x onerror=window.__ran=1>{texts[0]}",
            m.Agency("region", m.Code("UNIONCAT")),
        ),
        item=m.BibliographicInfo(
            *("x",) * 9, volumes=many, issue="x", pages="x", estimated_pages="x", item_ids=identifiers,
            sponsor="x", information_source="x", record_ids=identifiers,
        ),
        publication=m.PublicationInfo("x", "x", code, "x", "x"),
        service=m.ServiceInfo(
            ServiceType.LOAN, RequestType.NEW, level=code, format=code, copyright_compliance=code,
            loan_conditions=(code,), note="x",
        ),
        suppliers=(m.SupplierInfo(1, m.Agency("x", code), "x", m.Identifier("x", code), "x", "x", "x"),),
        deliveries=tuple(m.RequestedDelivery(n, one, code, code) for n, one in enumerate(addresses)),
        requester=m.RequestingAgencyInfo("x", "x", addresses),
        patron=m.PatronInfo("x", "x", "x", code, False, addresses),
        billing=m.BillingInfo(code, m.Costs(Decimal(1)), code, "x", addresses[0]),
    )  # fmt: skip
    made = poisoned(full, texts, ("header",))
    assert isinstance(made, m.RequestMessage)
    return made


def told(place: Place, texts: tuple[str, ...], reason: Reason, status: Status) -> m.SupplyingMessage:
    """What a supplier says of our request, hostile in every field."""
    code, post = m.Code("x", "x"), m.PhysicalAddress("x", "x", "x", "x")
    full = m.SupplyingMessage(
        header=replace(
            place.sent.header, timestamp=datetime.now(UTC), supplying_request_id=" ".join(texts)[:200]
        ),
        reason=reason,
        status=status,
        last_change=datetime.now(UTC),
        note="x",
        reason_unfilled=code,
        reason_retry=code,
        retry=m.RetryInfo((code,), ("x",), (code,), ("x",), None, (code,), (code,), (code,)),
        delivery=m.DeliveryInfo(
            datetime.now(UTC), ("x", "x"), "x", code, m.Address(physical=post), None, (code,), code
        ),
        shipping=m.ShippingInfo(code, ("x",), third_party="x"),
        return_to=m.ReturnInfo(m.Agency("x", code), "x", post),
    )
    made = poisoned(full, texts, ("header",))
    assert isinstance(made, m.SupplyingMessage)
    return made


def desk(browser: Browser, place: Place) -> Page:
    page = trapped(browser, place.service.address)
    carry(page)
    return page


def links(page: Page, begin: str) -> list[str]:
    """Addresses on a page that begin alike."""
    found = page.eval_on_selector_all(
        f"a[href^='{begin}']", "all => all.map(one => one.getAttribute('href'))"
    )
    return list(dict.fromkeys(found))


def test_no_request_of_a_partner_runs(browser: Browser, place: Place) -> None:
    accepted = [place.post(asked(number, texts)) for number, texts in enumerate(BUNCHES)]
    assert [one.status for one in accepted] == [MessageStatus.OK] * len(BUNCHES), accepted
    page = desk(browser, place)
    shown(page, "/lending")
    shown(page, "/lending?library=region")
    lists = links(page, "/lending/list/")
    assert lists
    files = []
    for path in lists:
        shown(page, path)
        files += links(page, "/lending/r/")
    assert len(set(files)) >= len(BUNCHES) * 0.5
    for path in list(dict.fromkeys(files)):
        shown(page, path)
        assert "window.__ran=1" in page.inner_text("main")
    shown(page, "/lending/r/" + str(place.ours.id))


def test_no_message_about_our_request_runs(browser: Browser, place: Place) -> None:
    first = place.post(told(place, BUNCHES[0], Reason.REQUEST_RESPONSE, Status.WILL_SUPPLY))
    assert first.status is MessageStatus.OK, first
    page = desk(browser, place)
    for texts in BUNCHES[1:]:
        answer = place.post(told(place, texts, Reason.NOTIFICATION, Status.WILL_SUPPLY))
        assert answer.status is MessageStatus.OK, answer
    shown(page, f"/lending/r/{place.ours.id}")
    assert page.inner_text("main").count("window.__ran=1") >= len(TEXTS) * 0.5


def test_no_line_of_the_log_runs(browser: Browser, place: Place) -> None:
    """Both as it can be read and as it came, of every message; those that were not taken as well."""
    place.post(asked(1000, BUNCHES[0]))
    about = replace(asked(0, BUNCHES[0]).header, timestamp=datetime.now(UTC))
    for texts in BUNCHES[:5]:
        place.post(m.RequestingMessage(about, Action.NOTIFICATION, " ".join(texts)))
        stranger = replace(about, requesting_agency=m.Agency(texts[0], m.Code(texts[1])))
        place.post(m.RequestingMessage(stranger, Action.NOTIFICATION, " ".join(texts)))
    page = desk(browser, place)
    address, seen = "/lending/messages", []
    while address:
        shown(page, address)
        seen += links(page, "/lending/messages/")
        address = next(iter(links(page, "/lending/messages?before=")), "")
    assert len(seen) >= len(BUNCHES)
    for path in seen:
        shown(page, path)
        for one in page.locator("details").all():
            one.evaluate("one => { one.open = true }")
        assert page.evaluate(LOOK) == [], path
        assert "ISO18626Message" in page.inner_text("main"), path


def test_no_error_of_a_partner_runs(browser: Browser, place: Place) -> None:
    """A partner refuses, in hostile words, what our libraries say to it."""
    place.system.errors = True

    async def answer(world: World) -> None:
        async with world.services.db.begin() as conn:
            lines = [one for one in await messages.listed(conn, limit=200) if one.kind == "request"]
            found = [
                await lending_supplies.by_protocol_id(conn, EVIL.symbol, str(one.request))
                for one in lines
                if one.way == "in" and one.request
            ]
        attempts = [one for one in found if one is not None][:5]
        assert attempts
        for one in attempts:
            await world.supply(one, Step.UNFILLED, reason="NotOnShelf", carry=False)
        await world.carry()

    place.run(answer)
    assert place.system.answered >= 5
    page = desk(browser, place)
    shown(page, "/lending/undelivered")
    assert "window.__ran=1" in page.inner_text("main")
    for path in links(page, "/lending/")[:20]:
        page.goto(path)
        assert page.evaluate(LOOK) == [], path
