"""The list of libraries to be won, and how far each has come: derived from what is there, in one query."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.library import Level, LibraryType
from unioncat.domain.onboarding import Expected, Goal, Progress, Stage
from unioncat.store import tables as t
from unioncat.store.errors import Unknown
from unioncat.store.registrations import secret_hash

_STAGES = text("""
WITH harvested AS (
  SELECT s.library_id, bool_or(true) AS done FROM source s
  WHERE EXISTS (SELECT FROM harvest_run r WHERE r.source_id = s.id AND r.state = 'published')
  GROUP BY s.library_id),
branched AS (
  SELECT DISTINCT o.value AS code FROM source s, jsonb_each_text(s.options) o
  WHERE o.key LIKE 'branch:%'
    AND EXISTS (SELECT FROM harvest_run r WHERE r.source_id = s.id AND r.state = 'published')),
own AS (
  SELECT s.library_id, sum(q.records) AS records FROM quality_report q JOIN source s ON s.id = q.source_id
  GROUP BY s.library_id),
held AS (
  SELECT h.library_id, count(DISTINCT h.record_id) AS records FROM holding h
  WHERE h.library_id NOT IN (SELECT library_id FROM own) GROUP BY h.library_id),
known AS (
  SELECT l.code, l.name_vi, l.name_en, l.province_key, l.id AS library_id, g.code AS group_code,
         NULL::timestamptz AS invited_at
  FROM library l
  LEFT JOIN library_in_group i ON i.library_id = l.id LEFT JOIN library_group g ON g.id = i.group_id
  WHERE coalesce(l.valid_to, 'infinity') >= current_date
  UNION ALL
  SELECT e.code, e.name_vi, e.name_en, e.province_key, NULL, g.code, e.invited_at FROM expected_library e
  LEFT JOIN library_group g ON g.id = e.group_id
  WHERE NOT EXISTS (SELECT FROM library l WHERE l.code = e.code))
SELECT k.code, k.name_vi, k.name_en, k.province_key, k.group_code, k.invited_at, k.library_id,
       coalesce(o.records, d.records, 0) AS records,
       k.library_id IS NOT NULL AND (
         EXISTS (SELECT FROM source s JOIN bib_record r ON r.source_id = s.id
                 JOIN cluster_member m ON m.record_id = r.id
                 WHERE s.library_id = k.library_id AND NOT r.deleted)
         OR EXISTS (SELECT FROM holding h JOIN cluster_member m ON m.record_id = h.record_id
                    WHERE h.library_id = k.library_id)) AS live,
       coalesce(v.done, false) OR b.code IS NOT NULL AS harvested,
       (SELECT max(r.id) FROM registration r WHERE r.expected_code = k.code OR r.library_code = k.code)
         AS registration
