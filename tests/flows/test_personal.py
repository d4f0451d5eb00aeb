"""A person takes away what is kept of him or her, or has it deleted."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.flows.conftest import add_source
from tests.support import people
from unioncat.config import Settings
from unioncat.domain.people import Role
from unioncat.flow import entry, personal
from unioncat.flow.services import Services, open_services
from unioncat.store.errors import Conflict

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EMAIL = "lan@example.vn"


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1), url) as opened:
        yield opened


async def lent(services: Services, account: int, *, ended: bool) -> None:
    async with services.db.as_service() as conn:
        number = uuid4()
        await conn.execute(
            text("""
            INSERT INTO lending_request (id, number, home_id, wanted, title, same_key, service, level,
              edition_wish, reader_note, state, origin, made_by, created_at, changed_at, closed_at)
            SELECT :id, :number, l.id, '{}', 'Sông núi', 'k', 'loan', 'standard', 'any', 'a note', 'sent',
              'page', 'reader', now(), now(), :closed FROM library l WHERE l.code = 'lib-a'
            """),
            {"id": number, "number": f"YC-{number.hex[:6]}", "closed": NOW if ended else None},
        )
        await conn.execute(
            text("""
            INSERT INTO lending_reader (request_id, account_id, name, card, email, phone)
            VALUES (:id, :account, 'Lan', 'A-1', :email, '0900')
            """),
            {"id": number, "account": account, "email": EMAIL},
        )


async def test_a_person_gets_everything_that_is_kept_and_no_secret(services: Services) -> None:
    await add_source(services.db, "lib-a")
    account = await people.add(services, EMAIL, Role.READER, "lib-a", second=True)
    await lent(services, account, ended=True)
    person = await people.signed_in(services, EMAIL)
    key = await entry.make_key(services, person, "a program", (), timedelta(days=1))
    found = json.loads(json.dumps(await personal.copy_of(services, person), default=str))
    assert found["account"]["email"] == EMAIL
    assert [one["library"] for one in found["roles"]] == ["lib-a"]
    assert [one["name"] for one in found["keys"]] == ["a program"]
    assert [(one["card"], one["phone"], one["reader_note"]) for one in found["requests"]] == [
        ("A-1", "0900", "a note")
    ]
    assert {"sign-in", "key.made"} & {one["action"] for one in found["log"]}
    assert len(found["sessions"]) == 1
    whole = json.dumps(found)
    assert key not in whole
    assert "argon2" not in whole


async def test_a_person_is_deleted_but_for_what_is_open_and_the_log(services: Services) -> None:
    await add_source(services.db, "lib-a")
    account = await people.add(services, EMAIL, Role.READER, "lib-a")
    await lent(services, account, ended=True)
    await lent(services, account, ended=False)
    person = await people.signed_in(services, EMAIL)
    with pytest.raises(Conflict, match="password"):
        await personal.forget(services, person, "wrong", NOW)
    with pytest.raises(Conflict, match="1 requests"):
        await personal.forget(services, person, people.PASSWORD, NOW)
    async with services.db.as_service() as conn:
        await conn.execute(text("UPDATE lending_request SET closed_at = now()"))
    await personal.forget(services, person, people.PASSWORD, NOW)
    async with services.db.as_service() as conn:
        for table in ("account", "account_role", "account_session", "lending_reader"):
            left = (await conn.execute(text(f"SELECT ({table}.*)::text FROM {table}"))).scalars()
            assert [row for row in left if EMAIL in row or "A-1" in row] == [], table
        notes = (await conn.execute(text("SELECT reader_note FROM lending_request"))).scalars()
        assert set(notes) == {""}
        last = (
            await conn.execute(text("SELECT actor FROM audit_entry ORDER BY number DESC LIMIT 1"))
        ).scalar_one()
        assert last == f"person {account}"


async def test_the_last_administrator_cannot_go(services: Services) -> None:
    await people.add(services, EMAIL, Role.FEDERATION_ADMIN, second=True)
    person = await people.signed_in(services, EMAIL)
    with pytest.raises(Conflict, match="last administrator"):
        await personal.forget(services, person, people.PASSWORD, NOW)
