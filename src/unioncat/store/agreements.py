"""Agreements, policies, closed days and do-not-route lists, as rows with dates; nothing that held is deleted.

Codes are what people see. What the rows mean for a request is decided in `lending.policy`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Text, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audience import Viewer
from unioncat.domain.lending import Money, Service
from unioncat.domain.lending_policy import Agreement, Avoidance, Avoids, Closure, Participant, Policy
from unioncat.domain.library import GroupMode
from unioncat.store import tables as t
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.libraries import library_id
from unioncat.store.visibility import visible


async def save_agreement(conn: AsyncConnection, one: Agreement) -> None:
    """Add an agreement, or put its facts and parties right. Raises `Unknown`."""
    values: dict[str, Any] = {
        "code": one.code,
        "name_vi": one.name_vi,
        "name_en": one.name_en,
        "form": one.form,
        "services": sorted(one.services),
        "cost": int(one.cost.amount) if one.cost is not None else None,
        "first_day": one.valid_from,
        "last_day": one.valid_to,
        "document": one.document,
        "note": one.note,
        "audience_id": one.audience,
    }
    number = (
        await conn.execute(
            insert(t.lending_agreement)
            .values(values)
            .on_conflict_do_update(index_elements=["code"], set_=values)
            .returning(t.lending_agreement.c.id)
        )
    ).scalar_one()
    await conn.execute(delete(t.lending_party).where(t.lending_party.c.agreement_id == number))
    for part in one.participants:
        await conn.execute(
            t.lending_party.insert().values(
                agreement_id=number,
                library_id=await library_id(conn, part.library) if part.library else None,
                group_id=await _group_id(conn, part.group) if part.group else None,
                lends=part.lends,
                borrows=part.borrows,
            )
        )


async def _group_id(conn: AsyncConnection, code: str) -> int:
    query = select(t.library_group.c.id).where(t.library_group.c.code == code)
    found = (await conn.execute(query)).scalar_one_or_none()
    if found is None:
        raise Unknown(f"there is no group {code!r}", "Add the group first, or correct its code.")
    return int(found)


async def end_agreement(conn: AsyncConnection, code: str, last: date) -> None:
    """Say on which day an agreement ends. Raises `Unknown`, `Conflict`."""
    table = t.lending_agreement
    first = (await conn.execute(select(table.c.first_day).where(table.c.code == code))).scalar_one_or_none()
    if first is None:
        raise Unknown(f"there is no agreement {code!r}", "List the agreements to see their codes.")
    if last < first:
        raise Conflict(f"agreement {code!r} begins on {first}", "It cannot end before it begins.")
    await conn.execute(update(table).where(table.c.code == code).values(last_day=last))


async def agreements(conn: AsyncConnection, viewer: Viewer, *, on: date | None = None) -> list[Agreement]:
    """Give the agreements that a viewer may know of, by code; those of one day where one is given."""
    table, party = t.lending_agreement, t.lending_party
    query = select(table).where(visible(table.c.audience_id, viewer)).order_by(table.c.code)
    if on is not None:
        query = query.where(table.c.first_day <= on, or_(table.c.last_day.is_(None), table.c.last_day >= on))
    rows = (await conn.execute(query)).all()
    parties = (
        select(party, t.library.c.code.label("library"), t.library_group.c.code.label("the_group"))
        .outerjoin(t.library, t.library.c.id == party.c.library_id)
        .outerjoin(t.library_group, t.library_group.c.id == party.c.group_id)
        .where(party.c.agreement_id.in_([row.id for row in rows]))
        .order_by(party.c.id)
    )
    found: dict[int, list[Participant]] = {}
    for row in await conn.execute(parties):
        found.setdefault(row.agreement_id, []).append(
            Participant(row.library, row.the_group, row.lends, row.borrows)
        )
    return [_agreement(row, tuple(found.get(row.id, ()))) for row in rows]


def _agreement(row: Any, participants: tuple[Participant, ...]) -> Agreement:
    return Agreement(
        code=row.code,
        name_vi=row.name_vi,
        name_en=row.name_en,
        form=GroupMode(row.form),
        participants=participants,
        valid_from=row.first_day,
        valid_to=row.last_day,
        services=frozenset(Service(one) for one in row.services),
        cost=Money(Decimal(row.cost)) if row.cost is not None else None,
        document=row.document,
        note=row.note,
        audience=row.audience_id,
    )


async def save_policy(conn: AsyncConnection, one: Policy, by: str) -> None:
    """Write a library's policy. Raises `Unknown`."""
    terms = msgspec.to_builtins(one)
    del terms["library"]
    values = {"terms": terms, "changed_by": by, "changed_at": func.now()}
    await conn.execute(
        insert(t.lending_policy)
        .values(library_id=await library_id(conn, one.library), **values)
        .on_conflict_do_update(index_elements=["library_id"], set_=values)
    )


