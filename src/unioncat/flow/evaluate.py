"""Measure the matcher on labelled pairs, and learn its weights from them.

Every pair is judged by the very functions that the catalogue uses; the label is compared afterwards.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Edge, Evidence, Verdict
from unioncat.flow.pairs import Named, Pair, read
from unioncat.matching import INSTALLED, Scale, block_keys, extract, judge, partition, weigh
from unioncat.matching.learn import learn, table
from unioncat.matching.measure import Quality, Scored, Share, b_cubed, quality
from unioncat.matching.rules import UNSURE_FROM, VETO_SCORE

STRICT: Final = "0.997"
"""The precision at which a feature's worth is told as recall."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled pair with the matcher's word on it."""

    pair: Pair
    verdict: Verdict
    score: float
    """The judge's score; where it stopped early, the sum of all evidence."""
    evidence: tuple[Evidence, ...]
    everything: tuple[Evidence, ...]
    """What every feature says, the judge's doubts left out."""
    met: bool
    """Whether the records share a key, so that they would be compared at all."""

    @property
    def wrong(self) -> bool:
        """Tell whether the pair was joined though it should not be, or not joined though it should."""
        return (self.verdict is Verdict.SAME) is not self.pair.same


@dataclass(frozen=True, slots=True)
class Worth:
    """What is lost when one feature is not asked: best F1, and recall at precision `STRICT`."""

    feature: str
    f1: float
    recall: float


@dataclass(frozen=True, slots=True)
class Side:
    """A record as a person reads it."""

    title: str
    responsibility: str
    imprint: str
    extent: str
    more: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One error with what a person needs to see why."""

    id: str
    kind: str
    same: bool
    verdict: Verdict
    score: float
    met: bool
    left: Side
    right: Side
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All that `unioncat match evaluate` tells of a set."""

    pairs: str
    rules: str
    positives: int
    negatives: int
    verdicts: dict[str, int]
    """How often each verdict fell on each label: "same true", "unsure false" and so on."""
    figures: Quality
    key_recall: Share
    keys_of_record: float
    b_cubed: tuple[float, float, float]
    kinds: dict[str, dict[str, int]]
    worth: tuple[Worth, ...]
    faults: tuple[Fault, ...]


def evaluate(named: Named, scale: Scale = INSTALLED, *, seed: int = 1) -> Report:
    """Judge a set of pairs and measure the judgements; raises `PairsError`."""
    judged = judge_all(read(named), scale)
    counts = Counter(f"{one.verdict} {'true' if one.pair.same else 'false'}" for one in judged)
    positives = [one for one in judged if one.pair.same]
    keys = [Scored(True, True, float(one.met), one.pair.group) for one in positives]
    met = quality([Scored(one.same, bool(one.score), one.score, one.group) for one in keys], seed=seed)
    return Report(
        pairs=f"{named.path.name}:{named.part}" if named.part else named.path.name,
        rules=scale.version,
        positives=len(positives),
        negatives=len(judged) - len(positives),
        verdicts=dict(sorted(counts.items())),
        figures=quality([_scored(one) for one in judged], seed=seed),
        key_recall=met.recall,
        keys_of_record=_keys_of_record(judged),
        b_cubed=_clusters(judged),
        kinds=_kinds(judged),
        worth=tuple(_worth(judged)),
        faults=tuple(_fault(one) for one in sorted((one for one in judged if one.wrong), key=_badness)),
    )


def judge_all(pairs: Iterable[Pair], scale: Scale = INSTALLED) -> list[Judged]:
    """Judge pairs as the catalogue would."""
    found = []
    for pair in pairs:
        left, right = extract(pair.left), extract(pair.right)
        word, everything = judge(left, right, scale=scale), weigh(left, right, scale=scale)
        met = not set(block_keys(left)).isdisjoint(block_keys(right))
        score = word.score if word.verdict is not Verdict.DIFFERENT else _sum(everything)
        found.append(Judged(pair, word.verdict, score, word.evidence, everything, met))
    return found


def train(sets: Sequence[Named]) -> str:
    """Learn weights from sets of pairs; return the source of the module `weights`. Raises `PairsError`."""
    pairs = []
    for named in sets:
        for pair in read(named):
            everything = weigh(extract(pair.left), extract(pair.right))
            if not any(one.veto for one in everything):
                grades = tuple(grade for one in everything for grade in one.grades)
                pairs.append((grades, pair.same, named.share))
    return table(learn(pairs))


