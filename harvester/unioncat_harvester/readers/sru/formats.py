"""Which of a server's schemas is asked for where the source says `auto`: by identifier, then by name."""

from collections.abc import Sequence

from unioncat_harvester.reader import Offer

MARC21 = "marc21"
"""What a source's format is if nobody says anything: no usual name of a schema."""
PREFERRED = (
    ("marcxml", "info:srw/schema/1/marcxml", "http://www.loc.gov/MARC21/slim"),
    ("marcxchange", "info:lc/xmlns/marcxchange", "http://www.bs.dk/standards/MarcXchange"),
    ("mods", "info:srw/schema/1/mods", "http://www.loc.gov/mods"),
    ("dc", "info:srw/schema/1/dc", "http://purl.org/dc/", "info:srw/schema/1/dc-v1.1"),
)
"""Best first: a usual name, and beginnings of identifiers."""
TRIED = ("marcxml", "info:srw/schema/1/marcxml-v1.1", "mods", "dc")
"""Asked for in turn of a server that does not list its schemas."""


def choose(offers: Sequence[Offer]) -> Offer | None:
    """Give the best schema of those listed; none if there is none that can be read.

    Of several alike (servers list versions of one schema) the one of the usual name wins, then the first.
    """
    for name, *beginnings in PREFERRED:
        same = [one for one in offers if one.namespace.strip().startswith(tuple(beginnings))]
        same = same or [one for one in offers if one.name.lower().startswith(name)]
        if same:
            return next((one for one in same if one.name.lower() == name), same[0])
    return None
