"""What the web asks about who may see a library's material: `unioncat.flow` bound to the open services."""

from unioncat.flow import audience
from unioncat.flow.audience import Standing
from unioncat.flow.services import Services
from unioncat.store.changes import AudienceChange


class Sharing:
    """For whom a library's material is kept, and what it takes back."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def of_library(self, code: str) -> Standing:
        """Tell how a library's material is kept. Raises `Unknown`."""
        return await audience.of_library(self._services, code)

    async def change(self, subject: str, code: str, circle: str, by: str) -> AudienceChange | None:
        """Keep a library or a source for an audience. Raises `Unknown`, `Conflict`."""
        return await audience.change_audience(self._services, subject, code, circle, by=by)

    async def leave(self, code: str, by: str, why: str) -> AudienceChange:
        """Let a library leave. Raises `Unknown`, `Conflict`."""
        return await audience.leave(self._services, code, by=by, why=why)

    async def withdraw(self, source: str, local_id: str, by: str, why: str) -> None:
        """Take one record away. Raises `Unknown`, `Conflict`."""
        await audience.withdraw(self._services, source, local_id, by=by, why=why)

    async def give_back(self, source: str, local_id: str, by: str) -> None:
        """Let a record come back. Raises `Unknown`."""
        await audience.give_back(self._services, source, local_id, by=by)
