"""The log of who did what: entries in one chain, each of which seals the one before it.

The text that is sealed is canonical: the same entry gives the same bytes on every machine. It names people by
pseudonyms only, each of which is the digest of a name and a salt that are kept apart, and may go.
"""

import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

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


FORGOTTEN = "people.forgotten"
"""The action of an entry whose subject lists the pseudonyms that nobody can read any more."""
PSEUDONYM = re.compile(r"person-[0-9a-f]{24}")
_ADDRESS = re.compile(r"""[^\s@<>"'/?&=;,:|()\[\]{}]+(?:@|%40)[^\s@<>"'/?&=;,:|()\[\]{}%]+""")
_NAMED = re.compile(f"{_ADDRESS.pattern}|{PSEUDONYM.pattern}")
"""What is hidden wherever it stands: addresses, and what somebody wrote in the manner of a pseudonym."""
_NO_PERSON = re.compile(
    r"(?:unioncat|operator|clock|reader|command line|(?:cli|link|partner):.*)?", re.DOTALL
)
_SAID_BY = ("by", "name")
"""Options of commands that hold somebody's name."""


def pseudonym(name: str, salt: bytes) -> str:
    """Give what stands for a name: whoever lacks the salt cannot tell of which one."""
    return f"person-{sha256(salt + name.encode()).hexdigest()[:24]}"


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says, with the places of it that name people."""

    actor: str
    action: str
    subject: str
    detail: Mapping[str, str]

    def names(self) -> Iterator[str]:
        """Give the people: the actor, addresses wherever they stand, whom a command says it is for."""
        if not _NO_PERSON.fullmatch(self.actor):
            yield folded(self.actor)
        for text in (self.actor, self.subject, *self.detail.values()):
            yield from map(folded, _NAMED.findall(text))
        yield from (folded(value) for name, value in self.detail.items() if self._signs(name))

    def _signs(self, option: str) -> bool:
        return self.action.startswith("asked.") and option in _SAID_BY

    def hidden(self, called: Mapping[str, str]) -> "Said":
        """Put pseudonyms in place of people; `called` gives that of each of `names`."""
        known = _NO_PERSON.fullmatch(self.actor)
        actor = _hide(self.actor, called) if known else called[folded(self.actor)]
        detail = {
            name: called[folded(value)] if self._signs(name) else _hide(value, called)
            for name, value in self.detail.items()
        }
        return Said(actor, self.action, _hide(self.subject, called), detail)


def _hide(text: str, called: Mapping[str, str]) -> str:
    return _NAMED.sub(lambda found: called[folded(found[0])], text)


def folded(name: str) -> str:
    """Write an address so that two spellings are one; other names stay as they are."""
    name = name.strip()
    return name.replace("%40", "@").casefold() if _ADDRESS.fullmatch(name) else name


def shown(text: str, names: Mapping[str, str]) -> str:
    """Put names in place of pseudonyms, those that can still be read."""
    return PSEUDONYM.sub(lambda found: names.get(found[0], found[0]), text)


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
