"""A member changes who may see what is theirs: hidden at once in the store, gone everywhere soon, and proven.

The change of rows hides; then the records follow, the index is written before anything is joined anew, and
at last it is counted what the viewer who lost it still finds.
"""

from dataclasses import replace

from unioncat.domain.search import SearchQuery
from unioncat.flow.crew import Crew
from unioncat.flow.publish import publish
from unioncat.flow.services import Services
from unioncat.flow.uploads import PROCESS
from unioncat.store import changes, jobs, libraries, sources
from unioncat.store.changes import AudienceChange, Seen
from unioncat.store.errors import Conflict, Unknown


async def change_audience(
    services: Services, subject: str, code: str, audience: str, *, by: str
) -> AudienceChange | None:
    """Keep a library (with its sources) or one source for an audience from now on; none if it is so already.

    Nobody else reads it in the store when this returns; the worker does the rest.
    Raises `Unknown`, `Conflict`.
    """
    if not by.strip():
        raise Conflict("a change of audience needs the name of the person", "Say who changes it.")
    async with services.db.as_service() as conn:
        circles = {one.code: one.id for one in await libraries.audiences(conn)}
        if audience not in circles:
            raise Unknown(f"there is no audience {audience!r}", "Add the audience first, or use `public`.")
        new = circles[audience]
        library_id: int | None = None
        if subject == "library":
            owners = await libraries.owners(conn)
            if code not in owners:
                raise Unknown(f"there is no library {code!r}", "List the libraries to see their codes.")
            library_id, old = owners[code]
            theirs = await changes.sources_of(conn, library_id, old)
            shown: tuple[str, ...] = (code,)
        else:
            found = next((one for one in await sources.all_sources(conn) if one.code == code), None)
            if found is None:
                raise Unknown(f"there is no source {code!r}", "List the sources to see their codes.")
            owner = (await libraries.owners(conn))[found.library][1]
            if new == 0 and owner:
                raise Conflict(
                    f"source {code!r} belongs to a library that is not for everybody",
                    "Change the audience of the library first.",
                )
            old, theirs, shown = found.audience, (found.id,), ()
        if old == new:
            return None
    watched = old if new else new
    before = await _look(services, watched, theirs, library_id, shown)
    async with services.db.as_service() as conn:
        number = await changes.begin(
            conn,
            {
                "subject": subject,
                "code": code,
                "old_audience": old,
                "new_audience": new,
                "by": by.strip(),
                "sources": list(theirs),
                "library_id": library_id,
            },
            before,
        )
        await jobs.enqueue(conn, PROCESS, "all", priority=2)
        return next(one for one in await changes.open_changes(conn) if one.id == number)


async def follow(services: Services, workers: Crew) -> int:
    """Let records follow the changes that were asked for; give how many moved.

    The index is written first: until the next join a union record is shown without what was withdrawn.
    """
    async with services.db.as_service() as conn:
        waiting = await changes.open_changes(conn)
    moved = 0
    for one in waiting:
        while True:
            async with services.db.as_service() as conn:
                count = await changes.move(conn, one)
            if count == 0:
                break
            moved += count
    if moved:
        await workers.rest()
        await publish(services)
    return moved


async def prove(services: Services) -> None:
    """Close the changes after which nothing is left to do, with what the watched viewer finds now."""
    async with services.db.as_service() as conn:
        waiting = await changes.open_changes(conn)
    for one in waiting:
        shown = (one.code,) if one.subject == "library" else ()
        after = await _look(services, one.watched, one.sources, one.library_id, shown)
        async with services.db.as_service() as conn:
            if await changes.move(conn, one) == 0:
                await changes.finish(conn, one.id, after)


async def latest(services: Services, *, limit: int = 50) -> list[AudienceChange]:
    """Give the latest changes with their proof, newest first; for operators."""
    async with services.db.as_service() as conn:
        return await changes.changes(conn, limit)


async def _look(
    services: Services, audience: int, theirs: tuple[int, ...], library_id: int | None, codes: tuple[str, ...]
) -> Seen:
    viewer = changes.viewer_of(audience)
    async with services.db.begin(viewer) as conn:
        seen = await changes.look(conn, theirs, library_id)
    if not codes:
        return seen
    await services.index.health()  # looks at what was written last, which a search may not for a moment
    found = await services.index.search(viewer, SearchQuery(filters=(("library", codes),), size=0))
    return replace(seen, indexed=found.total)
