"""A federation's own profiles: texts by name. What they mean is nobody's business here."""

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.store import tables as t


async def save_profile(conn: AsyncConnection, name: str, text: str) -> None:
    """Add a profile, or put another text in its place."""
    values = {"name": name, "text": text}
    await conn.execute(
        insert(t.profile)
        .values(values)
        .on_conflict_do_update(index_elements=["name"], set_={"text": text, "saved_at": func.now()})
    )


async def profile_text(conn: AsyncConnection, name: str) -> str | None:
    """Give the text of one profile, or none."""
    query = select(t.profile.c.text).where(t.profile.c.name == name)
    return (await conn.execute(query)).scalar_one_or_none()


async def profiles(conn: AsyncConnection) -> dict[str, str]:
    """Give the texts of all profiles by name."""
    query = select(t.profile.c.name, t.profile.c.text).order_by(t.profile.c.name)
    return {row.name: row.text for row in await conn.execute(query)}


async def delete_profile(conn: AsyncConnection, name: str) -> bool:
    """Delete a profile; tell whether it was there."""
    return (await conn.execute(delete(t.profile).where(t.profile.c.name == name))).rowcount > 0


async def sources_with(conn: AsyncConnection, name: str) -> list[str]:
    """Give the codes of the sources that are read by a profile."""
    query = select(t.source.c.code).where(t.source.c.profile == name).order_by(t.source.c.code)
    return list((await conn.execute(query)).scalars())
