"""The log of who did what: whatever is changed in it, taken out of it or put into it is found."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from unioncat.config import Settings
from unioncat.domain.audit import CUT, Head, Summary
from unioncat.flow import audit
from unioncat.flow.audit import Wanted
from unioncat.flow.services import Services, open_services
from unioncat.store.database import driver

ALONE = "ALTER TABLE audit_entry DISABLE TRIGGER USER"
N = 12


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home), url) as opened:
        for n in range(N):
            await audit.note(
                opened, "lan@example.vn", "people.invited", f"Mới {n}\0\ud800", {"role": "reader"}
            )
        yield opened


async def run(services: Services, statement: str, *values: object) -> None:
    async with services.db.begin() as conn:
        await (await driver(conn)).execute(statement, *values)


async def test_an_untouched_log_verifies_and_its_head_is_remembered(services: Services) -> None:
    proof = await audit.verify(services)
    assert proof.faults == ()
    assert proof.head.number == N
    assert Head.of(audit.head_file(services.settings).read_text()) == proof.head
    await audit.note(services, "a", "b")
    again = await audit.verify(services)
    assert (again.faults, again.since, again.head.number) == ((), proof.head, N + 1)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
async def test_the_database_itself_refuses_changes(services: Services, statement: str) -> None:
    with pytest.raises(Exception, match="only grows"):
        await run(services, statement)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE audit_entry SET actor = 'x' WHERE number = 5", "entry 5:"),
        ("UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE number = 12", "entry 12:"),
        ("UPDATE audit_entry SET detail = '{}' WHERE number = 1", "entry 1:"),
        ("UPDATE audit_entry SET seal = decode(repeat('00', 32), 'hex') WHERE number = 7", "entry 7:"),
        ("DELETE FROM audit_entry WHERE number = 1", "entry 1: missing"),
        ("DELETE FROM audit_entry WHERE number IN (4, 5, 6)", "entry 4 to 6: missing"),
        ("UPDATE audit_entry SET number = number - 1 WHERE number > 3", ""),
        ("INSERT INTO audit_entry SELECT 13, at, actor, action, subject, detail, seal FROM audit_entry"
         " WHERE number = 12", "entry 13:"),
    ],
)  # fmt: skip
async def test_every_change_and_gap_is_found(services: Services, change: str, told: str) -> None:
    await run(services, ALONE)
    if "number - 1" in change:
        await run(services, "DELETE FROM audit_entry WHERE number = 3")
        await run(services, "UPDATE audit_entry SET number = number + 100 WHERE number > 3")
        change = "UPDATE audit_entry SET number = number - 101 WHERE number > 100"
    await run(services, change)
    proof = await audit.verify(services)
    assert proof.faults
    assert told in " ".join(proof.faults)
    assert not audit.head_file(services.settings).exists(), "what is not sound is not remembered"


async def test_a_log_that_was_cut_off_or_rolled_back_is_found(services: Services) -> None:
    known = (await audit.verify(services)).head
    await run(services, ALONE)
    await run(services, "DELETE FROM audit_entry WHERE number > 8")
    assert "saw it" in (await audit.verify(services)).faults[0]
    for n in range(6):  # written on, so that it is as long as before
        await audit.note(services, "x", "y", str(n))
    assert "is not the one" in " ".join((await audit.verify(services)).faults)
    assert (await audit.verify(services, known=Head())).faults == (), (
        "without a remembered head it is a chain"
    )
    assert (await audit.verify(services, known=known)).faults


async def test_without_the_key_nobody_can_write_the_chain_anew(
    services: Services, url: str, tmp_path: Path
) -> None:
    await run(services, ALONE)
    await run(services, "DELETE FROM audit_entry")
    async with open_services(Settings(home=tmp_path / "other"), url) as forger:
        await audit.note(forger, "lan@example.vn", "nothing happened")
    assert (await audit.verify(services)).faults


async def test_writers_at_the_same_time_make_one_chain_and_one_that_fails_leaves_no_gap(
    services: Services,
) -> None:
    async def one(n: int) -> None:
        async with services.db.begin() as conn:
            await audit.write(services, conn, "a", "b", str(n))
            if n % 3 == 0:
                raise RuntimeError(n)

    await asyncio.gather(*(one(n) for n in range(30)), return_exceptions=True)
    proof = await audit.verify(services)
    assert proof.faults == ()
    assert proof.head.number == N + 20


async def back(services: Services, days: int) -> None:
    """Write the log as if all of it had been written so many days ago."""
    from unioncat.domain.audit import START
    from unioncat.store import audit as store

    key = services.settings.secret("audit_key").encode()
    await run(services, ALONE)
    seal = START
    async with services.db.begin() as conn:
        found = [entry async for entry in store.whole(conn)]
    for one in found:
        older = replace(one, at=one.at - timedelta(days=days))
        seal = older.sealed(key, seal)
        await run(
            services,
            "UPDATE audit_entry SET at = $1, seal = $2 WHERE number = $3",
            older.at,
            seal,
            one.number,
        )
    await run(services, "ALTER TABLE audit_entry ENABLE TRIGGER USER")


@pytest.fixture
async def keeping(services: Services) -> Services:
    """Services that keep the log for forty days; all of it but two entries is fifty days old."""
    await back(services, 50)
    for n in range(2):
        await audit.note(services, "thu@example.vn", "sign-in", str(n))
    settings = Settings(home=services.settings.home, audit_keep_days=40)
    return replace(services, settings=settings)


NOW = datetime.now(UTC)


async def test_old_entries_are_cut_to_a_sealed_summary_and_the_rest_still_verifies(keeping: Services) -> None:
    known = (await audit.verify(keeping)).head
    assert await audit.cut(keeping, NOW) == N
    left = await audit.entries(keeping)
    assert [one.number for one in left] == [N + 3, N + 2, N + 1]
    assert left[0].action == CUT
    told = Summary.of(left[0].detail)
    assert (told.up_to, told.counts) == (N, {"people.invited": N})
    assert timedelta(days=49) < NOW - told.until <= NOW - told.since < timedelta(days=51)
    proof = await audit.verify(keeping, known=known)
    assert proof.faults == ()
    assert proof.head.number == N + 3
    assert (await audit.verify(keeping)).faults == ()
    assert await audit.cut(keeping, NOW) == 0
    # A later cut takes the earlier summary with it, and counts on.
    assert await audit.cut(keeping, NOW + timedelta(days=41)) == 3
    (last,) = await audit.entries(keeping)
    assert Summary.of(last.detail).counts == {"people.invited": N, "sign-in": 2, CUT: 1}
    assert (await audit.verify(keeping)).faults == ()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM audit_entry WHERE number = 13",
        "DELETE FROM audit_entry WHERE number IN (13, 14)",
        "UPDATE audit_entry SET detail = detail || '{\"count x\": \"1\"}' WHERE action = 'audit.cut'",
        "UPDATE audit_entry SET detail = detail || '{\"up_to\": \"13\"}' WHERE action = 'audit.cut'",
        "DELETE FROM audit_entry WHERE action = 'audit.cut'",
        "UPDATE audit_entry SET actor = 'x' WHERE number = 13",
    ],
)
async def test_after_a_cut_every_change_and_gap_is_still_found(keeping: Services, change: str) -> None:
    await audit.cut(keeping, NOW)
    assert (await audit.verify(keeping)).faults == ()
    await run(keeping, ALONE)
    await run(keeping, change)
    assert (await audit.verify(keeping)).faults


async def test_a_summary_that_somebody_made_up_does_not_hide_a_gap(keeping: Services) -> None:
    known = (await audit.verify(keeping)).head
    await run(keeping, ALONE)
    await run(keeping, "DELETE FROM audit_entry WHERE number <= 5")
    await run(
        keeping,
        "INSERT INTO audit_entry SELECT 15, now(), 'unioncat', 'audit.cut', '5', jsonb_build_object("
        "'up_to', '5', 'seal', repeat('00', 32), 'since', '2026-01-01', 'until', '2026-01-02'),"
        " repeat('x', 32)::bytea",
    )
    faults = (await audit.verify(keeping, known=known)).faults
    assert any("entry 6" in one for one in faults)
    assert any("entry 15" in one for one in faults)


async def test_a_log_that_does_not_verify_is_not_cut(keeping: Services) -> None:
    await run(keeping, ALONE)
    await run(keeping, "UPDATE audit_entry SET actor = 'x' WHERE number = 3")
    assert await audit.cut(keeping, NOW) == 0
    assert len(await audit.entries(keeping)) == N + 2


async def test_without_the_setting_nothing_is_ever_cut(services: Services) -> None:
    await back(services, 5000)
    assert await audit.cut(services, NOW) == 0
    with pytest.raises(ValueError, match="at least 30"):
        Settings(home=services.settings.home, audit_keep_days=7)


async def test_entries_are_found_by_who_what_about_what_and_when(services: Services) -> None:
    await audit.note(services, "thu@example.vn", "sign-in", "về 100%_thư")

    async def found(**asked: object) -> int:
        return len(await audit.entries(services, Wanted(**asked)))  # type: ignore[arg-type]

    assert await found(action="sign") == 1
    assert await found(actor="lan@example.vn") == N
    assert await found(subject="100%_") == 1
    assert await found(subject="%") == 1
    assert await found(since=NOW - timedelta(hours=1)) == N + 1
    assert await found(until=NOW - timedelta(hours=1)) == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE audit_name SET name = 'thu@example.vn'", "was changed"),
        ("UPDATE audit_name SET salt = 'x'", "was changed"),
        ("DELETE FROM audit_name", "was taken out"),
    ],
)
async def test_whom_a_pseudonym_stands_for_cannot_be_changed_or_taken_out(
    services: Services, change: str, told: str
) -> None:
    assert (await audit.verify(services)).faults == ()
    await run(services, change)
    assert [told in one for one in (await audit.verify(services)).faults] == [True]


async def test_the_log_itself_holds_no_address_and_is_read_and_searched_with_them(services: Services) -> None:
    await audit.note(
        services, "Thu@Example.vn", "people.invited", "moi@example.vn", {"why": "for (a+b@c.vn) and Lan"}
    )
    await audit.note(services, "thu@example.vn", "exported", "/audit/log.csv?actor=moi%40example.vn&x=1")
    async with services.db.as_service() as conn:
        rows = (await conn.execute(text("SELECT to_jsonb(x)::text FROM audit_entry x"))).scalars()
        assert not [row for row in rows if "example.vn" in row.casefold() or "b@c" in row]
    last, invited = await audit.entries(services, limit=2)
    assert invited.actor == last.actor == "thu@example.vn"
    assert (invited.subject, invited.detail) == ("moi@example.vn", {"why": "for (a+b@c.vn) and Lan"})
    assert last.subject == "/audit/log.csv?actor=moi@example.vn&x=1"
    assert len(await audit.entries(services, Wanted(actor="THU@example.vn"))) == 2
    assert len(await audit.entries(services, Wanted(subject="Moi@"))) == 2


async def test_what_looks_like_a_pseudonym_is_none(services: Services) -> None:
    """Whoever types one at the sign-in page makes no fault and passes for nobody."""
    async with services.db.as_service() as conn:
        lan = str((await conn.execute(text("SELECT pseudonym FROM audit_name"))).scalar_one())
    for typed in (lan, "person-" + "0" * 24):
        await audit.note(services, typed, "sign-in.refused", f"/x?y={typed}")
        (entry,) = await audit.entries(services, limit=1)
        assert (entry.actor, entry.subject) == (typed, f"/x?y={typed}")
    assert (await audit.verify(services)).faults == ()
    assert len(await audit.entries(services, Wanted(actor="lan@example.vn"))) == N


async def test_names_that_nothing_mentions_any_more_go_with_what_is_cut(keeping: Services) -> None:
    async def kept() -> list[str]:
        async with keeping.db.as_service() as conn:
            return list((await conn.execute(text("SELECT name FROM audit_name ORDER BY 1"))).scalars())

    assert await kept() == ["lan@example.vn", "thu@example.vn"]
    await audit.cut(keeping, NOW)
    assert await kept() == ["thu@example.vn"]
    assert (await audit.verify(keeping)).faults == ()