def record(report: Report, path: Path, date: str) -> None:
    """Append the figures of a report to a file of JSON lines, so that quality over time can be drawn."""
    line: dict[str, Any] = {
        "date": date,
        "rules": report.rules,
        "pairs": report.pairs,
        "positives": report.positives,
        "negatives": report.negatives,
        **asdict(report.figures),
        "key_recall": asdict(report.key_recall),
        "b_cubed": report.b_cubed,
        "verdicts": report.verdicts,
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _scored(one: Judged, score: float | None = None) -> Scored:
    found = one.score if score is None else score
    return Scored(one.pair.same, one.verdict is Verdict.SAME, found, one.pair.group)


def _sum(evidence: Iterable[Evidence]) -> float:
    """The score of evidence without an early end: a hard stop is the lowest of all."""
    total = 0.0
    for one in evidence:
        if one.veto:
            return VETO_SCORE
        total += one.points
    return max(min(total, UNSURE_FROM - 1), VETO_SCORE + 1)


def _keys_of_record(judged: Sequence[Judged]) -> float:
    """Mean number of keys of a record."""
    counts = {
        key: len(block_keys(extract(bib)))
        for one in judged
        for key, bib in zip(one.pair.keys, (one.pair.left, one.pair.right), strict=True)
    }
    return round(sum(counts.values()) / (len(counts) or 1), 2)


def _clusters(judged: Sequence[Judged]) -> tuple[float, float, float]:
    """B-cubed of the clusters that the verdicts make, against those that the labels make."""
    numbers: dict[str, int] = {}
    for one in judged:
        for key in one.pair.keys:
            numbers.setdefault(key, len(numbers))

    def edges(right: bool) -> list[Edge]:
        made = []
        for one in judged:
            left, other = sorted(numbers[key] for key in one.pair.keys)
            same = one.pair.same if right else one.verdict is Verdict.SAME
            different = not one.pair.same if right else one.verdict is Verdict.DIFFERENT
            if same or different:
                made.append(Edge(left, other, Verdict.SAME if same else Verdict.DIFFERENT, one.score))
        return made

    members = list(numbers.values())
    precision, recall, f1 = b_cubed(partition(members, edges(True)), partition(members, edges(False)))
    return round(precision, 4), round(recall, 4), round(f1, 4)


def _kinds(judged: Sequence[Judged]) -> dict[str, dict[str, int]]:
    """How often each verdict fell on each kind of pair, where the set names kinds."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for one in judged:
        if one.pair.kind:
            kinds[f"{'same' if one.pair.same else 'different'} {one.pair.kind}"][str(one.verdict)] += 1
    return {kind: dict(kinds[kind]) for kind in sorted(kinds)}


def _worth(judged: Sequence[Judged]) -> list[Worth]:
    """Measure how much worse it gets without each feature and its hard stops, the worthiest first."""
    whole = quality([_scored(one, _plain(one, None)) for one in judged], resamples=0)
    features = sorted(
        {found.feature for one in judged for found in one.everything if found.grades or found.veto}
    )
    found = []
    for feature in features:
        without = quality([_scored(one, _plain(one, feature)) for one in judged], resamples=0)
        found.append(
            Worth(
                feature,
                round(whole.best_f1.value - without.best_f1.value, 4),
                round(whole.recall_at[STRICT].value - without.recall_at[STRICT].value, 4),
            )
        )
    return sorted(found, key=lambda one: (-one.f1 - one.recall, one.feature))


def _plain(one: Judged, without: str | None) -> float:
    """Sum what all features but one say, the judge's doubts left out."""
    kept = [found for found in one.everything if found.feature != without]
    if any(found.veto for found in kept):
        return VETO_SCORE
    return sum(found.points for found in kept)


def _badness(one: Judged) -> tuple[bool, float, str]:
    """Order of errors: joined though different first, the surest first; then missed, the farthest first."""
    joined = not one.pair.same
    return not joined, -one.score if joined else one.score, one.pair.id


def _fault(one: Judged) -> Fault:
    return Fault(
        one.pair.id,
        one.pair.kind,
        one.pair.same,
        one.verdict,
        one.score,
        one.met,
        _side(one.pair.left),
        _side(one.pair.right),
        one.evidence if one.verdict is not Verdict.DIFFERENT else one.everything,
    )


def _side(bib: BibRecord) -> Side:
    title = " : ".join(filter(None, (bib.title.main, bib.title.remainder)))
    parts = [" ".join(filter(None, (part.number, part.name))) for part in bib.title.parts]
    names = bib.responsibility or "; ".join(agent.name for agent in bib.agents)
    imprints = [
        " : ".join(filter(None, ("; ".join(one.places), "; ".join(one.publishers), one.date)))
        for one in bib.imprints
    ]
    series = [" ".join(filter(None, (one.title, one.number))) for one in bib.series]
    numbers = [f"{one.scheme} {one.value}" for one in bib.identifiers]
    extent = bib.extent
    return Side(
        title=". ".join((title, *parts)),
        responsibility=names,
        imprint=" · ".join(filter(None, (*imprints, str(bib.year or "")))),
        extent=" ; ".join(filter(None, (extent.text, extent.size))) if extent else "",
        more=" · ".join(
            filter(None, (bib.edition, *series, *numbers, *bib.languages, f"{bib.material} {bib.carrier}"))
        ),
    )
