"""Libraries that join, on a real store: limits for strangers, decisions that hold, what is forgotten."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from unioncat.config import Settings
from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.library import Contact, Level, LibraryType
from unioncat.domain.onboarding import Expected
from unioncat.domain.registration import Branch, Facts, RegistrationState, Wish
from unioncat.domain.software import AddressError
from unioncat.domain.source import Protocol
from unioncat.domain.switches import Suggestion
from unioncat.flow import approval, onboarding, register, registration, status
from unioncat.flow.appraise import appraise
from unioncat.flow.register import AudienceIn, GroupIn, LibraryIn, MembersFile, ProvinceIn
from unioncat.flow.services import Services, open_services
from unioncat.store import errands, jobs, libraries, registrations, sources
from unioncat.store.errors import Conflict, TooMany, Unknown

ADDRESS = "http://127.0.0.1:8080/oai"
FACTS = Facts(
    "Thư viện tỉnh Lào Cai",
    "",
    LibraryType.PUBLIC,
    Level.PROVINCE,
    "2025-15",
    "Sở Văn hóa",
    Contact(email="tv@example.vn"),
    Wish.PUBLIC,
    (Branch("SP", "Thư viện Sa Pa"),),
)
MARC = (
    '<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader>'
    '<datafield tag="245" ind1="1" ind2="0"><subfield code="a">{title}</subfield></datafield>'
    '<datafield tag="952" ind1=" " ind2=" "><subfield code="a">SP</subfield></datafield></record>'
)


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1), url) as opened:
        await register.load(
            opened,
            MembersFile(
                province=[ProvinceIn(key="2025-15", code="15", name_vi="Lào Cai", name_en="Lao Cai")],
                group=[GroupIn(code="kin", name_vi="Kín", name_en="Closed")],
                audience=[AudienceIn(code="kin", name_vi="Kín", name_en="Closed", group="kin")],
                library=[
                    LibraryIn(
                        code="tv-tinh-lao-cai",
                        name_vi="Thư viện tỉnh Lào Cai",
                        name_en="Hidden",
                        type=LibraryType.ARMED_FORCES,
                        audience="kin",
                    )
                ],
            ),
        )
        yield opened


def result(*titles: str) -> dict[str, object]:
    """What a probe brings home."""
    return {
        "protocol": "oai-pmh",
        "address": ADDRESS,
        "found": {
            "identity": {"name": "Koha Lào Cai", "facts": []},
            "offers": [{"name": "marc21", "namespace": "x"}],
            "sets": [["sach", "Sách"]],
            "format": "marc21",
            "list_size": 5000,
            "advice": ["Ask for items."],
            "notes": [],
            "suggestions": [{"name": "overlap_seconds", "value": "172800", "reason": "whole days"}],
        },
        "samples": [
            {
                "local_id": f"oai:{number}",
                "format": "marc21",
                "payload": base64.b64encode(title.encode()).decode(),
            }
            for number, title in enumerate(titles)
        ],
        "deleted": 1,
        "shut_out": 2,
        "tried": [{"address": "http://x/", "error": "no", "remedy": "try"}],
    }


async def looked(services: Services, token: str, *payloads: str) -> None:
    """End the look that a registration asked for, as harvester and worker do."""
    shown = await registration.shown(services, token)
    assert shown
    assert shown.errand
    async with services.db.begin() as conn:
        await errands.take(conn, shown.errand.id)
        await errands.answer(conn, shown.errand.id, result(*payloads))
        done = await errands.read(conn, shown.errand.id)
    await appraise(services, done)


async def sent(services: Services, *payloads: str, facts: Facts = FACTS) -> tuple[str, int]:
    """Register as far as waiting."""
    token = await registration.begin(services, "koha", ADDRESS, origin=None)
    await looked(services, token, *(payloads or (MARC.format(title="Rừng"),)))
    return token, (await registration.send(services, token, facts)).id


async def test_a_look_becomes_samples_findings_branches_and_suggestions(services: Services) -> None:
    token = await registration.begin(services, "koha", ADDRESS, origin=None)
    waiting = await registration.shown(services, token)
    assert waiting is not None
    assert waiting.looking
    places = [one["address"] for one in waiting.errand.subject["places"]] if waiting.errand else []
    assert ADDRESS in places
    await looked(services, token, MARC.format(title="Rừng"), "<record>", "\x00")
    shown = await registration.shown(services, token)
    assert shown is not None
    assert not shown.looking
    seen = shown.registration.appraisal
    assert seen is not None
    assert (seen.name, seen.size, seen.seen, seen.readable) == ("Koha Lào Cai", 5000, 3, 1)
    assert (seen.shut_out, seen.deleted) == (2, 1)
    assert [one.bib.title.main if one.bib else None for one in seen.samples] == ["Rừng", None]
    assert dict(seen.quality)["unreadable"] == 2
    assert dict(seen.quality)["no-agent"] == 1
    assert seen.branches == (("SP", 1),)
    assert seen.suggestions == (Suggestion("overlap_seconds", "172800", "whole days"),)


async def test_approval_makes_everything_at_once_and_forgets_what_was_found(services: Services) -> None:
    token, number = await sent(services)
    wanted = await approval.propose(services, number)
    assert wanted.library.code == "tv-tinh-lao-cai-2", "the name of a hidden library is taken, not told"
    assert wanted.source
    assert wanted.source.assertions.min_records == 2500
    assert [(value, one.code) for value, one in wanted.branches] == [("SP", "tv-sa-pa")]
    done = await approval.approve(services, number, wanted, by="Lan")
    assert (done.state, done.decided_by, done.appraisal) == (RegistrationState.APPROVED, "Lan", None)
    async with services.db.begin() as conn:
        known = {one.code: one for one in await libraries.all_libraries(conn)}
        (source,) = await sources.all_sources(conn)
        queue = [(one.kind, one.count) for one in await jobs.stats(conn) if one.kind == "harvest"]
    assert known["tv-sa-pa"].parents[0].code == "tv-tinh-lao-cai-2"
    assert source.options == (("branch:SP", "tv-sa-pa"),)
    assert source.overlap_seconds == 172800
    assert queue == [("harvest", 1)]
    for call in (
        registration.withdraw(services, token),
        registration.reply(services, token, "x"),
        registration.send(services, token, FACTS),
    ):
        with pytest.raises(Conflict, match="approved"):
            await call


async def test_an_approval_that_fails_leaves_nothing(services: Services) -> None:
    _, number = await sent(services)
    wanted = await approval.propose(services, number)
    assert wanted.source
    bad = wanted.source.model_copy(update={"profile": "no-such"})
    for attempt in (
        replace(wanted, source=bad),
        replace(wanted, library=wanted.library.model_copy(update={"audience": ""})),
        replace(wanted, library=wanted.library.model_copy(update={"code": "tv-tinh-lao-cai"})),
        replace(wanted, suggestions=(Suggestion("politeness.dance", "1", ""),)),
        replace(wanted, source=wanted.source.model_copy(update={"address": "http://10.0.0.1/oai"})),
    ):
        with pytest.raises((Conflict, Unknown)) as caught:
            await approval.approve(services, number, attempt, by="Lan")
        assert caught.value.remedy
    async with services.db.begin() as conn:
        assert [one.code for one in await libraries.all_libraries(conn)] == ["tv-tinh-lao-cai"]
        assert await sources.all_sources(conn) == []
    assert (await registration.read(services, number)).registration.state is RegistrationState.WAITING


async def test_a_library_without_an_endpoint_gets_a_source_for_files(services: Services) -> None:
    token = await registration.begin(services, "excel", "", origin=None)
    number = (await registration.send(services, token, replace(FACTS, branches=()))).id
    wanted = await approval.propose(services, number)
    assert wanted.source
    assert wanted.source.protocol is Protocol.FILES
    await approval.approve(services, number, wanted, by="Lan")
    async with services.db.begin() as conn:
        assert [one for one in await jobs.stats(conn) if one.kind == "harvest"] == []


async def test_records_are_public_only_by_somebodys_word(services: Services) -> None:
    for wish, audience in ((Wish.PUBLIC, "public"), (Wish.GROUP, ""), (Wish.UNSURE, "")):
        _, number = await sent(services, facts=replace(FACTS, wish=wish))
        assert (await approval.propose(services, number)).library.audience == audience


async def test_question_answer_and_refusal(services: Services) -> None:
    token, number = await sent(services)
    with pytest.raises(Conflict, match="empty"):
        await approval.ask_back(services, number, " ", by="Lan")
    await approval.ask_back(services, number, "Bao nhiêu chi nhánh?", by="Lan")
    shown = await registration.shown(services, token)
    assert shown
    assert shown.registration.state is RegistrationState.RETURNED
    answered = await registration.reply(services, token, "Một.\x00")
    assert answered.state is RegistrationState.WAITING
    assert [(one.by, one.text) for one in answered.letters] == [
        ("Lan", "Bao nhiêu chi nhánh?"),
        (None, "Một."),
    ]
    with pytest.raises(Conflict, match="reason"):
        await approval.refuse(services, number, "", by="Lan")
    refused = await approval.refuse(services, number, "Không phải thư viện", by="Lan")
    assert (refused.reason, refused.appraisal) == ("Không phải thư viện", None)
    with pytest.raises(Conflict, match="refused"):
        await approval.approve(services, number, await _any(services), by="Lan")


async def _any(services: Services) -> approval.Proposal:
    _, number = await sent(services)
    return await approval.propose(services, number)


async def test_strangers_are_held_to_limits(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = b"here", b"there"
    monkeypatch.setattr(registration, "MOST_LOOKING", 3)
    for _ in range(registration.EACH_HOUR):
        await registration.begin(services, "excel", "", origin=here)
    with pytest.raises(TooMany, match="network"):
        await registration.begin(services, "excel", "", origin=here)
    first = await registration.begin(services, "koha", ADDRESS, origin=there)
    for _ in range(2):
        await registration.begin(services, "koha", ADDRESS, origin=there)
    with pytest.raises(TooMany, match="looked at now"):
        await registration.begin(services, "koha", ADDRESS, origin=there)
    with pytest.raises(TooMany, match="under way"):
        await registration.look_again(services, first, software="koha", address=ADDRESS)
    with pytest.raises(AddressError):
        await registration.look_again(services, first, software="koha", address="ftp://x.vn")
    monkeypatch.setattr(registration, "MOST_LOOKS", 1)
    await looked(services, first, MARC.format(title="x"))
    with pytest.raises(TooMany, match="too often"):
        await registration.look_again(services, first, software="koha", address=ADDRESS)
    monkeypatch.setattr(registration, "MOST_WAITING", 0)
    with pytest.raises(TooMany, match="wait"):
        await registration.send(services, first, FACTS)
    monkeypatch.setattr(registration, "ALL_HOUR", 1)
    with pytest.raises(TooMany):
        await registration.begin(services, "excel", "", origin=b"elsewhere")


async def test_a_link_opens_its_own_registration_only(services: Services) -> None:
    token, _ = await sent(services)
    assert await registration.shown(services, token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert await registration.shown(services, "") is None
    async with services.db.begin() as conn:
        rows = (await conn.execute(text("SELECT row_to_json(r)::text FROM registration r"))).scalars().all()
    assert not any(token in row for row in rows), "the secret is kept as a hash"


async def test_a_look_for_an_older_question_changes_nothing(services: Services) -> None:
    token = await registration.begin(services, "koha", ADDRESS, origin=None)
    shown = await registration.shown(services, token)
    assert shown
    assert shown.errand
    async with services.db.begin() as conn:
        await errands.answer(conn, shown.errand.id, result(MARC.format(title="Cũ")))
        old = await errands.read(conn, shown.errand.id)
    await registration.look_again(services, token, software="dspace", address="https://kho.example.vn")
    await appraise(services, old)
    now = await registration.shown(services, token)
    assert now
    assert now.registration.appraisal is None
    assert now.registration.software == "dspace"


async def test_old_drafts_are_forgotten_and_those_that_wait_are_not(services: Services) -> None:
    draft = await registration.begin(services, "excel", "", origin=None)
    waiting, _ = await sent(services)
    async with services.db.begin() as conn:
        assert await registrations.tidy(conn) == 0
        old = datetime.now(UTC) - timedelta(days=400)
        await conn.execute(text("UPDATE registration SET touched_at = :old"), {"old": old})
        assert await registrations.tidy(conn) == 1
    assert await registration.shown(services, draft) is None
    assert await registration.shown(services, waiting) is not None


async def test_an_invitation_fills_the_form_and_gives_its_code(services: Services) -> None:
    await onboarding.expect(services, [Expected("ca-01", "Công an tỉnh", type=LibraryType.ARMED_FORCES)])
    secret = await onboarding.invite(services, "ca-01")
    token = await registration.begin(services, "excel", "", origin=None, invitation=secret)
    shown = await registration.shown(services, token)
    assert shown
    assert shown.registration.facts
    assert shown.registration.facts.name_vi == "Công an tỉnh"
    number = (await registration.send(services, token, shown.registration.facts)).id
    assert (await approval.propose(services, number)).library.code == "ca-01"
    newer = await onboarding.invite(services, "ca-01")
    assert await onboarding.invited(services, secret) is None
    assert await onboarding.invited(services, newer) is not None


async def test_two_decisions_at_once_make_one_member(services: Services) -> None:
    _, number = await sent(services)
    wanted = await approval.propose(services, number)
    both = await asyncio.gather(
        approval.approve(services, number, wanted, by="Lan"),
        approval.approve(services, number, wanted, by="Mai"),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in both) == ["Conflict", "Registration"]


async def test_the_state_of_the_federation_says_to_the_public_only_what_it_may(services: Services) -> None:
    await sent(services)
    now = datetime.now(UTC)
    public = await status.federation(services, ANONYMOUS, now, private=False)
    assert (public.troubles, public.late, public.registrations, public.jobs) == (None, None, None, None)
    private = await status.federation(services, ANONYMOUS, now, private=True)
    assert private.registrations == 1
