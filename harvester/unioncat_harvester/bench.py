"""What an errand works with: the database, the surroundings of readers, and a way to say how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from unioncat.store import errands
from unioncat.store.database import Database
from unioncat_harvester.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Bench:
    """Given to whoever does an errand."""

    db: Database
    number: UUID
    around: Surroundings

    async def tell(self, progress: Mapping[str, Any]) -> None:
        """Say how far the errand is; the page that asked for it shows it."""
        async with self.db.begin() as conn:
            await errands.tell(conn, self.number, progress)
