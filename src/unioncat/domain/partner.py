"""Systems of other libraries that speak ISO 18626 with this one, and the log of what was said.

A partner speaks only for its own agencies. Its token is kept as a hash; what we send it with is sealed.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from unioncat.domain.target import endpoint

TOKEN_BEGINNING = "ucp_"  # noqa: S105 - the mark by which such a token is known, no secret
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}\Z")
VERSIONS = ("1.2", "2021-2")
MODES = ("transparent", "opaque")


@dataclass(frozen=True, slots=True)
class AgencyOf:
    """An agency of a partner; with a library where it is a member that has a system of its own."""

    type: str
    value: str
    library: str | None = None

    @property
    def symbol(self) -> str:
        """Name it in one word: `isil:vn-nlv`."""
        return f"{self.type}:{self.value}".lower()

    @classmethod
    def of(cls, text: str, library: str | None = None) -> "AgencyOf":
        """Read `ISIL:VN-NLV`; without a kind it is an ISIL. Raises ValueError."""
        kind, mark, value = text.strip().partition(":")
        if not mark:
            kind, value = "ISIL", kind
        if not kind or not value or not text.isprintable() or len(text) > 100 or " " in text.strip():
            raise ValueError(f"{text[:40]!r} is no agency; write one as ISIL:VN-NLV")
        return cls(kind, value, library)


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner system."""

    code: str
    name: str
    address: str | None = None
    """Where its messages go; none: it only sends."""
    version: str = "2021-2"
    mode: str = "transparent"
    quirks: tuple[str, ...] = ()
    agencies: tuple[AgencyOf, ...] = ()
    certificate: str | None = None
    """SHA-256 of its client certificate, 64 hexadecimal digits."""
    active: bool = True
    has_token: bool = False
    """Whether it was given a token to send in with."""
    has_credentials: bool = False
    """Whether we were given credentials to send with."""
    made: datetime | None = None
    id: int = 0

    @property
    def symbols(self) -> frozenset[str]:
        """The agencies that it speaks for."""
        return frozenset(one.symbol for one in self.agencies)

    def complaint(self) -> str | None:
        """Say what makes it unusable; none where all is well."""
        if not _CODE.match(self.code):
            return "a code has small letters, digits and hyphens, 40 at most"
        if not self.name.strip():
            return "it has no name"
        if self.version not in VERSIONS or self.mode not in MODES:
            return f"the version is one of {', '.join(VERSIONS)}, the mode one of {', '.join(MODES)}"
        if self.address is not None and endpoint(self.address)[0] not in ("http", "https"):
            return "the address does not begin with http:// or https://"
        if not self.agencies:
            return "it speaks for no agency"
        if self.certificate is not None and not _FINGERPRINT.match(self.certificate):
            return "a certificate is named by the 64 hexadecimal digits of its SHA-256"
        return None


def fingerprint(text: str) -> str:
    """Write the fingerprint of a certificate alike, however it was given: capitals, colons."""
    return text.strip().lower().replace(":", "").replace(" ", "")


class Way(StrEnum):
    """Which way a message went."""

    IN = "in"
    OUT = "out"
    INSIDE = "inside"
    """From one library of this federation to another."""


class Outcome(StrEnum):
    """What became of a message."""

    OK = "ok"
    ERROR = "error"
    """It was confirmed with an error, and changed nothing."""
    REFUSED = "refused"
    """It was no message that could be confirmed."""
    FAILED = "failed"
    """It was not answered."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message as the log keeps it."""

    way: Way
    hash: bytes
    outcome: Outcome
    body: bytes | None = None
    """None after the time for which bodies are kept."""
    partner: int | None = None
    outbox: int | None = None
    kind: str | None = None
    version: str | None = None
    word: str | None = None
    """Its action, or its reason and status."""
    requesting_agency: str | None = None
    supplying_agency: str | None = None
    request: str | None = None
    """The requesting agency's id of the request (header requestingAgencyRequestId)."""
    status: int | None = None
    """Of HTTP."""
    answer: bytes | None = None
    error_type: str | None = None
    error_value: str | None = None
    unknown: tuple[str, ...] = ()
    """Elements that were not known, and habits that were overlooked."""
    at: datetime | None = None
    partner_code: str | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message or a letter that waits, or that could not be delivered."""

    id: int
    key: str
    to: str
    state: str
    tries: int
    made: datetime
    due: datetime
    error: str | None
    request: str | None = None
    kind: str = ""
    """What a message says; of a letter, its template."""
    libraries: frozenset[str] = field(default_factory=frozenset)
    """Codes of our libraries that it concerns."""
    letter: bool = False
    about: tuple[tuple[str, UUID], ...] = ()
    """The request or supply that it is about, at the desks that have it: library and id."""
