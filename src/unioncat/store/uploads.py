"""Files that libraries bring: their bytes on the way to the reader, what was found, and a person's word.

The bytes of a file lie here only until somebody has decided on it; those of a source with a gate only until
they were read.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Row, Select, case, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.source import RunMode, RunState, SourceState
from unioncat.domain.upload import Correction, Line, Look, Preview, Upload, UploadState
from unioncat.store.codec import digest, expand, squeeze
from unioncat.store.database import copy
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.tables import harvest_run, source, upload, upload_chunk, upload_line

CHUNK = 1024 * 1024
"""Bytes of a file in one row."""
KEEP_FAILED = timedelta(days=30)
OPEN = (UploadState.WAITING, UploadState.READING, UploadState.READY)
"""States in which an upload stands in the way of another of its source."""


def _query() -> Select[Any]:
    return select(upload, source.c.code.label("source_code")).join(source)


def _upload(row: Row[Any]) -> Upload:
    return Upload(
        id=row.id,
        source=row.source_code,
        source_id=row.source_id,
        name=row.name,
        size=row.size,
        mode=RunMode(row.mode),
        state=UploadState(row.state),
        by=row.by,
        at=row.at,
        correction=msgspec.convert(row.correction, Correction),
        look=msgspec.convert(row.look, Look) if row.look else None,
        preview=msgspec.convert(row.preview, Preview) if row.preview else None,
        run_id=row.run_id,
        errand=row.errand_id,
        error=row.error,
        remedy=row.remedy,
        kept=row.kept,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def _plain(value: object) -> Any:
    """Turn a domain object into JSON; NUL, which PostgreSQL cannot keep, is cut out."""
    return msgspec.json.decode(msgspec.json.encode(value).replace(rb"\u0000", b""))


async def lock_source(conn: AsyncConnection, code: str) -> None:
    """Let no other file of a source be brought until this transaction ends."""
    await conn.execute(select(source.c.id).where(source.c.code == code).with_for_update())


async def begin(conn: AsyncConnection, source_id: int, name: str, mode: RunMode, by: str) -> UUID:
    """Make an upload that has no bytes yet; nobody can guess its number."""
    number = uuid4()
    await conn.execute(
        upload.insert().values(
            id=number,
            source_id=source_id,
            name=name.replace("\0", ""),
            size=0,
            mode=mode,
            state=UploadState.WAITING,
            by=by,
        )
    )
    return number


async def add_chunk(conn: AsyncConnection, number: UUID, position: int, body: bytes) -> None:
    """Keep the next bytes of a file, at most `CHUNK`."""
    await conn.execute(upload_chunk.insert().values(upload_id=number, position=position, body=squeeze(body)))
    await conn.execute(update(upload).where(upload.c.id == number).values(size=upload.c.size + len(body)))


async def chunks(conn: AsyncConnection, number: UUID) -> AsyncIterator[bytes]:
    """Give the bytes of a file in their order."""
    query = select(upload_chunk.c.body).where(upload_chunk.c.upload_id == number)
    position = 0
    while True:
        row = (await conn.execute(query.where(upload_chunk.c.position == position))).scalar_one_or_none()
        if row is None:
            return
        yield expand(row)
        position += 1


async def drop_bytes(conn: AsyncConnection, number: UUID) -> None:
    """Let go of a file's bytes."""
    await conn.execute(delete(upload_chunk).where(upload_chunk.c.upload_id == number))
    await conn.execute(update(upload).where(upload.c.id == number).values(kept=False))


async def tidy(conn: AsyncConnection) -> int:
    """Forget files that could not be read and that nobody cared about any more; give how many."""
    gone = await conn.execute(
        delete(upload).where(upload.c.state == UploadState.FAILED, upload.c.at < func.now() - KEEP_FAILED)
    )
    return gone.rowcount


async def read(conn: AsyncConnection, number: UUID, *, lock: bool = False) -> Upload:
    """Give an upload. Raises `Unknown`."""
    query = _query().where(upload.c.id == number)
    row = (await conn.execute(query.with_for_update(of=upload) if lock else query)).one_or_none()
    if row is None:
        raise Unknown(f"there is no upload {number}", "It may have been rejected; bring the file again.")
    return _upload(row)


