"""One unit of work in lending: its transaction, its moment, who acts, what it knows of libraries.

Events name readers by one word, staff by their address: who a reader is stands in one table alone.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from unioncat.config import Settings
from unioncat.domain.hours import VIET_NAM
from unioncat.domain.lending import Attempt, Kind, Outgoing, OutgoingKind, Side
from unioncat.domain.lending_member import LendingMember, Party
from unioncat.domain.lending_policy import Closure, Policy
from unioncat.domain.people import Right, SignedIn
from unioncat.flow import audit
from unioncat.flow.holidays import public_holidays
from unioncat.flow.lend.ledger import Ledger
from unioncat.flow.services import Services
from unioncat.lending.calendar import Works
from unioncat.lending.exchange import agency_of
from unioncat.lending.iso18626 import stored
from unioncat.lending.iso18626.model import Agency, Code, Header, Message
from unioncat.lending.policy import works_on
from unioncat.store import agreements, jobs, lending_parties
from unioncat.store.database import Connection
from unioncat.store.errors import Unknown
from unioncat.store.lending_parties import Named

LOCATE = "lending-locate"
"""Kind of the job that finds a library for a request; its key is the request's id."""


class Forbidden(Exception):
    """This is not for the one who asks to do."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `name` stands in events, and never tells who a reader is; `account` stands in the log."""

    name: str
    account: str = ""
    person: SignedIn | None = None
    reader: int | None = None
    """Account of a reader who acts on a request of his or her own."""
    library: str | None = None
    """Library that a one-time link was made for."""

    @property
    def automatic(self) -> bool:
        """Whether no person acts."""
        return self.name in (CLOCK.name, RULE.name)

    def must(self, right: Right, library: str | None) -> None:
        """Let only those go on who may do this at this library. Raises `Forbidden`."""
        if self.automatic:
            return
        if self.library is not None:
            if self.library != library or right is not Right.LEND:
                raise Forbidden
        elif self.person is None or not self.person.may(right, library):
            raise Forbidden


CLOCK = Actor("clock")
RULE = Actor("unioncat")


def staff(person: SignedIn) -> Actor:
    """Somebody at a lending desk."""
    return Actor(person.account.email, person.account.email, person)


def reader(person: SignedIn) -> Actor:
    """A reader with an account; events call every reader alike."""
    return Actor("reader", person.account.email, person, reader=person.account.id)


def link(library: str) -> Actor:
    """Whoever uses a library's one-time link."""
    return Actor(f"link:{library}", f"link:{library}", library=library)


def letter(
    to: str, template: str, key: str, *, request: UUID | None = None, supply: UUID | None = None
) -> Outgoing:
    """Write what a letter is about: to the `reader`, the library that asks (`home`), or the `supplier`.

    Its words and its reader are found when it leaves: nothing of a reader lies in the outbox.
    """
    return Outgoing(
        key=f"letter:{key}:{to}:{template}",
        kind=OutgoingKind.LETTER,
        to=to,
        body={"template": template},
        request=request,
        supply=supply,
    )


