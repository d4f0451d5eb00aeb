"""The readers, one for each protocol; they are independent of each other."""

from collections.abc import Callable, Mapping

from unioncat.domain.source import Protocol, Source
from unioncat_harvester.reader import Reader, SourceError
from unioncat_harvester.readers.oaipmh import OaiPmhReader
from unioncat_harvester.surroundings import Surroundings

READERS: Mapping[Protocol, Callable[[Source, Surroundings], Reader]] = {Protocol.OAI_PMH: OaiPmhReader}
"""What reads which protocol."""


def open_reader(source: Source, surroundings: Surroundings) -> Reader:
    """Make the reader of a source. Raises `SourceError` for a protocol or option that is not known."""
    make = READERS.get(source.protocol)
    if make is None:
        known = ", ".join(READERS)
        raise SourceError(
            f"protocol {source.protocol} cannot be read",
            f"Register the source with one of: {known}.",
            source=source.code,
        )
    return make(source, surroundings)
