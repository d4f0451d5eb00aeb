"""The log of who did what: whatever is changed in it, taken out of it or put into it is found."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from unioncat.config import Settings
from unioncat.domain.audit import Head
from unioncat.flow import audit
from unioncat.flow.services import Services, open_services
from unioncat.store.database import driver

ALONE = "ALTER TABLE audit_entry DISABLE TRIGGER audit_only_grows"
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
