"""Who is asked for a request, in which order, and why: hard filters, then one comparison key after the other.

Nothing is weighed against anything else: a later key decides only where all earlier ones are equal. The order
depends on the facts alone, never on the order in which they came.
"""

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from uuid import UUID

from unioncat.domain.bib import Holding
from unioncat.domain.lending import Money, Service, ServiceLevel
from unioncat.domain.lending_policy import Agreement, Avoidance, Closure, Policy
from unioncat.domain.library import Library
from unioncat.lending import policy as terms
from unioncat.lending.regions import Band, band

LOAD_BAND = 0.25
"""Width of a band of the load score, so that small differences do not decide."""
NEARLY_FULL = 0.8
"""Share of its cap from which on a lender drops one band."""
REPLY_BANDS = (24.0, 72.0)
"""Hours until the first answer: within a day, within three days, later."""
REPLY_UNKNOWN = 1
"""Band of a library that has answered nothing yet: neither praised nor blamed."""


class Reason(StrEnum):
    """Why a library is not asked."""

    NOT_HELD = "not_held"
    INACTIVE = "inactive"
    TRIED = "tried"
    BLOCKED = "blocked"
    RESTRICTED = "restricted"
    NO_AGREEMENT = "no_agreement"
    DELIVERY = "delivery"
    CLOSED = "closed"
    CAP = "cap"
    UNAVAILABLE = "unavailable"


class Available(IntEnum):
    """What a library's own system says now; silence is not a no."""

    YES = 0
    UNKNOWN = 1
    NO = 2


@dataclass(frozen=True, slots=True)
class Load:
    """A library's lending in the last 90 days, and what is open at it now."""

    lent: int = 0
    borrowed: int = 0
    open: int = 0
    open_for_requester: int = 0


@dataclass(frozen=True, slots=True)
class Lender:
    """A library that holds what is wanted, as far as the requesting library may know."""

    library: Library
    policy: Policy
    holdings: tuple[Holding, ...]
    province: str | None = None
    """Official code of its province of today."""
    active: bool = True
    tried: bool = False
    load: Load = field(default_factory=Load)
    reply_hours: float | None = None
    """Median of the hours until its first answers."""
    available: Available = Available.UNKNOWN
    material: str | None = None
    answer_days: int = 3
    """Working days in which it means to answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request, as far as the choice of lenders depends on it."""

    request: UUID
    requester: Library
    policy: Policy
    day: date
    own: frozenset[str] = frozenset()
    """The requesting library and its branches."""
    province: str | None = None
    service: Service = Service.LOAN
    level: ServiceLevel = ServiceLevel.STANDARD
    volume: str | None = None
    max_cost: Money | None = None
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What holds between libraries."""

    agreements: tuple[Agreement, ...] = ()
    avoidances: tuple[Avoidance, ...] = ()
    closures: tuple[Closure, ...] = ()
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Keys:
    """What a library's place follows from, in the order of comparison; smaller comes first."""

    own: int
    """0: a branch of our own."""
    last: int
    """0: asked in its turn; else its place among those asked last."""
    group: int
    """Form of the agreement, `terms.NO_FORM` without one."""
    availability: int
    cost: int
    """In đồng."""
    distance: int
    load: int
    """Band of the load score."""
    reply: int
    """Band of the reply record."""
    tie: str
    """Hash of the request and the symbol: equal lenders share the work, yet a rerun is the same."""


KEYS = ("own", "last", "group", "availability", "cost", "distance", "load", "reply", "tie")
"""The keys by name, in the order of comparison."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A library that can be asked, with what its place follows from."""

    library: str
    keys: Keys
    agreement: str | None = None
    score: float = 1.0
    reply_hours: float | None = None
    copies: int = 1
    nearly_full: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """A library that is not asked, and why; `detail` is a code or a value that the reason's words need."""

    library: str
    reason: Reason
    detail: str = ""
    hidden: bool = False
    """Whether the one who asks must not learn it: the lender keeps this from him."""


@dataclass(frozen=True, slots=True)
class Rota:
    """The list of a request."""

    entries: tuple[Entry, ...] = ()
    dropped: tuple[Dropped, ...] = ()


def rank(question: Question, lenders: Iterable[Lender], facts: Facts) -> Rota:
    """Choose whom to ask, and order them."""
    entries: list[Entry] = []
    dropped: list[Dropped] = []
    for lender in lenders:
        found = weigh(question, lender, facts)
        if isinstance(found, Entry):
            entries.append(found)
        else:
            dropped.append(found)
    return Rota(
        tuple(sorted(entries, key=order)),
        tuple(sorted(dropped, key=lambda one: (list(Reason).index(one.reason), one.library))),
    )


def order(entry: Entry) -> tuple[int | str, ...]:
    """Give what entries are sorted by; those asked last keep their fixed order, whatever else is true."""
    keys = entry.keys
    if keys.own != 0 and keys.last:
        return (1, keys.last, entry.library)
    rest = (keys.group, keys.availability, keys.cost, keys.distance, keys.load, keys.reply, keys.tie)
    return (keys.own, 0, *rest, entry.library)


def decided_by(first: Entry, second: Entry) -> str:
    """Name the key by which one entry stands before the next; `last-place` among those asked last."""
    if first.keys.own and second.keys.own and first.keys.last and second.keys.last:
        return "last-place"
    for name in KEYS:
        if getattr(first.keys, name) != getattr(second.keys, name):
            return name
    return "tie"


