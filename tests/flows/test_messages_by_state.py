"""What a partner may say in each state, over HTTP: wrong, late and backward messages change nothing."""

import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from tests.flows.test_locate import federation
from unioncat.config import Settings
from unioncat.domain.lending import Attempt, Loan, Request, RequesterState, SupplierState, Wanted
from unioncat.domain.partner import AgencyOf, Partner
from unioncat.flow import partners
from unioncat.flow.services import Services, open_services
from unioncat.lending.iso18626 import model as m
from unioncat.lending.iso18626.codes import (
    ONLY_2021,
    Action,
    ErrorType,
    MessageStatus,
    Reason,
    Status,
    Version,
)
from unioncat.lending.iso18626.read import read_confirmation
from unioncat.lending.iso18626.write import write
from unioncat.store import lending_requests, lending_supplies, libraries
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue
from unioncat_api.directory import Directories

R, U, A, S = RequesterState, SupplierState, Action, Status
BEGUN = datetime(2026, 1, 5, 9, tzinfo=UTC)
THERE, NEAR, HOME = (
    m.Agency("VN-TVHP"),
    m.Agency("near", m.Code("UNIONCAT")),
    m.Agency("home", m.Code("UNIONCAT")),
)


@dataclass
class Line:
    """A partner's line to a service, and what stands there about a thing that it speaks of."""

    services: Services
    client: httpx2.AsyncClient
    home: int
    near: int

    async def say(self, message: m.Message, version: Version = Version.V2021) -> m.Confirmation:
        answer = await self.client.post("/iso18626", content=write(message, version))
        assert answer.status_code == 200, answer.text
        return read_confirmation(answer.content)

    async def supply(self, state: SupplierState) -> str:
        """Write a supply that the partner asked `near` for, as it stands in a state."""
        saved = U.PICKED if state is U.CANCEL_REQUESTED else None
        one = Attempt(
            uuid.uuid4(),
            f"HP-{uuid.uuid4().hex}",
            "isil:vn-tvhp",
            "unioncat:near",
            Wanted("Sách"),
            supplier_state=state,
            supplier_saved=saved,
            created=BEGUN,
            changed=BEGUN,
        )
        async with self.services.db.as_service() as conn:
            await lending_supplies.add(conn, one, None, self.near)
        return one.protocol_id

    async def request(self, state: RequesterState, *, present: bool = True, **seen: Any) -> str:
        """Write a request of `home` with the partner as supplier asked first; present, or left behind."""
        number = uuid.uuid4().hex
        saved = R.SENT if state is R.CANCEL_PENDING else None
        loan = Loan(due=BEGUN + timedelta(days=40)) if state is R.ON_LOAN else Loan()
        request = Request(
            uuid.uuid4(),
            f"YC-{number}",
            "home",
            Wanted("Sách"),
            state=state,
            saved=saved,
            attempt=1 if present else 2,
            loan=loan,
            created=BEGUN,
            changed=BEGUN,
        )
        attempt = Attempt(
            uuid.uuid4(),
            f"YC-{number}-1",
            "unioncat:home",
            "isil:vn-tvhp",
            Wanted("Sách"),
            request=request.id,
            open=present and state not in ENDS,
            created=BEGUN,
        )
        async with self.services.db.as_service() as conn:
            await lending_requests.add(conn, request, number)
            await lending_supplies.add(conn, attempt, self.home, None)
            if seen:
                attempt = replace(attempt, **seen)
                await lending_supplies.save_requester(conn, attempt)
        return attempt.protocol_id

    async def standing(self, number: str) -> Mapping[str, Any]:
        """Give all that stands about a supply and its request, but what may be kept of any message."""
        query = text(
            "SELECT to_jsonb(s) AS supply, to_jsonb(r) AS request,"
            " (SELECT count(*) FROM lending_event e WHERE e.step <> 'late' AND"
            "   (e.supply_id = s.id OR e.request_id = r.id)) AS events,"
            " (SELECT count(*) FROM lending_event e WHERE e.step = 'late' AND"
            "   (e.supply_id = s.id OR e.request_id = r.id)) AS late,"
            " (SELECT count(*) FROM lending_outbox o WHERE o.supply_id = s.id OR o.request_id = r.id) AS sent"
            " FROM lending_supply s LEFT JOIN lending_request r ON r.id = s.request_id"
            " WHERE s.protocol_id = :number"
        )
        async with self.services.db.as_service() as conn:
            return dict((await conn.execute(query, {"number": number})).mappings().one())


@pytest.fixture
async def line(url: str, home: Path) -> AsyncIterator[Line]:
    async with open_services(Settings.load(home=home), url) as services:
        await federation(services.db)
        partner = Partner("hai-phong", "Hải Phòng", agencies=(AgencyOf("ISIL", "VN-TVHP"),))
        await partners.save(services, "test", partner)
        token = await partners.new_token(services, "test", "hai-phong")
        async with services.db.as_service() as conn:
            ids = [await libraries.library_id(conn, code) for code in ("home", "near")]

        async def opening() -> None:
            return None

        app = create_app(opening, operator_token="t" * 40, base_url="http://127.0.0.1")  # type: ignore[arg-type]
        app.state.catalogue = Catalogue(services)
        app.state.directories = Directories(app.state.catalogue)
        transport = httpx2.ASGITransport(app)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/xml"}
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=headers
        ) as client:
            yield Line(services, client, *ids)


