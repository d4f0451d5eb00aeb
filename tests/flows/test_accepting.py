"""Conditions of a partner are accepted as its version of the standard has it: by a retry, or by a note."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.lending import World
from unioncat.config import Settings
from unioncat.domain.lending import RequesterState, Side, Step
from unioncat.domain.partner import AgencyOf, Partner
from unioncat.flow import lend, partners
from unioncat.flow.services import Services, open_services
from unioncat.lending.asking import Asking
from unioncat.lending.iso18626 import model as m
from unioncat.lending.iso18626.codes import MessageStatus, Reason, Status
from unioncat.store import lending_supplies
from unioncat.store import tables as t


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1), url) as opened:
        yield opened


async def sent(services: Services) -> list[dict[str, Any]]:
    """All messages of the outbox."""
    async with services.db.as_service() as conn:
        query = select(t.lending_outbox.c.body).where(t.lending_outbox.c.kind == "message")
        return list((await conn.execute(query.order_by(t.lending_outbox.c.id))).scalars())


@pytest.mark.parametrize(
    ("version", "quirks", "by"),
    [("2021-2", (), "retry"), ("2021-2", ("note-marks",), "note"), ("1.2", (), "note")],
)
async def test_conditions_are_accepted_as_the_partner_understands_it(
    services: Services, version: str, quirks: tuple[str, ...], by: str
) -> None:
    world = await World.begin(services, "near")
    agency = AgencyOf("ISIL", "VN-GAN", "near")
    address = "https://koha.example.vn/ill"
    partner = Partner("koha", "Koha", address, agencies=(agency,), version=version, quirks=quirks)
    await partners.save(services, "test", partner)
    asking = Asking(world.wanted())
    request = await lend.ask(services, lend.link("home"), "home", asking, world.now)
    (former,) = await world.attempts(request)
    offer = m.SupplyingMessage(
        header=m.Header(
            requesting_agency=m.Agency("home", m.Code("UNIONCAT")),
            supplying_agency=m.Agency("VN-GAN", m.Code("ISIL")),
            timestamp=world.now,
            requesting_request_id=former.protocol_id,
        ),
        reason=Reason.REQUEST_RESPONSE,
        status=Status.RETRY_POSSIBLE,
        last_change=world.now,
        reason_retry=m.Code("MustMeetLoanCondition"),
        retry=m.RetryInfo(loan_conditions=(m.Code("LibraryUseOnly"),)),
    )
    async with services.db.as_service() as conn:
        said = await lend.receive(services, conn, offer, sender=partner, now=world.now, message_id="1")
    assert said.status is MessageStatus.OK
    request = await world.request(request.id)
    assert request.state is RequesterState.CONDITIONAL

    await lend.step(
        services, lend.link("home"), Side.REQUESTER, request.id, Step.ACCEPT_CONDITIONS, world.now
    )
    request = await world.request(request.id)
    last = (await sent(services))[-1]
    if by == "note":
        assert request.state is RequesterState.WILL_SUPPLY
        assert (last["action"], last["note"]) == ("Notification", "ACCEPT")
        return
    assert request.state is RequesterState.SENT
    assert last["service"]["type"] == "Retry"
    assert last["service"]["previous_request_id"] == former.protocol_id
    assert last["service"]["loan_conditions"][0]["value"] == "LibraryUseOnly"
    async with services.db.as_service() as conn:
        former, again = await lending_supplies.of_request(conn, request.id)
    assert (former.open, again.open, again.retry_of) == (False, True, former.id)
