"""Consignments, their stops, items, receipts and history; a step and its event are written together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audience import Viewer
from unioncat.domain.consignment import Consignment, Difference, Done, Item, Kind, State, Step, Stop
from unioncat.store import tables as t
from unioncat.store.codec import plain
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.libraries import library_id
from unioncat.store.visibility import visible

C = t.consignment.c
PREFIX = {Kind.ROTATION: "LC", Kind.GIFT: "TS"}
"""How numbers begin: luân chuyển, tặng sách."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A consignment in a list."""

    number: str
    kind: Kind
    state: State
    owner: str
    title: str
    changed: datetime
    copies: int


async def add(conn: AsyncConnection, one: Consignment, now: datetime) -> str:
    """Save a new consignment; give its number. Raises `Unknown`."""
    owner = (
        await conn.execute(
            select(t.library.c.id, t.library.c.audience_id).where(t.library.c.code == one.owner)
        )
    ).one_or_none()
    if owner is None:
        raise Unknown(f"there is no library {one.owner!r}", "Add the library first, or correct its code.")
    made = t.consignment.insert().values(
        number=uuid4().hex,
        kind=one.kind,
        owner_id=owner.id,
        title=one.title,
        donor=one.donor,
        state=one.state,
        place=one.place,
        first_day=one.first,
        last_day=one.last,
        note=one.note,
        made_at=now,
        changed_at=now,
        audience_id=owner.audience_id,
    )
    key = int((await conn.execute(made.returning(C.id))).scalar_one())
    number = f"{PREFIX[one.kind]}-{now.year}-{key:06}"
    await conn.execute(update(t.consignment).where(C.id == key).values(number=number))
    for position, stop in enumerate(one.stops, 1):
        await conn.execute(
            t.consignment_stop.insert().values(
                consignment_id=key,
                position=position,
                library_id=await library_id(conn, stop.library) if stop.library else None,
                name=stop.name,
                arrive_by=stop.arrive_by,
                leave_by=stop.leave_by,
            )
        )
    await conn.execute(
        t.consignment_item.insert(),
        [
            {
                "consignment_id": key,
                "position": position,
                "title": item.title,
                "author": item.author,
                "barcode": item.barcode,
                "copies": item.copies,
                "value": item.value,
                "record": item.record,
            }
            for position, item in enumerate(one.items)
        ],
    )
    return number


async def packed_by(conn: AsyncConnection, library: str) -> list[str]:
    """Give the numbers of a library's consignments that have not left it."""
    owner = select(t.library.c.id).where(t.library.c.code == library).scalar_subquery()
    packed = select(C.number).where(C.owner_id == owner, C.state == State.PACKING).order_by(C.id)
    return list((await conn.execute(packed)).scalars())


async def give_stops_to_owner(conn: AsyncConnection, library: str) -> int:
    """Let owners do what is still to be done at the stops of a library; give how many stops there are."""
    stop = t.consignment_stop.c
    number = select(t.library.c.id).where(t.library.c.code == library).scalar_subquery()
    open_ = select(C.id).where(
        C.id == stop.consignment_id,
        C.owner_id != number,
        C.state.in_([State.PACKING, State.ON_THE_WAY, State.AT_STOP]),
        stop.position >= C.place,
    )
    given = update(t.consignment_stop).where(stop.library_id == number, open_.exists())
    return int((await conn.execute(given.values(library_id=None))).rowcount)


async def step(
    conn: AsyncConnection, one: Consignment, done: Done, differences: Sequence[Difference] = ()
) -> None:
    """Write a step of a consignment as it was read in this transaction. Raises `Conflict`."""
    moved = await conn.execute(
        update(t.consignment)
        .where(C.id == one.id, C.state == one.state, C.place == one.place)
        .values(state=done.after, place=done.place, changed_at=done.at)
    )
    if not moved.rowcount:
        raise Conflict("the consignment has moved on", "Open it again.")
    stop = t.consignment_stop
    if done.step is Step.RECEIVE:
        at = (stop.c.consignment_id == one.id) & (stop.c.position == done.place)
        await conn.execute(update(stop).where(at).values(received_at=done.at))
    elif one.state is State.AT_STOP:
        at = (stop.c.consignment_id == one.id) & (stop.c.position == one.place)
        await conn.execute(update(stop).where(at).values(left_at=done.at))
    if differences:
        await conn.execute(
            t.consignment_difference.insert(),
            [
                {
                    "consignment_id": one.id,
                    "place": done.place,
                    "position": said.item,
                    "missing": said.missing,
                    "damaged": said.damaged,
                    "found": said.found,
                    "note": said.note,
                }
                for said in differences
            ],
        )
    await conn.execute(
        t.consignment_event.insert().values(
            consignment_id=one.id,
            seq=done.seq,
            at=done.at,
            actor=done.actor,
            step=done.step,
            from_state=done.before,
            to_state=done.after,
            place=done.place,
            why=done.why,
            data=plain(dict(done.data)),
        )
    )


