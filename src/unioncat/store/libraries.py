"""Member libraries, groups, provinces and audiences. Codes are what people see; numbers stay in here."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import msgspec
from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audience import Audience, Viewer
from unioncat.domain.library import Contact, Group, GroupMode, Level, Library, LibraryType, Parent, Province
from unioncat.store import tables as t
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.visibility import visible


async def save_province(conn: AsyncConnection, place: Province) -> None:
    """Add a province, or put its facts right."""
    values = {
        "key": place.key,
        "code": place.code,
        "name_vi": place.name_vi,
        "name_en": place.name_en,
        "valid_from": place.valid_from,
        "valid_to": place.valid_to,
        "successor_key": place.successor,
        "lat": place.lat,
        "lon": place.lon,
    }
    await conn.execute(
        insert(t.province).values(values).on_conflict_do_update(index_elements=["key"], set_=values)
    )


async def provinces(conn: AsyncConnection) -> list[Province]:
    """Give all provinces of all periods, by key."""
    return [
        Province(
            key=row.key,
            code=row.code,
            name_vi=row.name_vi,
            name_en=row.name_en,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            successor=row.successor_key,
            lat=row.lat,
            lon=row.lon,
        )
        for row in await conn.execute(select(t.province).order_by(t.province.c.key))
    ]


async def save_group(conn: AsyncConnection, group: Group) -> None:
    """Add a group, or put its names right."""
    values = asdict(group)
    await conn.execute(
        insert(t.library_group).values(values).on_conflict_do_update(index_elements=["code"], set_=values)
    )


async def groups(conn: AsyncConnection) -> list[Group]:
    """Give all groups, by code."""
    return [
        Group(code=row.code, name_vi=row.name_vi, name_en=row.name_en, mode=GroupMode(row.mode))
        for row in await conn.execute(select(t.library_group).order_by(t.library_group.c.code))
    ]


async def save_audience(conn: AsyncConnection, circle: Audience) -> Audience:
    """Add an audience for a group (number 0 is everybody's and stands from the start)."""
    group_id = await _group_id(conn, circle.group) if circle.group else None
    number = circle.id or int((await conn.execute(select(func.max(t.audience.c.id)))).scalar_one() or 0) + 1
    values = {
        "code": circle.code,
        "name_vi": circle.name_vi,
        "name_en": circle.name_en,
        "group_id": group_id,
    }
    saved = (
        await conn.execute(
            insert(t.audience)
            .values(id=number, **values)
            .on_conflict_do_update(index_elements=["code"], set_=values)
            .returning(t.audience.c.id)
        )
    ).scalar_one()
    return Audience(saved, circle.code, circle.name_vi, circle.name_en, circle.group)


async def audiences(conn: AsyncConnection) -> list[Audience]:
    """Give all audiences, by number."""
    query = (
        select(t.audience, t.library_group.c.code.label("group_code"))
        .outerjoin(t.library_group)
        .order_by(t.audience.c.id)
    )
    return [
        Audience(row.id, row.code, row.name_vi, row.name_en, row.group_code)
        for row in await conn.execute(query)
    ]


async def _group_id(conn: AsyncConnection, code: str) -> int:
    found = (
        await conn.execute(select(t.library_group.c.id).where(t.library_group.c.code == code))
    ).scalar_one_or_none()
    if found is None:
        raise Unknown(f"there is no group {code!r}", "Add the group first, or correct its code.")
    return int(found)


async def library_id(conn: AsyncConnection, code: str) -> int:
    """Give a library's number. Raises `Unknown`."""
    found = (await conn.execute(select(t.library.c.id).where(t.library.c.code == code))).scalar_one_or_none()
    if found is None:
        raise _unknown(code)
    return int(found)


def _unknown(code: str) -> Unknown:
    return Unknown(f"there is no library {code!r}", "Add the library first, or correct its code.")


async def save_library(conn: AsyncConnection, library: Library) -> Library:
    """Add a library, or put its facts right, parents and groups included. Raises `Unknown`, `Conflict`."""
    if library.province is not None:
        known = select(t.province.c.key).where(t.province.c.key == library.province)
        if (await conn.execute(known)).first() is None:
            raise Unknown(f"there is no province {library.province!r}", "Give the key of a province.")
    if library.code == library.successor or library.code in {parent.code for parent in library.parents}:
        raise Conflict(f"library {library.code!r} cannot be its own parent or successor")
    values: dict[str, Any] = {
        "code": library.code,
        "name_vi": library.name_vi,
        "name_en": library.name_en,
        "type": library.type,
        "level": library.level,
        "province_key": library.province,
        "lat": library.lat,
        "lon": library.lon,
        "contact": asdict(library.contact),
        "isil": library.isil,
        "valid_from": library.valid_from,
        "valid_to": library.valid_to,
        "successor_id": await library_id(conn, library.successor) if library.successor else None,
        "audience_id": library.audience,
    }
    number = (
        await conn.execute(
            insert(t.library)
            .values(values)
            .on_conflict_do_update(index_elements=["code"], set_=values)
            .returning(t.library.c.id)
        )
    ).scalar_one()
    await conn.execute(delete(t.library_parent).where(t.library_parent.c.library_id == number))
    for parent in library.parents:
        await conn.execute(
            t.library_parent.insert().values(
                library_id=number,
                parent_id=await library_id(conn, parent.code),
                valid_from=parent.valid_from,
                valid_to=parent.valid_to,
            )
        )
    await conn.execute(delete(t.library_in_group).where(t.library_in_group.c.library_id == number))
    for code in library.groups:
        await conn.execute(
            t.library_in_group.insert().values(library_id=number, group_id=await _group_id(conn, code))
        )
    return await _one(conn, t.library.c.id == number)


def _query(viewer: Viewer | None = None) -> Select[Any]:
    """Ask for libraries; for a viewer, with the parents and successors only that this viewer may know of."""
    other = t.library.alias("other")
    member = (
        select(func.array_agg(t.library_group.c.code))
        .select_from(t.library_in_group.join(t.library_group))
        .where(t.library_in_group.c.library_id == t.library.c.id)
        .scalar_subquery()
    )
    parents = (
        select(
            func.jsonb_agg(
                func.jsonb_build_object(
                    "code",
                    other.c.code,
                    "valid_from",
                    t.library_parent.c.valid_from,
                    "valid_to",
                    t.library_parent.c.valid_to,
                )
            )
        )
        .select_from(t.library_parent.join(other, other.c.id == t.library_parent.c.parent_id))
        .where(t.library_parent.c.library_id == t.library.c.id)
    )
    next_ = t.library.alias("next")
    successor = select(next_.c.code).where(next_.c.id == t.library.c.successor_id)
    if viewer is not None:
        parents = parents.where(visible(other.c.audience_id, viewer))
        successor = successor.where(visible(next_.c.audience_id, viewer))
    return select(
        t.library,
        member.label("groups"),
        parents.scalar_subquery().label("parents"),
        successor.scalar_subquery().label("successor"),
    )


def _library(row: Any) -> Library:
    return Library(
        code=row.code,
        name_vi=row.name_vi,
        name_en=row.name_en,
        type=LibraryType(row.type),
        level=Level(row.level),
        province=row.province_key,
        parents=tuple(msgspec.convert(parent, Parent) for parent in row.parents or ()),
        groups=tuple(sorted(row.groups or ())),
        lat=row.lat,
        lon=row.lon,
        contact=msgspec.convert(row.contact, Contact),
        isil=row.isil,
        audience=row.audience_id,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        successor=row.successor,
        id=row.id,
    )


async def _one(conn: AsyncConnection, condition: Any) -> Library:
    return _library((await conn.execute(_query().where(condition))).one())


async def library(conn: AsyncConnection, viewer: Viewer, code: str) -> Library | None:
    """Give one library, or none where it is not there for this viewer."""
    query = _query(viewer).where(t.library.c.code == code, visible(t.library.c.audience_id, viewer))
    row = (await conn.execute(query)).one_or_none()
    return _library(row) if row else None


async def must_know(conn: AsyncConnection, viewer: Viewer, codes: Collection[str]) -> None:
    """Let only libraries be named that the viewer may see. Raises `Unknown`, as for one that is not there."""
    known = {one.code for one in await libraries(conn, viewer, include_ended=True)} if codes else set()
    for code in codes:
        if code not in known:
            raise _unknown(code)


async def libraries(conn: AsyncConnection, viewer: Viewer, *, include_ended: bool = False) -> list[Library]:
    """Give the libraries that this viewer may know of, by code."""
    query = _query(viewer).where(visible(t.library.c.audience_id, viewer)).order_by(t.library.c.code)
    if not include_ended:
        query = query.where((t.library.c.valid_to.is_(None)) | (t.library.c.valid_to >= func.current_date()))
    return [_library(row) for row in await conn.execute(query)]


async def all_libraries(conn: AsyncConnection) -> list[Library]:
    """Give every library, for the service's own work; nothing of it may reach a viewer unfiltered."""
    return [_library(row) for row in await conn.execute(_query().order_by(t.library.c.code))]


async def owners(conn: AsyncConnection) -> dict[str, tuple[int, int]]:
    """Give number and audience of each library code, for the service's own work."""
    query = select(t.library.c.code, t.library.c.id, t.library.c.audience_id)
    return {row.code: (row.id, row.audience_id) for row in await conn.execute(query)}
