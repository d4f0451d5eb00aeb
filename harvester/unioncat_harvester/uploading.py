"""The errand "upload": a file that was brought is read as a harvest of its source, up to its preview.

Its bytes lie on this machine only while it is read; what it is, is written down without any of its content.
"""

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from unioncat.domain.errand import Errand
from unioncat.domain.source import Protocol, Run, Source
from unioncat.domain.upload import Correction, Upload, UploadState
from unioncat.normalise.gate import gate_for
from unioncat.store import jobs, profiles, sources, uploads
from unioncat.store.errors import Conflict
from unioncat_harvester.bench import Bench
from unioncat_harvester.reader import SourceError
from unioncat_harvester.readers.files import FilesReader
from unioncat_harvester.run import Outcome, State, Watch, harvest

PREVIEW = "preview"
"""Kind of the job that looks through what was read; its key is the upload's number."""
AGAIN = "Bring the file again."


class Telling(Watch):
    """Tells the page how many records have been read."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._loop = asyncio.get_running_loop()
        self.run: Run | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def began(self, run: Run) -> None:
        """Remember the run."""
        self.run = run

    def saved(self, run: Run) -> None:
        """Tell the count after each page."""
        self.run = run
        task = self._loop.create_task(self._bench.tell({"records": run.counters.received}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait until everything was told."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def do(errand: Errand, bench: Bench) -> Mapping[str, Any]:
    """Read an upload; the outcome is in the upload and, in short, in the answer. Raises `SourceError`."""
    number = UUID(str(errand.subject["upload"]))
    async with bench.db.begin() as conn:
        upload = await uploads.read(conn, number, lock=True)
        source = next(one for one in await sources.all_sources(conn) if one.id == upload.source_id)
        if source.protocol is not Protocol.FILES:
            raise Conflict(f"source {source.code} takes no files", "Register a source with protocol `files`.")
        texts = await profiles.profiles(conn)
        await uploads.clear(conn, number)
        await uploads.change(conn, number, state=UploadState.READING)
    gated = True  # as long as it is not known, the bytes do not stay
    try:
        try:
            gated = _gated(source, texts)
            with tempfile.NamedTemporaryFile(prefix="unioncat-") as held:
                await _fetch(bench, upload, held)
                outcome = await _read(bench, upload, corrected(source, upload.correction, held.name))
        finally:
            if gated:
                async with bench.db.begin() as conn:
                    await uploads.drop_bytes(conn, number)
    except SourceError as error:
        await _failed(bench, number, error.message, error.remedy)
        raise
    if outcome.state is not State.HELD:
        message = (outcome.error or "the file was not read to its end").removeprefix(
            f"source {source.code}: "
        )
        remedy = outcome.remedy or AGAIN
        await _failed(bench, number, message, remedy)
        raise SourceError(message, remedy, source=source.code)
    return {"upload": str(number), "records": outcome.run.counters.received if outcome.run else 0}


def _gated(source: Source, texts: Mapping[str, str]) -> bool:
    """Tell whether a source's profile shuts anything out, so that a file's bytes must not stay."""
    try:
        return gate_for(source, texts).active
    except ValueError as error:
        raise SourceError(
            str(error), "Give the source a profile that there is.", source=source.code
        ) from error


def corrected(source: Source, correction: Correction, path: str) -> Source:
    """Give the source as it is to be read this time: from a file, with what the person said."""
    options = dict(source.options)
    options |= {f"column:{heading}": field for heading, field in correction.columns.items()}
    for name in ("encoding", "id_column", "heading_row", "sheet", "delimiter"):
        value = getattr(correction, name)
        if value is not None:
            options[name] = str(value)
    return replace(source, address=Path(path).as_uri(), options=tuple(sorted(options.items())))


async def _fetch(bench: Bench, upload: Upload, held: "tempfile._TemporaryFileWrapper[bytes]") -> None:
    """Bring the bytes here."""
    size = 0
    async with bench.db.begin() as conn:
        async for chunk in uploads.chunks(conn, upload.id):
            size += len(chunk)
            await asyncio.to_thread(_put, held.file, chunk)
    if size != upload.size:
        raise SourceError("the bytes of the file are no longer here", AGAIN, source=upload.source)
    await asyncio.to_thread(held.flush)


def _put(file: IO[bytes], chunk: bytes) -> None:
    file.write(chunk)


async def _read(bench: Bench, upload: Upload, source: Source) -> Outcome:
    look = await asyncio.to_thread(FilesReader(source, bench.around).look)
    async with bench.db.begin() as conn:
        await uploads.change(conn, upload.id, look=look)
    watch = Telling(bench)
    outcome = await harvest(bench.db, source, bench.around, mode=upload.mode, watch=watch)
    await watch.finish()
    async with bench.db.begin() as conn:
        if outcome.state is State.HELD and outcome.run is not None:
            await uploads.change(conn, upload.id, run_id=outcome.run.id)
            await jobs.enqueue(conn, PREVIEW, str(upload.id), priority=5)
    return outcome


async def _failed(bench: Bench, number: UUID, error: str, remedy: str) -> None:
    async with bench.db.begin() as conn:
        await uploads.clear(conn, number)
        await uploads.change(conn, number, state=UploadState.FAILED, error=error, remedy=remedy)
