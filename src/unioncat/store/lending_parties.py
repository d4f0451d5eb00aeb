"""How libraries take part in lending, and whom a symbol of the protocol means."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    bindparam,
    case,
    column,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import LateralFromClause

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


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a symbol means, and how the agency writes itself."""

    party: Party | None = None
    """None where it means nobody."""
    written: tuple[str, str] | None = None
    """Kind and value."""
    member: LendingMember | None = None
    """How its library takes part; none where there is no library."""
    audience: int | None = None
    """Who may know of its library."""


def _system() -> LateralFromClause:
    """Give the system that a library has of its own: the first of the agencies that speak for it."""
    agency, partner = t.lending_agency.alias(), t.lending_partner.alias()
    return (
        select(agency.c.symbol.label("own_symbol"), partner.c.id.label("partner"), partner.c.version)
        .join_from(agency, partner, partner.c.id == agency.c.partner_id)
        .where(agency.c.library_id == L.id, partner.c.active)
        .order_by(agency.c.symbol)
        .limit(1)
        .lateral()
    )


def _staffed() -> ColumnElement[bool]:
    """Tell whether somebody with an account works at a library's desk, or at its parent's."""
    role, person, above = t.account_role.c, t.account.c, t.library_parent.c
    lends = or_(*(role.role == one for one in LENDERS))
    there = select(role.id).join(t.account, person.id == role.account_id).where(lends, person.active)
    over = there.join(t.library_parent, above.parent_id == role.library_id).where(above.library_id == L.id)
    return (there.where(role.library_id == L.id).exists() | over.exists()).label("staffed")


_SYSTEM = _system()
_FACTS = (
    *(L.id, L.code, L.name_vi, L.isil, L.contact, L.audience_id),
    *(M.library_id, M.way, M.email, M.two_approvals, M.answer_days, M.keep_reader_days, M.tells_reader),
    *(_staffed(), _SYSTEM.c.own_symbol, _SYSTEM.c.partner, _SYSTEM.c.version),
)
"""What is asked of a library for its part in lending."""
_LIBRARY: Select[Any] = (
    select(*_FACTS)
    .select_from(
        t.library.outerjoin(t.lending_member, M.library_id == L.id).outerjoin(_SYSTEM, literal(True))
    )
    .where(L.code == bindparam("library_code"))
)


def _of_symbols() -> Select[Any]:
    """Ask what symbols mean: an active partner's agency, else a library by its ISIL or code."""
    words = func.unnest(bindparam("symbols", type_=ARRAY(Text)), type_=Text)
    names = words.table_valued(column("symbol", Text)).render_derived("names")
    asked = names.c.symbol
    other = t.library.alias()
    value = func.substr(asked, func.strpos(asked, ":") + 1)
    kind = func.split_part(asked, ":", 1)
    first = select(other.c.id).order_by(other.c.id).limit(1)
    by_isil = first.where(func.lower(other.c.isil) == value).scalar_subquery()
    by_code = first.where(func.lower(other.c.code) == value, other.c.isil.is_(None)).scalar_subquery()
    meant = case(
        (P.id.is_not(None), A.library_id), (kind == "isil", by_isil), (kind == OWN, by_code), else_=None
    )
    agency = (asked.label("asked"), A.type, A.value, P.id.label("outside"), P.name, P.version.label("speaks"))
    return select(*agency, *_FACTS).select_from(
        names.outerjoin(t.lending_agency, A.symbol == asked)
        .outerjoin(t.lending_partner, (P.id == A.partner_id) & P.active)
        .outerjoin(t.library, L.id == meant)
        .outerjoin(t.lending_member, M.library_id == L.id)
        .outerjoin(_SYSTEM, literal(True))
    )


_SYMBOLS = _of_symbols()


def _party(row: Row[Any]) -> Party:
    email = row.email or str((row.contact or {}).get("email") or "")
    chosen = Way(row.way or Way.DESK)
    if chosen is Way.DESK and email and not row.staffed:
        chosen = Way.LETTER
    return Party(
        symbol=row.own_symbol or symbol(row.code, row.isil),
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
    row: Row[Any] | None = (await conn.execute(_LIBRARY, {"library_code": code})).one_or_none()
    if row is None:
        raise Unknown(f"there is no library {code!r}", "Name libraries by their codes.")
    return _party(row)


async def named(conn: AsyncConnection, symbols: Collection[str]) -> dict[str, Named]:
    """Tell of symbols whom they mean, by symbol in lower case."""
    rows = await conn.execute(_SYMBOLS, {"symbols": sorted({one.lower() for one in symbols})})
    return {row.asked: _named(row) for row in rows}


def _named(row: Row[Any]) -> Named:
    written = (row.type, row.value) if row.type is not None else None
    if row.code is None:
        if row.outside is None:
            return Named(written=written)
        party = Party(row.asked, row.name, Way.ISO18626, partner=row.outside, version=row.speaks)
        return Named(party, written)
    if written is None:
        written = ("ISIL", row.isil) if row.asked.startswith("isil:") else (OWN.upper(), row.code)
    member = _member(row.code, row if row.library_id is not None else None)
    return Named(_party(row), written, member, row.audience_id)


async def of_symbol(conn: AsyncConnection, name: str) -> Party | None:
    """Give whom a symbol means: a partner's agency, or a library of ours; none where it means nobody."""
    return (await named(conn, [name]))[name.lower()].party


async def member(conn: AsyncConnection, code: str) -> LendingMember:
    """Tell how a library takes part; one that has said nothing has the defaults."""
    return _member(code, (await conn.execute(_MEMBER, {"library_code": code})).one_or_none())


_MEMBER = (
    select(t.lending_member).join(t.library, L.id == M.library_id).where(L.code == bindparam("library_code"))
)


def _member(code: str, row: Row[Any] | None) -> LendingMember:
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
