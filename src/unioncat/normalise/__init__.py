"""From raw records of members to `BibRecord` and `Holding`: MARC 21 in any wrapping, and Dublin Core.

Pure: the same payload and profile always give the same result, so that raw records can be replayed.
"""

from unioncat.normalise.entry import NORMALISER_VERSION, normalise
from unioncat.normalise.iso2709 import decode_iso2709, split_iso2709
from unioncat.normalise.marcxml import to_marcxml
from unioncat.normalise.profiles import PROFILES, profile_for
from unioncat.normalise.record import MarcRecord, Unreadable

__all__ = [
    "NORMALISER_VERSION",
    "PROFILES",
    "MarcRecord",
    "Unreadable",
    "decode_iso2709",
    "normalise",
    "profile_for",
    "split_iso2709",
    "to_marcxml",
]
