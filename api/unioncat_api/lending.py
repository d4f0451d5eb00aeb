"""What the web asks about lending: `unioncat.flow` bound to the open services of this process.

Here the clock is read, and what a person may not do or see becomes: there is no such thing.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from unioncat.domain.bib import Holding
from unioncat.domain.lending import Attempt, Facts, ReaderRef, Request, Side, Step
from unioncat.domain.people import Right, SignedIn
from unioncat.flow import batches, desk, lend, lendinglink
from unioncat.flow.askinglist import AskedLine
from unioncat.flow.batches import Batch
from unioncat.flow.desk import Dossier, Listed, Own
from unioncat.flow.lendinglink import Opened
from unioncat.flow.services import Services
from unioncat.lending.asking import Asking
from unioncat.lending.machine import NotAllowed
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.lending_desk import Line, Search

__all__ = ["AskedLine", "Batch", "Dossier", "Lending", "Line", "Listed", "Opened", "Own", "Search"]


@asynccontextmanager
async def _said() -> AsyncIterator[None]:
    """Say refusals in the words of the store."""
    try:
        yield
    except lend.Forbidden:
        raise Unknown("there is no such request", "Look it up by its number.") from None
    except NotAllowed as error:
        raise Conflict(str(error), "Look at it again: it may have changed meanwhile.") from None


class Lending:
    """Requests of readers, the desks of libraries, links in letters."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def now(self) -> datetime:
        """Give the moment."""
        return datetime.now(UTC)

    async def ask(
        self,
        person: SignedIn,
        home: str,
        asked: Asking,
        *,
        staff: bool,
        origin: str,
        previous: UUID | None = None,
    ) -> Request:
        """Place a request: by staff for somebody, or by a reader. Raises `Unknown`, `Conflict`."""
        actor = lend.staff(person) if staff else lend.reader(person)
        async with _said():
            return await lend.ask(
                self._services, actor, home, asked, self.now(), origin=origin, previous=previous
            )

    async def step(
        self,
        person: SignedIn,
        number: UUID,
        step: Step,
        facts: Facts | None = None,
        *,
        why: str = "",
        version: int | None = None,
    ) -> Request | Attempt:
        """Do a step at a desk. Raises `Unknown`, `Conflict`."""
        side, library = await desk.place(self._services, person, number)
        if step is Step.CLOSE and not person.may(Right.LEND_CLOSE, library):
            raise Conflict("closing by hand is not for this role", "Ask an administrator of the library.")
        async with _said():
            return await lend.step(
                self._services,
                lend.staff(person),
                side,
                number,
                step,
                self.now(),
                facts,
                why=why,
                version=version,
            )

    async def own_step(self, person: SignedIn, number: UUID, step: Step, why: str) -> None:
        """Do a step on one's own request. Raises `Unknown`, `Conflict`."""
        async with _said():
            await lend.step(
                self._services, lend.reader(person), Side.REQUESTER, number, step, self.now(), why=why
            )

    async def again(self, person: SignedIn, number: UUID, *, staff: bool) -> Request:
        """Place a request again; the old one is superseded. Raises `Unknown`, `Conflict`."""
        async with _said():
            actor = lend.staff(person) if staff else lend.reader(person)
            return await lend.again(self._services, actor, number, self.now())

    async def note(self, person: SignedIn, number: UUID, text: str) -> None:
        """Keep a private note. Raises `Unknown`, `Conflict`."""
        side, _ = await desk.place(self._services, person, number)
        async with _said():
            await lend.note(self._services, lend.staff(person), side, number, text, self.now())

    async def counts(self, person: SignedIn, library: str) -> Mapping[str, int]:
        """Tell how much lies in each list. Raises `Unknown`."""
        return await desk.counts(self._services, person, library, self.now())

    async def listed(
        self,
        person: SignedIn,
        library: str,
        name: str,
        *,
        search: Search | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int = desk.PAGE,
    ) -> Listed:
        """Give a page of a list. Raises `Unknown`."""
        return await desk.listed(
            self._services, person, library, name, self.now(), search=search, after=after, limit=limit
        )

    async def chosen(
        self, person: SignedIn, library: str, side: Side, numbers: Iterable[UUID]
    ) -> Sequence[Line]:
        """Give lines by their ids. Raises `Unknown`."""
        return await desk.chosen(self._services, person, library, side, numbers)

    async def scanned(self, person: SignedIn, library: str, code: str) -> Sequence[Line]:
        """Give what a scanned code stands on. Raises `Unknown`."""
        return await desk.scanned(self._services, person, library, code)

    async def dossier(self, person: SignedIn, number: UUID) -> Dossier:
        """Give one request or supply with all its facts. Raises `Unknown`."""
        return await desk.dossier(self._services, person, number, self.now())

    async def shelves(
        self, person: SignedIn, library: str, lines: Sequence[Line]
    ) -> Mapping[str, tuple[Holding, ...]]:
        """Tell where a library keeps what lines ask for. Raises `Unknown`."""
        return await desk.shelves(self._services, person, library, lines)

    async def readers(
        self, person: SignedIn, library: str, numbers: Sequence[UUID], why: str
    ) -> Mapping[UUID, ReaderRef]:
        """Tell who requests are for; it is logged. Raises `Unknown`."""
        return await desk.readers(self._services, person, library, numbers, why)

    async def mine(
        self, person: SignedIn, *, after: tuple[datetime, UUID] | None = None, limit: int = desk.PAGE
    ) -> Listed:
        """Give a page of one's own requests."""
        return await desk.mine(self._services, person, after=after, limit=limit)

    async def own(self, person: SignedIn, number: UUID) -> Own:
        """Give one's own request. Raises `Unknown`."""
        return await desk.own(self._services, person, number)

    async def opened(self, token: str) -> Opened:
        """Show what a link opens. Raises `Unknown`."""
        return await lendinglink.opened(self._services, token, self.now())

    async def answer(self, token: str, step: Step, facts: Facts, why: str) -> str | None:
        """Do a step by a link; give the secret of the next one. Raises `Unknown`, `Conflict`."""
        async with _said():
            return await lendinglink.answer(self._services, token, step, facts, why, self.now())

    async def bring(self, person: SignedIn, library: str, name: str, data: bytes) -> int:
        """Keep a sheet of requests for its preview; give its number. Raises `Unknown`, `Conflict`."""
        return await batches.bring(self._services, person, library, name, data, self.now())

    async def batch(self, person: SignedIn, number: int) -> Batch:
        """Give a sheet of requests. Raises `Unknown`."""
        return await batches.read(self._services, person, number, self.now())

    async def place_batch(self, person: SignedIn, number: int) -> Sequence[str]:
        """Place the sound lines of a sheet; give the requests' numbers. Raises `Unknown`, `Conflict`."""
        async with _said():
            return await batches.place(self._services, person, number, self.now())