async def read(conn: AsyncConnection, viewer: Viewer, number: str, *, lock: bool = False) -> Consignment:
    """Give a consignment whole; with `lock` nobody else moves it until the end. Raises `Unknown`."""
    query = (
        select(t.consignment, t.library.c.code)
        .join(t.library, t.library.c.id == C.owner_id)
        .where(C.number == number, visible(C.audience_id, viewer))
    )
    row = (await conn.execute(query.with_for_update(of=t.consignment) if lock else query)).one_or_none()
    if row is None:
        raise Unknown(f"there is no consignment {number!r}", "List the consignments to see their numbers.")
    items = t.consignment_item
    what = await conn.execute(
        select(items).where(items.c.consignment_id == row.id).order_by(items.c.position)
    )
    differences: dict[int, list[Difference]] = {}
    table = t.consignment_difference
    said = select(table).where(table.c.consignment_id == row.id).order_by(table.c.place, table.c.position)
    for one in await conn.execute(said):
        differences.setdefault(one.place, []).append(
            Difference(one.position, one.missing, one.damaged, one.found, one.note)
        )
    event = t.consignment_event
    history = await conn.execute(select(event).where(event.c.consignment_id == row.id).order_by(event.c.seq))
    return Consignment(
        number=row.number,
        kind=Kind(row.kind),
        owner=row.code,
        title=row.title,
        items=tuple(
            Item(one.title, one.copies, one.author, one.barcode, one.value, one.record) for one in what
        ),
        stops=await _stops(conn, row.id),
        state=State(row.state),
        place=row.place,
        donor=row.donor,
        first=row.first_day,
        last=row.last_day,
        note=row.note,
        differences={place: tuple(many) for place, many in differences.items()},
        history=tuple(
            Done(
                one.seq,
                one.at,
                one.actor,
                Step(one.step),
                State(one.from_state),
                State(one.to_state),
                one.place,
                one.why,
                one.data,
            )
            for one in history
        ),
        made=row.made_at,
        audience=row.audience_id,
        id=row.id,
    )


async def _stops(conn: AsyncConnection, key: int) -> tuple[Stop, ...]:
    stop = t.consignment_stop
    query = (
        select(stop, t.library.c.code)
        .outerjoin(t.library, t.library.c.id == stop.c.library_id)
        .where(stop.c.consignment_id == key)
        .order_by(stop.c.position)
    )
    return tuple(
        Stop(row.name, row.code, row.arrive_by, row.leave_by, row.received_at, row.left_at)
        for row in await conn.execute(query)
    )


async def numbers(
    conn: AsyncConnection, viewer: Viewer, libraries: Collection[str] | None, *, limit: int = 200
) -> list[Listed]:
    """List consignments that libraries own or that stop at them (none: all), the newest first."""
    stop, item = t.consignment_stop, t.consignment_item
    copies = (
        select(func.coalesce(func.sum(item.c.copies), 0))
        .where(item.c.consignment_id == C.id)
        .scalar_subquery()
    )
    query = (
        select(t.consignment, t.library.c.code, copies.label("copies"))
        .join(t.library, t.library.c.id == C.owner_id)
        .where(visible(C.audience_id, viewer))
        .order_by(C.changed_at.desc(), C.id.desc())
        .limit(limit)
    )
    if libraries is not None:
        other = t.library.alias("other")
        named = sorted(libraries)
        passes = exists(
            select(stop.c.position)
            .join(other, other.c.id == stop.c.library_id)
            .where(stop.c.consignment_id == C.id, other.c.code.in_(named), C.state != State.PACKING)
        )
        query = query.where(or_(t.library.c.code.in_(named), passes))
    return [
        Listed(row.number, Kind(row.kind), State(row.state), row.code, row.title, row.changed_at, row.copies)
        for row in await conn.execute(query)
    ]