async def of_run(conn: AsyncConnection, run_id: int) -> Upload | None:
    """Give the upload that a run has read, if it read one."""
    row = (await conn.execute(_query().where(upload.c.run_id == run_id))).one_or_none()
    return _upload(row) if row else None


async def uploads(
    conn: AsyncConnection, codes: Sequence[str], *, limit: int = 50, unfinished: bool = False
) -> list[Upload]:
    """Give the newest uploads of sources; `unfinished` leaves out those decided on or failed."""
    query = _query().where(source.c.code.in_(codes)).order_by(upload.c.at.desc()).limit(limit)
    if unfinished:
        query = query.where(upload.c.state.in_(OPEN))
    return [_upload(row) for row in await conn.execute(query)]


async def change(conn: AsyncConnection, number: UUID, **values: Any) -> None:
    """Write what is known of an upload now; domain objects become JSON."""
    plain = {
        name: _plain(value) if isinstance(value, (Correction, Look, Preview)) else value
        for name, value in values.items()
    }
    done = await conn.execute(update(upload).where(upload.c.id == number).values(**plain))
    if done.rowcount == 0:
        raise Unknown(f"there is no upload {number}")


async def clear(conn: AsyncConnection, number: UUID, ends: RunState = RunState.SUPERSEDED) -> None:
    """Undo a reading: what it brought goes, its source may be read again, its run ends so.

    A run that failed stays one that failed.
    """
    one = await read(conn, number, lock=True)
    await _clear_runs(
        conn,
        [
            row.id
            for row in await conn.execute(
                select(harvest_run.c.id).where(
                    harvest_run.c.source_id == one.source_id,
                    harvest_run.c.state.in_((RunState.RUNNING, RunState.FAILED))
                    | ((harvest_run.c.id == one.run_id) & (harvest_run.c.state == RunState.HELD)),
                )
            )
        ],
        ends,
    )
    await conn.execute(delete(upload_line).where(upload_line.c.upload_id == number))
    await conn.execute(
        update(source)
        .where(source.c.id == one.source_id, source.c.state == SourceState.HELD)
        .values(state=SourceState.ACTIVE)
    )
    await change(conn, number, run_id=None, preview=None, look=None, error=None, remedy=None)


async def _clear_runs(conn: AsyncConnection, runs: Sequence[int], ends: RunState) -> None:
    """Close runs for good and take away all that they brought; their counts stay."""
    if not runs:
        return
    given = {"runs": list(runs)}
    await conn.execute(text("UPDATE upload SET run_id = NULL WHERE run_id = ANY(:runs)"), given)
    for table in ("raw_record", "issue", "harvest_seen", "harvest_token"):
        await conn.execute(text(f"DELETE FROM {table} WHERE run_id = ANY(:runs)"), given)
    failed = harvest_run.c.state == RunState.FAILED
    await conn.execute(
        update(harvest_run)
        .where(harvest_run.c.id.in_(runs))
        .values(
            state=case((failed, RunState.BROKEN), else_=ends),
            owner=None,
            token=None,
            error=case((failed, harvest_run.c.error)),
            remedy=case((failed, harvest_run.c.remedy)),
            finished_at=func.coalesce(harvest_run.c.finished_at, func.clock_timestamp()),
        )
    )


async def remove(conn: AsyncConnection, number: UUID) -> None:
    """Take an upload away with all that was read of it. Raises `Conflict` for one that was accepted."""
    one = await read(conn, number, lock=True)
    if one.state in (UploadState.ACCEPTED, UploadState.UNDONE):
        raise Conflict(f"upload {number} is {one.state}", "Undo it, where it is the last of its source.")
    await clear(conn, number, RunState.REJECTED)
    await conn.execute(delete(upload).where(upload.c.id == number))


