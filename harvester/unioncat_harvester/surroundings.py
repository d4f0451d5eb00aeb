"""What a reader gets from outside besides its source: who we are, where bad answers go, when to stop."""

import gzip
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from unioncat.domain.credentials import Credentials
from unioncat.domain.source import Source
from unioncat.store import secrets
from unioncat.store.database import Connection
from unioncat.store.sealing import Keyring
from unioncat.telemetry import hide
from unioncat_harvester.masking import masked
from unioncat_harvester.network import Guard

KEPT = 20
"""Bad answers kept for one source."""
KEPT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Given by the entry point to every reader."""

    agent: str = "unioncat"
    """User-Agent, with a contact address."""
    backoff: float = 1.0
    """First wait after a failure, in seconds; doubled each time."""
    drawer: Path | None = None
    """Folder for answers that had to be repaired or could not be used."""
    stop: threading.Event = field(default_factory=threading.Event)
    guard: Guard = field(default_factory=Guard)
    """What may be connected to: public addresses, and what the operator allows."""
    credentials: Credentials = field(default_factory=Credentials)
    """Those of this reader's source; `trusted_with` fills them in."""
    keyring: Keyring | None = None
    """Opens credentials; without it a source that has any cannot be read."""

    async def trusted_with(self, conn: Connection, source: Source) -> "Surroundings":
        """Give these surroundings with the credentials of one source. Raises `Locked`."""
        opened = await secrets.take(conn, self.keyring, source)
        hide(opened.hidden)
        return replace(self, credentials=opened)

    def keep(self, source: str, label: str, body: IO[bytes]) -> Path | None:
        """Keep the bytes of a bad answer for the operator: the newest 20 of a source, 64 MB each at most."""
        if self.drawer is None:
            return None
        folder = self.drawer / re.sub(r"[^\w.-]", "_", source)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{label}.xml.gz"
        body.seek(0)
        with gzip.open(path, "wb", compresslevel=3) as out:
            for piece in masked(_pieces(body, KEPT_BYTES), self.credentials.hidden):
                out.write(piece)
        for old in sorted(folder.iterdir(), key=lambda item: item.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
        return path


def _pieces(body: IO[bytes], left: int) -> Iterator[bytes]:
    while left > 0 and (piece := body.read(min(left, 1024 * 1024))):
        yield piece
        left -= len(piece)


def agent(version: str, contact: str | None) -> str:
    """Make the User-Agent: what we are and whom to write to."""
    return f"unioncat/{version}" + (f" (mailto:{contact})" if contact else "")
