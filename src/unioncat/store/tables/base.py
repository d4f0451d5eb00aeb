"""What all tables share: one metadata with named constraints, and the types used everywhere."""

from sqlalchemy import Column, DateTime, MetaData, SmallInteger, func
from sqlalchemy.schema import ForeignKey

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def moment(name: str, *, default: bool = False, nullable: bool = False) -> Column[object]:
    """A point in time with zone; `default` fills in the time of the transaction."""
    return Column(
        name, DateTime(timezone=True), nullable=nullable, server_default=func.now() if default else None
    )


def audience_column() -> Column[int]:
    """The audience of a row; on every table whose rows somebody may have to be kept from."""
    return Column("audience_id", SmallInteger, ForeignKey("audience.id"), nullable=False, server_default="0")
