"""How the service stands: sizes, sources, harvest runs, issues, health."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from unioncat.domain.audience import Viewer
from unioncat.domain.library import Library
from unioncat.domain.registration import RegistrationState
from unioncat.domain.schedule import due_at
from unioncat.domain.search import SearchQuery
from unioncat.domain.source import Run, RunState, Source, SourceState
from unioncat.flow.services import Services
from unioncat.store import catalogue, figures, libraries, registrations, runs, sources
from unioncat.store import jobs as job_store
from unioncat.store import join as join_store
from unioncat.store import publish as publish_store
from unioncat.store.errors import Unknown
from unioncat.store.jobs import JobCount

LATE = timedelta(days=1)
"""A source that is due for longer is late."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The catalogue in numbers, as one viewer may know them; `pending` union records wait for the index."""

    libraries: int
    sources: int
    records: int
    union_records: int
    holdings: int
    indexed: int
    pending: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source with its library, its last run and what stands of it."""

    source: Source
    library: Library
    last: Run | None
    live: int
    deleted: int
    problems: int


@dataclass(frozen=True, slots=True)
class Federation:
    """How the federation stands; what only operators may know is none for others."""

    harvests: figures.Harvests
    health: "Health"
    late: tuple[str, ...] | None = None
    """Sources whose time came more than a day ago."""
    troubles: tuple[str, ...] | None = None
    registrations: int | None = None
    """Libraries that wait for an answer."""
    jobs: tuple[JobCount, ...] | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the parts agree; `ok` is false when the index lacks or exceeds what should be in it."""

    ok: bool
    publishable: int
    indexed: int
    waiting_join: int
    waiting_publish: int
    note: str


async def overview(services: Services, viewer: Viewer, *, limit: int = 10) -> Overview:
    """Give the catalogue's numbers and the latest runs of the sources that this viewer may know of."""
    async with services.db.begin(viewer) as conn:
        counts = await figures.figures(conn, viewer)
    latest = await visible_runs(services, viewer, limit=limit)
    return Overview(
        libraries=counts.libraries,
        sources=counts.sources,
        records=counts.records,
        union_records=counts.union_records,
        holdings=counts.holdings,
        indexed=(await services.index.search(viewer, SearchQuery(size=0))).total,
        pending=counts.pending,
        runs=latest,
    )


async def visible_runs(
    services: Services, viewer: Viewer, source_code: str | None = None, *, limit: int = 50
) -> tuple[Run, ...]:
    """Give the latest runs of sources that this viewer may know of, newest first."""
    async with services.db.begin(viewer) as conn:
        known = {source.code for source in await sources.sources(conn, viewer)}
        if source_code is not None and source_code not in known:
            raise Unknown(f"there is no source {source_code!r}", "List the sources to see their codes.")
        found = await runs.runs(conn, source_code, limit=limit, codes=sorted(known))
    return tuple(found)


async def source_status(services: Services, viewer: Viewer) -> list[SourceStatus]:
    """Give all sources that this viewer may know of, with how they stand."""
    async with services.db.begin(viewer) as conn:
        owners = {
            library.code: library for library in await libraries.libraries(conn, viewer, include_ended=True)
        }
        last = await runs.last_runs(conn)
        counts = await figures.source_figures(conn)
        return [
            SourceStatus(
                source,
                owners[source.library],
                last.get(source.id),
                counts[source.id].live,
                counts[source.id].deleted,
                counts[source.id].problems,
            )
            for source in await sources.sources(conn, viewer)
            if source.library in owners
        ]


async def problems(
    services: Services, viewer: Viewer, source_code: str, *, limit: int = 100
) -> list[dict[str, Any]]:
    """Give the latest issues of a source. Raises `Unknown`."""
    async with services.db.begin(viewer) as conn:
        source = await sources.source(conn, viewer, source_code)
        if source is None:
            raise Unknown(f"there is no source {source_code!r}", "List the sources to see their codes.")
        return await catalogue.issues(conn, source.id, limit=limit)


async def federation(services: Services, viewer: Viewer, now: datetime, *, private: bool) -> Federation:
    """Tell how the federation stands; with `private` what operators need to know besides."""
    healthy = await health(services)
    async with services.db.begin(viewer) as conn:
        counted = await figures.harvests(conn, viewer)
    if not private:
        return Federation(counted, healthy)
    async with services.db.as_service() as conn:
        last = await runs.last_runs(conn)
        waiting = (await registrations.counts(conn)).get(RegistrationState.WAITING, 0)
        queue = tuple(await job_store.stats(conn))
        known = await sources.all_sources(conn)
    late = [
        source.code
        for source in known
        if source.state is SourceState.ACTIVE
        and (moment := due_at(source, last.get(source.id))) is not None
        and now - moment > LATE
    ]
    return Federation(counted, healthy, tuple(late), await troubles(services), waiting, queue)


async def troubles(services: Services) -> tuple[str, ...]:
    """Name the sources whose last run waits for a person or failed, with what to do; for operators."""
    async with services.db.as_service() as conn:
        last = await runs.last_runs(conn)
    word = {RunState.HELD: "waits for a person", RunState.FAILED: "failed"}
    return tuple(
        f"run {run.id} of source {run.source_code} {word[run.state]}: {run.error} {run.remedy or ''}".rstrip()
        for run in sorted(last.values(), key=lambda run: run.source_code)
        if run.state in word
    )


async def health(services: Services) -> Health:
    """Hold that the index has what it should (DESIGN invariant 11)."""
    async with services.db.as_service() as conn:
        publishable = await publish_store.count_live(conn)
        waiting = await publish_store.count(conn)
        joining = await join_store.waiting(conn)
    indexed = await services.index.count()
    ok = indexed == publishable or waiting > 0
    note = "the index is whole" if ok else "the index is not whole: run `unioncat index rebuild`"
    return Health(ok, publishable, indexed, joining, waiting, note)
