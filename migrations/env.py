"""Runs migrations over the address that `unioncat.store.migrate` hands in."""

from typing import Any

from alembic import context
from sqlalchemy import Connection

from unioncat.store.tables import metadata


def own(object_: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Leave the job queue's own tables alone."""
    return not (kind == "table" and reflected and other is None and str(name).startswith("pgqueuer"))


def run(connection: Connection) -> None:
    """Run inside one transaction; the templates preset lock_timeout."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        compare_server_default=True,
        include_object=own,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
