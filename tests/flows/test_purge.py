"""Rules that became stricter: what they shut out leaves every version, sample and file, and the catalogue."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.flows.test_gate_of_harvest import RULES, SECRET, STAFF, everything
from tests.flows.test_uploads import bring, pieces, read, register, services, value
from tests.harvester.files.support import workbook
from unioncat.domain.source import RunMode
from unioncat.domain.upload import UploadState
from unioncat.flow import profiles as own_profiles
from unioncat.flow import purge, uploads
from unioncat.flow.services import Services
from unioncat.flow.work import work
from unioncat.store import sources
from unioncat.store.errors import Unknown

__all__ = ["services"]
LAX = 'name = "kin"\nabout = "Nothing stays out yet"\n'


def line(number: int, title: str, *, closed: bool = False) -> str:
    level = "=926  \\\\$a3\n" if closed else ""
    return (
        f"=LDR  00000nam a2200000 a 4500\n=001  B{number}\n=245  10$a{title} $c{number}\n"
        f"=911  \\\\$a{STAFF}\n{level}\n"
    )


def shelf(*, edition: str = "", also: str = "") -> bytes:
    books = [line(n, f"Truyện Kiều {n}{edition}") for n in range(5)]
    closed = [line(n, SECRET + edition, closed=True) for n in (7, 8)]
    return "".join([*books, *closed, also]).encode()


async def accepted(services: Services, data: bytes) -> None:
    upload = await bring(services, data)
    assert upload.state is UploadState.READY, upload.error
    await uploads.accept(services, upload.id, "Lan", despite=True)
    await work(services, asyncio.Event(), drain=True)


async def kept(services: Services) -> str:
    """All that is written anywhere, the files and their previews too."""
    found = [await everything(services.db)]
    async with services.db.as_service() as conn:
        for table in ("upload", "upload_line", "bib_record", "holding"):
            rows = await conn.execute(text(f"SELECT * FROM {table}"))
            found += [str(bytes(v) if isinstance(v, memoryview) else v) for row in rows for v in row]
    return "\n".join(found)


LIVE = "SELECT count(*) FROM bib_record WHERE NOT deleted"


async def test_a_tightened_profile_takes_out_what_came_in_before(services: Services) -> None:
    await own_profiles.add_profile(services, LAX)
    await register(services, profile="kin")
    await accepted(services, shelf())
    await accepted(services, shelf(edition=", in lần hai"))
    assert await value(services, LIVE) == 7
    assert SECRET in await kept(services)
    await own_profiles.add_profile(services, RULES)
    await work(services, asyncio.Event(), drain=True)
    found = await kept(services)
    assert SECRET not in found
    assert STAFF not in found
    assert "Truyện Kiều 3, in lần hai" in found
    assert await value(services, LIVE) == 5
    versions = "SELECT count(*) FROM raw_record WHERE NOT deleted AND local_id = 'B3'"
    assert await value(services, versions) == 2
    again = await purge.purge(services, "th", by="test")
    assert (again.removed, again.cut) == (0, 0)


async def test_another_profile_of_a_source_is_asked_of_what_is_here(services: Services) -> None:
    await own_profiles.add_profile(services, RULES)
    source = await register(services, profile="marc21")
    await accepted(services, shelf())
    async with services.db.as_service() as conn:
        await sources.save_source(conn, replace(source, profile="kin"))
    await work(services, asyncio.Event(), drain=True)
    assert SECRET not in await kept(services)
    assert await value(services, LIVE) == 5


async def test_what_waits_for_a_decision_loses_it_too(services: Services) -> None:
    await own_profiles.add_profile(services, RULES)
    await register(services, profile="marc21")
    await bring(services, shelf())
    await register(services, profile="kin")
    done = await purge.purge(services, "th", by="test")
    assert (done.removed, done.cut) == (2, 5)
    assert SECRET not in await kept(services)
    with pytest.raises(Unknown):
        await purge.purge(services, "nowhere", by="test")


async def test_rules_that_cannot_be_asked_take_nothing_away(services: Services) -> None:
    by_set = 'name = "bo"\nabout = "By set"\n[[drop]]\nsets = ["mat"]\n'
    await own_profiles.add_profile(services, by_set)
    await register(services, profile="marc21")
    await accepted(services, shelf())
    await register(services, profile="bo")
    done = await purge.purge(services, "th", by="test")
    assert (done.seen, done.removed, done.unasked) == (7, 0, 7)


async def test_bytes_of_a_file_that_cannot_be_read_do_not_stay_under_a_gate(services: Services) -> None:
    await own_profiles.add_profile(services, RULES)
    await register(services, profile="kin")
    for data in (b"%PDF-1.4 " + SECRET.encode(), workbook(("Mã", "Gì đó"), ("1", SECRET))[:-200]):
        made = await uploads.receive(services, "th", "tệp", RunMode.FULL, "Lan", pieces(data))
        upload = await read(services, made)
        assert (upload.state, upload.kept) == (UploadState.FAILED, False)
        assert await value(services, "SELECT count(*) FROM upload_chunk") == 0
