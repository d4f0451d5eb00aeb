"""Fields of MARC that usually carry holdings: searched for in bytes at a first look, never interpreted."""

from collections.abc import Mapping

HOLDINGS: Mapping[str, str] = {
    "952": "Koha's items",
    "852": "MARC 21 locations",
    "866": "MARC 21 textual holdings",
    "876": "MARC 21 items",
    "949": "local items of several systems",
    "995": "UNIMARC items",
    "930": "UNIMARC or Aleph locations",
}
"""Tags, and what they are in words."""
