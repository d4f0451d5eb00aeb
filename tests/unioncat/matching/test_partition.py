"""Clusters: what joins, what forbids, who outranks whom."""

from unioncat.domain.match import Edge, Verdict
from unioncat.matching import partition

SAME, DIFFERENT, UNSURE = Verdict.SAME, Verdict.DIFFERENT, Verdict.UNSURE


def parts(members, *edges: Edge) -> list[set[int]]:  # type: ignore[no-untyped-def]
    return [set(part) for part in partition(members, edges)]


def edge(left: int, right: int, verdict: Verdict = SAME, score: float = 60, by_person: bool = False) -> Edge:
    return Edge(left, right, verdict, score, by_person)


def test_records_without_edges_stand_alone_in_order() -> None:
    assert parts([3, -1, 2]) == [{-1}, {2}, {3}]


def test_same_joins_and_unsure_does_not() -> None:
    assert parts([1, 2, 3, 4], edge(1, 2), edge(2, 3), edge(3, 4, UNSURE)) == [{1, 2, 3}, {4}]


def test_a_chain_is_cut_at_its_weakest_edge() -> None:
    chain = (edge(1, 2, score=90), edge(2, 3, score=60), edge(1, 3, DIFFERENT, -100))
    assert parts([1, 2, 3], *chain) == [{1, 2}, {3}]


def test_a_foe_of_any_member_forbids() -> None:
    edges = (edge(1, 2, score=90), edge(3, 4, score=89), edge(2, 3, score=70), edge(1, 4, DIFFERENT, 0))
    assert parts([1, 2, 3, 4], *edges) == [{1, 2}, {3, 4}]


def test_a_person_joins_what_the_machine_keeps_apart() -> None:
    assert parts([1, 2], edge(1, 2, DIFFERENT, -100), edge(1, 2, SAME, 0, by_person=True)) == [{1, 2}]


def test_a_person_joins_over_foes_of_the_machine_elsewhere() -> None:
    edges = (
        edge(1, 2, by_person=True),
        edge(2, 3, by_person=True),
        edge(1, 3, DIFFERENT, -100),
        edge(3, 4, score=99),
        edge(1, 4, DIFFERENT, -100),
    )
    assert parts([1, 2, 3, 4], *edges) == [{1, 2, 3}, {4}]


def test_a_persons_different_always_forbids() -> None:
    edges = (
        edge(1, 2, by_person=True),
        edge(2, 3, score=99),
        edge(1, 3, DIFFERENT, 0, by_person=True),
    )
    assert parts([1, 2, 3], *edges) == [{1, 2}, {3}]


def test_a_persons_doubt_takes_the_machines_edge_away() -> None:
    assert parts([1, 2], edge(1, 2, score=99), edge(1, 2, UNSURE, 0, by_person=True)) == [{1}, {2}]


def test_ties_go_by_record_number() -> None:
    edges = (edge(1, 3, score=60), edge(2, 3, score=60), edge(1, 2, DIFFERENT, 0))
    assert parts([1, 2, 3], *edges) == parts([3, 2, 1], *reversed(edges)) == [{1, 3}, {2}]


def test_edges_of_other_records_are_ignored() -> None:
    assert parts([1, 2], edge(1, 9), edge(2, 9), edge(1, 1)) == [{1}, {2}]


def test_two_edges_of_one_pair_are_one_and_different_wins() -> None:
    assert parts([1, 2], edge(1, 2, SAME, 99), edge(2, 1, DIFFERENT, 0)) == [{1}, {2}]


def test_a_deleted_bridge_splits_the_cluster() -> None:
    edges = (edge(1, 2), edge(2, 3))
    assert parts([1, 2, 3], *edges) == [{1, 2, 3}]
    assert parts([1, 3], *edges) == [{1}, {3}]


def test_a_large_component_is_divided_quickly() -> None:
    members = range(20_000)
    edges = [edge(n, n + 1, score=60 + n % 40) for n in range(19_999)]
    foes = [edge(n, n + 500, DIFFERENT, 0) for n in range(0, 19_500, 7)]
    found = partition(members, edges + foes)
    home = {record: part for part in found for record in part}
    assert sum(map(len, found)) == 20_000
    assert all(home[foe.left] is not home[foe.right] for foe in foes)