ENDS = frozenset(
    {
        *(R.COMPLETED, R.COPY_DELIVERED, R.COMPLETED_WITHOUT_RETURN, R.UNFILLED, R.CANCELLED),
        *(R.CLOSED_MANUALLY, R.SUPERSEDED),
    }
)
ANYWHERE = frozenset({A.STATUS_REQUEST, A.NOTIFICATION, A.CANCEL})
"""Actions that are answered in every state."""
HERE = "where it was"
BACK = {A.SHIPPED_RETURN: U.RETURN_IN_TRANSIT, A.SHIPPED_FORWARD: U.RETURN_IN_TRANSIT}
WITH_THEM = {A.RENEW: HERE, A.HOLD_RETURN: HERE, A.LOST: U.LOST, **BACK}
ENDED_LOAN = {A.RENEW: HERE}
MOVES: Mapping[SupplierState, Mapping[Action, object]] = {
    U.RECEIVED: {A.CANCEL: U.CANCELLED},
    U.CONDITION_SENT: {A.CANCEL: U.CANCELLED},
    U.TO_PULL: {A.CANCEL: U.CANCEL_REQUESTED},
    U.PULLED_LIST: {A.CANCEL: U.CANCEL_REQUESTED},
    U.PICKED: {A.CANCEL: U.CANCEL_REQUESTED},
    U.SHIPPED: {A.RECEIVED: U.WITH_REQUESTER, **WITH_THEM},
    U.WITH_REQUESTER: WITH_THEM,
    U.RETURN_IN_TRANSIT: {A.RENEW: HERE, A.LOST: U.LOST},
    U.LOST: {A.RENEW: HERE, **BACK},
    **dict.fromkeys((U.COMPLETED, U.COPY_SENT, U.COMPLETED_WITHOUT_RETURN, U.CLOSED_MANUALLY), ENDED_LOAN),
}
"""What an action does to a supply; one that stays where it was is noted, or answered with no."""
AFTER_SENDING = frozenset(
    {
        *(U.SHIPPED, U.WITH_REQUESTER, U.RETURN_IN_TRANSIT, U.LOST, U.COMPLETED, U.COPY_SENT),
        *(U.COMPLETED_WITHOUT_RETURN, U.CLOSED_MANUALLY),
    }
)
"""States in which an action that comes too late is taken for a repetition; before them it is an error."""

GONE = {S.LOANED: R.SHIPPED, S.OVERDUE: R.SHIPPED, S.RECALLED: R.SHIPPED, S.HOLD_RETURN: R.SHIPPED}
ENDED = {
    S.LOAN_COMPLETED: R.COMPLETED,
    S.COMPLETED_WITHOUT_RETURN: R.COMPLETED_WITHOUT_RETURN,
}
OPEN = {**GONE, **ENDED, S.COPY_COMPLETED: R.COPY_DELIVERED, S.UNFILLED: R.LOCATING, S.CANCELLED: R.LOCATING}
PROMISED = {S.WILL_SUPPLY: R.WILL_SUPPLY, S.RETRY_POSSIBLE: R.RETRY_OFFERED, **OPEN}
ASKED = {S.REQUEST_RECEIVED: R.EXPECTED, S.EXPECT_TO_SUPPLY: R.EXPECTED, **PROMISED}
THERE_NOW = {**dict.fromkeys((*GONE, S.RELEASE_HOLD_RETURN), HERE), **ENDED}
HEARD: Mapping[RequesterState, Mapping[Status, object]] = {
    R.SENT: ASKED,
    R.EXPECTED: PROMISED,
    R.WILL_SUPPLY: {**OPEN, S.RETRY_POSSIBLE: R.RETRY_OFFERED},
    R.CONDITIONAL: PROMISED,
    R.RETRY_OFFERED: OPEN,
    R.CANCEL_PENDING: {
        **dict.fromkeys((S.REQUEST_RECEIVED, S.EXPECT_TO_SUPPLY, S.WILL_SUPPLY), HERE),
        **OPEN,
        **dict.fromkeys((S.RETRY_POSSIBLE, S.UNFILLED, S.CANCELLED), R.CANCELLED),
    },
    **dict.fromkeys((R.SHIPPED, R.ON_LOAN, R.RETURN_SHIPPED), THERE_NOW),
    R.LOST: {S.RELEASE_HOLD_RETURN: HERE, **ENDED},
    R.COMPLETED_WITHOUT_RETURN: {S.LOAN_COMPLETED: R.COMPLETED},
}
"""What a status does to a request; one that is not here has been overtaken, and is only kept.

Received and returned by the reader are as on loan.
"""


def said(number: str, action: Action) -> m.RequestingMessage:
    header = m.Header(THERE, BEGUN + timedelta(days=3), number, NEAR)
    return m.RequestingMessage(header, action)


