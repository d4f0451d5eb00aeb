"""Partner systems and their agencies; tokens are hashes, credentials are sealed for partner and address."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.credentials import Credentials, place_of
from unioncat.domain.partner import AgencyOf, Partner
from unioncat.store import tables as t
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.sealing import Keyring, Locked


async def save(conn: AsyncConnection, partner: Partner) -> Partner:
    """Enter a partner, or change the one of this code. Raises `Conflict`, `Unknown`."""
    complaint = partner.complaint()
    if complaint:
        raise Conflict(f"partner {partner.code!r}: {complaint}", "Correct it and try again.")
    values = {
        "name": partner.name.strip(),
        "address": partner.address,
        "version": partner.version,
        "mode": partner.mode,
        "quirks": sorted(set(partner.quirks)),
        "certificate": partner.certificate,
        "active": partner.active,
    }
    if partner.certificate is not None:
        await _free(conn, t.lending_partner.c.certificate == partner.certificate, partner.code)
    row = (
        await conn.execute(
            insert(t.lending_partner)
            .values(code=partner.code, **values)
            .on_conflict_do_update(index_elements=["code"], set_=values)
            .returning(t.lending_partner.c.id)
        )
    ).one()
    await _save_agencies(conn, row.id, partner)
    return await read(conn, partner.code)


async def _free(conn: AsyncConnection, condition: ColumnElement[bool], code: str) -> None:
    other = (await conn.execute(select(t.lending_partner.c.code).where(condition))).scalar()
    if other not in (None, code):
        raise Conflict(f"the certificate is that of partner {other!r}", "Each partner has its own.")


async def _save_agencies(conn: AsyncConnection, number: int, partner: Partner) -> None:
    await conn.execute(delete(t.lending_agency).where(t.lending_agency.c.partner_id == number))
    for one in partner.agencies:
        library = None
        if one.library is not None:
            library = (
                await conn.execute(select(t.library.c.id).where(t.library.c.code == one.library))
            ).scalar()
            if library is None:
                raise Unknown(f"there is no library {one.library!r}", "`unioncat library list` shows all.")
        added = await conn.execute(
            insert(t.lending_agency)
            .values(symbol=one.symbol, type=one.type, value=one.value, partner_id=number, library_id=library)
            .on_conflict_do_nothing()
        )
        if not added.rowcount:
            raise Conflict(f"{one.symbol} is an agency of another partner", "An agency has one system.")


async def listed(conn: AsyncConnection) -> list[Partner]:
    """Give all partners."""
    return await _read(conn, t.lending_partner.c.id > 0)


async def read(conn: AsyncConnection, code: str) -> Partner:
    """Give a partner. Raises `Unknown`."""
    for one in await _read(conn, t.lending_partner.c.code == code):
        return one
    raise Unknown(f"there is no partner {code!r}", "`unioncat partner list` shows what there is.")


async def by_token(conn: AsyncConnection, token_hash: bytes) -> Partner | None:
    """Give the active partner that has a token."""
    return next(iter(_partners(await conn.execute(_BY_TOKEN, {"token": token_hash}))), None)


async def by_certificate(conn: AsyncConnection, fingerprint: str) -> Partner | None:
    """Give the active partner that has a certificate."""
    return next(iter(_partners(await conn.execute(_BY_CERTIFICATE, {"certificate": fingerprint}))), None)


async def by_symbol(conn: AsyncConnection, symbol: str) -> Partner | None:
    """Give the partner that speaks for an agency, whether active or not."""
    return next(iter(_partners(await conn.execute(_BY_SYMBOL, {"symbol": symbol.lower()}))), None)


async def set_token(conn: AsyncConnection, code: str, token_hash: bytes | None) -> None:
    """Give a partner another token, or none. Raises `Unknown`."""
    partner = await read(conn, code)
    await conn.execute(
        update(t.lending_partner).where(t.lending_partner.c.id == partner.id).values(token_hash=token_hash)
    )


async def put_credentials(
    conn: AsyncConnection, keyring: Keyring, code: str, credentials: Credentials | None
) -> None:
    """Seal the credentials with which a partner is written to, for its address; none takes them away.

    Raises `Unknown`, `Conflict`.
    """
    partner = await read(conn, code)
    values: dict[str, Any] = {"sealed": None, "sealed_for": None}
    if credentials is not None:
        place = place_of(partner.address or "")
        complaint = credentials.complaint()
        if complaint or not place:
            raise Conflict(
                f"credentials of partner {code!r}: {complaint or 'it has no address'}",
                "Give the address first, then a user's name and a password, or a header.",
            )
        content = msgspec.json.encode(asdict(credentials))
        values = {"sealed": keyring.seal(content, _binding(partner.id, place)), "sealed_for": place}
    await conn.execute(update(t.lending_partner).where(t.lending_partner.c.id == partner.id).values(**values))


async def take_credentials(conn: AsyncConnection, keyring: Keyring, partner: Partner) -> Credentials:
    """Open the credentials for a partner's address; empty where there are none. Raises `Locked`."""
    row = (
        await conn.execute(
            select(t.lending_partner.c.sealed, t.lending_partner.c.sealed_for).where(
                t.lending_partner.c.id == partner.id
            )
        )
    ).one()
    if row.sealed is None:
        return Credentials()
    place = place_of(partner.address or "")
    if place != row.sealed_for:
        raise Locked(
            f"the credentials of partner {partner.code!r} were given for {row.sealed_for}, it is at {place}",
            f"Set them anew (`unioncat partner credentials {partner.code}`).",
        )
    return msgspec.json.decode(keyring.open(row.sealed, _binding(partner.id, place)), type=Credentials)


