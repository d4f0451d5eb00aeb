"""The outbox over real HTTP: at least once, in order, with patience; what cannot be delivered is not lost."""

import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from tests.unioncat.lending.iso18626 import made
from unioncat.config import Settings
from unioncat.domain.credentials import Credentials
from unioncat.domain.lending import Outgoing, OutgoingKind
from unioncat.domain.partner import AgencyOf, Outcome, Partner, Said
from unioncat.flow import correspondence, deliver, partners
from unioncat.flow.deliver import Desk
from unioncat.flow.services import Services, open_services
from unioncat.lending.iso18626 import model as m
from unioncat.lending.iso18626.answer import Situation, confirm, fault
from unioncat.lending.iso18626.codes import Action, Reason, ServiceType, Status, Version
from unioncat.lending.iso18626.read import read
from unioncat.lending.iso18626.stored import pack
from unioncat.lending.iso18626.write import write_confirmation
from unioncat.store import deliveries, messages
from unioncat.store import tables as t
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = timedelta(minutes=10)
HERE, THERE = m.Agency("VN-TVHP"), m.Agency("VN-NLV")
HEADER = m.Header(HERE, NOW, "YC-1/1", THERE)
REQUEST = m.RequestMessage(
    HEADER, m.BibliographicInfo(title="Truyện Kiều"), service=m.ServiceInfo(ServiceType.LOAN)
)
RECEIVED = m.RequestingMessage(HEADER, Action.RECEIVED)
LOANED = m.SupplyingMessage(
    m.Header(THERE, NOW, "NLV-7", HERE), Reason.STATUS_CHANGE, Status.LOANED, NOW, due=NOW + LATER
)


@dataclass
class Peer:
    """A partner's server: what it is asked, and the answers it was told to give, in order; then OK."""

    address: str = ""
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    only: str = ""
    """The word of the messages that get those answers; none is all."""

    def reply(self, body: bytes) -> tuple[int, bytes]:
        message = read(body).message
        assert message is not None
        meant = self.only in ("", word(message))
        told = self.answers.pop(0) if self.answers and meant else None
        if isinstance(told, tuple):
            return told
        return 200, write_confirmation(confirm(message, NOW, *([told] if told else [])))

    @property
    def words(self) -> list[str]:
        """What it was sent: actions, statuses, or Request."""
        return [word(read(body).message) for _, body in self.asked]


def word(message: object) -> str:
    """Name a message by its action or status, or as a Request."""
    return str(getattr(message, "action", None) or getattr(message, "status", None) or "Request")


@pytest.fixture
def peer() -> Iterator[Peer]:
    told = Peer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.asked.append((dict(self.headers), body))
            status, content = told.reply(body)
            if status:
                self.send_response(status)
                self.send_header("Content-Type", "application/xml")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            else:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.address = f"http://127.0.0.1:{server.server_port}/iso18626"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


class Lending:
    """Stands for those whose messages are carried."""

    def __init__(self) -> None:
        self.failed: list[tuple[str, str]] = []
        self.heard: list[m.Message] = []
        self.wrong: m.Fault | None = None

    async def receive(
        self, services: Services, conn: Connection, message: m.Message, **_: Any
    ) -> m.Confirmation:
        self.heard.append(message)
        return confirm(message, NOW, *([self.wrong] if self.wrong else []))

    async def fail(
        self, services: Services, conn: Connection, out: Outgoing, why: str, now: datetime
    ) -> None:
        self.failed.append((out.key, why))

    @property
    def desk(self) -> Desk:
        return Desk(self.receive, self.fail)


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    settings = Settings.load(home=home, allow_targets="127.0.0.1")
    async with open_services(settings, url) as opened:
        yield opened


@pytest.fixture
async def partner(services: Services, peer: Peer) -> Partner:
    return await partners.save(
        services, "test", Partner("nlv", "Quốc gia", peer.address, agencies=(AgencyOf("ISIL", "VN-NLV"),))
    )


async def queue(services: Services, message: m.Message, key: str = "k", to: str = "isil:vn-nlv") -> None:
    waiting = {
        "key": key,
        "kind": OutgoingKind.MESSAGE,
        "recipient": to,
        "lane": message.header.requesting_request_id,
        "body": pack(message),
        "created_at": NOW,
        "due_at": NOW,
    }
    async with services.db.begin() as conn:
        await conn.execute(insert(t.lending_outbox).values(**waiting))


async def rows(services: Services) -> list[Any]:
    async with services.db.begin() as conn:
        found = await conn.execute(text("SELECT * FROM lending_outbox ORDER BY id"))
        return list(found.all())


async def logged(services: Services) -> list[Said]:
    async with services.db.begin() as conn:
        return (await messages.listed(conn))[::-1]


async def test_what_waits_is_sent_once_and_logged(services: Services, partner: Partner, peer: Peer) -> None:
    await queue(services, REQUEST)
    assert await deliver.deliver(services, Lending().desk, NOW) == 1
    assert await deliver.deliver(services, Lending().desk, NOW) == 0
    ((headers, body),) = peer.asked
    assert headers["Content-Type"].startswith("application/xml")
    assert read(body).message == REQUEST
    ((row),) = await rows(services)
    assert (row.state, row.tries, row.sent_at) == ("sent", 1, NOW)
    (line,) = await logged(services)
    assert (line.body, line.outcome, line.status, line.request) == (body, Outcome.OK, 200, "YC-1/1")


