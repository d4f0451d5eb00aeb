"""Profiles that a federation keeps beside the shipped ones, as the TOML texts that people wrote."""

from sqlalchemy import Column, Table, Text

from unioncat.store.tables.base import metadata, moment

profile = Table(
    "profile",
    metadata,
    Column("name", Text, primary_key=True),
    Column("text", Text, nullable=False),
    moment("saved_at", default=True),
)