async def policies(conn: AsyncConnection, libraries: Collection[str] | None = None) -> Mapping[str, Policy]:
    """Give the policies that were written, by library; `policy` gives the defaults of the others."""
    table = t.lending_policy
    query = select(table.c.terms, t.library.c.code).join(t.library, t.library.c.id == table.c.library_id)
    if libraries is not None:
        query = query.where(t.library.c.code.in_(sorted(libraries)))
    return {
        row.code: msgspec.convert({"library": row.code, **row.terms}, Policy)
        for row in await conn.execute(query)
    }


async def policy(conn: AsyncConnection, library: str) -> Policy:
    """Give a library's policy, or the defaults where it has written none."""
    terms = (await conn.execute(_TERMS, {"library_code": library})).scalar_one_or_none()
    return Policy(library) if terms is None else msgspec.convert({"library": library, **terms}, Policy)


_TERMS = (
    select(t.lending_policy.c.terms)
    .join(t.library, t.library.c.id == t.lending_policy.c.library_id)
    .where(t.library.c.code == bindparam("library_code"))
)


async def add_closure(conn: AsyncConnection, one: Closure) -> int:
    """Add closed (or worked) days; give their number. Raises `Unknown`, `Conflict`."""
    if one.end < one.start:
        raise Conflict("the days end before they begin", "Give the first day first.")
    made = t.lending_closure.insert().values(
        library_id=await library_id(conn, one.library) if one.library else None,
        first_day=one.start,
        last_day=one.end,
        open=one.open,
        note=one.why,
    )
    return int((await conn.execute(made.returning(t.lending_closure.c.id))).scalar_one())


async def remove_closure(conn: AsyncConnection, number: int, library: str | None) -> None:
    """Take closed days back, of one library or of all (none). Raises `Unknown`."""
    table = t.lending_closure
    mine = (
        table.c.library_id.is_(None)
        if library is None
        else table.c.library_id == await library_id(conn, library)
    )
    if not (await conn.execute(delete(table).where(table.c.id == number, mine))).rowcount:
        raise Unknown("there are no such closed days", "List them to see their numbers.")


async def closures(
    conn: AsyncConnection, since: date, libraries: Collection[str] | None = None
) -> list[Closure]:
    """Give closed and worked days that end on `since` or later: those for all, and those of the libraries."""
    codes = None if libraries is None else sorted(libraries)
    rows = await conn.execute(_CLOSURES if codes is None else _CLOSURES_OF, {"since": since, "codes": codes})
    return [Closure(row.first_day, row.last_day, row.code, row.note, row.open, row.id) for row in rows]


_CLOSURES = (
    select(t.lending_closure, t.library.c.code)
    .outerjoin(t.library, t.library.c.id == t.lending_closure.c.library_id)
    .where(t.lending_closure.c.last_day >= bindparam("since"))
    .order_by(t.lending_closure.c.first_day, t.lending_closure.c.id)
)
_CLOSURES_OF = _CLOSURES.where(
    or_(
        t.lending_closure.c.library_id.is_(None),
        t.library.c.code == func.any(bindparam("codes", type_=ARRAY(Text))),
    )
)


async def add_avoidance(conn: AsyncConnection, one: Avoidance) -> int:
    """Add a line to a do-not-route list; give its number. Raises `Unknown`, `Conflict`."""
    if one.library == one.other:
        raise Conflict("a library cannot avoid itself")
    made = t.lending_avoidance.insert().values(
        library_id=await library_id(conn, one.library),
        other_id=await library_id(conn, one.other),
        side=one.side,
        reason=one.reason,
        first_day=one.valid_from,
        last_day=one.valid_to,
    )
    return int((await conn.execute(made.returning(t.lending_avoidance.c.id))).scalar_one())


async def end_avoidance(conn: AsyncConnection, number: int, library: str, last: date) -> None:
    """End a line of a library's do-not-route list. Raises `Unknown`."""
    table = t.lending_avoidance
    mine = (table.c.id == number) & (table.c.library_id == await library_id(conn, library))
    if not (await conn.execute(update(table).where(mine).values(last_day=last))).rowcount:
        raise Unknown("there is no such line", "List the do-not-route list to see its numbers.")


async def avoidances(
    conn: AsyncConnection, library: str, on: date, *, of_others: bool = False
) -> Sequence[Avoidance]:
    """Give the lines of a library's list that stand on a day, or come; also those of others against it."""
    table = t.lending_avoidance
    mine, theirs = t.library.alias("mine"), t.library.alias("theirs")
    named = mine.c.code == library
    query = (
        select(table, mine.c.code.label("mine"), theirs.c.code.label("theirs"))
        .join(mine, mine.c.id == table.c.library_id)
        .join(theirs, theirs.c.id == table.c.other_id)
        .where(or_(named, theirs.c.code == library) if of_others else named)
        .where(or_(table.c.last_day.is_(None), table.c.last_day >= on))
        .order_by(table.c.id)
    )
    return [
        Avoidance(row.mine, row.theirs, Avoids(row.side), row.reason, row.first_day, row.last_day, row.id)
        for row in await conn.execute(query)
    ]