@dataclass
class Turn:
    """A transaction of lending. What is asked of libraries twice is read once."""

    services: Services
    conn: Connection
    now: datetime
    actor: Actor
    locate: list[UUID] = field(default_factory=list)
    """Requests that look for a library when this is committed."""
    ledger: Ledger = field(default_factory=Ledger)
    many: bool = False
    """Whether many steps are written at once, by whoever does them."""
    _named: dict[str, Named] = field(default_factory=dict)
    _libraries: dict[str, Party] = field(default_factory=dict)
    _members: dict[str, LendingMember] = field(default_factory=dict)
    _policies: dict[str, Policy] = field(default_factory=dict)
    _closures: dict[str | None, list[Closure]] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """The settings of the service."""
        return self.services.settings

    async def library(self, code: str) -> Party:
        """Give a member library as a side. Raises `Unknown`."""
        found = self._libraries.get(code)
        if found is None:
            found = self._libraries[code] = await lending_parties.of_library(self.conn, code)
        return found

    async def meet(self, *symbols: str) -> None:
        """Learn by one question whom symbols mean, how they are written, how their libraries take part."""
        new = [one for one in symbols if one not in self._named]
        if not new:
            return
        for symbol, one in (await lending_parties.named(self.conn, new)).items():
            self._named[symbol] = one
            if one.party is not None and one.party.library is not None:
                self._libraries[one.party.library] = one.party
            if one.member is not None:
                self._members[one.member.library] = one.member

    async def named(self, symbol: str) -> Named:
        """Tell what a symbol, in lower case, means."""
        await self.meet(symbol)
        return self._named[symbol]

    async def party(self, symbol: str) -> Party | None:
        """Give whom a symbol means."""
        return (await self.named(symbol)).party

    async def known(self, symbol: str) -> Party:
        """Give whom a symbol means. Raises `Unknown`."""
        found = await self.party(symbol)
        if found is None:
            raise Unknown(f"the agency {symbol!r} is not known", "Enter it as a partner's agency.")
        return found

    async def member(self, code: str) -> LendingMember:
        """Tell how a library takes part."""
        if code not in self._members:
            self._members[code] = await lending_parties.member(self.conn, code)
        return self._members[code]

    async def policy(self, code: str) -> Policy:
        """Give a library's policy."""
        if code not in self._policies:
            self._policies[code] = await agreements.policy(self.conn, code)
        return self._policies[code]

    async def works(self, library: str | None) -> Works:
        """Give which days a library works."""
        if library not in self._closures:
            since = self.now.astimezone(VIET_NAM).date() - timedelta(days=1)
            self._closures[library] = await agreements.closures(
                self.conn, since, [library] if library else []
            )
        closures, holidays = self._closures[library], public_holidays((self.now.year, self.now.year + 1))

        def works(day: date) -> bool:
            return works_on(day, library, closures, holidays)

        return works

    async def heading(self, attempt: Attempt) -> Header:
        """Write the header of a message about an attempt."""
        await self.meet(attempt.requester, attempt.supplier)
        return Header(
            requesting_agency=await self._agency(attempt.requester),
            supplying_agency=await self._agency(attempt.supplier),
            timestamp=self.now,
            requesting_request_id=attempt.protocol_id,
            supplying_request_id=attempt.supplier_id,
        )

    async def _agency(self, symbol: str) -> Agency:
        """Name an agency as it writes itself: symbols are in lower case."""
        written = (await self.named(symbol)).written
        return Agency(written[1], Code(written[0])) if written else agency_of(symbol)

    def message(self, side: Side, attempt: Attempt, seq: int, kind: Kind, message: Message) -> Outgoing:
        """Write a message to the other side; those of one side and attempt keep their order."""
        return Outgoing(
            key=f"{attempt.id}:{side}:{seq}:{kind}",
            kind=OutgoingKind.MESSAGE,
            to=attempt.supplier if side is Side.REQUESTER else attempt.requester,
            body=stored.pack(message),
            lane=f"{attempt.id}:{side}",
            request=attempt.request if side is Side.REQUESTER else None,
            supply=attempt.id,
        )

    async def write(self) -> None:
        """Write what steps have entered, unless it is kept back until there is more."""
        if not self.many:
            await self.ledger.write(self.conn, self.now)

    async def queue_locating(self) -> None:
        """Have libraries found for what looks for one, soon after this transaction is committed."""
        for number in dict.fromkeys(self.locate):
            await jobs.enqueue(self.conn, LOCATE, str(number), priority=2)

    async def done(self, action: str, subject: str, **detail: str) -> None:
        """End a person's step: what looks for a library is queued, and the log says who did what."""
        await self.queue_locating()
        if self.actor.account:
            await audit.write(self.services, self.conn, self.actor.account, action, subject, detail)
