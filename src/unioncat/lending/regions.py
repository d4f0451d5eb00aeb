"""How far two provinces are apart, in the bands that postage knows; by the 34 provinces since 1 July 2025.

A province that is not in the table is far from every other: nothing is guessed from its name.
"""

from collections.abc import Mapping
from enum import IntEnum

REGIONS: Mapping[str, tuple[str, ...]] = {
    "northern-mountains": ("04", "08", "11", "12", "14", "15", "19", "20", "25"),
    "red-river-delta": ("01", "22", "24", "31", "33", "37"),
    "north-central": ("38", "40", "42", "44", "46"),
    "south-central-and-highlands": ("48", "51", "52", "56", "66", "68"),
    "south-east": ("75", "79", "80"),
    "mekong-delta": ("82", "86", "91", "92", "96"),
}
"""The six socio-economic regions of the planning of 2025, by the provinces' official codes."""
_REGION_OF = {code: region for region, codes in REGIONS.items() for code in codes}


class Band(IntEnum):
    """Zones of postage (nội tỉnh, nội vùng, liên vùng)."""

    PROVINCE = 0
    REGION = 1
    FAR = 2


def region_of(province: str | None) -> str | None:
    """Name the region of a province, by its official code of 2025."""
    return _REGION_OF.get(province or "")


def band(one: str | None, other: str | None) -> Band:
    """Tell how far two provinces are apart; where one is not known, far."""
    if one and one == other:
        return Band.PROVINCE
    region = region_of(one)
    return Band.REGION if region is not None and region == region_of(other) else Band.FAR
