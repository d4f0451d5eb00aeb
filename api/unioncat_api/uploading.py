"""What the web asks of files that libraries bring: `unioncat.flow` bound to the open services.

Bytes are taken from a whole body that lies in a temporary file, so that a slow line holds no transaction.
"""

from collections.abc import AsyncIterator, Sequence
from typing import IO
from uuid import UUID

from unioncat.domain.column import Column
from unioncat.domain.source import RunMode
from unioncat.domain.upload import Correction, Line, Upload
from unioncat.flow import errorlist, uploads
from unioncat.flow.preview import columns_of
from unioncat.flow.services import Services
from unioncat.flow.uploads import Standing
from unioncat.text.encodings import ENCODINGS

STEP = 1024 * 1024
FIELDS: Sequence[Column] = tuple(Column)
"""Fields that a person may choose for a column, in the order in which pages offer them."""
ENCODING_NAMES: Sequence[str] = ENCODINGS


class Uploading:
    """Files on their way into the catalogue."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @property
    def limit_mb(self) -> int:
        """Largest file in megabytes."""
        return self._services.settings.upload_limit_mb

    async def receive(self, source: str, name: str, mode: RunMode, by: str, body: IO[bytes]) -> Upload:
        """Take in a file. Raises `Unknown`, `Conflict`."""
        return await uploads.receive(self._services, source, name, mode, by, pieces(body))

    async def show(self, number: UUID) -> Standing:
        """Give a file with how it stands. Raises `Unknown`."""
        return await uploads.show(self._services, number)

    async def listed(self, source: str) -> Sequence[Upload]:
        """List the newest files of a source."""
        return await uploads.listed(self._services, [source])

    async def lines(self, number: UUID, *, limit: int, after: int = -1) -> Sequence[tuple[int, Line]]:
        """List what should be mended, in the order of the file."""
        return await uploads.lines(self._services, number, limit=limit, after=after)

    async def correct(self, number: UUID, correction: Correction, mode: RunMode | None) -> Upload:
        """Read a file again with what the person knows better. Raises `Unknown`, `Conflict`."""
        return await uploads.correct(self._services, number, correction, mode)

    async def accept(self, number: UUID, by: str, *, despite: bool) -> Upload:
        """Publish what a file brought. Raises `Unknown`, `Conflict`."""
        return await uploads.accept(self._services, number, by, despite=despite)

    async def reject(self, number: UUID) -> None:
        """Take a file away with all that was read of it. Raises `Unknown`, `Conflict`."""
        await uploads.reject(self._services, number)

    async def undo(self, number: UUID, by: str) -> Upload:
        """Bring back what stood before the last accepted file. Raises `Unknown`, `Conflict`."""
        return await uploads.undo(self._services, number, by)

    async def errors(self, number: UUID, words: errorlist.Say) -> bytes:
        """Write what should be mended as a workbook. Raises `Unknown`."""
        return await errorlist.workbook(self._services, number, words)

    @staticmethod
    def columns(upload: Upload) -> dict[str, str]:
        """Give heading -> field as it is now."""
        return columns_of(upload)


async def pieces(body: IO[bytes]) -> AsyncIterator[bytes]:
    """Give the bytes of a file that lies here."""
    body.seek(0)
    while piece := body.read(STEP):
        yield piece
