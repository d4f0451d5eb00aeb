"""The ways to cut a part of a target by one of its indexes, and how a source's option names them.

A cut never loses a record: what has none of the values looked for is itself a part.
"""

import datetime as dt
import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from unioncat_harvester.slices import Condition, Conditions, Part, Relation, SliceError, Slices, Strategy

TERMS_A_SCAN = 100
TERMS_A_SLICE = 20
"""Terms joined by `or` in one query; servers limit the length of queries."""
MAX_PREFIX = 40
"""Characters."""
MAX_EMPTY_SCANS = 50
LETTERS = string.digits + string.ascii_lowercase + " -./_"
HELP = "days INDEX from=1990-01-01; numbers INDEX; prefixes INDEX; terms INDEX"
"""How the option is written (`strategies`)."""
_NUMBERS = (("from", "0"), ("to", str(10**12)), ("width", "0"))


@dataclass(frozen=True, slots=True)
class Scale:
    """Cuts by an index whose values have an order: `numbers` and `days` make one.

    A record with several values belongs to the slice of its smallest, one without any to the last slice.
    """

    index: str
    low: int
    high: int
    write: Callable[[int], str]
    read: Callable[[str], int]

    def cut(self, part: Part, plan: Slices) -> list[Part]:
        """Cut at the middle of what is left of the scale."""
        others: list[Condition] = []
        low, high = self.low, None
        for one in part.conditions:
            if one.index != self.index or one.relation is not Relation.UPTO:
                others.append(one)
            elif one.wanted:
                high = self.read(one.values[0])
            else:
                low = self.read(one.values[0]) + 1
        last = self.high if high is None else high - 1
        if low > last:
            return []
        middle = (low + last) // 2
        floor = [self._upto(low - 1, wanted=False)] if low > self.low else []
        ceiling = [] if high is None else [self._upto(high)]
        left = (*others, self._upto(middle), *floor)
        right = (*others, *ceiling, self._upto(middle, wanted=False))
        return [Part(side, plan.count(side), part.level) for side in (left, right)]

    def _upto(self, value: int, *, wanted: bool = True) -> Condition:
        return Condition(self.index, Relation.UPTO, (self.write(value),), wanted)


def numbers(index: str, *, low: int = 0, high: int = 10**12, width: int = 0) -> Scale:
    """Cut by whole numbers, such as a record's own number; `width` pads them with zeros."""
    return Scale(index, low, high, lambda value: f"{value:0{width}d}", int)


def days(index: str, *, low: dt.date, high: dt.date, form: str = "%Y%m%d") -> Scale:
    """Cut by days, such as the date a record was entered; `form` is how the target writes a day."""
    return Scale(
        index,
        low.toordinal(),
        high.toordinal(),
        lambda value: dt.date.fromordinal(value).strftime(form),
        lambda text: dt.datetime.strptime(text, form).date().toordinal(),  # noqa: DTZ007
    )


@dataclass(frozen=True, slots=True)
class Prefixes:
    """Cuts by the next character of an index whose values are texts, one for a record.

    Values that go on with none of `letters` stay together.
    """

    index: str
    letters: str = LETTERS

    def cut(self, part: Part, plan: Slices) -> list[Part]:
        """Take one prefix after the other out of the part, until what is left is small enough."""
        others: list[Condition] = []
        own: list[Condition] = []
        for one in part.conditions:
            mine = one.index == self.index and one.relation is Relation.PREFIX
            (own if mine else others).append(one)
        if not all(one.wanted for one in own):
            return []
        prefix = own[0].values[0] if own else ""
        if len(prefix) >= MAX_PREFIX:
            return []
        parts: list[Part] = []
        left = part.hits
        for letter in self.letters:
            longer = (*others, Condition(self.index, Relation.PREFIX, (prefix + letter,)))
            hits = plan.count(longer)
            if hits:
                parts.append(Part(longer, hits, part.level))
                left -= hits
                if left <= plan.cap and not plan.count_capped:
                    break
        if not parts:
            return []
        taken = [msgspec.structs.replace(one.conditions[-1], wanted=False) for one in parts]
        rest = (*others, *own, *taken)
        return [*parts, Part(rest, plan.count(rest), part.level)]


