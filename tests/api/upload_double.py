"""Files that libraries bring, in memory: each is read at once and waits with the same preview."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import IO
from uuid import UUID, uuid5

from tests.api import shelf
from unioncat.domain.column import Column
from unioncat.domain.source import Counters, Run, RunMode, RunState, Source
from unioncat.domain.upload import (
    Correction,
    GuessedColumn,
    Line,
    Look,
    Preview,
    Sample,
    Upload,
    UploadState,
)
from unioncat.flow.errorlist import Say
from unioncat.flow.uploads import Standing, check, clean_name
from unioncat.store.errors import Conflict, Unknown
from unioncat_api.uploading import Uploading

SPACE = UUID(int=7)
LOOK = Look(
    kind="csv",
    format="table",
    encoding="tcvn3",
    delimiter=";",
    heading_row=1,
    columns=(
        GuessedColumn("Tên sách", Column.TITLE, "heading", 3),
        GuessedColumn(shelf.HOSTILE, Column.AUTHOR, "cells", 3),
        GuessedColumn("Lạ", None, "nothing", 1),
    ),
    sheets=("A", "B"),
    notes=("a note",),
)
PREVIEW = Preview(
    records=2,
    unread=1,
    aside=1,
    with_problems=1,
    filled={"agents": 2},
    problems={"no-isbn": 2, "title-missing": 1},
    samples=(
        Sample("2", "S1", (("Tên sách", shelf.HOSTILE),), shelf.HOSTILE, "Tô Hoài. – 2019", "", "Kho A"),
        Sample("3", "S2", (("Tên sách", ""),), None, "", problems=("title-missing", "made-up")),
    ),
    cells={"Tên sách": ("Tắt đèn", shelf.HOSTILE)},
    repaired=(("T¾t ®Ìn", "Tắt đèn"),),
    lines=2,
)
LINES = (
    (0, Line("3", "S2", "title-missing", "The row has no title.")),
    (1, Line("4", "S3", "isbn-invalid", shelf.HOSTILE)),
)


class UploadDouble(Uploading):
    """The files of the sources of the shelf."""

    limit_mb = 3  # type: ignore[assignment]

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self.sources = sources
        self.all: dict[UUID, Upload] = {}
        self.complaint: str | None = None
        self.received: list[bytes] = []

    def _one(self, number: UUID) -> Upload:
        if number not in self.all:
            raise Unknown(f"there is no upload {number}", "Bring the file again.")
        return self.all[number]

    async def receive(self, source: str, name: str, mode: RunMode, by: str, body: IO[bytes]) -> Upload:
        if source not in self.sources:
            raise Unknown(f"there is no source {source!r}", "List the sources.")
        body.seek(0)
        data = body.read()
        if not data:
            raise Conflict("the file is empty", "Choose the file again.")
        self.received.append(data)
        number = uuid5(SPACE, str(len(self.all)))
        self.all[number] = Upload(
            number,
            source,
            1,
            clean_name(name),
            len(data),
            mode,
            UploadState.FAILED if data.startswith(b"%PDF") else UploadState.READY,
            by,
            shelf.NOW,
            look=None if data.startswith(b"%PDF") else LOOK,
            preview=None if data.startswith(b"%PDF") else PREVIEW,
            error="the file is a PDF document" if data.startswith(b"%PDF") else None,
            remedy="Bring an Excel file." if data.startswith(b"%PDF") else None,
        )
        return self.all[number]

    async def show(self, number: UUID) -> Standing:
        upload = self._one(number)
        counters = Counters(received=4, created=2, unchanged=1, deleted=3)
        run = Run(9, 1, upload.source, upload.mode, RunState.HELD, shelf.NOW, counters=counters)
        accepted = upload.state is UploadState.ACCEPTED
        return Standing(upload, run, None, None if accepted else self.complaint, accepted)

    async def listed(self, source: str) -> Sequence[Upload]:
        return [one for one in self.all.values() if one.source == source]

    async def lines(self, number: UUID, *, limit: int, after: int = -1) -> Sequence[tuple[int, Line]]:
        self._one(number)
        return [(position, line) for position, line in LINES if position > after][:limit]

    async def correct(self, number: UUID, correction: Correction, mode: RunMode | None) -> Upload:
        check(correction)
        upload = self._one(number)
        self.all[number] = replace(
            upload, state=UploadState.READING, correction=correction, mode=mode or upload.mode, preview=None
        )
        return self.all[number]

    async def accept(self, number: UUID, by: str, *, despite: bool) -> Upload:
        upload = self._one(number)
        if upload.state is not UploadState.READY:
            raise Conflict(f"upload {number} is {upload.state}, not ready", "Wait until it has been read.")
        if self.complaint and not despite:
            raise Conflict(self.complaint, "Look at the file again.")
        self.all[number] = replace(
            upload, state=UploadState.ACCEPTED, decided_by=by, decided_at=shelf.NOW, kept=False
        )
        return self.all[number]

    async def reject(self, number: UUID) -> None:
        self._one(number)
        del self.all[number]

    async def undo(self, number: UUID, by: str) -> Upload:
        upload = self._one(number)
        if upload.state is not UploadState.ACCEPTED:
            raise Conflict("not accepted", "Only an accepted upload is undone.")
        self.all[number] = replace(upload, state=UploadState.UNDONE, decided_by=by)
        return self.all[number]

    async def errors(self, number: UUID, words: Say) -> bytes:
        self._one(number)
        return "\n".join(words(line.code, line.detail) for _, line in LINES).encode()