async def reseal(conn: AsyncConnection, keyring: Keyring) -> int:
    """Seal with the present key whatever an earlier one has sealed; give their number. Raises `Locked`."""
    p = t.lending_partner
    rows = await conn.execute(
        select(p.c.id, p.c.sealed, p.c.sealed_for).where(p.c.sealed.is_not(None)).with_for_update()
    )
    done = 0
    for row in rows.all():
        if not keyring.is_present(row.sealed):
            binding = _binding(row.id, row.sealed_for)
            sealed = keyring.seal(keyring.open(row.sealed, binding), binding)
            await conn.execute(update(p).where(p.c.id == row.id).values(sealed=sealed))
            done += 1
    return done


def _binding(number: int, place: str) -> tuple[str, ...]:
    return ("partner", str(number), place)


def _agencies() -> ScalarSelect[Any]:
    """Give a partner's agencies as rows of kind, value and library's code, in the partner's own row."""
    a = t.lending_agency
    one = func.json_build_array(a.c.type, a.c.value, t.library.c.code)
    return (
        select(func.coalesce(func.json_agg(aggregate_order_by(one, a.c.symbol)), text("'[]'")))
        .select_from(a.outerjoin(t.library, t.library.c.id == a.c.library_id))
        .where(a.c.partner_id == t.lending_partner.c.id)
        .correlate(t.lending_partner)
        .scalar_subquery()
    )


def _query(condition: ColumnElement[bool]) -> Select[Any]:
    """Ask for partners."""
    query = select(t.lending_partner, _agencies().label("agencies"))
    return query.where(condition).order_by(t.lending_partner.c.code)


_P = t.lending_partner.c
_BY_TOKEN = _query((_P.token_hash == bindparam("token")) & _P.active)
_BY_CERTIFICATE = _query((_P.certificate == bindparam("certificate")) & _P.active)
_BY_SYMBOL = _query(
    _P.id.in_(select(t.lending_agency.c.partner_id).where(t.lending_agency.c.symbol == bindparam("symbol")))
)


async def _read(conn: AsyncConnection, condition: ColumnElement[bool]) -> list[Partner]:
    return _partners(await conn.execute(_query(condition)))


def _partners(rows: Iterable[Row[Any]]) -> list[Partner]:
    return [
        Partner(
            code=row.code,
            name=row.name,
            address=row.address,
            version=row.version,
            mode=row.mode,
            quirks=tuple(row.quirks),
            agencies=tuple(AgencyOf(*one) for one in row.agencies),
            certificate=row.certificate,
            active=row.active,
            has_token=row.token_hash is not None,
            has_credentials=row.sealed is not None,
            made=row.made_at,
            id=row.id,
        )
        for row in rows
    ]
