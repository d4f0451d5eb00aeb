"""What a library's lending desks read: how much lies in each list, the lists page by page, what was scanned.

Lists name no reader: whoever must know one opens the request, and that is logged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, null, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.bib import Holding
from unioncat.domain.lending import Flag, ReaderRef, Service, ServiceLevel, Side
from unioncat.domain.worklists import ESCALATED, WORKLISTS, Worklist
from unioncat.store import tables as t

MOST_NUMBERS = 500
R, S, N = t.lending_request.c, t.lending_supply.c, t.lending_note.c


@dataclass(frozen=True, slots=True)
class Line:
    """One request or supply, as a list shows it."""

    side: Side
    id: UUID
    number: str
    title: str
    wanted: Mapping[str, Any]
    service: Service
    level: ServiceLevel
    state: str
    flags: frozenset[Flag]
    other: str
    """Code of the other library, or the symbol of an agency outside; of what has ended who was asked last."""
    due: datetime | None
    needed_by: date | None
    answer_due: datetime | None
    created: datetime
    changed: datetime
    unread: int
    reason: str
    version: int
    request: UUID | None = None
    """Of a supply: the request here that it serves."""
    items: tuple[str, ...] = ()
    """Barcodes of what was fetched or sent."""
    reminders: int = 0
    """How often its desk was reminded since it last moved."""

    @property
    def place(self) -> tuple[datetime, UUID]:
        """Where it stands in its list; the next page begins behind it."""
        return self.changed, self.id


@dataclass(frozen=True, slots=True)
class Search:
    """How a list is narrowed."""

    words: str = ""
    other: str = ""
    """Code of the other library."""
    level: str = ""
    service: str = ""


def _unread(column: ColumnElement[UUID], side: Side) -> ColumnElement[int]:
    other = N.request_id if side is Side.REQUESTER else N.supply_id
    waits = (other == column) & N.incoming & N.read_at.is_(None) & (N.side == side)
    return select(func.count()).where(waits).scalar_subquery()


def _lines(side: Side) -> Select[Any]:
    other = t.library.alias("other")
    if side is Side.REQUESTER:
        asked = t.lending_supply.alias("asked")
        newest = (
            select(func.coalesce(other.c.code, asked.c.supplier_symbol))
            .select_from(asked.outerjoin(other, other.c.id == asked.c.supplier_id))
            .where(asked.c.request_id == R.id, asked.c.open | R.closed_at.is_not(None))
            .order_by(asked.c.open.desc(), asked.c.number.desc())
            .limit(1)
            .scalar_subquery()
        )
        return select(
            R.id,
            R.number,
            R.title,
            R.wanted,
            R.service,
            R.level,
            R.state,
            R.flags,
            func.coalesce(newest, "").label("other"),
            R.due_at,
            R.needed_by,
            R.answer_due,
            R.created_at,
            R.changed_at,
            _unread(R.id, side).label("unread"),
            R.reason,
            R.version,
            null().label("request_id"),
            R.loan,
            R.reminders,
        )
    number = func.coalesce(R.number, S.supplier_ref, S.protocol_id).label("number")
    return select(
        S.id,
        number,
        S.title,
        S.wanted,
        S.service,
        S.level,
        S.supplier_state.label("state"),
        S.supplier_flags.label("flags"),
        func.coalesce(other.c.code, S.requester_symbol).label("other"),
        S.due_at,
        S.needed_by,
        S.answer_due,
        S.created_at,
        S.changed_at,
        _unread(S.id, side).label("unread"),
        S.reason,
        S.version,
        S.request_id,
        S.loan,
        S.reminders,
    ).select_from(
        t.lending_supply.outerjoin(t.lending_request, R.id == S.request_id).outerjoin(
            other, other.c.id == S.requester_id
        )
    )


def _line(row: Any, side: Side) -> Line:
    return Line(
        side=side,
        id=row.id,
        number=row.number,
        title=row.title,
        wanted=row.wanted,
        service=Service(row.service),
        level=ServiceLevel(row.level),
        state=row.state,
        flags=frozenset(Flag(one) for one in row.flags),
        other=row.other,
        due=row.due_at,
        needed_by=row.needed_by,
        answer_due=row.answer_due,
        created=row.created_at,
        changed=row.changed_at,
        unread=row.unread,
        reason=row.reason,
        version=row.version,
        request=row.request_id,
        items=tuple((row.loan or {}).get("items") or ()),
        reminders=row.reminders,
    )


def _columns(side: Side) -> tuple[Any, Any, Any, Any, Any, Any]:
    """Give library, state, flags, due, closed and changed of a side."""
    if side is Side.REQUESTER:
        return R.home_id, R.state, R.flags, R.due_at, R.closed_at, R.changed_at
    return S.supplier_id, S.supplier_state, S.supplier_flags, S.due_at, S.closed_at, S.changed_at


def _in_list(one: Worklist, now: datetime) -> ColumnElement[bool]:
    _, state, flags, due, closed, _ = _columns(one.side)
    terms = [closed.is_(None)]
    if one.states:
        terms.append(state.in_(sorted(one.states)))
    if one.flags:
        terms.append(flags.overlap(sorted(one.flags)))
    if one.due is not None:
        terms.append(due < now + one.due)
    if one.name == "due-loans":
        terms.append(due >= now)
    return and_(*terms)


async def counts(conn: AsyncConnection, library: int, now: datetime) -> dict[str, int]:
    """Count what lies in each list of a library; beside them `unread`, `late`, `urgent`, `dead`."""
    found: dict[str, int] = {}
    for side in Side:
        owner, _, _, _, closed, _ = _columns(side)
        answer_due = R.answer_due if side is Side.REQUESTER else S.answer_due
        lists = [one for one in WORKLISTS.values() if one.side is side]
        sums = [func.count().filter(_in_list(one, now)).label(one.name) for one in lists]
        late = func.count().filter(answer_due < now).label("late")
        often = R.reminders if side is Side.REQUESTER else S.reminders
        urgent = func.count().filter((answer_due < now) & (often >= ESCALATED)).label("urgent")
        row = (
            await conn.execute(select(*sums, late, urgent).where(owner == library, closed.is_(None)))
        ).one()
        for one, count in zip(lists, row, strict=False):
            found[one.name] = count
        found["late"] = found.get("late", 0) + row.late
        found["urgent"] = found.get("urgent", 0) + row.urgent
    unread = 0
    for side, table, key, owner in (
        (Side.REQUESTER, t.lending_request, N.request_id, R.home_id),
        (Side.SUPPLIER, t.lending_supply, N.supply_id, S.supplier_id),
    ):
        waits = (N.side == side) & N.incoming & N.read_at.is_(None) & (owner == library)
        query = select(func.count(key.distinct())).select_from(t.lending_note.join(table, table.c.id == key))
        unread += int((await conn.execute(query.where(waits))).scalar_one())
    found["unread"] = unread
    found["dead"] = int((await conn.execute(_dead(library, select(func.count())))).scalar_one())
    return found


def _dead(library: int, query: Select[Any]) -> Select[Any]:
    o = t.lending_outbox.c
    joined = t.lending_outbox.outerjoin(t.lending_request, R.id == o.request_id).outerjoin(
        t.lending_supply, S.id == o.supply_id
    )
    ours = (R.home_id == library) | (S.supplier_id == library) | (S.requester_id == library)
    return query.select_from(joined).where(o.state == "dead", ours)


def _narrowed(query: Select[Any], side: Side, search: Search) -> Select[Any]:
    c = R if side is Side.REQUESTER else S
    if search.words:
        like = "%" + search.words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
        query = query.where(c.title.ilike(like) | R.number.ilike(like))
    if search.level:
        query = query.where(c.level == search.level)
    if search.service:
        query = query.where(c.service == search.service)
    if search.other:
        numbers = select(t.library.c.id).where(t.library.c.code == search.other)
        if side is Side.SUPPLIER:
            query = query.where(S.requester_id.in_(numbers))
        else:
            asked = select(S.request_id).where(S.open, S.supplier_id.in_(numbers))
            query = query.where(R.id.in_(asked))
    return query


async def listed(
    conn: AsyncConnection,
    library: int,
    one: Worklist,
    now: datetime,
    *,
    search: Search | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Line]:
    """Give a page of a list: what has waited longest first, behind the line `after`."""
    owner, _, _, _, _, changed = _columns(one.side)
    key = R.id if one.side is Side.REQUESTER else S.id
    query = _narrowed(
        _lines(one.side).where(owner == library, _in_list(one, now)), one.side, search or Search()
    )
    if after is not None:
        query = query.where(tuple_(changed, key) > tuple_(literal(after[0]), literal(after[1])))
    rows = await conn.execute(query.order_by(changed, key).limit(limit))
    return [_line(row, one.side) for row in rows]


async def history(
    conn: AsyncConnection,
    library: int,
    side: Side,
    *,
    search: Search | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Line]:
    """Give a page of everything of one side, ended ones included: what changed last first."""
    owner, _, _, _, _, changed = _columns(side)
    key = R.id if side is Side.REQUESTER else S.id
    query = _narrowed(_lines(side).where(owner == library), side, search or Search())
    if side is Side.SUPPLIER:
        query = query.where(S.supplier_state.is_not(None))
    if after is not None:
        query = query.where(tuple_(changed, key) < tuple_(literal(after[0]), literal(after[1])))
    rows = await conn.execute(query.order_by(changed.desc(), key.desc()).limit(limit))
    return [_line(row, side) for row in rows]


async def crossing(conn: AsyncConnection, library: int, what: str, now: datetime) -> list[Line]:
    """Give what cuts across the lists of both sides: `unread` messages, answers that are `late`.

    What its desk was reminded of most often comes first.
    """
    found: list[Line] = []
    for side in Side:
        owner, _, _, _, closed, changed = _columns(side)
        c = R if side is Side.REQUESTER else S
        query = _lines(side).where(owner == library)
        if what == "unread":
            waits = N.incoming & N.read_at.is_(None) & (N.side == side)
            key = N.request_id if side is Side.REQUESTER else N.supply_id
            query = query.where(c.id.in_(select(key).where(waits)))
        else:
            query = query.where(closed.is_(None), c.answer_due < now)
        rows = await conn.execute(query.order_by(c.reminders.desc(), changed).limit(200))
        found += [_line(row, side) for row in rows]
    return sorted(found, key=lambda one: -one.reminders)


async def of_numbers(conn: AsyncConnection, library: int, side: Side, numbers: Iterable[UUID]) -> list[Line]:
    """Give the lines with these ids that belong to a library, in no order."""
    owner, *_ = _columns(side)
    key = R.id if side is Side.REQUESTER else S.id
    asked = list(numbers)[:MOST_NUMBERS]
    rows = await conn.execute(_lines(side).where(owner == library, key.in_(asked)))
    return [_line(row, side) for row in rows]


async def scanned(conn: AsyncConnection, library: int, code: str) -> list[Line]:
    """Give the open lines of a library that a scanned code is on: a slip's number or an item's barcode."""
    found: list[Line] = []
    for side in Side:
        owner, _, _, _, closed, changed = _columns(side)
        c = R if side is Side.REQUESTER else S
        held = [R.number == code, c.loan["items"].contains([code])]
        if side is Side.SUPPLIER:
            held += [S.supplier_ref == code, S.protocol_id == code]
        query = _lines(side).where(owner == library, closed.is_(None), or_(*held))
        rows = await conn.execute(query.order_by(changed.desc()).limit(10))
        found += [_line(row, side) for row in rows]
    return found


async def shelves(
    conn: AsyncConnection, library: int, union_ids: Sequence[str]
) -> dict[str, tuple[Holding, ...]]:
    """Tell where a library keeps the things with these public ids, as its own records say."""
    h = t.holding.c
    query: Select[Any] = (
        select(t.cluster.c.public_id, h.location, h.shelf_mark, h["items"], h.copies, h.volume, h.status)
        .join(t.cluster_member, t.cluster_member.c.cluster_id == t.cluster.c.id)
        .join(t.holding, h.record_id == t.cluster_member.c.record_id)
        .where(t.cluster.c.public_id.in_(sorted(set(union_ids))), h.library_id == library)
        .order_by(h.record_id, h.position)
    )
    found: dict[str, tuple[Holding, ...]] = {}
    for row in await conn.execute(query):
        one = Holding(
            location=row.location,
            shelf_mark=row.shelf_mark,
            items=tuple(row.items),
            copies=row.copies,
            volume=row.volume,
            status=row.status,
        )
        found[row.public_id] = (*found.get(row.public_id, ()), one)
    return found


async def mine(
    conn: AsyncConnection, account: int, *, after: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[Line]:
    """Give a page of what somebody asked for: the newest first."""
    own = select(t.lending_reader.c.request_id).where(t.lending_reader.c.account_id == account)
    query = _lines(Side.REQUESTER).where(R.id.in_(own))
    if after is not None:
        query = query.where(tuple_(R.created_at, R.id) < tuple_(literal(after[0]), literal(after[1])))
    rows = await conn.execute(query.order_by(R.created_at.desc(), R.id.desc()).limit(limit))
    return [_line(row, Side.REQUESTER) for row in rows]


async def side_of(conn: AsyncConnection, number: UUID) -> tuple[Side, str] | None:
    """Tell which desk of which library an id belongs to: of a request its home, of a supply its lender."""
    home = select(t.library.c.code).join(t.lending_request, R.home_id == t.library.c.id).where(R.id == number)
    code = (await conn.execute(home)).scalar_one_or_none()
    if code is not None:
        return Side.REQUESTER, code
    lender = (
        select(t.library.c.code)
        .join(t.lending_supply, S.supplier_id == t.library.c.id)
        .where(S.id == number, S.supplier_state.is_not(None))
    )
    code = (await conn.execute(lender)).scalar_one_or_none()
    return (Side.SUPPLIER, code) if code is not None else None


async def named(conn: AsyncConnection, reader: ReaderRef) -> ReaderRef:
    """Fill in name and address of a reader who has an account."""
    if reader.account is None:
        return reader
    query = select(t.account.c.name, t.account.c.email).where(t.account.c.id == reader.account)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return reader
    return replace(reader, name=reader.name or row.name, email=reader.email or row.email)
