"""What the web asks of people's work on the joining: `unioncat.flow` bound to the open services.

Beside `catalogue` the only module of the web that calls flow. Every question names its viewer.
"""

from collections.abc import Iterable, Sequence

from unioncat.domain.audience import Viewer
from unioncat.domain.match import Verdict
from unioncat.domain.review import Decision, Distrusted
from unioncat.flow import explain, review
from unioncat.flow.explain import Explanation
from unioncat.flow.review import Queue
from unioncat.flow.services import Services


class Reviewing:
    """Pairs in doubt, decisions, explanations, identifiers not to be believed."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def queue(self, viewer: Viewer, limit: int) -> Queue:
        """Give the pairs that wait for a person."""
        return await review.queue(self._services, viewer, limit)

    async def explain(self, viewer: Viewer, left: int, right: int) -> Explanation:
        """Explain a pair. Raises `Unknown`, `Conflict`."""
        return await explain.explain(self._services, viewer, left, right)

    async def decisions(self, viewer: Viewer, limit: int, before: int | None) -> Sequence[Decision]:
        """List decisions, newest first."""
        return await review.decisions(self._services, viewer, limit=limit, before=before)

    async def decide(
        self, viewer: Viewer, pairs: Iterable[tuple[int, int]], verdict: Verdict, *, reason: str, by: str
    ) -> Sequence[Decision]:
        """Write one act. Raises `Unknown`, `Conflict`."""
        return await review.decide(self._services, viewer, pairs, verdict, reason=reason, by=by)

    async def take_out(
        self, viewer: Viewer, public_id: str, records: Sequence[int], *, reason: str, by: str
    ) -> Sequence[Decision]:
        """Take members out of a union record. Raises `Unknown`, `Conflict`."""
        return await review.take_out(self._services, viewer, public_id, records, reason=reason, by=by)

    async def unite(
        self, viewer: Viewer, public_id: str, other: str, *, reason: str, by: str
    ) -> Sequence[Decision]:
        """Merge two union records. Raises `Unknown`, `Conflict`."""
        return await review.unite(self._services, viewer, public_id, other, reason=reason, by=by)

    async def undo(self, viewer: Viewer, number: int, *, by: str) -> Sequence[Decision]:
        """Take an act back. Raises `Unknown`, `Conflict`."""
        return await review.undo(self._services, viewer, number, by=by)

    async def distrusted(self) -> Sequence[Distrusted]:
        """List the identifiers that are not to be believed."""
        return await review.distrusted(self._services)

    async def distrust(self, scheme: str, value: str, *, reason: str, by: str) -> None:
        """Believe an identifier no more. Raises `Conflict`."""
        await review.distrust(self._services, scheme, value, reason=reason, by=by)

    async def trust(self, scheme: str, value: str) -> None:
        """Believe an identifier again. Raises `Unknown`, `Conflict`."""
        await review.trust(self._services, scheme, value)
