"""Learn the weights of evidence from labelled pairs: logistic regression, held near the librarian's scale.

Pure and deterministic: the same pairs in any order give the same weights, on any machine, to half
a point (halves add up without a rest).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from unioncat.matching.grades import EVEN, GRADES, LADDERS, UNIT

HOLD: Final = 0.6
"""Pull towards the start, in log-loss per squared unit of log-odds: what few pairs show moves little."""
SWEEPS: Final = 2000
CALM: Final = 1e-4
"""Largest change in a sweep, in units of log-odds, at which the weights stand."""


@dataclass(slots=True)
class _Case:
    """All pairs with the same grades: how many are true pairs, how many not, weighted."""

    same: float = 0.0
    different: float = 0.0
    odds: float = 0.0


def learn(
    pairs: Iterable[tuple[Sequence[str], bool, float]],
    *,
    hold: float = HOLD,
) -> dict[str, float]:
    """Return points for every grade out of (grades, whether one edition, how much the pair counts).

    Each weight in turn goes to its best place within its limits and between its neighbours on its ladder
    (Newton's method by coordinates) until nothing moves. A grade that no pair shows keeps its start.
    """
    cases: dict[tuple[str, ...], _Case] = {}
    for grades, same, share in sorted(
        (tuple(sorted(set(grades))), same, share) for grades, same, share in pairs
    ):
        case = cases.setdefault(grades, _Case())
        if same:
            case.same += share
        else:
            case.different += share
    weights = {name: grade.start / UNIT for name, grade in GRADES.items()}
    starts = dict(weights)
    showing: dict[str, list[_Case]] = {name: [] for name in GRADES}
    for grades, case in cases.items():
        case.odds = sum(weights[name] for name in grades) - EVEN / UNIT
        for name in grades:
            showing[name].append(case)
    for _ in range(SWEEPS):
        moved = 0.0
        for ladder in LADDERS:
            for rung, (name, grade) in enumerate(ladder):
                if not showing[name]:
                    continue
                step = _step(showing[name], weights[name] - starts[name], hold)
                most = min([grade.most / UNIT] + [weights[above] for above, _ in ladder[:rung]])
                least = max([grade.least / UNIT] + [weights[below] for below, _ in ladder[rung + 1 :]])
                step = min(max(weights[name] + step, least), most) - weights[name]
                if step:
                    weights[name] += step
                    for case in showing[name]:
                        case.odds += step
                    moved = max(moved, abs(step))
        if moved < CALM:
            break
    return {name: round(weight * UNIT * 2) / 2 for name, weight in weights.items()}


def table(weights: Mapping[str, float]) -> str:
    """Write weights as the source text of the module `weights`."""
    rows = "".join(f'    "{name}": {weights[name]},\n' for name in GRADES)
    return f"{_HEAD}POINTS: Final[dict[str, float]] = {{\n{rows}}}\n{_TAIL}"


_TAIL: Final = '"""Grade -> points; the module `grades` holds their starts and limits."""\n'
_HEAD: Final = '''"""The points of every grade: made by `unioncat match train`, never edited by hand."""

from typing import Final

'''


def _step(cases: list[_Case], away: float, hold: float) -> float:
    """One step of Newton's method for one weight, `away` from its start."""
    slope, bend = -2 * hold * away, 2 * hold
    for case in cases:
        chance = 1 / (1 + math.exp(-max(min(case.odds, 40.0), -40.0)))
        every = case.same + case.different
        slope += case.same - every * chance
        bend += every * chance * (1 - chance)
    return max(min(slope / bend, 2.0), -2.0)
