"""Files that libraries bring: taken in, read by an errand, looked at, then accepted, rejected or undone.

Whoever may bring a file is decided by the caller; here only what fits the source and its earlier files.
"""

import unicodedata
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from unioncat.domain.column import Column
from unioncat.domain.errand import Errand, ErrandState
from unioncat.domain.source import Protocol, Run, RunMode, Source, SourceState
from unioncat.domain.upload import Correction, Line, Upload, UploadState
from unioncat.flow.preview import columns_of
from unioncat.flow.services import Services
from unioncat.normalise.gate import gate_for
from unioncat.store import errands, jobs, profiles, runs, sources, uploads
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.harvests import PREVIEW_WAITS
from unioncat.text.encodings import ENCODINGS

LONGEST_NAME = 200
ERRAND = "upload"
PROCESS = "process"
"""Kind of the job that brings what was published to the readers."""
LISTED = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """An upload as its page shows it."""

    upload: Upload
    run: Run | None
    """What was read, while it waits or after it was accepted."""
    errand: Errand | None
    complaint: str | None
    """Why it would not be published by itself: a fall that is too large and the like."""
    last: bool
    """Whether it is the last one accepted of its source, so that it can be undone."""


class TooLarge(Conflict):
    """A file is larger than the setting allows."""


def clean_name(name: str) -> str:
    """Give a file's name without folders and without what cannot be shown."""
    base = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in base if unicodedata.category(char)[0] != "C").strip()
    return shown[:LONGEST_NAME] or "?"


async def receive(
    services: Services,
    code: str,
    name: str,
    mode: RunMode,
    by: str,
    chunks: AsyncIterator[bytes],
    correction: Correction | None = None,
) -> Upload:
    """Take in a file and ask for it to be read; all or nothing.

    FULL: the file holds everything, and what it lacks is deleted. INCREMENTAL: it adds and changes. Raises
    `Unknown`, `Conflict`, `TooLarge`.
    """
    check(correction or Correction())
    limit = services.settings.upload_limit_mb * 1024 * 1024
    async with services.db.as_service() as conn:
        source = await _free_source(conn, code)
        number = await uploads.begin(conn, source.id, clean_name(name), mode, by[:LONGEST_NAME])
        size = position = 0
        held = bytearray()
        async for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise TooLarge(
                    f"the file has more than {services.settings.upload_limit_mb} MB",
                    "Pack it as a zip, or bring it in parts.",
                )
            held += chunk
            while len(held) >= uploads.CHUNK:
                await uploads.add_chunk(conn, number, position, bytes(held[: uploads.CHUNK]))
                del held[: uploads.CHUNK]
                position += 1
        if held:
            await uploads.add_chunk(conn, number, position, bytes(held))
        if not size:
            raise Conflict("the file is empty", "Choose the file again; it may be open in another program.")
        if correction is not None:
            await uploads.change(conn, number, correction=correction)
        await _ask(conn, number)
        return await uploads.read(conn, number)


async def _free_source(conn: Connection, code: str) -> Source:
    """Give the source, if it takes a file now, and keep others from it. Raises `Unknown`, `Conflict`."""
    await uploads.lock_source(conn, code)
    source = next((one for one in await sources.all_sources(conn) if one.code == code), None)
    if source is None:
        raise Unknown(f"there is no source {code!r}", "List the sources to see their codes.")
    if source.protocol is not Protocol.FILES:
        raise Conflict(
            f"source {code!r} is harvested by {source.protocol}; it takes no files",
            "Register a source of the library with protocol `files`.",
        )
    open_ = await uploads.uploads(conn, [code], unfinished=True, limit=1)
    if open_:
        raise Conflict(
            f"the file {open_[0].name!r} of source {code!r} waits to be accepted or rejected",
            "Decide on it first.",
        )
    if source.state is not SourceState.ACTIVE:
        raise Conflict(f"source {code!r} is {source.state}", "Resume the source first.")
    return source


async def _ask(conn: Connection, number: UUID) -> None:
    errand = await errands.ask(conn, ERRAND, {"upload": str(number)})
    await uploads.change(conn, number, state=UploadState.WAITING, errand_id=errand.id)


