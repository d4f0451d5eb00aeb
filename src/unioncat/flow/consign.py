"""Rotation of books and gifts: packed at the owner, received at each stop with what is missing, taken back.

Each step is one transaction: state, receipt, event and log. Who may do it is asked of the library at whose
place the consignment is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from unioncat.domain.audience import Viewer
from unioncat.domain.consignment import OWNER, Consignment, Difference, Done, Item, Kind, State, Step, Stop
from unioncat.domain.people import Right, SignedIn
from unioncat.flow import audit
from unioncat.flow.people import Forbidden
from unioncat.flow.services import Services
from unioncat.lending import consignment as rules
from unioncat.lending.consignment import Tally
from unioncat.store import consignments as store
from unioncat.store import libraries, people
from unioncat.store.consignments import Listed
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, Unknown

MOST_ITEMS = 2000
MOST_STOPS = 60
COMPLAINTS: Mapping[str, str] = {
    "items": "there is nothing in it",
    "copies": "a line has no title, or no copies",
    "stops": "it has nowhere to go",
    "gift_stops": "a gift has one recipient",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A consignment with the count of its books now, and what the one who looks may do with it."""

    one: Consignment
    tallies: tuple[Tally, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A new consignment as it was asked for."""

    kind: Kind
    title: str
    items: Sequence[Item]
    stops: Sequence[Stop]
    donor: str = ""
    first: date | None = None
    last: date | None = None
    note: str = ""


def items_of(text: str) -> tuple[Item, ...]:
    """Read items, one a line: title, author, barcode, copies, price, parted by tabs or ` | `.

    So come lines that are copied out of a spreadsheet. Raises ValueError naming the line.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in (line.split("\t") if "\t" in line else line.split("|"))]
        title, author, barcode, copies, value = (*cells, "", "", "", "", "")[:5]
        if not title:
            raise ValueError(f"line {number} has no title")
        try:
            count = int(copies or "1")
            price = int("".join(one for one in value if one.isdigit()) or "0")
        except ValueError:
            raise ValueError(f"line {number}: {copies!r} is no number of copies") from None
        if not 0 < count <= 10_000 or price > 2_000_000_000:
            raise ValueError(f"line {number}: {count} copies at {price} cannot be")
        found.append(Item(title[:500], count, author[:300], barcode[:100], price))
    if len(found) > MOST_ITEMS:
        raise ValueError(f"{len(found)} lines are more than {MOST_ITEMS}: make two consignments of them")
    return tuple(found)


def stops_of(text: str, known: Mapping[str, str]) -> tuple[Stop, ...]:
    """Read stops, one a line: a library's code or a name, then the last day there, parted by ` | ` or tabs.

    `known` gives names by library code. Raises ValueError naming the line.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in (line.split("\t") if "\t" in line else line.split("|"))]
        name, leave = (*cells, "")[:2]
        try:
            last = date.fromisoformat(leave) if leave else None
        except ValueError:
            raise ValueError(f"line {number}: {leave!r} is no day (2026-02-28)") from None
        code = name if name in known else None
        found.append(Stop((known[name] if code else name)[:300], code, leave_by=last))
    if len(found) > MOST_STOPS:
        raise ValueError(f"{len(found)} stops are more than {MOST_STOPS}")
    return tuple(found)


async def begin(
    services: Services, owner: str, plan: Plan, by: str, now: datetime, *, viewer: Viewer | None = None
) -> str:
    """Pack a new consignment; give its number. Raises `Conflict`, `Unknown`.

    For a viewer a stop is unknown that this viewer may not see.
    """
    complaint = rules.complaint(plan.items, len(plan.stops), plan.kind)
    if complaint:
        raise Conflict(COMPLAINTS[complaint], "Correct the lists and send them again.")
    if plan.first and plan.last and plan.last < plan.first:
        raise Conflict("the term ends before it begins", "Give the first day first.")
    one = Consignment(
        number="",
        kind=plan.kind,
        owner=owner,
        title=plan.title.strip()[:300] or plan.items[0].title,
        items=tuple(plan.items),
        stops=tuple(plan.stops),
        donor=plan.donor.strip()[:300],
        first=plan.first,
        last=plan.last,
        note=plan.note.strip()[:2000],
    )
    async with services.db.as_service() as conn:
        if viewer is not None:
            await libraries.must_know(conn, viewer, [stop.library for stop in one.stops if stop.library])
        number = await store.add(conn, one, now)
        await audit.write(services, conn, by, f"consignment.{plan.kind}", number, {"owner": owner})
    return number


async def listed(services: Services, viewer: Viewer, owners: Collection[str] | None) -> list[Listed]:
    """List the consignments of libraries (none: of all that the viewer may see)."""
    async with services.db.as_service() as conn:
        return await store.numbers(conn, viewer, owners)


def concerns(one: Consignment) -> frozenset[str]:
    """Name the libraries whose staff may see a consignment: its owner and, once it is sent, its stops."""
    stops = () if one.state in (State.PACKING, State.CANCELLED) else one.stops
    return frozenset({one.owner, *(stop.library for stop in stops if stop.library)})


async def show(services: Services, person: SignedIn, number: str) -> Shown:
    """Give a consignment to somebody at work at one of its libraries. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        one = await store.read(conn, person.viewer, number)
    if not any(person.may(Right.LEND, code) for code in concerns(one)):
        raise Unknown(f"there is no consignment {number!r}", "List the consignments to see their numbers.")
    return _shown(one, person)


