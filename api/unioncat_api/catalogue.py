"""What the web asks of the catalogue: `unioncat.flow` bound to the open services of this process.

Beside `reviewing` and `onboarding` the only module of the web that calls flow. Every question that can show
something names its viewer.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from unioncat.domain.audience import Audience, Viewer
from unioncat.domain.credentials import Credentials
from unioncat.domain.hours import Hours
from unioncat.domain.library import Group, Library, Province
from unioncat.domain.licence import Licence
from unioncat.domain.search import SearchQuery
from unioncat.domain.source import Run, RunState, Source
from unioncat.domain.union import Resolved, UnionRecord
from unioncat.flow import credentials as flow_credentials
from unioncat.flow import find, register, status, work
from unioncat.flow.find import Found
from unioncat.flow.register import GroupIn, LibraryIn, SourceIn
from unioncat.flow.services import Services
from unioncat.flow.status import Overview, SourceStatus
from unioncat.store import runs
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.secrets import Kept
from unioncat_api.exchanging import Exchanging
from unioncat_api.lending import Lending
from unioncat_api.lending_terms import LendingTerms
from unioncat_api.onboarding import Onboarding
from unioncat_api.people import People
from unioncat_api.reviewing import Reviewing
from unioncat_api.sharing import Sharing
from unioncat_api.uploading import Uploading


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem of one record of a source."""

    code: str
    detail: str
    local_id: str | None = None
    run_id: int | None = None
    found: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a part of the service can answer, and what it says of itself."""

    part: str
    ok: bool
    detail: str = ""


class Catalogue:
    """Everything that the web asks of the catalogue."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.review = Reviewing(services)
        self.uploads = Uploading(services)
        self.onboarding = Onboarding(services)
        self.people = People(services)
        self.sharing = Sharing(services)
        self.lending = Lending(services)
        self.exchange = Exchanging(services)
        self.terms = LendingTerms(services)

    async def find(self, viewer: Viewer, query: SearchQuery) -> Found:
        """Search. Raises `BadQuery`, `BadCursor`."""
        return await find.find(self._services, viewer, query)

    async def suggest(self, viewer: Viewer, text: str, limit: int) -> Sequence[str]:
        """Complete what a reader types."""
        return await find.suggest(self._services, viewer, text, limit)

    async def record(self, viewer: Viewer, public_id: str) -> UnionRecord | Resolved | None:
        """Give a record; what became of its id; or nothing."""
        return await find.record(self._services, viewer, public_id)

    async def successors(self, viewer: Viewer, public_id: str) -> tuple[str, ...]:
        """Name the records that parted from this one while it lives on."""
        return await find.successors(self._services, viewer, public_id)

    async def overview(self, viewer: Viewer) -> Overview:
        """Count everything."""
        return await status.overview(self._services, viewer)

    async def sources(self, viewer: Viewer) -> Sequence[SourceStatus]:
        """List the sources with how they stand."""
        return await status.source_status(self._services, viewer)

    async def problems(self, viewer: Viewer, source: str, limit: int) -> Sequence[Issue]:
        """List the newest problems in a source's records. Raises `Unknown`."""
        return [
            Issue(row["code"], row["detail"], row["local_id"], row["run_id"], row["at"])
            for row in await status.problems(self._services, viewer, source, limit=limit)
        ]

    async def runs(self, viewer: Viewer, source: str | None, limit: int) -> Sequence[Run]:
        """List harvest runs, newest first. Raises `Unknown`."""
        return await status.visible_runs(self._services, viewer, source, limit=limit)

    async def libraries(self, viewer: Viewer) -> Sequence[Library]:
        """List the member libraries, those that have ended included."""
        return await register.list_libraries(self._services, viewer, include_ended=True)

    async def own_libraries(self, codes: Collection[str]) -> Sequence[Library]:
        """Give libraries to those who have a role there."""
        return await register.own_libraries(self._services, codes)

    async def provinces(self) -> Sequence[Province]:
        """List provinces of all periods."""
        return await register.list_provinces(self._services)

    async def groups(self) -> Sequence[Group]:
        """List groups of libraries."""
        return await register.list_groups(self._services)

    async def audiences(self) -> Sequence[Audience]:
        """List the circles that may see what the public may not; for operators only."""
        return await register.list_audiences(self._services)

    async def operator(self) -> Viewer:
        """Give the viewer that an operator is: one who belongs to every audience."""
        return Viewer(frozenset(circle.id for circle in await register.list_audiences(self._services)))

    async def save_library(self, library: LibraryIn) -> Library:
        """Register or change a library. Raises `Unknown`, `Conflict`."""
        return await register.register_library(self._services, library)

    async def save_group(self, group: GroupIn) -> Group:
        """Register or change a group."""
        return await register.register_group(self._services, group)

    async def save_source(self, source: SourceIn) -> Source:
        """Register or change a source. Raises `Unknown`, `Conflict`."""
        return await register.register_source(self._services, source)

    async def credentials(self, source: str) -> Kept | None:
        """Tell whether a source has credentials. Raises `Unknown`."""
        return await flow_credentials.kept(self._services, source)

    async def save_credentials(self, source: str, given: Credentials) -> None:
        """Keep the credentials of a source, sealed. Raises `Unknown`, `Conflict`."""
        await flow_credentials.give(self._services, source, given)

    async def forget_credentials(self, source: str) -> None:
        """Remove the credentials of a source. Raises `Unknown`."""
        await flow_credentials.forget(self._services, source)

    async def pause(self, source: str) -> None:
        """Take a source out of the schedule. Raises `Unknown`."""
        await register.pause(self._services, source)

    async def resume(self, source: str) -> None:
        """Put a source back into the schedule. Raises `Unknown`, `Conflict`."""
        await register.resume(self._services, source)

    async def set_schedule(self, source: str, every_minutes: int, hours: Hours | None) -> None:
        """Say how often and in which hours a source is harvested. Raises `Unknown`."""
        await register.set_schedule(self._services, source, every_minutes, hours)

    async def set_licence(self, source: str, licence: Licence, *, by: str) -> None:
        """Say under which licence a source gives its records away. Raises `Unknown`."""
        await register.set_licence(self._services, source, licence, by=by)

    async def harvest(self, source: str) -> None:
        """Ask for a harvest now; the worker does it. Raises `Conflict` when one waits or runs."""
        if not await work.ask_harvest(self._services, source):
            raise Conflict(f"a harvest of {source!r} waits or runs already", "Wait for it to end.")

    async def decide(self, viewer: Viewer, source: str, *, accept: bool) -> None:
        """Publish the held run of a source, or throw it away. Raises `Unknown`, `Conflict`."""
        held = [run for run in await self.runs(viewer, source, 20) if run.state is RunState.HELD]
        if not held:
            raise Conflict(f"source {source!r} has no held run", "Only a held run waits for a decision.")
        await register.decide(self._services, held[0].id, accept=accept)

    async def run(self, viewer: Viewer, run_id: int) -> Run | None:
        """Give one run, or none where it is not there for this viewer."""
        try:
            async with self._services.db.begin(viewer) as conn:
                found = await runs.read_run(conn, run_id)
        except Unknown:
            return None
        visible = await register.show_source(self._services, viewer, found.source_code)
        return found if visible else None

    async def health(self) -> Sequence[Health]:
        """Ask store and index whether they answer and agree (DESIGN invariant 11)."""
        found = await status.health(self._services)
        return [Health("catalogue", found.ok, found.note)]
