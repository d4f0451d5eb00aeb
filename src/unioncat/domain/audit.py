"""The log of who did what: entries in one chain, each of which seals the one before it.

The text that is sealed is canonical: the same entry gives the same bytes on every machine.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

START = b"\x00" * 32
"""What the first entry seals in place of an entry before it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log: somebody (`actor`) did something (`action`) to something (`subject`)."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
    seal: bytes = b""

    def text(self) -> bytes:
        """Write all of the entry but its seal."""
        moment = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        body = [self.number, moment, self.actor, self.action, self.subject, dict(sorted(self.detail.items()))]
        return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode()

    def sealed(self, key: bytes, before: bytes) -> bytes:
        """Compute the seal: over the entry and the seal before it, with a key that is not in the database."""
        return hmac.digest(key, before + self.text(), "sha256")


CUT = "audit.cut"
"""The action of an entry that stands for all up to one: what it says is sealed like every entry."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What is left of entries that were cut: up to which, its seal, since when, and how many of what."""

    up_to: int
    seal: bytes
    since: datetime
    until: datetime
    counts: Mapping[str, int]

    def detail(self) -> dict[str, str]:
        """Write it as the detail of an entry."""
        said = {f"count {action}": str(count) for action, count in sorted(self.counts.items())}
        moments = {"since": self.since.astimezone(UTC), "until": self.until.astimezone(UTC)}
        return {
            "up_to": str(self.up_to),
            "seal": self.seal.hex(),
            **{name: moment.isoformat(timespec="seconds") for name, moment in moments.items()},
            **said,
        }

    @classmethod
    def of(cls, detail: Mapping[str, str]) -> "Summary":
        """Read what `detail` wrote. Raises ValueError, KeyError."""
        counts = {
            name.removeprefix("count "): int(value)
            for name, value in detail.items()
            if name.startswith("count ")
        }
        since, until = (datetime.fromisoformat(detail[name]) for name in ("since", "until"))
        return cls(int(detail["up_to"]), bytes.fromhex(detail["seal"]), since, until, counts)


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log has come: its last number and seal."""

    number: int = 0
    seal: bytes = START

    def __str__(self) -> str:
        """Write it in one line, to be kept where nobody who can reach the database can reach."""
        return f"{self.number} {self.seal.hex()}"

    @classmethod
    def of(cls, text: str) -> "Head":
        """Read what `str` wrote. Raises ValueError."""
        number, _, seal = text.strip().partition(" ")
        made = cls(int(number), bytes.fromhex(seal))
        if made.number < 0 or len(made.seal) != len(START):
            raise ValueError(text)
        return made
