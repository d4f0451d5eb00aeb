"""Empty database -> head equals the tables in code."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from unioncat.store.migrate import upgrade
from unioncat.store.tables import metadata


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "compare_server_default": True,
            "include_object": lambda o, name, kind, reflected, other: (
                not (reflected and other is None and str(name).startswith("pgqueuer"))
            ),
        },
    )
    return compare_metadata(context, metadata)


async def test_migrations_lead_to_the_schema_in_code(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_a_second_upgrade_finds_nothing_to_do(url: str) -> None:
    assert await upgrade(url) is False
