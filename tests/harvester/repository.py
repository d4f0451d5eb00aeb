"""A whole OAI-PMH repository with dates, sets and deletions, in which single things go wrong on command.

It keeps to the protocol where it is not told otherwise; `serving(Repository(...).answer)` runs it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.harvester import servers as s
from tests.harvester.servers import Asked, Reply

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
BAD = "Fatal error: Uncaught Error in /var/www/oai.php on line 7"


def day(number: int) -> datetime:
    """A moment so many days after the beginning."""
    return BEGIN + timedelta(days=number)


@dataclass
class Item:
    """One record of the repository."""

    number: int
    stamp: datetime
    deleted: bool = False
    title: str = "Truyện Kiều"
    sets: tuple[str, ...] = ()
    metadata: str | None = None
    dated: bool = True

    @property
    def identifier(self) -> str:
        return f"oai:kho:{self.number}"

    def header(self, seconds: bool) -> str:
        status = ' status="deleted"' if self.deleted else ""
        stamp = self.stamp.strftime("%Y-%m-%dT%H:%M:%SZ" if seconds else "%Y-%m-%d")
        stamp = f"<datestamp>{stamp}</datestamp>" if self.dated else ""
        sets = "".join(f"<setSpec>{name}</setSpec>" for name in self.sets)
        return f"<header{status}><identifier>{self.identifier}</identifier>{stamp}{sets}</header>"

    def xml(self, seconds: bool) -> str:
        metadata = self.metadata or s.marc(self.number, self.title)
        body = "" if self.deleted else f"<metadata>{metadata}</metadata>"
        return f"<record>{self.header(seconds)}{body}</record>\n"


@dataclass
class Repository:
    """Records by number, and what goes wrong with them."""

    items: dict[int, Item] = field(default_factory=dict)
    size: int = 10
    """Records of a page."""
    seconds: bool = True
    poison: frozenset[int] = frozenset()
    """Records of which any list breaks off."""
    poison_alone: bool = True
    """Whether GetRecord breaks off for them too."""
    hidden: frozenset[int] = frozenset()
    """Records that are in no list, but are there."""
    tell_size: bool = True
    no_identifiers: bool = False
    refuse_dates: bool = False
    ignore_dates: bool = False
    refuse_seconds: bool = False
    tokens_die: int = 0
    """A list's tokens are no longer known after so many pages; 0 = never."""
    order: Callable[[Item], object] = lambda item: item.number

    @classmethod
    def of(cls, count: int, **more: object) -> "Repository":
        """So many records, one a day; every tenth is deleted."""
        items = {n: Item(n, day(n), deleted=n % 10 == 7) for n in range(count)}
        return cls(items, **more)  # type: ignore[arg-type]

    @property
    def live(self) -> set[str]:
        return {item.identifier for item in self.items.values() if not item.deleted}

    def answer(self, asked: Asked) -> Reply | None:
        """Answer what concerns records; the server itself does the rest."""
        if asked.verb == "GetRecord":
            return self._get(asked.arguments["identifier"])
        if asked.verb not in ("ListRecords", "ListIdentifiers"):
            return None
        if asked.verb == "ListIdentifiers" and self.no_identifiers:
            return Reply.of(s.error("badVerb", "not here"))
        since, until, first, spec = "", "", 0, asked.arguments.get("set", "")
        token = asked.arguments.get("resumptionToken")
        if token is not None:
            since, until, spec, place = token.split("|")
            first = int(place)
            if self.tokens_die and first >= self.tokens_die * self.size:
                return Reply.of(s.error("badResumptionToken", "expired"))
        else:
            since, until = asked.arguments.get("from", ""), asked.arguments.get("until", "")
            if (since or until) and (self.refuse_dates or (self.refuse_seconds and "T" in since + until)):
                return Reply.of(s.error("badArgument", "dates"))
        chosen = self._chosen(since, until, spec)
        if not chosen:
            return Reply.of(s.error("noRecordsMatch"))
        page = chosen[first : first + self.size]
        last = first + self.size >= len(chosen)
        if asked.verb == "ListRecords" and any(item.number in self.poison for item in page):
            return Reply.of(BAD)
        stated = len(chosen) if self.tell_size else None
        following = None if last else f"{since}|{until}|{spec}|{first + self.size}"
        end = s.token(first // self.size + 1, following, stated, self.size)
        if last and not first:
            end = ""
        if asked.verb == "ListIdentifiers":
            inner = "".join(item.header(self.seconds) for item in page)
        else:
            inner = "".join(item.xml(self.seconds) for item in page)
        return Reply.of(s.envelope(f"<{asked.verb}>{inner}{end}</{asked.verb}>"))

    def _chosen(self, since: str, until: str, spec: str) -> list[Item]:
        def within(item: Item) -> bool:
            if spec and not any(name == spec or name.startswith(spec + ":") for name in item.sets):
                return False
            if self.ignore_dates:
                return True
            stamp = item.stamp.strftime("%Y-%m-%dT%H:%M:%SZ")
            return (not since or stamp[: len(since)] >= since) and (not until or stamp[: len(until)] <= until)

        shown = (item for item in self.items.values() if item.number not in self.hidden)
        return sorted(filter(within, shown), key=self.order)  # type: ignore[arg-type, type-var]

    def _get(self, identifier: str) -> Reply:
        found = next((item for item in self.items.values() if item.identifier == identifier), None)
        if found is None:
            return Reply.of(s.error("idDoesNotExist"))
        if found.number in self.poison and self.poison_alone:
            return Reply.of(BAD, status=500)
        return Reply.of(s.envelope(f"<GetRecord>{found.xml(self.seconds)}</GetRecord>"))
