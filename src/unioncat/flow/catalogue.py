"""raw records -> bibliographic records, holdings and keys.

Only what published runs brought is read; one record that cannot be read costs one issue, never the run.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from unioncat.domain.source import Profile, Source
from unioncat.flow.crew import Crew, at_work
from unioncat.flow.facts import facts
from unioncat.flow.scale import in_force
from unioncat.normalise import NORMALISER_VERSION, normalise, profile_for
from unioncat.normalise.quality import findings
from unioncat.store import catalogue as store
from unioncat.store import distrust, libraries, profiles, sources, withdrawals
from unioncat.store.catalogue import Chunk, Entry, Waiting
from unioncat.store.codec import pack, record_number
from unioncat.store.database import Database
from unioncat.store.distrust import Number

CHUNK = 1000


async def catalogue(
    db: Database, *, workers: int | Crew, progress: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Normalise all that waits; give the number of records that changed.

    `progress` is called with records done and records in all.
    """
    async with db.begin() as conn:
        chunks = await store.waiting_chunks(conn, CHUNK)
    total, done, changed = sum(chunk.size for chunk in chunks), 0, 0
    progress(0, total)
    async with at_work(db, workers) as crew:
        async for chunk, count in crew.map(catalogue_chunk, chunks):
            async with db.begin() as conn:
                await store.advance(conn, chunk)
            done, changed = done + chunk.size, changed + count
            progress(done, total)
    async with db.begin() as conn:
        await store.finish_runs(conn)
    return changed


async def catalogue_chunk(db: Database, chunk: Chunk) -> int:
    """Normalise one chunk in one transaction; give the number of records that changed."""
    async with db.begin() as conn:
        by_id = {one.id: one for one in await sources.all_sources(conn)}
        owners = await libraries.owners(conn)
        source = by_id[chunk.source_id]
        waiting = await store.read_chunk(conn, chunk)
        kept_away = await withdrawals.withdrawn(conn, source.id, [one.local_id for one in waiting])
        waiting = [replace(one, deleted=True) if one.local_id in kept_away else one for one in waiting]
        profile = profile_for(source, await profiles.profiles(conn))
        not_believed = await distrust.believed_not(conn)
        entries = await asyncio.to_thread(_entries, source, profile, waiting, not_believed)
        return await store.write_chunk(
            conn,
            chunk,
            entries,
            audience=source.audience or owners[source.library][1],
            library_id=source.library_id,
            libraries=owners,
            normaliser=NORMALISER_VERSION,
            rules=(await in_force(conn)).version,
        )


def _entries(
    source: Source, profile: Profile, waiting: list[Waiting], not_believed: frozenset[Number]
) -> list[Entry]:
    return [_entry(source, profile, raw, not_believed) for raw in waiting]


def _entry(source: Source, profile: Profile, raw: Waiting, not_believed: frozenset[Number]) -> Entry:
    number = record_number(source.code, raw.local_id)
    entry = Entry(number, raw.raw_id, raw.local_id, raw.deleted)
    if raw.deleted:
        return entry
    outcome = normalise(raw.payload, raw.format, profile)
    if outcome.bib is None:
        return replace(entry, problems=outcome.problems)
    keys, features = facts(outcome.bib, not_believed)
    return Entry(
        number,
        raw.raw_id,
        raw.local_id,
        False,
        keys=keys,
        features=features,
        body=pack(outcome.bib),
        holdings=outcome.holdings,
        problems=outcome.problems,
        findings=findings(outcome.bib, outcome.holdings),
    )
