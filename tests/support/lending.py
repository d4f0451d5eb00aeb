"""Lending for tests: a federation with one book, people at its desks, the outbox carried as in earnest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.flows.test_locate import federation, shelve
from unioncat.domain.bib import Holding
from unioncat.domain.lending import Attempt, Event, Facts, Request, Side, Step, Wanted
from unioncat.domain.people import Account, Grant, Role, SignedIn
from unioncat.flow import deliver, lend
from unioncat.flow.deliver import Desk
from unioncat.flow.services import Services
from unioncat.lending.asking import Asking
from unioncat.store import lending_events, lending_requests, lending_supplies

NOW = datetime(2026, 3, 11, 3, tzinfo=UTC)
"""A Wednesday, 10 o'clock in Viet Nam."""
DESK = Desk(lend.receive, lend.undeliverable)
TITLE = "Đất rừng phương Nam"


def somebody(library: str, role: Role = Role.LENDING, number: int = 1) -> SignedIn:
    """Somebody at a library who may do what the role may."""
    account = Account(number, f"{role}-{number}@{library}.vn", "Lan", True, (Grant(role, library),))
    return SignedIn(account, second=True)


def staff(library: str, number: int = 1) -> lend.Actor:
    """Somebody at a lending desk."""
    return lend.staff(somebody(library, number=number))


class World:
    """A federation at work; its clock is moved by hand."""

    def __init__(self, services: Services, union_id: str) -> None:
        self.services, self.union_id, self.now = services, union_id, NOW

    @classmethod
    async def begin(cls, services: Services, *holders: str, audience: int = 0) -> "World":
        """Make the libraries, and put the book on the shelves of some."""
        source = await federation(services.db)
        held = {code: Holding(copies=1, status="available") for code in holders or ("near", "region")}
        return cls(services, await shelve(services.db, source, held, audience=audience))

    def wanted(self, **facts: str) -> Wanted:
        return Wanted(TITLE, union_id=self.union_id, **facts)

    async def ask(self, home: str = "home", actor: lend.Actor | None = None, **facts: object) -> Request:
        """Place a request for the book."""
        asked = replace(Asking(self.wanted()), **facts)  # type: ignore[arg-type]
        request = await lend.ask(self.services, actor or staff(home), home, asked, self.now)
        return await self.deliver(request)

    async def carry(self) -> None:
        """Carry what waits, and find libraries for what looks for one, until nothing is left to do."""
        await deliver.deliver(self.services, DESK, self.now)
        while await self._locating():
            await deliver.deliver(self.services, DESK, self.now)

    async def deliver(self, request: Request) -> Request:
        """Carry what waits, and give a request as it is then."""
        await self.carry()
        return await self.request(request.id)

    async def _locating(self) -> bool:
        async with self.services.db.begin() as conn:
            waiting = await lending_requests.looking(conn)
        for number in waiting:
            await lend.locate(self.services, number, self.now)
        return bool(waiting)

    async def borrow(
        self, request: Request, step: Step, *, actor: lend.Actor | None = None, why: str = "", **facts: object
    ) -> Request:
        """Do a step of the requester, and carry what it sends."""
        done = await lend.step(
            self.services,
            actor or staff(request.home),
            Side.REQUESTER,
            request.id,
            step,
            self.now,
            Facts(**facts),  # type: ignore[arg-type]
            why=why,
        )
        assert isinstance(done, Request)
        return await self.deliver(done)

    async def supply(
        self,
        attempt: Attempt,
        step: Step,
        *,
        actor: lend.Actor | None = None,
        why: str = "",
        carry: bool = True,
        **facts: object,
    ) -> Attempt:
        """Do a step of the supplier, and carry what it sends."""
        library = attempt.supplier.partition(":")[2]
        await lend.step(
            self.services,
            actor or staff(library),
            Side.SUPPLIER,
            attempt.id,
            step,
            self.now,
            Facts(**facts),  # type: ignore[arg-type]
            why=why,
        )
        if carry:
            await self.carry()
        return await self.attempt(attempt.id)

    async def request(self, number: UUID) -> Request:
        async with self.services.db.begin() as conn:
            return await lending_requests.read(conn, number)

    async def attempt(self, number: UUID) -> Attempt:
        async with self.services.db.begin() as conn:
            return await lending_supplies.read(conn, number)

    async def attempts(self, request: Request) -> list[Attempt]:
        async with self.services.db.begin() as conn:
            return await lending_supplies.of_request(conn, request.id)

    async def events(self, subject: Request | Attempt) -> list[Event]:
        side = Side.REQUESTER if isinstance(subject, Request) else Side.SUPPLIER
        async with self.services.db.begin() as conn:
            return await lending_events.of(conn, subject.id, side)

    def later(self, **span: float) -> None:
        """Move the clock."""
        self.now += timedelta(**span)
