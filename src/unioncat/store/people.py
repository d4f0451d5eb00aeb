"""Accounts, the roles they hold, and one-time links; a link's secret is kept as a hash only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.people import Account, Grant, LinkKind, Role, email_key
from unioncat.domain.totp import fingerprint
from unioncat.store import tables as t
from unioncat.store.errors import Unknown

_BRANCHES = text(
    "WITH RECURSIVE below(top, id) AS (SELECT id, id FROM library WHERE id = ANY(:tops)"
    " UNION SELECT b.top, p.library_id FROM below b JOIN library_parent p ON p.parent_id = b.id"
    " WHERE (p.valid_from IS NULL OR p.valid_from <= CURRENT_DATE)"
    " AND (p.valid_to IS NULL OR p.valid_to >= CURRENT_DATE))"
    " SELECT below.top, library.code FROM below JOIN library ON library.id = below.id"
)


@dataclass(frozen=True, slots=True)
class Locks:
    """What guards an account: for signing in only."""

    password: str | None
    totp_sealed: bytes | None
    totp_step: int


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link that still holds."""

    id: int
    kind: LinkKind
    email: str
    role: Role | None
    library: str | None
    account: int | None
    made_by: int | None
    hands_over: bool
    expires: datetime


async def add(conn: AsyncConnection, email: str, name: str, *, demo: bool = False) -> Account:
    """Make an account without password or role, or give the one that has this address."""
    values = {"email": email.strip(), "email_key": email_key(email), "name": name, "demo": demo}
    made = insert(t.account).values(**values).on_conflict_do_nothing(index_elements=["email_key"])
    await conn.execute(made)
    found = await by_email(conn, email)
    assert found is not None  # noqa: S101 - it has just been made
    return found


async def by_email(conn: AsyncConnection, email: str) -> Account | None:
    """Give the account with an address."""
    return next(iter(await _accounts(conn, t.account.c.email_key == email_key(email))), None)


async def read(conn: AsyncConnection, number: int) -> Account:
    """Give an account. Raises `Unknown`."""
    for found in await _accounts(conn, t.account.c.id == number):
        return found
    raise Unknown("there is no such person", "Open the list of people again.")


async def lock(conn: AsyncConnection, number: int) -> None:
    """Keep others from changing an account until the transaction ends."""
    await conn.execute(select(t.account.c.id).where(t.account.c.id == number).with_for_update())


async def listed(conn: AsyncConnection, libraries: Collection[str] | None) -> list[Account]:
    """Give the people who hold a role at these libraries; without libraries, everybody."""
    if libraries is None:
        return await _accounts(conn, t.account.c.id > 0)
    there = (
        select(t.account_role.c.account_id)
        .join(t.library, t.library.c.id == t.account_role.c.library_id)
        .where(t.library.c.code.in_(sorted(libraries)))
    )
    return await _accounts(conn, t.account.c.id.in_(there))


async def _accounts(conn: AsyncConnection, condition: ColumnElement[bool]) -> list[Account]:
    rows = (await conn.execute(select(t.account).where(condition).order_by(t.account.c.name))).all()
    held = await _grants(conn, [row.id for row in rows])
    return [_account(row, held.get(row.id, ())) for row in rows]


async def _grants(conn: AsyncConnection, numbers: Sequence[int]) -> dict[int, tuple[Grant, ...]]:
    rows = (
        await conn.execute(
            select(t.account_role.c.account_id, t.account_role.c.role, t.library.c.id, t.library.c.code)
            .outerjoin(t.library, t.library.c.id == t.account_role.c.library_id)
            .where(t.account_role.c.account_id.in_(numbers))
            .order_by(t.account_role.c.id)
        )
    ).all()
    tops = sorted({row.id for row in rows if row.id is not None})
    below: dict[int, set[str]] = {}
    for top, code in await conn.execute(_BRANCHES, {"tops": tops}) if tops else ():
        below.setdefault(top, set()).add(code)
    found: dict[int, tuple[Grant, ...]] = {}
    for row in rows:
        grant = Grant(Role(row.role), row.code, frozenset(below.get(row.id, ())))
        found[row.account_id] = (*found.get(row.account_id, ()), grant)
    return found


def _account(row: Row[Any], grants: tuple[Grant, ...]) -> Account:
    return Account(
        id=row.id,
        email=row.email,
        name=row.name,
        active=row.active,
        grants=grants,
        second_factor=row.totp_sealed is not None,
        demo=row.demo,
        created=row.created_at,
        signed_in=row.signed_in_at,
    )


async def locks(conn: AsyncConnection, number: int) -> Locks:
    """Give what guards an account."""
    row = (await conn.execute(select(t.account).where(t.account.c.id == number))).one()
    step = -1 if row.totp_step is None else row.totp_step
    return Locks(row.password, bytes(row.totp_sealed) if row.totp_sealed else None, step)


async def change(conn: AsyncConnection, number: int, **values: Any) -> None:
    """Write columns of an account."""
    await conn.execute(update(t.account).where(t.account.c.id == number).values(**values))


async def use_step(conn: AsyncConnection, number: int, step: int) -> bool:
    """Use up a step of the second factor; false where somebody has just used it."""
    condition = (t.account.c.id == number) & (func.coalesce(t.account.c.totp_step, -1) < step)
    done = await conn.execute(update(t.account).where(condition).values(totp_step=step))
    return done.rowcount == 1


