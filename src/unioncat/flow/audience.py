"""A member changes who may see what is theirs: hidden at once in the store, gone everywhere soon, and proven.

The change of rows hides; then the records follow, the index is written before anything is joined anew, and
at last it is counted what the viewer who lost it still finds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from unioncat.domain.audience import Audience
from unioncat.domain.search import SearchQuery
from unioncat.flow import audit, consign
from unioncat.flow.crew import Crew
from unioncat.flow.lend import leaving
from unioncat.flow.lend.turn import RULE, Turn
from unioncat.flow.publish import publish
from unioncat.flow.services import Services
from unioncat.flow.uploads import PROCESS
from unioncat.store import changes, jobs, libraries, sources, withdrawals
from unioncat.store.changes import AudienceChange, Seen
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.withdrawals import Withdrawal

OWN = "own"
"""Names the audience that is a library alone."""
SHOWN = 50
SERVICE = "unioncat"
"""Who proves in the log: no person does."""


@dataclass(frozen=True, slots=True)
class Standing:
    """For whom a library's material is kept, and what its members changed their minds about."""

    audience: int
    sources: Mapping[str, int]
    """Code -> audience."""
    circles: Mapping[int, Audience]
    changes: Sequence[AudienceChange]
    withdrawals: Sequence[Withdrawal]


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
        library_id: int | None = None
        owners = await libraries.owners(conn)
        if subject == "library":
            library_id, old = _owner(owners, code)
            new = await _circle(conn, audience, library_id)
            theirs = await changes.sources_of(conn, library_id, old)
            shown: tuple[str, ...] = (code,)
        else:
            found = next((one for one in await sources.all_sources(conn) if one.code == code), None)
            if found is None:
                raise Unknown(f"there is no source {code!r}", "List the sources to see their codes.")
            number, owner = owners[found.library]
            new = await _circle(conn, audience, number)
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
        circles = {one.id: one.code for one in await libraries.audiences(conn)}
        detail = {"from": circles.get(old, str(old)), "to": circles.get(new, str(new))}
        await audit.write(services, conn, by.strip(), "audience.changed", code, detail)
        return next(one for one in await changes.open_changes(conn) if one.id == number)


def _owner(owners: dict[str, tuple[int, int]], code: str) -> tuple[int, int]:
    if code not in owners:
        raise Unknown(f"there is no library {code!r}", "List the libraries to see their codes.")
    return owners[code]


async def _circle(conn: Connection, audience: str, library_id: int) -> int:
    """Give the number of an audience; `OWN` is the library itself."""
    if audience == OWN:
        return await changes.circle_of(conn, library_id)
    circles = {one.code: one.id for one in await libraries.audiences(conn)}
    if audience not in circles:
        raise Unknown(
            f"there is no audience {audience!r}", f"Add the audience first, or use `public` or `{OWN}`."
        )
    return circles[audience]


async def leave(services: Services, code: str, *, by: str, why: str = "") -> AudienceChange:
    """Let a library leave: nobody else sees anything of it from now on, and the worker takes it away.

    Its sources are read no more, their credentials and its people's roles end; what others have is joined
    anew. What it asked for and was asked for in lending ends in order. Raises `Unknown`, `Conflict`.
    """
    if not by.strip():
        raise Conflict("a library that leaves needs the name of the person", "Say who decides it.")
    async with services.db.as_service() as conn:
        library_id, old = _owner(await libraries.owners(conn), code)
        theirs = await changes.all_sources_of(conn, library_id)
    before = await _look(services, old, theirs, library_id, (code,))
    async with services.db.as_service() as conn:
        new = await changes.circle_of(conn, library_id)
        await withdrawals.end_membership(conn, library_id)
        change = {
            "subject": changes.LEAVING,
            "code": code,
            "old_audience": old,
            "new_audience": new,
            "by": by.strip(),
            "sources": list(theirs),
            "library_id": library_id,
        }
        number = await changes.begin(conn, change, before)
        await jobs.enqueue(conn, PROCESS, "all", priority=2)
        now = datetime.now(UTC)
        asked, served = await leaving.leave(Turn(services, conn, now, RULE), code)
        moved = await consign.leave(conn, code, by.strip(), now, why.strip() or leaving.WHY_ASKED)
        counts = {"requests": str(asked), "supplies": str(served), "consignments": str(moved)}
        detail = counts | ({"why": why} if why else {})
        await audit.write(services, conn, by.strip(), "library.left", code, detail)
        return next(one for one in await changes.open_changes(conn) if one.id == number)


