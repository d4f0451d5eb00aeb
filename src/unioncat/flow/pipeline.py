"""The stages after a harvest, one behind the other: catalogue, join, publish."""

from collections.abc import Callable

from unioncat.flow.audience import follow, prove
from unioncat.flow.catalogue import catalogue
from unioncat.flow.crew import Crew, calm
from unioncat.flow.facts import renew
from unioncat.flow.join import join
from unioncat.flow.publish import publish
from unioncat.flow.services import Services
from unioncat.store import catalogue as catalogue_store

Report = Callable[[str, int, int], None]
"""Called with the stage's name, what is done and what there is to do."""


async def process(services: Services, report: Report = lambda stage, done, total: None) -> int:
    """Bring everything that published runs brought to the readers; give the number of published documents.

    Runs until nothing waits. May be cut off and run again.
    """
    db = services.db
    published = 0
    calm()
    async with Crew(db, services.settings.workers) as crew:
        while True:
            changed = await follow(services, crew)
            changed += await catalogue(
                db, workers=crew, progress=lambda done, total: report("catalogue", done, total)
            )
            changed += await renew(
                db, workers=crew, progress=lambda done, total: report("reread", done, total)
            )
            changed += await join(db, workers=crew, progress=lambda done, total: report("join", done, total))
            await crew.rest()
            documents = await publish(services, progress=lambda done, total: report("publish", done, total))
            published += documents
            if not changed and not documents:
                await prove(services)
                return published


async def replay(services: Services, report: Report = lambda stage, done, total: None) -> int:
    """Normalise every stored record anew, without asking a member, and bring the outcome to the readers."""
    async with services.db.begin() as conn:
        await catalogue_store.forget_progress(conn)
    return await process(services, report)