async def grant(conn: AsyncConnection, number: int, role: Role, library: str | None) -> None:
    """Give a role. Raises `Unknown` for a library that is not there."""
    values = {"account_id": number, "role": role, "library_id": await _library(conn, library)}
    await conn.execute(insert(t.account_role).values(**values).on_conflict_do_nothing())


async def revoke(conn: AsyncConnection, number: int, role: Role, library: str | None) -> bool:
    """Take a role away; false where it was not held."""
    place = t.account_role.c.library_id.is_not_distinct_from(await _library(conn, library))
    held = (t.account_role.c.account_id == number) & (t.account_role.c.role == role) & place
    return (await conn.execute(delete(t.account_role).where(held))).rowcount > 0


async def _library(conn: AsyncConnection, code: str | None) -> int | None:
    if code is None:
        return None
    found = (await conn.execute(select(t.library.c.id).where(t.library.c.code == code))).scalar_one_or_none()
    if found is None:
        raise Unknown(f"there is no library {code!r}")
    return int(found)


async def administrators(conn: AsyncConnection) -> int:
    """Count the active administrators of the federation; locks them against each other's leaving."""
    rows = await conn.execute(
        select(t.account.c.id)
        .join(t.account_role, t.account_role.c.account_id == t.account.c.id)
        .where(
            t.account_role.c.role == Role.FEDERATION_ADMIN, t.account.c.active, t.account.c.demo.is_(False)
        )
        .with_for_update(of=t.account)
    )
    return len(rows.all())


async def add_link(
    conn: AsyncConnection,
    token: str,
    kind: LinkKind,
    email: str,
    expires: datetime,
    *,
    role: Role | None = None,
    library: str | None = None,
    account: int | None = None,
    made_by: int | None = None,
    hands_over: bool = False,
) -> None:
    """Keep a one-time link; an earlier one for the same thing ends."""
    place = await _library(conn, library)
    same = (
        (t.account_link.c.kind == kind)
        & (t.account_link.c.email == email)
        & t.account_link.c.role.is_not_distinct_from(role)
        & t.account_link.c.library_id.is_not_distinct_from(place)
    )
    await conn.execute(delete(t.account_link).where(same))
    await conn.execute(
        insert(t.account_link).values(
            token_hash=fingerprint(token),
            kind=kind,
            email=email,
            role=role,
            library_id=place,
            account_id=account,
            made_by=made_by,
            hands_over=hands_over,
            expires_at=expires,
        )
    )


async def link(conn: AsyncConnection, token: str, *, use: bool = False) -> Link | None:
    """Give a link that holds; `use` ends it."""
    found = await _links(conn, t.account_link.c.token_hash == fingerprint(token))
    if not found:
        return None
    if use:
        gone = await conn.execute(delete(t.account_link).where(t.account_link.c.id == found[0].id))
        if gone.rowcount != 1:
            return None
    return found[0]


async def open_links(conn: AsyncConnection) -> list[Link]:
    """Give the invitations that nobody has taken up yet."""
    return await _links(conn, t.account_link.c.kind == LinkKind.INVITATION)


async def end_link(conn: AsyncConnection, number: int) -> None:
    """End an invitation."""
    await conn.execute(delete(t.account_link).where(t.account_link.c.id == number))


async def end_links(conn: AsyncConnection, email: str) -> None:
    """End all links to an address."""
    await conn.execute(delete(t.account_link).where(func.lower(t.account_link.c.email) == email.lower()))


async def _links(conn: AsyncConnection, condition: ColumnElement[bool]) -> list[Link]:
    query = (
        select(t.account_link, t.library.c.code)
        .outerjoin(t.library, t.library.c.id == t.account_link.c.library_id)
        .where(condition, t.account_link.c.expires_at > func.now())
        .order_by(t.account_link.c.id.desc())
    )
    return [
        Link(
            id=row.id,
            kind=LinkKind(row.kind),
            email=row.email,
            role=Role(row.role) if row.role else None,
            library=row.code,
            account=row.account_id,
            made_by=row.made_by,
            hands_over=row.hands_over,
            expires=row.expires_at,
        )
        for row in await conn.execute(query)
    ]


async def audiences(conn: AsyncConnection, libraries: Collection[str] | None) -> frozenset[int]:
    """Give the audiences of libraries: their groups', their own; without libraries, all there are."""
    query = select(t.audience.c.id)
    if libraries is not None:
        theirs = select(t.library.c.id).where(t.library.c.code.in_(sorted(libraries)))
        groups = select(t.library_in_group.c.group_id).where(t.library_in_group.c.library_id.in_(theirs))
        query = query.where(t.audience.c.group_id.in_(groups) | t.audience.c.library_id.in_(theirs))
    return frozenset(int(row[0]) for row in await conn.execute(query))


async def owner_of_source(conn: AsyncConnection, code: str) -> str | None:
    """Name the library of a source."""
    query = select(t.library.c.code).join(t.source, t.source.c.library_id == t.library.c.id)
    return (await conn.execute(query.where(t.source.c.code == code))).scalar_one_or_none()


async def owner_of_upload(conn: AsyncConnection, number: UUID) -> str | None:
    """Name the library whose source a file was brought for."""
    query = (
        select(t.library.c.code)
        .join(t.source, t.source.c.library_id == t.library.c.id)
        .join(t.upload, t.upload.c.source_id == t.source.c.id)
    )
    return (await conn.execute(query.where(t.upload.c.id == number))).scalar_one_or_none()