async def withdraw(services: Services, source: str, local_id: str, *, by: str, why: str) -> None:
    """Take one record away, whatever its source goes on sending. Raises `Unknown`, `Conflict`."""
    if not by.strip():
        raise Conflict("taking a record away needs the name of the person", "Say who takes it away.")
    async with services.db.as_service() as conn:
        await withdrawals.withdraw(conn, source, local_id, by=by.strip(), why=why.strip())
        await jobs.enqueue(conn, PROCESS, "all", priority=2)
        detail = {"record": local_id, "why": why.strip()}
        await audit.write(services, conn, by.strip(), "record.withdrawn", source, detail)


async def give_back(services: Services, source: str, local_id: str, *, by: str) -> None:
    """Let a record that was taken away come back. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        if not await withdrawals.give_back(conn, source, local_id):
            raise Unknown(f"record {local_id!r} of source {source!r} was not taken away", "Look at what was.")
        await jobs.enqueue(conn, PROCESS, "all", priority=2)
        await audit.write(services, conn, by.strip(), "record.given-back", source, {"record": local_id})


async def of_library(services: Services, code: str) -> "Standing":
    """Tell for whom a library's material is kept, what changed, what was taken back. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        library_id, audience = _owner(await libraries.owners(conn), code)
        mine = [one for one in await sources.all_sources(conn) if one.library_id == library_id]
        circles = await libraries.audiences(conn)
        return Standing(
            audience,
            {one.code: one.audience for one in mine},
            {one.id: one for one in circles},
            await changes.changes(conn, SHOWN, library_id),
            await withdrawals.of_library(conn, code, SHOWN),
        )


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
        shown = () if one.subject == "source" else (one.code,)
        after = await _look(services, one.watched, one.sources, one.library_id, shown)
        async with services.db.as_service() as conn:
            if await changes.move(conn, one) == 0:
                await changes.finish(conn, one.id, after)
                await audit.write(services, conn, SERVICE, "audience.proven", one.code, _counts(one, after))
    async with services.db.as_service() as conn:
        await withdrawals.finish(conn)


def _counts(one: AudienceChange, after: Seen) -> dict[str, str]:
    """Write down what the watched viewer found before and finds now."""
    return {
        name: f"{getattr(one.before, name)} – {getattr(after, name)}"
        for name in ("records", "union_records", "holdings", "indexed")
    } | {"change": str(one.id)}


async def latest(services: Services, *, limit: int = 50) -> list[AudienceChange]:
    """Give the latest changes with their proof, newest first; for operators."""
    async with services.db.as_service() as conn:
        return await changes.changes(conn, limit)


async def in_codes(services: Services) -> list[dict[str, Any]]:
    """Give the latest changes for programs: audiences and sources by their codes, as commands take them.

    A source whose library has left has none any more and keeps its number.
    """
    async with services.db.as_service() as conn:
        circles = {one.id: one.code for one in await libraries.audiences(conn)}
        known = {one.id: one.code for one in await sources.all_sources(conn)}
        found = await changes.changes(conn, SHOWN)
    told = []
    for one in found:
        said = asdict(one) | {"old": circles[one.old], "new": circles[one.new]}
        said["sources"] = [known.get(number, str(number)) for number in one.sources]
        del said["library_id"]
        told.append(said)
    return told


async def named(services: Services) -> dict[int, str]:
    """Give what each audience is called, by its number: its name, and the code that commands take."""
    async with services.db.as_service() as conn:
        return {
            one.id: one.code if one.name_vi == one.code else f"{one.name_vi} ({one.code})"
            for one in await libraries.audiences(conn)
        }


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