def _shown(one: Consignment, person: SignedIn) -> Shown:
    steps = tuple(step for step in rules.allowed(one) if person.may(Right.LEND, _doer(one, step)))
    return Shown(one, rules.tallies(one.items, one.differences), steps)


def _doer(one: Consignment, step: Step) -> str:
    """Name the library whose staff do a step; for a stop that is no library, the owner's do."""
    return rules.actor_of(one, step) or one.owner


async def step(
    services: Services,
    person: SignedIn,
    number: str,
    what: Step,
    now: datetime,
    *,
    differences: Sequence[Difference] = (),
    why: str = "",
) -> Shown:
    """Do a step. Raises `Unknown`, `Forbidden`, `Conflict`."""
    async with services.db.as_service() as conn:
        one = await store.read(conn, person.viewer, number, lock=True)
        if not any(person.may(Right.LEND, code) for code in concerns(one)):
            raise Unknown(
                f"there is no consignment {number!r}", "List the consignments to see their numbers."
            )
        if not person.may(Right.LEND, _doer(one, what)):
            raise Forbidden
        try:
            after, place, counts = rules.moved(one, what)
        except rules.NotAllowed as error:
            raise Conflict(str(error), "Open the consignment again.") from error
        said = tuple(one for one in differences if one.missing or one.damaged or one.found)
        if said and not counts:
            raise Conflict("only a receipt tells differences", "Leave them out.")
        _check(one, place, said)
        done = Done(
            seq=len(one.history) + 1,
            at=now,
            actor=person.account.email,
            step=what,
            before=one.state,
            after=after,
            place=place,
            why=why.strip()[:1000],
            data={"missing": sum(d.missing for d in said), "damaged": sum(d.damaged for d in said)},
        )
        await store.step(conn, one, done, said)
        await audit.write(services, conn, done.actor, f"consignment.{what}", number, {"place": str(place)})
        return _shown(await store.read(conn, person.viewer, number), person)


async def leave(conn: Connection, library: str, by: str, now: datetime, why: str) -> int:
    """End what a library that leaves has packed, and give its stops to the owners; tell how many it concerns.

    What is under way stays so until it is home: whoever works for the federation checks it in.
    """
    viewer = Viewer(await people.audiences(conn, None))
    numbers = await store.packed_by(conn, library)
    for number in numbers:
        one = await store.read(conn, viewer, number, lock=True)
        after, place, _ = rules.moved(one, Step.CANCEL)
        done = Done(len(one.history) + 1, now, by, Step.CANCEL, one.state, after, place, why[:1000])
        await store.step(conn, one, done)
    return len(numbers) + await store.give_stops_to_owner(conn, library)


def _check(one: Consignment, place: int, said: Sequence[Difference]) -> None:
    """Refuse differences by which books would appear or vanish. Raises `Conflict`."""
    if len({each.item for each in said}) != len(said):
        raise Conflict("an item is named twice", "Name each item once.")
    if any(not 0 <= each.item < len(one.items) for each in said):
        raise Conflict("an item is named that is not in it", "Open the consignment again.")
    try:
        rules.tallies(one.items, {**one.differences, place: said})
    except ValueError as error:
        raise Conflict(f"the books do not add up: {error}", "Count again.") from error


async def names(services: Services, viewer: Viewer) -> Mapping[str, str]:
    """Give the names of libraries that may be stops, by code."""
    async with services.db.as_service() as conn:
        return {one.code: one.name_vi for one in await libraries.libraries(conn, viewer)}


def place_name(one: Consignment, place: int, owner: str) -> str:
    """Name a place of a consignment."""
    return owner if place == OWNER else one.stops[place - 1].name