async def publish(conn: AsyncConnection, number: UUID, by: str, now: datetime) -> Upload:
    """Publish the held run of an upload and let its bytes go. Raises `Conflict` when it is not ready."""
    one = await read(conn, number, lock=True)
    if one.state is not UploadState.READY or one.run_id is None:
        raise Conflict(f"upload {number} is {one.state}, not ready", "Wait until it has been read.")
    await conn.execute(
        update(harvest_run)
        .where(harvest_run.c.id == one.run_id, harvest_run.c.state == RunState.HELD)
        .values(state=RunState.PUBLISHED, remedy=None, error=None)
    )
    await conn.execute(update(source).where(source.c.id == one.source_id).values(state=SourceState.ACTIVE))
    await drop_bytes(conn, number)
    await change(conn, number, state=UploadState.ACCEPTED, decided_by=by, decided_at=now)
    return await read(conn, number)


async def remember_columns(conn: AsyncConnection, source_id: int, columns: Mapping[str, str]) -> None:
    """Keep the columns of a table for the next file of the source: options `column:HEADING` = field."""
    options = {f"column:{heading}": field for heading, field in columns.items()}
    if options:
        await conn.execute(
            text("UPDATE source SET options = options || cast(:more AS jsonb) WHERE id = :id"),
            {"more": msgspec.json.encode(options).decode(), "id": source_id},
        )


async def last_published(conn: AsyncConnection, source_id: int) -> int | None:
    """Give the newest published run of a source."""
    query = select(func.max(harvest_run.c.id)).where(
        harvest_run.c.source_id == source_id, harvest_run.c.state == RunState.PUBLISHED
    )
    newest: int | None = (await conn.execute(query)).scalar_one_or_none()
    return newest


async def undo(conn: AsyncConnection, number: UUID, by: str, now: datetime) -> Upload:
    """Bring back the records as they were before an accepted upload, as a run of its own.

    Records that the upload brought first become deletions. Raises `Conflict` unless it is the source's last.
    """
    one = await read(conn, number, lock=True)
    if one.state is not UploadState.ACCEPTED or one.run_id is None:
        raise Conflict(f"upload {number} is {one.state}, not accepted", "Only an accepted upload is undone.")
    if await last_published(conn, one.source_id) != one.run_id:
        raise Conflict(
            f"upload {number} is not the last of source {one.source}",
            "Undo the later ones first, or bring the old state as a whole file.",
        )
    run = (
        await conn.execute(
            harvest_run.insert()
            .values(
                source_id=one.source_id,
                mode=RunMode.INCREMENTAL,
                state=RunState.PUBLISHED,
                started_at=now,
                finished_at=now,
                list_finished=True,
            )
            .returning(harvest_run.c.id)
        )
    ).scalar_one()
    await conn.execute(
        text("""
        INSERT INTO raw_record
          (source_id, run_id, deleted, hash, format, datestamp, local_id, payload, place)
        SELECT w.source_id, :new, coalesce(p.deleted, true), coalesce(p.hash, :none_hash),
               coalesce(p.format, w.format), p.datestamp, w.local_id, coalesce(p.payload, :none), p.place
        FROM raw_record w
        LEFT JOIN LATERAL (
          SELECT o.* FROM raw_record o JOIN harvest_run r ON r.id = o.run_id
          WHERE o.source_id = w.source_id AND o.local_id = w.local_id AND o.run_id < w.run_id
            AND r.state = 'published'
          ORDER BY o.run_id DESC LIMIT 1) p ON true
        WHERE w.run_id = :old
        """),
        {"new": run, "old": one.run_id, "none": squeeze(b""), "none_hash": digest(b"")},
    )
    await conn.execute(
        text("""
        UPDATE harvest_run SET (received, deleted, changed) =
          (SELECT count(*), count(*) FILTER (WHERE deleted), count(*) FILTER (WHERE NOT deleted)
           FROM raw_record WHERE run_id = :run) WHERE id = :run
        """),
        {"run": run},
    )
    await change(conn, number, state=UploadState.UNDONE, decided_by=by, decided_at=now)
    return await read(conn, number)


