"""How good judgements are on labelled pairs: precision, recall, F1, B-cubed, and their intervals.

Pure and seeded: the same judged pairs always give the same figures.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

TARGETS: Final = (0.999, 0.998, 0.997, 0.995, 0.99)
"""Precisions at which recall is told."""
RESAMPLES: Final = 400


@dataclass(frozen=True, slots=True)
class Share:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


@dataclass(frozen=True, slots=True)
class Scored:
    """A judged pair: whether it is one edition, whether it was joined, its score, and its group.

    Pairs of one `group` share records or works and are drawn together when intervals are made.
    """

    same: bool
    joined: bool
    score: float
    group: str


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of a set of pairs: at the verdicts, and along the scores whatever the verdicts."""

    precision: Share
    recall: Share
    f1: Share
    best_f1: Share
    recall_at: dict[str, Share]
    """Recall by the precision that it is reached at."""


def quality(pairs: Sequence[Scored], *, seed: int = 1, resamples: int = RESAMPLES) -> Quality:
    """Measure judged pairs; the intervals come from drawing groups of pairs anew (bootstrap)."""
    ordered = sorted(pairs, key=lambda pair: -pair.score)
    groups: dict[str, list[int]] = defaultdict(list)
    for place, pair in enumerate(ordered):
        groups[pair.group].append(place)
    names = sorted(groups)
    value = _figures(ordered, [1] * len(ordered))
    throw = Random(seed)  # noqa: S311 - statistics, no secret
    drawn = []
    for _ in range(resamples):
        times = [0] * len(ordered)
        for name, count in Counter(throw.choices(names, k=len(names))).items():
            for place in groups[name]:
                times[place] = count
        drawn.append(_figures(ordered, times))
    shares = [
        _interval(figure, sorted(sample[place] for sample in drawn)) for place, figure in enumerate(value)
    ]
    precision, recall, f1, best, *recalls = shares
    return Quality(precision, recall, f1, best, dict(zip(map(str, TARGETS), recalls, strict=True)))


def _interval(value: float, drawn: list[float]) -> Share:
    if not drawn:
        return Share(value, value, value)
    last = len(drawn) - 1
    return Share(value, drawn[round(0.025 * last)], drawn[round(0.975 * last)])


def _figures(ordered: Sequence[Scored], times: Sequence[int]) -> list[float]:
    """Precision, recall, F1 at the verdicts; best F1 and recalls along the scores; pairs count `times`."""
    every = sum(count for pair, count in zip(ordered, times, strict=True) if pair.same)
    hits = joined = right = taken = 0
    best, recalls = 0.0, [0.0] * len(TARGETS)
    score: float | None = None
    for pair, count in zip(ordered, times, strict=True):
        if not count:
            continue
        if pair.score != score:
            best = _reached(right, taken, every, best, recalls)
            score = pair.score
        taken += count
        right += count * pair.same
        joined += count * pair.joined
        hits += count * (pair.joined and pair.same)
    best = _reached(right, taken, every, best, recalls)
    precision = hits / joined if joined else 1.0
    recall = hits / every if every else 0.0
    return [precision, recall, _f1(precision, recall), best, *recalls]


def _reached(right: int, taken: int, every: int, best: float, recalls: list[float]) -> float:
    """Note what a threshold at this place reaches; pairs of equal score stand on one side of it together."""
    if not taken or not every:
        return best
    precision, recall = right / taken, right / every
    for place, target in enumerate(TARGETS):
        if precision >= target and recall > recalls[place]:
            recalls[place] = recall
    return max(best, _f1(precision, recall))


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def b_cubed(
    truth: Iterable[Iterable[Hashable]], found: Iterable[Iterable[Hashable]]
) -> tuple[float, float, float]:
    """Return B-cubed precision, recall and F1 of clusters over the same items (Bagga and Baldwin 1998)."""
    home = {item: number for number, cluster in enumerate(truth) for item in cluster}
    size = Counter(home.values())
    precision = recall = 0.0
    for cluster in found:
        items = list(cluster)
        shared = Counter(home[item] for item in items)
        for number, count in shared.items():
            precision += count * count / len(items)
            recall += count * count / size[number]
    items_in_all = len(home) or 1
    precision, recall = precision / items_in_all, recall / items_in_all
    return precision, recall, _f1(precision, recall)
