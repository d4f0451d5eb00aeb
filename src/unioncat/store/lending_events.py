"""What was done, what must go out, and what people wrote on it; events are only appended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.lending import Event, Flag, Kind, Note, Outgoing, Side, Step
from unioncat.store import tables as t
from unioncat.store.codec import plain

E, O, N = t.lending_event.c, t.lending_outbox.c, t.lending_note.c  # noqa: E741


@dataclass(frozen=True, slots=True)
class Written:
    """An event about to be written, with what it puts out."""

    subject: UUID
    event: Event
    outgoing: tuple[Outgoing, ...] = ()
    request: UUID | None = None
    supply: UUID | None = None


async def write(conn: AsyncConnection, rows: Sequence[Written], now: datetime) -> None:
    """Write events and fill the outbox. Two events of one place in the order cannot be written.

    What the outbox has under its key already is left as it is.
    """
    if not rows:
        return
    events = plain([_values(one) for one in rows])
    waiting = plain([_waiting(out, now, one) for one in rows for out in one.outgoing])
    await conn.execute(_WRITE if waiting else _WRITE_EVENTS, {"events": events, "waiting": waiting})


_EVENTS = """
    INSERT INTO lending_event (subject_id, side, seq, request_id, supply_id, at, actor, step, before, after,
      flags, why, message_id, data, sent)
    SELECT subject_id, side, seq, request_id, supply_id, at, actor, step, before, after, flags, why,
      message_id, data, sent
    FROM jsonb_to_recordset(:events) AS new (subject_id uuid, side text, seq integer, request_id uuid,
      supply_id uuid, at timestamptz, actor text, step text, before text, after text, flags text[], why text,
      message_id text, data jsonb, sent text[])
"""
_WRITE_EVENTS = text(_EVENTS).bindparams(bindparam("events", type_=JSONB))
_WRITE = text(
    f"""
    WITH made AS ({_EVENTS} RETURNING id, subject_id, side, seq)
    INSERT INTO lending_outbox (key, kind, recipient, lane, body, request_id, supply_id, event_id, created_at,
      due_at)
    SELECT key, kind, recipient, lane, body, request_id, supply_id, made.id, created_at, due_at
    FROM ROWS FROM (jsonb_to_recordset(:waiting) AS (subject_id uuid, side text, seq integer, key text,
      kind text, recipient text, lane text, body jsonb, request_id uuid, supply_id uuid,
      created_at timestamptz, due_at timestamptz)) WITH ORDINALITY AS new (subject_id, side, seq, key, kind,
      recipient, lane, body, request_id, supply_id, created_at, due_at, place)
    JOIN made USING (subject_id, side, seq)
    ORDER BY place
    ON CONFLICT (key) DO NOTHING
    """
).bindparams(bindparam("events", type_=JSONB), bindparam("waiting", type_=JSONB))
"""Events with what they put out: what waits names its event by the event's place, and keeps its order."""


def _values(one: Written) -> dict[str, Any]:
    event = one.event
    return {
        "subject_id": one.subject,
        "side": event.side,
        "seq": event.seq,
        "request_id": one.request,
        "supply_id": one.supply,
        "at": event.at,
        "actor": event.actor,
        "step": event.step,
        "before": event.before,
        "after": event.after,
        "flags": sorted(event.flags),
        "why": event.why,
        "message_id": event.message,
        "data": event.data,
        "sent": list(event.sent),
    }


def _waiting(out: Outgoing, now: datetime, one: Written) -> dict[str, Any]:
    return {
        "subject_id": one.subject,
        "side": one.event.side,
        "seq": one.event.seq,
        "key": out.key,
        "kind": out.kind,
        "recipient": out.to,
        "lane": out.lane,
        "body": out.body,
        "request_id": out.request,
        "supply_id": out.supply,
        "created_at": now,
        "due_at": out.due or now,
    }


async def of(conn: AsyncConnection, subject: UUID, side: Side) -> list[Event]:
    """Give the events of a request (requester) or of a supply (supplier), the first one first."""
    query = select(t.lending_event).where(E.subject_id == subject, E.side == side).order_by(E.seq)
    return [_event(row) for row in await conn.execute(query)]


async def last_of(conn: AsyncConnection, subject: UUID, side: Side, steps: Sequence[Step]) -> Event | None:
    """Give the last event of some steps."""
    query = (
        select(t.lending_event)
        .where(E.subject_id == subject, E.side == side, E.step.in_(steps))
        .order_by(E.seq.desc())
        .limit(1)
    )
    row = (await conn.execute(query)).one_or_none()
    return _event(row) if row else None


def _event(row: Row[Any]) -> Event:
    return Event(
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        side=Side(row.side),
        step=Step(row.step),
        before=row.before,
        after=row.after,
        flags=frozenset(map(Flag, row.flags)),
        why=row.why,
        message=row.message_id,
        data=row.data,
        sent=tuple(map(Kind, row.sent)),
        id=row.id,
    )


# what must go out


async def withdraw(conn: AsyncConnection, event: int) -> bool:
    """Take back what an event put in the outbox; false when something of it may have left the house."""
    rows = (
        await conn.execute(
            select(O.id, O.state, O.tries, O.claimed_until).where(O.event_id == event).with_for_update()
        )
    ).all()
    if any(row.state != "waiting" or row.tries or row.claimed_until for row in rows):
        return False
    await conn.execute(update(t.lending_outbox).where(O.event_id == event).values(state="withdrawn"))
    return True


# notes and messages between libraries


async def add_note(
    conn: AsyncConnection,
    note: Note,
    *,
    request: UUID | None = None,
    supply: UUID | None = None,
) -> None:
    """Keep a note or a message."""
    await conn.execute(
        t.lending_note.insert().values(
            request_id=request,
            supply_id=supply,
            side=note.side,
            private=note.private,
            incoming=note.incoming,
            text=plain(note.text),
            author=note.author,
            at=note.at,
        )
    )


async def notes(conn: AsyncConnection, side: Side, subject: UUID) -> list[Note]:
    """Give the notes that one side may read, the first one first."""
    key = N.request_id if side is Side.REQUESTER else N.supply_id
    query = select(t.lending_note).where(key == subject, N.side == side).order_by(N.id)
    return [
        Note(
            id=row.id,
            side=Side(row.side),
            text=row.text,
            author=row.author,
            at=row.at,
            private=row.private,
            incoming=row.incoming,
            read=row.read_at is not None or not row.incoming,
        )
        for row in await conn.execute(query)
    ]


async def mark_read(conn: AsyncConnection, side: Side, subject: UUID, now: datetime) -> int:
    """Mark a side's incoming messages as read; give their number."""
    key = N.request_id if side is Side.REQUESTER else N.supply_id
    waits = (key == subject) & (N.side == side) & N.incoming & N.read_at.is_(None)
    done = await conn.execute(update(t.lending_note).where(waits).values(read_at=now))
    return done.rowcount