FROM known k
LEFT JOIN harvested v ON v.library_id = k.library_id
LEFT JOIN branched b ON b.code = k.code
LEFT JOIN own o ON o.library_id = k.library_id
LEFT JOIN held d ON d.library_id = k.library_id
ORDER BY k.group_code NULLS LAST, k.code
""")


async def progress(conn: AsyncConnection) -> list[Progress]:
    """Give every library of the list and every member with its stage; one line for each of its groups."""
    return [_progress(row) for row in await conn.execute(_STAGES)]


def _progress(row: Row[Any]) -> Progress:
    if row.library_id is None:
        stage = Stage.INVITED if row.invited_at else Stage.EXPECTED
    elif row.live:
        stage = Stage.LIVE
    else:
        stage = Stage.HARVESTED if row.harvested else Stage.REGISTERED
    return Progress(
        code=row.code,
        name_vi=row.name_vi,
        name_en=row.name_en,
        group=row.group_code,
        province=row.province_key,
        stage=stage,
        invited=row.invited_at,
        registration=row.registration,
        records=int(row.records),
        member=row.library_id is not None,
    )


async def save_expected(conn: AsyncConnection, wanted: Sequence[Expected]) -> None:
    """Add libraries to the list, or put their facts right. Raises `Unknown` for a group that is not there."""
    groups = {
        row.code: row.id for row in await conn.execute(select(t.library_group.c.code, t.library_group.c.id))
    }
    for one in wanted:
        if one.group is not None and one.group not in groups:
            raise Unknown(f"there is no group {one.group!r}", "Add the group first, or correct its code.")
        values = {
            "code": one.code,
            "name_vi": one.name_vi,
            "name_en": one.name_en,
            "type": one.type,
            "level": one.level,
            "province_key": one.province,
            "group_id": groups[one.group] if one.group else None,
            "email": one.email,
        }
        await conn.execute(
            insert(t.expected_library)
            .values(values)
            .on_conflict_do_update(index_elements=["code"], set_=values)
        )


async def expected(conn: AsyncConnection, code: str) -> Expected:
    """Give a library of the list. Raises `Unknown`."""
    row = (await conn.execute(_query().where(t.expected_library.c.code == code))).one_or_none()
    if row is None:
        raise Unknown(f"{code!r} is not on the list of libraries to be won", "Add it to the list first.")
    return _expected(row)


async def by_invitation(conn: AsyncConnection, secret: str) -> Expected | None:
    """Give the library that an invitation was made for; none where there is none."""
    query = _query().where(t.expected_library.c.invite_hash == secret_hash(secret))
    row = (await conn.execute(query)).one_or_none()
    return _expected(row) if row else None


def _query() -> Any:
    return select(t.expected_library, t.library_group.c.code.label("group_code")).outerjoin(t.library_group)


def _expected(row: Row[Any]) -> Expected:
    return Expected(
        code=row.code,
        name_vi=row.name_vi,
        name_en=row.name_en,
        type=LibraryType(row.type),
        level=Level(row.level),
        province=row.province_key,
        group=row.group_code,
        email=row.email,
    )


async def invite(conn: AsyncConnection, code: str, secret: str) -> None:
    """Note that a library was invited; an older invitation opens nothing any more. Raises `Unknown`."""
    done = await conn.execute(
        update(t.expected_library)
        .where(t.expected_library.c.code == code)
        .values(invited_at=func.now(), invite_hash=secret_hash(secret))
    )
    if done.rowcount == 0:
        raise Unknown(f"{code!r} is not on the list of libraries to be won", "Add it to the list first.")


async def strike(conn: AsyncConnection, code: str) -> None:
    """Take a library off the list. Raises `Unknown`."""
    gone = await conn.execute(delete(t.expected_library).where(t.expected_library.c.code == code))
    if gone.rowcount == 0:
        raise Unknown(f"{code!r} is not on the list of libraries to be won")


async def goals(conn: AsyncConnection) -> list[Goal]:
    """Give all goals, the nearest first."""
    query = (
        select(t.onboarding_goal, t.library_group.c.code)
        .outerjoin(t.library_group)
        .order_by(t.onboarding_goal.c.due, t.library_group.c.code)
    )
    return [Goal(row.due, row.libraries, row.code) for row in await conn.execute(query)]


async def set_goal(conn: AsyncConnection, group: str | None, due: date, count: int) -> None:
    """Set a goal; a count of 0 takes it away. Raises `Unknown`."""
    number = None
    if group is not None:
        query = select(t.library_group.c.id).where(t.library_group.c.code == group)
        number = (await conn.execute(query)).scalar_one_or_none()
        if number is None:
            raise Unknown(f"there is no group {group!r}", "Add the group first, or correct its code.")
    mine = t.onboarding_goal.c.group_id.is_not_distinct_from(number)
    await conn.execute(delete(t.onboarding_goal).where(mine, t.onboarding_goal.c.due == due))
    if count:
        await conn.execute(t.onboarding_goal.insert().values(group_id=number, due=due, libraries=count))
