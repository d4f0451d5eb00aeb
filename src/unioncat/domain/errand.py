"""An errand: work on what strangers send, asked for by a page, done by the harvester in its own process.

The web process itself never fetches or parses what it cannot trust; it asks, and reads the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class ErrandState(StrEnum):
    """Life of an errand. Done and failed are its ends."""

    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Errand:
    """One piece of such work; `kind` chooses who does it, `subject` says on what."""

    id: UUID
    kind: str
    subject: Mapping[str, Any]
    state: ErrandState
    asked: datetime
    progress: Mapping[str, Any] = field(default_factory=dict)
    """How far it is, in the words of its kind."""
    result: Mapping[str, Any] | None = None
    error: str | None = None
    remedy: str | None = None
    done: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether there is an answer."""
        return self.state in (ErrandState.DONE, ErrandState.FAILED)
