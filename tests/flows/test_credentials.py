"""Credentials at rest and under way: sealed in the database, found in no log, dump, answer or kept page."""

import asyncio
import gzip
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.flows.conftest import add_source
from tests.harvester import servers as s
from tests.harvester.servers import Asked, Reply
from tests.harvester.support import QUICK, surroundings
from unioncat.config import Settings
from unioncat.domain.credentials import Credentials
from unioncat.domain.source import Source
from unioncat.engine import dump
from unioncat.flow import credentials as flow
from unioncat.flow.services import Services, open_services
from unioncat.flow.upgrade import upgrade
from unioncat.flow.vetting import vet
from unioncat.store import secrets, sources
from unioncat.store.codec import expand
from unioncat.store.database import Database
from unioncat.store.errors import Conflict
from unioncat.store.sealing import Keyring, Locked
from unioncat_harvester.run import State, harvest

PASSWORD = "mat-khau-khong-ai-biet"
API_KEY = "khoa-rieng-cua-thu-vien-0123456789"
GIVEN = Credentials("thuvien", PASSWORD, (("X-Api-Key", API_KEY),))
KEY = "k" * 43
OTHER = "o" * 43


def keys(*words: str) -> Keyring:
    return Keyring.of(" ".join(words or (KEY,)))


async def give(db: Database, source: Source, keyring: Keyring | None = None) -> None:
    async with db.begin() as conn:
        await secrets.put(conn, keyring or keys(), source, GIVEN)


async def take(db: Database, source: Source, keyring: Keyring | None = None) -> Credentials:
    async with db.begin() as conn:
        return await secrets.take(conn, keyring or keys(), source)


async def everything(db: Database) -> str:
    """All rows of all tables as text, bytes as hexadecimal digits and as they are."""
    found = []
    async with db.begin() as conn:
        tables = await conn.execute(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        )
        for (table,) in tables.all():
            rows = await conn.execute(text(f'SELECT row_to_json(t)::text FROM "{table}" t'))
            found += [row[0] for row in rows]
        sealed = await conn.execute(text("SELECT sealed FROM source_secret"))
        found += [bytes(row[0]).decode("latin-1") for row in sealed]
        payloads = await conn.execute(text("SELECT payload FROM raw_record WHERE payload IS NOT NULL"))
        found += [expand(row[0]).decode("utf-8", "replace") for row in payloads]
    return "\n".join(found)


async def test_they_come_back_as_they_went_in(db: Database, source: Source) -> None:
    assert await take(db, source) == Credentials()
    await give(db, source)
    assert await take(db, source) == GIVEN
    async with db.begin() as conn:
        assert await secrets.has(conn, source) is not None
        assert await secrets.remove(conn, source)
        assert not await secrets.remove(conn, source)
    assert await take(db, source) == Credentials()


async def test_no_table_holds_them_in_the_open(db: Database, source: Source) -> None:
    await give(db, source)
    rows = await everything(db)
    for word in (PASSWORD, API_KEY, "thuvien", PASSWORD.encode().hex(), *GIVEN.carried):
        assert word not in rows
    first = await sealed(db, source)
    await give(db, source)
    assert await sealed(db, source) != first  # a new nonce each time


async def sealed(db: Database, source: Source) -> bytes:
    async with db.begin() as conn:
        row = await conn.execute(
            text("SELECT sealed FROM source_secret WHERE source_id = :n"), {"n": source.id}
        )
        return bytes(row.scalar_one())


async def change(db: Database, source: Source, content: bytes) -> None:
    async with db.begin() as conn:
        await conn.execute(
            text("UPDATE source_secret SET sealed = :c WHERE source_id = :n"), {"c": content, "n": source.id}
        )


async def test_a_row_copied_to_another_source_does_not_open(db: Database, source: Source) -> None:
    other = await add_source(db, "lib-b", address=source.address)
    await give(db, source)
    await give(db, other)
    await change(db, other, await sealed(db, source))
    with pytest.raises(Locked, match="'lib-b' do not open"):
        await take(db, other)


async def test_a_source_that_moves_to_another_server_has_none(db: Database, source: Source) -> None:
    await give(db, source)
    async with db.begin() as conn:
        moved = await sources.save_source(conn, replace(source, address="http://evil.example/oai"))
        kept = await secrets.has(conn, moved)
        assert kept is not None
        assert not kept.fitting
    with pytest.raises(
        Locked, match=r"were given for http://127\.0\.0\.1:9; it is now at http://evil\.example:80"
    ):
        await take(db, moved)
    async with db.begin() as conn:  # nor when the plain column is bent to fit
        await conn.execute(text("UPDATE source_secret SET place = 'http://evil.example:80'"))
    with pytest.raises(Locked, match="do not open"):
        await take(db, moved)
    assert await take(db, replace(source, id=0)) == Credentials()


