"""Messages of partners: answered once, logged always, without a trace where the answer is an error."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.unioncat.lending.iso18626 import test_bad_input as bad
from unioncat.config import Settings
from unioncat.domain.credentials import Credentials
from unioncat.domain.partner import AgencyOf, Outcome, Partner, Said
from unioncat.flow import answering, partners
from unioncat.flow.answering import Answer
from unioncat.flow.services import Services, open_services
from unioncat.lending.iso18626.answer import Situation, confirm, fault
from unioncat.lending.iso18626.codes import MessageStatus
from unioncat.lending.iso18626.model import Confirmation, Message
from unioncat.lending.iso18626.read import read_confirmation
from unioncat.store import messages
from unioncat.store import partners as store
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.sealing import Locked

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OTHER = Partner("hai-phong", "Thư viện Hải Phòng", agencies=(AgencyOf("ISIL", "VN-TVHP"),))
MINE = Partner(
    "quoc-gia", "Thư viện Quốc gia", "https://nlv.example.vn/ill", agencies=(AgencyOf("ISIL", "VN-NLV"),)
)


@pytest.fixture
async def services(url: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    monkeypatch.setenv("UNIONCAT_HOME", str(home))
    async with open_services(Settings.load(home=home), url) as opened:
        yield opened


class Lend:
    """Stands for what carries messages out: counts, and leaves a trace in the database."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.wrong: tuple[object, ...] = ()
        self.crash = False

    async def __call__(
        self,
        services: Services,
        conn: Connection,
        message: Message,
        *,
        sender: Partner | None,
        now: datetime,
        message_id: str,
    ) -> Confirmation:
        self.heard.append(message)
        await conn.execute(
            text(
                "INSERT INTO lending_counter AS c VALUES (2026, 1)"
                " ON CONFLICT (year) DO UPDATE SET last = c.last + 1"
            )
        )
        if self.crash:
            raise RuntimeError("the database has fallen over")
        wrong = [fault(Situation.UNKNOWN_REQUEST, "YC-1/1")] if self.wrong else []
        return confirm(message, now, *wrong)


async def traces(services: Services) -> int:
    async with services.db.begin() as conn:
        return int(
            (await conn.execute(text("SELECT coalesce(sum(last), 0) FROM lending_counter"))).scalar_one()
        )


async def logged(services: Services) -> list[Said]:
    async with services.db.begin() as conn:
        return await messages.listed(conn)


async def take(
    services: Services, body: bytes, lend: Lend, *, sender: Partner | None, type: str = "application/xml"
) -> Answer:
    return await answering.answer(services, body, type, sender=sender, now=NOW, receive=lend)


@pytest.fixture
async def partner(services: Services) -> Partner:
    return await partners.save(services, "test", OTHER)


async def test_a_message_is_carried_out_confirmed_and_logged(services: Services, partner: Partner) -> None:
    lend = Lend()
    answer = await take(services, bad.request(), lend, sender=partner)
    confirmation = read_confirmation(answer.body)
    assert (answer.status, confirmation.status) == (200, MessageStatus.OK)
    assert confirmation.requesting_request_id == "YC-1/1"
    (line,) = await logged(services)
    assert (line.body, line.answer, line.outcome) == (bad.request(), answer.body, Outcome.OK)
    assert (line.request, line.requesting_agency, line.partner_code) == (
        "YC-1/1",
        "isil:vn-tvhp",
        "hai-phong",
    )
    assert await traces(services) == 1


async def test_the_same_bytes_get_the_same_answer_and_do_nothing(
    services: Services, partner: Partner
) -> None:
    lend = Lend()
    first = await take(services, bad.request(), lend, sender=partner)
    again = [await take(services, bad.request(), lend, sender=partner) for _ in range(2)]
    assert {one.body for one in again} == {first.body}
    assert len(lend.heard) == 1
    assert await traces(services) == 1
    assert len(await logged(services)) == 3


