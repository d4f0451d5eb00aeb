"""How the records of each kind of system are read: shipped profiles, and those of single sources.

A profile is data. `HoldingMap` names subfields by their codes: several codes mean "the first that is there",
except in `status`, where "1=lost" gives the meaning of any value of that subfield that is not empty or 0,
and a code alone means a subfield that holds the status in words.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from unioncat.domain.source import HoldingMap, Profile, Source

_MARC21_852 = HoldingMap(
    tag="852",
    library="a",
    location="bc",
    shelf_mark="hj",
    shelf_suffix="i",
    item="p",
    volume="3",
    note="z",
)
_KOHA_952 = HoldingMap(
    tag="952",
    library="ab",
    location="c",
    shelf_mark="o",
    item="p",
    volume="h",
    status="0=lost 1=lost q=on-loan 7=reference",
    note="z",
)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile(name="marc21", holdings=(_MARC21_852,)),
            Profile(name="koha", holdings=(_KOHA_952,), drop_tags=("942", "999")),
            Profile(
                name="libol",
                holdings=(
                    HoldingMap(tag="852", library="a", location="b", shelf_mark="j", item="p", note="z"),
                ),
                # 911 and 912 are names of staff (personal data).
                drop_tags=("900", "907", "911", "912"),
                fixes=("shelf-mark-090",),
            ),
            Profile(
                name="nlv",
                holdings=(HoldingMap(tag="852", library="a", location="b", item="jp", note="z"),),
                drop_tags=("910", "920", "930", "941"),
                fixes=("shelf-mark-082",),
            ),
        )
    }
)
"""Shipped profiles by name."""

_BRANCH = "branch:"


_NO_TEXTS: Mapping[str, str] = {}


def profile_for(source: Source, texts: Mapping[str, str] = _NO_TEXTS) -> Profile:
    """Return the profile of a source, with its branch map: options `branch:VALUE` = library code.

    `texts` are profiles kept in the store, by name. Raises ValueError for a profile that does not exist.
    """
    try:
        profile = PROFILES[source.profile]
    except KeyError:
        raise ValueError(
            f"Source {source.code}: there is no profile {source.profile!r}. "
            f"Choose one of: {', '.join(PROFILES)}."
        ) from None
    branches = tuple(
        (key.removeprefix(_BRANCH), code) for key, code in source.options if key.startswith(_BRANCH)
    )
    return replace(profile, branches=profile.branches + branches) if branches else profile