@pytest.mark.parametrize("place", [0, 1, 6, 20, -1])
async def test_a_changed_byte_is_noticed(db: Database, source: Source, place: int) -> None:
    await give(db, source)
    content = bytearray(await sealed(db, source))
    content[place] ^= 1
    await change(db, source, bytes(content))
    with pytest.raises(Locked):
        await take(db, source)


async def test_another_key_does_not_open_and_an_earlier_one_does(db: Database, source: Source) -> None:
    await give(db, source)
    with pytest.raises(Locked, match="a key that is not here") as locked:
        await take(db, source, keys(OTHER))
    assert "UNIONCAT_SECRET_KEY" in locked.value.remedy
    assert await take(db, source, keys(OTHER, KEY)) == GIVEN
    async with db.begin() as conn:
        assert await secrets.reseal(conn, keys(OTHER, KEY)) == 1
        assert await secrets.reseal(conn, keys(OTHER, KEY)) == 0
    assert await take(db, source, keys(OTHER)) == GIVEN
    with pytest.raises(Locked):
        await take(db, source, keys(KEY))


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 characters"):
        Keyring.of("short")
    assert KEY not in repr(keys())


@pytest.fixture
async def services(url: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    monkeypatch.delenv("UNIONCAT_SECRET_KEY", raising=False)
    async with open_services(Settings(home=home), url) as opened:
        yield opened


async def test_the_key_is_made_once_and_can_be_changed(
    services: Services, db: Database, source: Source
) -> None:
    await flow.give(services, source.code, GIVEN)
    path = services.settings.secret_file("secret_key")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text("ascii").strip()
    done = await flow.rotate(services)
    after = path.read_text("ascii").strip()
    assert (done.sealed, done.made) == (1, True)
    assert after != before
    assert " " not in after
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert await take(db, source, keys(after)) == GIVEN
    with pytest.raises(Locked):
        await take(db, source, keys(before))


async def test_a_crash_while_the_key_is_changed_loses_nothing(
    services: Services, db: Database, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    await flow.give(services, source.code, GIVEN)

    async def crash(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(secrets, "reseal", crash)
        with pytest.raises(KeyboardInterrupt):
            await flow.rotate(services)
    assert await take(db, source, flow.keyring(services.settings)) == GIVEN
    await flow.rotate(services)
    assert await take(db, source, flow.keyring(services.settings)) == GIVEN


async def test_a_key_from_outside_is_used_and_left_alone(
    services: Services, db: Database, source: Source, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UNIONCAT_SECRET_KEY", KEY)
    await flow.give(services, source.code, GIVEN)
    assert await take(db, source) == GIVEN
    monkeypatch.delenv("UNIONCAT_SECRET_KEY")
    file = tmp_path / "key"
    file.write_text(f"{OTHER}\n{KEY}\n", "ascii")
    monkeypatch.setenv("UNIONCAT_SECRET_KEY_FILE", str(file))
    done = await flow.rotate(services)
    assert (done.sealed, done.made) == (1, False)
    assert file.read_text("ascii") == f"{OTHER}\n{KEY}\n"
    assert await take(db, source, keys(OTHER)) == GIVEN
    assert not services.settings.secret_file("operator_token").exists()


async def test_what_stood_open_in_older_versions_is_sealed(
    url: str, db: Database, source: Source, services: Services
) -> None:
    basic = Credentials("thuvien", PASSWORD).http["Authorization"]
    login = replace(source, code="lib-c", address=f"http://thuvien:{PASSWORD}@127.0.0.1:9/oai")
    async with db.begin() as conn:
        await sources.save_source(
            conn, replace(source, options=(("authorization", basic), ("token", "verbatim")))
        )
        await sources.save_source(conn, login)
    await upgrade(services.settings, url)
    async with db.begin() as conn:
        found = {one.code: one for one in await sources.all_sources(conn)}
    assert found["lib-a"].options == (("token", "verbatim"),)
    assert found["lib-c"].address == "http://127.0.0.1:9/oai"
    ring = flow.keyring(services.settings)
    for code in ("lib-a", "lib-c"):
        assert await take(db, found[code], ring) == Credentials("thuvien", PASSWORD)
    assert PASSWORD not in await everything(db)
    assert await flow.seal_open_ones(db, services.settings) == []


@pytest.mark.parametrize(
    ("address", "options", "said"),
    [
        ("https://a.example/oai", {"authorization": "Basic x"}, "option 'authorization' is no place"),
        ("https://a.example/oai", {"Password": "x"}, "option 'Password' is no place"),
        ("https://u:p@a.example/oai", {}, "its address is no place"),
        ("https://u@a.example/oai", {}, "its address is no place"),
        ("http://10.0.0.5/oai", {}, "the address 10.0.0.5 is private"),
        ("http://0x7f.1/oai", {}, "the address 0x7f.1 is this machine itself"),
        ("http://localhost:8080/oai", {}, "the address localhost (127.0.0.1) is this machine itself"),
        ("http://169.254.169.254/latest", {}, "metadata service"),
        ("http://[::1]/oai", {}, "this machine itself"),
        ("http://a.example:22/oai", {}, "port 22 is not open"),
    ],
)
async def test_a_source_is_vetted_when_it_is_registered(
    services: Services, address: str, options: dict[str, str], said: str
) -> None:
    settings = services.settings.model_copy(update={"allow_targets": ""})
    with pytest.raises(Conflict) as refused:
        vet(settings, "kho", Source("", "", "oai-pmh", "").protocol, address, options)  # type: ignore[arg-type]
    assert said in str(refused.value)
    assert "source 'kho'" in str(refused.value)
    if "address" in said and "place" not in said:
        assert "UNIONCAT_ALLOW_TARGETS=" in refused.value.remedy


async def test_a_harvest_uses_them_and_shows_them_nowhere(
    db: Database, url: str, source: Source, home: Path, tmp_path: Path
) -> None:
    """The server asks for them, says them back in every answer, and breaks down on its third page."""

    def echo(asked: Asked) -> Reply | None:
        sent = f"{asked.headers.get('Authorization')} {asked.headers.get('X-Api-Key')} {PASSWORD}"
        if "Authorization" not in asked.headers or "X-Api-Key" not in asked.headers:
            return Reply(b"who are you", 401)
        if asked.verb == "Identify":
            base = s.IDENTIFY.format(base="http://x", deleted="no", granularity="YYYY-MM-DD")
            return Reply.of(
                s.envelope(base.replace("Thư viện thử", f"Thư viện {asked.headers['X-Api-Key']}"))
            )
        if asked.page == 2:
            said_back = sent.removesuffix(PASSWORD)
            return Reply.of(s.page_text(2).replace("Truyện Kiều", f"{said_back}\x0b", 1))
        if asked.page == 3:
            return Reply.of(s.error("badArgument", f"not with {sent}"))
        return None

    environment = os.environ | {
        "UNIONCAT_DATABASE_URL": url,
        "UNIONCAT_HOME": str(home),
        "UNIONCAT_SECRET_KEY": KEY,
        "UNIONCAT_LOG_LEVEL": "debug",
    }
    with s.serving(echo) as server:
        async with db.begin() as conn:
            source = await sources.save_source(conn, replace(source, address=server.base, politeness=QUICK))
        await give(db, source)
        said = ""
        for words in (("run", source.code), ("run", source.code, "--full"), ("probe", source.code)):
            done = await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-m", "unioncat_harvester", *words],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            said += done.stdout + done.stderr
        assert any("Authorization" in asked.headers for asked in server.lists), said
    assert "not with" in said  # the error of the server is told,
    rows = await everything(db)
    assert "not with" in rows
    assert "Basic ****" in rows
    folder = tmp_path / "backup"
    dump.backup(Settings(home=home), url, folder)
    kept = [gzip.decompress(file.read_bytes()).decode("latin-1") for file in (home / "harvest").rglob("*.gz")]
    assert kept
    dumped = await asyncio.to_thread(_plain_dump, folder)
    logs = [file.read_text("utf-8", "replace") for file in home.rglob("*.log")]
    for word in (PASSWORD, API_KEY, *GIVEN.carried):  # without what it had heard
        for place in (said, rows, dumped, *kept, *logs):
            assert word not in place, word


def _plain_dump(folder: Path) -> str:
    from unioncat.engine import binaries

    done = subprocess.run(
        [str(binaries.find() / "pg_restore"), "-f", "-", str(folder / dump.FILE)],
        capture_output=True,
        check=True,
    )
    return done.stdout.decode("utf-8", "replace")


async def test_a_harvest_without_the_key_fails_with_the_remedy(db: Database, source: Source) -> None:
    with s.serving() as server:
        async with db.begin() as conn:
            source = await sources.save_source(conn, replace(source, address=server.base, politeness=QUICK))
        await give(db, source)
        outcome = await harvest(db, source, surroundings())
        assert server.asked == []
    assert outcome.state is State.FAILED
    assert "there is no key to open them" in str(outcome.error)
    assert "UNIONCAT_SECRET_KEY" in str(outcome.remedy)
