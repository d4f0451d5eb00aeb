"""What a pair is, and the throws that all makers of pairs share."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.pairs.editions import Edition
from tests.pairs.manner import FULL, Manner, System, draw

WEIGHTED = (
    System.NLV, System.NLV, System.NLV, System.KOHA, System.KOHA, System.KOHA, System.LIBOL, System.LIBOL,
    System.VIETBIBLIO, System.SHEET, System.LC, System.DC,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """Two editions (or one twice) with the manners in which they are written, and the reason of the label."""

    kind: str
    label: bool
    left: tuple[Edition, Manner]
    right: tuple[Edition, Manner]
    why: str
    work: str


Maker = Callable[[Random], Iterator[Pair]]
"""Gives pairs of one kind without end, or fewer than asked for when its facts are used up."""


def two_systems(throw: Random, only: Sequence[System] = WEIGHTED) -> tuple[System, System]:
    """Throw the systems of both sides, different ones most of the time."""
    first, second = throw.choice(only), throw.choice(only)
    if first is second and throw.random() < 0.7:
        second = throw.choice(only)
    return first, second


def manners(
    throw: Random, left: Edition, right: Edition, only: Sequence[System] = WEIGHTED
) -> tuple[Manner, Manner]:
    """Throw both manners."""
    first, second = two_systems(throw, only)
    return draw(throw, first, left), draw(throw, second, right)


def full(throw: Random, left: Edition, right: Edition) -> tuple[Manner, Manner]:
    """Throw both manners in systems whose records have a field for everything."""
    return manners(throw, left, right, FULL)


def either_way(throw: Random, pair: Pair) -> Pair:
    """Exchange the sides half of the time."""
    return pair if throw.random() < 0.5 else replace(pair, left=pair.right, right=pair.left)


def changed(manner: Manner, **changes: Any) -> Manner:
    """Change choices of a manner."""
    return replace(manner, **changes)
