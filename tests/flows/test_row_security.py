"""Row-level security holds what the application's filter holds, also where that filter was forgotten."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, true
from sqlalchemy.exc import DBAPIError

from tests.flows.circles import CIRCLES, MARK, fill
from tests.support.database import execute, named
from unioncat.config import Settings
from unioncat.domain.audience import ANONYMOUS, Viewer
from unioncat.flow import explain, find, register, review, status
from unioncat.flow.services import Services, open_services
from unioncat.store import clusters, libraries, members, sources
from unioncat.store.database import READER, Database
from unioncat.store.errors import StoreError, Unknown
from unioncat.store.migrate import upgrade
from unioncat.store.tables import metadata

FOR_ALL = {"audience", "library_group", "province"}
GUARDED = {
    "library", "source", "bib_record", "cluster", "match_key", "joined", "holding", "library_parent",
    "library_in_group", "harvest_run", "issue", "quality_report", "cluster_member", "cluster_successor",
    "edge", "decision", "pending_join", "joining", "pending_publish",
}  # fmt: skip
"""Tables whose policies show a viewer some rows.

All others nobody reads as a viewer: people, sessions, the log, lending, files, credentials are asked for as
the service, after asking who may.
"""


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1), url) as opened:
        yield opened


@pytest.fixture
async def guarded(url: str, home: Path, services: Services) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1), url, guarded=True) as opened:
        yield opened


async def rows(db: Database, viewer: Viewer | None, table: str) -> list[str]:
    async with db.begin(viewer) as conn:
        return [row[0] for row in await conn.execute(text(f"SELECT ({table}.*)::text FROM {table}"))]


async def test_every_table_is_guarded_for_all_or_closed(db: Database) -> None:
    async with db.begin() as conn:
        found = await conn.execute(
            text("""
            SELECT relname, relrowsecurity, has_table_privilege(:reader, oid, 'SELECT'),
              has_table_privilege(:reader, oid, 'INSERT,UPDATE,DELETE,TRUNCATE'),
              EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid)
            FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
            """),
            {"reader": READER},
        )
        seen = {row[0]: tuple(row[1:]) for row in found}
    assert set(metadata.tables) <= set(seen)
    for table, (secured, readable, writable, policy) in seen.items():
        assert not writable, table
        if table in FOR_ALL:
            assert (readable, secured) == (True, False), table
        elif table in GUARDED:
            assert (readable, secured, policy) == (True,) * 3, table
        else:
            assert not readable, f"{table}: give it a policy and name it in GUARDED"


async def test_the_reader_may_not_pass_by_row_security(db: Database) -> None:
    async with db.begin() as conn:
        query = text("SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = :name")
        assert tuple((await conn.execute(query, {"name": READER})).one()) == (False, False, False)


async def test_without_any_filter_a_viewer_reads_what_is_for_him_and_nobody_nothing(
    services: Services, guarded: Services
) -> None:
    viewers = await fill(services)
    tables = sorted(GUARDED)
    for table in tables:
        everything = await rows(services.db, None, table)
        assert await rows(guarded.db, None, table) == [], table
        outside = await rows(guarded.db, ANONYMOUS, table)
        assert not [row for row in outside if MARK in row], table
        assert sorted(await rows(guarded.db, viewers["operator"], table)) == sorted(everything), table
        for circle in CIRCLES:
            theirs = await rows(guarded.db, viewers[circle], table)
            assert set(outside) <= set(theirs) <= set(everything), table
            strange = [f"{MARK}{other}" for other in CIRCLES if other != circle]
            assert not [row for row in theirs if any(mark in row for mark in strange)], table
    for table in ("library", "source", "bib_record", "cluster", "holding", "cluster_member", "edge", "issue"):
        assert len(await rows(guarded.db, ANONYMOUS, table)) < len(await rows(services.db, None, table)), (
            table
        )
    for table in sorted(set(metadata.tables) - GUARDED - FOR_ALL):
        with pytest.raises(DBAPIError, match="permission denied"):
            await rows(guarded.db, viewers["operator"], table)
    # What was set for one transaction is gone in the next on the same connection.
    assert await rows(guarded.db, None, "library") == []


async def test_taking_the_filter_away_changes_no_answer(
    services: Services, guarded: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(services)
    async with services.db.as_service() as conn:
        ids = [row[0] for row in await conn.execute(text("SELECT public_id FROM cluster ORDER BY id"))]
        numbers = [row[0] for row in await conn.execute(text("SELECT id FROM bib_record ORDER BY id"))]

    async def answers(services: Services) -> list[Any]:
        said: list[Any] = [
            await find.records(services, ANONYMOUS, ids),
            [await find.record(services, ANONYMOUS, one) for one in ids],
            await register.list_libraries(services, ANONYMOUS, include_ended=True),
            await status.source_status(services, ANONYMOUS),
            await status.visible_runs(services, ANONYMOUS),
            await review.queue(services, ANONYMOUS, 1000),
        ]
        for code in (f"{MARK}-cand", "pub-a"):
            try:
                said.append(await status.problems(services, ANONYMOUS, code))
            except Unknown as error:
                said.append(str(error))
        for number in numbers[:10]:
            try:
                said.append(await explain.explain(services, ANONYMOUS, number, numbers[-1]))
            except StoreError as error:
                said.append(str(error))
        return said

    right = await answers(guarded)
    assert MARK not in repr(right).replace(f"there is no source '{MARK}-cand'", "")
    for module in (libraries, sources, clusters):
        monkeypatch.setattr(module, "visible", lambda column, viewer: true())
    # `members` has its statements in words
    for name in ("_OF_CLUSTERS", "_OF_PUBLIC_IDS", "_OF_RECORDS", "_HOLDINGS"):
        filters = r"\S+ = ANY\((\$2::smallint\[\])\)"
        bare, conditions = re.subn(filters, r"\1 IS NOT NULL", getattr(members, name))
        assert conditions
        monkeypatch.setattr(members, name, bare)
    assert await answers(guarded) == right
    # The filter was really taken away: the service itself sees the marks now.
    async with services.db.as_service() as conn:
        assert MARK in repr(await libraries.libraries(conn, ANONYMOUS))
        assert MARK in repr(await members.by_public_id(conn, ANONYMOUS, ids))


async def test_a_user_who_may_make_no_role_is_told_what_to_do(server: str) -> None:
    await execute(server, "CREATE ROLE small LOGIN")
    await execute(server, "CREATE DATABASE small OWNER small")
    await execute(server, f"ALTER ROLE {READER} RENAME TO reader_of_others")
    try:
        url = named(server, "small").replace("//postgres@", "//small@")
        with pytest.raises(StoreError, match="unioncat_reader") as raised:
            await upgrade(url)
        assert "CREATE ROLE unioncat_reader" in raised.value.remedy
        await execute(server, "CREATE ROLE unioncat_reader NOLOGIN NOINHERIT")
        await execute(server, "GRANT unioncat_reader TO small")
        assert await upgrade(url)
        database = await Database.connect(url)
        assert await rows(database, ANONYMOUS, "library") == []
        await database.close()
    finally:
        await execute(server, "DROP DATABASE small WITH (FORCE)")
        await execute(server, "DROP ROLE IF EXISTS unioncat_reader")
        await execute(server, f"ALTER ROLE reader_of_others RENAME TO {READER}")
        await execute(server, "DROP ROLE small")


async def test_a_user_who_may_make_roles_needs_no_help(server: str) -> None:
    await execute(server, "CREATE ROLE maker LOGIN CREATEROLE")
    await execute(server, "CREATE DATABASE maker OWNER maker")
    await execute(server, f"ALTER ROLE {READER} RENAME TO reader_of_others")
    try:
        url = named(server, "maker").replace("//postgres@", "//maker@")
        assert await upgrade(url)
        database = await Database.connect(url)
        assert await rows(database, ANONYMOUS, "library") == []
        await database.close()
    finally:
        await execute(server, "DROP DATABASE maker WITH (FORCE)")
        await execute(server, "DROP ROLE IF EXISTS unioncat_reader")
        await execute(server, f"ALTER ROLE reader_of_others RENAME TO {READER}")
        await execute(server, "DROP ROLE maker")
