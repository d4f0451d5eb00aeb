"""Errands: asked with their job, done in a process of its own, always answered."""

import asyncio
import contextlib
import os
import uuid
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.oai_member import Shelf, shelf_server
from unioncat.config import Settings
from unioncat.domain.errand import Errand, ErrandState
from unioncat.flow.services import Services, open_services
from unioncat.flow.work import work
from unioncat.store import errands, jobs
from unioncat.store.database import Database
from unioncat.store.errors import Unknown
from unioncat_harvester import errands as doing
from unioncat_harvester.bench import Bench
from unioncat_harvester.surroundings import Surroundings


@pytest.fixture
async def services(url: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    monkeypatch.setenv("UNIONCAT_DATABASE_URL", url.replace("+asyncpg", "", 1))
    monkeypatch.setenv("UNIONCAT_HOME", str(home))
    if "allow_targets" in Settings.model_fields:
        monkeypatch.setenv("UNIONCAT_ALLOW_TARGETS", "127.0.0.0/8")
    async with open_services(Settings(home=home, workers=1), url) as opened:
        yield opened


async def asked(db: Database, kind: str, subject: Mapping[str, Any]) -> Errand:
    async with db.begin() as conn:
        return await errands.ask(conn, kind, subject)


async def read(db: Database, errand: Errand) -> Errand:
    async with db.begin() as conn:
        return await errands.read(conn, errand.id)


async def test_the_worker_has_a_probe_done_and_its_answer_is_read(services: Services) -> None:
    with shelf_server(Shelf(30)) as address:
        nowhere = {"protocol": "oai-pmh", "address": "http://127.0.0.1:9999/oai"}
        places = [nowhere, {"protocol": "oai-pmh", "address": address}]
        errand = await asked(services.db, "probe", {"places": places})
        assert errand.state is ErrandState.ASKED
        await work(services, asyncio.Event(), drain=True)
    done = await read(services.db, errand)
    assert (done.state, done.error) == (ErrandState.DONE, None)
    assert done.result is not None
    assert done.result["found"]["identity"]["name"] == "Kệ sách"
    assert [one["address"] for one in done.result["tried"]] == [nowhere["address"]]
    assert len(done.result["samples"]) == 19
    assert done.result["deleted"] == 1
    assert done.done is not None


async def test_what_cannot_be_read_fails_with_a_remedy(services: Services) -> None:
    errand = await asked(services.db, "probe", {"nothing": "is said"})
    nobody = await asked(services.db, "dance", {})
    away = {"protocol": "oai-pmh", "address": "http://169.254.169.254/oai"}
    inside = await asked(services.db, "probe", {"places": [away]})
    await work(services, asyncio.Event(), drain=True)
    failed, strange = await read(services.db, errand), await read(services.db, nobody)
    assert (failed.state, strange.state) == (ErrandState.FAILED, ErrandState.FAILED)
    assert "KeyError" in (failed.error or "")
    assert failed.remedy
    refused = await read(services.db, inside)
    assert refused.result is not None
    assert refused.result["found"] is None
    assert "169.254.169.254" in refused.result["tried"][0]["error"], "nobody leads us to a private address"
    assert "dance" in (strange.error or "")


async def test_an_errand_whose_process_dies_has_failed(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    errand = await asked(services.db, "probe", {"places": []})
    monkeypatch.setenv("UNIONCAT_NO_SUCH_SETTING", "so the process ends before it begins")
    await work(services, asyncio.Event(), drain=True)
    failed = await read(services.db, errand)
    assert failed.state is ErrandState.FAILED
    assert "broke off" in (failed.error or "")


async def test_a_rollback_takes_errand_and_job_with_it(db: Database) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with db.begin() as conn:
            errand = await errands.ask(conn, "probe", {})
            raise ZeroDivisionError
    async with db.begin() as conn:
        assert await jobs.stats(conn) == []
        with pytest.raises(Unknown, match="no errand"):
            await errands.read(conn, errand.id)


async def test_an_errand_is_begun_three_times_at_most_and_ends_once(db: Database) -> None:
    errand = await asked(db, "probe", {})
    async with db.begin() as conn:
        for _ in range(errands.MAX_ATTEMPTS):
            taken = await errands.take(conn, errand.id)
            assert taken is not None
        assert await errands.take(conn, errand.id) is None
        assert (await errands.read(conn, errand.id)).state is ErrandState.FAILED
        assert not await errands.answer(conn, errand.id, {"too": "late"})
        assert not await errands.fail(conn, errand.id, "again", "no")


async def test_progress_and_answer_hold_any_text(db: Database) -> None:
    errand = await asked(db, "probe", {"name": "Thư viện \x00 huyện", "raw": b"\xff"})
    async with db.begin() as conn:
        await errands.take(conn, errand.id)
    await Bench(db, errand.id, Surroundings()).tell({"done": 3, "of": 7})
    assert (await read(db, errand)).progress == {"done": 3, "of": 7}
    async with db.begin() as conn:
        assert await errands.answer(conn, errand.id, {"text": "\x00ờ\ud800"})
    assert (await read(db, errand)).result == {"text": "ờ?"}


async def test_an_errand_that_takes_too_long_ends_its_process(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(BaseException):
        pass

    def end(_: int) -> None:
        raise Ended

    async def sleep(_errand: Errand, _bench: Bench) -> Mapping[str, Any]:
        await asyncio.sleep(60)
        return {}

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(doing, "_limit", lambda memory: None)
    monkeypatch.setattr(doing, "KINDS", {"sleep": doing.Kind(sleep, seconds=0.05, memory=1)})
    errand = await asked(db, "sleep", {})
    with pytest.raises(Ended):
        await doing.run(db, errand.id, Surroundings())
    failed = await read(db, errand)
    assert (failed.state, failed.error) == (ErrandState.FAILED, "it took longer than 0 seconds")


async def test_tidying_forgets_only_old_errands(db: Database) -> None:
    errand = await asked(db, "probe", {})
    async with db.begin() as conn:
        assert await errands.tidy(conn) == 0
        await errands.read(conn, errand.id)
        with pytest.raises(Unknown):
            await errands.read(conn, uuid.uuid4())
