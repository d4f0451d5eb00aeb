"""OAI-PMH 2.0 data provider over a small `Repository` port.

The provider knows the protocol and nothing of where records come from; a repository knows its records and
nothing of the protocol.
"""

from unioncat_api.protocols.oaipmh.errors import ErrorCode, OaiError
from unioncat_api.protocols.oaipmh.mapped import MappedRepository, build_mapped
from unioncat_api.protocols.oaipmh.memory import MemoryRepository, StoredItem, tombstone
from unioncat_api.protocols.oaipmh.provider import Provider
from unioncat_api.protocols.oaipmh.repository import (
    DUBLIN_CORE,
    MARCXML,
    DeletedRecords,
    Format,
    Granularity,
    Identity,
    Item,
    Key,
    Repository,
    Selection,
    SetInfo,
)
from unioncat_api.protocols.oaipmh.routes import Choose, oai_routes

__all__ = [
    "DUBLIN_CORE",
    "MARCXML",
    "Choose",
    "DeletedRecords",
    "ErrorCode",
    "Format",
    "Granularity",
    "Identity",
    "Item",
    "Key",
    "MappedRepository",
    "MemoryRepository",
    "OaiError",
    "Provider",
    "Repository",
    "Selection",
    "SetInfo",
    "StoredItem",
    "build_mapped",
    "oai_routes",
    "tombstone",
]
