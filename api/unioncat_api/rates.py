"""How much one address, key or account may ask: buckets that fill again steadily, told honestly in answers.

Counted in the memory of this process; nothing about anyone is written anywhere. Requests from this machine
itself are not counted: a proxy on it must pass on the address of whom it speaks for (X-Forwarded-For).
Headers: RateLimit, RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers), Retry-After (RFC 9110 §10.2.3).
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from unioncat_api.problems import ProblemError

READ, WRITE, ATTEMPT = "read", "write", "sign-in"
REMEMBERED = 100_000
"""Buckets kept at most; whoever was not seen for longest begins anew."""
FREE = ("/static/", "/healthz", "/readyz", "/metrics")
"""Addresses that cost next to nothing, or that the service's own watch asks for."""


@dataclass(frozen=True, slots=True)
class Budget:
    """So many requests in so many seconds; all at once, or spread over them."""

    quota: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may go on, and what is left."""

    allowed: bool
    name: str
    budget: Budget
    left: int
    wait: int
    """Seconds until one more request is allowed, or, while some are left, until all are."""

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """What the answer says of it."""
        fields = [
            (b"ratelimit-policy", f'"{self.name}";q={self.budget.quota};w={self.budget.seconds}'.encode()),
            (b"ratelimit", f'"{self.name}";r={self.left};t={self.wait}'.encode()),
        ]
        return fields if self.allowed else [*fields, (b"retry-after", str(self.wait).encode())]


def budgets(a_minute: int) -> dict[str, Budget]:
    """Derive all budgets from the number of requests a minute; none for 0."""
    if a_minute <= 0:
        return {}
    return {
        READ: Budget(a_minute, 60),
        WRITE: Budget(max(10, a_minute // 4), 60),
        ATTEMPT: Budget(20, 600),
    }


class Rates:
    """The buckets of all addresses, keys and accounts."""

    def __init__(self, allowed: Mapping[str, Budget], clock: Callable[[], float] = time.monotonic) -> None:
        self._allowed = allowed
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        """(what is left, when that was), by budget and whom it is for."""

    def ask(self, name: str, who: str | None, *, cost: int = 1) -> Verdict | None:
        """Take `cost` out of a bucket, or with 0 look into it; none where nothing is counted."""
        budget = self._allowed.get(name)
        if budget is None or who is None:
            return None
        now = self._clock()
        rate = budget.quota / budget.seconds
        left, seen = self._buckets.pop((name, who), (float(budget.quota), now))
        left = min(float(budget.quota), left + (now - seen) * rate)
        allowed = left >= max(cost, 1)
        if allowed:
            left -= cost
        self._buckets[name, who] = (left, now)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        missing = budget.quota - left if left >= 1 else 1 - left
        return Verdict(allowed, name, budget, math.floor(left), math.ceil(missing / rate))


class Tally:
    """What one request is counted for: at the door its address and its key or session, later the account."""

    SCOPE = "unioncat.tally"
    """Where it stands in the scope of the request."""

    def __init__(self, rates: Rates, kind: str, verdict: Verdict | None, *, counted: bool) -> None:
        self.verdict = verdict
        """The strictest that was found; answers tell this one."""
        self._rates, self._kind = rates, kind
        self._counted = counted
        self._accounts: set[int] = set()

    def count(self, account: int) -> None:
        """Count the request, once, for an account and all its sessions and keys. Raises a problem (429)."""
        if not self._counted or account in self._accounts:
            return
        self._accounts.add(account)
        self.verdict = stricter(self.verdict, self._rates.ask(self._kind, f"account {account}"))
        refusal = too_many(self.verdict)
        if refusal is not None:
            raise refusal


def stricter(one: Verdict | None, other: Verdict | None) -> Verdict | None:
    """Give the verdict that refuses, or else the one that leaves less."""
    if one is None or other is None or not one.allowed:
        return one or other
    return other if not other.allowed or other.left < one.left else one


def too_many(verdict: Verdict | None) -> ProblemError | None:
    """Refuse what goes beyond a budget, and say when it may be asked again."""
    if verdict is None or verdict.allowed:
        return None
    quota, seconds = verdict.budget.quota, verdict.budget.seconds
    return ProblemError(
        "too-many",
        f"One address, and one account, may send {quota} such requests in {seconds} seconds.",
        remedy=f"Ask again in {verdict.wait} seconds.",
    )


def address_of(client: object) -> str | None:
    """Name whom a request is counted for: an IPv4 address, or the network that one subscriber of IPv6 has.

    None for this machine itself.
    """
    try:
        address = ip_address(str(client[0]).partition("%")[0])  # type: ignore[index]
    except (TypeError, ValueError, IndexError):
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return None if address.is_loopback else str(ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return None if address.is_loopback else str(address)
