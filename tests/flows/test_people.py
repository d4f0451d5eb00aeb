"""People on a real database: signing in, guessing, second factor, links, roles, keys, leaving."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flows.conftest import add_source
from tests.support.people import PASSWORD, SECRET, add, code, letters, session, signed_in
from unioncat.config import Settings
from unioncat.domain.people import Right, Role, SignedIn
from unioncat.flow import audit, entry, people
from unioncat.flow.audit import Wanted
from unioncat.flow.entry import Refused
from unioncat.flow.people import Forbidden
from unioncat.flow.services import Services, open_services
from unioncat.store import sessions
from unioncat.store.database import driver
from unioncat.store.errors import Conflict, TooMany, Unknown

BASE = "http://union.example"
NEW = "mưa rơi trên mái tôn"


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home), url) as opened:
        await add_source(opened.db, "lib-a")
        await add_source(opened.db, "lib-b")
        yield opened


async def rows(services: Services, query: str) -> list[object]:
    async with services.db.begin() as conn:
        return [tuple(row) for row in await (await driver(conn)).fetch(query)]


async def test_the_first_administrator_comes_by_a_link_that_works_once(services: Services) -> None:
    link = await people.first_link(services, BASE)
    assert link is not None
    token = link.rpartition("/")[2]
    form = {"email": "mai@example.vn", "name": "Mai", "password": NEW}
    assert await people.take_up(services, token, **{**form, "email": "x"}) == "email"
    assert await people.take_up(services, token, **{**form, "password": "short"}) == "short"
    assert await people.take_up(services, token, **form) == ""
    with pytest.raises(Unknown):
        await people.take_up(services, token, **form)
    assert await people.first_link(services, BASE) is None
    entered = await entry.sign_in(services, "MAI@example.vn ", NEW, address=None, device="")
    person = await entry.whose(services, entered.token)
    assert person is not None
    assert not person.may(Right.REGISTRATIONS), "without a second factor an administrator may nothing"
    assert person.needs_second(Right.REGISTRATIONS)
    secret = b"s" * 20
    from unioncat.domain import totp

    right = totp.code(secret, totp.step_at(time.time()))
    fresh, _ = await entry.set_second_factor(services, person, entered.token, secret, right)
    assert await entry.whose(services, entered.token) is None, "the session begins anew"
    person = await entry.whose(services, fresh)
    assert person is not None
    assert person.may(Right.REGISTRATIONS)


async def test_nothing_that_opens_a_door_lies_in_the_database(services: Services) -> None:
    await add(services, "a@example.vn", Role.LIBRARY_ADMIN, "lib-a", second=True)
    token = await session(services, "a@example.vn")
    person = await entry.whose(services, token)
    assert person is not None
    key = await entry.make_key(services, person, "script", [Right.FILES], entry.LONGEST_KEY)
    link = await people.invite(services, person, "b@example.vn", Role.CATALOGUER, "lib-a", BASE)
    found = []
    for table in ("account", "account_session", "account_link", "api_key", "audit_entry"):
        found += [str(row) for row in await rows(services, f"SELECT * FROM {table}")]
    everything = "\n".join(found)
    for secret in (token, key, link.rpartition("/")[2], PASSWORD, "12345678901234567890"):
        assert secret not in everything
    assert "$argon2id$" in everything


async def test_guesses_are_slowed_down_for_the_account_and_for_the_address(services: Services) -> None:
    await add(services, "a@example.vn")

    async def guess(email: str, address: str = "192.0.2.1") -> None:
        await entry.sign_in(services, email, "wrong", address=address, device="")

    for _ in range(entry.FREE_GUESSES):
        with pytest.raises(Refused):
            await guess("a@example.vn")
    with pytest.raises(TooMany):  # also the right password has to wait, and also from elsewhere
        await entry.sign_in(services, "a@example.vn", PASSWORD, address="192.0.2.7", device="")
    for number in range(entry.FREE_GUESSES_OF_ADDRESS - entry.FREE_GUESSES):
        with pytest.raises(Refused):
            await guess(f"nobody{number}@example.vn")
    with pytest.raises(TooMany):
        await guess("someone@example.vn")
    with pytest.raises(Refused):
        await guess("someone@example.vn", "192.0.2.9")


async def test_guesses_at_the_same_time_are_counted_one_by_one(services: Services) -> None:
    await add(services, "a@example.vn")
    tries = [
        entry.sign_in(services, "a@example.vn", f"wrong {n}", address=None, device="") for n in range(12)
    ]
    ends = [type(one) for one in await asyncio.gather(*tries, return_exceptions=True)]
    assert ends.count(Refused) == entry.FREE_GUESSES
    assert ends.count(TooMany) == 12 - entry.FREE_GUESSES


async def test_the_code_is_asked_for_and_is_right_only_once(services: Services) -> None:
    await add(services, "a@example.vn", Role.AUDITOR, second=True)
    first = await entry.sign_in(services, "a@example.vn", PASSWORD, address=None, device="")
    assert first.waiting
    half = await entry.whose(services, first.token)
    assert half is not None
    assert not half.may(Right.AUDIT)
    with pytest.raises(Refused):
        await entry.give_code(services, first.token, "000000", address=None)
    right = code()
    whole = await entry.give_code(services, first.token, right, address=None)
    assert whole.token != first.token
    assert await entry.whose(services, first.token) is None
    person = await entry.whose(services, whole.token)
    assert person is not None
    assert person.may(Right.AUDIT)
    again = await entry.sign_in(services, "a@example.vn", PASSWORD, address=None, device="")
    with pytest.raises(Refused):
        await entry.give_code(services, again.token, right, address=None)
    with pytest.raises(Refused):  # a whole session is not one that waits
        await entry.give_code(services, whole.token, code(1), address=None)


async def test_a_recovery_code_stands_for_the_second_factor_once(services: Services) -> None:
    await add(services, "a@example.vn", Role.AUDITOR)
    first = await entry.sign_in(services, "a@example.vn", PASSWORD, address=None, device="")
    person = await entry.whose(services, first.token)
    assert person is not None
    with pytest.raises(Refused):
        await entry.renew_codes(services, person)
    _, codes = await entry.set_second_factor(services, person, first.token, SECRET, code())
    assert len(set(codes)) == 10
    for table in ("recovery_code", "audit_entry"):
        for row in await rows(services, f"SELECT {table}::text FROM {table}"):
            assert not any(one in str(row) or one.replace("-", "") in str(row) for one in codes)

    async def enter(given: str) -> SignedIn:
        half = await entry.sign_in(services, "a@example.vn", PASSWORD, address=None, device="")
        assert half.waiting
        whole = await entry.give_code(services, half.token, given, address=None)
        assert await entry.whose(services, half.token) is None
        found = await entry.whose(services, whole.token)
        assert found is not None
        return found

    found = await enter(codes[3].lower().replace("-", " "))
    assert found.may(Right.AUDIT)
    assert await entry.codes_left(services, found.account.id) == 9
    (told,) = await audit.entries(services, Wanted(action="sign-in"), limit=1)
    assert told.detail == {"by": "recovery", "left": "9"}
    for wrong, right in ((codes[3], codes[0]), ("AAAA-AAAA-AAAA-AAAA", codes[1]), (codes[4][:-1], codes[2])):
        with pytest.raises(Refused):
            await enter(wrong)
        await enter(right)
    both = await asyncio.gather(enter(codes[5]), enter(codes[5]), return_exceptions=True)
    assert sorted(isinstance(one, Refused) for one in both) == [False, True]
    fresh = await entry.renew_codes(services, found)
    assert not set(fresh) & set(codes)
    with pytest.raises(Refused):
        await enter(codes[6])
    await people.rescue(services, "a@example.vn", BASE)
    assert await entry.codes_left(services, found.account.id) == 0, "with the second factor they go too"


async def test_recovery_codes_are_guessed_no_faster_than_passwords(services: Services) -> None:
    await add(services, "a@example.vn", Role.AUDITOR, second=True)
    half = await entry.sign_in(services, "a@example.vn", PASSWORD, address=None, device="")
    told = []
    for _ in range(10):
        try:
            await entry.give_code(services, half.token, "ABCD-EFGH-IJKL-MNOP", address=None)
        except (Refused, TooMany) as error:
            told.append(type(error))
    assert told[0] is Refused
    assert told[-1] is TooMany


async def test_a_new_password_by_letter_ends_all_sessions_and_reveals_nobody(
    services: Services, home: Path
) -> None:
    await add(services, "a@example.vn")
    old = await session(services, "a@example.vn")
    await entry.ask_reset(services, "nobody@example.vn", BASE)
    assert letters(home) == []
    await entry.ask_reset(services, "A@example.vn", BASE)
    (letter,) = letters(home)
    assert letter.startswith("To: a@example.vn")
    token = re.findall(r"/link/(\S+)", letter)[0]
    assert await people.take_up(services, token, email="x@y.vn", name="Other", password=NEW) == ""
    assert await entry.whose(services, old) is None
    assert (await entry.sign_in(services, "a@example.vn", NEW, address=None, device="")).name == "Lan"
    with pytest.raises(Unknown):
        await people.take_up(services, token, email="", name="", password=NEW)
    assert all(path.stat().st_mode & 0o77 == 0 for path in (home / "mail").iterdir())


async def test_a_library_administrator_acts_at_the_own_library_only(services: Services) -> None:
    await add(services, "admin@a.vn", Role.LIBRARY_ADMIN, "lib-a", second=True)
    other = await add(services, "x@b.vn", Role.CATALOGUER, "lib-b")
    both = await add(services, "y@a.vn", Role.CATALOGUER, "lib-a")
    async with services.db.begin() as conn:
        from unioncat.store import people as store

        await store.grant(conn, both, Role.CATALOGUER, "lib-b")
    admin = await signed_in(services, "admin@a.vn")
    refused = [
        people.listed(services, admin, "lib-b"),
        people.listed(services, admin, None),
        people.invite(services, admin, "z@z.vn", Role.CATALOGUER, "lib-b", BASE),
        people.invite(services, admin, "z@z.vn", Role.FEDERATION_ADMIN, None, BASE),
        people.give_role(services, admin, other, Role.CATALOGUER, "lib-a"),
        people.take_role(services, admin, other, Role.CATALOGUER, "lib-b"),
        people.let_go(services, admin, other),
        people.let_go(services, admin, both),
        people.forget_second_factor(services, admin, other),
        people.forget_second_factor(services, admin, admin.account.id),
    ]
    for one in refused:
        with pytest.raises(Forbidden):
            await one
    names = {one.email for one in await people.listed(services, admin, "lib-a")}
    assert names == {"admin@a.vn", "y@a.vn"}
    await people.take_role(services, admin, both, Role.CATALOGUER, "lib-a")


async def test_an_invitation_gives_its_role_once_and_dies_with_the_right_to_give_it(
    services: Services,
) -> None:
    inviter = await add(services, "admin@a.vn", Role.LIBRARY_ADMIN, "lib-a", second=True)
    await add(services, "boss@x.vn", Role.FEDERATION_ADMIN, second=True)
    admin, boss = await signed_in(services, "admin@a.vn"), await signed_in(services, "boss@x.vn")
    link = await people.invite(services, admin, "new@a.vn", Role.CATALOGUER, "lib-a", BASE)
    token = link.rpartition("/")[2]
    assert await people.take_up(services, token, email="evil@x.vn", name="Mới", password=NEW) == ""
    entered = await entry.sign_in(services, "new@a.vn", NEW, address=None, device="")
    person = await entry.whose(services, entered.token)
    assert person is not None
    assert person.may(Right.FILES, "lib-a")
    assert not person.may(Right.FILES, "lib-b")
    late = await people.invite(services, admin, "late@a.vn", Role.CATALOGUER, "lib-a", BASE)
    await people.take_role(services, boss, inviter, Role.LIBRARY_ADMIN, "lib-a")
    with pytest.raises(Conflict):
        await people.take_up(services, late.rpartition("/")[2], email="", name="L", password=NEW)


async def test_a_role_is_handed_over_and_the_last_administrator_stays(services: Services) -> None:
    number = await add(services, "boss@x.vn", Role.FEDERATION_ADMIN, second=True)
    boss = await signed_in(services, "boss@x.vn")
    for one in (
        people.let_go(services, boss, number),
        people.take_role(services, boss, number, Role.FEDERATION_ADMIN, None),
    ):
        with pytest.raises(Conflict, match="without an administrator"):
            await one
    link = await people.invite(
        services, boss, "next@x.vn", Role.FEDERATION_ADMIN, None, BASE, hands_over=True
    )
    assert await people.take_up(services, link.rpartition("/")[2], email="", name="N", password=NEW) == ""
    held = {one.email: [grant.role for grant in one.grants] for one in await people.everybody(services)}
    assert held == {"boss@x.vn": [], "next@x.vn": [Role.FEDERATION_ADMIN]}


async def test_who_is_let_go_is_out_at_once_with_keys_and_links(services: Services) -> None:
    await add(services, "boss@x.vn", Role.FEDERATION_ADMIN, second=True)
    number = await add(services, "a@example.vn", Role.CATALOGUER, "lib-a")
    boss = await signed_in(services, "boss@x.vn")
    token = await session(services, "a@example.vn")
    person = await entry.whose(services, token)
    assert person is not None
    key = await entry.make_key(services, person, "script", [Right.FILES], entry.LONGEST_KEY)
    assert await entry.whose_key(services, key)
    await people.let_go(services, boss, number)
    assert await entry.whose(services, token) is None
    assert await entry.whose_key(services, key) is None
    with pytest.raises(Refused):
        await entry.sign_in(services, "a@example.vn", PASSWORD, address=None, device="")


async def test_a_key_is_limited_shown_once_and_says_when_it_was_used(services: Services) -> None:
    await add(services, "a@example.vn", Role.CATALOGUER, "lib-a")
    person = await signed_in(services, "a@example.vn")
    with pytest.raises(Conflict):
        await entry.make_key(services, person, "script", [Right.AUDIT], entry.LONGEST_KEY)
    with pytest.raises(Conflict):
        await entry.make_key(services, person, "script", [Right.FILES], entry.LONGEST_KEY * 2)
    token = await entry.make_key(services, person, "script", [Right.FILES], entry.LONGEST_KEY)
    (kept,) = await entry.keys_of(services, person.account.id)
    assert (kept.used, kept.beginning, kept.scopes) == (None, token[:10], {Right.FILES})
    caller = await entry.whose_key(services, token)
    assert caller is not None
    assert caller.may(Right.FILES, "lib-a")
    assert not caller.may(Right.REPORTS, "lib-a")
    (kept,) = await entry.keys_of(services, person.account.id)
    assert kept.used is not None
    async with services.db.begin() as conn:
        await (await driver(conn)).execute("UPDATE api_key SET expires_at = now() - interval '1 second'")
    assert await entry.whose_key(services, token) is None


async def test_a_session_ends_after_hours_without_use(services: Services) -> None:
    await add(services, "a@example.vn")
    token = await session(services, "a@example.vn")
    assert await entry.whose(services, token)
    async with services.db.begin() as conn:
        raw = await driver(conn)
        await raw.execute("UPDATE account_session SET seen_at = now() - $1::interval", sessions.IDLE)
    assert await entry.whose(services, token) is None


async def test_sample_people_are_let_in_only_in_a_demonstration(url: str, home: Path) -> None:
    for host, demo in (("0.0.0.0", True), ("127.0.0.1", False), ("127.0.0.1", True)):
        async with open_services(Settings(home=home, host=host, demo=demo), url) as services:
            if not (demo and host == "127.0.0.1"):
                with pytest.raises(Forbidden):
                    await people.sign_in_sample(services, Role.FEDERATION_ADMIN, "")
                continue
            token = await people.sign_in_sample(services, Role.FEDERATION_ADMIN, "")
            person = await entry.whose(services, token)
            assert person is not None
            assert person.may(Right.REGISTRATIONS)
            with pytest.raises(Refused):
                await entry.sign_in(services, person.account.email, "", address=None, device="")
            assert await people.first_link(services, BASE), "a sample administrator is none"
    async with open_services(Settings(home=home), url) as services:
        assert await entry.whose(services, token) is None
