"""The readers, one for each protocol; they are independent of each other."""

from collections.abc import Callable, Mapping

from unioncat.domain.source import Protocol, Source
from unioncat_harvester.reader import Comparing, Reader, SourceError
from unioncat_harvester.readers.files import FilesReader
from unioncat_harvester.readers.oaipmh import OaiPmhReader
from unioncat_harvester.readers.sru import SruReader
from unioncat_harvester.readers.z3950 import Z3950Reader
from unioncat_harvester.surroundings import Surroundings

READERS: Mapping[Protocol, Callable[[Source, Surroundings], Reader]] = {
    Protocol.OAI_PMH: OaiPmhReader,
    Protocol.FILES: FilesReader,
    Protocol.Z3950: Z3950Reader,
    Protocol.SRU: SruReader,
}
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


def compares(source: Source) -> bool:
    """Tell whether a source's reader can list identifiers alone."""
    make = READERS.get(source.protocol)
    return isinstance(make, type) and issubclass(make, Comparing)


def rereads(source: Source) -> bool:
    """Tell whether a source tells what changed, but neither what is deleted nor what there is by name."""
    return source.protocol in (Protocol.SRU, Protocol.Z3950)


def whole_only(source: Source) -> bool:
    """Tell whether a source knows no dates, so that every harvest fetches all of it."""
    options = dict(source.options)
    if rereads(source):
        return not options.get("changed")
    return options.get("selective") == "no"