async def test_the_same_bytes_at_once_are_carried_out_once(services: Services, partner: Partner) -> None:
    lend = Lend()
    answers = await asyncio.gather(*(take(services, bad.request(), lend, sender=partner) for _ in range(6)))
    assert len({one.body for one in answers}) == 1
    assert await traces(services) == 1


async def test_another_partner_is_not_given_the_answer(services: Services, partner: Partner) -> None:
    other = await partners.save(services, "test", replace(MINE, code="khac"))
    lend = Lend()
    await take(services, bad.request(), lend, sender=partner)
    answer = await take(services, bad.request(), lend, sender=other)
    assert read_confirmation(answer.body).status is MessageStatus.ERROR


async def test_an_error_leaves_nothing_but_its_line(services: Services, partner: Partner) -> None:
    lend = Lend()
    lend.wrong = (1,)
    answer = await take(services, bad.requesting("<action>Renew</action>"), lend, sender=partner)
    confirmation = read_confirmation(answer.body)
    assert answer.status == 200
    assert confirmation.status is MessageStatus.ERROR
    assert confirmation.action == "Renew"
    assert await traces(services) == 0
    (line,) = await logged(services)
    assert (line.outcome, line.error_type) == (Outcome.ERROR, "UnrecognisedDataValue")


async def test_a_failure_of_ours_is_never_confirmed_and_the_next_try_is_a_new_one(
    services: Services, partner: Partner
) -> None:
    lend = Lend()
    lend.crash = True
    with pytest.raises(RuntimeError):
        await take(services, bad.request(), lend, sender=partner)
    assert await traces(services) == 0
    (line,) = await logged(services)
    assert (line.outcome, line.status, line.answer) == (Outcome.FAILED, 500, None)
    lend.crash = False
    answer = await take(services, bad.request(), lend, sender=partner)
    assert read_confirmation(answer.body).status is MessageStatus.OK
    assert await traces(services) == 1


@pytest.mark.parametrize("name", bad.FAULTS)
async def test_a_broken_message_changes_nothing(services: Services, partner: Partner, name: str) -> None:
    lend = Lend()
    body, type, value = bad.FAULTS[name]
    answer = await take(services, body, lend, sender=partner)
    (found,) = read_confirmation(answer.body).faults
    assert answer.status == 200
    assert found.type is type
    assert (found.value or "").startswith(value)
    assert lend.heard == []
    (line,) = await logged(services)
    assert (line.body, line.outcome) == (body, Outcome.ERROR)


@pytest.mark.parametrize("name", bad.NOT_READABLE)
async def test_what_is_no_message_is_refused_and_kept(
    services: Services, partner: Partner, name: str
) -> None:
    body, status = bad.NOT_READABLE[name]
    answer = await take(services, body, Lend(), sender=partner)
    assert answer.status == status
    (line,) = await logged(services)
    assert (line.outcome, line.status, line.body) == (Outcome.REFUSED, status, body)


async def test_another_type_is_refused(services: Services, partner: Partner) -> None:
    answer = await take(services, bad.request(), Lend(), sender=partner, type="application/json")
    assert answer.status == 415


async def test_a_peer_speaks_for_its_own_agencies_only(services: Services) -> None:
    stranger = await partners.save(services, "test", MINE)
    lend = Lend()
    for body, element in (
        (bad.request(), "requestingAgencyId"),
        (bad.requesting("<action>Cancel</action>"), "requestingAgencyId"),
    ):
        (found,) = read_confirmation((await take(services, body, lend, sender=stranger)).body).faults
        assert found.value is not None
        assert found.value.startswith(element)
    # It is the supplier of this one, and so may say where it stands.
    answer = await take(services, bad.supplying(bad.INFO + bad.STATUSES), lend, sender=stranger)
    assert read_confirmation(answer.body).status is MessageStatus.OK
    assert len(lend.heard) == 1


