"""Which cluster keeps which public id after a change.

No id is ever lost and none is given twice: each old id is kept, moved or dissolved, exactly one of the three.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from unioncat.domain.match import OldCluster


@dataclass(frozen=True, slots=True)
class Assignment:
    """What becomes of the old ids; a part that stands in no `keeps` is a new cluster."""

    keeps: tuple[tuple[int, int], ...] = ()
    """(index of the part, old id): the part goes on under that id."""
    moved: tuple[tuple[int, int], ...] = ()
    """(old id, index of the part): the id now redirects to the cluster of that part."""
    split: tuple[tuple[int, tuple[int, ...]], ...] = ()
    """(old id, indices of parts): further parts that took members of it, its successors besides the first."""
    dissolved: tuple[int, ...] = ()
    """Old ids none of whose members is left."""


def assign(old: Sequence[OldCluster], parts: Sequence[frozenset[int]]) -> Assignment:
    """Give the parts of a touched component their ids.

    An old cluster goes where most of its members are (ties: where its smallest record number is). Where
    several old clusters go to one part, the oldest id survives (ties: the smaller id) and the others
    redirect to it.
    """
    part_of = {record: index for index, part in enumerate(parts) for record in part}
    heirs: dict[int, list[OldCluster]] = {}
    split = []
    dissolved = []
    for cluster in old:
        shares: dict[int, list[int]] = {}
        for record in cluster.members:
            if record in part_of:
                shares.setdefault(part_of[record], []).append(record)
        if not shares:
            dissolved.append(cluster.id)
            continue
        first = min(shares, key=lambda index: (-len(shares[index]), min(shares[index])))
        heirs.setdefault(first, []).append(cluster)
        others = tuple(sorted(index for index in shares if index != first))
        if others:
            split.append((cluster.id, others))
    keeps: list[tuple[int, int]] = []
    moved: list[tuple[int, int]] = []
    for index, claimants in heirs.items():
        survivor = min(claimants, key=lambda cluster: (cluster.age, cluster.id))
        keeps.append((index, survivor.id))
        moved.extend((cluster.id, index) for cluster in claimants if cluster is not survivor)
    return Assignment(
        tuple(sorted(keeps)), tuple(sorted(moved)), tuple(sorted(split)), tuple(sorted(dissolved))
    )
