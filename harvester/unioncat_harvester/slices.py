"""How to read the whole of a target that shows only the first so many records of any result set.

The whole is cut into slices, each a set of conditions on the target's own indexes, until no slice has more
hits than the target shows. The parts of every cut are counted: parts that do not add up to what was cut are
an error, so nothing is left out in silence.

Nothing here asks a server. A reader gives two callables and reads slice after slice:

    plan = Slices(cap, strategies(option, today), count, terms)
    for slice_ in plan.slices(token):      # token: none, or that of a slice given before
        ...                                # query = the base query and all of slice_.conditions

`count(conditions)` gives the hits of the base query with all of the conditions; `terms` is needed for the
strategy of scanned terms only. A slice's `token` leads back to the beginning of this slice; where a reader
stands within it is the reader's own to remember, beside the token. When a reader opens a slice it compares
the hits with `Slice.hits`. Where the target shows less than was thought, make a new `Slices` with the lower
cap and go on from the token of the slice that came short; where a slice has grown, give its hits as `now`.

`count_capped` is for a target that does not even count beyond its cap. There a count of `cap` means that many
or more: such a part is cut, only smaller ones are read, and the sums of parts are at least what was cut.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import msgspec

MAX_CUTS = 5000
"""Cuts one after the other without a slice: a target that lists terms for ever."""


class SliceError(Exception):
    """A target that cannot be read in slices as it was told; with the remedy."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class SumsDiffer(SliceError):
    """The parts of a cut do not add up. It may help to begin again: the target may have changed meanwhile."""


class Relation(StrEnum):
    """What a condition says of an index."""

    UPTO = "upto"
    """Its value is the given one or smaller."""
    PREFIX = "prefix"
    """Its value begins with the given text (right truncation)."""
    TERMS = "terms"
    """Its value is one of those given."""


class Condition(msgspec.Struct, array_like=True, frozen=True):
    """One condition of a slice. One that is not `wanted` must not hold (and-not)."""

    index: str
    """Name of the index in the reader's own words."""
    relation: Relation
    values: tuple[str, ...]
    """One value, save for TERMS."""
    wanted: bool = True


Conditions = tuple[Condition, ...]
"""All must hold beside the base query; none at all means the base query as it is. The first one of them may
be one that is not wanted."""
Count = Callable[[Conditions], int]
Terms = Callable[[str, str, int], Sequence[tuple[str, int | None]]]
"""(index, start, n): up to n terms of an index from `start` on in the target's order, with their hits (none
where it does not tell). An empty start is the beginning; a start that is itself a term may be given again."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the whole that the target shows completely."""

    conditions: Conditions
    hits: int
    token: str
    """Leads back to the beginning of this slice (`Slices.slices`)."""


class Part(msgspec.Struct, array_like=True, frozen=True):
    """A piece of the whole that is still to be read if it is small enough, else to be cut."""

    conditions: Conditions
    hits: int
    level: int = 0
    """Number of the strategy that cuts it."""
    after: str | None = None
    """Of a remainder: the last term taken out of it. It can only be cut further, not asked for, and its hits
    are what should be left."""


class Strategy(Protocol):
    """A way to cut a part by one index; `cuts` has them all."""

    @property
    def index(self) -> str:
        """Name of the index."""

    def cut(self, part: Part, plan: "Slices") -> list[Part]:
        """Give the parts of a part in the order in which to read them; none at all if it cannot be cut."""


class _State(msgspec.Struct, array_like=True):
    """What a token holds: all that is still to be done, the next part last."""

    total: int
    parts: list[Part]


