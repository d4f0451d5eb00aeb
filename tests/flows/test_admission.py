"""The account of a library that was admitted: by letter to the approved address, else by its private link."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.test_registration import FACTS, services
from tests.support.people import letters
from unioncat.domain.library import Contact
from unioncat.domain.people import Right, Role, SignedIn
from unioncat.flow import admission, approval, people, registration
from unioncat.flow.services import Services
from unioncat.store import people as people_store
from unioncat.store.errors import Conflict, TooMany, Unknown

__all__ = ["services"]
NOWHERE = "smtp://127.0.0.1:1"
PASSWORD = "một câu dài khó đoán"


async def admitted(services: Services, *, email: str | None = "tv@example.vn") -> tuple[str, str]:
    """Register with a file only, and approve; give the private link's secret and the library."""
    secret = await registration.begin(services, "excel", "", origin=None)
    facts = replace(FACTS, name_vi="Thư viện Sa Pa", branches=(), contact=Contact(email=email, phone="02143"))
    number = (await registration.send(services, secret, facts)).id
    wanted = await approval.propose(services, number)
    library = wanted.library.model_copy(update={"audience": "public"})
    done = await approval.approve(services, number, replace(wanted, library=library), by="Lan")
    return secret, str(done.library)


async def test_approval_writes_to_the_address_and_the_account_may_bring_files(
    services: Services, home: Path
) -> None:
    _, library = await admitted(services)
    (text,) = letters(home)
    token = text.partition("/link/")[2].split()[0]
    assert await people.take_up(services, token, email="", name="Lan", password=PASSWORD) == ""
    async with services.db.as_service() as conn:
        account = await people_store.by_email(conn, "tv@example.vn")
    assert account is not None
    assert [(one.role, one.library) for one in account.grants] == [(Role.CATALOGUER, library)]
    at_work = SignedIn(account)
    assert at_work.may(Right.FILES, library)
    assert not at_work.may(Right.FILES, "tv-tinh-lao-cai")
    assert not at_work.may(Right.PEOPLE, library)


async def test_without_a_mail_server_the_private_link_opens_it_until_somebody_has_it(
    services: Services,
) -> None:
    secret, _ = await admitted(services)
    first = await admission.ask(services, secret, "other@example.vn")
    token = await admission.ask(services, secret, "")
    assert token
    assert first
    assert await people.link(services, first) is None, "an earlier link ends"
    shown = await people.link(services, token)
    assert shown is not None
    assert shown[0].email == "tv@example.vn", "the approved address cannot be put aside"
    await people.take_up(services, token, email="", name="Lan", password=PASSWORD)
    with pytest.raises(Conflict, match="account already"):
        await admission.ask(services, secret, "")
    with pytest.raises(Unknown):
        await admission.ask(services, "x" * 32, "")


async def test_with_a_mail_server_the_link_goes_by_letter_only(services: Services, home: Path) -> None:
    services = replace(services, settings=services.settings.model_copy(update={"smtp_url": NOWHERE}))
    secret, _ = await admitted(services, email=None)
    assert letters(home) == []
    with pytest.raises(Conflict, match="no e-mail address"):
        await admission.ask(services, secret, "nowhere")
    assert await admission.ask(services, secret, "thu@example.vn") is None
    assert len(letters(home)) == 1
    with pytest.raises(TooMany):
        await admission.ask(services, secret, "thu@example.vn")


async def test_what_was_not_approved_has_no_account(services: Services) -> None:
    secret = await registration.begin(services, "excel", "", origin=None)
    await registration.send(services, secret, FACTS)
    shown = await registration.shown(services, secret)
    assert shown is not None
    assert await admission.access(services, shown.registration) is None
    with pytest.raises(Unknown):
        await admission.ask(services, secret, "tv@example.vn")