def told(number: str, status: Status, at: datetime) -> m.SupplyingMessage:
    header = m.Header(HOME, BEGUN + timedelta(days=3), number, THERE)
    return m.SupplyingMessage(header, Reason.STATUS_CHANGE, status, last_change=at)


def in_turn(number: int, *, new: bool) -> Version:
    """Take the versions by turns; what only the newer one can say is said in it."""
    return Version.V2021 if new or number % 2 else Version.V1_2


def kept(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether nothing is different but that a message was kept, one number later."""
    request = [{**one["request"], "version": 0} if one["request"] else None for one in (before, after)]
    same = all(before[name] == after[name] for name in ("events", "sent"))
    return same and request[0] == request[1] and after["late"] == before["late"] + 1


async def test_each_action_in_each_state_of_a_supply(line: Line) -> None:
    for turn, state in enumerate(SupplierState):
        for place, action in enumerate(Action):
            version = in_turn(turn + place, new=action in ONLY_2021)
            number = await line.supply(state)
            before = await line.standing(number)
            answer = await line.say(said(number, action), version)
            after = await line.standing(number)
            case = f"{action} in {state}"
            moves = MOVES.get(state, {}).get(action)
            assert answer.action == action, case
            if moves is None and action not in ANYWHERE and state not in AFTER_SENDING:
                assert [one.type for one in answer.faults] == [ErrorType.UNSUPPORTED_ACTION], case
                assert after == before, case
                continue
            assert answer.status is MessageStatus.OK, case
            stands = state if moves in (None, HERE) else moves
            assert after["supply"]["supplier_state"] == stands, case
            if moves is None and action not in ANYWHERE:
                assert kept(before, after), case


async def test_each_status_in_each_state_of_a_request(line: Line) -> None:
    at = BEGUN + timedelta(days=2)
    for state, moves in HEARD.items():
        for status in Status:
            number = await line.request(state)
            before = await line.standing(number)
            answer = await line.say(told(number, status, at))
            after = await line.standing(number)
            case = f"{status} in {state}"
            assert answer.status is MessageStatus.OK, case
            if status not in moves:
                assert kept(before, after), case
                continue
            assert after["events"] == before["events"] + 1, case
            stands = state if moves[status] is HERE else moves[status]
            assert after["request"]["state"] == stands, case


async def test_a_status_older_than_the_last_one_moves_nothing(line: Line) -> None:
    """Messages overtake each other on their way: what the supplier said last is what holds."""
    last: dict[str, Any] = {"status_seen": "Loaned", "status_at": BEGUN + timedelta(days=2)}
    for place, status in enumerate(Status):
        for turn, state in enumerate((R.SENT, R.ON_LOAN)):
            version = in_turn(turn + place, new=status in ONLY_2021)
            number = await line.request(state, **last)
            before = await line.standing(number)
            answer = await line.say(told(number, status, BEGUN + timedelta(days=1)), version)
            after = await line.standing(number)
            assert answer.status is MessageStatus.OK
            # A supplier that agrees to a cancel answers a question: that counts whenever it is said.
            if status is S.CANCELLED and state is R.SENT:
                continue
            assert kept(before, after), f"{status} in {state}"
            assert after["supply"]["status_seen"] == "Loaned"


async def test_a_supplier_that_has_lost_its_turn_moves_nothing(line: Line) -> None:
    """Only a thing that it sends after all is noted, for it must go back."""
    at = BEGUN + timedelta(days=2)
    for state in (R.SENT, R.ON_LOAN, R.CLOSED_MANUALLY):
        for status in Status:
            number = await line.request(state, present=False)
            before = await line.standing(number)
            answer = await line.say(told(number, status, at))
            after = await line.standing(number)
            case = f"{status} in {state}"
            assert answer.status is MessageStatus.OK, case
            assert kept(before, after), case
            stray = status in (S.LOANED, S.OVERDUE, S.RECALLED) and state is not R.CLOSED_MANUALLY
            assert (after["supply"]["stray"], after["supply"]["open"]) == (stray, False), case


async def test_what_is_said_of_nothing_or_by_the_wrong_side_changes_nothing(line: Line) -> None:
    asked, given = await line.request(R.SENT), await line.supply(U.RECEIVED)
    before = [await line.standing(number) for number in (asked, given)]
    wrong: dict[str, m.Message] = {
        "no such supply": said("HP-none", A.RECEIVED),
        "our own request, spoken of as theirs": said(asked, A.RECEIVED),
        "another library's supply": replace(
            said(given, A.CANCEL), header=m.Header(THERE, BEGUN, given, m.Agency("far", m.Code("UNIONCAT")))
        ),
        "no such request": told("YC-none", S.LOANED, BEGUN),
        "their own request, spoken of as ours": told(given, S.LOANED, BEGUN),
    }
    for name, message in wrong.items():
        answer = await line.say(message)
        assert [one.type for one in answer.faults] == [ErrorType.VALUE], name
    assert [await line.standing(number) for number in (asked, given)] == before
