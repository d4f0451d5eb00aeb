"""From raw records of members to `BibRecord` and `Holding`: MARC 21 and UNIMARC in any
wrapping, MODS, Dublin Core, and rows of tables.

Pure: the same payload and profile always give the same result, so that raw records can be replayed.
"""

from unioncat.normalise.divide import divide
from unioncat.normalise.entry import NORMALISER_VERSION, normalise
from unioncat.normalise.iso2709 import decode_iso2709, split_iso2709
from unioncat.normalise.marcxml import to_marcxml
from unioncat.normalise.profiles import (
    PROFILE_TEXTS,
    PROFILES,
    ProfileError,
    load_profile,
    profile_for,
    profile_name,
)
from unioncat.normalise.record import MarcRecord, Unreadable
from unioncat.normalise.written import written

__all__ = [
    "NORMALISER_VERSION",
    "PROFILES",
    "PROFILE_TEXTS",
    "MarcRecord",
    "ProfileError",
    "Unreadable",
    "decode_iso2709",
    "divide",
    "load_profile",
    "normalise",
    "profile_for",
    "profile_name",
    "split_iso2709",
    "to_marcxml",
    "written",
]
