"""Divide records into clusters by judged pairs: pure, and the same whatever order pairs arrive in.

No cluster holds a pair that is judged different, unless a person's own judgements force it together.
"""

from collections.abc import Iterable

from unioncat.domain.match import Edge, Verdict


def partition(members: Iterable[int], edges: Iterable[Edge]) -> list[frozenset[int]]:
    """Join records along edges judged SAME, the strongest first, and return the clusters in order.

    A person's edges outrank the machine's: they stand instead of it on their pair, come first, and only a
    person's DIFFERENT can forbid what they join. A machine's join is refused when it would bring together any
    pair judged DIFFERENT (Kruskal's algorithm with forbidden pairs). Ties go by record number; edges that
    name other records are ignored. The clusters are sorted by their smallest member.
    """
    home = {record: record for record in members}
    clusters = {record: {record} for record in home}
    machine_foes: dict[int, set[int]] = {}
    person_foes: dict[int, set[int]] = {}
    joins = []
    for edge in _one_each(edge for edge in edges if edge.left in home and edge.right in home):
        if edge.verdict is Verdict.SAME:
            joins.append(edge)
        elif edge.verdict is Verdict.DIFFERENT:
            foes = person_foes if edge.by_person else machine_foes
            foes.setdefault(edge.left, set()).add(edge.right)
            foes.setdefault(edge.right, set()).add(edge.left)
    joins.sort(key=lambda edge: (not edge.by_person, -edge.score, edge.left, edge.right))
    for edge in joins:
        big, small = home[edge.left], home[edge.right]
        if big == small:
            continue
        if len(clusters[big]) < len(clusters[small]):
            big, small = small, big
        if _forbidden(clusters, person_foes, big, small):
            continue
        if not edge.by_person and _forbidden(clusters, machine_foes, big, small):
            continue
        for foes in (person_foes, machine_foes):
            if small in foes:
                foes.setdefault(big, set()).update(foes.pop(small))
        absorbed = clusters.pop(small)
        for record in absorbed:
            home[record] = big
        clusters[big] |= absorbed
    return sorted((frozenset(cluster) for cluster in clusters.values()), key=min)


def _one_each(edges: Iterable[Edge]) -> Iterable[Edge]:
    """Keep one edge for each pair: the person's; among equals DIFFERENT, the safer one."""
    kept: dict[tuple[int, int], Edge] = {}
    for edge in edges:
        if edge.left == edge.right:
            continue
        pair = (min(edge.left, edge.right), max(edge.left, edge.right))
        if pair not in kept or _authority(edge) > _authority(kept[pair]):
            kept[pair] = edge
    return kept.values()


def _authority(edge: Edge) -> tuple[bool, bool, bool, float]:
    return edge.by_person, edge.verdict is Verdict.DIFFERENT, edge.verdict is Verdict.SAME, edge.score


def _forbidden(clusters: dict[int, set[int]], foes: dict[int, set[int]], big: int, small: int) -> bool:
    """Tell whether a foe of one cluster sits in the other; foes are kept at each cluster's root."""
    of_big, of_small = foes.get(big), foes.get(small)
    if not of_big or not of_small:
        return False
    if len(of_small) <= len(clusters[big]):
        return not clusters[big].isdisjoint(of_small)
    return not of_small.isdisjoint(clusters[big])
