"""The watched folder: a library that cannot open a page puts its file into a folder of its own.

`<drop folder>/<code of the source>/`. A file is taken once nobody writes to it any more; it is then moved
into `taken`, or removed where the source's profile shuts records out.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from unioncat.domain.source import Protocol, RunMode, SourceState
from unioncat.domain.upload import UploadState
from unioncat.flow import uploads
from unioncat.flow.services import Services
from unioncat.normalise.gate import gate_for
from unioncat.store import profiles, sources
from unioncat.store.errors import StoreError
from unioncat.telemetry import logger

SETTLED_SECONDS = 20.0
"""A file that has not changed for so long is whole."""
TAKEN = "taken"
BY = "drop folder"
MODE = "drop"
"""Option of a source: `full` or `addition`, what files in its folder are; without it they are additions."""
ACCEPT = "accept"
"""Option of a source: `when-sound` publishes a file from its folder by itself where nothing is odd."""
SOUND = "when-sound"
SOUND_SHARE = 0.01
"""Share of rows that may be unreadable in a file that is published without a person."""
STEP = 1024 * 1024
log = logger(__name__)


async def watch(services: Services, *, settled: float = SETTLED_SECONDS) -> int:
    """Take the files that lie in the folders of sources; give how many."""
    folder = services.settings.drop_dir
    if not await asyncio.to_thread(folder.is_dir):
        return 0
    async with services.db.as_service() as conn:
        found = [one for one in await sources.all_sources(conn) if one.protocol is Protocol.FILES]
        texts = await profiles.profiles(conn)
    count = 0
    for source in found:
        if source.state is not SourceState.ACTIVE:
            continue
        path = await asyncio.to_thread(next_file, folder / source.code, settled)
        if path is None:
            continue
        mode = RunMode.FULL if dict(source.options).get(MODE) == "full" else RunMode.INCREMENTAL
        try:
            await uploads.receive(services, source.code, path.name, mode, BY, pieces(path))
        except StoreError as error:
            log.warning("a file in the drop folder was not taken", source=source.code, error=str(error))
            continue
        await asyncio.to_thread(put_away, path, keep=not gate_for(source, texts).active)
        log.info("a file was taken from the drop folder", source=source.code)
        count += 1
    return count


def next_file(folder: Path, settled: float) -> Path | None:
    """Give the oldest whole file of a folder; hidden and half-written ones are left alone."""
    try:
        files = [one for one in folder.iterdir() if one.is_file() and not one.is_symlink()]
    except OSError:
        return None
    now = time.time()
    whole = [
        (one.stat().st_mtime, one)
        for one in files
        if not one.name.startswith((".", "~")) and not one.name.endswith((".part", ".tmp", ".crdownload"))
    ]
    ready = [(at, one) for at, one in whole if now - at >= settled]
    return min(ready, default=(0.0, None))[1]


def put_away(path: Path, *, keep: bool) -> None:
    """Move a file that was taken into `taken`, or remove it."""
    if not keep:
        path.unlink(missing_ok=True)
        return
    taken = path.parent / TAKEN
    taken.mkdir(exist_ok=True)
    path.replace(taken / f"{time.strftime('%Y%m%d-%H%M%S')} {path.name}")


async def pieces(path: Path) -> AsyncIterator[bytes]:
    """Give the bytes of a file on this machine."""
    with path.open("rb") as body:
        while piece := await asyncio.to_thread(body.read, STEP):
            yield piece


async def accept_if_sound(services: Services, number: UUID) -> bool:
    """Publish a file from a drop folder without a person, where its source wants that and nothing is odd."""
    standing = await uploads.show(services, number)
    upload, preview = standing.upload, standing.upload.preview
    if upload.state is not UploadState.READY or upload.by != BY or preview is None or standing.complaint:
        return False
    async with services.db.as_service() as conn:
        source = next(one for one in await sources.all_sources(conn) if one.id == upload.source_id)
    if dict(source.options).get(ACCEPT) != SOUND:
        return False
    bad = preview.unread + preview.aside
    if bad > SOUND_SHARE * (bad + preview.records):
        return False
    await uploads.accept(services, upload.id, BY)
    return True