@pytest.mark.parametrize("version", Version)
async def test_each_partner_gets_its_version(
    services: Services, partner: Partner, peer: Peer, version: Version
) -> None:
    await partners.save(services, "test", replace(partner, version=str(version)))
    await queue(services, REQUEST)
    await queue(services, RECEIVED, "k2")
    await deliver.deliver(services, Lending().desk, NOW)
    for _, body in peer.asked:
        assert read(body).version == version
        if made.SCHEMAS.is_dir():
            assert made.complaints(body, version) == []


async def test_credentials_go_with_it(services: Services, partner: Partner, peer: Peer) -> None:
    given = Credentials(headers=(("Authorization", "Bearer khoa-cua-doi-tac"),))
    await partners.give_credentials(services, "test", "nlv", given)
    await queue(services, REQUEST)
    await deliver.deliver(services, Lending().desk, NOW)
    assert peer.asked[0][0]["Authorization"] == "Bearer khoa-cua-doi-tac"
    assert "khoa-cua" not in str(await logged(services))


async def test_a_silent_partner_is_tried_again_with_the_same_bytes(
    services: Services, partner: Partner, peer: Peer
) -> None:
    peer.answers = [(503, b""), (0, b"")]
    await queue(services, RECEIVED)
    lending = Lending()
    for minute in range(0, 31, 5):
        await deliver.deliver(services, lending.desk, NOW + timedelta(minutes=minute))
    assert len(peer.asked) == 3
    assert len({body for _, body in peer.asked}) == 1
    ((row),) = await rows(services)
    assert (row.state, row.tries) == ("sent", 3)
    assert lending.failed == []


async def test_an_error_is_not_tried_again(services: Services, partner: Partner, peer: Peer) -> None:
    peer.answers = [fault(Situation.UNKNOWN_SUPPLIER, "VN-NLV")]
    await queue(services, REQUEST)
    lending = Lending()
    for hour in range(3):
        await deliver.deliver(services, lending.desk, NOW + timedelta(hours=hour))
    assert len(peer.asked) == 1
    assert lending.failed == [("k", "UnrecognisedDataValue: supplyingAgencyId: VN-NLV is not known here")]
    ((row),) = await rows(services)
    assert (row.state, row.last_error) == ("sent", lending.failed[0][1])


async def test_koha_answers_errors_with_400(services: Services, partner: Partner, peer: Peer) -> None:
    wrong = write_confirmation(confirm(REQUEST, NOW, fault(Situation.UNKNOWN_SUPPLIER, "x")))
    right = write_confirmation(confirm(RECEIVED, NOW))
    peer.answers = [(400, wrong), (201, right)]
    await queue(services, REQUEST)
    await queue(services, RECEIVED, "k2")
    lending = Lending()
    await deliver.deliver(services, lending.desk, NOW)
    assert [key for key, _ in lending.failed] == ["k"]
    assert [row.state for row in await rows(services)] == ["sent", "sent"]


async def test_before_giving_up_it_asks_after_the_request(
    services: Services, partner: Partner, peer: Peer
) -> None:
    """Only the answers were lost: the partner knows the request."""
    peer.answers = [(502, b"<html/>")] * 3
    await queue(services, REQUEST)
    lending = Lending()
    for try_ in range(5):
        await deliver.deliver(services, lending.desk, NOW + try_ * LATER)
    assert peer.words == ["Request", "Request", "Request", "StatusRequest"]
    assert lending.failed == []
    assert [row.state for row in await rows(services)] == ["sent"]


async def test_a_partner_that_is_back_without_the_request_gets_it_once_more(
    services: Services, partner: Partner, peer: Peer
) -> None:
    peer.answers = [(502, b"")] * 3 + [fault(Situation.UNKNOWN_REQUEST, "YC-1/1")]
    await queue(services, REQUEST)
    lending = Lending()
    for try_ in range(5):
        await deliver.deliver(services, lending.desk, NOW + try_ * LATER)
    assert peer.words == ["Request"] * 3 + ["StatusRequest", "Request"]
    assert [row.state for row in await rows(services)] == ["sent"]


@pytest.mark.parametrize("message", [REQUEST, RECEIVED, LOANED])
async def test_what_cannot_be_delivered_is_dead_told_and_sent_again_by_people(
    services: Services, partner: Partner, peer: Peer, message: m.Message
) -> None:
    peer.answers = [(500, b"")] * 20
    await queue(services, message)
    lending = Lending()
    for try_ in range(8):
        await deliver.deliver(services, lending.desk, NOW + try_ * LATER)
    asked = len(peer.asked)
    assert asked == (3 if message is LOANED else 4)
    ((row),) = await rows(services)
    assert row.state == "dead"
    assert [key for key, _ in lending.failed] == ["k"]
    (shown,) = await correspondence.undelivered(services, None)
    assert (shown.state, shown.to) == ("dead", "isil:vn-nlv")
    assert await correspondence.undelivered(services, {"nobody"}) == []

    peer.answers = []
    await correspondence.resend(services, row.id, None, "thu-thu@example.vn", NOW + 9 * LATER)
    await deliver.deliver(services, lending.desk, NOW + 9 * LATER)
    ((row),) = await rows(services)
    assert row.state == "sent"
    again = read(peer.asked[-1][1]).message
    assert again is not None
    assert again.header.timestamp == NOW + 9 * LATER
    assert replace(again.header, timestamp=message.header.timestamp) == message.header
    with pytest.raises(Conflict):
        await correspondence.resend(services, row.id, None, "thu-thu@example.vn", NOW)