async def show(services: Services, number: UUID) -> Standing:
    """Give an upload with how it stands. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        upload = await uploads.read(conn, number)
        errand = None
        if upload.errand is not None and upload.state in (UploadState.WAITING, UploadState.READING):
            errand = await errands.read(conn, upload.errand)
            if errand.state is ErrandState.FAILED:
                # The process that read it died, so it could not say so itself.
                await uploads.clear(conn, number)
                if await _is_gated(conn, upload.source):
                    await uploads.drop_bytes(conn, number)
                await uploads.change(
                    conn, number, state=UploadState.FAILED, error=errand.error, remedy=errand.remedy
                )
                upload = await uploads.read(conn, number)
        run = await runs.read_run(conn, upload.run_id) if upload.run_id is not None else None
        complaint = run.error if run is not None and run.error != PREVIEW_WAITS else None
        last = upload.state is UploadState.ACCEPTED and (
            await uploads.last_published(conn, upload.source_id) == upload.run_id
        )
        return Standing(upload, run, errand, complaint if upload.state is UploadState.READY else None, last)


async def _is_gated(conn: Connection, code: str) -> bool:
    """Tell whether a source's profile shuts anything out, so that a file's bytes must not stay."""
    source = next(one for one in await sources.all_sources(conn) if one.code == code)
    try:
        return gate_for(source, await profiles.profiles(conn)).active
    except ValueError:
        return True


async def listed(services: Services, codes: Sequence[str], *, limit: int = LISTED) -> list[Upload]:
    """Give the newest uploads of sources."""
    async with services.db.as_service() as conn:
        return await uploads.uploads(conn, codes, limit=limit)


async def lines(services: Services, number: UUID, *, limit: int, after: int = -1) -> list[tuple[int, Line]]:
    """Give what should be mended, line by line."""
    async with services.db.as_service() as conn:
        return await uploads.lines(conn, number, limit=limit, after=after)


async def correct(
    services: Services, number: UUID, correction: Correction, mode: RunMode | None = None
) -> Upload:
    """Read a file again with what the person knows better. Raises `Unknown`, `Conflict`."""
    check(correction)
    async with services.db.as_service() as conn:
        upload = await uploads.read(conn, number, lock=True)
        if upload.state not in (UploadState.READY, UploadState.FAILED):
            raise Conflict(f"the file {upload.name!r} is {upload.state}", "Wait until it has been read.")
        if not upload.kept:
            raise Conflict(
                f"the bytes of {upload.name!r} are not kept, because the source's profile shuts records out",
                "Bring the file again.",
            )
        if upload.state is UploadState.FAILED:
            await _free_source(conn, upload.source)
        await uploads.clear(conn, number)
        await uploads.change(conn, number, correction=correction, mode=mode or upload.mode)
        await _ask(conn, number)
        return await uploads.read(conn, number)


def check(correction: Correction) -> None:
    """Refuse a correction that names what there is not. Raises `Conflict`."""
    known = set(Column)
    wrong = [field for field in correction.columns.values() if field and field not in known]
    if wrong:
        raise Conflict(f"there is no field {wrong[0]!r}", f"Choose one of: {', '.join(known)}.")
    if correction.encoding is not None and correction.encoding not in ENCODINGS:
        raise Conflict(
            f"there is no encoding {correction.encoding!r}", f"Choose one of: {', '.join(ENCODINGS)}."
        )
    if correction.delimiter is not None and len(correction.delimiter) != 1:
        raise Conflict("a delimiter is one character", "Name a comma, a semicolon or a tab.")
    if correction.heading_row is not None and not 0 <= correction.heading_row < 1000:
        raise Conflict("the headings stand in one of the first rows", "Name its number, or 0 for none.")


async def accept(services: Services, number: UUID, by: str, *, despite: bool = False) -> Upload:
    """Publish what a file brought, and remember its columns for the next one.

    `despite` accepts a run that breaks the source's assertions. Raises `Unknown`, `Conflict`.
    """
    standing = await show(services, number)
    if standing.complaint and not despite:
        raise Conflict(standing.complaint, "Look at the file again; accept it expressly if it is right.")
    async with services.db.as_service() as conn:
        upload = await uploads.publish(conn, number, by[:LONGEST_NAME], datetime.now(UTC))
        await uploads.remember_columns(conn, upload.source_id, columns_of(upload))
        await jobs.enqueue(conn, PROCESS, "all")
    return upload


async def reject(services: Services, number: UUID) -> None:
    """Take a file away with all that was read of it. Raises `Unknown`, `Conflict`."""
    async with services.db.as_service() as conn:
        upload = await uploads.read(conn, number, lock=True)
        if upload.state in (UploadState.WAITING, UploadState.READING):
            raise Conflict(f"the file {upload.name!r} is being read", "Wait a moment, then reject it.")
        await uploads.remove(conn, number)


async def undo(services: Services, number: UUID, by: str) -> Upload:
    """Bring back what stood before the last accepted file of a source. Raises `Unknown`, `Conflict`."""
    async with services.db.as_service() as conn:
        upload = await uploads.undo(conn, number, by[:LONGEST_NAME], datetime.now(UTC))
        await jobs.enqueue(conn, PROCESS, "all")
    return upload
