"""The weights by which evidence is weighed: the program's own, or a version that was learned elsewhere.

A version is named by the rules of the program and its weights alone, so that equal weights have one name
everywhere; a file of weights is read, never run.
"""

import ast
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Final

from unioncat.matching.grades import GRADES, LADDERS
from unioncat.matching.rules import RULES
from unioncat.matching.weights import POINTS

_NAME: Final = "POINTS"
_LONGEST: Final = 100_000
"""Characters of a file of weights; ours has four thousand."""


class WeightsError(ValueError):
    """Weights that cannot be used, with what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Points for every grade, and the version that stands beside each judgement made by them."""

    version: str
    points: Mapping[str, float]

    def sum(self, grades: Iterable[str]) -> float:
        """Add up the points of grades."""
        return sum(self.points[grade] for grade in grades)


INSTALLED: Final = Scale(RULES, POINTS)
"""The weights that came with the program."""


def scale_of(points: Mapping[str, float]) -> Scale:
    """Make a scale of points for every grade. Raises `WeightsError` where they break what grades promise."""
    unknown = sorted(set(points) - GRADES.keys())
    missing = sorted(GRADES.keys() - set(points))
    if unknown or missing:
        wrong = ", ".join(
            [*(f"{name} is unknown" for name in unknown), *(f"{name} is missing" for name in missing)]
        )
        raise WeightsError(
            f"these weights are not for rules {RULES}: {wrong[:200]}",
            "Learn them with `unioncat match train` of this version.",
        )
    for name, grade in GRADES.items():
        if not math.isfinite(points[name]) or not grade.least <= points[name] <= grade.most:
            raise WeightsError(
                f"{name} is {points[name]:g}, outside {grade.least:g} to {grade.most:g}",
                "Learn the weights with `unioncat match train`; it keeps to the limits.",
            )
    for ladder in LADDERS:
        for (above, _), (below, _) in pairwise(ladder):
            if points[below] > points[above]:
                raise WeightsError(
                    f"{below} ({points[below]:g}) weighs more than {above} ({points[above]:g})",
                    "Learn the weights with `unioncat match train`; a closer agreement weighs more.",
                )
    ordered = {name: float(points[name]) for name in GRADES}
    if ordered == POINTS:
        return INSTALLED
    digest = blake2b(repr(ordered).encode(), digest_size=4).hexdigest()
    return Scale(f"{RULES}-{digest}", ordered)


def read_weights(text: str) -> Scale:
    """Read what `unioncat match train` writes, without running it. Raises `WeightsError`."""
    remedy = "Give a file that `unioncat match train` wrote."
    if len(text) > _LONGEST:
        raise WeightsError("the file is too long for weights", remedy)
    try:
        body = ast.parse(text).body
        tables = [
            ast.literal_eval(line.value)
            for line in body
            if isinstance(line, ast.AnnAssign | ast.Assign)
            and line.value is not None
            and any(isinstance(name, ast.Name) and name.id == _NAME for name in _targets(line))
        ]
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        raise WeightsError("the file holds no weights", remedy) from None
    if len(tables) != 1 or not _is_table(tables[0]):
        raise WeightsError(f"the file holds no table {_NAME} of grades and numbers", remedy)
    return scale_of(tables[0])


def _targets(line: ast.AnnAssign | ast.Assign) -> list[ast.expr]:
    return [line.target] if isinstance(line, ast.AnnAssign) else line.targets


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(name, str) and isinstance(points, int | float) and not isinstance(points, bool)
        for name, points in value.items()
    )
