"""How the records of each kind of system are read: the profiles shipped here, and those of a federation.

A profile is data, a TOML text. `HoldingMap` names subfields by their codes: several codes mean "the first
that is there", except in `status`, where "1=lost" gives the meaning of any value of that subfield that is not
empty or 0, and a code alone means a subfield that holds the status in words.
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from types import MappingProxyType

from unioncat.domain.source import Profile, Source
from unioncat.normalise.profiles.reading import (
    FIXES,
    FORMATS,
    FORMS,
    KEYS,
    ProfileError,
    profile_name,
    read_profile,
)

__all__ = [
    "FIXES",
    "FORMATS",
    "FORMS",
    "KEYS",
    "PROFILES",
    "PROFILE_TEXTS",
    "ProfileError",
    "load_profile",
    "profile_for",
    "profile_name",
]

PROFILE_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        one.name.removesuffix(".toml"): one.read_text("utf-8")
        for one in sorted(files(__name__).iterdir(), key=lambda one: one.name)
        if one.name.endswith(".toml")
    }
)
"""The texts of the shipped profiles by name."""


def _shipped(name: str) -> Profile | None:
    text = PROFILE_TEXTS.get(name)
    return read_profile(text, name, _shipped) if text is not None else None


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {name: read_profile(text, name, _shipped) for name, text in PROFILE_TEXTS.items()}
)
"""The shipped profiles by name."""

_BRANCH = "branch:"
_COLUMN = "column:"
_NO_TEXTS: Mapping[str, str] = MappingProxyType({})


def load_profile(text: str, name: str) -> Profile:
    """Read a federation's own profile, which may be based on a shipped one. Raises `ProfileError`."""
    if name in PROFILE_TEXTS:
        raise ProfileError(
            name, "there is a shipped profile of this name", f'Choose another name, with `base = "{name}"`.'
        )
    return read_profile(text, name, _shipped)


def profile_for(source: Source, texts: Mapping[str, str] = _NO_TEXTS) -> Profile:
    """Return the profile of a source with what the source's own options say.

    Options: `branch:VALUE` = library code, `column:HEADING` = field of a table, `encoding` = name of an old
    encoding. `texts` are profiles kept in the store, by name. Raises ValueError for a profile that does not
    exist.
    """
    if source.profile in PROFILES:
        profile = PROFILES[source.profile]
    elif source.profile in texts:
        profile = load_profile(texts[source.profile], source.profile)
    else:
        raise ValueError(
            f"Source {source.code}: there is no profile {source.profile!r}. "
            f"Choose one of: {', '.join(sorted({*PROFILES, *texts}))}."
        )
    branches = _options(source, _BRANCH)
    columns = _options(source, _COLUMN)
    encoding = dict(source.options).get("encoding") or profile.encoding
    if not branches and not columns and encoding == profile.encoding:
        return profile
    return replace(
        profile,
        encoding=encoding,
        branches=profile.branches + branches,
        columns=tuple({**dict(profile.columns), **dict(columns)}.items()),
    )


def _options(source: Source, prefix: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        [(key.removeprefix(prefix), value) for key, value in source.options if key.startswith(prefix)]
    )
