"""Sources: one row an endpoint."""

from dataclasses import asdict
from typing import Any

import msgspec
from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audience import Viewer
from unioncat.domain.hours import Hours
from unioncat.domain.licence import Licence, LicenceCode
from unioncat.domain.source import Assertions, Politeness, Protocol, Source, SourceState
from unioncat.store import jobs
from unioncat.store import tables as t
from unioncat.store.errors import Unknown
from unioncat.store.libraries import library_id
from unioncat.store.visibility import visible

IDENTITY_FIELDS = ("repositoryName", "baseURL", "earliestDatestamp", "granularity", "deletedRecord")


PURGE = "purge"
"""Kind of the job that asks the rules of a source's profile of what is kept of it; its key is the source."""


async def save_source(conn: AsyncConnection, source: Source) -> Source:
    """Add a source, or change how it is read. Its state stays as it is. Raises `Unknown`.

    Another profile has other rules of what must stay out: they are asked of what is here already.
    """
    values: dict[str, Any] = {
        "code": source.code,
        "library_id": await library_id(conn, source.library),
        "protocol": source.protocol,
        "address": source.address,
        "format": source.format,
        "set_spec": source.set,
        "every_minutes": source.every_minutes,
        "hours": str(source.hours) if source.hours else None,
        "overlap_seconds": source.overlap_seconds,
        "profile": source.profile,
        "options": dict(source.options),
        "assertions": asdict(source.assertions),
        "politeness": asdict(source.politeness),
        "audience_id": source.audience,
        "reconcile_days": source.reconcile_days,
        "licence": source.licence.code,
        "licence_words": source.licence.words,
    }
    before = select(t.source.c.profile).where(t.source.c.code == source.code)
    profile = (await conn.execute(before)).scalar_one_or_none()
    if profile not in (None, source.profile):
        await jobs.enqueue(conn, PURGE, source.code)
    await conn.execute(
        insert(t.source)
        .values(state=source.state, **values)
        .on_conflict_do_update(index_elements=["code"], set_=values)
    )
    return _source((await conn.execute(_query().where(t.source.c.code == source.code))).one())


def _query() -> Select[Any]:
    return select(t.source, t.library.c.code.label("library")).join(t.library)


def _source(row: Any) -> Source:
    return Source(
        code=row.code,
        library=row.library,
        protocol=Protocol(row.protocol),
        address=row.address,
        format=row.format,
        set=row.set_spec,
        every_minutes=row.every_minutes,
        hours=Hours.of(row.hours) if row.hours else None,
        overlap_seconds=row.overlap_seconds,
        profile=row.profile,
        options=tuple(sorted(row.options.items())),
        assertions=msgspec.convert(row.assertions, Assertions),
        politeness=msgspec.convert(row.politeness, Politeness),
        state=SourceState(row.state),
        audience=row.audience_id,
        id=row.id,
        library_id=row.library_id,
        reconcile_days=row.reconcile_days,
        licence=Licence(LicenceCode(row.licence), row.licence_words),
    )


async def source(conn: AsyncConnection, viewer: Viewer, code: str) -> Source | None:
    """Give one source, or none where it is not there for this viewer."""
    query = _query().where(t.source.c.code == code, visible(t.source.c.audience_id, viewer))
    row = (await conn.execute(query)).one_or_none()
    return _source(row) if row else None


async def sources(conn: AsyncConnection, viewer: Viewer) -> list[Source]:
    """Give the sources that this viewer may know of, by code."""
    query = _query().where(visible(t.source.c.audience_id, viewer)).order_by(t.source.c.code)
    return [_source(row) for row in await conn.execute(query)]


async def all_sources(conn: AsyncConnection) -> list[Source]:
    """Give every source, for the service's own work; nothing of it may reach a viewer unfiltered."""
    return [_source(row) for row in await conn.execute(_query().order_by(t.source.c.code))]


async def set_state(conn: AsyncConnection, code: str, state: SourceState) -> None:
    """Pause, resume or hold a source. Raises `Unknown`."""
    done = await conn.execute(update(t.source).where(t.source.c.code == code).values(state=state))
    if done.rowcount == 0:
        raise Unknown(f"there is no source {code!r}", "List the sources to see their codes.")


async def set_schedule(conn: AsyncConnection, code: str, every_minutes: int, hours: Hours | None) -> None:
    """Say how often and in which hours a source is harvested. Raises `Unknown`."""
    values = {"every_minutes": every_minutes, "hours": str(hours) if hours else None}
    done = await conn.execute(update(t.source).where(t.source.c.code == code).values(values))
    if done.rowcount == 0:
        raise Unknown(f"there is no source {code!r}", "List the sources to see their codes.")


async def set_licence(conn: AsyncConnection, code: str, licence: Licence) -> None:
    """Say under which licence a source gives its records away. Raises `Unknown`."""
    values = {"licence": licence.code, "licence_words": licence.words}
    done = await conn.execute(update(t.source).where(t.source.c.code == code).values(values))
    if done.rowcount == 0:
        raise Unknown(f"there is no source {code!r}", "List the sources to see their codes.")


async def set_identity(conn: AsyncConnection, source: Source, identity: dict[str, str]) -> list[str]:
    """Keep what a server says of itself, and name what changed since last time that should alarm people."""
    old = (
        await conn.execute(select(t.source.c.identity).where(t.source.c.id == source.id))
    ).scalar_one_or_none()
    await conn.execute(update(t.source).where(t.source.c.id == source.id).values(identity=identity))
    if not old:
        return []
    return [
        f"{name} was {old.get(name)!r}, is {identity.get(name)!r}"
        for name in IDENTITY_FIELDS
        if old.get(name) != identity.get(name)
    ]
