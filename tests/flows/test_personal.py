"""A person takes away what is kept of him or her, or has it deleted."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Text, text

from tests.flows.conftest import add_source
from tests.flows.test_join import book, put
from tests.support import people
from unioncat.config import Settings
from unioncat.domain.people import Role
from unioncat.flow import audience, audit, entry, personal
from unioncat.flow.audit import Wanted
from unioncat.flow.services import Services, open_services
from unioncat.store import tables
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict
from unioncat.store.personal import SIGNED
from unioncat.store.tables import metadata

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EMAIL = "lan@example.vn"
NAME = "Người Thử Quên"


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
            VALUES (:id, :account, 'Lan', 'THẺ 1', :email, '0900')
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
        ("THẺ 1", "0900", "a note")
    ]
    assert {"sign-in", "key.made"} & {one["action"] for one in found["log"]}
    assert len(found["sessions"]) == 1
    whole = json.dumps(found)
    assert key not in whole
    assert "argon2" not in whole


async def test_a_person_is_deleted_and_no_table_knows_the_name_any_more(services: Services) -> None:
    source = await add_source(services.db, "lib-a")
    account = await people.add(services, EMAIL, Role.READER, "lib-a", name=NAME)
    await lent(services, account, ended=True)
    await lent(services, account, ended=False)
    person = await people.signed_in(services, EMAIL)
    for by in (NAME, EMAIL):
        await audit.note(services, by, "judgement", f"of {EMAIL}")
    await audit.note(services, "cli:root", "asked.people rescue", detail={"email": EMAIL, "by": NAME})
    await audit.note(services, "op", "exported", f"/audit/log.csv?actor={EMAIL.replace('@', '%40')}")
    await put(services.db, source, {"x1": book("Sông núi")})
    await audience.withdraw(services, source.code, "x1", by=NAME, why="")
    with pytest.raises(Conflict, match="password"):
        await personal.forget(services, person, "wrong", NOW)
    with pytest.raises(Conflict, match="1 requests"):
        await personal.forget(services, person, people.PASSWORD, NOW)
    async with services.db.as_service() as conn:
        await conn.execute(text("UPDATE lending_request SET closed_at = now()"))
        assert len([one async for one in everything(conn) if known(one)]) > 5, "there is something to forget"
    before = len(await audit.entries(services, Wanted(actor=EMAIL)))
    assert before > 1
    verified = (await audit.verify(services)).head
    await personal.forget(services, person, people.PASSWORD, NOW)
    async with services.db.as_service() as conn:
        assert [one async for one in everything(conn) if known(one)] == []
        notes = (await conn.execute(text("SELECT reader_note FROM lending_request"))).scalars()
        assert set(notes) == {""}
    proof = await audit.verify(services)
    assert (proof.faults, proof.since) == ((), verified), "and the chain holds"
    newest = (await audit.entries(services, limit=1))[0]
    assert newest.action == "people.forgotten"
    assert newest.subject.startswith(newest.actor)
    same = await audit.entries(services, Wanted(actor=newest.actor))
    assert len(same) == before + 1, "what one person did is still told to be one person's"


def known(row: str) -> bool:
    return any(one.casefold() in row.casefold() for one in (EMAIL, NAME, EMAIL.replace("@", "%40"), "THẺ 1"))


async def everything(conn: Connection) -> AsyncIterator[str]:
    for table in metadata.sorted_tables:
        rows = await conn.execute(text(f"SELECT to_jsonb(x)::text FROM {table.name} x"))
        for row in rows.scalars():
            yield f"{table.name}: {json.dumps(json.loads(row), ensure_ascii=False)}"


async def test_a_name_that_others_have_too_stays_theirs(services: Services) -> None:
    source = await add_source(services.db, "lib-a")
    await people.add(services, EMAIL, Role.READER, "lib-a", name=NAME)
    await people.add(services, "other@example.vn", Role.READER, "lib-a", name=NAME)
    await put(services.db, source, {"x1": book("Sông núi")})
    await audience.withdraw(services, source.code, "x1", by=NAME, why="")
    await personal.forget(services, await people.signed_in(services, EMAIL), people.PASSWORD, NOW)
    assert [one.actor for one in await audit.entries(services, Wanted(action="record"))] == [NAME]
    assert (await audit.verify(services)).faults == ()


def test_every_column_that_names_who_did_something_is_signed_otherwise() -> None:
    named = re.compile(r"(^|_)(by|actor)$")
    found = {
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if named.search(column.name) and isinstance(column.type, Text)
    }
    assert found - {tables.audit_entry.c.actor} == set(SIGNED)


async def test_the_last_administrator_cannot_go(services: Services) -> None:
    await people.add(services, EMAIL, Role.FEDERATION_ADMIN, second=True)
    person = await people.signed_in(services, EMAIL)
    with pytest.raises(Conflict, match="last administrator"):
        await personal.forget(services, person, people.PASSWORD, NOW)
