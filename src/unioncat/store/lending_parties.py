"""How libraries take part in lending, and whom a symbol of the protocol means."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, false, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.lending_member import LendingMember, Party, Way
from unioncat.domain.people import AT_LIBRARY, MAY, Right
from unioncat.store import tables as t
from unioncat.store.changes import LEAVING
from unioncat.store.errors import Unknown

LENDERS = sorted(role for role in AT_LIBRARY if Right.LEND in MAY[role])
"""Roles of those who work at a library's desk."""
L, M, A, P = t.library.c, t.lending_member.c, t.lending_agency.c, t.lending_partner.c
OWN = "unioncat"
"""Kind of symbol of a library that has no ISIL."""


def symbol(code: str, isil: str | None) -> str:
    """Write the symbol of a library: kind and value, in lower case."""
    return f"isil:{isil}".lower() if isil else f"{OWN}:{code}".lower()


def _query() -> Select[Any]:
    named = (
        select(A.library_id, func.min(A.symbol).label("symbol"))
        .join(t.lending_partner, P.id == A.partner_id)
        .where(P.active, A.library_id.is_not(None))
        .group_by(A.library_id)
        .subquery()
    )
    agency = (
        select(named.c.library_id, named.c.symbol, P.id, P.version)
        .join(t.lending_agency, A.symbol == named.c.symbol)
        .join(t.lending_partner, P.id == A.partner_id)
        .subquery()
    )
    columns = (L.id, L.code, L.name_vi, L.isil, L.contact, M.way, M.email, _staffed())
    theirs = (agency.c.symbol, agency.c.id.label("partner"), agency.c.version)
    joined = t.library.outerjoin(t.lending_member, M.library_id == L.id)
    return select(*columns, *theirs).select_from(joined.outerjoin(agency, agency.c.library_id == L.id))


def _staffed() -> ColumnElement[bool]:
    """Tell whether somebody with an account works at a library's desk, or at its parent's."""
    role, person, above = t.account_role.c, t.account.c, t.library_parent.c
    places = select(above.parent_id).where(above.library_id == L.id)
    there = (role.library_id == L.id) | role.library_id.in_(places)
    return (
        select(role.id)
        .join(t.account, person.id == role.account_id)
        .where(there, role.role.in_(LENDERS), person.active)
        .exists()
        .label("staffed")
    )


def _party(row: Row[Any]) -> Party:
    email = row.email or str((row.contact or {}).get("email") or "")
    chosen = Way(row.way or Way.DESK)
    if chosen is Way.DESK and email and not row.staffed:
        chosen = Way.LETTER
    return Party(
        symbol=row.symbol or symbol(row.code, row.isil),
        name=row.name_vi,
        way=Way.ISO18626 if row.partner is not None else chosen,
        library=row.code,
        library_id=row.id,
        email=email,
        partner=row.partner,
        version=row.version or "2021-2",
        staffed=row.staffed,
    )


async def of_library(conn: AsyncConnection, code: str) -> Party:
    """Give a member library as a side of lending. Raises `Unknown`."""
    row = (await conn.execute(_query().where(L.code == code))).one_or_none()
    if row is None:
        raise Unknown(f"there is no library {code!r}", "Name libraries by their codes.")
    return _party(row)


async def of_symbol(conn: AsyncConnection, name: str) -> Party | None:
    """Give whom a symbol means: a partner's agency, or a library of ours; none where it means nobody."""
    kind, _, value = name.lower().partition(":")
    query = (
        select(A.symbol, A.library_id, P.id, P.name, P.version)
        .join(t.lending_partner, P.id == A.partner_id)
        .where(A.symbol == name.lower(), P.active)
    )
    agency = (await conn.execute(query)).one_or_none()
    if agency is not None and agency.library_id is None:
        return Party(agency.symbol, agency.name, Way.ISO18626, partner=agency.id, version=agency.version)
    named: ColumnElement[bool] = L.id == agency.library_id if agency is not None else _named(kind, value)
    row = (await conn.execute(_query().where(named).order_by(L.id).limit(1))).one_or_none()
    return _party(row) if row else None


def _named(kind: str, value: str) -> ColumnElement[bool]:
    if kind == "isil":
        return func.lower(L.isil) == value
    return (func.lower(L.code) == value) & L.isil.is_(None) if kind == OWN else false()


async def member(conn: AsyncConnection, code: str) -> LendingMember:
    """Tell how a library takes part; one that has said nothing has the defaults."""
    query = select(t.lending_member).join(t.library, L.id == M.library_id).where(L.code == code)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return LendingMember(code)
    return LendingMember(
        library=code,
        way=Way(row.way),
        email=row.email,
        two_approvals=row.two_approvals,
        answer_days=row.answer_days,
        keep_reader_days=row.keep_reader_days,
        tells_reader=row.tells_reader,
    )


async def has_left(conn: AsyncConnection, code: str) -> bool:
    """Tell whether a library has left the federation, and has not come back."""
    change = t.audience_change.c
    gone = select(change.id).where(change.library_id == L.id, change.subject == LEAVING).exists()
    query = select(L.id).where(L.code == code, L.valid_to <= func.current_date(), gone)
    return (await conn.execute(query)).one_or_none() is not None


async def open_of(conn: AsyncConnection, code: str) -> tuple[list[UUID], list[UUID]]:
    """Give a library's open requests, and the supplies by which others wait for it; the oldest first."""
    asked, given = t.lending_request.c, t.lending_supply.c
    number = select(L.id).where(L.code == code).scalar_subquery()
    asks = select(asked.id).where(asked.home_id == number, asked.closed_at.is_(None))
    gives = select(given.id).where(given.supplier_id == number, given.closed_at.is_(None))
    requests = await conn.execute(asks.order_by(asked.created_at, asked.id))
    supplies = await conn.execute(gives.order_by(given.created_at, given.id))
    return list(requests.scalars()), list(supplies.scalars())


async def save_member(conn: AsyncConnection, one: LendingMember) -> None:
    """Save how a library takes part. Raises `Unknown`."""
    number = (await conn.execute(select(L.id).where(L.code == one.library))).scalar_one_or_none()
    if number is None:
        raise Unknown(f"there is no library {one.library!r}", "Name libraries by their codes.")
    values = {
        "way": one.way,
        "email": one.email,
        "two_approvals": one.two_approvals,
        "answer_days": one.answer_days,
        "keep_reader_days": one.keep_reader_days,
        "tells_reader": one.tells_reader,
    }
    await conn.execute(
        insert(t.lending_member)
        .values(library_id=number, **values)
        .on_conflict_do_update(index_elements=["library_id"], set_=values)
    )


async def written(conn: AsyncConnection, name: str) -> tuple[str, str] | None:
    """Give kind and value of a symbol as the agency itself writes them."""
    row = (await conn.execute(select(A.type, A.value).where(A.symbol == name))).one_or_none()
    if row is not None:
        return row.type, row.value
    kind, _, value = name.partition(":")
    library = (await conn.execute(select(L.code, L.isil).where(_named(kind, value)).limit(1))).one_or_none()
    if library is None:
        return None
    return ("ISIL", library.isil) if kind == "isil" else (OWN.upper(), library.code)
