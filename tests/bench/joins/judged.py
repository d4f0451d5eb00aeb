"""What people said of pairs, kept by pair id without any text of a record, and the figures that follow.

A judgement says what is true of two records, not whether a program was right: it holds for all rules to come.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from pathlib import Path
from typing import Any

from tests.bench.joins.drawing import Drawn

FOLDER = Path(__file__).parents[1] / "judged"
COLUMNS = ("pair", "drawn", "rules", "truth", "reason")
NORMAL_95 = 1.959963984540054


class Truth(StrEnum):
    """What a person found out about two records."""

    ONE = "one"
    """One edition."""
    TWO = "two"
    """Two editions."""
    OPEN = "open"
    """The records do not say enough, for a person either."""


@dataclass(frozen=True, slots=True)
class Said:
    """A judgement: as what the pair was drawn, under which rules, what is true, and why."""

    pair: str
    drawn: Drawn
    rules: str
    truth: Truth
    reason: str


def known(name: str, folder: Path = FOLDER) -> dict[str, Said]:
    """Read the judgements of a catalogue by pair id."""
    path = folder / f"{name}.tsv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["pair"]: Said(
                row["pair"], Drawn(row["drawn"]), row["rules"], Truth(row["truth"]), row["reason"]
            )
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        }


def take(sheet: Path, name: str, folder: Path = FOLDER) -> int:
    """Add what a person wrote into a sheet (truth and reason of its lines); give how many are new or other.

    A later word on a pair replaces an earlier one.
    """
    said = known(name, folder)
    before = dict(said)
    for line in sheet.read_text(encoding="utf-8").splitlines():
        told: dict[str, Any] = json.loads(line)
        if told.get("truth"):
            reason = " ".join(str(told["reason"]).split())
            said[told["id"]] = Said(
                told["id"], Drawn(told["drawn"]), told["rules"], Truth(told["truth"]), reason
            )
    with (folder / f"{name}.tsv").open("w", encoding="utf-8", newline="") as file:
        file.write("\t".join(COLUMNS) + "\n")
        for one in sorted(said.values(), key=lambda one: (list(Drawn).index(one.drawn), one.pair)):
            file.write("\t".join((one.pair, one.drawn, one.rules, one.truth, one.reason)) + "\n")
    return sum(before.get(pair) != one for pair, one in said.items())


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Give the 95 % interval of a share (Wilson's score interval); of nothing it is everything."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, NORMAL_95**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = NORMAL_95 / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def tally(truths: Iterable[Truth | None], right: Truth) -> dict[str, Any]:
    """Count judgements of drawn pairs: how many are as they should be, and the share among those decided."""
    counts = Counter(truths)
    wrong = Truth.TWO if right is Truth.ONE else Truth.ONE
    decided = counts[right] + counts[wrong]
    low, high = wilson(counts[right], decided)
    strict_low, strict_high = wilson(counts[right], decided + counts[Truth.OPEN])
    return {
        "drawn": sum(counts.values()),
        "right": counts[right],
        "wrong": counts[wrong],
        "open": counts[Truth.OPEN],
        "not_judged": counts[None],
        "share": counts[right] / decided if decided else None,
        "interval": [low, high],
        "share_if_open_is_wrong": (
            counts[right] / (decided + counts[Truth.OPEN]) if decided + counts[Truth.OPEN] else None
        ),
        "interval_if_open_is_wrong": [strict_low, strict_high],
    }
