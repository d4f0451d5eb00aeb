"""Messages between libraries as people look at them: what was said, what could not be delivered.

Staff see what concerns their own libraries only. A message may name a reader: each look is logged.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from unioncat.domain.partner import Said, Undelivered
from unioncat.flow import audit, deliver
from unioncat.flow.services import Services
from unioncat.store import deliveries, messages
from unioncat.store.errors import Unknown


async def said(
    services: Services,
    libraries: Collection[str] | None,
    *,
    request: str = "",
    partner: str = "",
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Said]:
    """Give messages that concern these libraries (none: all), newest first, without their bodies."""
    async with services.db.as_service() as conn:
        return await messages.listed(
            conn, libraries=libraries, request=request, partner=partner, before=before, limit=limit
        )


async def message(services: Services, number: int, libraries: Collection[str] | None, by: str) -> Said:
    """Give one message whole, and log who looked. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        found = await messages.read(conn, number, libraries)
        if found is None:
            raise Unknown("there is no such message", "Open the list of messages again.")
        await audit.write(services, conn, by, "lending.message-read", found.request or str(number))
    return found


async def undelivered(services: Services, libraries: Collection[str] | None) -> Sequence[Undelivered]:
    """Give what is late, dead, or was answered with an error."""
    async with services.db.as_service() as conn:
        return await deliveries.undelivered(conn, libraries)


async def resend(
    services: Services, number: int, libraries: Collection[str] | None, by: str, now: datetime
) -> None:
    """Have something sent once more, and log who asked. Raises `Unknown`, `Conflict`."""
    async with services.db.as_service() as conn:
        found = await deliveries.read(conn, number)
        if libraries is not None and not found.libraries & frozenset(libraries):
            raise Unknown("there is no such message", "Open the list of messages again.")
        await deliveries.resend(conn, number, now)
        await deliver.ask(conn)
        await audit.write(services, conn, by, "lending.message-resent", found.request or found.key)
