"""Which of a server's formats is fetched where the source says `auto`: chosen by namespace, never by name."""

from collections.abc import Sequence

from unioncat_harvester.reader import Offer

AUTO = "auto"
PREFERRED = (
    "http://www.loc.gov/MARC21/slim",
    "info:lc/xmlns/marcxchange-v1",
    "info:lc/xmlns/marcxchange-v2",
    "http://www.bs.dk/standards/MarcXchange",
    "http://www.openarchives.org/OAI/2.0/oai_dc/",
)
"""Best first: MARC 21 in XML, MarcXchange in its versions, Dublin Core."""
_USUAL_NAMES = ("marc21", "marcxml", "marc", "oai_marc21")


def choose(offers: Sequence[Offer]) -> Offer | None:
    """Give the best format of those offered; none if there is none that can be read.

    Of several with one namespace (servers offer MARC with and without items) the first offered wins, save
    that a usual name wins over a private one.
    """
    for namespace in PREFERRED:
        same = [offer for offer in offers if offer.namespace.strip().rstrip("/") == namespace.rstrip("/")]
        if same:
            return next((offer for offer in same if offer.name.lower() in _USUAL_NAMES), same[0])
    return None