class Slices:
    """The plan of one target. It cuts as it goes, so that it can be left and taken up anywhere."""

    def __init__(
        self,
        cap: int,
        strategies: Sequence[Strategy],
        count: Count,
        terms: Terms | None = None,
        *,
        count_capped: bool = False,
    ) -> None:
        if cap < 1:
            raise ValueError("a target shows at least one record")
        self.cap = cap
        """Records that the target shows of one result set."""
        self.count_capped = count_capped
        self._strategies = strategies
        self._count = count
        self._terms = terms
        self._state = _State(0, [])

    @property
    def total(self) -> int:
        """Records of the whole, known from the first slice on; no less than these where counts are capped."""
        return self._state.total

    def slices(self, token: str | None = None, *, now: int | None = None) -> Iterator[Slice]:
        """Give the slices from the beginning, or from the one that `token` belongs to.

        `now` is what this one has become, where it has grown since. Raises `SliceError` for a target whose
        counts contradict each other, for a part that no strategy can cut, and for a token that is none.
        """
        state = self._state = self._begin() if token is None else _read(token)
        if now is not None and state.parts:
            self._became(now)
        cuts = 0
        while state.parts:
            part = state.parts[-1]
            if part.after is None and self._shown(part):
                yield Slice(part.conditions, part.hits, _encode(state).decode())
                state.parts.pop()
                cuts = 0
                continue
            cuts += 1
            if cuts > MAX_CUTS:
                raise SliceError(f"{MAX_CUTS} cuts have not led to a single slice", "Slice by another index.")
            parts = self._cut(part)
            state.parts.pop()
            state.parts += [one for one in reversed(parts) if one.hits or one.after is not None]

    def count(self, conditions: Conditions) -> int:
        """Ask the target. Raises `SliceError` for a count below nothing."""
        hits = self._count(conditions)
        if hits < 0:
            raise SliceError(
                f"the target counts {hits} records for {said(conditions)}",
                "Its counts cannot be used: ask its operator, or harvest another way.",
            )
        return hits

    def terms(self, index: str, start: str, number: int) -> Sequence[tuple[str, int | None]]:
        """Ask the target for terms. Raises `SliceError` where the reader has no way to."""
        if self._terms is None:
            raise SliceError(
                f"the terms of index {index} cannot be listed", "Slice by days, numbers or prefixes."
            )
        return self._terms(index, start, number)

    def _shown(self, part: Part) -> bool:
        """Tell whether the target shows the whole of a part."""
        return part.hits < self.cap if self.count_capped else part.hits <= self.cap

    def _fits(self, parts: Sequence[Part], hits: int) -> bool:
        """Tell whether parts add up to what was cut."""
        return _sum(parts) >= hits if self.count_capped else _sum(parts) == hits

    def _begin(self) -> _State:
        total = self.count(())
        return _State(total, [Part((), total)] if total else [])

    def _became(self, hits: int) -> None:
        """Take note of what the next part has now; the whole has changed as much."""
        state = self._state
        part = state.parts[-1]
        state.total += hits - part.hits
        state.parts[-1] = msgspec.structs.replace(part, hits=hits)

    def _cut(self, part: Part) -> list[Part]:
        """Cut a part with the first strategy that can."""
        if part.after is not None:
            parts = self._strategies[part.level].cut(part, self)
            if not parts or parts[-1].hits < 0:
                self._left_over(parts[-1] if parts else part)
            return parts
        for level in range(part.level, len(self._strategies)):
            here = msgspec.structs.replace(part, level=level)
            parts = self._strategies[level].cut(here, self)
            if parts:
                return parts if self._fits(parts, part.hits) else self._again(here, _sum(parts))
        indexes = ", ".join(strategy.index for strategy in self._strategies) or "none"
        raise SliceError(
            f"the target shows {self.cap} records at most, but {said(part.conditions)} has {part.hits}"
            f" and cannot be cut further (indexes tried: {indexes})",
            "Name a further index to slice by, one whose values differ from record to record.",
        )

    def _again(self, part: Part, before: int) -> list[Part]:
        """Cut once more, as the target may have changed meanwhile; a contradiction that stays is an error."""
        hits = self.count(part.conditions)
        parts = self._strategies[part.level].cut(msgspec.structs.replace(part, hits=hits), self)
        if not self._fits(parts, hits):
            raise SumsDiffer(
                f"{said(part.conditions)} has {hits} records, but its parts have {_sum(parts)}"
                f" (asked before: {part.hits} and {before})",
                f"Index {self._strategies[part.level].index} does not cut cleanly: it may hold several values"
                " for a record, or have another order. Slice by another index.",
            )
        self._became(hits)
        return parts

    def _left_over(self, part: Part) -> None:
        """See that a list of terms has neither too few records nor too many, save what the target changed."""
        changed = abs(self.count(()) - self.total) + self.total // 1000
        if abs(part.hits) > changed:
            index = self._strategies[part.level].index
            fault = (
                f"{part.hits} records have no term"
                if part.hits > 0
                else f"{-part.hits} records are counted under several terms"
            )
            raise SumsDiffer(
                f"{fault} in index {index}",
                "Slice by an index that has one value for every record, such as its own number.",
            )


def said(conditions: Conditions) -> str:
    """Write conditions for people."""
    return (
        " and ".join(
            ("" if one.wanted else "not ") + f"{one.index} {one.relation} {' or '.join(one.values[:3])}"
            for one in conditions
        )
        or "the whole"
    )


def _sum(parts: Sequence[Part]) -> int:
    return sum(part.hits for part in parts)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_State).decode


def _read(token: str) -> _State:
    try:
        return _decode(token)
    except msgspec.DecodeError as fault:
        raise SliceError(
            "the place where the harvest was left cannot be read", "Harvest the source in full again."
        ) from fault
