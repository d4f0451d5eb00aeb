"""What a command needs to run: the settings, the database, the open services.

The built-in database is started or joined on the main thread, before the event loop: it dies with its thread.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from unioncat.cli import naming
from unioncat.cli.start import load
from unioncat.config import Settings
from unioncat.domain.audience import Viewer
from unioncat.engine import service
from unioncat.engine.postgres import serving
from unioncat.flow import audit, register
from unioncat.flow.services import Services, open_services
from unioncat.flow.upgrade import upgrade

T = TypeVar("T")


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Give the address of a database of this version.

    Our own is brought to this version by any command; somebody else's server only by `unioncat migrate`.
    """
    with serving(settings) as url:
        if not settings.database_url and not service.is_up(settings.home):
            asyncio.run(upgrade(settings, url))
        yield url


def run(task: Callable[[Services], Awaitable[T]]) -> T:
    """Do one task with open services; what changes something is logged as asked for by whoever runs it."""
    settings = load()

    async def inside(url: str) -> T:
        async with open_services(settings, url) as services:
            await note(services)
            return await task(services)

    with database(settings) as url:
        return asyncio.run(inside(url))


async def note(services: Services) -> None:
    """Log that a command was given, unless it only looks."""
    command = naming.running()
    if command is not None and not command.only_looks:
        await audit.note(services, naming.actor(), f"asked.{command.name}", detail=command.given)


async def note_alone(settings: Settings, url: str) -> None:
    """Log that a command was given which opens the services only for that."""
    async with open_services(settings, url) as services:
        await note(services)


async def operator(services: Services) -> Viewer:
    """Give the viewer who may see everything: whoever can run this program on this machine."""
    return Viewer(frozenset(circle.id for circle in await register.list_audiences(services)))