async def test_a_supplier_that_is_not_theirs_is_refused(services: Services, partner: Partner) -> None:
    answer = await take(services, bad.supplying(bad.INFO + bad.STATUSES), Lend(), sender=partner)
    (found,) = read_confirmation(answer.body).faults
    assert (found.value or "").startswith("supplyingAgencyId: VN-NLV")


async def test_tokens_open_for_their_partner_only(services: Services, partner: Partner) -> None:
    token = await partners.new_token(services, "test", "hai-phong")
    assert await partners.whose_token(services, token) == await partners.read(services, "hai-phong")
    assert await partners.whose_token(services, token, "hai-phong") is not None
    assert await partners.whose_token(services, token, "quoc-gia") is None
    assert await partners.whose_token(services, token + "x") is None
    assert await partners.whose_token(services, "x" * 5000) is None
    newer = await partners.new_token(services, "test", "hai-phong")
    assert await partners.whose_token(services, token) is None
    await partners.save(services, "test", replace(partner, active=False))
    assert await partners.whose_token(services, newer) is None
    async with services.db.begin() as conn:
        rows = await conn.execute(text("SELECT row_to_json(p)::text FROM lending_partner p"))
        assert newer not in str(rows.all())


async def test_certificates_are_known_by_their_hash(services: Services, partner: Partner) -> None:
    hash = "AB:" * 31 + "AB"
    await partners.save(services, "test", replace(partner, certificate=hash))
    assert await partners.whose_certificate(services, hash.lower()) is not None
    assert await partners.whose_certificate(services, "cd" * 32) is None
    with pytest.raises(Conflict, match="certificate"):
        await partners.save(services, "test", replace(MINE, certificate=hash))


async def test_credentials_of_partners_lie_sealed(services: Services) -> None:
    await partners.save(services, "test", MINE)
    given = Credentials(headers=(("Authorization", "Bearer khoa-bi-mat-rat-dai"),))
    await partners.give_credentials(services, "test", "quoc-gia", given)
    async with services.db.begin() as conn:
        from unioncat.flow.credentials import keyring

        partner = await store.read(conn, "quoc-gia")
        assert await store.take_credentials(conn, keyring(services.settings), partner) == given
        rows = await conn.execute(text("SELECT row_to_json(p)::text FROM lending_partner p"))
        assert "khoa-bi-mat" not in str(rows.all())
        moved = await store.save(conn, replace(partner, address="https://elsewhere.example.vn/ill"))
        with pytest.raises(Locked, match="were given for"):
            await store.take_credentials(conn, keyring(services.settings), moved)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": "Viết Hoa"}, "a code has"),
        ({"name": " "}, "no name"),
        ({"version": "3"}, "the version"),
        ({"address": "ftp://x"}, "address"),
        ({"agencies": ()}, "no agency"),
        ({"certificate": "zz"}, "certificate"),
        ({"quirks": ("whims",)}, "no quirk"),
    ],
)
async def test_partners_that_cannot_be_used_are_refused(
    services: Services, change: dict[str, object], words: str
) -> None:
    with pytest.raises(Conflict, match=words):
        await partners.save(services, "test", replace(OTHER, **change))  # type: ignore[arg-type]


async def test_an_agency_has_one_system(services: Services, partner: Partner) -> None:
    with pytest.raises(Conflict, match="another partner"):
        await partners.save(services, "test", replace(MINE, agencies=partner.agencies))
    with pytest.raises(Unknown):
        await partners.save(services, "test", replace(MINE, agencies=(AgencyOf("ISIL", "X", "none"),)))


async def test_bodies_go_and_the_rest_stays(services: Services, partner: Partner) -> None:
    await take(services, bad.request(), Lend(), sender=partner)
    async with services.db.begin() as conn:
        assert await messages.tidy(conn, NOW) == 0
        assert await messages.tidy(conn, datetime(2027, 1, 1, tzinfo=UTC)) == 1
    (line,) = await logged(services)
    assert (line.body, line.answer, line.request) == (None, None, "YC-1/1")
