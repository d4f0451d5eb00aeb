"""Under which licence a source gives its records away, and which statements open what a link leads to.

Nothing is guessed: a source that has said nothing has said nothing, and a statement counts as open only where
every part of it names a licence that is.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class LicenceCode(StrEnum):
    """Licences of metadata by their SPDX identifiers, and two words for what has none."""

    UNKNOWN = "unknown"
    """The library has not said."""
    CC0 = "CC0-1.0"
    PDDL = "PDDL-1.0"
    CC_BY = "CC-BY-4.0"
    CC_BY_SA = "CC-BY-SA-4.0"
    CC_BY_NC = "CC-BY-NC-4.0"
    CC_BY_NC_SA = "CC-BY-NC-SA-4.0"
    CC_BY_ND = "CC-BY-ND-4.0"
    CC_BY_NC_ND = "CC-BY-NC-ND-4.0"
    ODC_BY = "ODC-By-1.0"
    ODBL = "ODbL-1.0"
    STATED = "stated"
    """No licence of this list: as the library says."""


_CC: Final = "https://creativecommons.org/"
_ODC: Final = "https://opendatacommons.org/licenses/"
_TEXTS: Final = {
    LicenceCode.CC0: _CC + "publicdomain/zero/1.0/",
    LicenceCode.PDDL: _ODC + "pddl/1-0/",
    LicenceCode.CC_BY: _CC + "licenses/by/4.0/",
    LicenceCode.CC_BY_SA: _CC + "licenses/by-sa/4.0/",
    LicenceCode.CC_BY_NC: _CC + "licenses/by-nc/4.0/",
    LicenceCode.CC_BY_NC_SA: _CC + "licenses/by-nc-sa/4.0/",
    LicenceCode.CC_BY_ND: _CC + "licenses/by-nd/4.0/",
    LicenceCode.CC_BY_NC_ND: _CC + "licenses/by-nc-nd/4.0/",
    LicenceCode.ODC_BY: _ODC + "by/1-0/",
    LicenceCode.ODBL: _ODC + "odbl/1-0/",
}
LONGEST_WORDS: Final = 500
"""Characters of what a library says of its records in its own words."""


@dataclass(frozen=True, slots=True)
class Licence:
    """What a source says of the use of its records; `words` are the library's own."""

    code: LicenceCode = LicenceCode.UNKNOWN
    words: str = ""

    def __post_init__(self) -> None:
        """Hold that `stated` says something and `unknown` nothing. Raises `ValueError`."""
        if self.code is LicenceCode.STATED and not self.words:
            raise ValueError("the licence `stated` needs the words of the library")
        if self.code is LicenceCode.UNKNOWN and self.words:
            raise ValueError("words of the library need a licence: name one, or `stated`")
        if len(self.words) > LONGEST_WORDS:
            raise ValueError(f"the words of a licence are at most {LONGEST_WORDS} characters long")

    @property
    def url(self) -> str | None:
        """Give the address of the licence's text, where it has one."""
        return _TEXTS.get(self.code)


UNSTATED: Final = Licence()
"""Nothing has been said."""
_NAMED = re.compile(
    r"creativecommons\.org/(?:licenses|publicdomain)/(?P<path>[a-z-]+)"
    r"|\bcc[ -]?(?P<zero>0)(?![0-9])"
    r"|\bcc[ -](?P<short>by(?:[ -](?:nc|nd|sa))*)\b"
    r"|\b(?P<words>creative commons attribution|public domain|thuộc về công chúng)\b"
)
_OPEN: Final = {"zero", "mark", "by", "by-sa"}
_CLOSED = re.compile(
    r"\b(?:không|khong|nội bộ|noi bo|hạn chế|han che|mật|not|only|nc|nd|ncsa|ncnd)\b"
    r"|restrict|closed|embargo|non.?commercial|no.?deriv|phi thương mại"
)


def is_open(statement: str | None) -> bool:
    """Tell whether a statement gives a thing free: public domain, CC0, CC BY or CC BY-SA throughout.

    Parts are divided by semicolons. One part without such a licence, or one word of restriction, and the
    answer is no: a link that is wrongly called free costs somebody more than one that is not.
    """
    if not statement:
        return False
    text = statement.casefold()
    if _CLOSED.search(text):
        return False
    for part in filter(None, map(str.strip, text.split(";"))):
        named = [
            (one["path"] or one["short"] or "zero").replace(" ", "-").strip("-")
            for one in _NAMED.finditer(part)
        ]
        if not named or not _OPEN.issuperset(named):
            return False
    return True