@dataclass(frozen=True, slots=True)
class ScannedTerms:
    """Cuts by the terms that the target itself lists of an index which has one value for a record."""

    index: str

    def cut(self, part: Part, plan: Slices) -> list[Part]:
        """Take the next terms out of the part, several for a slice where they are rare."""
        if plan.count_capped:
            raise SliceError(
                f"the target does not count beyond what it shows, so the terms of index {self.index}"
                " cannot be taken out one by one",
                "Slice by days, numbers or prefixes.",
            )
        others: list[Condition] = []
        terms: tuple[str, ...] = ()
        for one in part.conditions:
            if one.index == self.index and one.relation is Relation.TERMS:
                terms = one.values
            else:
                others.append(one)
        if terms:
            half = len(terms) // 2
            return self._parts(others, [terms[:half], terms[half:]] if half else [], part, plan)
        after, groups = self._next(part.after or "", plan)
        if not groups:
            return []
        parts = self._parts(others, groups, part, plan)
        left = part.hits - sum(one.hits for one in parts)
        return [*parts, Part(part.conditions, left, part.level, after)]

    def _parts(
        self, others: Iterable[Condition], groups: Iterable[Sequence[str]], part: Part, plan: Slices
    ) -> list[Part]:
        made: list[Conditions] = [
            (*others, Condition(self.index, Relation.TERMS, tuple(values))) for values in groups
        ]
        return [Part(conditions, plan.count(conditions), part.level) for conditions in made]

    def _next(self, after: str, plan: Slices) -> tuple[str, list[list[str]]]:
        """Scan on, and put terms together whose hits fit into one slice; none at the end of the index."""
        for _ in range(MAX_EMPTY_SCANS):
            found = [one for one in plan.terms(self.index, after, TERMS_A_SCAN) if one[0] != after]
            if not found:
                return after, []
            groups: list[list[str]] = []
            room = 0
            for term, hits in found:
                if hits == 0:
                    continue
                need = 1 if hits is None else hits
                if not groups or need > room or len(groups[-1]) >= TERMS_A_SLICE:
                    groups.append([])
                    room = plan.cap
                groups[-1].append(term)
                room -= need
            after = found[-1][0]
            if groups:
                return after, groups
        raise SliceError(
            f"the list of terms of index {self.index} goes on and on without hits", "Slice by another index."
        )


def strategies(text: str, today: dt.date) -> tuple[Strategy, ...]:
    """Read a source's option: ways to cut divided by `;`, each tried where those before cut no further.

    `days INDEX [from=1950-01-01] [form=%Y%m%d]`, `numbers INDEX [from=0] [to=1000000000000] [width=0]`,
    `prefixes INDEX [letters=…]`, `terms INDEX`. Days end the day after `today`, for targets further east.
    Raises `SliceError` for a text that means nothing.
    """
    return tuple(_strategy(one.strip(), today) for one in text.split(";") if one.strip())


def _strategy(text: str, today: dt.date) -> Strategy:
    try:
        kind, index, *words = text.split()
        given = dict(word.split("=", 1) for word in words)
        made = _make(kind, index, given, today)
        if given:
            raise ValueError(f"unknown: {', '.join(given)}")
    except ValueError as fault:
        raise SliceError(f"{text!r} does not say how to slice ({fault})", f"Write as in `{HELP}`.") from fault
    return made


def _make(kind: str, index: str, given: dict[str, str], today: dt.date) -> Strategy:
    """Make one strategy and take its words out of `given`. Raises ValueError."""
    if kind == "days":
        first = dt.date.fromisoformat(given.pop("from", "1950-01-01"))
        made = days(index, low=first, high=today + dt.timedelta(1), form=given.pop("form", "%Y%m%d"))
        if made.low > made.high or made.read(made.write(made.low)) != made.low:
            raise ValueError("from or form make no days")
        return made
    if kind == "numbers":
        low, high, width = (int(given.pop(key, default)) for key, default in _NUMBERS)
        if not 0 <= low < high:
            raise ValueError("from is not below to")
        return numbers(index, low=low, high=high, width=width)
    if kind == "prefixes":
        return Prefixes(index, given.pop("letters", LETTERS))
    if kind == "terms":
        return ScannedTerms(index)
    raise ValueError(f"{kind!r} is neither days, numbers, prefixes nor terms")
