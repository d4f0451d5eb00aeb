"""What the clock finds: requests and supplies whose time is over, taken so that nobody else takes them too.

Rows are locked and passed over where another holds them; what a clock has done is no longer found.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.lending import Attempt, Flag, Request, Side
from unioncat.store import lending_requests, lending_supplies
from unioncat.store import tables as t

R, S, O = t.lending_request.c, t.lending_supply.c, t.lending_outbox.c  # noqa: E741
OUTBOX_KEPT = timedelta(days=60)
"""How long what was sent stays in the outbox."""


async def late_requests(
    conn: AsyncConnection, now: datetime, states: Collection[str], limit: int
) -> list[Request]:
    """Take requests that stand in a state for too long, those that have waited longest first."""
    chosen = R.closed_at.is_(None) & (R.answer_due <= now) & R.state.in_(sorted(states))
    return await lending_requests.take(conn, chosen, R.answer_due, limit)


async def past_needed(
    conn: AsyncConnection, today: date, states: Collection[str], limit: int
) -> list[Request]:
    """Take requests whose day has passed and that were not sent yet."""
    chosen = R.closed_at.is_(None) & (R.needed_by < today) & R.state.in_(sorted(states))
    return await lending_requests.take(conn, chosen, R.needed_by, limit)


async def overdue_requests(
    conn: AsyncConnection, now: datetime, states: Collection[str], limit: int
) -> list[Request]:
    """Take loans that are due, and not marked as overdue yet."""
    chosen = R.closed_at.is_(None) & (R.due_at < now) & R.state.in_(sorted(states))
    return await lending_requests.take(conn, chosen & ~R.flags.contains([Flag.OVERDUE]), R.due_at, limit)


async def late_supplies(
    conn: AsyncConnection, now: datetime, states: Collection[str], limit: int
) -> list[Attempt]:
    """Take supplies that stand in a state for too long."""
    chosen = S.closed_at.is_(None) & (S.answer_due <= now) & S.supplier_state.in_(sorted(states))
    return await lending_supplies.take(conn, chosen, S.answer_due, limit)


async def overdue_supplies(
    conn: AsyncConnection, now: datetime, states: Collection[str], limit: int
) -> list[Attempt]:
    """Take what was lent and is due, and not marked as overdue yet."""
    chosen = S.closed_at.is_(None) & (S.due_at < now) & S.supplier_state.in_(sorted(states))
    unmarked = ~S.supplier_flags.contains([Flag.OVERDUE])
    return await lending_supplies.take(conn, chosen & unmarked, S.due_at, limit)


async def put_off(conn: AsyncConnection, side: Side, number: UUID, until: datetime) -> None:
    """Leave alone for a while what could not be done."""
    table, key = (t.lending_request, R.id) if side is Side.REQUESTER else (t.lending_supply, S.id)
    await conn.execute(update(table).where(key == number).values(answer_due=until))


async def remind(
    conn: AsyncConnection, side: Side, now: datetime, states: Collection[str], every: timedelta, after: int
) -> int:
    """Write to the desks of what waits too long in these states, every so often; give the number of letters.

    From the reminder number `after` on, the letter says that it is no longer the first.
    """
    requests = side is Side.REQUESTER
    table, columns = (t.lending_request, R) if requests else (t.lending_supply, S)
    state = R.state if requests else S.supplier_state
    due: ColumnElement[bool] = (
        columns.closed_at.is_(None)
        & (columns.answer_due <= now)
        & state.in_(sorted(states))
        & (columns.reminded_at.is_(None) | (columns.reminded_at <= now - every))
    )
    waiting = select(columns.id).where(due).with_for_update(skip_locked=True).cte("waiting")
    reminded = (
        update(table)
        .where(columns.id.in_(select(waiting.c.id)))
        .values(reminded_at=now, reminders=columns.reminders + 1)
        .returning(columns.id, columns.version, columns.reminders)
        .cte("reminded")
    )
    template = "late" if requests else "reminder"
    to = "home" if requests else "supplier"
    r = reminded.c
    key = func.concat("letter:", r.id, ":", r.version, ":", r.reminders, ":", template)
    body = func.jsonb_build_object("template", template, "times", r.reminders, "again", r.reminders >= after)
    subject = "request_id" if requests else "supply_id"
    rows = select(
        key, literal("letter"), literal(to), cast(body, JSONB), r.id, literal(now), literal(now)
    )  # fmt: skip
    names = ["key", "kind", "recipient", "body", subject, "created_at", "due_at"]
    done = await conn.execute(
        insert(t.lending_outbox).from_select(names, rows).on_conflict_do_nothing(index_elements=["key"])
    )
    return int(done.rowcount)


async def letters_before_due(
    conn: AsyncConnection, now: datetime, ahead: timedelta, states: Collection[str]
) -> int:
    """Write to readers whose loan is due soon, once for each due date; give the number of letters."""
    return await _letters(
        conn,
        now,
        "due",
        R.closed_at.is_(None) & (R.due_at > now) & (R.due_at <= now + ahead) & R.state.in_(sorted(states)),
        func.concat("letter:", R.id, ":due:", func.to_char(R.due_at, "YYYYMMDD")),
    )


async def letters_overdue(
    conn: AsyncConnection, now: datetime, every: timedelta, states: Collection[str]
) -> int:
    """Write again to readers whose loan is overdue, every so often; give the number of letters."""
    seconds = int(every.total_seconds())
    weeks = func.floor(func.extract("epoch", literal(now) - R.due_at) / seconds)
    late = R.closed_at.is_(None) & (R.due_at <= now - every) & R.state.in_(sorted(states))
    return await _letters(
        conn,
        now,
        "overdue",
        late,
        func.concat("letter:", R.id, ":overdue:", func.to_char(R.due_at, "YYYYMMDD"), ":", cast(weeks, Text)),
    )


async def _letters(
    conn: AsyncConnection, now: datetime, template: str, which: ColumnElement[bool], key: Any
) -> int:
    body = cast(func.jsonb_build_object("template", template), JSONB)
    rows = select(
        key, literal("letter"), literal("reader"), body, R.id, literal(now), literal(now)
    ).where(which)  # fmt: skip
    names = ["key", "kind", "recipient", "body", "request_id", "created_at", "due_at"]
    done = await conn.execute(
        insert(t.lending_outbox).from_select(names, rows).on_conflict_do_nothing(index_elements=["key"])
    )
    return int(done.rowcount)


async def stuck(conn: AsyncConnection, since: datetime) -> Sequence[UUID]:
    """Give the requests that look for a library for too long: the process died that was about to find one."""
    query = select(R.id).where(R.state == "locating", R.closed_at.is_(None), R.changed_at < since)
    return [row.id for row in await conn.execute(query.limit(1000))]


async def tidy(conn: AsyncConnection, now: datetime) -> int:
    """Forget what was sent long ago; give its number."""
    old = (O.state.in_(["sent", "withdrawn"])) & (O.created_at < now - OUTBOX_KEPT)
    gone = await conn.execute(delete(t.lending_outbox).where(old))
    return int(gone.rowcount)