def weigh(question: Question, lender: Lender, facts: Facts) -> Entry | Dropped:
    """Judge one library: the first filter that it does not pass, or its keys."""
    code, policy = lender.library.code, lender.policy
    own = code in question.own
    if not own and terms.refuses(policy, question.requester):
        return Dropped(code, Reason.RESTRICTED, "class", hidden=True)
    fitting = [one for one in lender.holdings if fits(one, question.volume)]
    if not fitting:
        return Dropped(code, Reason.NOT_HELD, "volume" if lender.holdings else "")
    if not own and (not lender.active or not terms.offers(policy, question.service)):
        return Dropped(code, Reason.INACTIVE, "" if not lender.active else str(question.service))
    if lender.tried:
        return Dropped(code, Reason.TRIED)
    avoidance = None if own else terms.avoided(facts.avoidances, question.requester.code, code, question.day)
    if avoidance is not None:
        return Dropped(code, Reason.BLOCKED, str(avoidance.side))
    kept = [terms.kept(policy, one, lender.material, question.service) for one in fitting]
    if all(kept):
        return Dropped(code, Reason.RESTRICTED, kept[0])
    agreements = terms.between(
        facts.agreements, question.requester, lender.library, question.service, question.day
    )
    refusal = None if own else _terms_refused(question, lender, facts, agreements)
    if refusal is not None:
        return refusal
    if lender.available is Available.NO:
        return Dropped(code, Reason.UNAVAILABLE)
    agreement = _cheapest(question, lender, agreements)
    load, nearly_full = _load_band(policy, lender.load)
    copies = sum(one.copies for one, why in zip(fitting, kept, strict=True) if not why)
    keys = Keys(
        own=0 if own else 1,
        last=terms.resort(policy, lender.library) or 0,
        group=terms.FORMS.index(agreement.form) if agreement else terms.NO_FORM,
        availability=int(lender.available),
        cost=0 if own else terms.charge(policy, agreement, question.service, question.pages),
        distance=int(Band.PROVINCE if own else band(question.province, lender.province)),
        load=load,
        reply=_reply_band(lender.reply_hours),
        tie=hashlib.blake2b(f"{question.request}:{code}".encode(), digest_size=8).hexdigest(),
    )
    return Entry(
        code,
        keys,
        agreement.code if agreement else None,
        round(score(lender.load), 2),
        lender.reply_hours,
        copies,
        nearly_full,
    )


def _cheapest(question: Question, lender: Lender, agreements: Collection[Agreement]) -> Agreement | None:
    """Choose the agreement that counts: of the best form, the one that costs least."""
    return min(
        agreements,
        key=lambda one: (
            terms.FORMS.index(one.form),
            terms.charge(lender.policy, one, question.service, question.pages),
            one.code,
        ),
        default=None,
    )


def _terms_refused(
    question: Question, lender: Lender, facts: Facts, agreements: tuple[Agreement, ...]
) -> Dropped | None:
    """Judge a lender that is not our own by what it offers to whom."""
    code, policy, load = lender.library.code, lender.policy, lender.load
    if not agreements and terms.needs_agreement(policy):
        return Dropped(code, Reason.NO_AGREEMENT)
    if policy.levels and question.level not in policy.levels:
        return Dropped(code, Reason.NO_AGREEMENT, "level")
    agreement = _cheapest(question, lender, agreements)
    cost = terms.charge(policy, agreement, question.service, question.pages)
    if question.max_cost is not None and cost > terms.dong(question.max_cost):
        return Dropped(code, Reason.NO_AGREEMENT, str(cost))
    if not policy.delivery & question.policy.delivery:
        return Dropped(code, Reason.DELIVERY)
    if not terms.reachable(question.day, lender.answer_days, code, facts.closures, facts.holidays):
        return Dropped(code, Reason.CLOSED)
    if policy.max_open_lent is not None and load.open >= policy.max_open_lent:
        return Dropped(code, Reason.CAP, str(policy.max_open_lent))
    if policy.max_open_each is not None and load.open_for_requester >= policy.max_open_each:
        return Dropped(code, Reason.CAP, f"each:{policy.max_open_each}")
    return None


def score(load: Load) -> float:
    """Give the load score: what a library lends for each thing that it borrows, one added to both."""
    return (load.lent + 1) / (load.borrowed + 1)


def _load_band(policy: Policy, load: Load) -> tuple[int, bool]:
    """Give the band of the load score, and whether the library is nearly full and has dropped one."""
    full = policy.max_open_lent is not None and load.open > NEARLY_FULL * policy.max_open_lent
    return int(score(load) / LOAD_BAND) + full, full


def _reply_band(hours: float | None) -> int:
    if hours is None:
        return REPLY_UNKNOWN
    return sum(hours > limit for limit in REPLY_BANDS)


_NUMBERS = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")
_LONGEST_RANGE = 1000


def numbers(text: str) -> frozenset[int]:
    """Read the numbers of a statement of volumes: "T.1-3, 5" gives 1, 2, 3, 5."""
    found: set[int] = set()
    for first, last in _NUMBERS.findall(text[:400]):
        begin, end = int(first[:9]), int((last or first)[:9])
        found.update(range(begin, end + 1) if begin <= end < begin + _LONGEST_RANGE else (begin, end))
    return frozenset(found)


def fits(holding: Holding, volume: str | None) -> bool:
    """Tell whether a holding has the volume wanted; one that names no volume is of the whole."""
    if not volume or not holding.volume:
        return True
    wanted, held = numbers(volume), numbers(holding.volume)
    if wanted and held:
        return wanted <= held
    return volume.strip().casefold() == holding.volume.strip().casefold()