async def drop_lines(conn: AsyncConnection, number: UUID) -> None:
    """Forget the complaints of an earlier look."""
    await conn.execute(delete(upload_line).where(upload_line.c.upload_id == number))


async def add_lines(conn: AsyncConnection, number: UUID, first: int, lines: Sequence[Line]) -> None:
    """Append complaints, numbered from `first`."""
    rows = [
        (number, first + n, line.place, line.local_id, line.code, line.detail.replace("\0", ""))
        for n, line in enumerate(lines)
    ]
    await copy(conn, "upload_line", ("upload_id", "position", "place", "local_id", "code", "detail"), rows)


async def lines(
    conn: AsyncConnection, number: UUID, *, limit: int, after: int = -1
) -> list[tuple[int, Line]]:
    """Give complaints in the order of the file, with their positions."""
    query = (
        select(upload_line)
        .where(upload_line.c.upload_id == number, upload_line.c.position > after)
        .order_by(upload_line.c.position)
        .limit(limit)
    )
    return [
        (row.position, Line(row.place, row.local_id, row.code, row.detail))
        for row in await conn.execute(query)
    ]


async def put_aside(conn: AsyncConnection, run_id: int, *, limit: int) -> list[tuple[Line, bytes]]:
    """Give the pieces of a run that are no record, with their bytes."""
    rows = await conn.execute(
        text(
            "SELECT local_id, code, detail, payload FROM issue"
            " WHERE run_id = :run AND stage = 'harvest' ORDER BY id LIMIT :limit"
        ),
        {"run": run_id, "limit": limit},
    )
    return [
        (Line(None, row.local_id, row.code, row.detail), expand(row.payload) if row.payload else b"")
        for row in rows
    ]


async def payloads(
    conn: AsyncConnection, run_id: int, local_ids: Sequence[str]
) -> dict[str, tuple[str, bytes]]:
    """Give format and payload of some records of a run."""
    rows = await conn.execute(
        text("SELECT local_id, format, payload FROM raw_record WHERE run_id = :run AND local_id = ANY(:ids)"),
        {"run": run_id, "ids": list(local_ids)},
    )
    return {row.local_id: (row.format, expand(row.payload)) for row in rows}


@dataclass(frozen=True, slots=True)
class Read:
    """One record of a run, for its preview."""

    id: int
    local_id: str
    format: str
    payload: bytes
    place: str | None
    known: bool = False
    """Whether the catalogue has a record of this number."""


async def spans(conn: AsyncConnection, run_id: int, size: int) -> list[tuple[int, int]]:
    """Cut a run's live records into spans of at most `size`: those with `first` < number <= `last`."""
    query = text("""
        SELECT min(id) - 1 AS first, max(id) AS last FROM (
          SELECT id, (row_number() OVER (ORDER BY id) - 1) / :size AS part
          FROM raw_record WHERE run_id = :run AND NOT deleted) parts
        GROUP BY part ORDER BY part
    """)
    return [(row.first, row.last) for row in await conn.execute(query, {"run": run_id, "size": size})]


async def records(conn: AsyncConnection, run_id: int, first: int, last: int) -> list[Read]:
    """Give the live records of a span, in the order of the file."""
    query = text(
        "SELECT w.id, w.local_id, w.format, w.payload, w.place, coalesce(NOT old.deleted, false) AS known"
        " FROM raw_record w LEFT JOIN LATERAL (SELECT o.deleted FROM raw_record o"
        "   JOIN harvest_run r ON r.id = o.run_id WHERE o.source_id = w.source_id AND o.local_id = w.local_id"
        "   AND r.state = 'published' ORDER BY o.run_id DESC LIMIT 1) old ON true"
        " WHERE w.run_id = :run AND w.id > :first AND w.id <= :last AND NOT w.deleted ORDER BY w.id"
    )
    rows = await conn.execute(query, {"run": run_id, "first": first, "last": last})
    return [Read(row.id, row.local_id, row.format, expand(row.payload), row.place, row.known) for row in rows]