async def test_order_is_kept_within_a_request_and_one_lane_does_not_hold_others(
    services: Services, partner: Partner, peer: Peer
) -> None:
    peer.answers, peer.only = [(503, b"")], "Request"
    await queue(services, REQUEST)
    await queue(services, RECEIVED, "k2")
    await queue(services, replace(LOANED, status=Status.WILL_SUPPLY), "other 1", to="isil:vn-nlv")
    await queue(services, LOANED, "other 2", to="isil:vn-nlv")
    lending = Lending()
    await deliver.deliver(services, lending.desk, NOW)
    states = {row.key: row.state for row in await rows(services)}
    assert states["k2"] == "waiting"
    await deliver.deliver(services, lending.desk, NOW + LATER)
    words = peer.words
    assert words.index("Received") > words.index("Request")
    assert words.index("Loaned") > words.index("WillSupply")
    assert {row.state for row in await rows(services)} == {"sent"}


async def test_a_killed_sender_leaves_a_claim_that_lapses(
    services: Services, partner: Partner, peer: Peer
) -> None:
    await queue(services, REQUEST)
    async with services.db.begin() as conn:
        assert len(await deliveries.claim(conn, OutgoingKind.MESSAGE, NOW)) == 1
    assert await deliver.deliver(services, Lending().desk, NOW + timedelta(minutes=1)) == 0
    assert await deliver.deliver(services, Lending().desk, NOW + timedelta(minutes=5)) == 1
    assert peer.words == ["Request"]


async def test_private_targets_are_refused(url: str, home: Path, peer: Peer) -> None:
    settings = Settings.load(home=home, allow_targets="koha.example.vn")
    async with open_services(settings, url) as services:
        await partners.save(
            services, "test", Partner("nlv", "Quốc gia", peer.address, agencies=(AgencyOf("ISIL", "VN-NLV"),))
        )
        await queue(services, REQUEST)
        await deliver.deliver(services, Lending().desk, NOW)
        ((row),) = await rows(services)
        assert row.state == "waiting"
        assert "this machine itself" in row.last_error
    assert peer.asked == []


async def test_answers_without_end_and_redirections_are_no_answers(
    services: Services, partner: Partner, peer: Peer
) -> None:
    peer.answers = [(200, b"x" * 300_000), (302, b""), (200, write_confirmation(confirm(LOANED, NOW)))]
    await queue(services, RECEIVED)
    for try_ in range(3):
        await deliver.deliver(services, Lending().desk, NOW + try_ * LATER)
    errors = [line.error_value or "" for line in await logged(services)][:3]
    assert "too much" in errors[0]
    assert "HTTP 302" in errors[1]
    assert "something else" in errors[2]


async def test_libraries_of_this_federation_hear_the_same_message(services: Services) -> None:
    lending = Lending()
    await queue(services, REQUEST, to="isil:vn-nlv")
    await deliver.deliver(services, lending.desk, NOW)
    assert lending.heard == [REQUEST]
    (line,) = await logged(services)
    assert (line.way, line.outcome) == ("inside", Outcome.OK)
    lending.wrong = fault(Situation.UNKNOWN_REQUEST, "YC-1/1")
    await queue(services, RECEIVED, "k2")
    await deliver.deliver(services, lending.desk, NOW)
    assert [key for key, _ in lending.failed] == ["k2"]


async def test_an_inactive_partner_is_not_written_to(
    services: Services, partner: Partner, peer: Peer
) -> None:
    await partners.save(services, "test", replace(partner, active=False))
    await queue(services, REQUEST)
    lending = Lending()
    await deliver.deliver(services, lending.desk, NOW)
    assert peer.asked == []
    assert [row.state for row in await rows(services)] == ["dead"]
    assert len(lending.failed) == 1


async def test_a_broker_is_named_and_told_whom_is_meant(
    services: Services, partner: Partner, peer: Peer
) -> None:
    broker = replace(
        partner, mode="opaque", agencies=(AgencyOf("ISIL", "VN-BROKER"), AgencyOf("ISIL", "VN-NLV"))
    )
    await partners.save(services, "test", broker)
    await queue(services, REQUEST)
    await deliver.deliver(services, Lending().desk, NOW)
    sent = read(peer.asked[0][1]).message
    assert isinstance(sent, m.RequestMessage)
    assert sent.header.supplying_agency == m.Agency("VN-BROKER")
    assert sent.suppliers[0].agency == THERE
