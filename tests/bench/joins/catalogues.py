"""Catalogues that are joined to be looked at: records as sources of an empty store, through the real stages.

No record of these files may be written anywhere but in the temporary store and below the folder of outcomes.
"""

import gzip
import tempfile
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from tests.bench.corpus import SOURCE, iso_records
from tests.support.data import DATA
from unioncat.cli.samples import form
from unioncat.config import Settings
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.source import Checkpoint, Protocol, RawRecord, Source
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.flow import register
from unioncat.flow.catalogue import catalogue
from unioncat.flow.crew import Crew, calm
from unioncat.flow.join import join
from unioncat.flow.services import Services, open_services
from unioncat.normalise.iso2709 import decode_iso2709, split_iso2709
from unioncat.sample.federation import federation
from unioncat.sample.generate import records as sample_records
from unioncat.sample.members import MEMBERS
from unioncat.store import harvests, libraries, sources
from unioncat.store.database import Database
from unioncat.store.migrate import upgrade

LOC = DATA / SOURCE
BACHKHOA = DATA / "marc" / "vn-bachkhoa-koha-2018.mrc.gz"
NOWHERE = "http://127.0.0.1:9/oai"
"""An address of the sources; nothing is ever asked there."""
NOW = datetime(2026, 11, 1, tzinfo=UTC)
PAGE = 5000


def loc(count: int) -> Iterator[tuple[str, str, bytes]]:
    """Give source, local id and ISO 2709 bytes of the Library of Congress records: one source."""
    for number, raw in enumerate(iso_records(LOC, count), 1):
        yield "loc", f"n{number}", raw


def bachkhoa(count: int) -> Iterator[tuple[str, str, bytes]]:
    """Give the same of the Bách Khoa records: a source for each location that 952 $c names."""
    pieces = split_iso2709(gzip.decompress(BACHKHOA.read_bytes()))
    for number, raw in enumerate(islice(pieces, count), 1):
        yield _code(place_of(raw)), f"r{number}", raw


def place_of(raw: bytes) -> str:
    """Give the location of a Bách Khoa record."""
    fields = decode_iso2709(raw).fields
    found = [value for tag, _, _, values in fields if tag == "952" for code, value in values if code == "c"]
    return " ".join(found[0].split()) if found else ""


_CODES: dict[str, str] = {}


def _code(place: str) -> str:
    return _CODES.setdefault(place, f"bk{len(_CODES) + 1:02}")


@asynccontextmanager
async def store(workers: int) -> AsyncIterator[Services]:
    """Open an empty catalogue in a folder of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="unioncat-joins-") as name:
        postgres = EmbeddedPostgres(Path(name))
        try:
            url = postgres.start()
            await upgrade(url)
            settings = Settings(home=Path(name), workers=workers, allow_targets="127.0.0.1:9")
            async with open_services(settings, url) as services:
                yield services
        finally:
            postgres.destroy()


async def fill(db: Database, brought: Iterable[tuple[str, str, bytes]], profile: str) -> None:
    """Save ISO 2709 records as a harvest saves them, one library and source for each code."""
    owner = uuid.uuid4()
    by_source: dict[str, list[RawRecord]] = defaultdict(list)
    for code, local_id, raw in brought:
        by_source[code].append(RawRecord(local_id, None, False, raw, "iso2709"))
    for code, theirs in sorted(by_source.items()):
        async with db.begin() as conn:
            await libraries.save_library(conn, Library(code, code, code, LibraryType.UNIVERSITY))
            source = await sources.save_source(
                conn, Source(code, code, Protocol.OAI_PMH, NOWHERE, "iso2709", profile=profile)
            )
        await _run(db, source, theirs, owner)


async def fill_sample(services: Services) -> None:
    """Save the sample federation as it is first harvested."""
    await register.load(services, form(federation({member.code: NOWHERE for member in MEMBERS})))
    by_member: dict[str, list[RawRecord]] = defaultdict(list)
    formats = {member.code: member.format for member in MEMBERS}
    for one in sample_records():
        by_member[one.member].append(
            RawRecord(one.local_id, one.datestamp, one.deleted, one.payload, formats[one.member])
        )
    async with services.db.begin() as conn:
        known = {source.code: source for source in await sources.all_sources(conn)}
    owner = uuid.uuid4()
    for member, theirs in by_member.items():
        await _run(services.db, known[member], theirs, owner)


async def _run(db: Database, source: Source, records: list[RawRecord], owner: uuid.UUID) -> None:
    run = await harvests.open_run(db, source, mode=None, owner=owner, now=NOW)
    for start in range(0, len(records), PAGE):
        async with harvests.page(db, run, owner) as page:
            await page.save(records[start : start + PAGE])
            last = start + PAGE >= len(records)
            await page.checkpoint(
                Checkpoint(token=None if last else str(start), response_date=NOW, finished=last)
            )
    await harvests.finish_run(db, run, owner, NOW)


async def bring_together(db: Database, workers: int) -> None:
    """Catalogue and join all that was brought, as the service does."""
    calm()
    async with Crew(db, workers) as crew:
        await catalogue(db, workers=crew)
        await join(db, workers=crew)
